"""DIRECTIVE_DEFINITION_INVALID: an SDL may define Federation's directives itself, as they are.

It may leave out optional arguments and places. A required argument may not be missing, and nothing may be added.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphql import DirectiveDefinitionNode, NonNullTypeNode, parse

from gateway.composition.specification import DIRECTIVES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.composition.merge import Collected


def check_directive_definitions(collected: Collected) -> None:
    for subgraph in collected.subgraphs:
        version = subgraph.version or (1, 0)
        for local, node in subgraph.directives().items():
            name = subgraph.canonical.get(local)
            if name is None or DIRECTIVES[name].since > version:
                continue
            for problem in _problems(node, _specified(name, version)):
                message = f"[{subgraph.name}] `@{local}` is Federation's, and {problem}"
                collected.error("DIRECTIVE_DEFINITION_INVALID", message, subgraph.place(node))


def _specified(name: str, version: tuple[int, int]) -> DirectiveDefinitionNode:
    text = DIRECTIVES[name].definition(version).replace("%S", "federation")
    node = parse(f"directive @{name}{text}", no_location=True).definitions[0]
    assert isinstance(node, DirectiveDefinitionNode)
    return node


def _problems(node: DirectiveDefinitionNode, specified: DirectiveDefinitionNode) -> Iterator[str]:
    own = {argument.name.value for argument in node.arguments or ()}
    known = {argument.name.value: argument for argument in specified.arguments or ()}
    for name, argument in known.items():
        if name not in own and isinstance(argument.type, NonNullTypeNode) and argument.default_value is None:
            yield f"lacks the argument `{name}` here"
    for name in sorted(own - known.keys()):
        yield f"has no argument `{name}`"
    wrong = {location.value for location in node.locations} - {location.value for location in specified.locations}
    if wrong:
        yield f"does not stand on {', '.join(sorted(wrong))}"
