"""What is made once, by one maker at a time, for all who ask for it meanwhile."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

from gateway.edge.workshop import busy

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from authz.bounded import Bounded
    from gateway.edge.workshop import Job, Workshop

K = TypeVar("K", bound="Hashable")
V = TypeVar("V")

WAIT_SECONDS = 15.0
"""How long one is waited for."""


class _Making(Generic[V]):
    __slots__ = ("askers", "job")

    def __init__(self, job: Job[V]) -> None:
        self.job = job
        self.askers = 0


class SingleFlight(Generic[K, V]):
    """Things by key, kept in `kept`. What could not be made is not kept.

    All is made in `workshop`, which has one thread where makers learn from each other without locks.
    """

    def __init__(self, kept: Bounded[K, V], workshop: Workshop) -> None:
        self.kept = kept
        self._workshop = workshop
        self._making: dict[K, _Making[V]] = {}

    async def make(self, key: K, how: Callable[[], V], asker: str = "") -> V:
        """The thing; raises what `how` raises, and `RequestError` with code BUSY where too many wait, or it too long.

        Where many ask, each has its turn.
        """
        known = self.kept.get(key)
        if known is not None:
            return known
        making = self._making.get(key)
        if making is None or making.job.done.cancelled():
            making = self._making[key] = _Making(self._workshop.take(how, asker))
            making.job.done.add_done_callback(partial(self._made, key, making))
        making.askers += 1
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                return await asyncio.shield(making.job.done)  # one that goes away does not take it from the others
        except TimeoutError:
            raise busy() from None
        finally:
            making.askers -= 1
            if not making.askers and not making.job.begun:
                making.job.done.cancel()  # nobody waits for it any more

    async def alone(self, how: Callable[[], V], asker: str = "") -> V:
        """The thing made for one asker: nobody else waits for it, and it is not kept. Raises as `make`."""
        job = self._workshop.take(how, asker)
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                return await asyncio.shield(job.done)
        except TimeoutError:
            raise busy() from None
        finally:
            if not job.begun:
                job.done.cancel()

    def _made(self, key: K, making: _Making[V], made: asyncio.Future[V]) -> None:
        if self._making.get(key) is making:
            del self._making[key]
        if not made.cancelled() and made.exception() is None:
            self.kept.put(key, made.result())
