"""Load from one process: so many connections, each with one request at a time; `python -m tests.load.generator JSON`.

Prints JSON: requests, failures, its own CPU seconds, seconds, and latencies in milliseconds (50 and 99 of 100, the
longest).
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from typing import NamedTuple

import orjson
import uvloop

from gateway.errors import SubgraphError
from gateway.execution import Answer, SubgraphTransport, TransportLimits, target

MAX_SECONDS = 600.0
MAX_LATENCIES = 2_000_000


class Load(NamedTuple):
    """`tokens` is a file of bearer tokens in rotation; `requests` ends it early, where it is not 0."""

    url: str
    body: str
    connections: int
    seconds: float
    tokens: str = ""
    purpose: str = ""
    requests: int = 0


class Generator:
    def __init__(self, load: Load) -> None:
        self._load = load
        self._to = target(load.url)
        self._body = load.body.encode()
        self._transport = SubgraphTransport(TransportLimits(deadline=60.0, connections=load.connections))
        tokens = Path(load.tokens).read_text(encoding="ascii").split() if load.tokens else []
        purpose = f"cps-purpose: {load.purpose}\r\n" if load.purpose else ""
        self._headers = [f"authorization: Bearer {token}\r\n{purpose}".encode() for token in tokens] or [
            purpose.encode()
        ]
        self._sent = 0
        self.failed = 0
        self.latencies: list[float] = []

    async def run(self) -> float:
        """Seconds that it took."""
        self._until = time.perf_counter() + min(self._load.seconds, MAX_SECONDS)
        self._left = self._load.connections
        self._done = asyncio.get_running_loop().create_future()
        began = time.perf_counter()
        for _ in range(self._load.connections):
            self._next()
        await self._done
        await self._transport.close()
        return time.perf_counter() - began

    def _next(self) -> None:
        now = time.perf_counter()
        if now >= self._until or (self._load.requests and self._sent >= self._load.requests):
            self._left -= 1
            if not self._left:
                self._done.set_result(None)
            return
        self._sent += 1
        headers = self._headers[self._sent % len(self._headers)]

        def done(answer: Answer | SubgraphError) -> None:
            if len(self.latencies) < MAX_LATENCIES:
                self.latencies.append(time.perf_counter() - now)
            whole = isinstance(answer, Answer) and answer.status == 200 and answer.body.startswith(b'{"data":{')
            self.failed += not whole
            self._next()

        self._transport.send(self._to, self._body, headers, done, again=True)


async def main(load: Load) -> None:
    generator = Generator(load)
    seconds = await generator.run()
    found = sorted(generator.latencies) or [0.0]
    report = {
        "requests": len(generator.latencies),
        "failed": generator.failed,
        "cpu": time.process_time(),
        "seconds": seconds,
        "p50": found[len(found) // 2] * 1_000,
        "p99": found[len(found) * 99 // 100] * 1_000,
        "longest": found[-1] * 1_000,
    }
    sys.stdout.write(orjson.dumps(report).decode() + "\n")


if __name__ == "__main__":
    uvloop.run(main(Load(**orjson.loads(sys.argv[1]))))
