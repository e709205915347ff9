"""The decision clock against a counter of its own that knows nothing of ours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk_world import EXPORTER, OFFICER, SECOND, World, application, sqlite_engine, world_of
from orepass.law.model import Clock
from orepass.law.timeline import Law
from orepass.licences.case import Case, Flag, Pause
from orepass.licences.clock import Span, clock_of, read_clock, working_days

DAY = timedelta(days=1)
FIRST, LAST = date(2024, 12, 2), date(2026, 6, 30)
KINDS = ("expert_opinion", "technical_identification", "site_check", "question")
FEW = settings(max_examples=150, deadline=None)


def is_work(day: date) -> bool:
    """Whether offices work, by the calendar of another author; Monday to Friday where it ends."""
    return chinese_calendar.is_workday(day) if 2023 <= day.year <= 2026 else day.weekday() < 5


def left_out(spans: list[Span], today: date) -> set[date]:
    """Every single day that some span begun by today leaves out."""
    days: set[date] = set()
    for span in spans:
        if span.since > today:
            continue
        day = span.since
        while day <= today if span.until is None else day < span.until:
            days.add(day)
            day += DAY
    return days


def counted_by_hand(accepted: date, until: date, out: set[date]) -> int:
    count, day = 0, accepted + DAY
    while day <= until:
        if is_work(day) and day not in out:
            count += 1
        day += DAY
    return count


def due_by_hand(accepted: date, limit: int, out: set[date]) -> date:
    day = accepted
    while limit:
        day += DAY
        if is_work(day) and day not in out:
            limit -= 1
    return day


def rule(law: Law, name: str) -> Clock:
    return next(clock for clock in law.as_of(FIRST).clocks if clock.id == name)


days = st.dates(FIRST, LAST)


@st.composite
def spans(draw: st.DrawFn) -> list[Span]:
    """Spans as they come: apart, one over another, empty, open, before acceptance and after the reading."""
    found: list[Span] = []
    for _ in range(draw(st.integers(0, 5))):
        since = draw(st.dates(FIRST - 60 * DAY, LAST))
        length = draw(st.one_of(st.none(), st.integers(0, 50)))
        found.append(Span(draw(st.sampled_from(KINDS)), since, None if length is None else since + length * DAY))
    return found


@FEW
@given(accepted=days, length=st.integers(-10, 150), paused=spans())
def test_working_days_are_those_that_a_person_would_count(accepted: date, length: int, paused: list[Span]) -> None:
    until = accepted + length * DAY
    assert working_days(accepted, until, paused) == counted_by_hand(accepted, until, left_out(paused, until))


@FEW
@given(accepted=st.dates(date(2023, 1, 1), date(2026, 8, 1)), length=st.integers(0, 140))
def test_without_spans_working_days_are_those_of_the_calendar(accepted: date, length: int) -> None:
    until = accepted + length * DAY
    assert working_days(accepted, until) == counted_by_hand(accepted, until, set())


@given(accepted=st.dates(date(2032, 1, 1), date(2040, 1, 1)), length=st.integers(0, 100), paused=st.integers(0, 20))
@settings(max_examples=50, deadline=None)
def test_in_years_that_nobody_has_gazetted_monday_to_friday_count(accepted: date, length: int, paused: int) -> None:
    until = accepted + length * DAY
    span = [Span("site_check", accepted + 5 * DAY, accepted + (5 + paused) * DAY)]
    assert working_days(accepted, until, span) == counted_by_hand(accepted, until, left_out(span, until))


@FEW
@given(accepted=days, length=st.integers(0, 130), paused=spans(), name=st.sampled_from(["decision", "amendment"]))
def test_a_clock_reads_as_counted_by_hand(law: Law, accepted: date, length: int, paused: list[Span], name: str) -> None:
    clock, today = rule(law, name), accepted + length * DAY
    limit = {"decision": 45, "amendment": 20}[name]
    out = left_out(paused, today)
    by_decree = left_out([span for span in paused if span.kind != "question"], today)
    reading = read_clock(clock, accepted, today, paused)
    counted = counted_by_hand(accepted, today, out)
    assert (reading.limit, reading.counted, reading.left) == (limit, counted, limit - counted)
    due = due_by_hand(accepted, limit, out)
    assert due.year > 2026 or reading.due == due
    assert due.year > 2026 or reading.due_by_decree == due_by_hand(accepted, limit, by_decree)
    assert (reading.accepted, reading.read_on) == (accepted, today)
    open_now = any(span.until is None and span.since <= today for span in paused)
    if counted > limit:
        assert reading.standing == "late"
    elif today <= due:
        expected = "stopped" if open_now else "at_risk" if limit - counted <= 10 else "on_time"
        assert reading.standing == expected


@FEW
@given(accepted=days, length=st.integers(0, 120), taken=st.integers(0, 120), paused=spans())
def test_a_decision_stops_the_clock_for_good(
    law: Law, accepted: date, length: int, taken: int, paused: list[Span]
) -> None:
    clock, decided = rule(law, "decision"), accepted + taken * DAY
    ended = [span._replace(until=min(span.until or decided, decided)) for span in paused if span.since <= decided]
    at_decision = read_clock(clock, accepted, decided, ended, decided)
    later = read_clock(clock, accepted, decided + length * DAY, ended, decided)
    assert later._replace(read_on=decided) == at_decision
    counted = counted_by_hand(accepted, decided, left_out(ended, decided))
    assert at_decision.counted == counted
    if counted > 45:
        assert at_decision.standing == "decided_late"
    elif at_decision.due and decided <= at_decision.due:
        assert at_decision.standing == "decided"


@FEW
@given(accepted=days, lengths=st.lists(st.integers(0, 20), max_size=10), paused=spans())
def test_readings_skipped_or_made_twice_change_nothing(
    law: Law, accepted: date, lengths: list[int], paused: list[Span]
) -> None:
    clock, today = rule(law, "decision"), accepted + sum(lengths) * DAY
    day = accepted
    for length in lengths:
        day += length * DAY
        read_clock(clock, accepted, day, paused)
        read_clock(clock, accepted, day, reversed(paused))
    once = read_clock(clock, accepted, today, paused)
    assert read_clock(clock, accepted, today, paused) == once
    assert read_clock(clock, accepted, today, [*paused, *paused]) == once
    assert read_clock(clock, accepted, today, iter(paused)) == once


@FEW
@given(accepted=days, length=st.integers(0, 100), paused=spans())
def test_time_never_runs_back(law: Law, accepted: date, length: int, paused: list[Span]) -> None:
    clock, today = rule(law, "decision"), accepted + length * DAY
    now, next_day = (read_clock(clock, accepted, day, paused) for day in (today, today + DAY))
    assert next_day.counted - now.counted in {0, 1}
    assert now.due is not None and next_day.due is not None and next_day.due >= now.due


@given(accepted=st.dates(date(2026, 6, 1), date(2026, 12, 31)), length=st.integers(0, 60), paused=spans())
@settings(max_examples=100, deadline=None)
def test_a_due_day_that_rests_on_a_year_not_gazetted_is_a_forecast(
    law: Law, accepted: date, length: int, paused: list[Span]
) -> None:
    reading = read_clock(rule(law, "decision"), accepted, accepted + length * DAY, paused)
    assert reading.due is not None
    assert reading.forecast == (reading.due.year > 2026)


def test_forty_five_working_days_from_a_day_in_march(law: Law) -> None:
    reading = read_clock(rule(law, "decision"), date(2026, 3, 2), date(2026, 3, 2))
    assert (reading.limit, reading.counted, reading.left, reading.standing) == (45, 0, 45, "on_time")
    assert reading.due == due_by_hand(date(2026, 3, 2), 45, set())
    assert not reading.forecast


def test_forty_five_days_from_november_2026_are_a_forecast(law: Law) -> None:
    reading = read_clock(rule(law, "decision"), date(2026, 11, 20), date(2026, 11, 23))
    assert reading.due is not None and reading.due >= date(2027, 1, 22)
    assert reading.forecast


def test_a_late_clock_stays_late_when_it_is_stopped_too_late(law: Law) -> None:
    clock, accepted = rule(law, "amendment"), date(2026, 3, 2)
    reading = read_clock(clock, accepted, date(2026, 4, 20), [Span("site_check", date(2026, 4, 15), None)])
    assert reading.left is not None and reading.left < 0
    assert reading.standing == "late"


@pytest.mark.parametrize("left", range(12))
def test_a_case_is_at_risk_from_ten_days_before(law: Law, left: int) -> None:
    accepted = date(2026, 3, 2)
    today = due_by_hand(accepted, 45 - left, set())
    reading = read_clock(rule(law, "decision"), accepted, today)
    assert (reading.left, reading.standing) == (left, "at_risk" if left <= 10 else "on_time")


@pytest.mark.parametrize("after", [1, 2])
def test_a_case_is_late_on_every_day_after_its_due_day(law: Law, after: int) -> None:
    accepted = date(2026, 3, 6)
    reading = read_clock(rule(law, "amendment"), accepted, date(2026, 4, 3) + after * DAY)
    assert reading.due == date(2026, 4, 3)
    assert reading.standing == "late"


def test_a_rule_that_sets_no_limit_still_counts_the_days() -> None:
    reading = read_clock(None, date(2026, 3, 2), date(2026, 3, 9), why="nobody said")
    assert (reading.standing, reading.limit, reading.due, reading.left) == ("no_limit", None, None, None)
    assert (reading.counted, reading.why) == (5, "nobody said")
    assert read_clock(None, date(2026, 3, 2), date(2026, 3, 9), decided=date(2026, 3, 4)).standing == "decided"


# the clock of a case


def at(day: str, hour: int = 9) -> datetime:
    return datetime.fromisoformat(f"{day}T{hour:02}:00:00+08:00").astimezone(UTC)


def case_of(**changes: Any) -> Case:
    return Case(
        **{
            "id": "C000001",
            "organisation": "FIRM-A",
            "state": "accepted",
            "version": 3,
            "application": application(),
            "opened_at": at("2026-03-01"),
            "opened_by": "exporter",
            "submitted_at": at("2026-03-01"),
            "accepted_at": at("2026-03-02"),
            **changes,
        }
    )


@pytest.fixture
def small(tmp_path: Path, law: Law) -> Iterator[World]:
    """A desk on one small database: what is asked here does not hang on the kind of it."""
    with sqlite_engine(tmp_path) as engine:
        found = world_of(engine, law)
        yield found
        found.ledger.close()


def test_a_case_has_no_clock_before_it_is_accepted(law: Law) -> None:
    assert clock_of(case_of(accepted_at=None), law, at("2026-03-10")) is None


@pytest.mark.parametrize("kind", ["consultation", "registration"])
def test_what_the_decree_gives_no_days_has_no_clock(law: Law, kind: str) -> None:
    assert clock_of(case_of(application=application(kind=kind)), law, at("2026-03-10")) is None


@pytest.mark.parametrize(("kind", "limit"), [("single", 45), ("general", 45), ("amendment", 20)])
def test_each_kind_has_its_limit(law: Law, kind: str, limit: int) -> None:
    reading = clock_of(case_of(application=application(kind=kind)), law, at("2026-03-10"))
    assert reading is not None and reading.limit == limit


def test_days_of_the_clock_are_days_in_china(law: Law) -> None:
    late_evening = datetime(2026, 3, 1, 16, 30, tzinfo=UTC)
    reading = clock_of(case_of(accepted_at=late_evening), law, datetime(2026, 3, 2, 16, 30, tzinfo=UTC))
    assert reading is not None
    assert (reading.accepted, reading.read_on, reading.counted) == (date(2026, 3, 2), date(2026, 3, 3), 1)


def test_before_the_decree_no_limit_is_known(law: Law) -> None:
    reading = clock_of(case_of(accepted_at=at("2024-11-20")), law, at("2024-11-25"))
    assert reading is not None and reading.standing == "no_limit"
    assert reading.why


def test_a_question_makes_the_day_by_decree_earlier_than_our_own(law: Law) -> None:
    pauses = (Pause(kind="question", since=at("2026-03-09"), until=at("2026-03-16")),)
    reading = clock_of(case_of(pauses=pauses), law, at("2026-03-20"))
    assert reading is not None and reading.due is not None
    assert reading.due_by_decree == due_by_hand(date(2026, 3, 2), 45, set())
    assert reading.due_by_decree is not None and reading.due_by_decree < reading.due
    assert reading.counted == 14 - 5


def test_what_the_decree_names_moves_both_days(law: Law) -> None:
    pauses = (Pause(kind="expert_opinion", since=at("2026-03-09"), until=at("2026-03-16")),)
    reading = clock_of(case_of(pauses=pauses), law, at("2026-03-20"))
    assert reading is not None and reading.due == reading.due_by_decree
    assert reading.due == due_by_hand(date(2026, 3, 2), 50, set())


def test_an_open_question_stops_the_clock_until_the_reply(small: World) -> None:
    case = small.accepted()
    small.go_to("2026-03-09")
    case = small.do(OFFICER, case, "ask", text="Who buys the lenses?")
    small.go_to("2026-03-13")
    stopped = small.desk.clock(case)
    assert stopped is not None and (stopped.standing, stopped.counted) == ("stopped", 4)
    case = small.do(EXPORTER, case, "reply", question=1, text="Builders.")
    running = small.desk.clock(case)
    assert running is not None and (running.standing, running.counted) == ("on_time", 5)


def test_two_questions_that_overlap_stop_the_clock_once(small: World) -> None:
    case = small.accepted()
    for day, number in (("2026-03-09", 1), ("2026-03-11", 2)):
        small.go_to(day)
        case = small.do(OFFICER, case, "ask", text=f"Question {number}?")
    small.go_to("2026-03-13")
    case = small.do(EXPORTER, case, "reply", question=1, text="Yes.")
    still = small.desk.clock(case)
    assert still is not None and still.standing == "stopped"
    small.go_to("2026-03-16")
    case = small.do(EXPORTER, case, "reply", question=2, text="No.")
    running = small.desk.clock(case)
    assert running is not None and running.standing == "on_time"
    assert running.counted == counted_by_hand(date(2026, 3, 2), date(2026, 3, 8), set()) + 1


def test_the_state_council_takes_the_limit_away(small: World) -> None:
    case = small.accepted()
    case = small.do(OFFICER, case, "flag", kind="referred", note="sent on")
    reading = small.desk.clock(case)
    assert reading is not None and (reading.standing, reading.limit) == ("no_limit", None)
    assert "State Council" in reading.why


def test_the_watch_list_takes_the_limit_away(small: World) -> None:
    parties = [
        {"role": "consignee", "name": "SUBARU Corporation", "country": "JP"},
        {"role": "end_user", "name": "SUBARU Corporation", "country": "JP", "military": False},
    ]
    case = small.accepted(application(to="JP", parties=parties), ("risk_report", "written_promise"))
    reading = small.desk.clock(case)
    assert reading is not None and (reading.standing, reading.limit, reading.due) == ("no_limit", None, None)
    assert "watch list" in reading.why


def test_a_case_that_came_back_from_the_state_council_is_not_late(small: World) -> None:
    case = small.accepted()
    small.do(OFFICER, case, "flag", kind="referred", note="sent on")
    small.go_to("2026-07-01")
    case = small.do(SECOND, case, "unflag", kind="referred", reason="approved by the State Council")
    reading = small.desk.clock(case)
    assert reading is not None and reading.standing != "late"


def test_a_decision_ends_the_clock_of_a_case(law: Law) -> None:
    flag = Flag(kind="doubt", raised_at=at("2026-03-03"), raised_by="officer")
    decided = case_of(state="refused", ended_at=at("2026-03-09", 20), flags=(flag,))
    first, later = (clock_of(decided, law, at(day)) for day in ("2026-03-09", "2027-06-01"))
    assert first is not None and later is not None
    assert (first.standing, first.counted) == ("decided", 5)
    assert later._replace(read_on=first.read_on) == first


def test_a_case_decided_after_its_due_day_says_so(law: Law) -> None:
    reading = clock_of(case_of(state="granted", ended_at=at("2026-06-15")), law, at("2026-06-20"))
    assert reading is not None and reading.standing == "decided_late"
