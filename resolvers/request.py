"""What belongs to one GraphQL request."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from authz.assertion import Assertion
from resolvers.sources.sql import Database


@dataclass(slots=True)
class Request:
    """The context of every resolver.

    `stub` makes the subgraph's Child of a reference; `entity_calls` counts the `_entities` fields answered so far.
    `asserted` is what the gateway says of who asks, None where the subgraph runs without a guard. `afterwards` is done
    when the answer has left. `parameters` are values that statements of this request are bound to. `withheld`
    are the paths at which the agency has kept rows back, with its reasons.
    """

    database: Database
    stub: Callable[[str], object]
    entity_calls: int = 0
    asserted: Assertion | None = None
    parameters: dict[str, object] = field(default_factory=dict)
    withheld: list[tuple[list[str | int], str]] = field(default_factory=list)
    afterwards: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
