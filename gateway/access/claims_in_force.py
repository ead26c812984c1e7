"""The claims that count at this moment, whichever process of whichever host took or ended them.

They are kept in memory, and read again as soon as the database says that it has changed: SQLite by a counter in memory
that all of a host's processes share (`PRAGMA data_version`), PostgreSQL by a counter in a row, read off the event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from gateway.access.claims import TABLES
from gateway.audit.database import Failure, beside_log, connect

if TYPE_CHECKING:
    from authz.principal import Principal, Purpose
    from gateway.access.claims import ClaimStore
    from gateway.audit.database import Connection

log = logging.getLogger("gateway.access")

_Version: TypeAlias = "tuple[int, ...]"
_Known: TypeAlias = "dict[tuple[str, str], list[tuple[str, str, float]]]"
"""Child, purpose and end of each claim, by issuer and subject."""

NONE: Final[frozenset[str]] = frozenset()
ANSWER_SECONDS: Final = 2.0
"""How long PostgreSQL has to say whether claims have changed."""


class ClaimsInForce:
    """Says which children somebody has claimed. Used by one event loop."""

    def __init__(self, store: ClaimStore) -> None:
        self._store = store
        self._known: _Known = {}
        self._version: _Version | None = None
        self._reading = asyncio.Lock()
        self._next: asyncio.Task[None] | None = None
        where = store.where
        self._counter = _SqliteCounter(where) if isinstance(where, Path) else _PostgresCounter(where)

    async def of(self, principal: Principal, purpose: Purpose | None) -> frozenset[str]:
        """Return the children (regional ids) with whom a claim of the principal's for this purpose is in force.

        What can't be read is not in force; that is logged.
        """
        if purpose is None:
            return NONE
        try:
            if self._version is None or self._counter.version_at_once() != self._version:
                await self._fresh()
        except (Failure, OSError, sqlite3.Error) as error:
            log.error("claims can't be read, and count for nothing: %s", error)
            self._version = None
            return NONE
        claims = self._known.get((principal.issuer, principal.subject))
        if not claims:
            return NONE
        now = self._store.clock().timestamp()
        return frozenset(child for child, of, expires in claims if of == purpose.value and now < expires)

    async def _fresh(self) -> None:
        """Wait for a reading that begins from here on: all who wait for it share it."""
        if self._next is None:
            self._next = asyncio.get_running_loop().create_task(self._read())
        await asyncio.shield(self._next)

    async def _read(self) -> None:
        """Read all that is in force, where it is not as it was."""
        async with self._reading:
            self._next = None  # who comes from here on may need what this reading does not see
            version = await asyncio.to_thread(self._counter.version)
            if version is not None and version == self._version:
                return
            found: _Known = {}
            for claim in await asyncio.to_thread(self._store.in_force):
                person = found.setdefault((claim.issuer, claim.subject), [])
                person.append((claim.child, claim.purpose, claim.expires))
            self._known, self._version = found, version

    def close(self) -> None:
        self._counter.close()


class _SqliteCounter:
    """The counter of a file's changes. A version is what changes whenever another connection has changed the file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._file = (0, 0)

    def version(self) -> _Version | None:
        """Return the version of the file that stands at the path, which is made where there is none. Blocks."""
        if self._connection is None or self._identity() != self._file:
            self.close()
            with beside_log(self._path, TABLES):
                self._connection = sqlite3.connect(
                    self._path, isolation_level=None, check_same_thread=False, timeout=0.0
                )
                self._connection.execute("PRAGMA data_version").fetchone()
                self._file = self._identity()
        return self.version_at_once()

    def version_at_once(self) -> _Version | None:
        """Return the version, None where it can't be told at once: this reads memory that processes share."""
        connection = self._connection
        if connection is None or self._identity() != self._file:
            return None
        try:
            (counted,) = connection.execute("PRAGMA data_version").fetchone()
        except sqlite3.Error:
            return None
        return (*self._file, counted)

    def _identity(self) -> tuple[int, int]:
        try:
            found = os.stat(self._path)  # noqa: PTH116 - asked for each request: a third of the time
        except FileNotFoundError:
            return 0, 0
        return found.st_dev, found.st_ino

    def close(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None


class _PostgresCounter:
    """The counter that each change of claims adds to. It is asked over the network: nothing can be told at once."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: Connection | None = None

    def version(self) -> _Version | None:
        """Return what changes with each claim and each suspension. Blocks; raises `Failure`."""
        if self._connection is None:
            self._connection = connect(self._url, readonly=True, seconds=ANSWER_SECONDS)
        try:
            row = self._connection.one("SELECT number FROM claim_change")
        except Failure:
            self.close()
            raise
        if row is None:
            raise Failure("the counter of claims is missing")
        return (int(row[0]),)

    def version_at_once(self) -> _Version | None:
        """Return None: it has to be asked for."""
        return None

    def close(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(Failure):
                self._connection.close()
            self._connection = None
