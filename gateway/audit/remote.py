"""The log as the gateway's processes reach it: over a socket, from the one process that writes it.

What is appended while a batch is on its way becomes the next one: one write and one read for each.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from gateway.audit.entry import Row
from gateway.audit.frames import encode, read_frame, write_frame
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.audit.entry import Entry

MAX_QUEUED = 10_000
MAX_BATCH = 256
ANSWER_SECONDS = 15.0
CONNECT_SECONDS = 5.0


class _Waiting(NamedTuple):
    row: Row
    done: asyncio.Future[None]


class RemoteLog:
    """Appends entries through the writer at a Unix socket; used from one event loop."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._waiting: deque[_Waiting] = deque()
        self._sending: asyncio.Task[None] | None = None
        self._connection: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def append(self, entry: Entry) -> None:
        """Append one entry; raises `AuditUnavailable` where it is not known to be durable."""
        row = Row.of(entry)
        if len(self._waiting) >= MAX_QUEUED:
            raise AuditUnavailable("the audit log does not keep up")
        loop = asyncio.get_running_loop()
        waiting = _Waiting(row, loop.create_future())
        self._waiting.append(waiting)
        if self._sending is None:
            self._sending = loop.create_task(self._send())
        await waiting.done

    async def close(self) -> None:
        """Send what waits, then let go of the writer."""
        if self._sending is not None:
            await asyncio.gather(self._sending, return_exceptions=True)
        self._disconnect()

    async def _send(self) -> None:
        try:
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(min(MAX_BATCH, len(self._waiting)))]
                await self._settle(batch)
        finally:
            self._sending = None

    async def _settle(self, batch: list[_Waiting]) -> None:
        failure: AuditUnavailable | None = None
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._exchange([waiting.row for waiting in batch])
        except AuditUnavailable as error:
            failure = error
        except (OSError, ValueError, asyncio.IncompleteReadError) as error:  # it may be in the log all the same
            self._disconnect()
            failure = AuditUnavailable(f"the audit log's writer does not answer: {type(error).__name__}")
        for waiting in batch:
            if waiting.done.done():
                continue
            if failure is None:
                waiting.done.set_result(None)
            else:
                waiting.done.set_exception(failure)

    async def _exchange(self, rows: list[Row]) -> None:
        reader, writer = await self._connected()
        write_frame(writer, encode(rows))
        await writer.drain()
        refused = await read_frame(reader)
        if refused:
            raise AuditUnavailable(refused.decode())

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """The connection; a writer that is being started again is waited for."""
        last = time.monotonic() + CONNECT_SECONDS
        while self._connection is None:
            try:
                self._connection = await asyncio.open_unix_connection(self._socket)
            except OSError:
                if time.monotonic() > last:
                    raise
                await asyncio.sleep(0.05)
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection[1].close()
        self._connection = None
