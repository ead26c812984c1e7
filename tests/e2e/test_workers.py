"""`cps serve` as processes: several workers on one log, and a supergraph that changes while they answer."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import orjson
import pytest

from gateway.cli.demo.processes import choose_port
from gateway.cli.worker import GRACE_SECONDS
from gateway.composition import SubgraphSource, compose

QUERY = "{ a }"


class Slow(BaseHTTPRequestHandler):
    """Answers each request with what the server counts, after its delay."""

    protocol_version = "HTTP/1.1"
    delay = 0.0

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        time.sleep(type(self).delay)
        body = b'{"data": {"a": 1, "b": 2}}'
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@dataclass
class Served:
    process: subprocess.Popen[bytes]
    url: str
    data: Path
    supergraph: Path
    subgraph: str

    def write(self, sdl: str) -> None:
        self.supergraph.write_text(supergraph(self.subgraph, sdl))

    def entries(self) -> int:
        connection = sqlite3.connect(f"file:{self.data / 'audit.sqlite'}?mode=ro", uri=True)
        with contextlib.closing(connection):
            return int(connection.execute("SELECT count(*) FROM entry WHERE outcome <> 'SCHEMA_SERVED'").fetchone()[0])

    def children(self) -> dict[int, str]:
        found: dict[int, str] = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                fields = stat.read_text().rsplit(")", 1)[1].split()
                if int(fields[1]) == self.process.pid:
                    found[int(stat.parent.name)] = (stat.parent / "cmdline").read_bytes().decode().replace("\0", " ")
        return found


def supergraph(url: str, sdl: str) -> str:
    result = compose([SubgraphSource("a", url, sdl)])
    assert result.supergraph is not None
    return result.supergraph


@contextlib.contextmanager
def serving(tmp_path: Path, *more: str) -> Iterator[Served]:
    if not Path("/proc").exists():
        pytest.skip("the processes are watched through /proc")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = choose_port(0)
    subgraph = f"http://127.0.0.1:{server.server_address[1]}/"
    path = tmp_path / "supergraph.graphql"
    path.write_text(supergraph(subgraph, "type Query { a: Int }"))
    data = tmp_path / "data"
    process = subprocess.Popen(
        [
            sys.executable, "-m", "gateway", "serve", "--supergraph", str(path), "--port", str(port),
            "--data", str(data), "--insecure-no-auth", *more,
        ]
    )  # fmt: skip
    served = Served(process, f"http://127.0.0.1:{port}", data, path, subgraph)
    try:
        healthy(served)
        yield served
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) in (0, -signal.SIGTERM, -signal.SIGKILL)
        server.shutdown()
        server.server_close()


def healthy(served: Served) -> str:
    for _ in range(200):
        with contextlib.suppress(httpx.HTTPError):
            return str(httpx.get(f"{served.url}/health").json()["schema"])
        time.sleep(0.05)
    raise AssertionError("it does not answer")


async def ask(served: Served, count: int, at_once: int, query: str = QUERY) -> list[httpx.Response]:
    limits = httpx.Limits(max_connections=at_once)
    async with httpx.AsyncClient(limits=limits, timeout=20.0) as client:
        requests = (client.post(f"{served.url}/graphql", json={"query": query}) for _ in range(count))
        return list(await asyncio.gather(*requests))


def test_workers_share_one_log_and_are_replaced(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", "2") as served:
        answers = asyncio.run(ask(served, 200, 20))
        assert {answer.json()["data"]["a"] for answer in answers} == {1}
        assert served.entries() == 200
        children = served.children()
        (writer,) = [pid for pid, line in children.items() if "gateway.audit.writer" in line]
        workers = [pid for pid, line in children.items() if "spawn_main" in line]
        assert len(workers) == 2
        os.kill(workers[0], signal.SIGKILL)
        os.kill(writer, signal.SIGKILL)
        until(lambda: len(served.children()) >= len(children) and not {workers[0], writer} & set(served.children()))
        again = asyncio.run(ask(served, 50, 5))
        assert {answer.status_code for answer in again} == {200}
        assert served.entries() == 250
        last = served.children()
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in last))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_workers_end_with_whoever_ends_the_gateway(tmp_path: Path, number: signal.Signals) -> None:
    with serving(tmp_path, "--workers", "2") as served:
        children = served.children()
        assert len(children) >= 3
        served.process.send_signal(number)
        assert served.process.wait(20) == 0
        until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children))


def test_a_new_supergraph_takes_over_and_what_is_under_way_finishes_on_the_old_one(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        before = healthy(served)
        assert asyncio.run(ask(served, 1, 1, "{ a b }"))[0].json()["errors"][0]["extensions"]["code"] == (
            "GRAPHQL_VALIDATION_FAILED"
        )

        async def swapped() -> list[httpx.Response]:
            Slow.delay = 0.5
            under_way = asyncio.ensure_future(ask(served, 10, 10))
            await asyncio.sleep(0.2)
            served.write("type Query { a: Int b: Int }")
            served.process.send_signal(signal.SIGHUP)
            await asyncio.to_thread(until, lambda: healthy(served) != before)
            Slow.delay = 0.0
            return [*await under_way, *await ask(served, 1, 1, "{ a b }")]

        *old, new = asyncio.run(swapped())
        assert [answer.json()["data"] for answer in old] == [{"a": 1}] * 10
        assert new.json()["data"] == {"a": 1, "b": 2}
        served.supergraph.write_text("no supergraph")
        present = healthy(served)
        served.process.send_signal(signal.SIGHUP)
        time.sleep(0.5)
        assert healthy(served) == present
        assert orjson.loads(asyncio.run(ask(served, 1, 1))[0].content)["data"] == {"a": 1}


def test_it_may_be_told_to_reload_before_it_has_begun(tmp_path: Path) -> None:
    """Nothing is lost by it: what is read last is what is served."""
    with serving(tmp_path, "--workers", "2") as served:
        victims = [pid for pid, line in served.children().items() if "spawn_main" in line]
        served.write("type Query { a: Int b: Int }")
        for pid in victims:
            os.kill(pid, signal.SIGKILL)
        last = time.monotonic() + 3
        while time.monotonic() < last:
            served.process.send_signal(signal.SIGHUP)
            time.sleep(0.1)
            assert served.process.poll() is None
        workers = [pid for pid, line in served.children().items() if "spawn_main" in line]
        assert len(workers) == 2
        assert not set(victims) & set(workers)
        answers = asyncio.run(ask(served, 20, 10, "{ a b }"))
        assert [answer.json()["data"] for answer in answers] == [{"a": 1, "b": 2}] * 20


def test_it_ends_though_a_client_does_not(tmp_path: Path) -> None:
    with serving(tmp_path) as served, contextlib.closing(socket.socket()) as slow:
        slow.connect(("127.0.0.1", int(served.url.rsplit(":", 1)[1])))
        slow.sendall(b"POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n")
        slow.sendall(b"content-length: 9\r\n\r\n{")
        time.sleep(0.2)
        served.process.send_signal(signal.SIGTERM)
        assert served.process.wait(GRACE_SECONDS + 8) in (0, -signal.SIGTERM)


def test_no_process_outlives_the_one_that_started_it(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", "2") as served:
        children = served.children()
        assert len(children) >= 3
        served.process.kill()
        until(lambda: not any(_is_alive(pid) for pid in children))


def _is_alive(pid: int) -> bool:
    """A zombie that nobody has waited for yet is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def until(holds: object) -> None:
    assert callable(holds)
    for _ in range(200):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come to be")
