"""Case files: the reason for which an auditor may learn whom a pseudonym stands for, and until when.

They are kept in a file of SQLite's beside the log, which all workers of a host share, or in the database of the log,
which all hosts do. What reads or writes them blocks.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from gateway.audit.database import Connection, beside_log
from gateway.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from authz.principal import Principal
    from gateway.audit.database import Row, Where

LASTS: Final = 14 * 24 * 3600.0
"""Seconds for which a case file is open."""

SHORTEST_REASON: Final = 20
LONGEST_REASON: Final = 2_000
MAX_LISTED: Final = 200
MOST_A_DAY: Final = 20
"""Case files that one auditor opens: fewer than are listed in a week, so that none is buried under others."""

MOST_REVEALED: Final = 100
"""Pseudonyms that one case file reveals: a case is about somebody, and no list of all there are."""

_TABLES: Final = (
    "CREATE TABLE IF NOT EXISTS case_file (id TEXT PRIMARY KEY, subject TEXT NOT NULL, issuer TEXT NOT NULL,"
    " reason TEXT NOT NULL, reference TEXT NOT NULL, opened REAL NOT NULL, expires REAL NOT NULL)",
    "CREATE TABLE IF NOT EXISTS revealed (case_file TEXT NOT NULL REFERENCES case_file (id), token TEXT NOT NULL,"
    " at REAL NOT NULL, PRIMARY KEY (case_file, token)) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS case_file_opened ON case_file (opened)",
)
_CASE: Final = "SELECT id, subject, issuer, reason, reference, opened, expires FROM case_file"


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

    def __init__(self, where: Where, clock: Callable[[], float] = time.time) -> None:
        self._where = where
        self._clock = clock

    def made(self, principal: Principal, reason: str, reference: str) -> CaseFile:
        """A case file that is not open yet; raises `RequestError` where the reason does not do."""
        text = " ".join(reason.split())
        if not SHORTEST_REASON <= len(text) <= LONGEST_REASON:
            between = f"{SHORTEST_REASON} to {LONGEST_REASON} characters"
            raise RequestError.of("BAD_REASON", f"say in {between} what the case is about")
        now = self._clock()
        identifier = secrets.token_urlsafe(16)
        return CaseFile(identifier, principal.subject, principal.issuer, text, reference[:200], now, now + LASTS)

    def open(self, case: CaseFile) -> None:
        """One transaction: a crash leaves the case file, or none. Raises `RequestError` where there are too many."""
        with beside_log(self._where, _TABLES) as connection:
            self._begin(connection)
            counted = "SELECT count(*) FROM case_file WHERE issuer = ? AND subject = ? AND opened > ?"
            row = connection.one(counted, (case.issuer, case.subject, case.opened - 24 * 3600.0))
            if row is not None and row[0] >= MOST_A_DAY:
                raise RequestError.of("TOO_MANY_CASES", f"{MOST_A_DAY} case files are opened a day at most")
            connection.run(
                "INSERT INTO case_file (id, subject, issuer, reason, reference, opened, expires)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (case.id, case.subject, case.issuer, case.reason, case.reference, case.opened, case.expires),
            )
            connection.commit()

    def mine(self, identifier: str, principal: Principal) -> CaseFile:
        """An open case file of this auditor's; raises `RequestError`."""
        with beside_log(self._where, _TABLES) as connection:
            row = connection.one(f"{_CASE} WHERE id = ?", (identifier,))
            found = None if row is None else _read(connection, row)
        ours = found is not None and (found.subject, found.issuer) == (principal.subject, principal.issuer)
        if found is None or not ours or self._clock() >= found.expires:
            raise RequestError.of("NO_SUCH_CASE", "the case file is not yours, or is not open")
        return found

    def reveal(self, case: CaseFile, tokens: Sequence[str]) -> None:
        """Write down that a case file reveals pseudonyms, before it does; raises `RequestError` where it may no more.

        One transaction: a crash leaves all of them counted, or none, and none has been shown.
        """
        with beside_log(self._where, _TABLES) as connection:
            self._begin(connection)
            statement = "INSERT INTO revealed (case_file, token, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
            connection.many(statement, [(case.id, token, self._clock()) for token in tokens])
            row = connection.one("SELECT count(*) FROM revealed WHERE case_file = ?", (case.id,))
            if row is not None and row[0] > MOST_REVEALED:
                raise RequestError.of("CASE_EXHAUSTED", f"a case file reveals {MOST_REVEALED} pseudonyms at most")
            connection.commit()

    def newest(self, first: int) -> list[CaseFile]:
        """Everybody's, the newest first: whose case files auditors read is for other auditors to see."""
        with beside_log(self._where, _TABLES) as connection:
            rows = list(connection.rows(f"{_CASE} ORDER BY opened DESC, id LIMIT ?", (min(first, MAX_LISTED),)))
            return [_read(connection, row) for row in rows]

    @staticmethod
    def _begin(connection: Connection) -> None:
        """A transaction in which nobody else adds to what it counts."""
        connection.begin()
        if connection.dialect.name != "sqlite":
            connection.run("LOCK TABLE case_file, revealed IN SHARE ROW EXCLUSIVE MODE")


def _read(connection: Connection, row: Row) -> CaseFile:
    query = "SELECT token FROM revealed WHERE case_file = ? ORDER BY at, token"
    revealed = tuple(token for (token,) in connection.rows(query, (row[0],)))
    return replace(CaseFile(*row), revealed=revealed)
