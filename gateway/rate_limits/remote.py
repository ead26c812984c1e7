"""A worker's side of the counting that another process of the host does."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING, Final, cast

import orjson

from gateway.errors import CounterUnavailable
from gateway.frames import Frames, frame

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.rate_limits.counter import Take

ANSWER_SECONDS: Final = 2.0
"""How long an answer is waited for, with the connection where there is none."""

MAX_WAITING: Final = 10_000
"""Requests that wait for an answer at a time."""


class RemoteCounter:
    """Counts by a process that is reached over a socket. Used by one event loop."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._connection: _Connection | None = None
        self._connecting = asyncio.Lock()

    async def take(self, take: Take) -> int:
        """As `Counter.take`."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                connection = self._connection
                if connection is None or connection.is_lost:
                    connection = await self._connected()
                return await connection.ask(take)
        except (OSError, TimeoutError) as error:
            raise CounterUnavailable(f"the limits can't be counted: {type(error).__name__}") from error

    async def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    async def _connected(self) -> _Connection:
        async with self._connecting:
            if self._connection is None or self._connection.is_lost:
                loop = asyncio.get_running_loop()
                _, self._connection = await loop.create_unix_connection(_Connection, str(self._socket))
            return self._connection


class _Connection(asyncio.Protocol):
    def __init__(self) -> None:
        self.is_lost = False
        self._numbers = itertools.count()
        self._waiting: dict[int, asyncio.Future[int]] = {}
        self._frames = Frames()
        self._transport: asyncio.Transport | None = None

    async def ask(self, take: Take) -> int:
        if len(self._waiting) >= MAX_WAITING or self._transport is None:
            raise ConnectionError("too many wait")
        number = next(self._numbers)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        self._transport.write(frame(orjson.dumps([number, *take])))
        try:
            return int(await answer)
        finally:
            self._waiting.pop(number, None)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        for answer in self._frames.feed(data):
            number, wait = orjson.loads(answer)
            waiting = self._waiting.get(number)
            if waiting is not None and not waiting.done():
                waiting.set_result(wait)

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_lost = True
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(ConnectionError("the connection ended"))

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()
