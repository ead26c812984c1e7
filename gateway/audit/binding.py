"""A log and its keys: one that is not the log's is refused, as what is found by it would not be all there is.

Of each key the log holds a mark, from which the key can't be told. Several hosts that write one log have the same keys.
"""

from __future__ import annotations

import contextlib
import hmac
from hashlib import sha256
from typing import TYPE_CHECKING

from gateway.audit.database import Connection, Failure, connect
from gateway.audit.store import Store
from gateway.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.audit.database import Where

_MARKS = "SELECT mark FROM secret WHERE name = ? ORDER BY number DESC"


def bind(where: Where, keys: Mapping[str, Sequence[bytes]]) -> None:
    """Give a log the marks of its keys, each with those that were before it, the newest first.

    Raises `ConfigError` where the log is another key's or one of its keys is not among them, and `AuditUnavailable`
    where it can't be written.
    """
    wrong: list[str] = []

    def mark_all(connection: Connection) -> None:
        if connection.dialect.name != "sqlite":
            connection.run("LOCK TABLE secret IN SHARE ROW EXCLUSIVE MODE")  # of several hosts one is the first
        for name, known in keys.items():
            marks = [_mark(key) for key in known]
            kept = [str(row[0]) for row in connection.rows(_MARKS, (name,))]
            if not set(kept) <= set(marks) or (marks[0] in kept and kept[0] != marks[0]):
                wrong.append(name)
            elif marks[0] not in kept:
                connection.run("INSERT INTO secret (name, mark) VALUES (?, ?)", (name, marks[0]))

    store = Store(where, migrate=False)
    try:
        store.transact(mark_all)
    finally:
        store.close()
    if wrong:
        raise _not_its(wrong)


def check(where: Where, keys: Mapping[str, Sequence[bytes]]) -> None:
    """The same for who only reads: each key that the log has had is needed. One without marks is taken as it is."""
    wrong = []
    try:
        with contextlib.closing(connect(where, readonly=True)) as connection:
            for name, known in keys.items():
                kept = {str(row[0]) for row in connection.rows(_MARKS, (name,))}
                if not kept <= {_mark(key) for key in known}:
                    wrong.append(name)
    except Failure as error:
        raise ConfigError("there is no audit log here yet, or it is damaged") from error
    if wrong:
        raise _not_its(wrong)


def _mark(key: bytes) -> str:
    return hmac.new(key, b"a key of this audit log", sha256).hexdigest()


def _not_its(names: list[str]) -> ConfigError:
    listed = " and ".join(f"`{name}`" for name in names)
    return ConfigError(f"{listed}: not all keys of this audit log; bring the files that it was written with")
