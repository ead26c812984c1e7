"""Receipts: what an agency answered is on its own disk before the answer leaves."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from authz.assertion import AssertionVerifier, Signer, make_key, public_keys
from authz.principal import Principal, Purpose, Role
from resolvers.errors import SourceUnavailable
from resolvers.guard import Guard
from resolvers.receipts import FieldReader, Receipt, Receipts, count_objects
from resolvers.serve import application
from resolvers.sources.sql import Database
from subgraphs.police.schema import subgraph

KEY = make_key()
SIGNER = Signer("cps", KEY)
OFFICER = Principal("officer", "https://idp.example", "console", (Role.POLICE,), "13")
QUERY = """query($r: [_Any!]!) {
  _entities(representations: $r) { __typename ... on PoliceRecord { id notices(first: 1) { officer narrative } } }
}"""
BODY = {"query": QUERY, "variables": {"r": [{"__typename": "PoliceRecord", "id": "13:nobody"}]}}


SDL = """
type Query { a: T b: Int @policy(policies: [["case.detail"]]) }
type T { plain: Int protected: Int @policy(policies: [["case.detail"]]) signed: Int @authenticated }
extend type U { other: Int @policy(policies: [["case.detail"]]) }
interface I { shared: Int @policy(policies: [["case.detail"]]) }
"""


def test_only_fields_under_a_policy_are_protected() -> None:
    reader = FieldReader(subgraph.schema._schema, SDL)
    asked = ("I.shared", "Query.a", "Query.b", "T.plain", "T.protected", "T.signed", "U.other", "U.plain")
    assert reader.protected(asked) == ("I.shared", "Query.b", "T.protected", "U.other")
    assert reader.protected(("T.plain",)) == ()


class Agency:
    def __init__(self, folder: Path) -> None:
        (folder / "police.sqlite").touch()
        self.path = folder / "receipts.sqlite"
        self.attempts = 0
        self.receipts = Receipts(self.path)
        guard = Guard(AssertionVerifier(public_keys(KEY), "cps", "police"))
        self.database = Database(f"sqlite+aiosqlite:///{folder / 'police.sqlite'}")
        app = application(subgraph, self.database, guard, self.receipts)
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://police")
        self.token = SIGNER.speaker(OFFICER, Purpose.S47, "g-1").to("police").token

    async def post(self, body: object = BODY, number: str = "r-1") -> httpx.Response:
        return await self.client.post(
            "/graphql", json=body, headers={"cps-assertion": self.token, "cps-request-id": number, **self.attempt()}
        )

    def attempt(self) -> dict[str, str]:
        self.attempts += 1
        return {"cps-request-attempt": str(self.attempts)}

    def kept(self) -> list[dict[str, Any]]:
        with closing(sqlite3.connect(self.path)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute("SELECT * FROM receipt ORDER BY number")]


@pytest.fixture
async def agency(tmp_path: Path) -> AsyncIterator[Agency]:
    made = Agency(tmp_path)
    yield made
    await made.client.aclose()
    await made.database.close()
    made.receipts.close()


async def test_a_receipt_says_who_asked_what_and_how_much_was_given(agency: Agency) -> None:
    assert (await agency.post()).status_code == 200
    (kept,) = agency.kept()
    assert (kept["request_id"], kept["subgraph"], kept["subject"]) == ("r-1", "police", "officer")
    assert (kept["agency"], kept["roles"], kept["purpose"]) == ("13", "police_public_protection", "S47")
    assert kept["break_glass"] == "g-1"
    assert kept["assertion"] == sha256(agency.token.encode()).hexdigest()
    assert kept["fields"].split() == [
        "PoliceNotice.narrative",
        "PoliceNotice.officer",
        "PoliceRecord.id",
        "PoliceRecord.notices",
    ]
    assert "PoliceNotice.narrative" in kept["protected"].split()


async def test_what_is_refused_or_asks_for_the_sdl_leaves_none(agency: Agency) -> None:
    assert (await agency.client.post("/graphql", json=BODY)).status_code == 401
    assert (await agency.client.post("/graphql", json={"query": "{ _service { sdl } }"})).status_code == 200
    assert agency.kept() == []


async def test_without_its_receipt_no_answer_leaves(agency: Agency) -> None:
    agency.receipts.close()
    answer = await agency.post()
    assert answer.status_code == 503
    assert answer.json() == {
        "errors": [{"message": "the agency can't keep its receipt", "extensions": {"code": "RECEIPT_UNAVAILABLE"}}]
    }
    assert agency.kept() == []


async def test_many_at_once_each_have_one(agency: Agency) -> None:
    await asyncio.gather(*(agency.post(number=f"r-{n}") for n in range(30)))
    assert sorted(each["request_id"] for each in agency.kept()) == sorted(f"r-{n}" for n in range(30))


async def test_they_are_appended_only(agency: Agency) -> None:
    await agency.post()
    with closing(sqlite3.connect(agency.path)) as connection:
        for statement in ("DELETE FROM receipt", "UPDATE receipt SET subject = 'nobody'"):
            with pytest.raises(sqlite3.IntegrityError, match="append only"):
                connection.execute(statement)


def test_a_file_that_can_not_be_had_is_said(tmp_path: Path) -> None:
    (tmp_path / "noise").write_bytes(b"noise " * 1_000)
    for path in (tmp_path / "noise", tmp_path):
        with pytest.raises(SourceUnavailable, match="receipts can't be kept in"):
            Receipts(path)


def test_objects_are_counted_without_the_root() -> None:
    assert count_objects(None) == count_objects({}) == 0
    assert count_objects({"_entities": [{"a": {"b": 1}}, None, {"c": [[{}], []]}]}) == 4


async def test_one_without_an_assertion_names_nobody(tmp_path: Path) -> None:
    kept = Receipts(tmp_path / "r.sqlite")
    await kept.append(Receipt("r", 1.0, "police", None, "", (), (), 0, 0))
    kept.close()
    with closing(sqlite3.connect(tmp_path / "r.sqlite")) as connection:
        assert connection.execute("SELECT subject, purpose FROM receipt").fetchone() == ("", None)
