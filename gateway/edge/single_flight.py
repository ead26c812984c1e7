"""What is made once, by one maker at a time, for all who ask for it meanwhile."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar

from gateway.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from concurrent.futures import Executor

    from authz.bounded import Bounded

K = TypeVar("K", bound="Hashable")
V = TypeVar("V")

MAX_MAKING = 256
"""Different things that may be waited for at once."""


class SingleFlight(Generic[K, V]):
    """Things by key, kept in `kept`. What could not be made is not kept.

    All is made in `workshop`, which has one thread where makers learn from each other without locks.
    """

    def __init__(self, kept: Bounded[K, V], workshop: Executor) -> None:
        self.kept = kept
        self._workshop = workshop
        self._making: dict[K, asyncio.Future[V]] = {}

    async def make(self, key: K, how: Callable[[], V]) -> V:
        """The thing; raises what `how` raises, and `RequestError` with code BUSY where too many wait."""
        known = self.kept.get(key)
        if known is not None:
            return known
        making = self._making.get(key)
        if making is None:
            if len(self._making) >= MAX_MAKING:
                raise RequestError.of("BUSY", "too many new operations at once: try again", 503)
            making = asyncio.get_running_loop().run_in_executor(self._workshop, how)
            self._making[key] = making
            making.add_done_callback(lambda made: self._made(key, made))
        return await asyncio.shield(making)  # one asker that goes away does not take it from the others

    def _made(self, key: K, made: asyncio.Future[V]) -> None:
        del self._making[key]
        if not made.cancelled() and made.exception() is None:
            self.kept.put(key, made.result())
