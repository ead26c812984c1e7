"""The log's writer as a process of the gateway's: started, watched, started again where it ends by itself."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.audit.writer import LOG, READY
from gateway.cli.own_folder import own_folder
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.audit.database import Where

_PAUSE = 0.2
"""Seconds before a writer that has ended is started again."""


@contextlib.contextmanager
def audit_writer(log: Where, signing: Path) -> Iterator[Path]:
    """Runs the writer; yields its socket. Raises `AuditUnavailable` where it can't write."""
    with begun_writer(log, signing) as keeper:
        yield keeper.ready()


@contextlib.contextmanager
def begun_writer(log: Where, signing: Path) -> Iterator[Keeper]:
    """Starts the writer, for who has other things to do meanwhile. `signing` is the file of the key of heads.

    Ends it last, when all that writes through it has ended.
    """
    with own_folder() as folder:
        keeper = Keeper(log, signing, folder / "audit.sock")
        try:
            yield keeper
        finally:
            keeper.stop()


class Keeper:
    """Keeps a writer running. Its `socket` is one that only this user can reach."""

    def __init__(self, log: Where, signing: Path, socket: Path) -> None:
        self.socket = socket
        self._log = log
        self._signing = signing
        self._ending = threading.Event()
        self._process = self._begun()
        self._thread = threading.Thread(target=self._keep, name="audit-writer", daemon=True)

    def ready(self) -> Path:
        """The socket, once the writer can write; raises `AuditUnavailable` where it can't."""
        _await_ready(self._process)
        self._thread.start()
        return self.socket

    def stop(self) -> None:
        self._ending.set()
        self._end()
        if self._thread.is_alive():
            self._thread.join()

    def _begun(self) -> subprocess.Popen[bytes]:
        self.socket.unlink(missing_ok=True)
        return subprocess.Popen(  # noqa: S603 - our own module, our own arguments
            [sys.executable, "-m", "gateway.audit.writer", "-", str(self._signing), str(self.socket)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, LOG: str(self._log)},  # a URL may hold a password, which nobody reads off a command
        )

    def _keep(self) -> None:
        """Start the writer again where it ended; what was on its way was refused, and is asked anew."""
        while True:
            self._process.wait()
            if self._ending.wait(_PAUSE):
                return
            with contextlib.suppress(AuditUnavailable, OSError):
                self._process = self._begun()
                _await_ready(self._process)
            if self._ending.is_set():
                self._end()

    def _end(self) -> None:
        process = self._process
        assert process.stdin is not None
        with contextlib.suppress(OSError):
            process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10.0)
        if process.poll() is None:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _await_ready(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    with process.stdout:
        said = process.stdout.readline().decode().strip()
    if said != READY:
        process.stdin.close()
        process.wait()
        raise AuditUnavailable(said or "the audit log's writer did not start")
