"""As of, known on, diff, horizon, freshness."""

from __future__ import annotations

from datetime import date, timedelta

from orepass.law.model import State
from orepass.law.timeline import Law


def test_a_past_decision_is_judged_by_what_could_be_known(law: Law) -> None:
    day = date(2025, 12, 15)
    assert law.as_of(day).rules["US-46-P2"].standing.state is State.SUSPENDED
    assert law.as_of(day, known=date(2025, 11, 8)).rules["US-46-P2"].standing.state is State.IN_FORCE
    assert law.as_of(day, known=date(2025, 11, 9)).rules["US-46-P2"].standing.state is State.SUSPENDED
    assert law.as_of(day, known=date(2024, 12, 2)).rules["US-46-P2"].standing.state is State.ABSENT


def test_an_interpretation_counts_from_the_day_it_could_be_known(law: Law) -> None:
    day = date(2025, 2, 20)
    assert law.as_of(day).entries["1C117.d.3"].exclusions
    assert not law.as_of(day, known=date(2025, 3, 11)).entries["1C117.d.3"].exclusions


def test_an_interpretation_with_a_firm_day_is_doubtful_before_it(law: Law) -> None:
    def firmness(day: date) -> dict[str, bool]:
        return {exclusion.by: firm for exclusion, firm in law.as_of(day).entries["1C902.a.4"].exclusions}

    assert firmness(date(2026, 1, 25)) == {"faq4-10": True, "faq5-1": False, "faq5-2": False, "faq5-5": False}
    assert all(firmness(date(2026, 1, 26)).values())


def test_limits_are_worded_by_date(law: Law) -> None:
    def worded(day: date) -> str:
        from orepass.law.language import show

        limits = law.as_of(day).entries["2B005"].limits
        assert limits is not None
        return show(limits.node)

    assert worded(date(2024, 11, 30)).startswith("microwave_power_kw >= 10")
    assert worded(date(2024, 12, 1)).startswith("microwave_power_kw > 10")


def test_days_of_one_run_share_one_state_of_the_law(law: Law) -> None:
    for boundary in law.boundaries:
        on = law.as_of(boundary)
        assert on.first == boundary
        assert law.as_of(min(on.last, date(2030, 1, 1))) is on or on.last > date(2030, 1, 1)
        assert law.as_of(boundary - timedelta(days=1)) is not on


def test_diff_names_what_changed_and_by_what(law: Law) -> None:
    changes = {change.id: change for change in law.diff(date(2025, 11, 8), date(2025, 11, 9))}
    assert set(changes) == {"US-46-P2", "US-46-P2-GRAPHITE", "US-46-3RD-P2", "US-46-3RD-P2-GRAPHITE"}
    assert {(c.before, c.after, c.by) for c in changes.values()} == {(State.IN_FORCE, State.SUSPENDED, "CN-2025-72")}


def test_diff_shows_a_limit_that_is_only_worded_anew(law: Law) -> None:
    changes = [c for c in law.diff(date(2024, 11, 30), date(2024, 12, 1)) if c.what == "limits"]
    assert [c.id for c in changes] == ["2B005"]


def test_the_timeline_is_in_order_and_holds_the_days_of_the_news(law: Law) -> None:
    events = law.timeline()
    assert events == sorted(events, key=lambda e: (e.day, e.subject, e.says))
    days = {(event.day.isoformat(), event.kind) for event in events}
    assert {
        ("2023-08-01", "in_force"),
        ("2025-11-07", "suspended"),
        ("2026-11-11", "unknown"),
        ("2026-09-28", "statement"),
    } <= days


def test_the_horizon_says_how_far_the_law_was_read(law: Law) -> None:
    assert law.horizon.read_to >= date(2026, 10, 10)
    assert (date(2026, 11, 27), "CN-2025-72") in law.horizon.runs_out


def test_a_suspension_is_stale_when_its_end_passed_and_nobody_looked(law: Law) -> None:
    assert law.stale(date(2026, 11, 27)) == ()
    (stale,) = law.stale(date(2026, 11, 28))
    assert (stale.by, stale.ended, stale.checked_on) == ("CN-2025-72", date(2026, 11, 27), date(2026, 11, 22))
    assert stale.reread[0][0] == "no72_2025"


def test_beyond_every_text_the_clock_of_dates_goes_on(law: Law) -> None:
    assert law.as_of(date(2031, 5, 5)).entries["3C003.b"].standing.state is State.IN_FORCE
