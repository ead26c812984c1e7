"""A subgraph answers its gateway, and nobody else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from authz.assertion import LEEWAY, SECONDS, AssertionVerifier, Signer, make_key, public_keys
from authz.principal import Principal, Purpose, Role
from resolvers import guard
from resolvers.errors import SourceUnavailable, Withheld
from resolvers.guard import Guard, SeenAttempts
from resolvers.serve import application
from resolvers.sources.sql import Database
from subgraphs.police.schema import subgraph

KEY = make_key()
SIGNER = Signer("cps", KEY)
OFFICER = Principal("officer", "https://idp.example", "console", (Role.POLICE,), "13")
QUERY = "query($r: [_Any!]!) { _entities(representations: $r) { ... on PoliceRecord { id } } }"
BODY = {"query": QUERY, "variables": {"r": [{"__typename": "PoliceRecord", "id": "13:nobody"}]}}


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    (tmp_path / "police.sqlite").touch()
    checking = Guard(AssertionVerifier(public_keys(KEY), "cps", "13"))
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'police.sqlite'}")
    transport = httpx.ASGITransport(app=application(subgraph, database, checking))
    async with httpx.AsyncClient(transport=transport, base_url="http://police") as made:
        yield made
    await database.close()


def headers(audience: str = "13", **more: str) -> dict[str, str]:
    token = SIGNER.speaker(OFFICER, Purpose.S47).to(audience).token
    return {"cps-assertion": token, "cps-request-id": "r-1", "cps-request-attempt": "1", **more}


async def test_without_an_assertion_nothing_is_answered(client: httpx.AsyncClient) -> None:
    for sent in ({}, {"cps-request-id": "r-1"}, {"authorization": f"Bearer {headers()['cps-assertion']}"}):
        answer = await client.post("/graphql", json=BODY, headers=sent)
        assert answer.status_code == 401
        assert answer.json() == {
            "errors": [
                {
                    "message": "a subgraph answers the gateway only: no assertion came",
                    "extensions": {"code": "UNAUTHENTICATED"},
                }
            ]
        }


async def test_another_agency_s_assertion_is_refused(client: httpx.AsyncClient) -> None:
    assert (await client.post("/graphql", json=BODY, headers=headers("380"))).status_code == 401
    forged = Signer("cps", make_key()).speaker(OFFICER, Purpose.S47).to("13").token
    answer = await client.post("/graphql", json=BODY, headers={"cps-assertion": forged, "cps-request-id": "r-1"})
    assert answer.status_code == 401


@pytest.mark.parametrize("identifier", ["", "x" * 129, "a b", "a\tb"])
async def test_without_the_request_s_id_nothing_is_answered(client: httpx.AsyncClient, identifier: str) -> None:
    answer = await client.post("/graphql", json=BODY, headers=headers(**{"cps-request-id": identifier}))
    assert answer.status_code == 400


@pytest.mark.parametrize("attempt", ["", "x", "-1", "1.5", "9" * 16])
async def test_without_the_attempt_nothing_is_answered(client: httpx.AsyncClient, attempt: str) -> None:
    answer = await client.post("/graphql", json=BODY, headers=headers(**{"cps-request-attempt": attempt}))
    assert answer.status_code == 400


async def test_what_has_come_before_is_refused(client: httpx.AsyncClient) -> None:
    assert (await client.post("/graphql", json=BODY, headers=headers())).status_code == 200
    again = await client.post("/graphql", json=BODY, headers=headers())
    assert (again.status_code, again.json()["errors"][0]["extensions"]["code"]) == (409, "REPLAYED")
    for other in ({"cps-request-attempt": "2"}, {"cps-request-id": "r-2"}):
        assert (await client.post("/graphql", json=BODY, headers=headers(**other))).status_code == 200


def test_an_attempt_is_remembered_for_as_long_as_its_assertion_is_good(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000.0
    seen = SeenAttempts(lambda: now)
    assert seen.is_new("r-1", "1")
    now += SECONDS + LEEWAY
    assert not seen.is_new("r-1", "1")
    now += LEEWAY
    assert seen.is_new("r-1", "1")
    monkeypatch.setattr(guard, "MAX_SEEN", 2)
    assert seen.is_new("r-1", "2")
    assert not seen.is_new("r-1", "3"), "what can't be remembered is not answered"
    now += SECONDS + 2 * LEEWAY
    assert seen.is_new("r-1", "3")


async def test_the_gateway_is_answered(client: httpx.AsyncClient) -> None:
    answer = await client.post("/graphql", json=BODY, headers=headers())
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("{ _service { sdl } }", 200),
        ("query { _service { sdl } }", 200),
        ("{ _service { sdl } __typename }", 401),
        ("{ a: _service { sdl } }", 401),
        ("{ _service { sdl } } # { _entities }", 401),
        ("{ __schema { types { name } } }", 401),
    ],
)
async def test_what_the_schema_is_may_be_asked_and_no_more(client: httpx.AsyncClient, query: str, status: int) -> None:
    assert (await client.post("/graphql", json={"query": query})).status_code == status


def test_keys_that_are_none_are_said(tmp_path: Path) -> None:
    for content in ("", "[]", '{"keys": 5}'):
        (tmp_path / "keys.json").write_text(content)
        with pytest.raises(SourceUnavailable, match="the gateway's keys can't be used"):
            Guard.of_file(tmp_path / "keys.json", "cps", "police")
    with pytest.raises(SourceUnavailable, match="the gateway's keys can't be used: FileNotFoundError"):
        Guard.of_file(tmp_path / "none.json", "cps", "police")


def test_an_agency_s_last_word_says_nothing_of_what_it_keeps_back() -> None:
    assert Withheld("COURT_ORDER").extensions == {"code": "WITHHELD", "reason": "COURT_ORDER"}
    assert str(Withheld()) == "the agency withholds this"
