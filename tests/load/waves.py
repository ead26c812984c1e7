"""What of a request's time the subgraphs take: its plan's requests, asked wave by wave by a client that does no more.

`python -m tests.load.waves` is given them as JSON, asks them over connections that it keeps, and prints the median of
all waves together. The gateway is asked by the same client: a request to it is one wave.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx

from gateway.execution import target
from tests.load.bench import Subject, gateway, standard_subject
from tests.load.generator import Load
from tests.load.servers import ROOT, drive, module, pinned

APART_MS = 50.0
"""How long the stub waits where waves are told apart: those of one wave are asked within half of it."""

Wave = list[tuple[str, str]]
"""Paths and bodies that are asked together."""


class Compared(NamedTuple):
    """Medians at one connection, in milliseconds: a request at the gateway, and its waves at the stub, all in all."""

    mode: str
    waves: int
    requests: int
    gateway: float
    stub: float

    @property
    def more(self) -> float:
        return self.gateway - self.stub


def compare(
    folder: Path, modes: Sequence[str], seconds: float, rounds: int, cores: tuple[str | None, str | None]
) -> Iterator[Compared]:
    """Each mode's requests and waves, in turns."""
    known = {mode: recorded(folder, mode) for mode in modes}
    with standard_subject(folder, cores=cores[1]) as subject:
        for mode in modes:
            with gateway(subject, mode, 1, folder, cores[0]) as (_, url):
                whole, alone = [], []
                for number in range(rounds + 1):
                    asked = [[("/graphql", subject.body)]]
                    taken = _asked(asked, urlsplit(url).port or 0, seconds, cores[1], _tokens(subject, mode))
                    waited = _asked(known[mode], _port(subject), seconds, cores[0])
                    if number:  # the first warms
                        whole.append(taken)
                        alone.append(waited)
                requests = sum(map(len, known[mode]))
                yield Compared(mode, len(known[mode]), requests, median(whole), median(alone))


def recorded(folder: Path, mode: str) -> list[Wave]:
    """The requests of the plan by waves: what is asked before an answer can have come.

    It is of the second of two requests that they are taken: the first has to connect.
    """
    with standard_subject(folder, APART_MS) as subject, gateway(subject, mode, 1, folder, None) as (_, url):
        report = drive(Load(url, subject.body, 1, 10.0, _tokens(subject, mode), requests=2))
        if report["requests"] != 2 or report["failed"]:
            raise RuntimeError("one of two requests failed")
        asked = httpx.get(f"http://127.0.0.1:{_port(subject)}/asked").json()
    waves: list[Wave] = []
    last = float("-inf")
    for at, path, body in asked[len(asked) // 2 :]:
        if at - last > APART_MS / 2_000:
            waves.append([])
            last = at
        waves[-1].append((path, body))
    return waves


def _tokens(subject: Subject, mode: str) -> str:
    return str(subject.tokens) if mode in ("access", "both") else ""


def _port(subject: Subject) -> int:
    found = subject.stub
    assert found is not None
    return found


def _asked(waves: list[Wave], port: int, seconds: float, core: str | None, tokens: str = "") -> float:
    given = json.dumps({"waves": waves, "port": port, "seconds": seconds, "tokens": tokens})
    command = pinned(module("tests.load.waves"), core)
    done = subprocess.run(command, input=given, capture_output=True, check=True, text=True, cwd=ROOT)
    return float(done.stdout)


class _Kept:
    """One connection to the stub."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, payload: bytes) -> None:
        self._socket.sendall(payload)

    def receive(self) -> None:
        got = self._socket.recv(262_144)
        while b"\r\n\r\n" not in got:
            got += self._more()
        head, _, body = got.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200") or not body.startswith(b'{"data":{'[: len(body)]):
            raise ConnectionError("a request failed")
        left = int(head.lower().rpartition(b"content-length: ")[2].split(b"\r\n")[0]) - len(body)
        while left > 0:
            left -= len(self._more())

    def _more(self) -> bytes:
        got = self._socket.recv(262_144)
        if not got:
            raise ConnectionError("the stub has closed")
        return got


def ask(waves: list[Wave], port: int, seconds: float, tokens: str = "") -> float:
    """The median of all waves together, in milliseconds; `tokens` is a file of bearer tokens in rotation."""
    bearers = Path(tokens).read_text(encoding="ascii").split() if tokens else []
    rotation = cycle(
        [_payloads(waves, port, f"authorization: Bearer {each}\r\n") for each in bearers]
        or [_payloads(waves, port, "")]
    )
    kept = [_Kept(port) for _ in range(max(map(len, waves)))]
    taken = []
    last = time.perf_counter() + seconds
    while time.perf_counter() < last:
        payloads = next(rotation)
        began = time.perf_counter()
        for wave in payloads:
            for connection, payload in zip(kept, wave, strict=False):
                connection.send(payload)
            for connection, _ in zip(kept, wave, strict=False):
                connection.receive()
        taken.append(time.perf_counter() - began)
    return median(taken) * 1_000


def _payloads(waves: list[Wave], port: int, headers: str) -> list[list[bytes]]:
    return [
        [
            target(f"http://127.0.0.1:{port}{path}").head
            + f"{headers}content-length: {len(body)}\r\n\r\n{body}".encode()
            for path, body in wave
        ]
        for wave in waves
    ]


if __name__ == "__main__":
    sys.stdout.write(f"{ask(**json.loads(sys.stdin.read()))}\n")
