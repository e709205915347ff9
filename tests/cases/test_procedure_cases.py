"""The cases of procedure in facts/law/cases: licences, clocks, records, and what a notice reaches."""

from __future__ import annotations

from typing import Any

import pytest

from desk_world import EXPORTER, OFFICER, World
from orepass.determination.determine import determine
from orepass.determination.transaction import transaction
from orepass.errors import NotPossible
from orepass.factfiles import FACTS, read_records, read_yaml
from orepass.law.calendar import due_day
from orepass.law.timeline import Law
from orepass.licences.facts import gate_reasons

CASES = {case["id"]: case for case in read_records(FACTS / "law" / "cases" / "procedure.yaml")}


def test_every_procedure_case_of_the_shared_table_is_tried_here(shared: Any) -> None:
    wanted = {case["id"] for case in read_yaml(shared / "law" / "cases.yaml")["cases"] if case.get("procedure")}
    assert wanted == CASES.keys() == {name[5:8].upper() for name in globals() if name.startswith("test_t")}


def test_t72_a_resale_abroad_to_a_firm_listed_in_2025_hangs_on_whether_the_buyer_is_military(law: Law) -> None:
    case = CASES["T72"]
    asked: dict[str, Any] = {
        "date": str(case["day"]),
        "origin": "CN",
        "from": "MY",
        "to": "US",
        "act": "re_export",
        "lines": [{"description": "gallium metal"}],
        "parties": [{"role": "end_user", "name": "Huntington Ingalls Industries", "country": "US"}],
        "end_use": {"text": "civil product", "military": False},
    }
    answer = determine(transaction(asked), law)
    assert "CONTROL-LIST-REEXPORT" not in {reason.rule for reason in answer.reasons}
    assert answer.outcome != "prohibited"
    assert (
        "prohibited" in {possible.outcome for possible in answer.could_be}
        or "third_country_liability" in answer.conditions
    )
    asked["parties"][0]["military"] = True
    military = determine(transaction(asked), law)
    assert military.outcome == "prohibited" or "third_country_liability" in military.conditions


def test_t74_a_licence_obtained_two_days_after_the_declaration_is_an_unlicensed_export(world: World) -> None:
    world.go_to("2026-03-01T10:00:00+08:00")
    at = world.now
    refused = world.declare("D1", at=at)
    world.wait(days=2)
    world.granted()
    recheck = world.declare("D2", at=at)
    for reply in (refused, recheck):
        assert reply.state == "refused"
    assert [reason.id for line in recheck.verdict.lines for reason in line.reasons] == ["issued_later"]
    assert "faq3" in gate_reasons()["issued_later"].basis.sources


def test_t76_a_single_licence_of_february_2026_is_not_valid_in_february_2027(world: World) -> None:
    world.go_to("2026-02-01")
    licence = world.granted()
    assert str(licence.valid_to) == "2027-01-31"
    world.go_to("2027-01-31")
    assert licence.standing(world.now) == "in_force"
    world.go_to(str(CASES["T76"]["day"]))
    reply = world.declare("D1")
    assert [reason.id for line in reply.verdict.lines for reason in line.reasons] == ["expired"]
    with pytest.raises(NotPossible, match="ends on 2028-02-14 at the latest"):
        world.granted(valid_to="2028-02-15")


def test_t78_a_decision_is_due_after_45_working_days_without_expert_and_site_checks(world: World) -> None:
    day = CASES["T78"]["day"]
    world.go_to(str(day))
    case = world.accepted()
    clock = world.desk.clock(case)
    assert clock is not None and (clock.limit, clock.due) == (45, due_day(day, 45).day)
    world.do(OFFICER, case, "pause", kind="expert_opinion")
    world.go_to("2026-03-11")
    now = world.do(OFFICER, case, "resume", kind="expert_opinion")
    later = world.desk.clock(now)
    assert later is not None and later.due is not None and clock.due is not None and later.due > clock.due
    assert later.due == later.due_by_decree


def test_t82_papers_are_not_destroyed_before_five_years(world: World) -> None:
    world.go_to("2026-01-05")
    licence = world.granted()
    case = world.desk.case(EXPORTER, licence.case)
    world.declare("D1")
    sha = case.papers[0].sha256
    world.go_to(str(CASES["T82"]["day"]))
    with pytest.raises(NotPossible, match="at least 5 years"):
        world.do(OFFICER, case, "discard", sha256=sha, reason="the cabinet is full")
    assert world.desk.paper(EXPORTER, case.id, sha)[2]
    world.go_to("2032-01-06")
    kept = world.do(OFFICER, case, "discard", sha256=sha, reason="its time is over")
    assert kept.papers[0].discarded_at is not None
