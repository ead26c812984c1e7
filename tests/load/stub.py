"""Subgraphs that answer from memory, so that the gateway is measured: `python -m tests.load.stub PORT DELAY_MS`.

A (path, body) that is seen for the first time is executed by graphql-core. `/list/...` answers long lists. `/asked`
says what was asked last, where it waits: seconds, path and body of each.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import deque
from typing import cast

import httptools
import orjson
import uvloop

from tests.federation.subgraph import Subgraph
from tests.load.lists import answer as answer_lists
from tests.load.standard import data, sdl

MAX_REMEMBERED = 20_000
MAX_ASKED = 100


class Answers:
    """What to say to each body at each path. `requests` counts; what was asked is kept where it `records`."""

    def __init__(self, *, records: bool) -> None:
        known = data()
        self.requests = 0
        self._records = records
        self._asked: deque[tuple[float, str, str]] = deque(maxlen=MAX_ASKED)
        self._subgraphs = {name: Subgraph(name, sdl(name, secured=False), known[name]) for name in known}
        self._remembered: dict[tuple[str, bytes], bytes] = {}

    def to(self, path: str, body: bytes) -> bytes:
        name = path.strip("/")
        if name == "stats":
            return _http(orjson.dumps({"requests": self.requests}))
        if name == "asked":
            return _http(orjson.dumps(list(self._asked)))
        self.requests += 1
        if self._records:
            self._asked.append((time.perf_counter(), path, body.decode()))
        found = self._remembered.get((name, body))
        if found is None:
            request = orjson.loads(body)
            if name.startswith("list"):
                said = answer_lists(request)
            else:
                said = self._subgraphs[name].answer(request["query"], request.get("variables") or {})
            found = _http(orjson.dumps(said))
            if len(self._remembered) < MAX_REMEMBERED:
                self._remembered[name, body] = found
        return found


def _http(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)


class Connection(asyncio.Protocol):
    def __init__(self, answers: Answers, delay: float) -> None:
        self._answers = answers
        self._delay = delay
        self._body: list[bytes] = []
        self._path = ""
        self._parser = httptools.HttpRequestParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self._path = url.decode()
        self._body = []

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        said = self._answers.to(self._path, b"".join(self._body))
        if self._delay:
            asyncio.get_running_loop().call_later(self._delay, self._transport.write, said)
        else:
            self._transport.write(said)


async def main(port: int, delay: float) -> None:
    answers = Answers(records=delay > 0)  # who only wants to know what is asked has time
    server = await asyncio.get_running_loop().create_server(lambda: Connection(answers, delay), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), float(sys.argv[2]) / 1_000))
