"""States at every edge of every window, against the records and against the shared fact base."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from orepass.factfiles import read_yaml
from orepass.law.model import Control, Instrument, LawFacts, Provenance, Revival, State, Suspension
from orepass.law.timeline import Law
from orepass.law.windows import FAR_FUTURE

DAY = timedelta(days=1)
AS_OURS = {
    "in_force": State.IN_FORCE,
    "announced_not_in_force": State.ANNOUNCED,
    "suspended": State.SUSPENDED,
    "indeterminate": State.UNKNOWN,
    "stopped": State.STOPPED,
    "control_continues_under_unified_list": State.REPEALED,
}


def edges(windows: list[dict[str, str | None]]) -> set[date]:
    days = {date.fromisoformat(w[key]) for w in windows for key in ("from", "to") if w[key]}  # type: ignore[arg-type]
    return {day + DAY * step for day in days for step in (-1, 0, 1)}


def wanted(windows: list[dict[str, str | None]], day: date) -> State | None:
    for window in windows:
        start = date.fromisoformat(window["from"]) if window["from"] else date.min
        end = date.fromisoformat(window["to"]) if window["to"] else date.max
        if start <= day <= end:
            return AS_OURS[str(window["state"])]
    return None


def agrees(ours: State, theirs: State | None) -> bool:
    """Outside every shared window nothing is in force; our announced days before a start are told apart there only in part."""
    return ours is theirs if theirs else ours in {State.ABSENT, State.ANNOUNCED}


def test_every_entry_stands_as_shared_on_each_day_beside_an_edge(law: Law, shared: Path) -> None:
    wrong = [
        (item["code"], day, ours.value, theirs)
        for item in read_yaml(shared / "law" / "regime.yaml")["items"]
        for day in edges(item["windows"])
        if not agrees(
            ours := law.windows.of_entry(law.facts.entries[item["code"]], day, FAR_FUTURE).state,
            theirs := wanted(item["windows"], day),
        )
    ]
    assert wrong == []


def test_every_rule_stands_as_shared_on_each_day_beside_an_edge(law: Law, shared: Path) -> None:
    rules = read_yaml(shared / "law" / "regime.yaml")["destination_and_party_rules"]
    wrong = [
        (rule["id"], day)
        for rule in rules
        if "windows" in rule
        for day in edges(rule["windows"])
        if not agrees(
            law.windows.of_rule(law.facts.rules[rule["id"]], day, FAR_FUTURE).state, wanted(rule["windows"], day)
        )
    ]
    assert wrong == []


def test_every_party_notice_stands_as_shared_on_each_day_beside_an_edge(law: Law, shared: Path) -> None:
    notices = read_yaml(shared / "law" / "regime.yaml")["entity_lists"]
    ours = {act.number: act.id for act in law.facts.instruments.values()}
    wrong = [
        (notice["instrument"], day)
        for notice in notices
        for day in edges(notice["windows"])
        if not agrees(
            law.windows.of_target(ours[notice["instrument"]], "", None, None, day, FAR_FUTURE).state,
            wanted(notice["windows"], day),
        )
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("code", "day", "state"),
    [
        ("1C910.a.1", "2025-10-08", State.ABSENT),
        ("1C910.a.1", "2025-10-09", State.ANNOUNCED),
        ("1C910.a.1", "2025-11-06", State.ANNOUNCED),
        ("1C910.a.1", "2025-11-07", State.SUSPENDED),
        ("1C910.a.1", "2025-11-08", State.SUSPENDED),
        ("1C910.a.1", "2026-11-10", State.SUSPENDED),
        ("1C910.a.1", "2026-11-11", State.UNKNOWN),
        ("3C001.a", "2023-07-31", State.ANNOUNCED),
        ("3C001.a", "2023-08-01", State.IN_FORCE),
        ("3C001.a", "2024-11-30", State.IN_FORCE),
        ("3C001.a", "2024-12-01", State.IN_FORCE),
        ("1C108.b", "2023-11-30", State.UNKNOWN),
        ("1C229", "2024-11-30", State.UNKNOWN),
        ("1C229", "2024-12-01", State.IN_FORCE),
        ("1E902.a", "2025-11-06", State.IN_FORCE),
    ],
)
def test_an_entry_on_a_day(law: Law, code: str, day: str, state: State) -> None:
    assert law.as_of(date.fromisoformat(day)).entries[code].standing.state is state


def test_a_notice_may_go_while_its_items_go_on(law: Law) -> None:
    day = date(2024, 12, 1)
    assert law.windows.of_target("CN-2023-23", "", None, None, day, FAR_FUTURE).state is State.REPEALED
    assert law.as_of(day).entries["3C001.a"].standing.state is State.IN_FORCE


def test_only_paragraph_2_of_no_46_is_suspended(law: Law) -> None:
    rules = law.as_of(date(2025, 12, 15)).rules
    assert rules["US-46-P2"].standing.state is State.SUSPENDED
    assert rules["US-46-3RD-P2"].standing.state is State.SUSPENDED
    assert rules["US-MIL-BAN"].standing.state is State.IN_FORCE
    assert rules["US-46-3RD"].standing.state is State.IN_FORCE


def with_later(facts: LawFacts, *, revival: bool) -> LawFacts:
    """The facts with one later text: an extension of the suspension by No.70, or a revival of No.57."""
    sourced = Provenance(("no70_2025",), "primary")
    act = replace(
        facts.instruments["CN-2025-70"], id="CN-2027-99", published=date(2026, 11, 15), effective=date(2026, 11, 15)
    )
    instruments: dict[str, Instrument] = {**facts.instruments, act.id: act}
    if revival:
        record = Revival("V", act.id, ("CN-2025-57",), date(2026, 11, 15), sourced)
        return replace(facts, instruments=instruments, revivals=(record,))
    longer = Suspension(
        "S", act.id, ("CN-2025-57",), date(2026, 11, 11), date(2027, 11, 10), "assumed", None, "", "", (), "", sourced
    )
    return replace(facts, instruments=instruments, suspensions=(*facts.suspensions, longer))


def test_a_later_text_settles_what_was_unknown_and_leaves_what_was_known(law: Law) -> None:
    extended = Law(with_later(law.facts, revival=False), "extended")
    revived = Law(with_later(law.facts, revival=True), "revived")
    day = date(2026, 11, 22)
    assert law.as_of(day).entries["1C910.a.1"].standing.state is State.UNKNOWN
    assert extended.as_of(day).entries["1C910.a.1"].standing.state is State.SUSPENDED
    assert revived.as_of(day).entries["1C910.a.1"].standing.state is State.IN_FORCE
    for later in (extended, revived):
        assert later.as_of(day, known=date(2026, 11, 14)).entries["1C910.a.1"].standing.state is State.UNKNOWN


def test_a_control_that_was_not_read_is_unknown_only_for_its_time(law: Law) -> None:
    graphite = law.facts.entries["1C108.b"]
    assert graphite.control[0] == Control("", None, date(2023, 11, 30), True, graphite.control[0].because)
