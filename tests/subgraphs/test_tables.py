"""The example databases' tables as they were reviewed."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from tests.reviewed import expect
from tests.subgraphs.conftest import NAMES

FILES = Path(__file__).parent / "ddl"


def ddl(name: str) -> str:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call] # it has no types
    metadata = import_module(f"subgraphs.{name}.tables").metadata
    found = []
    for table in metadata.sorted_tables:
        found.append(str(CreateTable(table).compile(dialect=dialect)).strip())
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        found += [str(CreateIndex(index).compile(dialect=dialect)) for index in indexes]
    return "\n".join(line.rstrip() for text in found for line in text.splitlines()) + "\n"


@pytest.mark.parametrize("name", NAMES)
def test_the_tables_are_as_the_file_has_them(name: str) -> None:
    found = ddl(name)
    assert "CREATE TABLE" in found
    expect(FILES / f"{name}.sql", found)
