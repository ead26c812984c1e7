"""Reading the log."""

from __future__ import annotations

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

    An entry that was asked by an identifier, and disclosed one child, says whose identifier it is: what names that
    child is found with it.
    """
    where, values = ["1 = 1"], []
    if child is not None:
        where.append(
            "e.seq IN (WITH direct AS (SELECT seq FROM entry_token WHERE token = ?),"
            " named AS (SELECT t.token FROM direct d JOIN entry_token t ON t.seq = d.seq AND t.kind = 'child'"
            "   WHERE (SELECT COUNT(*) FROM entry_token o WHERE o.seq = d.seq AND o.kind = 'child') = 1"
            "   AND (SELECT COUNT(*) FROM entry_token o WHERE o.seq = d.seq AND o.kind = 'identifier') = 1)"
            " SELECT seq FROM direct UNION SELECT seq FROM entry_token WHERE token IN named)"
        )
        values.append(tokeniser.token(child))
    if subject is not None:
        where.append("e.subject = ?")
        values.append(subject)
    parameters: list[str | float] = list(values)
    if since is not None:
        where.append("e.time >= ?")
        parameters.append(since)
    try:
        connection = connect(path, readonly=True)
    except sqlite3.Error as error:
        raise ConfigError("there is no audit log here yet") from error
    try:
        statement = " ".join((_SELECT, "WHERE", " AND ".join(where), "ORDER BY e.seq DESC LIMIT ?"))
        rows = connection.execute(statement, (*parameters, limit))
        for seq, body, text in rows:
            yield Found(seq, orjson.loads(body), text)
    except (sqlite3.Error, orjson.JSONDecodeError) as error:
        raise ConfigError("the file is no audit log, or it is damaged") from error
    finally:
        connection.close()
