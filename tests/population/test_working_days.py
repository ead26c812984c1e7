"""Clocks that leave out weekends and England's bank holidays."""

from datetime import date

import pytest

from subgraphs.population.working_days import (
    add_months,
    add_working_days,
    is_working_day,
    working_day_on_or_after,
    working_day_on_or_before,
    working_days_between,
)

GOOD_FRIDAY, EASTER_MONDAY = date(2026, 4, 3), date(2026, 4, 6)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        pytest.param(date(2026, 3, 30), 1, date(2026, 3, 31), id="referral to decision"),
        pytest.param(date(2026, 3, 30), 45, date(2026, 6, 5), id="referral to assessment"),
        pytest.param(date(2026, 3, 31), 15, date(2026, 4, 23), id="strategy to conference, over Easter"),
        pytest.param(date(2026, 4, 21), 10, date(2026, 5, 6), id="conference to core group, over a bank holiday"),
        pytest.param(date(2026, 3, 31), 0, date(2026, 3, 31), id="day 0"),
    ],
)
def test_golden_dates(start: date, days: int, end: date) -> None:
    assert add_working_days(start, days) == end
    assert working_days_between(start, end) == days


def test_review_is_three_months_on() -> None:
    assert add_months(date(2026, 4, 21), 3) == date(2026, 7, 21)
    assert add_months(date(2025, 11, 30), 3) == date(2026, 2, 28)
    assert add_months(date(2025, 12, 31), 6) == date(2026, 6, 30)


def test_bank_holidays_and_weekends_are_not_working_days() -> None:
    assert not is_working_day(GOOD_FRIDAY)
    assert not is_working_day(EASTER_MONDAY)
    assert not is_working_day(date(2026, 4, 4))
    assert is_working_day(date(2026, 4, 2))
    assert working_day_on_or_before(EASTER_MONDAY) == date(2026, 4, 2)
    assert working_day_on_or_after(GOOD_FRIDAY) == date(2026, 4, 7)


def test_scotlands_holidays_are_not_englands() -> None:
    assert is_working_day(date(2026, 1, 2))
