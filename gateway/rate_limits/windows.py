"""Distinct things that each person has taken within a sliding window of time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection

MAX_HELD: Final = 1_000_000
"""Things of all persons that are held; where there would be more, nothing is taken."""


class SlidingWindows:
    """Counts in memory. A thing that is taken again within its window counts once, from the last time on."""

    def __init__(self, most_held: int = MAX_HELD) -> None:
        self._most_held = most_held
        self._held = 0
        self._windows: dict[str, dict[str, float]] = {}
        self._seconds: dict[str, float] = {}

    def take(self, key: str, things: Collection[str], most: int, seconds: float, now: float, spare: int = 0) -> int:
        """Take all these things and return 0; or take none, and return after how many seconds there may be room.

        `key` is a person's window of so many `seconds`, in which `most` distinct things may be. With `spare` there has
        to be room for so many more, which are not taken. What is returned is when the oldest thing leaves, whatever was
        wanted: it tells nothing of how much that was.
        """
        window = self._windows.get(key, {})
        self._let_go(key, window, now - seconds)
        wanted = dict.fromkeys(things)
        fresh = [thing for thing in wanted if thing not in window]
        if len(window) + len(fresh) + spare > most:
            return max(1, math.ceil(next(iter(window.values()), now) + seconds - now))
        if self._held + len(fresh) > self._most_held:
            self._sweep(now)
            if self._held + len(fresh) > self._most_held:
                return math.ceil(seconds)
            window = self._windows.get(key, {})
        for thing in wanted:
            if window.pop(thing, None) is None:
                self._held += 1
            window[thing] = now  # the order is that of the times
        if window:
            self._windows[key], self._seconds[key] = window, seconds
        return 0

    @property
    def held(self) -> int:
        """How many things are held."""
        return self._held

    def _let_go(self, key: str, window: dict[str, float], before: float) -> None:
        """Drop what has left a window, and the window where nothing is left in it."""
        gone = []
        for thing, at in window.items():
            if at > before:
                break
            gone.append(thing)
        for thing in gone:
            del window[thing]
        self._held -= len(gone)
        if not window and key in self._windows:
            del self._windows[key], self._seconds[key]

    def _sweep(self, now: float) -> None:
        for key, window in list(self._windows.items()):
            self._let_go(key, window, now - self._seconds[key])
