"""FIELD_ARGUMENT_TYPE_MISMATCH: an argument of an executable directive has one type everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.composition.merge.definitions import EXECUTABLE
from gateway.composition.merge.types import input_type
from gateway.supergraph.typeref import from_node

if TYPE_CHECKING:
    from graphql import DirectiveDefinitionNode

    from gateway.composition.merge import Collected
    from gateway.composition.result import Place


def check_executable_directives(collected: Collected) -> None:
    found: dict[str, list[DirectiveDefinitionNode]] = {}
    places: dict[str, list[Place | None]] = {}
    for subgraph in collected.subgraphs:
        for name, node in subgraph.directives().items():
            if {location.value for location in node.locations} & EXECUTABLE:
                found.setdefault(name, []).append(node)
                places.setdefault(name, []).append(subgraph.place(node))
    for name, nodes in found.items():
        for argument in dict.fromkeys(a.name.value for node in nodes for a in node.arguments or ()):
            types = [from_node(a.type) for node in nodes for a in node.arguments or () if a.name.value == argument]
            if input_type(types, collected) is None:
                message = f"argument `@{name}({argument}:)` has types that do not fit"
                collected.error("FIELD_ARGUMENT_TYPE_MISMATCH", message, *places[name])
