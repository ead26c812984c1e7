"""The console's sessions."""

from __future__ import annotations

from alembic import op

from gateway.audit.migrations import tables_0002, tables_0003

revision = tables_0003.REVISION
down_revision = tables_0002.REVISION


def upgrade() -> None:
    for statement in tables_0003.statements(op.get_bind().dialect.name):
        op.execute(statement)
