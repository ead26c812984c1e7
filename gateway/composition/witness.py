"""The error of a field that can not be had: the shortest query that asks for it, and why no subgraph answers it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gateway.composition.result import CompositionError
from gateway.querygraph.cost import MAX_NEED_DEPTH
from gateway.supergraph.selections import text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gateway.composition.merge import Collected
    from gateway.querygraph import Node, QueryGraph


class Witness(NamedTuple):
    """A field that can't be had where `route` leads; `reached` are the nodes that its object can be reached at."""

    kind: str
    route: tuple[str, ...]
    type_name: str
    field: str
    composite: bool
    reached: Sequence[Node]

    @property
    def query(self) -> str:
        inner = " { ... }" if self.composite else ""
        return f"{self.kind} {{ {' { '.join(self.route)}{inner}{' }' * len(self.route)}"


def unsatisfiable(witness: Witness, graph: QueryGraph, collected: Collected) -> CompositionError:
    """SATISFIABILITY_ERROR, with the places where subgraphs define the field."""
    coordinate = f"{witness.type_name}.{witness.field}"
    reasons = "".join(f"\n    - {reason}" for reason in _reasons(witness, graph))
    message = f"`{coordinate}` can't be had by this query: {witness.query}{reasons}"
    places = tuple(
        type_.fields[witness.field].place or type_.place
        for _, type_ in collected.having(witness.type_name)
        if witness.field in type_.fields
    )
    return CompositionError("SATISFIABILITY_ERROR", message, tuple(place for place in places if place is not None))


def _reasons(witness: Witness, graph: QueryGraph) -> Iterator[str]:
    """A line for each subgraph that has been reached, and for each that has the field."""
    supergraph = graph.supergraph
    reached = dict.fromkeys(node.graph for node in witness.reached if node.graph)
    definition = supergraph.types[witness.type_name].fields.get(witness.field)
    owners = {owner.graph: owner for owner in definition.owners} if definition else {}
    for id_ in reached:
        if id_ not in owners:
            hides = graph.is_interface_object(next(n for n in witness.reached if n.graph == id_))
            why = "can't tell what type its values are" if hides else f"has no `{witness.field}`"
            yield f"`{supergraph.graphs[id_].name}` is reached, and {why}"
    for id_, owner in owners.items():
        name = f"`{supergraph.graphs[id_].name}`"
        entries = [entry for entry in graph.entries(witness.type_name) if entry.node.graph == id_]
        if owner.external:
            yield f"{name} has it only as @external"
        elif owner.used_overridden:
            yield f"{name} has it no more: another subgraph overrides it"
        elif not entries:
            yield f"{name} resolves it, and can't be entered: `{witness.type_name}` has no resolvable key there"
        else:
            keys = " or ".join(f"{{ {text(entry.key)} }}" for entry in entries)
            if owner.contexts:
                names = ", ".join(f"`{argument.context}`" for argument in owner.contexts)
                keys += f" below an object that sets {names},"
            needs = f", with {{ {text(owner.requires)} }}, which it requires," if owner.requires else ""
            deep = graph.least_depth(owner.requires) >= MAX_NEED_DEPTH
            why = f"is over {MAX_NEED_DEPTH} needs deep: no more are followed" if deep else "can't be had from here"
            yield f"{name} resolves it, and is entered by {keys}{needs} which {why}"
