"""A gateway of processes whose agencies publish other SDLs than were approved, or are down."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.cli.demo.processes import choose_port
from gateway.cli.supergraphs import REGISTRY
from gateway.registry import SdlVersions

FIRST = "type Query { a: Int }"
SECOND = "type Query { a: Int b: Int }"
NOBODY = "http://127.0.0.1:9"


class Publishing(BaseHTTPRequestHandler):
    """Answers every request with its SDL."""

    sdl = FIRST

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        body = json.dumps({"data": {"_service": {"sdl": type(self).sdl}}}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def publishing() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Publishing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()


class Gateway:
    def __init__(self, data: Path, config: Path, *more: str) -> None:
        self.url = f"http://127.0.0.1:{choose_port(0)}"
        port = self.url.rpartition(":")[2]
        command = [sys.executable, "-m", "gateway", "serve", "--subgraphs", str(config), "--data", str(data)]
        self.process = subprocess.Popen([*command, "--issuer", NOBODY, "--port", port, "--no-audit", *more])

    def ready(self) -> dict[str, Any]:
        """What it says of itself, once it answers."""
        until = time.monotonic() + 20
        while time.monotonic() < until and self.process.poll() is None:
            with contextlib.suppress(httpx.HTTPError):
                found: dict[str, Any] = httpx.get(f"{self.url}/ready").json()
                return found
            time.sleep(0.1)
        pytest.fail("the gateway did not answer")

    def becomes(self, status: str) -> dict[str, Any]:
        until = time.monotonic() + 20
        while (found := self.ready())["status"] != status and time.monotonic() < until:
            time.sleep(0.1)
        assert found["status"] == status
        return found

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_an_sdl_that_was_not_approved_is_not_served_and_is_named(tmp_path: Path, data: Path) -> None:
    config = tmp_path / "subgraphs.json"
    running: list[Gateway] = []
    try:
        with publishing() as url:
            config.write_text(json.dumps([{"name": "a", "url": url}]))
            Publishing.sdl = FIRST
            running.append(Gateway(data, config, "--accept-sdls"))
            first = running[-1].becomes("ready")
            running[-1].stop()
            Publishing.sdl = SECOND
            running.append(Gateway(data, config))
            served = running[-1].becomes("degraded")
            assert (served["schema"], served["unapproved"], served["unreachable"]) == (first["schema"], ["a"], [])
            approving = [sys.executable, "-m", "gateway", "approve", "a", "--data", str(data), "--yes"]
            assert b"+ Query.b: Int" in subprocess.run(approving, check=True, capture_output=True).stdout
            running[-1].process.send_signal(signal.SIGHUP)
            second = running[-1].becomes("ready")
            assert second["schema"] != first["schema"]
            running[-1].stop()
        running.append(Gateway(data, config))
        served = running[-1].becomes("degraded")
        assert (served["schema"], served["unapproved"], served["unreachable"]) == (second["schema"], [], ["a"])
        running[-1].stop()
    finally:
        for gateway in running:
            gateway.process.kill()
            gateway.process.wait(10)
    assert [each.sdl for each in SdlVersions(data / REGISTRY).pending()] == []


def test_at_first_sight_nothing_is_served(tmp_path: Path, data: Path) -> None:
    config = tmp_path / "subgraphs.json"
    with publishing() as url:
        config.write_text(json.dumps([{"name": "a", "url": url}]))
        command = [sys.executable, "-m", "gateway", "serve", "--subgraphs", str(config), "--data", str(data)]
        ended = subprocess.run([*command, "--issuer", NOBODY, "--no-audit"], check=False, capture_output=True)
    assert ended.returncode == 2
    assert b"no SDL is approved: `a` wait for `cps approve`" in ended.stderr
