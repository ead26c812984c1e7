"""Columns to fields: how the old system kept a value, and what the schema calls it.

A codec is declared once for each way that a vendor keeps a kind of value. It turns a column's raw value into the
field's value, and the column into an SQL expression that sorts as the value does, whatever text or number it is kept
as. A value that a codec doesn't know becomes null: one odd row never costs the others their answer. The column is
named in the log, once in the life of the process; the value never is.
"""

import datetime as dt
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Date, cast, func, literal

T = TypeVar("T")

_log = logging.getLogger(__name__)
_named: set[str] = set()

ENGLAND: Final = ZoneInfo("Europe/London")


def _unsorted(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.coalesce(column, "")


@dataclass(frozen=True, slots=True)
class Codec(Generic[T]):
    """How one kind of column is read.

    `read` raises ValueError, KeyError or TypeError for a value that it doesn't know. `sortable` gives an expression
    that is never null.
    """

    read: Callable[[Any], T]
    sortable: Callable[[ColumnElement[Any]], ColumnElement[Any]] = _unsorted

    def decode(self, raw: object, column: str) -> T | None:
        """The field's value, or None for null and for what can't be read; `column` is for the log only."""
        if raw is None:
            return None
        try:
            return self.read(raw)
        except (ValueError, KeyError, TypeError, OverflowError):
            if column not in _named:
                _named.add(column)
                _log.warning("column `%s` holds a value that its mapping does not know; it is given as null", column)
            return None


def _text(raw: Any) -> str:
    if not isinstance(raw, str):
        raise TypeError
    return raw.rstrip()  # CHAR(n) comes back padded from some engines


TEXT: Final[Codec[str]] = Codec(_text)
NUMBER: Final[Codec[float]] = Codec(float, lambda column: func.coalesce(column, literal(-(2**31))))
WHOLE: Final[Codec[int]] = Codec(int, lambda column: func.coalesce(column, literal(-(2**31))))
TRUTH: Final[Codec[bool]] = Codec(bool)
"""A boolean column, or an SQL condition (SQLite has no booleans: 0 and 1)."""


def codes(meanings: Mapping[Any, T]) -> Codec[T]:
    """A coded column: the old system's code -> the field's value (an enum's member, a boolean)."""
    table = dict(meanings)
    return Codec(lambda raw: table[raw.rstrip() if isinstance(raw, str) else raw])


def flag(true: str | int, false: str | int) -> Codec[bool]:
    """A column that holds one value for yes and one for no."""
    return codes({true: True, false: False})


def capitals() -> Codec[str]:
    """Names kept in capitals, as people write them: `O'NEILL-SHAH` -> `O'Neill-Shah`."""
    return Codec(lambda raw: _text(raw).title())


def digits() -> Codec[str]:
    """A number printed in groups: `999 000 0018` -> `9990000018`."""
    return Codec(lambda raw: _text(raw).replace(" ", ""))


def _day(raw: Any) -> dt.date:
    if not isinstance(raw, dt.date):
        raise TypeError
    return raw


DATE: Final[Codec[dt.date]] = Codec(_day, lambda column: func.coalesce(column, cast(literal(dt.date(1, 1, 1)), Date)))
"""A real date."""


def _compact_day(raw: Any) -> dt.date:
    text = _text(raw)
    if len(text) != 8:
        raise ValueError
    return dt.date(int(text[:4]), int(text[4:6]), int(text[6:]))


COMPACT_DATE: Final[Codec[dt.date]] = Codec(_compact_day)
"""`YYYYMMDD` text: it sorts as it is."""


def _slashed_day(raw: Any) -> dt.date:
    text = _text(raw)
    if len(text) != 10 or text[2] != "/" or text[5] != "/":
        raise ValueError
    return dt.date(int(text[6:]), int(text[3:5]), int(text[:2]))


def _slashed_order(column: ColumnElement[Any]) -> ColumnElement[Any]:
    year, month, day = func.substr(column, 7, 4), func.substr(column, 4, 2), func.substr(column, 1, 2)
    return func.coalesce(year.concat(month).concat(day).concat(func.substr(column, 11)), "")


SLASHED_DATE: Final[Codec[dt.date]] = Codec(_slashed_day, _slashed_order)
"""`DD/MM/YYYY` text."""


def _slashed_time(raw: Any) -> dt.datetime:
    day, _, clock = _text(raw).partition(" ")
    hour, _, minute = clock.partition(":")
    return dt.datetime.combine(_slashed_day(day), dt.time(int(hour), int(minute)), ENGLAND)


SLASHED_TIME: Final[Codec[dt.datetime]] = Codec(_slashed_time, _slashed_order)
"""`DD/MM/YYYY HH:MM` text, by the clock on the wall in England."""


def day_number(day_zero: dt.date) -> Codec[dt.date]:
    """Whole days since `day_zero`."""
    return Codec(lambda raw: day_zero + dt.timedelta(days=int(raw)), WHOLE.sortable)


def second_number(day_zero: dt.date) -> Codec[dt.datetime]:
    """Seconds on the clock on the wall in England since the midnight that began `day_zero`, 86,400 to each day."""

    def read(raw: Any) -> dt.datetime:
        days, seconds = divmod(int(raw), 86_400)
        midnight = dt.datetime.combine(day_zero + dt.timedelta(days=days), dt.time(), ENGLAND)
        return midnight + dt.timedelta(seconds=seconds)

    return Codec(read, WHOLE.sortable)


def one_text(lines: list[str]) -> str | None:
    """A text that was kept in lines, or None if there are none."""
    return " ".join(lines) or None


def each_on_its_line(texts: list[str]) -> str | None:
    """Several texts as one, or None if there are none."""
    return "\n".join(texts) or None


def distinct(values: list[T]) -> list[T]:
    """Each value once, where it first stands."""
    return list(dict.fromkeys(values))
