"""ROOT_QUERY_USED, ROOT_MUTATION_USED, ROOT_SUBSCRIPTION_USED: the usual name of a root type is no other's."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.composition.merge import Collected


def check_root_names(collected: Collected) -> None:
    """A root type of another name takes the usual one, so nothing else can have that."""
    for subgraph in collected.subgraphs:
        for usual in subgraph.renamed.values():
            if usual in subgraph.defined:
                message = f"[{subgraph.name}] `{usual}` is defined, and is not the root type that its name says"
                collected.error(f"ROOT_{usual.upper()}_USED", message, *collected.places(usual))
