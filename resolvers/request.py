"""What belongs to one GraphQL request."""

from collections.abc import Callable
from dataclasses import dataclass

from resolvers.sources.sql import Database


@dataclass(slots=True)
class Request:
    """The context of every resolver.

    `stub` makes the subgraph's Child of a reference; `entity_calls` counts the `_entities` fields answered so far.
    """

    database: Database
    stub: Callable[[str], object]
    entity_calls: int = 0
