"""Writing a sheet into a database, whole or not at all.

A SQLite file is written beside its place and renamed; PostgreSQL takes schema and rows in one transaction. Either way a
reader sees the old database or the new one.
"""

import asyncio
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import URL, Connection, create_engine, event, insert
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.schema import CreateIndex, CreateTable

from authz.private_file import make_private
from subgraphs.population.views.sheet import Sheet

CHUNK = 5_000
Advance = Callable[[int], None]


class UnsupportedDatabaseError(ValueError):
    """Neither SQLite in a file nor PostgreSQL by asyncpg."""


def check(url: URL) -> None:
    """Raise UnsupportedDatabaseError unless `write` can write there."""
    sqlite = url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")
    if not sqlite and url.drivername != "postgresql+asyncpg":
        raise UnsupportedDatabaseError(
            f"expected `sqlite:///FILE` or `postgresql+asyncpg://...`, found `{url.drivername}`"
        )


def write(url: URL, sheet: Sheet, advance: Advance) -> None:
    """Replace what the database holds of the sheet's tables. `advance` is told of each chunk of rows."""
    if url.get_backend_name() == "sqlite":
        assert url.database is not None
        _write_file(Path(url.database), sheet, advance)
    else:
        asyncio.run(_write_server(url, sheet, advance))


def _write_file(path: Path, sheet: Sheet, advance: Advance) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".unfinished")
    unfinished.unlink(missing_ok=True)
    make_private(unfinished)
    engine = create_engine(URL.create("sqlite", database=str(unfinished)))
    event.listen(engine, "connect", _hasten)
    try:
        with engine.begin() as connection:
            _fill(connection, sheet, advance)
    finally:
        engine.dispose()
    # A crash up to here leaves the old database and a file that the next run deletes.
    with unfinished.open("rb") as written:
        os.fsync(written.fileno())
    # Journals of the database that goes would be read into the one that comes, and so would who was shielded in it.
    for suffix in ("-wal", "-shm", "-journal", ".shields"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    unfinished.replace(path)


def _hasten(connection: sqlite3.Connection, _record: object) -> None:
    """The file is nobody's until it is renamed, so it needs no journal."""
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")


async def _write_server(url: URL, sheet: Sheet, advance: Advance) -> None:
    engine = create_async_engine(url)
    try:
        # A crash before the commit leaves what was there.
        async with engine.begin() as connection:
            await connection.run_sync(_fill, sheet, advance)
    finally:
        await engine.dispose()


def _fill(connection: Connection, sheet: Sheet, advance: Advance) -> None:
    """Tables, rows, then indexes by name: SQLAlchemy's own order of indexes differs from run to run."""
    sheet.metadata.drop_all(connection)
    for table, _ in sheet:
        connection.execute(CreateTable(table))
    for table, rows in sheet:
        for start in range(0, len(rows), CHUNK):
            chunk = rows[start : start + CHUNK]
            connection.execute(insert(table), chunk)
            advance(len(chunk))
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            connection.execute(CreateIndex(index))
