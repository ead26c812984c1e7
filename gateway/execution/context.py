"""What the requests of one operation share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from gateway.execution.refusals import STANDARD_REFUSALS

if TYPE_CHECKING:
    from asyncio import Future
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from gateway.errors import SubgraphError
    from gateway.execution.connection import Answer
    from gateway.execution.judge import Judge
    from gateway.execution.locate import Place
    from gateway.execution.outcome import Outcome
    from gateway.execution.received import Received
    from gateway.execution.reference import ReferenceCache
    from gateway.execution.refusals import Refusals
    from gateway.execution.target import Target
    from gateway.execution.transport import SubgraphTransport
    from gateway.planning import Plan, Request, Step
    from gateway.supergraph.selections import Conditions


@dataclass(slots=True)
class Context:
    """`variables` hold only what was given or has a default, and `flags` which of a program's conditions hold so.

    `levels` are the objects of positions that have been found for good. `headers` are whole header lines for every
    request. `refusals` say by subgraph (id) which of its words reach the client; `received` counts what answers hold.
    `judge` decides about subjects, where that is to be; `assertion` gives what is asserted of the reader to a subgraph,
    as a header.
    `inside` are the subgraphs (ids) that this process answers itself, `under_way` its answers that are awaited.
    """

    transport: SubgraphTransport
    targets: Mapping[str, Target]
    variables: Mapping[str, object]
    headers: bytes
    outcome: Outcome
    refusals: Mapping[str, Refusals]
    plan: Plan
    flags: Sequence[bool]
    levels: list[list[dict[str, object]] | None]
    received: Received
    reference: ReferenceCache | None = None
    judge: Judge | None = None
    assertion: Callable[[str], bytes] | None = None
    inside: Mapping[str, Callable[[bytes], Awaitable[bytes]]] = field(default_factory=dict)
    under_way: set[Future[Answer | SubgraphError]] = field(default_factory=set)

    def refusals_of(self, request: Request) -> Refusals:
        """Which words of the subgraph that a request asks reach the client."""
        return self.refusals.get(request.graph.id, STANDARD_REFUSALS)

    def headers_for(self, request: Request) -> bytes:
        """Whole header lines for a request to its subgraph."""
        return self.headers if self.assertion is None else self.headers + self.assertion(request.graph.name)


class Batch(NamedTuple):
    """A step with what it sends: `places[i]` are the objects that representation i speaks of.

    `values` are those of the step's contexts, by their number. `shared`: some objects stand for a part of another, so
    that where in a list something is can't be told.
    """

    step: Step
    representations: list[object]
    places: list[list[Place]]
    values: Mapping[int, object] = {}
    shared: bool = False

    @property
    def all_places(self) -> list[Place]:
        return [place for places in self.places for place in places]


def holds(alternatives: tuple[Conditions, ...], variables: Mapping[str, object]) -> bool:
    """Whether one of these conjunctions is true."""
    return any(all(bool(variables.get(c.variable)) is c.value for c in conditions) for conditions in alternatives)
