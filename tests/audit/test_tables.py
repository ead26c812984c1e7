"""The statements that make an empty log, as they were reviewed: logs that there are were made by them."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.audit.migrations.tables_0001 import statements
from tests.reviewed import expect


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_the_tables_of_the_first_release_are_as_they_were_reviewed(dialect: str) -> None:
    text = "\n\n".join("\n".join(line.rstrip() for line in each.strip().splitlines()) for each in statements(dialect))
    expect(Path(__file__).parent / f"tables_{dialect}.txt", text + "\n")
