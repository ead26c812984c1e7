"""How a subgraph is started: guarded, or on loopback and said to be open."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from authz.assertion import make_key, public_keys
from resolvers import run
from resolvers.run import main
from subgraphs.police.schema import subgraph


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What would be served: nothing is."""
    found: list[dict[str, Any]] = []
    monkeypatch.setattr("uvicorn.run", lambda app, **given: found.append({"app": app, **given}))
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "police.sqlite").touch()
    (tmp_path / "keys.json").write_text(json.dumps(public_keys(make_key())))
    return tmp_path


def start(monkeypatch: pytest.MonkeyPatch, folder: Path, *options: str) -> int:
    """The exit status."""
    database = f"sqlite+aiosqlite:///{folder / 'police.sqlite'}"
    monkeypatch.setattr(sys, "argv", ["police", "--database", database, *options])
    with pytest.raises(SystemExit) as ended:  # noqa: PT011 - what it says is looked at
        main(subgraph)
    return int(ended.value.code or 0)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "give --keys FILE: whose requests are answered?"),
        (["--host", "0.0.0.0"], "give --keys FILE: whose requests are answered?"),  # noqa: S104
        (["--keys", "{keys}", "--insecure-no-guard"], "give --keys FILE: whose requests are answered?"),
        (["--insecure-no-guard", "--host", "0.0.0.0"], "loopback only, not on `0.0.0.0`"),  # noqa: S104
        (["--insecure-no-guard", "--host", "::"], "loopback only, not on `::`"),
        (["--insecure-no-guard", "--host", "192.0.2.1"], "loopback only, not on `192.0.2.1`"),
        (["--insecure-no-guard", "--host", "agency.example"], "loopback only, not on `agency.example`"),
    ],
)
def test_nobody_is_served_unless_it_is_said_who(
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
    started: list[dict[str, Any]],
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    said: str,
) -> None:
    given = [each.format(keys=folder / "keys.json") for each in options]
    assert start(monkeypatch, folder, *given) == 2
    assert started == []
    assert said in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.0.0.2"])
def test_on_loopback_it_may_be_open(
    monkeypatch: pytest.MonkeyPatch, folder: Path, started: list[dict[str, Any]], host: str
) -> None:
    assert start(monkeypatch, folder, "--insecure-no-guard", "--host", host) == 0
    assert [each["host"] for each in started] == [host]


async def test_with_keys_it_answers_nobody_else(
    monkeypatch: pytest.MonkeyPatch, folder: Path, started: list[dict[str, Any]]
) -> None:
    keys = str(folder / "keys.json")
    assert start(monkeypatch, folder, "--keys", keys, "--host", "0.0.0.0", "--port", "9") == 0  # noqa: S104
    (served,) = started
    assert (served["host"], served["port"], served["access_log"]) == ("0.0.0.0", 9, False)  # noqa: S104
    assert (served["http"], served["limit_concurrency"]) == (run.KitProtocol, 2 * run.MAX_CONNECTIONS)
    transport = httpx.ASGITransport(app=served["app"])
    async with httpx.AsyncClient(transport=transport, base_url="http://police") as client:
        answer = await client.post("/graphql", json={"query": "{ __typename }"})
    assert answer.status_code == 401
    assert "data" not in answer.json()


def test_the_sdl_is_printed_without_a_database(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    started: list[dict[str, Any]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert start(monkeypatch, tmp_path / "nowhere", "--print-sdl") == 0
    assert capsys.readouterr().out == subgraph.schema.sdl
    assert started == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--database", "mysql://x/y"], "`mysql` can't be read here"),
        (["--database", "sqlite+aiosqlite:///nowhere/none.sqlite"], "the database's file does not exist"),
        (["--port", "x"], "'x' is not a valid integer"),
    ],
)
def test_what_can_t_be_served_is_a_usage_error(tmp_path: Path, options: list[str], said: str) -> None:
    command = [sys.executable, "-m", "subgraphs.police", "--insecure-no-guard", *options]
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONPATH": root}, capture_output=True, text=True, check=False, timeout=30
    )
    assert done.returncode == 2
    assert said in " ".join(done.stderr.replace("│", " ").split())
    assert "Traceback" not in done.stderr


def test_keys_that_can_t_be_used_are_said(
    monkeypatch: pytest.MonkeyPatch, folder: Path, started: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "keys.json").write_text("{}")
    assert start(monkeypatch, folder, "--keys", str(folder / "keys.json")) == 2
    assert started == []
    assert "key" in capsys.readouterr().err


async def test_requests_that_are_half_sent_keep_out_nobody(
    monkeypatch: pytest.MonkeyPatch, folder: Path, started: list[dict[str, Any]]
) -> None:
    assert start(monkeypatch, folder, "--insecure-no-guard", "--port", "0") == 0
    (how,) = started
    server = uvicorn.Server(uvicorn.Config(how.pop("app"), **how))
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - it has no event for it
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    writers = []
    for _ in range(run.MAX_CONNECTIONS + 100):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-")
        writers.append(writer)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=5.0) as client:
        assert (await client.get("/health")).status_code in (200, 503)
        answer = await client.post("/graphql", json={"query": "{ __typename }"})
    assert answer.json() == {"data": {"__typename": "Query"}}
    for writer in writers:
        writer.transport.abort()
    server.should_exit = True
    await running
