"""LINK_IMPORT_NAME_MISMATCH: what is composed goes by one name in all subgraphs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.composition.specification import FEDERATION

if TYPE_CHECKING:
    from gateway.composition.merge import Collected
    from gateway.composition.result import Place
    from gateway.composition.subgraph import Subgraph


_CARRIED = ("tag", "inaccessible", "authenticated", "requiresScopes", "policy", "cost", "listSize")


def check_import_names(collected: Collected) -> None:
    """What is carried into the supergraph has one name there, so one in all subgraphs that import it."""
    for name in _CARRIED:
        found: dict[str, str] = {}
        places: list[Place | None] = []
        for subgraph in collected.subgraphs:
            for link in subgraph.links:
                if link.identity == FEDERATION and f"@{name}" in link.imports and _applies(subgraph, name):
                    found[subgraph.name] = link.imports[f"@{name}"]
                    places.append(subgraph.place(link))
        if len(set(found.values())) > 1:
            listed = ", ".join(f"`{local}` in `{where}`" for where, local in found.items())
            message = f"`@{name}` is imported under different names: {listed}"
            collected.error("LINK_IMPORT_NAME_MISMATCH", message, *places)


def _applies(subgraph: Subgraph, directive: str) -> bool:
    return any(element.has(directive) for element in subgraph.elements())
