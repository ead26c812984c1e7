"""The log: entries, what they are found by, leaves and heads."""

from __future__ import annotations

from alembic import op

from gateway.audit.migrations import tables_0001

revision = tables_0001.REVISION
down_revision = None


def upgrade() -> None:
    for statement in tables_0001.statements(op.get_bind().dialect.name):
        op.execute(statement)
