"""Several workers of one gateway: processes that share a listening socket and nothing else."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import socket
import threading
import time
from typing import TYPE_CHECKING, Protocol

from gateway.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.context import SpawnProcess

MAX_STARTS = 5
STARTS_WITHIN = 30.0
GRACE_SECONDS = 15.0


class Work(Protocol):
    """What a worker does; it is pickled into it. It begins with SIGHUP blocked."""

    def __call__(self, listening: socket.socket) -> None: ...


def listen(host: str, port: int) -> socket.socket:
    """The socket that the workers accept from; raises `ConfigError` where it can't be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
    except OSError as error:
        found.close()
        raise ConfigError(f"{host}:{port} can't be listened at: {error.strerror}") from error
    found.listen(2_048)
    found.set_inheritable(True)
    return found


def run_workers(work: Work, listening: socket.socket, count: int) -> None:
    """Run `count` workers until this process is told to end; one that ends by itself is started again.

    SIGHUP is handed on to them. Raises `ConfigError` where they end as fast as they are started.
    """
    Supervisor(work, listening, count).run()


class Supervisor:
    def __init__(self, work: Work, listening: socket.socket, count: int) -> None:
        self._work = work
        self._listening = listening
        self._count = count
        self._context = multiprocessing.get_context("spawn")
        self._workers: list[SpawnProcess] = []
        self._starts: list[float] = []
        self._ending = threading.Event()

    def run(self) -> None:
        signal.signal(signal.SIGINT, self._end)
        signal.signal(signal.SIGTERM, self._end)
        signal.signal(signal.SIGHUP, self._hand_on)
        try:
            for _ in range(self._count):
                self._start()
            while not self._ending.wait(0.2):
                self._replace()
        finally:
            self._stop()

    def _start(self) -> None:
        worker = self._context.Process(target=self._work, args=(self._listening,), daemon=False)
        known = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})  # it would end who does not expect it yet
        try:
            worker.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, known)
        self._workers.append(worker)

    def _replace(self) -> None:
        for worker in [worker for worker in self._workers if not worker.is_alive()]:
            self._workers.remove(worker)
            now = time.monotonic()
            self._starts = [at for at in self._starts if at > now - STARTS_WITHIN] + [now]
            if len(self._starts) > MAX_STARTS * self._count:
                raise ConfigError(f"workers end as fast as they are started (the last with status {worker.exitcode})")
            self._start()

    def _end(self, *_: object) -> None:
        self._ending.set()

    def _hand_on(self, *_: object) -> None:
        _signal(self._workers, signal.SIGHUP)

    def _stop(self) -> None:
        _signal(self._workers, signal.SIGTERM)
        last = time.monotonic() + GRACE_SECONDS
        for worker in self._workers:
            worker.join(max(0.1, last - time.monotonic()))
        _signal([worker for worker in self._workers if worker.is_alive()], signal.SIGKILL)
        for worker in self._workers:
            worker.join()


def _signal(workers: Sequence[SpawnProcess], number: signal.Signals) -> None:
    for worker in workers:
        if worker.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker.pid, number)
