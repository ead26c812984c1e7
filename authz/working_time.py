"""England's working days and hours."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import holidays

ENGLAND: Final = ZoneInfo("Europe/London")
OPENS, CLOSES = dt.time(8), dt.time(18)


def is_working_day(day: dt.date) -> bool:
    return day.weekday() < 5 and day not in _bank_holidays(day.year)


def is_working_time(at: dt.datetime) -> bool:
    """Return whether a time, which knows its zone, is from 08:00 to 18:00 on a working day."""
    local = at.astimezone(ENGLAND)
    return is_working_day(local.date()) and OPENS <= local.time() < CLOSES


def end_of_next_working_day(at: dt.datetime) -> dt.datetime:
    """Return the last second of the first working day after the day of a time, which knows its zone."""
    day = at.astimezone(ENGLAND).date() + dt.timedelta(days=1)
    while not is_working_day(day):
        day += dt.timedelta(days=1)
    return dt.datetime.combine(day, dt.time(23, 59, 59), ENGLAND)


@lru_cache(maxsize=8)
def _bank_holidays(year: int) -> frozenset[dt.date]:
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))
