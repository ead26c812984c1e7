"""A mapping that never grows past its bound: what was used longest ago goes first."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

K = TypeVar("K")
V = TypeVar("V")


class Bounded(Generic[K, V]):
    """Least recently used, at most `size` entries; where `weigh` says what each weighs, at most `most` together.

    What by itself weighs more is not kept, and takes no other's place.
    """

    def __init__(self, size: int, *, most: int = 0, weigh: Callable[[V], int] | None = None) -> None:
        if size < 1:
            raise ValueError("a bounded mapping holds at least one entry")
        self.size = size
        self.weight = 0
        self._most = most
        self._weigh = weigh
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
        self.drop(key)
        weight = self._weigh(value) if self._weigh else 0
        if weight > self._most:
            return [key]
        self._entries[key] = value
        self.weight += weight
        gone: list[K] = []
        while len(self._entries) > self.size or self.weight > self._most:
            oldest = next(iter(self._entries))
            self.drop(oldest)
            gone.append(oldest)
        return gone

    def drop(self, key: K) -> None:
        value = self._entries.pop(key, None)
        if value is not None and self._weigh:
            self.weight -= self._weigh(value)
