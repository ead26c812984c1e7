"""The log's tables as the first release has them; never changed once it is out: a change is a migration of its own."""

from __future__ import annotations

from typing import Final

REVISION: Final = "0001"

APPENDED: Final = ("entry", "operation", "entry_token", "link", "sealed", "leaf", "head", "secret")
"""Tables of which no row is ever changed or removed."""

_SQLITE: Final = (
    "CREATE TABLE IF NOT EXISTS operation (hash TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS entry ( seq INTEGER PRIMARY KEY AUTOINCREMENT, audit_id TEXT NOT NULL "
    "UNIQUE, time REAL NOT NULL, subject TEXT NOT NULL, agency TEXT NOT NULL, purpose TEXT, outcome TEXT "
    "NOT NULL, operation_hash TEXT NOT NULL, body BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS entry_token ( token TEXT NOT NULL, seq INTEGER NOT NULL REFERENCES entry "
    "(seq), kind TEXT NOT NULL, PRIMARY KEY (token, seq, kind)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS link ( identifier TEXT NOT NULL, child TEXT NOT NULL, PRIMARY KEY "
    "(identifier, child)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS leaf ( number INTEGER PRIMARY KEY, seq INTEGER NOT NULL UNIQUE REFERENCES "
    "entry (seq), nonce BLOB NOT NULL, hash BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS head ( size INTEGER PRIMARY KEY, time REAL NOT NULL, note TEXT NOT NULL, "
    "peaks BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS sealed (token TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS entry_time ON entry (time)",
    "CREATE INDEX IF NOT EXISTS entry_by_subject ON entry (subject)",
    "CREATE INDEX IF NOT EXISTS entry_by_agency ON entry (agency)",
    "CREATE INDEX IF NOT EXISTS entry_token_seq ON entry_token (seq)",
    "CREATE INDEX IF NOT EXISTS link_by_child ON link (child, identifier)",
    "CREATE TABLE IF NOT EXISTS secret (number INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL,"
    " mark TEXT NOT NULL)",
    "CREATE TRIGGER IF NOT EXISTS entry_once BEFORE INSERT ON entry WHEN EXISTS (SELECT 1 FROM entry "
    "WHERE seq = NEW.seq OR audit_id = NEW.audit_id) BEGIN SELECT RAISE(ABORT, 'append only'); END",
    "CREATE TRIGGER IF NOT EXISTS operation_once BEFORE INSERT ON operation WHEN EXISTS (SELECT 1 FROM "
    "operation WHERE hash = NEW.hash) BEGIN SELECT RAISE(IGNORE); END",
    "CREATE TRIGGER IF NOT EXISTS entry_token_once BEFORE INSERT ON entry_token WHEN EXISTS (SELECT 1 "
    "FROM entry_token WHERE token = NEW.token AND seq = NEW.seq AND kind = NEW.kind) BEGIN SELECT "
    "RAISE(IGNORE); END",
    "CREATE TRIGGER IF NOT EXISTS link_once BEFORE INSERT ON link WHEN EXISTS (SELECT 1 FROM link WHERE "
    "identifier = NEW.identifier AND child = NEW.child) BEGIN SELECT RAISE(IGNORE); END",
    "CREATE TRIGGER IF NOT EXISTS sealed_once BEFORE INSERT ON sealed WHEN EXISTS (SELECT 1 FROM sealed "
    "WHERE token = NEW.token) BEGIN SELECT RAISE(IGNORE); END",
)

_POSTGRESQL: Final = (
    "CREATE TABLE operation (hash TEXT PRIMARY KEY, text TEXT NOT NULL)",
    "CREATE TABLE entry (seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, audit_id TEXT NOT NULL UNIQUE,"
    " time DOUBLE PRECISION NOT NULL, subject TEXT NOT NULL, agency TEXT NOT NULL, purpose TEXT, outcome TEXT NOT NULL,"
    " operation_hash TEXT NOT NULL, body BYTEA NOT NULL)",
    "CREATE TABLE entry_token (token TEXT NOT NULL, seq BIGINT NOT NULL REFERENCES entry (seq), kind TEXT NOT NULL,"
    " PRIMARY KEY (token, seq, kind))",
    "CREATE TABLE link (identifier TEXT NOT NULL, child TEXT NOT NULL, PRIMARY KEY (identifier, child))",
    "CREATE TABLE leaf (number BIGINT PRIMARY KEY, seq BIGINT NOT NULL UNIQUE REFERENCES entry (seq),"
    " nonce BYTEA NOT NULL, hash BYTEA NOT NULL)",
    "CREATE TABLE head (size BIGINT PRIMARY KEY, time DOUBLE PRECISION NOT NULL, note TEXT NOT NULL,"
    " peaks TEXT NOT NULL)",
    "CREATE TABLE sealed (token TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "CREATE TABLE unplaced (seq BIGINT PRIMARY KEY REFERENCES entry (seq))",
    "CREATE TABLE secret (number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name TEXT NOT NULL,"
    " mark TEXT NOT NULL)",
    "CREATE INDEX entry_time ON entry (time, seq)",
    "CREATE INDEX link_by_child ON link (child, identifier)",
    "CREATE INDEX entry_by_subject ON entry (subject, seq)",
    "CREATE INDEX entry_by_agency ON entry (agency, seq)",
    "CREATE INDEX entry_token_seq ON entry_token (seq)",
    "CREATE TABLE grant_ (id TEXT PRIMARY KEY, subject TEXT NOT NULL, issuer TEXT NOT NULL, agency TEXT NOT NULL,"
    " purpose TEXT NOT NULL, child TEXT NOT NULL, reason TEXT NOT NULL, narrative TEXT NOT NULL, holders TEXT NOT NULL,"
    " audit_id TEXT NOT NULL, granted DOUBLE PRECISION NOT NULL, expires DOUBLE PRECISION NOT NULL,"
    " review_due DOUBLE PRECISION NOT NULL, reviewer TEXT, reviewed DOUBLE PRECISION, finding TEXT, comment TEXT)",
    "CREATE INDEX grant_by_subject ON grant_ (issuer, subject, granted)",
    "CREATE INDEX grant_by_review ON grant_ (reviewed, review_due)",
    "CREATE TABLE case_file (id TEXT PRIMARY KEY, subject TEXT NOT NULL, issuer TEXT NOT NULL, reason TEXT NOT NULL,"
    " reference TEXT NOT NULL, opened DOUBLE PRECISION NOT NULL, expires DOUBLE PRECISION NOT NULL)",
    "CREATE TABLE revealed (case_file TEXT NOT NULL REFERENCES case_file (id), token TEXT NOT NULL,"
    " at DOUBLE PRECISION NOT NULL, PRIMARY KEY (case_file, token))",
    "CREATE INDEX case_file_opened ON case_file (opened)",
    "CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'append only'; END $$",
)


def statements(dialect: str) -> list[str]:
    """All that makes an empty log, in order."""
    if dialect == "sqlite":
        return [*_SQLITE, *(text for table in APPENDED for text in _fixed_sqlite(table))]
    return [*_POSTGRESQL, *(text for table in APPENDED for text in _fixed_postgresql(table))]


def _fixed_sqlite(table: str) -> list[str]:
    refuse = "BEGIN SELECT RAISE(ABORT, 'append only'); END"
    name = "token" if table == "entry_token" else table
    return [
        f"CREATE TRIGGER IF NOT EXISTS {name}_kept BEFORE DELETE ON {table} {refuse}",
        f"CREATE TRIGGER IF NOT EXISTS {name}_fixed BEFORE UPDATE ON {table} {refuse}",
    ]


def _fixed_postgresql(table: str) -> list[str]:
    return [
        f"CREATE TRIGGER {table}_fixed BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION append_only()",
        f"CREATE TRIGGER {table}_kept BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION append_only()",
    ]
