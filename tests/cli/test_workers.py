"""Workers that end are started again, and not for ever where they end as fast as that."""

from __future__ import annotations

import socket
from types import SimpleNamespace
from typing import Any

import pytest

from gateway.cli.workers import MAX_STARTS, STARTS_WITHIN, Supervisor
from gateway.errors import ConfigError


class Mortal(Supervisor):
    """Its workers have ended as soon as they are looked at."""

    def __init__(self, count: int, listening: socket.socket) -> None:
        super().__init__(lambda _: None, listening, count)
        self.started = 0

    def _start(self) -> None:
        self.started += 1
        worker: Any = SimpleNamespace(is_alive=lambda: False, exitcode=3)
        self._workers.append(worker)


@pytest.mark.parametrize("count", [1, 3])
def test_they_are_started_again_so_often_within_some_time(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    now = 1_000.0
    monkeypatch.setattr("gateway.cli.workers.time.monotonic", lambda: now)
    with socket.socket() as listening:
        supervisor = Mortal(count, listening)
        supervisor._start()
        for _ in range(MAX_STARTS * count):
            supervisor._replace()
        now += STARTS_WITHIN - 1
        with pytest.raises(ConfigError, match=r"workers end as fast as they are started \(the last with status 3\)"):
            supervisor._replace()


def test_those_that_end_now_and_then_are_always_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000.0
    monkeypatch.setattr("gateway.cli.workers.time.monotonic", lambda: now)
    with socket.socket() as listening:
        supervisor = Mortal(1, listening)
        supervisor._start()
        for _ in range(20):
            for _ in range(MAX_STARTS - 1):
                supervisor._replace()
            now += STARTS_WITHIN + 1
        assert supervisor.started == 1 + 20 * (MAX_STARTS - 1)
