"""Who has been shielded, kept apart from the index: where an older copy of it is put back, nobody's shield is lost.

A file holds a digest of each shielded child's id, which nobody can guess. The index does not start where a child of the
file is not shielded any more, unless the operator says how many shields have been lifted since.
"""

import asyncio
import contextlib
import json
import logging
import os
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from authz.private_file import replace_private
from resolvers.errors import SourceUnavailable
from resolvers.mapping import TEXT
from resolvers.sources.sql import Database
from subgraphs.index import tables as t

MARKS: Final = "CPS_SHIELD_MARKS"
"""The environment's variable for the file. An index that is a file of SQLite's has one beside it."""

LIFTED: Final = "CPS_SHIELDS_LIFTED"
"""How many shields have been lifted since the index ran last."""

SUFFIX: Final = ".shields"
EVERY: Final = 60.0
_SHIELDED: Final = select(t.child.c.id).where(t.child.c.shielded.is_(True))

_log = logging.getLogger(__name__)


class ShieldMarks:
    """The digests of all children who have been shielded, in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def lost(self, database: Database) -> int:
        """Return how many children of the file are not shielded any more; raises `SourceUnavailable`."""
        return len(self._read() - await _shielded(database))

    async def raise_to(self, database: Database, *, anew: bool = False) -> None:
        """Add those who are shielded now, or with `anew` keep no others; raises `SourceUnavailable`."""
        known, now = self._read(), await _shielded(database)
        found = now if anew else known | now
        if found == known:
            return
        try:
            replace_private(self._path, json.dumps(sorted(found)).encode())
        except OSError as error:
            raise SourceUnavailable(f"`{self._path.name}` can't be written: {error.strerror}") from error

    def _read(self) -> set[str]:
        try:
            found = json.loads(self._path.read_bytes())
        except FileNotFoundError:
            return set()
        except (OSError, ValueError) as error:
            raise SourceUnavailable(f"`{self._path.name}` can't be read: {type(error).__name__}") from error
        if not isinstance(found, list):
            raise SourceUnavailable(f"`{self._path.name}` is not a list")
        return set(map(str, found))


async def _shielded(database: Database) -> set[str]:
    try:
        async with database.reader() as reader:
            rows = await reader.rows(_SHIELDED, {})
    except (SQLAlchemyError, OSError) as error:
        raise SourceUnavailable("the index does not say who is shielded") from error
    return {sha256(f"shielded {TEXT.read(child)}".encode()).hexdigest() for (child,) in rows}


@contextlib.asynccontextmanager
async def kept_shields(database: Database) -> AsyncIterator[None]:
    """See that no shield is lost, and keep the file while the index runs; raises `SourceUnavailable` where one is."""
    path = _path(database)
    if path is None:
        _log.warning("%s names no file: an older index that is put back would not be noticed", MARKS)
        yield
        return
    marks = ShieldMarks(path)
    lost, lifted = await marks.lost(database), _lifted()
    if lost > lifted:
        raise SourceUnavailable(
            f"{lost} children who were shielded are not any more: this may be an older index. Put the newer one back;"
            f" or say by {LIFTED} how many shields have been lifted"
        )
    await marks.raise_to(database, anew=True)
    keeping = asyncio.ensure_future(_keep(marks, database))
    try:
        yield
    finally:
        keeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeping


async def _keep(marks: ShieldMarks, database: Database) -> None:
    while True:
        await asyncio.sleep(EVERY)
        try:
            await marks.raise_to(database)
            if lost := await marks.lost(database):
                _log.error("%d children who were shielded are not any more: this may be an older index", lost)
        except SourceUnavailable as error:
            _log.error("%s", error)


def _path(database: Database) -> Path | None:
    given = os.environ.get(MARKS)
    if given:
        return Path(given)
    return None if database.file is None else database.file.with_name(f"{database.file.name}{SUFFIX}")


def _lifted() -> int:
    given = os.environ.get(LIFTED, "0")
    if not given.isdecimal():
        raise SourceUnavailable(f"{LIFTED} is a number")
    return int(given)
