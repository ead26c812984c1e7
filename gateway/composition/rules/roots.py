"""ROOT_QUERY_USED, ROOT_MUTATION_USED, ROOT_SUBSCRIPTION_USED, EXTENSION_WITH_NO_BASE: types that stand for others."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.composition.merge import Collected

_ROOTS = ("Query", "Mutation", "Subscription")


def check_root_names(collected: Collected) -> None:
    """A root type of another name takes the usual one, so nothing else can have that."""
    for subgraph in collected.subgraphs:
        for usual in subgraph.renamed.values():
            if usual in subgraph.defined:
                message = f"[{subgraph.name}] `{usual}` is defined, and is not the root type that its name says"
                collected.error(f"ROOT_{usual.upper()}_USED", message)


def check_extension_bases(collected: Collected) -> None:
    """What is only ever extended is defined nowhere; one that says which fields it takes over may stand alone."""
    for name in sorted({name for s in collected.subgraphs for name in s.types} - {*_ROOTS}):
        having = collected.having(name)
        alone = all(type_.extension for _, type_ in having) and any(s.federation_1 for s, _ in having)
        if alone and not any(type_.marks_external for _, type_ in having):
            message = f"`{name}` is extended, and no subgraph defines it"
            collected.error("EXTENSION_WITH_NO_BASE", message, *(type_.place for _, type_ in having))
