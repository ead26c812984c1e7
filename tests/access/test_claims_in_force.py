"""Claims are read afresh for each request, whichever process took or ended them."""

from __future__ import annotations

import asyncio
import datetime as dt
import sqlite3
import sys
from pathlib import Path

import pytest

from authz.principal import Principal, Purpose
from gateway.access import ClaimsInForce, ClaimStore, claims, claims_in_force
from gateway.audit.database import Failure
from tests.access.partnership import somebody

WORKER = somebody("social_worker", "380", subject="worker")
OTHER_PROCESS = """
import sys
from pathlib import Path
from authz.principal import Purpose
from gateway.access import ClaimStore
from tests.access.partnership import somebody
store = ClaimStore(Path(sys.argv[1]))
who = somebody("social_worker", "380", subject="worker")
made = store.add(who, Purpose.S47, sys.argv[2], "a reason", (), "audit", 20)
if sys.argv[3] == "suspend":
    store.suspend(made, "guardian", "no reason")
"""


def add(store: ClaimStore, child: str, who: Principal = WORKER, purpose: Purpose = Purpose.S47) -> claims.Claim:
    return store.add(who, purpose, child, "a reason", (), "audit", 20)


async def elsewhere(path: Path, *given: str) -> None:
    """Change claims in another process."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", OTHER_PROCESS, str(path), *given)
    assert await process.wait() == 0


def moved_away(folder: Path) -> None:
    for each in folder.glob("access.*"):
        each.rename(folder / f"old-{each.name}")


async def test_what_another_connection_changes_is_seen_by_the_next_request(tmp_path: Path) -> None:
    store = ClaimStore(tmp_path / "access.sqlite")
    workers = [ClaimsInForce(store), ClaimsInForce(store)]
    for worker in workers:
        assert await worker.of(WORKER, Purpose.S47) == frozenset()
    for number in range(5):
        made = add(store, f"c{number}")
        for worker in workers:
            assert len(await worker.of(WORKER, Purpose.S47)) == number + 1
            assert await worker.of(WORKER, Purpose.CIN) == frozenset()
            assert await worker.of(WORKER, None) == frozenset()
            assert await worker.of(somebody("social_worker", "380", subject="another"), Purpose.S47) == frozenset()
    store.suspend(made, "guardian", "no reason")
    for worker in workers:
        assert await worker.of(WORKER, Purpose.S47) == frozenset()
    assert store.restore(made, "guardian")
    for worker in workers:
        assert len(await worker.of(WORKER, Purpose.S47)) == 5
        worker.close()


async def test_what_another_process_changes_is_seen_too(tmp_path: Path) -> None:
    path = tmp_path / "access.sqlite"
    here = ClaimsInForce(ClaimStore(path))
    assert await here.of(WORKER, Purpose.S47) == frozenset()
    await elsewhere(path, "a", "claim")
    assert await here.of(WORKER, Purpose.S47) == {"a"}
    await elsewhere(path, "b", "suspend")
    assert await here.of(WORKER, Purpose.S47) == frozenset()
    here.close()


async def test_nothing_is_read_while_nothing_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = ClaimStore(tmp_path / "access.sqlite")
    add(store, "a")
    here = ClaimsInForce(store)
    await here.of(WORKER, Purpose.S47)
    read = []
    whole = store.in_force

    def counted() -> list[claims.Claim]:
        read.append(1)
        return whole()

    monkeypatch.setattr(store, "in_force", counted)
    for _ in range(20):
        assert await here.of(WORKER, Purpose.S47) == {"a"}
    assert read == []
    add(store, "b")
    found = await asyncio.gather(*(here.of(WORKER, Purpose.S47) for _ in range(20)))
    assert set(found) == {frozenset("ab")}
    assert len(read) <= 2
    here.close()


async def test_an_end_counts_though_nothing_changes(tmp_path: Path) -> None:
    now = [dt.datetime(2026, 11, 25, 10, tzinfo=dt.UTC)]
    store = ClaimStore(tmp_path / "access.sqlite", lambda: now[0])
    here = ClaimsInForce(store)
    add(store, "a")
    assert await here.of(WORKER, Purpose.S47) == {"a"}
    now[0] += dt.timedelta(hours=24)
    assert await here.of(WORKER, Purpose.S47) == frozenset()
    here.close()


async def test_a_file_that_is_replaced_is_read_and_one_that_can_t_be_counts_for_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims_in_force, "CHECKED_SECONDS", 0.0)
    path = tmp_path / "access.sqlite"
    here = ClaimsInForce(ClaimStore(path))
    add(ClaimStore(path), "a")
    assert await here.of(WORKER, Purpose.S47) == {"a"}
    moved_away(tmp_path)
    assert await here.of(WORKER, Purpose.S47) == frozenset()
    add(ClaimStore(path), "b")
    assert await here.of(WORKER, Purpose.S47) == {"b"}
    moved_away(tmp_path)
    path.write_bytes(b"this is no database, however long it is" * 200)
    assert await here.of(WORKER, Purpose.S47) == frozenset()
    path.unlink()
    add(ClaimStore(path), "c")
    assert await here.of(WORKER, Purpose.S47) == {"c"}
    here.close()


async def test_a_mark_that_is_lost_costs_a_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a crash between a change and its mark loses it; who suspends again is seen at once."""
    store = ClaimStore(tmp_path / "access.sqlite")
    here = ClaimsInForce(store)
    made = add(store, "a")
    assert await here.of(WORKER, Purpose.S47) == {"a"}

    def lost(path: Path) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("gateway.access.claims.change", lost)
    with pytest.raises(Failure, match="the disk is full"):
        store.suspend(made, "guardian", "no reason")
    await asyncio.sleep(claims_in_force.CHECKED_SECONDS + 0.1)
    assert await here.of(WORKER, Purpose.S47) == frozenset()
    monkeypatch.undo()
    store.restore(made, "guardian")
    assert await here.of(WORKER, Purpose.S47) == {"a"}
    store.suspend(made, "guardian", "again")
    store.suspend(made, "guardian", "and again")
    assert await here.of(WORKER, Purpose.S47) == frozenset()
    here.close()


async def test_it_is_looked_at_while_it_is_opened_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims_in_force, "CHECKED_SECONDS", 0.0)
    store = ClaimStore(tmp_path / "access.sqlite")
    here = ClaimsInForce(store)
    for number in range(10):
        add(ClaimStore(tmp_path / "access.sqlite"), f"c{number}")
        found = await asyncio.gather(*(here.of(WORKER, Purpose.S47) for _ in range(10)))
        assert {len(each) for each in found} == {number + 1}
        if number % 3 == 2:
            moved = [ClaimStore(tmp_path / "access.sqlite").one("none") for _ in range(2)]
            assert moved == [None, None]
    here.close()
    assert await here.of(WORKER, Purpose.S47) != frozenset()


async def test_one_who_stops_waiting_stops_nobody_else(tmp_path: Path) -> None:
    store = ClaimStore(tmp_path / "access.sqlite")
    add(store, "a")
    here = ClaimsInForce(store)
    first = asyncio.ensure_future(here.of(WORKER, Purpose.S47))
    second = asyncio.ensure_future(here.of(WORKER, Purpose.S47))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == {"a"}
    assert first.cancelled()
    here.close()


def test_too_many_count_for_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "MAX_IN_FORCE", 2)
    store = ClaimStore(tmp_path / "access.sqlite")
    for child in "ab":
        add(store, child)
    assert len(store.in_force()) == 2
    add(store, "c")
    assert store.in_force() == []


async def test_what_changes_in_a_file_that_was_replaced_is_seen_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "access.sqlite"
    here = ClaimsInForce(ClaimStore(path))
    add(ClaimStore(path), "a")
    assert await here.of(WORKER, Purpose.S47) == {"a"}
    moved_away(tmp_path)
    monkeypatch.setattr(claims_in_force, "CHECKED_SECONDS", 0.0)
    assert await here.of(WORKER, Purpose.S47) == frozenset()
    monkeypatch.setattr(claims_in_force, "CHECKED_SECONDS", 1_000.0)
    for child in ("b", "c"):
        add(ClaimStore(path), child)
    assert await here.of(WORKER, Purpose.S47) == {"b", "c"}
    monkeypatch.setattr(claims_in_force, "CHECKED_SECONDS", 0.0)
    assert here._counter.version_at_once() is not None, "the file is looked into no more than any other"
    here.close()


async def test_at_most_a_second_goes_by_until_a_replaced_file_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "access.sqlite"
    here = ClaimsInForce(ClaimStore(path))
    add(ClaimStore(path), "a")
    assert await here.of(WORKER, Purpose.S47) == {"a"}
    moved_away(tmp_path)
    await asyncio.sleep(claims_in_force.CHECKED_SECONDS + 0.1)
    assert await here.of(WORKER, Purpose.S47) == frozenset()
    here.close()


def test_the_files_are_their_owner_s_only(tmp_path: Path) -> None:
    path = tmp_path / "access.sqlite"
    add(ClaimStore(path), "a")
    assert {each.name for each in tmp_path.iterdir()} >= {"access.sqlite", "access.mark"}
    assert {each.stat().st_mode & 0o777 for each in tmp_path.iterdir()} == {0o600}
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM claim").fetchone() == (1,)


def test_a_failure_is_told(tmp_path: Path) -> None:
    path = tmp_path / "access.sqlite"
    path.write_bytes(b"this is no database, however long it is" * 200)
    with pytest.raises(Failure, match="not a database"):
        ClaimStore(path).in_force()
