"""Definitions of directives that go into the supergraph: those that are exported, and those that operations may use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import DirectiveDefinitionNode, InputValueDefinitionNode, NameNode, print_ast, specified_directives

from gateway.composition.merge.types import input_type
from gateway.supergraph.typeref import from_node

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.composition.merge.merged import Collected

EXECUTABLE = frozenset(
    ("QUERY", "MUTATION", "SUBSCRIPTION", "FIELD", "FRAGMENT_DEFINITION", "FRAGMENT_SPREAD", "INLINE_FRAGMENT")
)
_SPECIFIED = frozenset(directive.name for directive in specified_directives)


def composed_directives(collected: Collected) -> list[str]:
    """The definitions of directives that subgraphs export (`@composeDirective`), each with the places of all."""
    found: dict[str, list[DirectiveDefinitionNode]] = {}
    for subgraph in collected.subgraphs:
        for name, node in subgraph.directives().items():
            if name in subgraph.composed:
                found.setdefault(name, []).append(node)
    return [_text(nodes, list(dict.fromkeys(x.value for n in nodes for x in n.locations))) for nodes in found.values()]


def executable_directives(collected: Collected) -> list[str]:
    """Those that every subgraph defines for operations, with the places and arguments that all agree on."""
    out: list[str] = []
    first, *rest = [subgraph.directives() for subgraph in collected.subgraphs]
    for name, node in first.items():
        nodes = [node, *(known[name] for known in rest if name in known)]
        shared = [
            x.value
            for x in node.locations
            if x.value in EXECUTABLE and all(x.value in {y.value for y in other.locations} for other in nodes)
        ]
        composed = any(name in subgraph.composed for subgraph in collected.subgraphs)
        if len(nodes) > len(rest) and shared and not composed and name not in _SPECIFIED:
            arguments = _shared_arguments(nodes, collected)
            out.append(_text([DirectiveDefinitionNode(**_parts(node, arguments=arguments))], shared))
    return out


def _shared_arguments(
    nodes: Sequence[DirectiveDefinitionNode], collected: Collected
) -> tuple[InputValueDefinitionNode, ...]:
    kept: list[InputValueDefinitionNode] = []
    for argument in nodes[0].arguments or ():
        same = [a for n in nodes for a in n.arguments or () if a.name.value == argument.name.value]
        type_ = input_type([from_node(a.type) for a in same], collected)
        if len(same) == len(nodes) and type_ is not None:
            kept.append(next((a for a in same if from_node(a.type) == type_), argument))
    return tuple(kept)


def _text(nodes: Sequence[DirectiveDefinitionNode], locations: Sequence[str]) -> str:
    names = tuple(NameNode(value=location) for location in locations)
    return print_ast(DirectiveDefinitionNode(**_parts(nodes[0], locations=names)))


def _parts(node: DirectiveDefinitionNode, **changes: object) -> dict[str, Any]:
    return {key: getattr(node, key, None) for key in node.keys if key != "loc"} | changes
