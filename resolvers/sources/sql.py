"""An agency's existing SQL database: SQLite or PostgreSQL, read and never written.

Every statement's text can be written to a file, as JSON lines `{time, requestId, statement}`: what an agency's own
people look at to see what was asked of their database. Parameters are never written, so the file holds no personal
data.
"""

import datetime as dt
import logging
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Final

import orjson
from sqlalchemy import Executable, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from authz.private_file import open_private
from resolvers.errors import SourceUnavailable

logging.getLogger("aiosqlite").setLevel(logging.WARNING)  # at DEBUG it writes parameters, which are personal data

STATEMENT_SECONDS: Final = 10
_EXPECTED: Final = "`sqlite+aiosqlite:///FILE` or `postgresql+asyncpg://USER@HOST/NAME`"
_READING: Final[dict[str, Any]] = {
    "hide_parameters": True,
    "isolation_level": "AUTOCOMMIT",
    # nothing is ever open to be rolled back: without this, each use of a connection costs a round trip more
    "skip_autocommit_rollback": True,
    "pool_reset_on_return": None,
}
REQUEST_ID: Final[ContextVar[str]] = ContextVar("REQUEST_ID", default="")
"""The gateway's id of the request that is being answered; serve sets it."""


class StatementLog:
    """Appends one line a statement. A line is one `write`, so that several processes may share a file.

    It is written before the statement runs: a crash leaves at most a line of a statement that did not.
    """

    def __init__(self, path: Path) -> None:
        self._file = open_private(path, os.O_WRONLY | os.O_APPEND)

    def write(self, statement: str) -> None:
        line = {"time": dt.datetime.now(dt.UTC).isoformat(), "requestId": REQUEST_ID.get(), "statement": statement}
        os.write(self._file, orjson.dumps(line) + b"\n")

    def close(self) -> None:
        os.close(self._file)


class Reader:
    """One connection, for the statements of one load."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def rows(self, statement: Executable, parameters: Mapping[str, object]) -> Sequence[Sequence[Any]]:
        result = await self._connection.execute(statement, parameters)
        return result.all()


class Database:
    """A pool of connections to one database that can only read; `file` is that of SQLite's."""

    def __init__(self, url: str, statement_log: Path | None = None) -> None:
        self._engine = _engine(url)
        found = self._engine.url
        self.file = Path(str(found.database)) if found.get_backend_name() == "sqlite" else None
        self._log = StatementLog(statement_log) if statement_log is not None else None
        if self._log is not None:
            log = self._log
            event.listen(self._engine.sync_engine, "before_cursor_execute", lambda *given: log.write(given[2]))

    @asynccontextmanager
    async def reader(self) -> AsyncIterator[Reader]:
        async with self._engine.connect() as connection:
            yield Reader(connection)

    async def ping(self) -> None:
        """Raise SourceUnavailable if the database doesn't answer."""
        # SQLite answers `SELECT 1` without opening the file
        question = "SELECT count(*) FROM sqlite_master" if self._engine.dialect.name == "sqlite" else "SELECT 1"
        try:
            async with self._engine.connect() as connection:
                await connection.execute(text(question))
        except (SQLAlchemyError, OSError) as error:
            raise SourceUnavailable("the database does not answer") from error

    async def close(self) -> None:
        await self._engine.dispose()
        if self._log is not None:
            self._log.close()


def _engine(given: str) -> AsyncEngine:
    """The engine of a URL: autocommit (a statement reads what is there now), no parameters in error messages."""
    try:
        url = make_url(given)
    except ArgumentError as error:
        raise SourceUnavailable(f"the database's URL can't be read: expected {_EXPECTED}") from error
    if url.drivername == "sqlite+aiosqlite":
        engine = create_async_engine(_existing_file(url), **_READING)
        event.listen(engine.sync_engine, "connect", _read_only)
        return engine
    if url.drivername == "postgresql+asyncpg":
        settings = {"default_transaction_read_only": "on", "statement_timeout": str(STATEMENT_SECONDS * 1000)}
        return create_async_engine(url, pool_pre_ping=True, connect_args={"server_settings": settings}, **_READING)
    raise SourceUnavailable(f"`{url.drivername}` can't be read here: expected {_EXPECTED}")


def _existing_file(url: URL) -> URL:
    """SQLite makes the file that it doesn't find, and then holds no table: say so at once."""
    if not url.database or not Path(url.database).is_file():
        raise SourceUnavailable(
            "the database's file does not exist: make the example databases, or give another `--database`"
        )
    return url


def _read_only(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA query_only = ON")
    cursor.close()
