"""The shield: who may find a shielded child, and how its steward learns of searches that would have found one.

Nothing of this takes part in an answer: a search is looked at again when its answer has left.
"""

import asyncio
import datetime as dt
import os
import sqlite3
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Select

from authz.principal import Role
from authz.private_file import make_private
from resolvers.mapping import TEXT
from resolvers.request import Request
from resolvers.sources.sql import REQUEST_ID
from subgraphs.index import tables as t

PROBES: Final = "CPS_SHIELD_PROBES"
"""The environment's variable for the file that probes are kept in."""

MAX_LISTED: Final = 1_000
_TABLE: Final = """
CREATE TABLE IF NOT EXISTS probe (
    number INTEGER PRIMARY KEY, at TEXT NOT NULL, request_id TEXT NOT NULL, practitioner TEXT NOT NULL,
    agency TEXT NOT NULL, roles TEXT NOT NULL, purpose TEXT, child_id TEXT NOT NULL
)
"""


@dataclass(frozen=True, slots=True)
class Probe:
    """A search that would have found a shielded child. `request_id` is the entry's in the audit log."""

    at: dt.datetime
    request_id: str
    practitioner: str
    agency: str
    roles: str
    purpose: str | None
    child_id: str


class Probes:
    """Probes in a file of SQLite's, or in memory where there is no file."""

    def __init__(self, path: Path | None) -> None:
        self._lock = threading.Lock()
        if path is not None:
            make_private(path)
        self._file = sqlite3.connect(path or ":memory:", check_same_thread=False, isolation_level=None)
        self._file.execute("PRAGMA journal_mode = WAL")
        self._file.execute(_TABLE)

    def add(self, probe: Probe) -> None:
        """A crash here loses this probe; the search itself is in the gateway's log."""
        values = (
            probe.at.isoformat(),
            probe.request_id,
            probe.practitioner,
            probe.agency,
            probe.roles,
            probe.purpose,
            probe.child_id,
        )
        with self._lock:
            self._file.execute(
                "INSERT INTO probe (at, request_id, practitioner, agency, roles, purpose, child_id)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                values,
            )

    def newest(self, most: int) -> list[Probe]:
        with self._lock:
            rows = self._file.execute(
                "SELECT at, request_id, practitioner, agency, roles, purpose, child_id FROM probe"
                " ORDER BY number DESC LIMIT ?",
                (min(most, MAX_LISTED),),
            ).fetchall()
        return [Probe(dt.datetime.fromisoformat(row[0]), *row[1:]) for row in rows]


_opened: dict[str, Probes] = {}


def probes() -> Probes:
    """The file that this process keeps probes in; opened at the first use."""
    path = os.environ.get(PROBES, "")
    if path not in _opened:
        _opened[path] = Probes(Path(path) if path else None)
    return _opened[path]


def is_steward(request: Request) -> bool:
    return request.asserted is not None and Role.SHIELD_STEWARD in request.asserted.roles


def admit(request: Request) -> None:
    """Let the steward's statements find the shielded."""
    request.parameters[t.SHOWN] = is_steward(request)


def probed(request: Request, statement: Select[Any]) -> None:
    """Once the answer has left, look for what a search names among the shielded."""
    if is_steward(request):
        return
    found = REQUEST_ID.get()

    async def look() -> None:
        async with request.database.reader() as reader:
            rows = await reader.rows(statement.where(t.child.c.shielded.is_(True)), {})
        asked = request.asserted
        for (child,) in rows:
            probe = Probe(
                at=dt.datetime.now(dt.UTC),
                request_id=found,
                practitioner=asked.subject if asked else "",
                agency=asked.agency if asked else "",
                roles=", ".join(role.value for role in asked.roles) if asked else "",
                purpose=asked.purpose.value if asked and asked.purpose else None,
                child_id=TEXT.read(child),
            )
            await asyncio.to_thread(probes().add, probe)

    request.afterwards.append(look)
