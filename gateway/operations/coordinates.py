"""Which fields an operation reads, by the subgraph that owns them: for the audit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.supergraph.selections import TYPENAME, Field, SelectionSet
from gateway.supergraph.typeref import named_type

if TYPE_CHECKING:
    from gateway.supergraph import Supergraph


def coordinates(selections: SelectionSet, type_name: str, supergraph: Supergraph) -> dict[str, tuple[str, ...]]:
    """Schema coordinates (`Type.field`) by the name of the first subgraph that resolves each, sorted."""
    found: dict[str, set[str]] = {}

    def walk(selections: SelectionSet, type_name: str) -> None:
        for selection in selections:
            if not isinstance(selection, Field):
                walk(selection.selections, selection.type_name)
            elif selection.name != TYPENAME:
                definition = supergraph.types[type_name].fields[selection.name]
                owner = next((o.graph for o in definition.owners if not o.external), None)
                name = supergraph.graphs[owner].name if owner else ""
                found.setdefault(name, set()).add(f"{type_name}.{selection.name}")
                walk(selection.selections, named_type(definition.type))

    walk(selections, type_name)
    return {name: tuple(sorted(found[name])) for name in sorted(found)}
