"""The one process that writes the log: `python -m gateway.audit.writer LOG KEY SOCKET`.

It says `ready` on standard output once it can write, or why it can't, and ends when its standard input does: it never
outlives the process that started it. What several gateways send meanwhile becomes one transaction.

All workers of the host reach it: so it counts the limits per person for them, too, at a socket beside the log's.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, cast

import uvloop

from authz.private_file import open_private
from gateway.audit.batches import decode
from gateway.audit.checkpoint import ORIGIN, HeadSigner
from gateway.audit.database import Failure, place
from gateway.audit.marks import EVERY, raise_marks
from gateway.audit.sequencer import SEQUENCED_WITHIN, SIGNED_EVERY, Sequencer
from gateway.audit.store import Store, UnknownText
from gateway.errors import AuditUnavailable, ConfigError
from gateway.frames import Frames, frame
from gateway.rate_limits import CounterService, counter_socket

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.audit.database import Where
    from gateway.audit.entry import Row

log = logging.getLogger("gateway.audit")

LOG = "CPS_AUDIT_STORE"
"""The environment's name for where the log is, where the command says `-`."""

READY = "ready"
LOCK_SECONDS = 3.0
"""How long a writer that is ending is waited for."""

LOCK_SUFFIX = ".lock"
"""Of the file beside the log that says who writes it: all versions agree on it, or two would write at once."""


class Writer:
    """Takes rows from its connections, and answers each batch when it is durable.

    It blocks while it writes: it has nothing else to do, and what comes meanwhile becomes the next transaction.
    """

    def __init__(self, store: Store, sequencer: Sequencer | None = None) -> None:
        """`sequencer` gives what is durable its place in the tree, soon after."""
        self._store = store
        self._sequencer = sequencer
        self._waiting: list[tuple[_Connection, bytes]] = []
        self._due: asyncio.TimerHandle | None = None
        self._soon = False
        self._connections: set[_Connection] = set()
        self._replaced = store.replaced

    def connection(self) -> _Connection:
        return _Connection(self, self._connections)

    def take(self, connection: _Connection, batch: bytes) -> None:
        self._waiting.append((connection, batch))
        if len(self._waiting) == 1:
            asyncio.get_running_loop().call_soon(self.write)

    def write(self) -> None:
        """Write what waits, and answer it."""
        waiting, self._waiting = self._waiting, []
        decoded: list[tuple[_Connection, list[Row]]] = []
        for connection, batch in waiting:
            try:
                decoded.append((connection, decode(batch)))
            except (ValueError, TypeError):
                connection.answer("the rows can't be read")
        try:
            self._store.write(row for _, rows in decoded for row in rows)
        except AuditUnavailable as error:
            if len(decoded) > 1 and _is_of_rows(error):
                self._apart(decoded)  # one batch is at fault, and the others need not pay for it
            else:
                for connection, _ in decoded:
                    connection.answer(str(error))
        else:
            for connection, _ in decoded:
                connection.answer("")
        self._part()
        self.sequence_soon()

    def _part(self) -> None:
        """Where the log is another one now, gateways begin anew: what they know to be in the log is not in this one."""
        if self._replaced != self._store.replaced:
            self._replaced = self._store.replaced
            for connection in list(self._connections):
                connection.end()

    def _sequence(self) -> None:
        """Where it fails, what is durable is so all the same: it gets its place with what comes next."""
        self._due = None
        assert self._sequencer is not None
        done = False
        try:
            done = self._sequencer.sequence()
        except AuditUnavailable as error:
            log.error("entries wait for their leaves: %s", error)
            self._part()
        self._sequence_within(SIGNED_EVERY if done else SEQUENCED_WITHIN)

    def sequence_soon(self) -> None:
        """What others append to the log, a command or another host, gets its leaf within `SIGNED_EVERY` too."""
        if self._soon and self._due is not None:
            return
        if self._due is not None:
            self._due.cancel()
        self._sequence_within(SEQUENCED_WITHIN)

    def _sequence_within(self, seconds: float) -> None:
        if self._sequencer is not None:
            self._soon = seconds == SEQUENCED_WITHIN
            self._due = asyncio.get_running_loop().call_later(seconds, self._sequence)

    def close(self) -> None:
        """Write what waits, and sign the tree as it then is."""
        self.write()
        if self._due is not None:
            self._due.cancel()
        if self._sequencer is not None:
            with contextlib.suppress(AuditUnavailable):
                self._sequencer.sequence(closing=True)

    def _apart(self, batches: list[tuple[_Connection, list[Row]]]) -> None:
        for connection, rows in batches:
            try:
                self._store.write(rows)
            except AuditUnavailable as error:
                connection.answer(str(error))
            else:
                connection.answer("")


def _is_of_rows(error: AuditUnavailable) -> bool:
    """Whether it is what was to be written that is at fault, and not the log."""
    cause = error.__cause__
    return isinstance(cause, UnknownText) or (isinstance(cause, Failure) and cause.kind == "data")


class _Connection(asyncio.Protocol):
    """One gateway's: batches, each answered in its turn."""

    def __init__(self, writer: Writer, all_: set[_Connection]) -> None:
        """`all_` holds it for as long as it lasts."""
        self._writer = writer
        self._all = all_
        self._frames = Frames()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._all.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._all.discard(self)

    def data_received(self, data: bytes) -> None:
        try:
            for batch in self._frames.feed(data):
                self._writer.take(self, batch)
        except ValueError:
            assert self._transport is not None
            self._transport.abort()

    def answer(self, refused: str) -> None:
        assert self._transport is not None
        self._transport.write(frame(refused.encode()))

    def end(self) -> None:
        """Once what was answered is sent."""
        assert self._transport is not None
        self._transport.close()


@contextlib.contextmanager
def only_writer(path: Path) -> Iterator[None]:
    """Hold the log for this process; raises `AuditUnavailable` where another has it. A crash lets go of it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        held = open_private(path.with_suffix(LOCK_SUFFIX))
    except OSError as error:
        raise AuditUnavailable(f"the audit log can't be opened: {error.strerror}") from error
    last = time.monotonic() + LOCK_SECONDS
    try:
        while True:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                if time.monotonic() > last:
                    raise
                time.sleep(0.05)
    except OSError as error:
        os.close(held)
        raise AuditUnavailable("the audit log is written by another gateway: use another folder") from error
    try:
        yield
    finally:
        os.close(held)


async def run(where: Where, signing: Path, socket: Path) -> None:
    """Serve until standard input ends; raises `AuditUnavailable` where the log can't be had.

    A file has one writer; to a database others may write too. `signing` is the file of the key of heads.
    """
    with only_writer(where) if isinstance(where, Path) else contextlib.nullcontext():
        store = Store(where)
        writer = Writer(store, Sequencer(store, HeadSigner.of_file(ORIGIN, signing), steady=time.monotonic))
        writer.sequence_soon()  # a crash may have left some without a leaf
        loop = asyncio.get_running_loop()
        counting = counter_socket(socket)
        counting.unlink(missing_ok=True)
        counter = await loop.create_unix_server(CounterService().connection, counting)
        server = await loop.create_unix_server(writer.connection, socket)
        marking = asyncio.ensure_future(_mark(where, signing.parent))
        sys.stdout.write(f"{READY}\n")
        sys.stdout.flush()
        await _end_of_input()
        counter.close()
        server.close()
        writer.close()
        store.close()
        marking.cancel()
        _raise_marks(where, signing.parent)


async def _mark(where: Where, folder: Path) -> None:
    """Raise the marks of how far the databases have come, each minute."""
    while True:
        await asyncio.sleep(EVERY)
        await asyncio.to_thread(_raise_marks, where, folder)


def _raise_marks(where: Where, folder: Path) -> None:
    try:
        for problem in raise_marks(where, folder):
            log.error("%s: an older copy was put in its place", problem)
    except ConfigError as error:
        log.error("%s", error)


async def _end_of_input() -> None:
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()

    def read() -> None:
        if not os.read(sys.stdin.fileno(), 1024):
            ended.set()

    loop.add_reader(sys.stdin.fileno(), read)
    await ended.wait()
    loop.remove_reader(sys.stdin.fileno())


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # it ends after those that it writes for
    where = os.environ[LOG] if sys.argv[1] == "-" else sys.argv[1]
    try:
        uvloop.run(run(place(where), Path(sys.argv[2]), Path(sys.argv[3])))
    except (AuditUnavailable, ConfigError) as error:
        sys.stdout.write(f"{error}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
