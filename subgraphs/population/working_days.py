"""Working days: neither weekends nor England's bank holidays. The day of an event is day 0 of its clock."""

import calendar
from datetime import date, timedelta
from functools import lru_cache

import holidays

_DAY = timedelta(days=1)


@lru_cache(maxsize=64)
def _bank_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and day not in _bank_holidays(day.year)


def add_working_days(day: date, count: int) -> date:
    """The `count`th working day after `day`, which need not be one itself."""
    while count:
        day += _DAY
        count -= is_working_day(day)
    return day


def working_days_between(start: date, end: date) -> int:
    """How many working days the clock that started on `start` shows on `end`."""
    return sum(is_working_day(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))


def working_day_on_or_before(day: date) -> date:
    while not is_working_day(day):
        day -= _DAY
    return day


def working_day_on_or_after(day: date) -> date:
    while not is_working_day(day):
        day += _DAY
    return day


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
