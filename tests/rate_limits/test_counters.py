"""Counters: one place for all that ask, whichever it is; what can't be reached takes nothing."""

from __future__ import annotations

import asyncio
import secrets
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path

import orjson
import pytest

from authz.principal import Role
from gateway.errors import ConfigError, CounterUnavailable
from gateway.frames import frame
from gateway.rate_limits import (
    Counter,
    CounterService,
    LocalCounter,
    PersonLimits,
    RemoteCounter,
    Take,
    read_person_limits,
)
from gateway.rate_limits import remote as remote_module
from tests.execution.test_reference_redis import URL, needs_redis

MINUTE = 60.0


@asynccontextmanager
async def served() -> AsyncIterator[tuple[CounterService, Path]]:
    service = CounterService()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "count.sock"
        server = await asyncio.get_running_loop().create_unix_server(service.connection, str(path))
        try:
            yield service, path
        finally:
            server.close()


@asynccontextmanager
async def counters(kind: str) -> AsyncIterator[tuple[Counter, Counter]]:
    """Those of two workers."""
    if kind == "local":
        one: Counter = LocalCounter()
        yield one, one
    elif kind == "process":
        async with served() as (_, path):
            pair = RemoteCounter(path), RemoteCounter(path)
            yield pair
            for each in pair:
                await each.close()
    else:
        from gateway.rate_limits.redis_counter import RedisCounter

        several = RedisCounter(URL), RedisCounter(URL)
        yield several
        for other in several:
            await other.close()


@pytest.mark.parametrize("kind", ["local", "process", pytest.param("redis", marks=needs_redis)])
async def test_two_workers_count_together(kind: str) -> None:
    key = secrets.token_hex(8)
    async with counters(kind) as (one, other):
        assert await one.take(Take(key, ("x", "y"), 3, MINUTE)) == 0
        assert await other.take(Take(key, ("y", "z"), 3, MINUTE)) == 0
        waits = {
            await one.take(Take(key, ("w",), 3, MINUTE)),
            await other.take(Take(key, ("v", "w"), 3, MINUTE)),
            await one.take(Take(key, (), 3, MINUTE, 2)),
        }
        assert all(59 <= wait <= 60 for wait in waits)
        assert await other.take(Take(key, ("x", "y", "z"), 3, MINUTE)) == 0
        assert await one.take(Take(key, (), 3, MINUTE, 1)) > 0
        assert await one.take(Take(f"{key}-other", ("w",), 3, MINUTE)) == 0
        assert await one.take(Take(key, ("a", "b", "c", "d"), 3, MINUTE)) == 60


@pytest.mark.parametrize("kind", ["local", "process", pytest.param("redis", marks=needs_redis)])
async def test_a_window_slides(kind: str) -> None:
    key = secrets.token_hex(8)
    async with counters(kind) as (one, other):
        assert await one.take(Take(key, ("x",), 1, 0.3)) == 0
        assert await other.take(Take(key, ("y",), 1, 0.3)) == 1
        await asyncio.sleep(0.35)
        assert await other.take(Take(key, ("y",), 1, 0.3)) == 0


async def test_answers_find_who_asked() -> None:
    async with served() as (service, path):
        counter = RemoteCounter(path)
        takes = [Take(f"p{number % 7}", (f"x{number}",), 10, MINUTE) for number in range(100)]
        waits = await asyncio.gather(*map(counter.take, takes))
        assert sum(1 for wait in waits if wait == 0) == 70
        assert service.windows.held == 70
        await counter.close()


async def test_what_can_t_be_reached_takes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CounterUnavailable, match="can't be counted"):
        await RemoteCounter(tmp_path / "none.sock").take(Take("a", ("x",), 1, MINUTE))
    monkeypatch.setattr(remote_module, "ANSWER_SECONDS", 0.1)
    silent = await asyncio.get_running_loop().create_unix_server(asyncio.Protocol, str(tmp_path / "silent.sock"))
    counter = RemoteCounter(tmp_path / "silent.sock")
    with pytest.raises(CounterUnavailable, match="TimeoutError"):
        await counter.take(Take("a", ("x",), 1, MINUTE))
    await counter.close()
    silent.close()


async def test_redis_that_can_t_be_reached_takes_nothing() -> None:
    from gateway.rate_limits.redis_counter import RedisCounter

    counter = RedisCounter("redis://127.0.0.1:1/0")
    with pytest.raises(CounterUnavailable, match="can't be counted"):
        await counter.take(Take("a", ("x",), 1, MINUTE))
    await counter.close()
    with pytest.raises(ConfigError, match="redis://HOST:PORT/DB"):
        RedisCounter("file:///secret@nowhere")


async def test_a_connection_that_ended_is_made_anew() -> None:
    async with served() as (_, path):
        counter = RemoteCounter(path)
        assert await counter.take(Take("a", ("x",), 1, MINUTE)) == 0
        connection = counter._connection
        assert connection is not None
        connection.close()
        await asyncio.sleep(0.01)
        assert await counter.take(Take("a", ("y",), 1, MINUTE)) > 0
        await counter.close()


async def test_what_is_no_request_ends_the_connection_and_no_other() -> None:
    async with served() as (_, path):
        counter = RemoteCounter(path)
        assert await counter.take(Take("a", ("x",), 1, MINUTE)) == 0
        for wrong in (b"no json", orjson.dumps([1, 2]), orjson.dumps({"a": 1})):
            reader, writer = await asyncio.open_unix_connection(str(path))
            writer.write(frame(wrong))
            assert await asyncio.wait_for(reader.read(), 2) == b""
            writer.close()
        assert await counter.take(Take("a", ("y",), 1, MINUTE)) > 0
        await counter.close()


def test_the_limits_are_the_partnership_s_unless_a_file_says_otherwise(tmp_path: Path) -> None:
    usual = PersonLimits()
    assert (usual.children((Role.POLICE,)), usual.children((Role.POLICE, Role.MASH))) == (30, 120)
    assert (usual.claims((Role.POLICE,)), usual.claims((Role.MASH,)), usual.searches_a_minute) == (20, 60, 20)
    path = tmp_path / "limits.json"
    path.write_bytes(orjson.dumps({"children_an_hour": 5, "front_door_claims_a_day": 0}))
    read = read_person_limits(path)
    assert (read.children((Role.POLICE,)), read.claims((Role.MASH,)), read.searches_a_minute) == (5, 0, 20)


def test_a_file_may_name_every_limit(tmp_path: Path) -> None:
    path = tmp_path / "limits.json"
    path.write_bytes(orjson.dumps(asdict(PersonLimits())))
    assert read_person_limits(path) == PersonLimits()


def test_what_redis_needs_is_said_where_it_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    from gateway.rate_limits.redis_counter import RedisCounter

    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(ConfigError, match=r"child-protection-gateway\[redis\]"):
        RedisCounter("redis://127.0.0.1:6379/0")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "a JSON object of"),
        ('{"children": 3}', "a JSON object of children_an_hour"),
        ('{"claims_a_day": -1}', "`claims_a_day` is a whole number"),
        ('{"claims_a_day": true}', "`claims_a_day` is a whole number"),
        ('{"claims_a_day": "3"}', "`claims_a_day` is a whole number"),
        ("{", "can't be read: JSONDecodeError"),
    ],
)
def test_a_file_of_limits_that_is_wrong_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "limits.json"
    path.write_text(text)
    with pytest.raises(ConfigError, match=said):
        read_person_limits(path)
