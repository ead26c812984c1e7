"""Releases that were withdrawn or are known to be weak are named; and what could not be learnt is said."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import httpx
import pytest

from tests.supply import advisories
from tests.supply.__main__ import said
from tests.supply.advisories import Finding, Looked, accepted, look, pinned

PAGES: dict[str, Any] = {
    "/simple/good/": {
        "files": [
            {"filename": "good-1.0.tar.gz", "yanked": "an older one"},
            {"filename": "good-2.0-py3-none-any.whl", "yanked": False},
            {"filename": "good-2.0.tar.gz", "yanked": "only the sources"},
            {"filename": "good-2.0.exe"},
        ]
    },
    "/pypi/good/2.0/json": {"vulnerabilities": []},
    "/simple/bad/": {"files": [{"filename": "bad-1.0.tar.gz", "yanked": "it loses data"}]},
    "/pypi/bad/1.0/json": {
        "vulnerabilities": [
            {"id": "PYSEC-1", "summary": "it tells", "fixed_in": ["1.1"], "withdrawn": None},
            {"id": "PYSEC-2", "summary": "it does not", "fixed_in": [], "withdrawn": "2026-01-01"},
            {"id": "PYSEC-3", "fixed_in": []},
        ]
    },
    "/simple/gone/": {"files": [{"filename": "gone-1.0.tar.gz"}]},
}


async def looked(pins: dict[str, str], *known: str) -> Looked:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/simple/broken/":
            return httpx.Response(200, text="<html>")
        if request.url.path.startswith("/pypi/broken"):
            raise httpx.ConnectError("no way")
        page = PAGES.get(request.url.path)
        return httpx.Response(404) if page is None else httpx.Response(200, json=page)

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="https://index.example") as client:
        return await look(client, pins, frozenset(known))


async def test_nothing_is_known_against_most() -> None:
    assert await looked({"good": "2.0"}) == ([], [], [])


async def test_withdrawn_and_weak_releases_are_named() -> None:
    found = await looked({"bad": "1.0", "good": "2.0"})
    assert found.findings == [
        Finding("bad", "1.0", "yanked", "it loses data"),
        Finding("bad", "1.0", "PYSEC-1", "it tells (fixed in 1.1)"),
        Finding("bad", "1.0", "PYSEC-3", "no summary (fixed in no release yet)"),
    ]
    assert [each.id for each in (await looked({"bad": "1.0"}, "PYSEC-1", "PYSEC-3")).findings] == ["yanked"]


async def test_what_could_not_be_learnt_is_said() -> None:
    found = await looked({"gone": "2.0", "broken": "1.0", "nowhere": "1.0"})
    assert found.findings == []
    assert sorted(found.no_releases) == sorted(found.no_advisories) == ["broken", "gone", "nowhere"]
    assert said(found, 3) == (
        "3 releases: 0 findings; withdrawals of 3 could not be learnt from this index;"
        " advisories of 3 could not be learnt from this index"
    )


async def test_an_index_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(advisories, "SECONDS", 0.05)

    async def never(_: httpx.Request) -> httpx.Response:
        await asyncio.sleep(30)
        return httpx.Response(404)

    async with httpx.AsyncClient(transport=httpx.MockTransport(never), base_url="https://index.example") as client:
        found = await look(client, {"good": "2.0", "bad": "1.0"})
    assert (found.findings, found.no_advisories) == ([], ["bad", "good"])


def test_an_advisory_is_accepted_for_a_time_and_a_reason() -> None:
    text = "# why\n\nPYSEC-1 2026-12-31 not called here\nPYSEC-2 2026-11-30 the same\n"
    assert accepted(text, dt.date(2026, 12, 1)) == {"PYSEC-1"}
    with pytest.raises(ValueError, match="no line of"):
        accepted("PYSEC-1 2026-12-31", dt.date(2026, 12, 1))
    with pytest.raises(ValueError, match="Invalid isoformat"):
        accepted("PYSEC-1 always no reason", dt.date(2026, 12, 1))


def test_all_locks_are_looked_at() -> None:
    found = pinned()
    assert {"graphql-core", "pytest", "hatchling"} <= found.keys()
