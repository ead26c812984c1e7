"""The counting for all workers of a host, as served by the one process that they all reach."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, cast

import orjson

from gateway.frames import Frames, frame
from gateway.rate_limits.windows import SlidingWindows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MAX_REQUEST = 2 * 2**20


def counter_socket(audit_socket: Path) -> Path:
    """Return the socket of the counting, beside the one of the log."""
    return audit_socket.with_suffix(".limits")


class CounterService:
    """Serves `Counter.take`: a request is JSON `[number, key, things, most, seconds, spare]`, its answer
    `[number, wait]`, each in a frame.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.windows = SlidingWindows()
        self._clock = clock

    def connection(self) -> asyncio.Protocol:
        """Return what serves one connection."""
        return _Served(self)

    def answer(self, request: bytes) -> bytes:
        """Return the answer to one request; raises `ValueError` where it is none."""
        number, key, things, most, seconds, spare = orjson.loads(request)
        return orjson.dumps([number, self.windows.take(key, things, most, seconds, self._clock(), spare)])


class _Served(asyncio.Protocol):
    def __init__(self, service: CounterService) -> None:
        self._service = service
        self._frames = Frames(MAX_REQUEST)
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        try:
            for request in self._frames.feed(data):
                self._transport.write(frame(self._service.answer(request)))
        except (ValueError, TypeError):
            self._transport.abort()
