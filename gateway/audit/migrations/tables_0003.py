"""The table of the console's sessions in the log's database. Beside a log that is a file they have their own."""

from __future__ import annotations

from typing import Final

REVISION: Final = "0003"

_POSTGRESQL: Final = (
    "CREATE TABLE console_session (kind TEXT NOT NULL, key TEXT NOT NULL, ends DOUBLE PRECISION NOT NULL,"
    " idle_ends DOUBLE PRECISION NOT NULL, sealed TEXT NOT NULL, PRIMARY KEY (kind, key))",
    "CREATE INDEX console_session_by_use ON console_session (kind, idle_ends)",
)


def statements(dialect: str) -> list[str]:
    """Return all that the release before lacks, in order."""
    return [] if dialect == "sqlite" else list(_POSTGRESQL)
