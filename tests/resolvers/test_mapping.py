"""Codecs: each way that an old system keeps a value; what can't be read is null, and is never written anywhere."""

import datetime as dt
import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Date, Integer, MetaData, String, Table, create_engine, insert, select

from resolvers import mapping
from resolvers.mapping import (
    COMPACT_DATE,
    DATE,
    SLASHED_DATE,
    SLASHED_TIME,
    TEXT,
    Codec,
    capitals,
    codes,
    day_number,
    digits,
    flag,
    second_number,
)

ZERO = dt.date(1840, 12, 31)


@pytest.mark.parametrize(
    ("codec", "raw", "value"),
    [
        (TEXT, "Smith   ", "Smith"),
        (COMPACT_DATE, "20240229", dt.date(2024, 2, 29)),
        (SLASHED_DATE, "29/02/2024", dt.date(2024, 2, 29)),
        (SLASHED_TIME, "01/07/2024 09:05", dt.datetime(2024, 7, 1, 8, 5, tzinfo=dt.UTC)),
        (SLASHED_TIME, "01/01/2024 09:05", dt.datetime(2024, 1, 1, 9, 5, tzinfo=dt.UTC)),
        (DATE, dt.date(2024, 2, 29), dt.date(2024, 2, 29)),
        (day_number(dt.date(1899, 12, 30)), 45351, dt.date(2024, 2, 29)),
        (day_number(ZERO), 1, dt.date(1841, 1, 1)),
        (second_number(ZERO), 66899 * 86_400 + 3600, dt.datetime(2024, 2, 29, 1, tzinfo=dt.UTC)),
        (codes({"1": "one"}), "1 ", "one"),
        (flag("Y", "N"), "N", False),
        (flag(-1, 0), -1, True),
        (capitals(), "O'NEILL-SHAH", "O'Neill-Shah"),
        (digits(), "999 000 0018", "9990000018"),
    ],
)
def test_a_value_is_read(codec: Codec[Any], raw: object, value: object) -> None:
    assert codec.decode(raw, "T.C") == value
    assert codec.decode(None, "T.C") is None


@pytest.mark.parametrize(
    ("codec", "raw"),
    [
        (TEXT, 5),
        (COMPACT_DATE, "20240230"),
        (COMPACT_DATE, "202402290"),
        (SLASHED_DATE, "29-02/2024"),
        (SLASHED_DATE, "29/02-2024"),
        (SLASHED_DATE, "29/2//2024"),
        (SLASHED_DATE, "29/02/02024"),
        (SLASHED_DATE, "29/13/2024"),
        (COMPACT_DATE, "2024-02-2"),
        (COMPACT_DATE, ""),
        (SLASHED_DATE, "2024/02/29"),
        (SLASHED_TIME, "29/02/2024"),
        (DATE, "2024-02-29"),
        (day_number(ZERO), "soon"),
        (day_number(ZERO), 10**12),
        (second_number(ZERO), 10**17),
        (codes({"1": "one"}), "2"),
        (flag("Y", "N"), "?"),
    ],
)
def test_what_cannot_be_read_is_null_and_named_once(
    codec: Codec[Any], raw: object, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mapping, "_named", set())
    with caplog.at_level(logging.WARNING):
        assert codec.decode(raw, "T.ODD") is None
        assert codec.decode(raw, "T.ODD") is None
    [line] = caplog.messages
    assert "`T.ODD`" in line
    assert not str(raw) or str(raw) not in line


def in_sql_order(codec: Codec[Any], kind: Any, raws: list[Any]) -> list[Any]:
    table = Table("T", MetaData(), Column("K", Integer, primary_key=True), Column("C", kind))
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        table.metadata.create_all(connection)
        connection.execute(insert(table), [{"K": place, "C": raw} for place, raw in enumerate(raws)])
        rows = connection.execute(select(table.c.C).order_by(codec.sortable(table.c.C), table.c.K)).scalars().all()
    engine.dispose()
    return list(rows)


DAYS = st.lists(st.none() | st.dates(dt.date(1841, 1, 1), dt.date(2100, 1, 1)), min_size=1, max_size=12)


@given(DAYS)
def test_sql_sorts_as_the_values_do(days: list[dt.date | None]) -> None:
    """Whatever the column keeps, its order is the order of the dates, with null before all."""
    keepers: list[tuple[Codec[Any], Any, Any]] = [
        (COMPACT_DATE, String, lambda day: day.strftime("%Y%m%d")),
        (SLASHED_DATE, String, lambda day: day.strftime("%d/%m/%Y")),
        (SLASHED_TIME, String, lambda day: day.strftime("%d/%m/%Y 10:00")),
        (day_number(ZERO), Integer, lambda day: (day - ZERO).days),
        (DATE, Date, lambda day: day),
    ]
    expected = sorted(days, key=lambda day: (day is not None, day))
    for codec, kind, keep in keepers:
        raws = [None if day is None else keep(day) for day in days]
        assert in_sql_order(codec, kind, raws) == [None if day is None else keep(day) for day in expected]
