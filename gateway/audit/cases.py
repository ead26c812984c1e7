"""Case files: the reason for which an auditor may learn whom a pseudonym stands for, and until when.

They are kept in a file of SQLite's beside the log, which all workers of a host share. What reads or writes it blocks.
"""

from __future__ import annotations

import secrets
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gateway.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from authz.principal import Principal

LASTS: Final = 14 * 24 * 3600.0
"""Seconds for which a case file is open."""

SHORTEST_REASON: Final = 20
LONGEST_REASON: Final = 2_000
MAX_LISTED: Final = 200
MOST_A_DAY: Final = 20
"""Case files that one auditor opens: fewer than are listed in a week, so that none is buried under others."""

MOST_REVEALED: Final = 100
"""Pseudonyms that one case file reveals: a case is about somebody, and no list of all there are."""

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS case_file (
    id TEXT PRIMARY KEY, subject TEXT NOT NULL, issuer TEXT NOT NULL, reason TEXT NOT NULL, reference TEXT NOT NULL,
    opened REAL NOT NULL, expires REAL NOT NULL);
CREATE TABLE IF NOT EXISTS revealed (
    case_file TEXT NOT NULL REFERENCES case_file (id), token TEXT NOT NULL, at REAL NOT NULL,
    PRIMARY KEY (case_file, token)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS case_file_opened ON case_file (opened);
"""


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One auditor's. Times are Unix seconds; `revealed` are the pseudonyms that it has revealed."""

    id: str
    subject: str
    issuer: str
    reason: str
    reference: str
    opened: float
    expires: float
    revealed: tuple[str, ...] = ()


class CaseFiles:
    """Opens case files, and writes down what each is used for."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._clock = clock

    def made(self, principal: Principal, reason: str, reference: str) -> CaseFile:
        """A case file that is not open yet; raises `RequestError` where the reason does not do."""
        text = " ".join(reason.split())
        if not SHORTEST_REASON <= len(text) <= LONGEST_REASON:
            between = f"{SHORTEST_REASON} to {LONGEST_REASON} characters"
            raise RequestError.of("BAD_REASON", f"say in {between} what the case is about", 400)
        now = self._clock()
        identifier = secrets.token_urlsafe(16)
        return CaseFile(identifier, principal.subject, principal.issuer, text, reference[:200], now, now + LASTS)

    def open(self, case: CaseFile) -> None:
        """One transaction: a crash leaves the case file, or none. Raises `RequestError` where there are too many."""
        with closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            counted = "SELECT count(*) FROM case_file WHERE issuer = ? AND subject = ? AND opened > ?"
            since = (case.issuer, case.subject, case.opened - 24 * 3600.0)
            (several,) = connection.execute(counted, since).fetchone()
            if several >= MOST_A_DAY:
                connection.execute("ROLLBACK")
                raise RequestError.of("TOO_MANY_CASES", f"{MOST_A_DAY} case files are opened a day at most", 429)
            connection.execute(
                "INSERT INTO case_file (id, subject, issuer, reason, reference, opened, expires)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (case.id, case.subject, case.issuer, case.reason, case.reference, case.opened, case.expires),
            )
            connection.execute("COMMIT")

    def mine(self, identifier: str, principal: Principal) -> CaseFile:
        """An open case file of this auditor's; raises `RequestError`."""
        with closing(self._connect()) as connection:
            row = connection.execute("SELECT * FROM case_file WHERE id = ?", (identifier,)).fetchone()
            found = None if row is None else _read(connection, row)
        ours = found is not None and (found.subject, found.issuer) == (principal.subject, principal.issuer)
        if found is None or not ours or self._clock() >= found.expires:
            raise RequestError.of("NO_SUCH_CASE", "the case file is not yours, or is not open", 403)
        return found

    def reveal(self, case: CaseFile, tokens: Sequence[str]) -> None:
        """Write down that a case file reveals pseudonyms, before it does; raises `RequestError` where it may no more.

        One transaction: a crash leaves all of them counted, or none, and none has been shown.
        """
        with closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            statement = "INSERT OR IGNORE INTO revealed (case_file, token, at) VALUES (?, ?, ?)"
            connection.executemany(statement, [(case.id, token, self._clock()) for token in tokens])
            counted = "SELECT count(*) FROM revealed WHERE case_file = ?"
            (several,) = connection.execute(counted, (case.id,)).fetchone()
            if several > MOST_REVEALED:
                connection.execute("ROLLBACK")
                raise RequestError.of("CASE_EXHAUSTED", f"a case file reveals {MOST_REVEALED} pseudonyms at most", 403)
            connection.execute("COMMIT")

    def newest(self, first: int) -> list[CaseFile]:
        """Everybody's, the newest first: whose case files auditors read is for other auditors to see."""
        with closing(self._connect()) as connection:
            statement = "SELECT * FROM case_file ORDER BY opened DESC, id LIMIT ?"
            rows = connection.execute(statement, (min(first, MAX_LISTED),)).fetchall()
            return [_read(connection, row) for row in rows]

    def _connect(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.touch(mode=0o600)
        connection = sqlite3.connect(self._path, timeout=5.0, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.executescript(_TABLES)
        return connection


def _read(connection: sqlite3.Connection, row: tuple[str, str, str, str, str, float, float]) -> CaseFile:
    query = "SELECT token FROM revealed WHERE case_file = ? ORDER BY at, token"
    return CaseFile(*row, tuple(token for (token,) in connection.execute(query, (row[0],))))
