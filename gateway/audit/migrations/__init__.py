"""The log's tables, and how those of an earlier release become those of this one (alembic).

A log that is new is made by the text of this release and stamped; one that is older is taken through its migrations.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from gateway.audit.database import Failure, connect
from gateway.audit.migrations import tables_0001, tables_0002, tables_0003
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from gateway.audit.database import Connection, Where

HEAD: Final = tables_0003.REVISION


def prepare(connection: Connection, where: Where, *, migrate: bool = True) -> None:
    """Let the log have this release's tables, or see that it has.

    Raises `Failure`, and `AuditUnavailable` where it is of another release that can't be made this one.
    """
    found = _revision(connection)
    if found == HEAD:
        return
    if not migrate:
        raise AuditUnavailable("the audit log is of another release: start the gateway first")
    if found is not None:
        upgrade(where, found)
        return
    if _is_there(connection, "entry"):
        raise AuditUnavailable("the audit log was made before there were releases: keep it apart, and begin a new one")
    create(connection)


def create(connection: Connection) -> None:
    """This release's tables, where there are none, in one transaction: a crash leaves all of them, or none."""
    connection.begin()
    if connection.dialect.name == "postgresql":
        connection.run("SELECT pg_advisory_xact_lock(7235821)")  # several hosts may find none at once
        if _revision(connection) == HEAD:
            connection.commit()
            return
    for release in (tables_0001, tables_0002, tables_0003):
        for statement in release.statements(connection.dialect.name):
            connection.run(statement)
    connection.run("CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
    connection.run("INSERT INTO alembic_version (version_num) VALUES (?)", (HEAD,))
    connection.commit()


def upgrade(where: Where, found: str) -> None:
    """Take an older log through its migrations; raises `AuditUnavailable` where one is not known here."""
    from alembic import command
    from alembic.config import Config
    from alembic.util.exc import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("sqlalchemy.url", _sqlalchemy(where).replace("%", "%%"))
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise AuditUnavailable(f"the audit log is of another release (`{found}`, not `{HEAD}`)") from error


def _revision(connection: Connection) -> str | None:
    if not _is_there(connection, "alembic_version"):
        return None
    row = connection.one("SELECT version_num FROM alembic_version")
    return None if row is None else str(row[0])


def _is_there(connection: Connection, table: str) -> bool:
    there = (
        "SELECT 1 FROM sqlite_master WHERE name = ?"
        if connection.dialect.name == "sqlite"
        else "SELECT 1 FROM information_schema.tables WHERE table_name = ? AND table_schema = current_schema()"
    )
    return connection.one(there, (table,)) is not None


def _sqlalchemy(where: Where) -> str:
    if isinstance(where, Path):
        return f"sqlite:///{where.resolve()}"
    parts = urlsplit(where)
    return parts._replace(scheme="postgresql+pg8000").geturl()


def check(where: Where) -> str | None:
    """The revision of the log there; None where it has none."""
    try:
        connection = connect(where, readonly=True)
    except Failure:
        return None
    try:
        return _revision(connection)
    finally:
        connection.close()
