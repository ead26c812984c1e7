"""The index's own shield: its steward alone finds the shielded, and learns of searches that would have found one."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from authz.assertion import AssertionVerifier, Signer, make_key, public_keys
from authz.principal import Principal, Purpose, Role
from resolvers.guard import Guard
from resolvers.serve import application
from resolvers.sources.sql import Database
from subgraphs.index import shield
from subgraphs.index.schema import subgraph

SIGNER_KEY = make_key()
STEWARD = Principal("steward", "https://idp.example", "console", (Role.SHIELD_STEWARD,), "380")
WORKER = Principal("nosy", "https://idp.example", "console", (Role.SOCIAL_WORKER,), "380")
PROBES = "{ shieldProbes(first: 5) { requestId practitioner agency roles purpose childId at } }"


class Index:
    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.signer = Signer("cps", SIGNER_KEY)
        self.sent = 0

    async def ask(self, who: Principal, query: str, **variables: object) -> Any:
        self.sent += 1
        headers = {
            "cps-assertion": self.signer.speaker(who, Purpose.S47).to("index").token,
            "cps-request-id": f"r-{self.sent}",
            "cps-request-attempt": str(self.sent),
        }
        answer = await self.client.post("/graphql", json={"query": query, "variables": variables}, headers=headers)
        assert answer.status_code == 200
        found = answer.json()
        assert "errors" not in found
        return found["data"]


@pytest.fixture
async def index(population: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Index]:
    monkeypatch.setenv(shield.PROBES, str(tmp_path / "probes.sqlite"))
    database = Database(f"sqlite+aiosqlite:///{population / 'index.sqlite'}", tmp_path / "sql.log")
    guard = Guard(AssertionVerifier(public_keys(SIGNER_KEY), "cps", "index"))
    transport = httpx.ASGITransport(app=application(subgraph, database, guard))
    async with httpx.AsyncClient(transport=transport, base_url="http://index") as client:
        yield Index(client)
    await database.close()


@pytest.fixture(scope="module")
def hidden(population: Path) -> dict[str, str]:
    connection = sqlite3.connect(population / "index.sqlite")
    identifier, nhs, surname, born = connection.execute(
        "SELECT id, nhs, surname, dob FROM child WHERE shielded AND nhs = '9990000026'"
    ).fetchone()
    agency, record = connection.execute(
        "SELECT agency, record_id FROM holding WHERE child_id = ? ORDER BY agency", (identifier,)
    ).fetchone()
    connection.close()
    return {"id": identifier, "nhs": nhs, "surname": surname, "born": born, "ref": f"{agency}:{record}"}


async def test_without_a_file_probes_are_kept_while_the_process_runs(
    index: Index, hidden: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(shield.PROBES)
    monkeypatch.setattr(shield, "_opened", {})
    assert await index.ask(WORKER, f'{{ child(nhsNumber: "{hidden["nhs"]}") {{ id }} }}') == {"child": None}
    for _ in range(2):
        found = (await index.ask(STEWARD, PROBES))["shieldProbes"]
        assert [each["childId"] for each in found] == [hidden["id"]]


SEARCHES: tuple[tuple[str, object], ...] = (
    ("{{ child(id: \"{id}\") {{ id }} }}", {"child": None}),
    ("{{ child(nhsNumber: \"{nhs}\") {{ id }} }}", {"child": None}),
    ("{{ child(record: \"{ref}\") {{ id }} }}", {"child": None}),
    ("{{ findChildren(surname: \"{surname}\", dateOfBirth: \"{born}\") {{ id }} }}", {"findChildren": []}),
    ("{{ _entities(representations: [{{__typename: \"Child\", id: \"{id}\"}}]) {{ ... on Child {{ id }} }} }}",
     {"_entities": [None]}),
    ("{{ _entities(representations: [{{__typename: \"Child\", ref: \"{ref}\"}}]) {{ ... on Child {{ id }} }} }}",
     {"_entities": [None]}),
)  # fmt: skip


@pytest.mark.parametrize(("query", "nothing"), SEARCHES)
async def test_whoever_is_not_the_steward_finds_nobody_and_the_steward_is_told(
    index: Index, hidden: dict[str, str], query: str, nothing: object
) -> None:
    assert await index.ask(WORKER, query.format(**hidden)) == nothing
    (probe, *more) = (await index.ask(STEWARD, PROBES))["shieldProbes"]
    assert more == []
    assert probe.pop("at")
    assert probe == {
        "requestId": "r-1",
        "practitioner": "nosy",
        "agency": "380",
        "roles": "social_worker",
        "purpose": "S47",
        "childId": hidden["id"],
    }


@pytest.mark.parametrize(("query", "nothing"), SEARCHES)
async def test_the_steward_finds_them_and_raises_no_alarm(
    index: Index, hidden: dict[str, str], query: str, nothing: object
) -> None:
    found = await index.ask(STEWARD, query.format(**hidden))
    assert found != nothing
    assert hidden["id"] in str(found)
    assert (await index.ask(STEWARD, PROBES))["shieldProbes"] == []


async def test_a_search_for_nobody_raises_no_alarm(index: Index, hidden: dict[str, str]) -> None:
    for query, nothing in SEARCHES:
        known = {**hidden, "id": "A" * 22, "nhs": "9990000999", "ref": "380:999999", "surname": "Nobody"}
        assert await index.ask(WORKER, query.format(**known)) == nothing
    assert (await index.ask(STEWARD, PROBES))["shieldProbes"] == []


async def test_nobody_else_reads_the_probes(index: Index, hidden: dict[str, str]) -> None:
    await index.ask(WORKER, SEARCHES[0][0].format(**hidden))
    assert (await index.ask(STEWARD, PROBES))["shieldProbes"]
    for role in set(Role) - {Role.SHIELD_STEWARD}:
        who = Principal("x", "https://idp.example", "console", (role,), "380")
        assert (await index.ask(who, PROBES))["shieldProbes"] is None


async def test_a_search_runs_the_same_statements_whether_or_not_there_is_somebody(
    index: Index, hidden: dict[str, str], tmp_path: Path
) -> None:
    import json

    async def statements(query: str) -> list[str]:
        before = len((tmp_path / "sql.log").read_text().splitlines())
        await index.ask(WORKER, query)
        return [json.loads(line)["statement"] for line in (tmp_path / "sql.log").read_text().splitlines()[before:]]

    for query, _ in SEARCHES:
        nobody = {**hidden, "id": "A" * 22, "nhs": "9990000999", "ref": "380:999999", "surname": "Nobody"}
        assert await statements(query.format(**hidden)) == await statements(query.format(**nobody))
