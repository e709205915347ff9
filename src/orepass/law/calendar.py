"""China's working days, computed from dated facts: when a decision clock runs out, and whether that day is only a forecast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache

from orepass.factfiles import FACTS, read_records

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DueDay:
    """The last day of a span of working days; ``forecast`` when it rests on a year without a State Council notice."""

    day: date
    forecast: bool


@dataclass(frozen=True, slots=True)
class WorkingYear:
    """The days off and the make-up working days of one year."""

    year: int
    gazetted: bool
    off: frozenset[date]
    make_up: frozenset[date]

    def works(self, day: date) -> bool:
        """Whether offices work on that day."""
        return day in self.make_up or (day.weekday() < 5 and day not in self.off)


def _days(value: object) -> list[date]:
    first, _, last = str(value).partition("/")
    start, end = date.fromisoformat(first), date.fromisoformat(last or first)
    return [start + _DAY * step for step in range((end - start).days + 1)]


@cache
def working_years() -> dict[int, WorkingYear]:
    """Every year that the facts hold."""
    years: dict[int, WorkingYear] = {}
    for record in read_records(FACTS / "calendars" / "china.yaml"):
        off = frozenset(day for span in record["days_off"] for day in _days(span))
        make_up = frozenset(day for span in record["make_up_days"] for day in _days(span))
        years[record["year"]] = WorkingYear(record["year"], record["status"] == "gazetted", off, make_up)
    return years


def works(day: date) -> bool:
    """Whether offices work on a day; in a year outside the facts, Monday to Friday."""
    year = working_years().get(day.year)
    return year.works(day) if year else day.weekday() < 5


def due_day(start: date, working_days: int, paused: Sequence[tuple[date, date]] = ()) -> DueDay:
    """The day on which a span of working days ends, the day of ``start`` not counted.

    A year outside the facts counts as a forecast with weekends alone. Days in ``paused`` (from the first of each pair up to the day before
    the second) are not counted.
    """
    return _due_day(start, working_days, tuple(paused))


@lru_cache(maxsize=10_000)
def _due_day(start: date, working_days: int, paused: tuple[tuple[date, date], ...]) -> DueDay:
    forecast = False
    day = start
    left = working_days
    while left:
        day += _DAY
        year = working_years().get(day.year)
        forecast = forecast or year is None or not year.gazetted
        if works(day) and not any(first <= day < end for first, end in paused):
            left -= 1
    return DueDay(day, forecast)
