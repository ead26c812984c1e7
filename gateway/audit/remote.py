"""The log as the gateway's processes reach it: over a socket, from the one process that writes it.

What is appended while a batch is on its way becomes the next one: one write and one read for each.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, NamedTuple, cast

from authz.bounded import Bounded
from gateway.audit.batches import encode
from gateway.audit.entry import Row
from gateway.errors import AuditUnavailable
from gateway.frames import Frames, frame

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gateway.audit.entry import Entry

MAX_QUEUED = 10_000
MAX_BATCH = 256
MAX_BATCH_BYTES = 4 * 2**20
ANSWER_SECONDS = 15.0
CONNECT_SECONDS = 5.0
BUSY = 3
"""A batch of so many says that more is to come soon."""

BUSY_SHARE = 0.8
"""From this share of the time on, the processor is what requests wait for: fewer, larger batches then make all sooner.

Below it what waits would be later by what it waits for, and nobody sooner.
"""

ENOUGH = 32
"""Entries for which the way to the writer and its commit are cheap enough: no more are waited for."""

GATHER_SECONDS = 0.04
"""How long more is waited for at most."""

MAX_TEXTS = 5_000
"""Operations of which it is known that the writer has their text: it is not sent again over one connection."""


class _Waiting(NamedTuple):
    """A row, or None: it is only asked whether the log can be written."""

    row: Row | None
    done: asyncio.Future[None]


class RemoteLog:
    """Appends entries through the writer at a Unix socket; used from one event loop."""

    def __init__(
        self, socket: Path, expected: Callable[[], int] | None = None, begins_anew: Callable[[], None] = lambda: None
    ) -> None:
        """`expected` says of how many requests an entry is to come or waits here: others need not be waited for.

        `begins_anew` is called where nothing is known any more of what the log holds: it may be another.
        """
        self._socket = socket
        self._begins_anew = begins_anew
        self._expected = expected
        self._gathering: asyncio.TimerHandle | None = None
        self._waiting: list[_Waiting] = []
        self._under_way: list[_Waiting] = []
        self._begins = False
        self._closing = False
        self._connection: _Connection | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._texts: Bounded[str, bool] = Bounded(MAX_TEXTS)
        self._load = _Load()

    async def append(self, entry: Entry) -> None:
        """Append one entry; raises `AuditUnavailable` where it is not known to be durable."""
        await self._append(Row.of(entry))

    async def check(self) -> None:
        """Find out whether entries can be made durable; raises `AuditUnavailable` where they can't."""
        await self._append(None)

    async def _append(self, row: Row | None) -> None:
        if len(self._waiting) >= MAX_QUEUED:
            raise AuditUnavailable("the audit log does not keep up")
        loop = asyncio.get_running_loop()
        waiting = _Waiting(row, loop.create_future())
        self._waiting.append(waiting)
        if self._gathering is not None:
            if self._is_enough():
                self._gathered()
        elif not self._begins and not self._under_way:
            self._begins = True
            loop.call_soon(self._begin)  # with what else is appended in this turn of the loop
        await waiting.done

    async def close(self) -> None:
        """Send what waits, then let go of the writer."""
        self._closing = True
        if self._gathering is not None:
            self._gathered()
        waiting = [one.done for one in (*self._under_way, *self._waiting)]
        await asyncio.gather(*waiting, return_exceptions=True)
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _begin(self) -> None:
        """Send the next batch, over a connection that is made where there is none."""
        self._begins = False
        if self._under_way or not self._waiting:
            return
        loop = asyncio.get_running_loop()
        count, size = 0, 0
        while count < min(MAX_BATCH, len(self._waiting)) and size < MAX_BATCH_BYTES:
            row = self._waiting[count].row
            size += len(row.body) if row is not None else 0
            count += 1
        self._under_way, self._waiting = self._waiting[:count], self._waiting[count:]
        self._timer = loop.call_later(ANSWER_SECONDS, self.lost, "it does not answer")
        if self._connection is None and (self._connecting is None or self._connecting.done()):
            self._connecting = loop.create_task(self._connect())
        elif self._connection is not None:
            self._send(self._connection)

    def _send(self, connection: _Connection) -> None:
        known = self._texts
        rows = [one.row for one in self._under_way if one.row is not None]
        connection.send([row._replace(operation="") if known.get(row.operation_hash) else row for row in rows])

    async def _connect(self) -> None:
        """A writer that is being started again is waited for."""
        last = time.monotonic() + CONNECT_SECONDS
        loop = asyncio.get_running_loop()
        while self._under_way:
            try:
                _, connection = await loop.create_unix_connection(lambda: _Connection(self), str(self._socket))
            except OSError as error:
                if time.monotonic() > last:
                    self._connecting = None
                    self._under_way, self._waiting = [*self._under_way, *self._waiting], []
                    self.lost(f"it can't be reached: {type(error).__name__}")
                    return
                await asyncio.sleep(0.05)
            else:
                if connection.is_closing:
                    continue
                self._connection = connection
                self._forget()
                self._send(connection)
                return

    def answered(self, refused: str) -> None:
        """The batch under way is durable, or refused."""
        if self._timer is not None:
            self._timer.cancel()
        batch, self._under_way = self._under_way, []
        failure = AuditUnavailable(refused) if refused else None
        if refused:  # what waits was made by what was known of the log, which may be another
            batch, self._waiting = [*batch, *self._waiting], []
            self._part()
        for one in batch:
            if failure is None and one.row is not None and one.row.operation:
                self._texts.put(one.row.operation_hash, True)
            if one.done.done():
                continue
            if failure is None:
                one.done.set_result(None)
            else:
                one.done.set_exception(failure)
        if self._load.is_high() and len(batch) >= BUSY and not self._closing and not self._is_enough():
            self._gathering = asyncio.get_running_loop().call_later(GATHER_SECONDS, self._gathered)
        else:
            self._begin()

    def _part(self) -> None:
        """After a refusal all begins anew: the log may be another."""
        self._forget()
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _forget(self) -> None:
        self._texts = Bounded(MAX_TEXTS)
        self._begins_anew()

    def _is_enough(self) -> bool:
        """Whether no more is waited for: there are many, or all that are to come."""
        waiting = len(self._waiting)
        return waiting >= ENOUGH or (self._expected is not None and 0 < self._expected() <= waiting)

    def _gathered(self) -> None:
        assert self._gathering is not None
        self._gathering.cancel()
        self._gathering = None
        self._begin()

    def lost(self, why: str) -> None:
        """The writer is gone: what was under way may be in the log all the same, but is not known to be."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
        if self._under_way:
            self.answered(f"the audit log's writer is gone: {why}")
        else:
            self._forget()


class _Load:
    """How much of the time since it was last asked this process had the processor."""

    def __init__(self) -> None:
        self._at, self._used = time.perf_counter(), time.process_time()

    def is_high(self) -> bool:
        at, used = time.perf_counter(), time.process_time()
        share = (used - self._used) / max(at - self._at, 1e-6)
        self._at, self._used = at, used
        return share >= BUSY_SHARE


class _Connection(asyncio.Protocol):
    def __init__(self, log: RemoteLog) -> None:
        self._log: RemoteLog | None = log
        self._frames = Frames()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    @property
    def is_closing(self) -> bool:
        return self._transport is None or self._transport.is_closing()

    def send(self, rows: list[Row]) -> None:
        assert self._transport is not None
        self._transport.write(frame(encode(rows)))

    def data_received(self, data: bytes) -> None:
        for answer in self._frames.feed(data):
            if self._log is not None:
                self._log.answered(answer.decode())

    def connection_lost(self, exc: Exception | None) -> None:
        log, self._log = self._log, None
        if log is not None:
            log.lost("the connection ended")

    def close(self) -> None:
        self._log = None
        if self._transport is not None:
            self._transport.abort()
