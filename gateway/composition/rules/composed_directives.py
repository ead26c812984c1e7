"""`@composeDirective`: what is exported is linked, and is one thing in all subgraphs that export it.

DIRECTIVE_COMPOSITION_ERROR, INVALID_LINK_DIRECTIVE_USAGE, and FIELD_ARGUMENT_TYPE_MISMATCH for executable directives
that subgraphs define differently.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.composition.merge.definitions import EXECUTABLE
from gateway.composition.merge.types import input_type
from gateway.supergraph.typeref import from_node

if TYPE_CHECKING:
    from graphql import DirectiveDefinitionNode

    from gateway.composition.merge import Collected
    from gateway.supergraph.links import Link


def check_composed(collected: Collected) -> None:
    for subgraph in collected.subgraphs:
        defined = subgraph.directives()
        for name in subgraph.exported:
            local = name.removeprefix("@")
            if local in subgraph.composed and (local not in defined or local in subgraph.canonical):
                message = f"[{subgraph.name}] `{name}` is exported, and is no directive that the SDL defines"
                collected.error("DIRECTIVE_COMPOSITION_ERROR", message)
            elif name.removeprefix("@") not in subgraph.composed or not name.startswith("@"):
                message = f"[{subgraph.name}] `{name}` is exported, and no `@link` of its own brings it"
                collected.error("DIRECTIVE_COMPOSITION_ERROR", message)
    by_name: dict[str, dict[str, Link]] = {}
    by_origin: dict[tuple[str, str], set[str]] = {}
    by_identity: dict[str, set[int]] = {}
    for subgraph in collected.subgraphs:
        for local, link in subgraph.composed.items():
            by_name.setdefault(local, {})[link.identity] = link
            by_identity.setdefault(link.identity, set()).add(link.version[0])
            by_origin.setdefault((link.identity, _original(link, local)), set()).add(local)
    for local, origins in by_name.items():
        if len(origins) > 1:
            message = f"`@{local}` is exported from different specifications: {', '.join(sorted(origins))}"
            collected.error("DIRECTIVE_COMPOSITION_ERROR", message)
    for identity, majors in by_identity.items():
        if len(majors) > 1:
            collected.error("DIRECTIVE_COMPOSITION_ERROR", f"`{identity}` is linked in different major versions")
    for (identity, name), locals_ in by_origin.items():
        if len(locals_) > 1:
            listed = ", ".join(f"`@{local}`" for local in sorted(locals_))
            message = f"`{name}` of `{identity}` is exported under different names: {listed}"
            collected.error("INVALID_LINK_DIRECTIVE_USAGE", message)


def _original(link: Link, local: str) -> str:
    return next((name for name, imported in link.imports.items() if imported == f"@{local}"), f"@{local}")


def check_executable_directives(collected: Collected) -> None:
    found: dict[str, list[DirectiveDefinitionNode]] = {}
    for subgraph in collected.subgraphs:
        for name, node in subgraph.directives().items():
            if {location.value for location in node.locations} & EXECUTABLE:
                found.setdefault(name, []).append(node)
    for name, nodes in found.items():
        for argument in dict.fromkeys(a.name.value for node in nodes for a in node.arguments or ()):
            types = [from_node(a.type) for node in nodes for a in node.arguments or () if a.name.value == argument]
            if input_type(types, collected) is None:
                message = f"argument `@{name}({argument}:)` has types that do not fit"
                collected.error("FIELD_ARGUMENT_TYPE_MISMATCH", message)
