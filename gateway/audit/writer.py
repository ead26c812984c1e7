"""The one process that writes the log: `python -m gateway.audit.writer LOG SOCKET`.

It says `ready` on standard output once it can write, or why it can't, and ends when its standard input does: it never
outlives the process that started it. What several gateways send meanwhile becomes one transaction.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.audit.frames import decode, read_frame, write_frame
from gateway.audit.store import AuditLog
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

READY = "ready"


class Writer:
    """Takes rows from its connections, and answers each batch when it is durable."""

    def __init__(self, log: AuditLog) -> None:
        self.log = log
        self._serving: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection: batches, one after the other."""
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while True:
                write_frame(writer, await self._answer(await read_frame(reader)))
                await writer.drain()
        writer.close()

    async def _answer(self, frame: bytes) -> bytes:
        try:
            await self.log.append_all(decode(frame))
        except (AuditUnavailable, ValueError, TypeError) as error:
            return str(error).encode() or b"the rows can't be read"
        return b""

    async def finish(self) -> None:
        """Let go of the connections; a batch that is being written is written."""
        for task in tuple(self._serving):
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)
        await asyncio.to_thread(self.log.close)


@contextlib.contextmanager
def only_writer(path: Path) -> Iterator[None]:
    """Hold the log for this process; raises `AuditUnavailable` where another has it. A crash lets go of it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        held = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise AuditUnavailable(f"the audit log can't be opened: {error.strerror}") from error
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(held)
        raise AuditUnavailable("the audit log is written by another gateway: use another folder") from error
    try:
        yield
    finally:
        os.close(held)


async def run(path: Path, socket: Path) -> None:
    """Serve until standard input ends; raises `AuditUnavailable` where the log can't be had."""
    with only_writer(path):
        writer = Writer(AuditLog(path))
        server = await asyncio.start_unix_server(writer.serve, socket)
        sys.stdout.write(f"{READY}\n")
        sys.stdout.flush()
        await _end_of_input()
        server.close()
        await writer.finish()


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
    try:
        asyncio.run(run(Path(sys.argv[1]), Path(sys.argv[2])))
    except AuditUnavailable as error:
        sys.stdout.write(f"{error}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
