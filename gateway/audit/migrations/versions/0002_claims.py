"""Claimed relationships."""

from __future__ import annotations

from alembic import op

from gateway.audit.migrations import tables_0001, tables_0002

revision = tables_0002.REVISION
down_revision = tables_0001.REVISION


def upgrade() -> None:
    for statement in tables_0002.statements(op.get_bind().dialect.name):
        op.execute(statement)
