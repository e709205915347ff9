"""The decision clock: working days counted from dated spans whenever somebody asks, never by a job that may miss a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Literal, NamedTuple

from orepass.law.calendar import due_day, works
from orepass.law.model import Clock
from orepass.law.timeline import Law
from orepass.licences.case import Case
from orepass.licences.facts import china_day, duty, flag_kinds, kinds, pause_kinds

Standing = Literal["on_time", "at_risk", "late", "stopped", "decided", "decided_late", "no_limit"]


class Span(NamedTuple):
    """Days that a clock does not count: from the first up to the day before ``until``; ``until`` is ``None`` while it lasts."""

    kind: str
    since: date
    until: date | None


class ClockReading(NamedTuple):
    """What a clock says on a day, and what it was read from.

    Attributes
    ----------
    standing
        ``on_time``, ``at_risk`` (few working days left), ``late``, ``stopped`` (a span is open), ``decided``, ``decided_late``,
        ``no_limit``.
    limit
        Working days that a decision may take; ``None`` without limit.
    counted
        Working days counted up to the day, the day of acceptance not counted.
    due
        The last day for a decision; while a span is open, the last day if it ended on the day of reading.
    forecast
        Whether ``due`` rests on a year whose days off are not gazetted.
    due_by_decree
        The last day if only what the decree names were left out of the count: earlier than ``due`` when questions stopped the clock.
    """

    standing: Standing
    limit: int | None
    counted: int
    left: int | None
    due: date | None
    forecast: bool
    due_by_decree: date | None
    accepted: date
    read_on: date
    why: str


def read_clock(
    clock: Clock | None,
    accepted: date,
    today: date,
    spans: Iterable[Span] = (),
    decided: date | None = None,
    why: str = "",
) -> ClockReading:
    """Read a decision clock.

    Parameters
    ----------
    clock
        The rule of the law (Decree 792, articles 17 and 18); ``None`` where the law sets no limit.
    accepted
        The day of acceptance, not counted itself.
    today
        The day of reading.
    spans
        What was left out of the count. A day on which a span begins is left out, the day on which it ends is counted.
    decided
        The day of the decision: the clock stands still then.
    why
        Why there is no limit.
    """
    all_spans = list(spans)
    end = min(decided, today) if decided else today
    counted = working_days(accepted, end, all_spans)
    if clock is None:
        standing: Standing = "decided" if decided else "no_limit"
        return ClockReading(standing, None, counted, None, None, False, None, accepted, today, why)
    open_now = not decided and any(span.until is None and span.since <= today for span in all_spans)
    due = due_day(accepted, clock.working_days, _closed(all_spans, end))
    by_law = [span for span in all_spans if pause_kinds()[span.kind].by_law]
    decree = due_day(accepted, clock.working_days, _closed(by_law, end))
    left = clock.working_days - counted
    standing = (
        ("decided_late" if decided > due.day else "decided")
        if decided
        else "late"
        if left < 0 or (today > due.day and not open_now)
        else "stopped"
        if open_now
        else "at_risk"
        if left <= duty("at_risk")["working_days"]
        else "on_time"
    )
    return ClockReading(
        standing, clock.working_days, counted, left, due.day, due.forecast, decree.day, accepted, today, why
    )


def working_days(accepted: date, until: date, spans: Iterable[Span] = ()) -> int:
    """Working days after ``accepted`` up to and with ``until``, without those inside a span."""
    paused = _closed(spans, until)
    first, last = accepted.toordinal() + 1, until.toordinal()
    return sum(
        works(day) and not any(start <= day < end for start, end in paused)
        for day in map(date.fromordinal, range(first, last + 1))
    )


def _closed(spans: Iterable[Span], today: date) -> list[tuple[date, date]]:
    """Spans with their ends; one that is open reaches past the day of reading, which it leaves out too."""
    after = date.fromordinal(today.toordinal() + 1)
    return [(span.since, after if span.until is None else span.until) for span in spans if span.since <= today]


def clock_of(case: Case, law: Law, at: datetime) -> ClockReading | None:
    """The decision clock of a case; ``None`` before acceptance, and for what has no clock (consultations, registrations)."""
    if case.accepted_at is None:
        return None
    rule_id = kinds()[case.application.kind].clock
    if rule_id is None:
        return None
    accepted = china_day(case.accepted_at)
    rule: Clock | None = None
    why = "the rules of that day set no limit that we know"
    for clock in law.as_of(accepted).clocks:
        if clock.id == rule_id:
            rule = clock
    found = case.last_determined
    if rule and found and not rule.not_for.isdisjoint(found.conditions):
        rule, why = None, "a party is on the watch list: the clock is off (CN-D792 article 26)"
    if any("decision" in flag_kinds()[flag.kind].stops for flag in case.flags):
        rule, why = None, "the case went to the State Council: no limit (CN-D792 article 17)"
    spans = [Span(p.kind, china_day(p.since), china_day(p.until) if p.until else None) for p in case.pauses]
    decided = china_day(case.ended_at) if case.ended_at else None
    return read_clock(rule, accepted, china_day(at), spans, decided, "" if rule else why)
