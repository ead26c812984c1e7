"""The log on SQLite: append only, each commit on the disk before it is reported.

What has come meanwhile is written together, in one transaction (group commit).
"""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING, Final

from authz.bounded import Bounded
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from gateway.audit.entry import Row

MAX_TEXTS: Final = 10_000
"""Operations of which it is known that their text is in the log."""

_OPERATION: Final = "INSERT INTO operation (hash, text) VALUES (?, ?)"
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS operation (hash TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS entry (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, audit_id TEXT NOT NULL UNIQUE, time REAL NOT NULL, subject TEXT NOT NULL,
    agency TEXT NOT NULL, purpose TEXT, outcome TEXT NOT NULL, operation_hash TEXT NOT NULL, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS entry_token (
    token TEXT NOT NULL, seq INTEGER NOT NULL REFERENCES entry (seq), kind TEXT NOT NULL,
    PRIMARY KEY (token, seq, kind)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS link (
    identifier TEXT NOT NULL, child TEXT NOT NULL, PRIMARY KEY (identifier, child)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS leaf (
    number INTEGER PRIMARY KEY, seq INTEGER NOT NULL UNIQUE REFERENCES entry (seq), nonce BLOB NOT NULL,
    hash BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS head (
    size INTEGER PRIMARY KEY, time REAL NOT NULL, note TEXT NOT NULL, peaks BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS sealed (token TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS entry_time ON entry (time);
CREATE INDEX IF NOT EXISTS entry_by_subject ON entry (subject);
CREATE INDEX IF NOT EXISTS entry_by_agency ON entry (agency);
CREATE INDEX IF NOT EXISTS entry_token_seq ON entry_token (seq);
CREATE TRIGGER IF NOT EXISTS entry_once BEFORE INSERT ON entry
    WHEN EXISTS (SELECT 1 FROM entry WHERE seq = NEW.seq OR audit_id = NEW.audit_id)
    BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER IF NOT EXISTS operation_once BEFORE INSERT ON operation
    WHEN EXISTS (SELECT 1 FROM operation WHERE hash = NEW.hash) BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER IF NOT EXISTS entry_token_once BEFORE INSERT ON entry_token
    WHEN EXISTS (SELECT 1 FROM entry_token WHERE token = NEW.token AND seq = NEW.seq AND kind = NEW.kind)
    BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER IF NOT EXISTS link_once BEFORE INSERT ON link
    WHEN EXISTS (SELECT 1 FROM link WHERE identifier = NEW.identifier AND child = NEW.child)
    BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER IF NOT EXISTS sealed_once BEFORE INSERT ON sealed
    WHEN EXISTS (SELECT 1 FROM sealed WHERE token = NEW.token) BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER IF NOT EXISTS sealed_kept BEFORE DELETE ON sealed BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER IF NOT EXISTS sealed_fixed BEFORE UPDATE ON sealed BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER IF NOT EXISTS link_kept BEFORE DELETE ON link BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER IF NOT EXISTS link_fixed BEFORE UPDATE ON link BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER IF NOT EXISTS entry_kept BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER IF NOT EXISTS entry_fixed BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER IF NOT EXISTS operation_kept BEFORE DELETE ON operation BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER IF NOT EXISTS operation_fixed BEFORE UPDATE ON operation BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER IF NOT EXISTS leaf_kept BEFORE DELETE ON leaf BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER IF NOT EXISTS leaf_fixed BEFORE UPDATE ON leaf BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER IF NOT EXISTS head_kept BEFORE DELETE ON head BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER IF NOT EXISTS head_fixed BEFORE UPDATE ON head BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER IF NOT EXISTS token_kept BEFORE DELETE ON entry_token BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER IF NOT EXISTS token_fixed BEFORE UPDATE ON entry_token BEGIN SELECT RAISE(ABORT, 'append only'); END;
"""


def connect(path: Path, *, readonly: bool = False) -> sqlite3.Connection:
    """Open the log. A reader never makes one; it raises `sqlite3.OperationalError` where there is none."""
    if readonly:
        return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)  # SQLite gives its other files the same mode
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5.0)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.executescript(_SCHEMA)
    return connection


class Store:
    """Appends rows: `write` returns when they are durable. Blocks, and is used by one thread at a time."""

    def __init__(self, path: Path) -> None:
        """Opens (or makes) the log; raises `AuditUnavailable` where that can't be done."""
        self.path = path
        self._texts: Bounded[str, bool] = Bounded(MAX_TEXTS)
        try:
            self._connection: sqlite3.Connection | None = connect(path)
            self._identity = _identity(path)
        except (sqlite3.Error, OSError) as error:
            raise AuditUnavailable(f"the audit log can't be opened: {error}") from error

    def write(self, rows: Iterable[Row]) -> None:
        """One transaction. A crash before the commit leaves none of the rows, and none of their answers has left.

        Raises `AuditUnavailable` where they are not durable, and then none of them is in the log.
        """

        fresh: list[str] = []

        def insert(connection: sqlite3.Connection) -> None:
            for row in rows:
                _insert(connection, row)
                if row.operation and self._texts.get(row.operation_hash) is None:
                    connection.execute(_OPERATION, (row.operation_hash, row.operation))
                    fresh.append(row.operation_hash)

        self.transact(insert)
        for text in fresh:  # durable from here on
            self._texts.put(text, True)

    def transact(self, work: Callable[[sqlite3.Connection], None]) -> None:
        """Do something more to the log, in one transaction; raises `AuditUnavailable` where it is not durable."""
        try:
            connection = self._open()
            connection.execute("BEGIN IMMEDIATE")
            work(connection)
            connection.execute("COMMIT")
        except Exception as error:  # whatever goes wrong with one transaction, the next is taken
            self.close()  # rolls back; the next opens the log anew
            raise AuditUnavailable(f"the audit log can't be written: {error}") from error

    def close(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None

    def _open(self) -> sqlite3.Connection:
        """The connection to the file that stands at the path now: one that was moved away is not the log any more."""
        if self._connection is not None and _identity(self.path) != self._identity:
            self.close()
        if self._connection is None:
            self._texts = Bounded(MAX_TEXTS)  # it may be another log
            self._connection = connect(self.path)
            self._identity = _identity(self.path)
        return self._connection


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _insert(connection: sqlite3.Connection, row: Row) -> None:
    seq = connection.execute(
        "INSERT INTO entry (audit_id, time, subject, agency, purpose, outcome, operation_hash, body)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (*row[:7], row.body.encode()),
    ).lastrowid
    if row.children or row.identifiers or row.marks:
        tokens = [(t, seq, "child") for t in row.children] + [(t, seq, "identifier") for t in row.identifiers]
        tokens += [(mark, seq, "mark") for mark in row.marks]
        connection.executemany("INSERT INTO entry_token (token, seq, kind) VALUES (?, ?, ?)", tokens)
    if row.links:
        connection.executemany("INSERT INTO link (identifier, child) VALUES (?, ?)", row.links)
    if row.sealed:
        connection.executemany("INSERT INTO sealed (token, value) VALUES (?, ?)", row.sealed)
