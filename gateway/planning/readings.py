"""What each step reads, for the audit: schema coordinates, and the client's positions by the names of fields.

Nothing here holds an alias: no word of it is the client's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gateway.supergraph.selections import HIDDEN, TYPENAME, Field, SelectionSet
from gateway.supergraph.typeref import named_type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.planning.plan import Plan, Request, Step
    from gateway.supergraph import Supergraph


class Reading(NamedTuple):
    """The fields (`Type.field`, sorted) that a step reads at one agency for the client."""

    agency: str
    coordinates: tuple[str, ...]


def readings(plan: Plan, supergraph: Supergraph) -> dict[int, Reading]:
    """By step. What is fetched only to find other data is not counted: it goes to no one."""
    return {
        step.number: reading(request, step, plan, supergraph)
        for request in plan.requests
        for step in (*request.steps, *(request.apart.steps if request.apart else ()))
    }


def reading(request: Request, step: Step, plan: Plan, supergraph: Supergraph) -> Reading:
    return Reading(request.graph.name, _coordinates(step, plan, supergraph))


def _coordinates(step: Step, plan: Plan, supergraph: Supergraph) -> tuple[str, ...]:
    found: set[str] = set()

    def walk(selections: SelectionSet, type_name: str, position: tuple[str, ...]) -> None:
        chosen = plan.chosen.get(position, frozenset())
        for selection in selections:
            if not isinstance(selection, Field):
                walk(selection.selections, selection.type_name, position)
            elif selection.key in chosen and selection.name != TYPENAME:
                found.add(f"{type_name}.{selection.name}")
                definition = supergraph.types[type_name].fields[selection.name]
                own = next((o.type for o in definition.owners if o.graph == step.graph and o.type), definition.type)
                walk(selection.selections, named_type(own), (*position, selection.key))

    for path in step.paths:
        root = step.entity or supergraph.roots["query" if path else plan.operation.kind]
        walk(step.selections, root, tuple(segment.key for segment in path))
    return tuple(sorted(found))


def field_paths(selections: SelectionSet) -> Mapping[str, str]:
    """The client's positions (`child.a.b`, by response keys) as the same positions by names of fields."""
    found: dict[str, str] = {}

    def walk(selections: SelectionSet, keys: tuple[str, ...], names: tuple[str, ...]) -> None:
        for selection in selections:
            if not isinstance(selection, Field):
                walk(selection.selections, keys, names)
            elif not selection.key.startswith(HIDDEN):
                here = (*keys, selection.key), (*names, selection.name)
                found[".".join(here[0])] = ".".join(here[1])
                walk(selection.selections, *here)

    walk(selections, (), ())
    return found
