"""EXTENSION_WITH_NO_BASE: what is only extended is defined by someone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.composition.merge import Collected


_ROOTS = ("Query", "Mutation", "Subscription")


def check_extension_bases(collected: Collected) -> None:
    """What a subgraph only extends is defined in another. To Federation 2 `@extends` says nothing any more."""
    for name in sorted({name for s in collected.subgraphs for name in s.types} - {*_ROOTS}):
        having = collected.having(name)
        for subgraph, type_ in having:
            extension = name not in subgraph.defined or (subgraph.federation_1 and type_.extension)
            if type_.kind != "type" or type_.interface_object or not extension:
                continue
            if not any(name in other.defined for other, _ in having if other is not subgraph):
                message = f"[{subgraph.name}] `{name}` is extended, and no other subgraph defines it"
                collected.error("EXTENSION_WITH_NO_BASE", message, type_.place)
