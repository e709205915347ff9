"""The life of a case, from the question to the gate."""

from __future__ import annotations

import pytest

from desk_world import EXPORTER, OFFICER, World, application
from orepass.errors import NotPossible
from orepass.store.verifying import verify


def reasons(reply: object) -> set[str]:
    return {reason.id for line in reply.verdict.lines for reason in line.reasons}  # type: ignore[attr-defined]


def test_an_exporter_who_is_unsure_asks_and_is_answered(world: World) -> None:
    asked = application(kind="consultation", why="the purity is on the limit", end_use={"text": ""})
    case = world.desk.open_case(EXPORTER, asked)
    with pytest.raises(NotPossible, match="technical description"):
        world.do(EXPORTER, case, "submit")
    world.file_all(case)
    world.do(EXPORTER, case, "submit")
    world.do(OFFICER, case, "accept")
    world.advised(case, "controlled")
    answered = world.do(OFFICER, case, "answer", controlled=True, codes=["3C002.e"], reason="germanium dioxide")
    assert answered.state == "answered"
    assert answered.decision is not None and answered.decision.controlled


def test_from_application_to_release(world: World) -> None:
    case = world.accepted()
    assert case.last_determined is not None and case.last_determined.outcome == "licence_required"
    clock = world.desk.clock(case)
    assert clock is not None and (clock.limit, clock.standing) == (45, "on_time")
    world.go_to("2026-03-09")
    world.do(OFFICER, case, "ask", text="Which lenses, and who buys them?")
    world.go_to("2026-03-16")
    case = world.do(EXPORTER, case, "reply", question=1, text="Cameras for building inspection.")
    world.advised(case)
    case = world.do(OFFICER, case, "grant", conditions=["report arrival within 30 days"])
    assert case.state == "granted" and case.decision is not None
    licence = world.desk.licence(EXPORTER, case.decision.licence or "")
    assert (licence.valid_from.isoformat(), str(licence.valid_to)) == ("2026-03-16", "2027-03-15")
    reply = world.declare("530120260000000001")
    assert (reply.state, reasons(reply)) == ("released", {"covered"})
    licence = world.desk.licence(EXPORTER, licence.id)
    assert licence.allowances[0].drawn == 100
    assert licence.standing(world.now) == "used"
    again = world.declare("530120260000000002")
    assert (again.state, reasons(again)) == ("refused", {"used"})
    assert verify(world.engine).faults == ()
