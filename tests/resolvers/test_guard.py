"""A subgraph answers its gateway, and nobody else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from authz.assertion import AssertionVerifier, Signer, make_key, public_keys
from authz.principal import Principal, Purpose, Role
from resolvers.errors import SourceUnavailable, Withheld
from resolvers.guard import Guard
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
    guard = Guard(AssertionVerifier(public_keys(KEY), "cps", "police"))
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'police.sqlite'}")
    transport = httpx.ASGITransport(app=application(subgraph, database, guard))
    async with httpx.AsyncClient(transport=transport, base_url="http://police") as made:
        yield made
    await database.close()


def headers(audience: str = "police", **more: str) -> dict[str, str]:
    return {"cps-assertion": SIGNER.speaker(OFFICER, Purpose.S47).to(audience).token, "cps-request-id": "r-1", **more}


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
    assert (await client.post("/graphql", json=BODY, headers=headers("social_care"))).status_code == 401
    forged = Signer("cps", make_key()).speaker(OFFICER, Purpose.S47).to("police").token
    answer = await client.post("/graphql", json=BODY, headers={"cps-assertion": forged, "cps-request-id": "r-1"})
    assert answer.status_code == 401


@pytest.mark.parametrize("identifier", ["", "x" * 129, "a b", "a\tb"])
async def test_without_the_request_s_id_nothing_is_answered(client: httpx.AsyncClient, identifier: str) -> None:
    answer = await client.post("/graphql", json=BODY, headers=headers(**{"cps-request-id": identifier}))
    assert answer.status_code == 400


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
        with pytest.raises(SourceUnavailable):
            Guard.of_file(tmp_path / "keys.json", "cps", "police")
    with pytest.raises(SourceUnavailable):
        Guard.of_file(tmp_path / "none.json", "cps", "police")


def test_an_agency_s_last_word_says_nothing_of_what_it_keeps_back() -> None:
    assert Withheld("COURT_ORDER").extensions == {"code": "WITHHELD", "reason": "COURT_ORDER"}
    assert str(Withheld()) == "the agency withholds this"
