"""The claims that count at this moment, whichever process of whichever host took or ended them.

They are kept in memory, and read again as soon as they have changed. Beside a file of SQLite's that is told by a mark
in a file that all of a host's processes share as memory; in PostgreSQL by a counter in a row, read off the event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from authz.principal import may_claim
from gateway.access.change_mark import change_mark, mark_of
from gateway.access.claims import TABLES
from gateway.audit.database import Failure, beside_log, connect

if TYPE_CHECKING:
    import mmap

    from authz.principal import Principal, Purpose
    from gateway.access.claims import ClaimStore
    from gateway.audit.database import Connection

log = logging.getLogger("gateway.access")

_Version: TypeAlias = "tuple[int | bytes, ...]"
_Known: TypeAlias = "dict[tuple[str, str, str], list[tuple[str, str, float]]]"
"""Child, purpose and end of each claim, by issuer, subject and agency."""

NONE: Final[frozenset[str]] = frozenset()
ANSWER_SECONDS: Final = 2.0
"""How long PostgreSQL has to say whether claims have changed."""

CHECKED_SECONDS: Final = 1.0
"""How often it is looked whether a file was replaced by another."""


class ClaimsInForce:
    """Says which children somebody has claimed. Used by one event loop."""

    def __init__(self, store: ClaimStore) -> None:
        self._store = store
        self._known: _Known = {}
        self._version: _Version | None = None
        self._reading = asyncio.Lock()
        self._next: asyncio.Task[None] | None = None
        where = store.where
        self._counter = _FileMark(where) if isinstance(where, Path) else _PostgresCounter(where)

    async def of(self, principal: Principal, purpose: Purpose | None) -> frozenset[str]:
        """Return the children (regional ids) with whom a claim of the principal's for this purpose is in force.

        It counts for whoever made it, as long as they may claim, at the agency that reviews it. What can't be read is
        not in force; that is logged.
        """
        if purpose is None or not may_claim(principal):
            return NONE
        try:
            if self._version is None or self._counter.version_at_once() != self._version:
                await self._fresh()
        except (Failure, OSError) as error:
            log.error("claims can't be read, and count for nothing: %s", error)
            self._version = None
            return NONE
        claims = self._known.get((principal.issuer, principal.subject, principal.agency))
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
            if version == self._version:
                return
            found: _Known = {}
            for claim in await asyncio.to_thread(self._store.in_force):
                person = found.setdefault((claim.issuer, claim.subject, claim.agency), [])
                person.append((claim.child, claim.purpose, claim.expires))
            self._known, self._version = found, version

    def close(self) -> None:
        self._counter.close()


class _FileMark:
    """The mark that each change leaves beside the file of claims, and the file, which may be replaced by another.

    Were a mark lost, as a crash between a change and its mark loses it, the file itself tells within a second.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mark: mmap.mmap | None = None
        self._files: tuple[int, ...] = ()
        self._written: tuple[int, ...] = ()
        self._checked = 0.0
        self._told: tuple[bytes, _Version] = (b"", ())

    def version(self) -> _Version:
        """Return the version of the file that stands at the path; both are made where there is none. Blocks."""
        mark = self._mark
        if mark is None or self._identity() != self._files:
            with beside_log(self._path, TABLES):
                pass
            mark = change_mark(self._path)
            self._files = self._identity()
            self._mark = mark  # the one before is let go of by whoever looks at it last
        self._written = self._last_written()
        self._told = (b"", ())
        return (*self._files, *self._written, mark[:])

    def version_at_once(self) -> _Version | None:
        """Return the version, None where it can't be told at once: by a look into memory, and once a second at disk."""
        mark, now = self._mark, time.monotonic()
        if mark is None:
            return None
        if now >= self._checked + CHECKED_SECONDS:
            if self._identity() != self._files:
                return None
            self._written, self._checked = self._last_written(), now
        elif self._told[0] == mark[:]:
            return self._told[1]
        found = mark[:]
        self._told = (found, (*self._files, *self._written, found))
        return self._told[1]

    def _identity(self) -> tuple[int, ...]:
        found: tuple[int, ...] = ()
        for path in (self._path, mark_of(self._path)):
            try:
                each = path.stat()
            except FileNotFoundError:
                return ()
            found = (*found, each.st_dev, each.st_ino)
        return found

    def _last_written(self) -> tuple[int, ...]:
        """Return what changes when the file, or what is written ahead of it, does."""
        found: tuple[int, ...] = ()
        for path in (self._path, self._path.with_name(f"{self._path.name}-wal")):
            with contextlib.suppress(FileNotFoundError):
                each = path.stat()
                found = (*found, each.st_mtime_ns, each.st_size)
        return found

    def close(self) -> None:
        self._mark = None


class _PostgresCounter:
    """The counter that each change of claims adds to. It is asked over the network: nothing can be told at once."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: Connection | None = None

    def version(self) -> _Version:
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
