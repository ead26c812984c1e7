"""What is kept of sessions: how many, how long, what goes first, and that nobody reads it who has only the file."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from gateway.audit.database import Where
from gateway.audit.store import Store
from gateway.console.sessions import AT_ONCE, Session, SessionStore
from tests.console.browser import Clock
from tests.resolvers.postgres import postgres


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["sqlite", "postgresql"])
async def where(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Where]:
    if request.param == "sqlite":
        yield tmp_path / "console.sqlite"
        return
    async with postgres(lambda _: None) as made:
        url = make_url(made).set(drivername="postgresql").render_as_string(hide_password=False)
        Store(url).close()  # the log's tables, of which these are
        yield url


@pytest.fixture
def store(where: Where, clock: Clock) -> SessionStore:
    return made(where, clock)


def made(where: Where, clock: Clock, kind: str = "session") -> SessionStore:
    return SessionStore(where, kind, entries=3, idle_seconds=10, absolute_seconds=25, clock=clock)


def whole(folder: Path) -> bytes:
    return b"".join(each.read_bytes() for each in folder.iterdir())


def of(value: str) -> dict[str, object]:
    return {"value": value}


async def test_ids_are_random_and_long(store: SessionStore) -> None:
    ids = {await store.open(of("x")) for _ in range(3)}
    assert len(ids) == 3
    assert all(len(each) == 43 for each in ids)  # 256 bits in base64url


async def test_the_least_recently_used_goes_first(store: SessionStore, clock: Clock) -> None:
    first, second, third = [await store.open(of(each)) for each in "123"]
    clock.now += 1
    assert await store.get(first) == of("1")
    clock.now += 1
    assert await store.get(third) == of("3")
    fourth = await store.open(of("4"))
    assert store.count() == 3
    assert [await store.get(each) for each in (first, second, third, fourth)] == [of("1"), None, of("3"), of("4")]


async def test_strangers_take_few_threads(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    started, sessions = made(tmp_path / "console.sqlite", clock, "started"), made(tmp_path / "console.sqlite", clock)
    at_once: list[int] = []
    working = 0

    def slowly(*_: object) -> str:
        nonlocal working
        working += 1
        at_once.append(working)
        time.sleep(0.05)
        working -= 1
        return "id"

    key = await sessions.open(of("x"))
    monkeypatch.setattr(started, "_open", slowly)
    strangers = [asyncio.ensure_future(started.open(of("y"))) for _ in range(20)]
    await asyncio.sleep(0)
    assert await sessions.get(key) == of("x")
    assert not all(task.done() for task in strangers), "nobody waited for all of them"
    await asyncio.gather(*strangers)
    assert max(at_once) <= AT_ONCE


async def test_kinds_are_kept_apart(where: Where, clock: Clock) -> None:
    sessions, started = made(where, clock), made(where, clock, "started")
    one = await sessions.open(of("x"))
    for _ in range(5):
        await started.open(of("y"))
    assert await sessions.get(one) == of("x")
    assert await started.get(one) is None
    assert (sessions.count(), started.count()) == (1, 3)


async def test_another_worker_has_the_same_and_one_of_them_ends_it(where: Where, clock: Clock) -> None:
    one, other = made(where, clock), made(where, clock)
    key = await one.open(of("x"))
    assert await other.get(key) == of("x")
    assert [await other.close(key), await one.close(key), await one.get(key)] == [of("x"), None, None]


async def test_idle_time_starts_again_with_each_use(store: SessionStore, clock: Clock) -> None:
    key = await store.open(of("x"))
    for _ in range(2):
        clock.now += 9
        assert await store.get(key) == of("x")
    clock.now += 10
    assert await store.get(key) is None


async def test_the_absolute_time_does_not(store: SessionStore, clock: Clock) -> None:
    key = await store.open(of("x"))
    for _ in range(4):
        clock.now += 6
        assert await store.get(key) == of("x")
    clock.now += 1
    assert await store.get(key) is None


async def test_a_value_may_have_less_time_but_never_more(store: SessionStore, clock: Clock) -> None:
    short, long, none = [await store.open(of("x"), seconds) for seconds in (5, 9999, 0)]
    assert await store.get(none) is None
    clock.now += 5
    assert await store.get(short) is None
    for _ in range(3):
        assert await store.get(long) == of("x")
        clock.now += 7
    assert await store.get(long) is None


async def test_what_is_over_is_forgotten_when_others_come(store: SessionStore, clock: Clock) -> None:
    await store.open(of("1"))
    await store.open(of("2"))
    clock.now += 10
    await store.open(of("3"))
    assert store.count() == 1


async def test_what_is_over_is_not_given_to_who_ends_it(store: SessionStore, clock: Clock) -> None:
    late = await store.open(of("y"))
    clock.now += 10
    assert await store.close(late) is None
    assert store.count() == 0


async def test_whoever_reads_the_file_has_neither_ids_nor_tokens(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "console.sqlite"
    store = made(path, clock)
    session = Session("amina", "Amina Hussain", ("social_worker",), "380", "eyJ.token")
    key = await store.open(session.as_json())
    other = await store.open(of("other"))
    assert path.stat().st_mode & 0o777 == 0o600
    content = whole(tmp_path)
    for known in (key, "amina", "Amina", "eyJ", "social_worker"):
        assert known.encode() not in content
    with sqlite3.connect(path) as connection:  # what is sealed for one is no other's
        connection.execute("UPDATE console_session SET sealed = (SELECT max(sealed) FROM console_session)")
    connection.close()
    assert [await store.get(key), await store.get(other)].count(None) == 1
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE console_session SET sealed = 'x'")
    connection.close()
    assert [await store.get(key), await store.get(other)] == [None, None]


def test_a_session_comes_back_as_it_was() -> None:
    session = Session("amina", "Amina", ("social_worker",), None, "token")
    assert Session.of_json(session.as_json() | {"roles": ["social_worker"]}) == session
    with pytest.raises(TypeError, match="no session"):
        Session.of_json(session.as_json() | {"roles": "social_worker"})
