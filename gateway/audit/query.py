"""Reading the log."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING, NamedTuple

import orjson

from gateway.audit.store import connect
from gateway.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from gateway.audit.tokens import Tokeniser


_SELECT = "SELECT e.seq, e.body, COALESCE(o.text, '') FROM entry e LEFT JOIN operation o ON o.hash = e.operation_hash"


class Found(NamedTuple):
    """An entry as it was written, with its place in the log and its operation's text."""

    seq: int
    body: Mapping[str, object]
    operation: str


def entries(
    path: Path,
    tokeniser: Tokeniser,
    *,
    child: str | None = None,
    subject: str | None = None,
    since: float | None = None,
    limit: int = 100,
) -> Iterator[Found]:
    """The newest entries first. `child` is any identifier that was asked by, or the regional id.

    Where an identifier has ever led to a child, every entry that disclosed that child is found by it.
    """
    where, values = ["1 = 1"], []
    if child is not None:
        where.append(
            "e.seq IN (SELECT seq FROM entry_token WHERE token = ?1 UNION SELECT t.seq FROM link l"
            " JOIN entry_token t ON t.token = l.child AND t.kind = 'child' WHERE l.identifier = ?1)"
        )
        values.append(tokeniser.token(child))
    if subject is not None:
        where.append(f"e.subject = ?{len(values) + 1}")
        values.append(subject)
    parameters: list[str | float] = list(values)
    if since is not None:
        where.append(f"e.time >= ?{len(parameters) + 1}")
        parameters.append(since)
    try:
        connection = connect(path, readonly=True)
    except sqlite3.Error as error:
        raise ConfigError("there is no audit log here yet") from error
    try:
        statement = " ".join(
            (_SELECT, "WHERE", " AND ".join(where), f"ORDER BY e.seq DESC LIMIT ?{len(parameters) + 1}")
        )
        rows = connection.execute(statement, (*parameters, limit))
        for seq, body, text in rows:
            yield Found(seq, orjson.loads(body), text)
    except (sqlite3.Error, orjson.JSONDecodeError) as error:
        raise ConfigError("the file is no audit log, or it is damaged") from error
    finally:
        connection.close()


def is_linked(path: Path, tokeniser: Tokeniser, identifier: str) -> bool:
    """Whether the log knows which child an identifier is of: as a regional id, or from a look-up that found one."""
    token = tokeniser.token(identifier)
    with contextlib.closing(connect(path, readonly=True)) as connection:
        query = "SELECT 1 FROM link WHERE identifier = ?1 OR child = ?1"
        known = connection.execute(query, (token,)).fetchone()
        disclosed = "SELECT 1 FROM entry_token WHERE token = ?1 AND kind = 'child'"
        return known is not None or connection.execute(disclosed, (token,)).fetchone() is not None


def newest_head(path: Path) -> str:
    """The newest signed head's note; raises `ConfigError` where none has been signed."""
    try:
        with contextlib.closing(connect(path, readonly=True)) as connection:
            row = connection.execute("SELECT note FROM head ORDER BY size DESC LIMIT 1").fetchone()
    except sqlite3.Error as error:
        raise ConfigError("there is no audit log here yet") from error
    if row is None:
        raise ConfigError("no head of this log has been signed yet")
    return str(row[0])
