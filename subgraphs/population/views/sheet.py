"""Rows on their way to a database, and what a row says of who a child is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import MetaData, Table

Value = str | int | float | bool | date | datetime | None
Row = dict[str, Value]


class Sheet:
    """The rows of one database, a list a table; every row of a table has the same columns."""

    def __init__(self, metadata: MetaData) -> None:
        self.metadata = metadata
        self._rows: dict[str, list[Row]] = {table.name: [] for table in metadata.sorted_tables}

    def add(self, table: Table, **values: Value) -> None:
        self._rows[table.name].append(values)

    def rows(self, table: Table) -> list[Row]:
        return self._rows[table.name]

    def __iter__(self) -> Iterator[tuple[Table, list[Row]]]:
        """In an order in which foreign keys hold."""
        return ((table, self._rows[table.name]) for table in self.metadata.sorted_tables)

    def __len__(self) -> int:
        return sum(len(rows) for rows in self._rows.values())


@dataclass(frozen=True, slots=True)
class Tie:
    """That an agency works with a child: all of it, or one of its teams and somebody there. `until` None: still."""

    kind: str
    since: date
    until: date | None = None
    team: str | None = None
    practitioner: str | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """A child as one record of one agency has it: all that the index may learn.

    `protected`: the child is on a protection plan, which a core group carries out.
    """

    sector: str
    agency: str
    record: str
    nhs: str | None
    upn: str | None
    forename: str | None
    surname: str
    born: date | None
    restricted: bool = False
    protected: bool = False
    ties: tuple[Tie, ...] = ()


def text(value: Value) -> str:
    assert isinstance(value, str)
    return value


def text_or_none(value: Value) -> str | None:
    return None if value is None else text(value)


def whole(value: Value) -> int:
    assert isinstance(value, int)
    return value
