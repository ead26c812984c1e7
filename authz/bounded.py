"""A mapping that never grows past its bound: what was used longest ago goes first."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Bounded(Generic[K, V]):
    """Least recently used, at most `size` entries."""

    def __init__(self, size: int) -> None:
        if size < 1:
            raise ValueError("a bounded mapping holds at least one entry")
        self.size = size
        self._entries: OrderedDict[K, V] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def entries(self) -> list[tuple[K, V]]:
        """All that it holds, what was used longest ago first."""
        return list(self._entries.items())

    def get(self, key: K) -> V | None:
        """The value, which is now the one used last; None where there is none."""
        value = self._entries.get(key)
        if value is not None:
            self._entries.move_to_end(key)
        return value

    def put(self, key: K, value: V) -> list[K]:
        """Keep a value; the keys of those that had to go for it."""
        self._entries[key] = value
        self._entries.move_to_end(key)
        gone: list[K] = []
        while len(self._entries) > self.size:
            gone.append(self._entries.popitem(last=False)[0])
        return gone

    def drop(self, key: K) -> None:
        self._entries.pop(key, None)
