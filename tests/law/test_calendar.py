"""Working days by State Council notices, cross-checked with an independent package."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
import pytest

from orepass.law.calendar import due_day, working_years


@pytest.mark.parametrize("year", [y.year for y in working_years().values() if y.gazetted])
def test_a_gazetted_year_agrees_with_the_independent_calendar(year: int) -> None:
    first = date(year, 1, 1)
    days = [first + timedelta(days=step) for step in range((date(year, 12, 31) - first).days + 1)]
    assert [d for d in days if working_years()[year].works(d) != chinese_calendar.is_workday(d)] == []


def test_the_day_of_acceptance_is_not_counted() -> None:
    assert due_day(date(2026, 3, 2), 1).day == date(2026, 3, 3)


def test_holidays_and_make_up_days_count_as_gazetted() -> None:
    # Spring festival 2026: off from 15 to 23 February, work on Saturdays 14 and 28.
    assert due_day(date(2026, 2, 13), 1).day == date(2026, 2, 14)
    assert due_day(date(2026, 2, 13), 2).day == date(2026, 2, 24)


def test_a_due_day_in_a_year_without_a_notice_is_a_forecast() -> None:
    assert not due_day(date(2026, 3, 1), 45).forecast
    assert due_day(date(2026, 12, 1), 45).forecast
    assert due_day(date(2035, 1, 1), 10).forecast
