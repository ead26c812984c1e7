"""The database of the log, SQLite's or PostgreSQL's, as those that write, order and read it use it.

Statements are one text for both, with `?` or `:name` for values; where the two differ, the `Dialect` has the words. All
of it blocks, and a connection is used by one thread at a time.
"""

from __future__ import annotations

import contextlib
import itertools
import re
import sqlite3
import ssl
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, Protocol, TypeAlias
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from authz.private_file import make_private
from gateway.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from types import ModuleType

Where: TypeAlias = "Path | str"
"""A file of SQLite's, or `postgresql://USER:PASSWORD@HOST:PORT/NAME`."""

Values: TypeAlias = "Sequence[object] | Mapping[str, object]"
Row: TypeAlias = "Sequence[Any]"

CONNECT_SECONDS: Final = 5.0
CACHE_KIB: Final = 32_768
"""Of SQLite's pages in memory: indexes by random numbers touch another page with each entry."""

CHECKPOINT_PAGES: Final = 4_000
"""Pages of SQLite's write-ahead log (16 MB) after which they go into the file: what changed often goes there once."""

BUSY_SECONDS = 5.0
"""How long others who write a file of SQLite's are waited for."""

STATEMENT_SECONDS: Final = 10.0
"""Of PostgreSQL's statements that write."""

FETCHED: Final = 2_000
"""Rows that are taken from PostgreSQL at a time."""

_VALUE: Final = re.compile(r"\?|(?<!:):(\w+)")


class Failure(Exception):
    """What a database did not do. The words name no value of a row."""

    def __init__(self, why: str, kind: Literal["data", "interrupted", "other"] = "other") -> None:
        super().__init__(why)
        self.kind = kind


class Dialect(NamedTuple):
    """`outer` joins so that the table before it is read first; `tokens` puts together a list of texts; `day` is an
    entry's day (UTC); `explain` comes before a statement.

    `given` is what was given (`g(value)`), `of_given` the fields of that (`v(value)`), `ties` the relationships
    (`r(value)`) and `of_whom` each child (`c(value)`); `not_given` is what was withheld (`g(value)`). An entry of
    before that was written down of each child says all that it does of all its children.
    """

    name: str
    outer: str
    tokens: str
    given: str
    of_given: str
    ties: str
    of_whom: str
    not_given: str
    day: str
    explain: str


_TEXT: Final = "CAST(e.body AS TEXT)"
_ALL: Final = f"json((SELECT json_group_array(key) FROM json_each({_TEXT}, '$.children')))"  # noqa: S608 - our own words
_JSON: Final = "convert_from(e.body, 'UTF8')::jsonb"
_EVERY: Final = (
    f"(SELECT COALESCE(jsonb_agg(n - 1), '[]') FROM jsonb_array_elements({_JSON} -> 'children')"  # noqa: S608 - as above
    " WITH ORDINALITY k(value, n))"
)
"""The numbers of all children of an entry; `_ALL` the same."""

SQLITE: Final = Dialect(
    "sqlite",
    "CROSS JOIN",
    "group_concat(kind || ' ' || token)",
    f"json_each(COALESCE(json_extract({_TEXT}, '$.given'), json_array(json_object('children', {_ALL},"
    f" 'fields', json_extract({_TEXT}, '$.fields'), 'relationships', json_extract({_TEXT}, '$.relationships'))))) g",
    "json_each(CASE json_type(g.value, '$.fields') WHEN 'array' THEN json_array(json_extract(g.value, '$.fields'))"
    " ELSE json_extract(g.value, '$.fields') END) f, json_each(f.value) v",
    "json_each(g.value, '$.relationships') r",
    f"json_each(g.value, '$.children') n JOIN json_each({_TEXT}, '$.children') c ON c.key = n.value",
    f"json_each(COALESCE(json_extract({_TEXT}, '$.not_given'), CASE json_array_length({_TEXT}, '$.withheld')"
    f" WHEN 0 THEN json_array() ELSE json_array(json_object('children', {_ALL})) END)) g",
    "date(e.time, 'unixepoch')",
    "EXPLAIN QUERY PLAN",
)
POSTGRESQL: Final = Dialect(
    "postgresql",
    "JOIN",
    "string_agg(kind || ' ' || token, ',')",
    f"jsonb_array_elements(COALESCE({_JSON} -> 'given', jsonb_build_array(jsonb_build_object('children', {_EVERY},"
    f" 'fields', {_JSON} -> 'fields', 'relationships', {_JSON} -> 'relationships')))) g(value)",
    "jsonb_path_query(CASE jsonb_typeof(g.value -> 'fields') WHEN 'array' THEN g.value -> 'fields'"
    " ELSE jsonb_path_query_array(g.value -> 'fields', '$.*[*]') END, '$[*]') x, LATERAL (SELECT x #>> '{}') v(value)",
    "jsonb_array_elements_text(g.value -> 'relationships') r(value)",
    f"jsonb_array_elements_text(g.value -> 'children') n(value) JOIN LATERAL jsonb_array_elements_text({_JSON}"
    " -> 'children') WITH ORDINALITY c(value, at) ON c.at - 1 = n.value::int",
    f"jsonb_array_elements(COALESCE({_JSON} -> 'not_given', CASE jsonb_array_length({_JSON} -> 'withheld') WHEN 0"
    f" THEN '[]'::jsonb ELSE jsonb_build_array(jsonb_build_object('children', {_EVERY})) END)) g(value)",
    "to_char(to_timestamp(e.time) AT TIME ZONE 'UTC', 'YYYY-MM-DD')",
    "EXPLAIN",
)


class Connection(Protocol):
    """One connection. Every method raises `Failure`."""

    dialect: Dialect

    def rows(self, statement: str, values: Values = ()) -> Iterator[Row]:
        """The rows; in a transaction that reads, and without values, some at a time: memory does not grow with them."""

    def one(self, statement: str, values: Values = ()) -> Row | None: ...

    def run(self, statement: str, values: Values = ()) -> int | None:
        """Carry out a statement; of SQLite's, the number of the row that it put in."""

    def many(self, statement: str, values: Iterable[Sequence[object]]) -> None: ...

    def begin(self, *, reading: bool = False) -> None: ...

    def commit(self) -> None: ...

    def close(self) -> None:
        """What is not committed is rolled back."""

    def put_together(self) -> bool:
        """Before a file that was moved away is let go of: whether all that is in it is in one place now."""


def place(text: str) -> Where:
    """A file's path, or the URL of a database; raises `ConfigError` where it is neither."""
    if "://" not in text:
        return Path(text)
    if not text.startswith("postgresql://"):
        raise ConfigError("an audit log is a file, or postgresql://USER@HOST/NAME")
    return text


def connect(where: Where, *, readonly: bool = False, seconds: float | None = None) -> Connection:
    """A connection; each of its statements is given up after so many seconds. Raises `Failure`."""
    if isinstance(where, str):
        return _Postgres(where, readonly=readonly, seconds=seconds)
    return _Sqlite(where, readonly=readonly, seconds=seconds)


@contextlib.contextmanager
def beside_log(where: Where, tables: Iterable[str]) -> Iterator[Connection]:
    """A connection to what is kept beside the log. In a database the tables are the log's; a file gets its own."""
    with contextlib.closing(connect(where)) as connection:
        if connection.dialect.name == "sqlite":
            for statement in tables:
                connection.run(statement)
        yield connection


class _Sqlite:
    dialect = SQLITE

    def __init__(self, path: Path, *, readonly: bool, seconds: float | None) -> None:
        try:
            if readonly:
                self._connection = sqlite3.connect(
                    f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
                )
            else:
                _check_whole(path)
                make_private(path)  # SQLite gives its other files the same mode
                self._connection = sqlite3.connect(
                    path, isolation_level=None, check_same_thread=False, timeout=BUSY_SECONDS
                )
                _write_ahead(self._connection)
                self._connection.execute("PRAGMA synchronous = FULL")
                self._connection.execute("PRAGMA foreign_keys = ON")
                self._connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
                self._connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        except (sqlite3.Error, OSError) as error:
            raise Failure(str(error)) from error
        if seconds is not None:
            last = time.monotonic() + seconds
            self._connection.set_progress_handler(lambda: time.monotonic() > last, 10_000)

    def rows(self, statement: str, values: Values = ()) -> Iterator[Row]:
        try:
            yield from self._connection.execute(statement, values)
        except sqlite3.Error as error:
            raise _of_sqlite(error) from error

    def one(self, statement: str, values: Values = ()) -> Row | None:
        try:
            found: Row | None = self._connection.execute(statement, values).fetchone()
        except sqlite3.Error as error:
            raise _of_sqlite(error) from error
        return found

    def run(self, statement: str, values: Values = ()) -> int | None:
        try:
            return self._connection.execute(statement, values).lastrowid
        except sqlite3.Error as error:
            raise _of_sqlite(error) from error

    def many(self, statement: str, values: Iterable[Sequence[object]]) -> None:
        try:
            self._connection.executemany(statement, values)
        except sqlite3.Error as error:
            raise _of_sqlite(error) from error

    def begin(self, *, reading: bool = False) -> None:
        self.run("BEGIN" if reading else "BEGIN IMMEDIATE")

    def commit(self) -> None:
        self.run("COMMIT")

    def close(self) -> None:
        try:
            self._connection.close()
        except sqlite3.Error as error:
            raise _of_sqlite(error) from error

    def put_together(self) -> bool:
        """Bring what is in the write-ahead file into the file, wherever that is by now; not while somebody reads it."""
        found = self.one("PRAGMA wal_checkpoint(TRUNCATE)")
        return found is not None and found[0] == 0


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Have changes written ahead. Of several who open a new file SQLite lets one do so, and the others do not wait."""
    last = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > last:
                raise
            time.sleep(0.01)


def _check_whole(path: Path) -> None:
    """A file that is new would take an older one's write-ahead file for its own, and empty it: what is there is kept.

    Raises `OSError`.
    """
    ahead = path.with_name(f"{path.name}-wal")
    if _size(ahead) and not _size(path):
        raise OSError(f"`{ahead.name}` holds entries, and the file that they belong to is not beside it")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _of_sqlite(error: sqlite3.Error) -> Failure:
    if isinstance(error, sqlite3.IntegrityError):
        return Failure(str(error), "data")
    return Failure(str(error), "interrupted" if "interrupted" in str(error) else "other")


class _Postgres:
    """By pg8000, which is loaded where a log is PostgreSQL's only."""

    dialect = POSTGRESQL

    def __init__(self, url: str, *, readonly: bool, seconds: float | None) -> None:
        self._driver = _driver()
        parts = urlsplit(url)
        tls = _tls(parts)
        try:
            self._connection = self._driver.Connection(
                unquote(parts.username or "postgres"),
                host=parts.hostname or "127.0.0.1",
                port=parts.port or 5432,
                database=unquote(parts.path.lstrip("/")) or None,
                password=unquote(parts.password) if parts.password else None,
                ssl_context=tls,
                timeout=None if readonly and seconds is None else (seconds or STATEMENT_SECONDS) + CONNECT_SECONDS,
                application_name="cps audit",
                tcp_keepalive=True,
            )
        except (self._driver.InterfaceError, self._driver.DatabaseError, OSError, ValueError) as error:
            raise Failure(f"the database can't be reached: {type(error).__name__}") from error
        self._numbers = itertools.count()
        self._streams = False
        for name, value in _settings(readonly=readonly, seconds=seconds).items():
            self.run(f"SET {name} = {value}")

    def rows(self, statement: str, values: Values = ()) -> Iterator[Row]:
        if values or not self._streams:  # a cursor takes none, and stands in a transaction
            yield from self._asked(statement, values)
            return
        name = f"some_{next(self._numbers)}"
        self.run(f"DECLARE {name} CURSOR FOR {statement}")
        while found := self._asked(f"FETCH {FETCHED} FROM {name}", ()):
            yield from found
        self.run(f"CLOSE {name}")

    def one(self, statement: str, values: Values = ()) -> Row | None:
        found = self._asked(statement, values)
        return found[0] if found else None

    def run(self, statement: str, values: Values = ()) -> int | None:
        self._asked(statement, values)
        return None

    def many(self, statement: str, values: Iterable[Sequence[object]]) -> None:
        for each in values:
            self._asked(statement, each)

    def begin(self, *, reading: bool = False) -> None:
        self._streams = reading
        self.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" if reading else "BEGIN")

    def commit(self) -> None:
        self.run("COMMIT")

    def close(self) -> None:
        try:
            self._connection.close()
        except (self._driver.InterfaceError, self._driver.DatabaseError, OSError) as error:
            raise Failure(type(error).__name__) from error

    def _asked(self, statement: str, values: Values) -> list[Row]:
        text, named = _named(statement, values)
        try:
            found: list[Row] = self._connection.run(text, **named) or []
        except self._driver.DatabaseError as error:
            raise self._failure(error) from error
        except (self._driver.InterfaceError, OSError) as error:
            raise Failure(f"the database is gone: {type(error).__name__}") from error
        return found

    @staticmethod
    def _failure(error: Exception) -> Failure:
        told = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
        state = str(told.get("C", ""))
        if state.startswith(("22", "23")):
            return Failure(f"a row can't be taken (SQLSTATE {state})", "data")
        if state == "57014":
            return Failure("interrupted", "interrupted")
        said = str(told.get("M", "")) if state.startswith("P0") else f"SQLSTATE {state}"  # a trigger's own words
        return Failure(said or "the database refused")

    def put_together(self) -> bool:
        """A database is in no file of ours."""
        return True


def _settings(*, readonly: bool, seconds: float | None) -> dict[str, str]:
    """What a session asks of the server: that it lets go soon of what a host held that is gone, and that a commit is on
    the disk before it is reported.
    """
    found = {
        "tcp_keepalives_idle": "10",
        "tcp_keepalives_interval": "5",
        "tcp_keepalives_count": "3",
        "idle_in_transaction_session_timeout": "60000" if readonly else "10000",
        "lock_timeout": "5000",
    }
    if seconds is not None or not readonly:
        found["statement_timeout"] = str(int((seconds or STATEMENT_SECONDS) * 1_000))
    if not readonly:
        found["synchronous_commit"] = "on"
    return found


def _tls(parts: SplitResult) -> ssl.SSLContext | bool:
    """What the URL says: `sslmode=verify-full` (what is so where nothing is said, but on this host) or `disable`.

    Raises `ConfigError` where it says anything else: what is not understood is not passed over.
    """
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    local = parts.hostname in (None, "", "localhost", "127.0.0.1", "::1")
    mode = given.pop("sslmode", "disable" if local else "verify-full")
    root = given.pop("sslrootcert", None)
    if given or mode not in ("disable", "verify-full"):
        raise ConfigError("of the log's URL only `sslmode` (verify-full, disable) and `sslrootcert` are understood")
    try:
        return ssl.create_default_context(cafile=root) if mode == "verify-full" else False
    except OSError as error:
        raise ConfigError(f"`sslrootcert` can't be used: {error.strerror}") from error


def _named(statement: str, values: Values) -> tuple[str, dict[str, object]]:
    """The statement with names that are values' own."""
    if not values:
        return statement, {}
    given = dict(values) if hasattr(values, "keys") else {f"v{number}": value for number, value in enumerate(values)}
    numbers = itertools.count()
    text = _VALUE.sub(lambda found: f":{found[1] or f'v{next(numbers)}'}", statement)
    return text, given


def _driver() -> ModuleType:
    try:
        from pg8000 import native
    except ImportError as error:
        raise ConfigError("a log in PostgreSQL needs `pip install child-protection-gateway[postgres]`") from error
    found: ModuleType = native
    return found
