"""The log as it is appended to: what has come meanwhile is written together, in one transaction (group commit).

Each commit is on the disk before it is reported. SQLite's file has one process that writes it; to PostgreSQL several
hosts do.
"""

from __future__ import annotations

import contextlib
import logging
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import orjson

from authz.bounded import Bounded
from gateway.audit.database import Connection, Failure, connect
from gateway.audit.migrations import prepare
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gateway.audit.database import Where
    from gateway.audit.entry import Row

CLOCKS_DIFFER: Final = 30.0
"""Seconds by which a host's clock may differ from the database's."""

ROOM_NEEDED: Final = 64 * 2**20
"""Bytes that are free on the log's disk, or nothing more is written: what is under way can be ended in these."""

ROOM_WARNED: Final = 2**30
LOOK_SECONDS: Final = 1.0
"""How often it is looked how much is free."""

WARN_SECONDS: Final = 300.0

MAX_TEXTS: Final = 10_000
"""Operations of which it is known that their text is in the log."""

_ENTRIES: Final = """
WITH given AS (
    SELECT * FROM json_to_recordset(CAST(? AS json)) AS x(
        audit_id text, time float8, subject text, agency text, purpose text, outcome text, operation_hash text,
        body text)
), written AS (
    INSERT INTO entry (audit_id, time, subject, agency, purpose, outcome, operation_hash, body)
    SELECT audit_id, time, subject, agency, purpose, outcome, operation_hash, convert_to(body, 'UTF8') FROM given
    RETURNING seq, audit_id
), waiting AS (INSERT INTO unplaced (seq) SELECT seq FROM written)
INSERT INTO entry_token (token, seq, kind)
SELECT DISTINCT t.token, w.seq, t.kind
FROM json_to_recordset(CAST(? AS json)) AS t(audit_id text, token text, kind text)
JOIN written w ON w.audit_id = t.audit_id"""

_PAIRS: Final = {
    "operation": "INSERT INTO operation (hash, text) VALUES (?, ?)",
    "link": "INSERT INTO link (identifier, child) VALUES (?, ?)",
    "sealed": "INSERT INTO sealed (token, value) VALUES (?, ?)",
}
"""Tables of pairs in which what is there already stays as it is."""


log = logging.getLogger("gateway.audit")


class UnknownText(Exception):
    """Rows leave out the text of an operation that is not in the log."""


class Store:
    """Appends rows: `write` returns when they are durable. Blocks, and is used by one thread at a time.

    `replaced` counts how often the log's file was found to be another.
    """

    def __init__(self, where: Where, *, migrate: bool = True) -> None:
        """Opens (or makes) the log; raises `AuditUnavailable` where that can't be done.

        Without `migrate` it is left as it is: for who only adds to the log of a gateway that may be running.
        """
        self.where = where
        self._migrate = migrate
        self._texts: Bounded[str, bool] = Bounded(MAX_TEXTS)
        self._connection: Connection | None = None
        self._looked_at = self._warned_at = float("-inf")
        self.replaced = 0
        try:
            self._connection = self._connected()
        except (Failure, OSError) as error:
            raise AuditUnavailable(f"the audit log can't be opened: {error}") from error

    def write(self, rows: Iterable[Row]) -> None:
        """One transaction. A crash before the commit leaves none of the rows, and none of their answers has left.

        Raises `AuditUnavailable` where they are not durable, and then none of them is in the log.
        """
        self._check_room()
        fresh: dict[str, str] = {}

        def insert(connection: Connection) -> None:
            given = list(rows)
            for row in given:
                if row.operation_hash and self._texts.get(row.operation_hash) is None:
                    fresh[row.operation_hash] = row.operation or fresh.get(row.operation_hash, "")
            _check_texts(connection, fresh)
            (_insert_each if connection.dialect.name == "sqlite" else _insert_all)(connection, given, fresh)

        self.transact(insert)
        for text in fresh:  # durable from here on
            self._texts.put(text, True)

    def _check_room(self) -> None:
        """Refuse what is to be written before the disk is full: what has begun can then still be ended."""
        now = time.monotonic()
        if not isinstance(self.where, Path) or now - self._looked_at < LOOK_SECONDS:
            return
        try:
            found = os.statvfs(self.where.parent)
        except OSError:
            return  # whether it can be written will be seen
        free = found.f_bavail * found.f_frsize
        if free < ROOM_NEEDED:
            raise AuditUnavailable(f"the disk is nearly full: {free // 2**20} MiB are left")
        self._looked_at = now
        if free < ROOM_WARNED and now - self._warned_at > WARN_SECONDS:
            self._warned_at = now
            left, needed = free // 2**20, ROOM_NEEDED // 2**20
            log.warning("the audit log's disk has %d MiB left: below %d it takes no more entries", left, needed)

    def transact(self, work: Callable[[Connection], None]) -> None:
        """Do something more to the log, in one transaction; raises `AuditUnavailable` where it is not durable."""
        try:
            connection = self._open()
        except Exception as error:
            raise AuditUnavailable(f"the audit log can't be written: {error}") from error
        try:
            connection.begin()
            work(connection)
            connection.commit()
        except Exception as error:  # whatever goes wrong with one transaction, the next is taken
            self.close()  # rolls back; the next opens the log anew
            raise AuditUnavailable(f"the audit log can't be written: {error}") from error

    def close(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(Failure):
                self._connection.close()
            self._connection = None

    def _open(self) -> Connection:
        """The connection to the file that stands at the path now: one that was moved away is not the log any more.

        That is told once, by `AuditUnavailable`: who writes then knows that it knows nothing of what is in the log.
        """
        if self._connection is not None and _identity(self.where) != self._identity:
            if not self._connection.put_together():
                raise AuditUnavailable("its file was moved away while it is read: it is waited for")
            self.replaced += 1
            self.close()
            raise AuditUnavailable("its file was moved away, or another put in its place")
        if self._connection is None:
            self._texts = Bounded(MAX_TEXTS)  # it may be another log
            self._connection = self._connected()
        return self._connection

    def _connected(self) -> Connection:
        connection = connect(self.where)
        try:
            prepare(connection, self.where, migrate=self._migrate)
            _check_clock(connection)
        except BaseException:
            with contextlib.suppress(Failure):
                connection.close()
            raise
        self._identity = _identity(self.where)
        return connection


def _check_clock(connection: Connection) -> None:
    """Hosts agree on the time, or one's entries would stand before what was signed already."""
    if connection.dialect.name == "sqlite":
        return
    row = connection.one("SELECT CAST(extract(epoch FROM clock_timestamp()) AS double precision)")
    if row is None or abs(row[0] - time.time()) > CLOCKS_DIFFER:
        raise AuditUnavailable(f"this host's clock differs from the database's by over {CLOCKS_DIFFER:.0f} s")


def _identity(where: Where) -> tuple[int, int] | None:
    if not isinstance(where, Path):
        return None
    try:
        found = where.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _check_texts(connection: Connection, texts: dict[str, str]) -> None:
    """A text that was left out is in the log, or the rows are refused: whoever sent them sends it again."""
    for hashed in [hashed for hashed, text in texts.items() if not text]:
        if connection.one("SELECT 1 FROM operation WHERE hash = ?", (hashed,)) is None:
            raise UnknownText("the text of an operation is not known here")
        del texts[hashed]


def _insert_each(connection: Connection, rows: list[Row], texts: dict[str, str]) -> None:
    connection.many(_PAIRS["operation"], texts.items())
    for row in rows:
        seq = connection.run(
            "INSERT INTO entry (audit_id, time, subject, agency, purpose, outcome, operation_hash, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (*row[:7], row.body.encode()),
        )
        if row.children or row.identifiers or row.marks:
            tokens = [(token, seq, kind) for token, kind in _tokens(row)]
            connection.many("INSERT INTO entry_token (token, seq, kind) VALUES (?, ?, ?)", tokens)
        if row.links:
            connection.many(_PAIRS["link"], row.links)
        if row.sealed:
            connection.many(_PAIRS["sealed"], row.sealed)


def _insert_all(connection: Connection, rows: list[Row], texts: dict[str, str]) -> None:
    """All rows by one statement, and each table of pairs by one: what counts is the way there and back."""
    entries = [
        {
            "audit_id": row.audit_id,
            "time": row.time,
            "subject": row.subject,
            "agency": row.agency,
            "purpose": row.purpose,
            "outcome": row.outcome,
            "operation_hash": row.operation_hash,
            "body": row.body,
        }
        for row in rows
    ]
    tokens = [{"audit_id": row.audit_id, "token": token, "kind": kind} for row in rows for token, kind in _tokens(row)]
    connection.run(_ENTRIES, (orjson.dumps(entries).decode(), orjson.dumps(tokens).decode()))
    pairs = {
        "operation": list(texts.items()),
        "link": [pair for row in rows for pair in row.links],
        "sealed": [pair for row in rows for pair in row.sealed],
    }
    for table, found in pairs.items():
        if found:
            # in one order, so that two hosts that put in the same never wait for each other in a ring
            among = " SELECT p->>0, p->>1 FROM json_array_elements(CAST(? AS json)) p ORDER BY 1, 2"
            statement = f"{_PAIRS[table].partition(' VALUES')[0]}{among} ON CONFLICT DO NOTHING"
            connection.run(statement, (orjson.dumps(sorted(set(found))).decode(),))


def _tokens(row: Row) -> list[tuple[str, str]]:
    """What a row is found by, with its kind."""
    return [
        *((token, "child") for token in row.children),
        *((token, "identifier") for token in row.identifiers),
        *((mark, "mark") for mark in row.marks),
    ]
