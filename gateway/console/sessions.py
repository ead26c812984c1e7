"""What the console remembers of a browser: in this process's memory, bounded in number and in time."""

import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Session:
    """A person who is signed in, and the access token that speaks for them."""

    subject: str
    name: str
    roles: tuple[str, ...]
    agency: str | None
    access_token: str = field(repr=False)


class _Entry(NamedTuple, Generic[Value]):
    value: Value
    ends: float
    idle_ends: float


class BoundedStore(Generic[Value]):
    """Values by a random key of 256 bits, least recently used first.

    A value ends `idle_seconds` after its last use and `absolute_seconds` after it was opened, whichever is first; when
    `entries` are held, the least recently used one goes. Keys are only ever made here, so a key that a browser brings
    along is never adopted. `clock` gives seconds that never go back.
    """

    def __init__(
        self, *, entries: int, idle_seconds: float, absolute_seconds: float, clock: Callable[[], float]
    ) -> None:
        self._entries_at_most = entries
        self._idle_seconds = idle_seconds
        self._absolute_seconds = absolute_seconds
        self._clock = clock
        self._entries: OrderedDict[str, _Entry[Value]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def open(self, value: Value, seconds: float | None = None) -> str:
        """Holds the value under a new key; `seconds` can only shorten its life."""
        now = self._clock()
        self._forget_idle(now)
        while len(self._entries) >= self._entries_at_most:
            self._entries.popitem(last=False)
        life = self._absolute_seconds if seconds is None else min(seconds, self._absolute_seconds)
        key = secrets.token_urlsafe(32)
        self._entries[key] = _Entry(value, now + life, now + self._idle_seconds)
        return key

    def get(self, key: str) -> Value | None:
        """The value, which is thereby used; None if the key is unknown or its time is over."""
        now = self._clock()
        entry = self._entries.get(key)
        if entry is None:
            return None
        if now >= entry.ends or now >= entry.idle_ends:
            del self._entries[key]
            return None
        self._entries[key] = entry._replace(idle_ends=now + self._idle_seconds)
        self._entries.move_to_end(key)
        return entry.value

    def close(self, key: str) -> Value | None:
        """Ends the key, and returns what it held if it was still alive."""
        value = self.get(key)
        self._entries.pop(key, None)
        return value

    def _forget_idle(self, now: float) -> None:
        """All wait equally long, so the idle ones are those at the front."""
        while self._entries:
            oldest = next(iter(self._entries))
            if now < self._entries[oldest].idle_ends:
                return
            del self._entries[oldest]
