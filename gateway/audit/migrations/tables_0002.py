"""The tables of claimed relationships in the log's database. Beside a log that is a file they have their own."""

from __future__ import annotations

from typing import Final

REVISION: Final = "0002"

_POSTGRESQL: Final = (
    "CREATE TABLE claim (id TEXT PRIMARY KEY, subject TEXT NOT NULL, issuer TEXT NOT NULL, agency TEXT NOT NULL,"
    " team TEXT NOT NULL, registration TEXT NOT NULL, purpose TEXT NOT NULL, child TEXT NOT NULL, reason TEXT NOT NULL,"
    " selected TEXT NOT NULL, audit_id TEXT NOT NULL, claimed DOUBLE PRECISION NOT NULL,"
    " expires DOUBLE PRECISION NOT NULL, followed INTEGER, reviewer TEXT, reviewed DOUBLE PRECISION, finding TEXT,"
    " comment TEXT)",
    "CREATE TABLE claim_suspension (id TEXT PRIMARY KEY, subject TEXT NOT NULL, issuer TEXT NOT NULL,"
    " agency TEXT NOT NULL, suspended_by TEXT NOT NULL, suspended DOUBLE PRECISION NOT NULL, comment TEXT NOT NULL,"
    " restored_by TEXT, restored DOUBLE PRECISION)",
    "CREATE TABLE claim_change (number BIGINT NOT NULL)",
    "INSERT INTO claim_change (number) VALUES (0)",
    "CREATE INDEX claim_by_subject ON claim (issuer, subject, claimed)",
    "CREATE INDEX claim_by_expiry ON claim (expires)",
    "CREATE INDEX claim_by_agency ON claim (agency, claimed)",
    "CREATE INDEX claim_suspension_by_subject ON claim_suspension (issuer, subject)",
)


def statements(dialect: str) -> list[str]:
    """Return all that the release before lacks, in order."""
    return [] if dialect == "sqlite" else list(_POSTGRESQL)
