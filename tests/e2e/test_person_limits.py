"""Two workers of a gateway: they count one person's searches together, and see a claim at the next request."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from gateway.cli.demo.network import sign_in
from gateway.cli.demo.people import CHILD_A, CLAIM, PRACTITIONERS, WHY
from gateway.cli.demo.processes import choose_port
from gateway.cli.serve import ASSERTION_KEY
from tests.e2e.conftest import Running

PEOPLE = {person.subject: person for person in PRACTITIONERS}
SEARCH = "query($nhs: String!) { child(nhsNumber: $nhs) { id police { notices(first: 1) { officer } } } }"


class Gateway:
    def __init__(self, url: str, data: Path, running: Running, process: subprocess.Popen[bytes]) -> None:
        self.url = url
        self._process = process
        self.data = data
        self._running = running
        self._tokens: dict[str, str] = {}

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(20)

    def ask(self, subject: str, query: str, **variables: str) -> httpx.Response:
        """One request, over a connection of its own: any of the workers answers it."""
        person = PEOPLE[subject]
        token = self._tokens.setdefault(subject, sign_in(self._running.network, person))
        headers = {"authorization": f"Bearer {token}", "cps-purpose": person.purpose}
        body = {"query": query, "variables": variables}
        return httpx.post(f"{self.url}/graphql", json=body, headers=headers, timeout=15.0)


@pytest.fixture(scope="module")
def gateway(running: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    data = tmp_path_factory.mktemp("limited")
    shutil.copy(running.data / ASSERTION_KEY, data / ASSERTION_KEY)
    (data / "limits.json").write_text(json.dumps({"searches_a_minute": 8, "children_an_hour": 5}))
    port = choose_port(0)
    command = [
        sys.executable, "-m", "gateway", "serve", "--subgraphs", str(running.data / "run" / "subgraphs.json"),
        "--port", str(port), "--workers", "2", "--issuer", running.network.issuer, "--data", str(data),
        "--person-limits", str(data / "limits.json"), "--accept-sdls",
    ]  # fmt: skip
    process = subprocess.Popen(command)
    served = Gateway(f"http://127.0.0.1:{port}", data, running, process)
    try:
        for _ in range(200):
            try:
                httpx.get(f"{served.url}/health").raise_for_status()
                break
            except httpx.HTTPError:
                time.sleep(0.1)
        yield served
    finally:
        served.stop()


def test_searches_are_counted_together_and_refused_by_429(gateway: Gateway) -> None:
    answers = [gateway.ask("police-2", SEARCH, nhs=f"99900{number:05}") for number in range(20)]
    assert [answer.status_code for answer in answers] == [200] * 8 + [429] * 12
    refused = answers[-1]
    assert refused.json()["errors"][0]["extensions"]["code"] == "TOO_MANY_SEARCHES"
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert "retry-after" not in answers[0].headers
    assert gateway.ask("police-2", SEARCH, nhs="9990000000").status_code == 200  # one that was counted already
    assert gateway.ask("sw-1", SEARCH, nhs=CHILD_A).status_code == 200


def test_a_claim_counts_at_the_next_request_whichever_worker_answers(gateway: Gateway) -> None:
    def officers() -> list[str | None]:
        found = gateway.ask("mash-1", SEARCH, nhs=CHILD_A).json()["data"]["child"]
        return [notice["officer"] for record in found["police"] for notice in record["notices"] or ()]

    child = gateway.ask("mash-1", SEARCH, nhs=CHILD_A).json()["data"]["child"]["id"]
    assert not any(officers())
    made = gateway.ask("mash-1", CLAIM, child=child, reason=WHY)
    assert made.json()["data"]["claimRelationship"]["id"]
    for _ in range(12):
        assert any(officers())


def test_what_was_refused_is_added_up_in_the_log(gateway: Gateway) -> None:
    """Once a minute, and when the gateway ends."""
    gateway.stop()
    with closing(sqlite3.connect(f"file:{gateway.data / 'audit.sqlite'}?mode=ro", uri=True)) as log:
        refused = log.execute("SELECT count(*) FROM entry WHERE outcome = 'REFUSED'").fetchone()
        assert refused == (0,)
        entries = [json.loads(body) for (body,) in log.execute("SELECT body FROM entry WHERE outcome = 'LIMITED'")]
    assert 1 <= len(entries) <= 2  # one of each worker that refused any
    assert {(entry["subject"], entry["agency"]) for entry in entries} == {("police-2", "13")}
    assert sum(int(text.split(" x ")[0]) for entry in entries for text in entry["errors"]) == 12
