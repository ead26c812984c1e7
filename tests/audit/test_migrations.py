"""The log's tables: the same whether they are new or came by migrations; a later release's are left alone."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest

from gateway.audit.entry import Row
from gateway.audit.migrations import HEAD, check, upgrade
from gateway.audit.store import Store
from gateway.errors import AuditUnavailable
from tests.audit.entries import entry


def tables(path: Path) -> list[tuple[str, str]]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        query = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name <> 'alembic_version' ORDER BY 1"
        return list(connection.execute(query))


def test_migrations_make_what_a_new_log_has(tmp_path: Path) -> None:
    Store(tmp_path / "new.sqlite").close()
    upgrade(tmp_path / "old.sqlite", "")
    assert tables(tmp_path / "new.sqlite") == tables(tmp_path / "old.sqlite") != []
    assert check(tmp_path / "new.sqlite") == check(tmp_path / "old.sqlite") == HEAD
    assert check(tmp_path / "none.sqlite") is None


def test_a_log_is_made_once(tmp_path: Path) -> None:
    path = tmp_path / "audit.sqlite"
    for name in ("first", "second"):
        store = Store(path)
        store.write([Row.of(entry(audit_id=name))])
        store.close()
    assert check(path) == HEAD


def test_a_log_of_a_later_release_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "audit.sqlite"
    Store(path).close()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    with pytest.raises(AuditUnavailable, match="another release"):
        Store(path)
