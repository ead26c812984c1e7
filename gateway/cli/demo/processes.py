"""The demonstration's processes: started, watched, and all of them ended however it ends."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Self

import httpx

from authz.private_file import open_private
from gateway.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def choose_port(preferred: int) -> int:
    """The preferred port of 127.0.0.1 where it is free, else any that is."""
    for port in (preferred, 0):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise ConfigError("no port is free on 127.0.0.1")


class Processes:
    """A group of our own modules run as processes. Leaving the context ends them all, and waits until they have.

    `stopping` are the signals that lead out of the context: a second one does not interrupt the ending.
    """

    def __init__(self, logs: Path, stopping: Sequence[signal.Signals] = ()) -> None:
        self._logs = logs
        self._stopping = stopping
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        self._logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        for number in self._stopping:
            signal.signal(number, signal.SIG_IGN)
        self.stop()

    def start(self, name: str, module: str, *arguments: str) -> None:
        """Run `python -m module arguments`; its output goes to a file of its own."""
        with os.fdopen(open_private(self._logs / f"{name}.log", os.O_WRONLY | os.O_TRUNC), "wb") as log:
            self._running[name] = subprocess.Popen(  # noqa: S603 - our own modules, our own arguments
                [sys.executable, "-m", module, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C comes to us, and we end them in order
            )

    def wait_until_healthy(self, urls: Sequence[tuple[str, str]], seconds: float = 30.0) -> None:
        """Wait until each (name, url) answers 200; raises `ConfigError` that names the process and its log."""
        deadline = time.monotonic() + seconds
        with httpx.Client(timeout=2.0) as client:
            for name, url in urls:
                while not _answers(client, url):
                    process = self._running[name]
                    if process.poll() is not None:
                        raise ConfigError(f"`{name}` stopped at its start: see {self._logs / f'{name}.log'}")
                    if time.monotonic() > deadline:
                        raise ConfigError(
                            f"`{name}` is not ready after {seconds:g} s: see {self._logs / f'{name}.log'}"
                        )
                    time.sleep(0.05)

    def stop(self, name: str | None = None) -> None:
        """End one process, or all in the reverse of the order in which they were started."""
        chosen = [name] if name else list(reversed(self._running))
        for each in chosen:
            _signal(self._running[each], signal.SIGTERM)
        deadline = time.monotonic() + 5.0
        for each in chosen:
            process = self._running.pop(each)
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                _signal(process, signal.SIGKILL)
                process.wait()

    def failed(self) -> str | None:
        """The name of a process that has ended by itself."""
        return next((name for name, process in self._running.items() if process.poll() is not None), None)

    def pids(self) -> dict[str, int]:
        return {name: process.pid for name, process in self._running.items()}


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """To the whole group: a process that has started others takes them with it."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _answers(client: httpx.Client, url: str) -> bool:
    try:
        return client.get(url).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
