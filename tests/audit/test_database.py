"""How a database of PostgreSQL's is reached: by all that its URL says, and by what is usual where it says nothing."""

from __future__ import annotations

import contextlib
import sqlite3
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any, Final

import pytest

from gateway.audit import database
from gateway.audit.database import Failure, beside_log, connect, place
from gateway.errors import ConfigError

USUAL: Final = {"user": "postgres", "host": "127.0.0.1", "port": 5432, "database": None, "password": None}


class Driver:
    """In place of pg8000: says how it was asked to connect."""

    InterfaceError = DatabaseError = ValueError

    def __init__(self) -> None:
        self.asked: dict[str, Any] = {}

    def Connection(self, user: str, **asked: Any) -> None:  # noqa: N802 - the driver's name
        self.asked = {"user": user, **asked}
        raise ConnectionRefusedError


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("postgresql://", {}),
        ("postgresql:///log", {"database": "log"}),
        ("postgresql://cps@db.example/log", {"user": "cps", "host": "db.example", "database": "log"}),
        ("postgresql://cps:s%40x@db.example:6543/the%20log",
         {"user": "cps", "host": "db.example", "database": "the log", "password": "s@x", "port": 6543}),
        ("postgresql://c%3Aps@[::1]/log", {"user": "c:ps", "host": "::1", "database": "log"}),
    ],
)  # fmt: skip
def test_a_url_says_who_connects_to_what(monkeypatch: pytest.MonkeyPatch, url: str, asked: dict[str, object]) -> None:
    driver = Driver()
    monkeypatch.setattr(database, "_driver", lambda: driver)
    with pytest.raises(Failure, match="can't be reached: ConnectionRefusedError"):
        connect(url)
    assert {name: driver.asked[name] for name in USUAL} == {**USUAL, **asked}
    assert driver.asked["tcp_keepalive"] is True


@pytest.mark.parametrize(
    ("url", "by_tls"),
    [
        ("postgresql://db.example/log", True), ("postgresql://127.0.0.1/log", False), ("postgresql:///log", False),
        ("postgresql://[::1]/log", False), ("postgresql://[::2]/log", True),
        ("postgresql://localhost/log?sslmode=verify-full", True),
        ("postgresql://db.example/log?sslmode=disable", False),
    ],
)  # fmt: skip
def test_off_this_machine_it_is_reached_by_tls(monkeypatch: pytest.MonkeyPatch, url: str, by_tls: bool) -> None:
    driver = Driver()
    monkeypatch.setattr(database, "_driver", lambda: driver)
    with pytest.raises(Failure, match="can't be reached"):
        connect(url)
    context = driver.asked["ssl_context"]
    assert isinstance(context, ssl.SSLContext) is by_tls
    assert (context.check_hostname and context.verify_mode is ssl.CERT_REQUIRED) if by_tls else context is False


@pytest.mark.parametrize("url", ["mysql://db.example/log", "http://db.example/log", "sqlite:///log", "://"])
def test_a_url_of_anything_else_is_no_log(url: str) -> None:
    with pytest.raises(ConfigError, match="a file, or postgresql://"):
        place(url)


@pytest.mark.parametrize("more", ["sslmode=", "sslmode=require", "sslmode=VERIFY-FULL", "user=x"])
def test_what_a_url_says_that_is_not_understood_is_not_passed_over(monkeypatch: pytest.MonkeyPatch, more: str) -> None:
    monkeypatch.setattr(database, "_driver", Driver)
    with pytest.raises(ConfigError, match="only `sslmode`"):
        connect(f"postgresql://db.example/log?{more}")


@pytest.mark.parametrize(
    ("readonly", "seconds", "timeout"),
    [
        (False, None, database.STATEMENT_SECONDS + database.CONNECT_SECONDS),
        (False, 2.0, 2.0 + database.CONNECT_SECONDS),
        (True, 2.0, 2.0 + database.CONNECT_SECONDS),
        (True, None, None),
    ],
)
def test_what_is_read_whole_has_its_time(
    monkeypatch: pytest.MonkeyPatch, readonly: bool, seconds: float | None, timeout: float | None
) -> None:
    """Whoever verifies a log reads for as long as that takes."""
    driver = Driver()
    monkeypatch.setattr(database, "_driver", lambda: driver)
    with pytest.raises(Failure, match="can't be reached"):
        connect("postgresql://", readonly=readonly, seconds=seconds)
    assert driver.asked["timeout"] == timeout


def test_several_who_open_a_new_file_at_once_all_get_it(tmp_path: Path) -> None:
    """As two fields of one question do, of grants and of claims, where there are none yet."""

    def opened(path: Path, together: Barrier) -> int:
        together.wait()
        with beside_log(path, ("CREATE TABLE IF NOT EXISTS a (x)",)) as connection:
            return len(list(connection.rows("SELECT * FROM a")))

    with ThreadPoolExecutor(6) as threads:
        for number in range(60):
            together = Barrier(6)
            path = tmp_path / f"{number}.sqlite"
            assert list(threads.map(opened, [path] * 6, [together] * 6)) == [0] * 6


def test_a_file_that_can_not_be_opened_is_not_tried_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    path = tmp_path / "held.sqlite"
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("CREATE TABLE a (x)")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Failure, match="database is locked"):
            connect(path)


def test_a_session_is_asked_for_what_keeps_a_log() -> None:
    writing, reading = database._settings(readonly=False, seconds=None), database._settings(readonly=True, seconds=2.5)
    assert (writing["synchronous_commit"], writing["lock_timeout"]) == ("on", "5000")
    assert writing["statement_timeout"] == str(int(database.STATEMENT_SECONDS * 1_000))
    assert writing["idle_in_transaction_session_timeout"] == "10000", "a writer that is gone holds up the others"
    assert reading["idle_in_transaction_session_timeout"] == "60000", "a reader takes its time over each page"
    assert reading["statement_timeout"] == "2500"
    assert "synchronous_commit" not in reading
    assert "statement_timeout" not in database._settings(readonly=True, seconds=None), "to verify takes what it takes"


@pytest.mark.parametrize(
    ("told", "said", "kind"),
    [
        (({"C": "22P02", "M": "invalid input: 9990000018"},), "a row can't be taken (SQLSTATE 22P02)", "data"),
        (({"C": "57014", "M": "canceling"},), "interrupted", "interrupted"),
        (({"C": "P0001", "M": "append only"},), "append only", ""),
        (({"C": "XX000", "M": "row (9990000018)"},), "SQLSTATE XX000", ""),
        (({"C": "P0001"},), "the database refused", ""),
        (("the socket of 9990000018",), "SQLSTATE ", ""),
        ((), "SQLSTATE ", ""),
    ],
)
def test_a_database_s_words_are_told_where_they_are_the_log_s_own(told: tuple[Any, ...], said: str, kind: str) -> None:
    failure = database._Postgres._failure(Exception(*told))
    assert str(failure) == said
    assert (failure.kind == kind) is bool(kind)


def test_what_is_not_a_file_in_use_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    class Refusing:
        def execute(self, _: str) -> None:
            error = sqlite3.OperationalError("attempt to write a readonly database")
            error.sqlite_errorcode = sqlite3.SQLITE_READONLY
            raise error

    def waited(_: float) -> None:
        raise AssertionError("it is not waited for")

    monkeypatch.setattr(time, "sleep", waited)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        database._write_ahead(Refusing())  # type: ignore[arg-type]
