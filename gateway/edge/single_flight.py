"""What is made once, by one maker at a time, for all who ask for it meanwhile."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar

from gateway.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from authz.bounded import Bounded
    from gateway.edge.workshop import Workshop

K = TypeVar("K", bound="Hashable")
V = TypeVar("V")

MAX_MAKING = 256
"""Different things that may be waited for at once."""

WAIT_SECONDS = 15.0
"""How long one is waited for."""


class SingleFlight(Generic[K, V]):
    """Things by key, kept in `kept`. What could not be made is not kept.

    All is made in `workshop`, which has one thread where makers learn from each other without locks.
    """

    def __init__(self, kept: Bounded[K, V], workshop: Workshop) -> None:
        self.kept = kept
        self._workshop = workshop
        self._making: dict[K, asyncio.Future[V]] = {}

    async def make(self, key: K, how: Callable[[], V], asker: str = "") -> V:
        """The thing; raises what `how` raises, and `RequestError` with code BUSY where too many wait, or it too long.

        Where many ask, each has its turn.
        """
        known = self.kept.get(key)
        if known is not None:
            return known
        making = self._making.get(key)
        if making is None:
            if len(self._making) >= MAX_MAKING:
                raise RequestError.of("BUSY", "too many new operations at once: try again", 503)
            making = asyncio.ensure_future(self._workshop.do(how, asker))
            self._making[key] = making
            making.add_done_callback(lambda made: self._made(key, made))
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                return await asyncio.shield(making)  # one asker that goes away does not take it from the others
        except TimeoutError:
            raise RequestError.of("BUSY", "too many new operations at once: try again", 503) from None

    def _made(self, key: K, made: asyncio.Future[V]) -> None:
        del self._making[key]
        if not made.cancelled() and made.exception() is None:
            self.kept.put(key, made.result())
