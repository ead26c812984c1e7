"""People sign in at a gateway of several workers: each request may reach another, and one of them may die."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from pathlib import Path

import httpx
import pytest

from gateway.cli.demo.people import CLIENT
from gateway.cli.demo.processes import Processes, choose_port
from gateway.composition import SubgraphSource, compose
from tests.console.browser import choose

SDL = "type Query { a: Int }"
PERSON = {"sub": "amina", "name": "Amina", "roles": ["social_worker"], "agency": "380", "scope": "cps.read"}


def gateway(processes: Processes, folder: Path) -> str:
    issuer, url = (f"http://127.0.0.1:{choose_port(0)}" for _ in range(2))
    (folder / "people.json").write_text(json.dumps([PERSON]))
    client = {"client_id": CLIENT, "redirect_uris": [f"{url}/auth/callback"], "scope": "cps.read"}
    (folder / "clients.json").write_text(json.dumps([client]))
    composed = compose([SubgraphSource("a", "http://127.0.0.1:9/", SDL)])
    assert composed.supergraph is not None
    (folder / "supergraph.graphql").write_text(composed.supergraph)
    processes.start(
        "issuer", "authz.issuer", "--port", issuer.rsplit(":", 1)[1],
        "--people", str(folder / "people.json"), "--clients", str(folder / "clients.json"),
    )  # fmt: skip
    processes.wait_until_healthy([("issuer", f"{issuer}/.well-known/openid-configuration")])
    processes.start(
        "gateway", "gateway", "serve", "--supergraph", str(folder / "supergraph.graphql"), "--workers", "3",
        "--port", url.rsplit(":", 1)[1], "--issuer", issuer, "--data", str(folder / "data"), "--console-client", CLIENT,
    )  # fmt: skip
    processes.wait_until_healthy([("gateway", f"{url}/health")])
    return url


def workers() -> list[int]:
    """The workers of this test's gateway: processes that were spawned below it."""
    parents: dict[int, int] = {}
    lines: dict[int, str] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rsplit(")", 1)[1].split()[1])
            lines[int(stat.parent.name)] = (stat.parent / "cmdline").read_bytes().decode().replace("\0", " ")
        except OSError:
            continue
    ours = {pid for pid, parent in parents.items() if parent == os.getpid()}
    return [pid for pid, parent in parents.items() if parent in ours and "spawn_main" in lines[pid]]


def wait_for_others(than: set[int]) -> None:
    last = time.monotonic() + 20
    while len(workers()) < 3 or than & set(workers()):
        assert time.monotonic() < last, "nobody has taken their place"
        time.sleep(0.1)


async def signed_in(url: str) -> httpx.AsyncClient:
    """A browser that opens a connection for each request, so that any worker may answer it."""
    limits = httpx.Limits(max_keepalive_connections=0)
    browser = httpx.AsyncClient(base_url=url, limits=limits, trust_env=False, timeout=10.0)
    location = (await browser.get("/auth/login")).headers["location"]
    assert (await browser.get(await choose(browser, location))).status_code == 303
    return browser


async def ask(browser: httpx.AsyncClient) -> int:
    answer = await browser.post("/graphql", json={"query": "{ __typename }"}, headers={"cps-console": "1"})
    return answer.status_code


@pytest.mark.skipif(sys.platform != "linux", reason="the workers are found through /proc")
async def test_any_worker_knows_who_is_signed_in_and_so_do_those_that_come_later(tmp_path: Path) -> None:
    with Processes(tmp_path / "run") as processes:
        url = gateway(processes, tmp_path)
        first = workers()
        assert len(first) == 3
        browsers = [await signed_in(url) for _ in range(10)]
        assert [await ask(browser) for browser in browsers for _ in range(5)] == [200] * 50
        for pid in first:
            os.kill(pid, signal.SIGKILL)
        await asyncio.to_thread(wait_for_others, set(first))
        processes.wait_until_healthy([("gateway", f"{url}/health")])
        assert [await ask(browser) for browser in browsers] == [200] * 10
        page = (await browsers[0].get("/console")).text
        assert "<strong>Amina</strong>" in page
        await browsers[0].post("/auth/logout")
        assert [await ask(browser) for browser in browsers[:2]] == [401, 200]
        for browser in browsers:
            await browser.aclose()
