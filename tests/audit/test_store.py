"""The log: durable before `append` returns, append only, and alive after its disk has failed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import orjson
import pytest

from gateway.audit import Entry, RemoteLog, store, writer
from gateway.audit.entry import Row
from gateway.audit.store import Store
from gateway.errors import AuditUnavailable
from gateway.frames import frame
from tests.audit.entries import entry
from tests.audit.local import LocalLog, ids, local_log


def tables(connection: sqlite3.Connection) -> list[list[object]]:
    """All that the log holds."""
    return [
        connection.execute("SELECT * FROM entry").fetchall(),
        connection.execute("SELECT * FROM entry_token").fetchall(),
        connection.execute("SELECT * FROM operation").fetchall(),
    ]


def impatient(log: LocalLog) -> None:
    """Wait for a lock for as long as a test can."""
    assert log.store._connection is not None
    log.store._connection.run("PRAGMA busy_timeout = 20")


async def test_an_entry_is_there_when_append_returns(log: LocalLog, path: Path) -> None:
    for number in range(20):
        await log.append(entry(audit_id=f"e{number}"))
        assert ids(path)[-1] == f"e{number}"
    assert ids(path) == [f"e{number}" for number in range(20)]


async def test_it_is_written_as_the_disk_has_it(log: LocalLog) -> None:
    assert log.store._connection is not None
    assert log.store._connection.one("PRAGMA journal_mode") == ("wal",)
    assert log.store._connection.one("PRAGMA synchronous") == (2,)


async def test_an_entry_is_kept_whole(log: LocalLog, path: Path) -> None:
    made = entry(asked=("9990000018",), children=("regional",))
    await log.append(made)
    connection = sqlite3.connect(path)
    row = connection.execute("SELECT audit_id, time, subject, agency, purpose, outcome, body FROM entry").fetchone()
    assert row[:6] == (made.audit_id, made.time, made.subject, made.agency, made.purpose, made.outcome)
    body = orjson.loads(row[6])
    assert list(body) == sorted(body)
    assert body["identifiers"] == list(made.identifiers)
    assert "operation" not in body
    tokens = set(connection.execute("SELECT token, kind FROM entry_token"))
    assert tokens == {(made.children[0], "child"), (made.identifiers[0], "identifier")}
    connection.close()


async def test_an_operations_text_is_kept_once(log: LocalLog, path: Path) -> None:
    for operation in ("a", "b", "a", "a"):
        await log.append(entry(operation=operation))
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT text FROM operation ORDER BY text").fetchall() == [("a",), ("b",)]
    connection.close()


@pytest.mark.parametrize("texts", [("a", ""), ("", "a"), ("", "a", ""), ("a", "a")])
def test_a_text_that_comes_with_any_row_of_a_batch_is_in_the_log(path: Path, texts: tuple[str, ...]) -> None:
    """Workers leave out what they know to be there: of two, one may be first to send it, and its row come later."""
    store = Store(path)
    rows = [Row.of(entry(audit_id=f"t{number}", operation="a")) for number in range(len(texts))]
    store.write([row._replace(operation=text) for row, text in zip(rows, texts, strict=True)])
    store.write([row._replace(audit_id=f"later-{row.audit_id}", operation="") for row in rows])
    store.close()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT hash, text FROM operation").fetchall() == [(rows[0].operation_hash, "a")]
    assert len(ids(path)) == 2 * len(texts)


def test_rows_without_a_text_that_no_log_has_are_refused_whole(path: Path) -> None:
    store = Store(path)
    known = Row.of(entry(audit_id="known", operation="a"))
    unknown = Row.of(entry(audit_id="unknown", operation="b"))._replace(operation="")
    with pytest.raises(AuditUnavailable, match="the text of an operation is not known here"):
        store.write([known, unknown])
    assert ids(path) == []
    store.write([known])  # what was refused is not taken for known
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT text FROM operation").fetchall() == [("a",)]
    store.close()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM entry",
        "DELETE FROM entry WHERE seq = 1",
        "UPDATE entry SET subject = 'nobody'",
        "UPDATE entry SET seq = 99",
        "UPDATE entry SET body = x'00' WHERE seq = 1",
        "INSERT OR REPLACE INTO entry SELECT 1, 'new', 1.0, 'x', 'x', NULL, 'x', 'x', x'00'",
        "INSERT OR REPLACE INTO entry SELECT NULL, audit_id, 1.0, 'x', 'x', NULL, 'x', 'x', x'00' FROM entry LIMIT 1",
        "REPLACE INTO entry SELECT 1, 'new', 1.0, 'x', 'x', NULL, 'x', 'x', x'00'",
        "INSERT INTO entry VALUES (1, 'n', 1.0, 'x', 'x', NULL, 'x', 'x', x'') ON CONFLICT DO UPDATE SET body = x''",
        "DELETE FROM entry_token",
        "UPDATE entry_token SET token = 'x'",
        "DELETE FROM operation",
        "UPDATE operation SET text = 'x'",
        "INSERT OR REPLACE INTO operation SELECT hash, 'another text' FROM operation",
    ],
)
async def test_what_is_written_stays(log: LocalLog, path: Path, statement: str) -> None:
    """Not even by a statement that replaces; who can write the file can drop the triggers, but not by accident."""
    await log.append(entry(asked=("9990000018",), children=("regional",)))
    connection = sqlite3.connect(path)
    before = tables(connection)
    assert all(before)
    try:
        connection.execute(statement)
        connection.commit()
    except sqlite3.IntegrityError:
        connection.rollback()
    after = tables(connection)
    assert after == before
    connection.close()


async def test_a_batch_at_fault_fails_alone(log: LocalLog, path: Path) -> None:
    other = RemoteLog(log._socket)
    await log.append(entry(audit_id="one"))
    await other.append(entry(audit_id="two"))
    mine, theirs = await asyncio.gather(
        log.append(entry(audit_id="one")), other.append(entry(audit_id="three")), return_exceptions=True
    )
    assert isinstance(mine, AuditUnavailable)
    assert theirs is None
    assert ids(path) == ["one", "two", "three"]
    await other.close()


async def test_rows_that_are_none_are_refused(log: LocalLog, path: Path) -> None:
    reader, end = await asyncio.open_unix_connection(log._socket)
    for noise in (b"{", b"[[1, 2]]", b"7"):
        end.write(frame(noise))
        refused = frame(b"the rows can't be read")
        assert await reader.readexactly(len(refused)) == refused
    end.close()
    await log.append(entry(audit_id="good"))
    assert ids(path) == ["good"]


# entries that can't be written


def nested(depth: int) -> object:
    value: object = "x"
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "changed",
    [
        {"variables": {"x": nested(300)}},
        {"variables": {"x": 2**70}},
        {"variables": {"x": "\ud800"}},
        {"variables": {"x": object()}},
        {"subject": "\ud800"},
        {"operation": "\ud800"},
        {"children": ("\ud800",)},
        {"time": "yesterday\x00" * 2, "purpose": object()},
    ],
)
async def test_one_entry_that_cannot_be_written_fails_alone(
    log: LocalLog, path: Path, changed: dict[str, object]
) -> None:
    """And never the thread: an audit that is dead hangs every request there is."""
    good = entry(audit_id="good")
    bad = Entry(**({name: getattr(good, name) for name in Entry.__slots__} | {"audit_id": "bad"} | changed))
    async with asyncio.timeout(5):
        with pytest.raises(AuditUnavailable, match="the entry can't be written"):
            await log.append(bad)
        await log.append(good)
    assert ids(path) == ["good"]


async def test_an_entry_with_anothers_id_is_refused(log: LocalLog, path: Path) -> None:
    await log.append(entry(audit_id="one", subject="first"))
    with pytest.raises(AuditUnavailable, match="the audit log can't be written: append only"):
        await log.append(entry(audit_id="one", subject="second"))
    await log.append(entry(audit_id="two"))
    assert ids(path) == ["one", "two"]


# a disk that fails


async def test_a_lock_of_another_is_waited_for_and_then_reported(log: LocalLog, path: Path) -> None:
    impatient(log)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(AuditUnavailable, match="the audit log can't be written: database is locked"):
        await log.append(entry(audit_id="locked out"))
    other.execute("ROLLBACK")
    other.close()
    await log.append(entry(audit_id="after"))
    assert ids(path) == ["after"]


async def test_a_short_lock_only_takes_time(log: LocalLog, path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    timer = threading.Timer(0.2, lambda: other.execute("ROLLBACK"))
    timer.start()
    await log.append(entry(audit_id="late"))
    timer.join()
    other.close()
    assert ids(path) == ["late"]


async def test_a_failure_fails_all_that_waited_with_it_and_none_is_in_the_log(log: LocalLog, path: Path) -> None:
    impatient(log)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    results = await asyncio.gather(*(log.append(entry()) for _ in range(5)), return_exceptions=True)
    other.execute("ROLLBACK")
    other.close()
    failed = sum(isinstance(result, AuditUnavailable) for result in results)
    assert failed >= 1
    assert len(ids(path)) == len(results) - failed


@pytest.mark.parametrize("how", ["removed", "moved", "unlinked"])
async def test_a_log_whose_file_is_taken_away_never_acknowledges_into_nothing(
    log: LocalLog, path: Path, how: str
) -> None:
    """Writing goes on into a file that nobody can read, if nobody looks."""
    await log.append(entry(audit_id="before"))
    if how == "removed":
        shutil.rmtree(path.parent)
    elif how == "moved":
        path.parent.rename(path.parent.with_name("moved"))
    else:
        for file in path.parent.iterdir():
            file.unlink()
    acknowledged = []
    for number in range(3):
        try:
            await log.append(entry(audit_id=f"after-{number}"))
            acknowledged.append(f"after-{number}")
        except AuditUnavailable:
            pass
    assert acknowledged == [found for found in ids(path) if found.startswith("after")]
    assert acknowledged


async def test_where_the_file_alone_is_moved_away_all_that_was_acknowledged_goes_with_it(
    log: LocalLog, path: Path
) -> None:
    """Its write-ahead file stays behind, which SQLite would take for the new file's, and empty."""
    for number in range(200):
        await log.append(entry(audit_id=f"before-{number}"))
    away = path.with_name("away.sqlite")
    os.rename(path, away)  # noqa: PTH104 - as an operator does
    with pytest.raises(AuditUnavailable, match="moved away"):
        await log.append(entry())
    await log.append(entry(audit_id="after"))
    assert ids(away) == [f"before-{number}" for number in range(200)]
    assert ids(path) == ["after"]


async def test_a_log_that_is_moved_away_while_it_is_read_is_waited_for(
    log: LocalLog, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is in the write-ahead file can't all be brought to it then, and would be taken for another's."""
    impatient(log)
    for number in range(50):
        await log.append(entry(audit_id=f"before-{number}"))
    reader = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM entry").fetchall()
    for number in range(50, 100):
        await log.append(entry(audit_id=f"before-{number}"))
    away = path.with_name("away.sqlite")
    os.rename(path, away)  # noqa: PTH104 - as an operator does
    for _ in range(2):
        with pytest.raises(AuditUnavailable, match="while it is read"):
            await log.append(entry())
    reader.execute("ROLLBACK")
    reader.close()
    with pytest.raises(AuditUnavailable, match="another put in its place"):
        await log.append(entry())
    await log.append(entry(audit_id="after"))
    assert ids(away) == [f"before-{number}" for number in range(100)]
    assert ids(path) == ["after"]


def test_a_new_log_is_not_begun_beside_what_another_has_not_in_its_file_yet(path: Path) -> None:
    """As after a crash, where the file was moved before the next start."""
    store = Store(path)
    store.write([Row.of(entry(audit_id="before"))])
    ahead = path.with_name(f"{path.name}-wal")
    kept = ahead.read_bytes()
    assert store._connection is not None
    away = path.with_name("away.sqlite")
    shutil.copy(path, away)
    path.unlink()
    for _ in range(2):
        with pytest.raises(AuditUnavailable, match="not beside it"):
            Store(path)
    assert ahead.read_bytes() == kept
    shutil.copy(ahead, away.with_name(f"{away.name}-wal"))
    assert ids(away) == ["before"]
    store.close()


async def test_it_recovers_when_its_folder_is_back(log: LocalLog, path: Path) -> None:
    await log.append(entry(audit_id="before"))
    away = path.parent.with_name("away")
    path.parent.rename(away)
    path.parent.write_text("a file where the folder was")
    with pytest.raises(AuditUnavailable, match="the audit log can't be written"):
        await log.append(entry(audit_id="lost"))
    path.parent.unlink()
    away.rename(path.parent)
    await log.append(entry(audit_id="after"))
    assert ids(path) == ["before", "after"]


async def test_a_full_disk_is_reported_and_survived(log: LocalLog, path: Path) -> None:
    await log.append(entry(audit_id="before"))
    assert log.store._connection is not None
    pages = log.store._connection.one("PRAGMA page_count")
    assert pages is not None
    log.store._connection.run(f"PRAGMA max_page_count = {pages[0]}")
    with pytest.raises(AuditUnavailable, match="the audit log can't be written: database or disk is"):
        await log.append(entry(audit_id="too much", variables={"x": ["y" * 9] * 5_000}))
    await log.append(entry(audit_id="after"))
    assert ids(path) == ["before", "after"]


async def test_before_the_disk_is_full_it_is_warned_and_then_no_more_is_taken(
    log: LocalLog, path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    free = [store.ROOM_WARNED]
    monkeypatch.setattr(store, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(f_frsize=1, f_bavail=free[0]))
    await log.append(entry(audit_id="enough"))
    assert "MiB left" not in caplog.text
    free[0] = store.ROOM_NEEDED
    for number in range(3):
        await log.append(entry(audit_id=f"warned {number}"))
    assert caplog.text.count("has 64 MiB left") == 1
    free[0] -= 1
    for ask in (log.append(entry(audit_id="none")), log.check()):
        with pytest.raises(AuditUnavailable, match="nearly full: 63 MiB"):
            await ask
    free[0] = store.ROOM_WARNED
    await log.append(entry(audit_id="again"))
    assert ids(path) == ["enough", "warned 0", "warned 1", "warned 2", "again"]


async def test_whether_it_can_be_written_is_found_out_without_writing(log: LocalLog, path: Path) -> None:
    await asyncio.gather(log.check(), log.append(entry(audit_id="a")), log.check())
    assert ids(path) == ["a"]
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(AuditUnavailable, match="locked"):
            await log.check()
    await log.check()


def test_a_log_that_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    (tmp_path / "noise").write_bytes(b"this is no database at all " * 100)
    for path in (tmp_path / "file" / "audit.sqlite", tmp_path / "noise", tmp_path):
        with pytest.raises(AuditUnavailable, match="the audit log can't be opened"):
            Store(path)


# several writers, and crashes


def test_one_process_writes_a_log(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "LOCK_SECONDS", 0.1)
    with writer.only_writer(path), pytest.raises(AuditUnavailable, match="another gateway"), writer.only_writer(path):
        pass
    with writer.only_writer(path):
        pass


async def test_a_log_is_opened_again_where_it_ended(path: Path) -> None:
    for name in ("first", "second"):
        async with local_log(path) as log:
            await log.append(entry(audit_id=name))
    assert ids(path) == ["first", "second"]


def test_a_crash_leaves_every_entry_that_was_acknowledged(path: Path) -> None:
    """Killed at any moment: what was acknowledged is there, and the log opens and takes more."""
    root = Path(__file__).resolve().parents[2]
    known: set[str] = set()
    for seconds in (0.05, 0.12):
        run = path.with_name(f"crash-{seconds}.sqlite")
        run.parent.mkdir(exist_ok=True)
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.audit.writer", str(run)], stdout=subprocess.PIPE, cwd=root
        )
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(seconds)
        os.kill(process.pid, signal.SIGKILL)
        rest = process.stdout.read()
        process.wait()
        process.stdout.close()
        acknowledged = (first + rest).decode().split("\n")[:-1]
        assert len(acknowledged) > 5
        found = ids(run)
        assert set(acknowledged) <= set(found)
        assert len(found) == len(set(found))
        store = Store(run)
        store.write([Row.of(entry(audit_id="after the crash"))])
        store.close()
        assert ids(run) == [*found, "after the crash"]
        known |= set(found)
    assert known


async def test_a_text_that_is_not_sent_again_is_in_the_log_all_the_same(log: LocalLog, path: Path) -> None:
    """Where the log was moved away, what was sent before is not in the new one: refused once, then sent again."""
    anew: list[bool] = []
    other = RemoteLog(log._socket, begins_anew=lambda: anew.append(True))
    for each in (log, log, other, other):
        await each.append(entry(operation="query { a }"))
    for file in path.parent.glob(f"{path.name}*"):
        file.rename(file.with_name(f"away-{file.name}"))
    anew.clear()
    with pytest.raises(AuditUnavailable, match="moved away"):
        await log.append(entry(operation="query { a }"))
    await log.append(entry(audit_id="after", operation="query { a }"))
    await other.append(entry(audit_id="another's", operation="query { a }"))
    assert anew  # all gateways know that what they have sent is not in this log
    assert ids(path) == ["after", "another's"]
    await other.close()
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT text FROM operation").fetchall() == [("query { a }",)]
    connection.close()
