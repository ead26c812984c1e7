"""What counts for one person: in this process, in one that a host's workers share, or in Redis for several hosts."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple, Protocol

from gateway.rate_limits.windows import SlidingWindows

if TYPE_CHECKING:
    from collections.abc import Callable


class Take(NamedTuple):
    """Things that somebody takes, as `SlidingWindows.take` has them."""

    key: str
    things: tuple[str, ...]
    most: int
    seconds: float
    spare: int = 0


class Counter(Protocol):
    """Takes all or nothing; returns 0, or after how many seconds there may be room.

    Raises `CounterUnavailable` where that can't be told.
    """

    async def take(self, take: Take) -> int: ...

    async def close(self) -> None: ...


class LocalCounter:
    """Counts in this process, for a gateway that is one."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._windows = SlidingWindows()
        self._clock = clock

    async def take(self, take: Take) -> int:
        return self._windows.take(take.key, take.things, take.most, take.seconds, self._clock(), take.spare)

    async def close(self) -> None:
        """Nothing has to be let go of."""
