"""NO_QUERIES: a supergraph without a query can't be asked anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.composition.merge import Collected


def check_queries(collected: Collected) -> None:
    if not any(type_.fields for _, type_ in collected.having("Query")):
        collected.error("NO_QUERIES", "no subgraph has a field on its query root")
