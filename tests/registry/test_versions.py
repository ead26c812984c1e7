"""The table of SDL versions, in SQLite and in PostgreSQL, and which version is served."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from gateway.config import SubgraphConfig
from gateway.errors import ConfigError
from gateway.registry import SdlVersions, State, pinned_sources
from tests.resolvers.postgres import postgres
from tests.transport.agency import agency, answering

FIRST = "type Query { a: Int }"
SECOND = "type Query { a: Int b: Int }"
REPRINTED = '"Read."\ntype Query {\n  "One."\n  a: Int\n}\n'


@pytest.fixture(params=["sqlite", "postgresql"])
async def versions(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SdlVersions]:
    if request.param == "sqlite":
        yield SdlVersions(tmp_path / "registry.sqlite")
        return
    async with postgres(lambda _: None) as made:
        yield SdlVersions(make_url(made).set(drivername="postgresql").render_as_string(hide_password=False))


async def test_a_version_waits_is_approved_and_is_replaced(versions: SdlVersions) -> None:
    first = versions.offer("police", FIRST)
    assert (first.state, first.decided_by) == (State.PENDING, None)
    assert versions.approved("police") is None
    assert versions.approve("police", first.hash, "somebody").decided_by == "somebody"
    second = versions.offer("police", SECOND)
    assert second.state is State.PENDING
    assert [each.hash for each in versions.pending()] == [second.hash]
    served = versions.approved("police")
    assert served is not None
    assert served.sdl == FIRST
    versions.approve("police", second.hash, "another")
    served = versions.approved("police")
    assert served is not None
    assert (served.sdl, served.decided_by) == (SECOND, "another")
    assert versions.pending() == []


async def test_what_was_replaced_waits_again_when_it_comes_back(versions: SdlVersions) -> None:
    first = versions.offer("police", FIRST)
    versions.approve("police", first.hash, "somebody")
    versions.approve("police", versions.offer("police", SECOND).hash, "somebody")
    assert versions.offer("police", FIRST).state is State.PENDING


async def test_what_was_refused_stays_refused(versions: SdlVersions) -> None:
    first = versions.offer("police", FIRST)
    versions.refuse("police", first.hash, "somebody")
    assert versions.offer("police", FIRST).state is State.REFUSED
    assert versions.approved("police") is None


async def test_the_same_schema_printed_otherwise_is_no_new_version(versions: SdlVersions) -> None:
    first = versions.offer("police", FIRST)
    versions.approve("police", first.hash, "somebody")
    assert versions.offer("police", REPRINTED).state is State.APPROVED


async def test_one_subgraph_s_version_is_not_another_s(versions: SdlVersions) -> None:
    first = versions.offer("police", FIRST)
    versions.approve("police", first.hash, "somebody")
    assert versions.offer("acute", FIRST).state is State.PENDING
    assert [each.subgraph for each in versions.pending("acute")] == ["acute"]
    assert versions.pending("police") == []


async def test_a_version_that_was_never_published_is_not_approved(versions: SdlVersions) -> None:
    with pytest.raises(ConfigError, match="has published no SDL"):
        versions.approve("police", "0" * 64, "somebody")


async def test_who_publishes_without_end_does_not_fill_the_disk(versions: SdlVersions) -> None:
    for number in range(30):
        versions.offer("police", f"type Query {{ a{number}: Int }}")
    assert len(versions.pending("police")) == 20


def test_a_database_that_can_not_be_used_is_said(tmp_path: Path) -> None:
    (tmp_path / "registry.sqlite").write_text("not a database, but long enough to be read as one" * 100)
    with pytest.raises(ConfigError, match="the registry of SDLs can't be used"):
        SdlVersions(tmp_path / "registry.sqlite").pending()


def test_the_file_is_its_owner_s_alone(tmp_path: Path) -> None:
    os.umask(0o022)
    SdlVersions(tmp_path / "registry.sqlite").offer("police", FIRST)
    assert {each.stat().st_mode & 0o077 for each in tmp_path.iterdir()} == {0}


def http(sdl: str) -> bytes:
    body = b'{"data": {"_service": {"sdl": "%b"}}}' % sdl.replace('"', '\\"').replace("\n", "\\n").encode()
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)


GONE = "http://127.0.0.1:1/"


async def test_what_is_not_approved_is_not_served_and_is_named(tmp_path: Path) -> None:
    versions = SdlVersions(tmp_path / "registry.sqlite")
    given = SubgraphConfig("index", "", FIRST)
    async with agency(answering(http(FIRST))) as there:
        police = SubgraphConfig("police", f"http://127.0.0.1:{there.port}/")
        found = await pinned_sources([given, police], versions, accept=False)
        assert [source.name for source in found.sources] == ["index"]
        assert found.unapproved == ("police",)
        versions.approve("police", versions.pending("police")[0].hash, "somebody")
        found = await pinned_sources([given, police], versions, accept=False)
        assert [(source.name, source.sdl) for source in found.sources] == [("index", FIRST), ("police", FIRST)]
        assert found.unapproved == ()
    async with agency(answering(http(SECOND))) as there:
        police = SubgraphConfig("police", f"http://127.0.0.1:{there.port}/")
        found = await pinned_sources([police], versions, accept=False)
        assert [(source.name, source.sdl) for source in found.sources] == [("police", FIRST)]
        assert found.unapproved == ("police",)
        found = await pinned_sources([police], versions, accept=True)
        assert [(source.name, source.sdl) for source in found.sources] == [("police", SECOND)]
        assert found.unapproved == ()


def test_the_words_of_a_version_s_state_are_those_of_the_table() -> None:
    assert {state.value for state in State} == {state.name for state in State}
    assert {state.value for state in State} == {"PENDING", "APPROVED", "REPLACED", "REFUSED"}


async def test_what_was_refused_does_not_wait_and_is_named_as_refused(tmp_path: Path) -> None:
    versions = SdlVersions(tmp_path / "registry.sqlite")
    versions.approve("police", versions.offer("police", FIRST).hash, "somebody")
    async with agency(answering(http(SECOND))) as there:
        police = SubgraphConfig("police", f"http://127.0.0.1:{there.port}/")
        await pinned_sources([police], versions, accept=False)
        versions.refuse("police", versions.pending("police")[0].hash, "somebody")
        found = await pinned_sources([police], versions, accept=False)
        assert [source.sdl for source in found.sources] == [FIRST]
        assert (found.unapproved, found.refused) == ((), ("police",))
        assert versions.pending("police") == []


async def test_an_agency_that_is_down_is_served_by_what_was_approved(tmp_path: Path) -> None:
    versions = SdlVersions(tmp_path / "registry.sqlite")
    with pytest.raises(ConfigError, match="no SDL came from `police`: nothing answers there"):
        await pinned_sources([SubgraphConfig("police", GONE)], versions, accept=True)
    versions.approve("police", versions.offer("police", FIRST).hash, "somebody")
    found = await pinned_sources([SubgraphConfig("police", GONE)], versions, accept=False)
    assert [(source.name, source.sdl) for source in found.sources] == [("police", FIRST)]
    assert found.unreachable == ("police",)


async def test_where_nothing_is_approved_it_is_said_how(tmp_path: Path) -> None:
    async with agency(answering(http(FIRST))) as there:
        police = SubgraphConfig("police", f"http://127.0.0.1:{there.port}/")
        with pytest.raises(ConfigError, match="no SDL is approved: `police` wait for `cps approve`"):
            await pinned_sources([police], SdlVersions(tmp_path / "registry.sqlite"), accept=False)


async def test_an_sdl_is_downloaded_with_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with agency(answering(http(FIRST))) as there:
        police = SubgraphConfig("police", f"http://127.0.0.1:{there.port}/", credentials="CPS_TEST_CREDENTIALS")
        with pytest.raises(ConfigError, match="`police`: the environment has no `CPS_TEST_CREDENTIALS`"):
            await pinned_sources([police], SdlVersions(tmp_path / "registry.sqlite"), accept=True)
        monkeypatch.setenv("CPS_TEST_CREDENTIALS", "Bearer abc")
        await pinned_sources([police], SdlVersions(tmp_path / "registry.sqlite"), accept=True)
        assert "authorization: Bearer abc" in there.heads[0].decode()
