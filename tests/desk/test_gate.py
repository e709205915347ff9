"""The gate: what leaves, what is held, what is refused, and why."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from desk_world import EXPORTER, FIRM, GERMANIUM, OFFICER, OTHER_FIRM, World, application, declared
from orepass.desk.gate import Reply
from orepass.errors import BadInput, NotAllowed, NotFound, NotPossible
from orepass.store.verifying import verify


def reasons(reply: Reply) -> set[str]:
    return {reason.id for line in reply.verdict.lines for reason in line.reasons}


def general(world: World, **changes: Any):
    return world.granted(application(kind="general", **changes))


def line(**changes: Any) -> list[dict[str, Any]]:
    return [{**GERMANIUM, "quantity": "100", "value": "120000", **changes}]


def test_more_than_is_left_is_refused_and_draws_nothing(world: World) -> None:
    licence = general(world)
    assert world.declare("D1", lines=line(quantity="450", value="1")).state == "released"
    over = world.declare("D2", lines=line(quantity="50.000001", value="1"))
    assert (over.state, reasons(over)) == ("refused", {"quantity_over"})
    assert "50 kg left" in over.verdict.lines[0].reasons[0].detail
    assert world.declare("D3", lines=line(quantity="50", value="1")).state == "released"
    assert world.desk.licence(EXPORTER, licence.id).allowances[0].left == 0


def test_two_lines_of_one_declaration_count_together(world: World) -> None:
    licence = general(world)
    both = [*line(quantity="300", value="1"), *line(quantity="300", value="1")]
    reply = world.declare("D1", lines=both)
    assert (reply.state, reasons(reply)) == ("refused", {"covered", "quantity_over"})
    assert world.desk.licence(EXPORTER, licence.id).allowances[0].drawn == 0


def test_a_quantity_in_another_unit_is_converted(world: World) -> None:
    licence = general(world)
    assert world.declare("D1", lines=line(quantity="0.2", unit="t")).state == "released"
    assert world.desk.licence(EXPORTER, licence.id).allowances[0].drawn == 200
    pieces = world.declare("D2", lines=line(quantity="3", unit="pcs"))
    assert (pieces.state, reasons(pieces)) == ("held", {"unit_differs"})


def test_more_value_than_is_left_is_refused(world: World) -> None:
    general(world)
    reply = world.declare("D1", lines=line(value="600000.01"))
    assert (reply.state, reasons(reply)) == ("refused", {"value_over"})
    euros = world.declare("D2", lines=line(currency="EUR"))
    assert (euros.state, reasons(euros)) == ("held", {"value_missing"})


@pytest.mark.parametrize(
    ("changes", "state", "why"),
    [
        ({"to": "FR"}, "refused", "other_destination"),
        ({"parties": [{"role": "end_user", "name": "Somebody Else AG", "country": "DE"}]}, "refused", "other_end_user"),
        ({"parties": []}, "held", "party_missing"),
        ({"lines": line(description="gallium metal 99.9999%")}, "refused", "unlicensed"),
        ({"lines": line(quantity=None)}, "held", "quantity_missing"),
        ({"exporter": OTHER_FIRM}, "refused", "unlicensed"),
    ],
)
def test_each_thing_that_differs_from_the_licence_is_named(
    world: World, changes: dict[str, Any], state: str, why: str
) -> None:
    general(world)
    reply = world.declare("D1", **changes)
    assert reply.state == state, reasons(reply)
    assert why in reasons(reply)
    assert all(reason.says and reason.zh for verdict in reply.verdict.lines for reason in verdict.reasons)


def test_a_name_that_is_only_close_is_looked_at_by_a_person(world: World) -> None:
    general(world)
    parties = declared("", world.now)["parties"]
    parties[1] = {**parties[1], "name": "Exampel Optik GmbH"}
    reply = world.declare("D1", parties=parties)
    assert (reply.state, reasons(reply)) == ("held", {"party_spelt_otherwise"})


def test_a_licence_of_another_firm_does_not_help_even_when_it_is_named(world: World) -> None:
    licence = general(world)
    reply = world.declare("D1", exporter=OTHER_FIRM, lines=line(licence=licence.id))
    assert (reply.state, reasons(reply)) == ("refused", {"no_such_licence"})


def test_free_goods_need_no_licence(world: World) -> None:
    reply = world.declare("D1", lines=[{"description": "antimony trioxide 99.9%", "quantity": "1", "unit": "t"}])
    assert (reply.state, reasons(reply)) == ("released", {"free"})


def test_goods_of_the_kinds_of_no_18_carry_the_remark_controlled_or_not(world: World) -> None:
    magnet = {"description": "NdFeB magnet N35 without terbium and dysprosium", "quantity": "5", "unit": "kg"}
    without = world.declare("D1", lines=[magnet])
    assert "remark_missing" in reasons(without) and without.state == "held"
    wrong = world.declare("D2", lines=[{**magnet, "remark": {"controlled": True, "code": "3C906"}}])
    assert "remark_wrong" in reasons(wrong)


def test_goods_that_cannot_be_told_are_held_with_the_question(world: World) -> None:
    reply = world.declare("D1", lines=[{"description": "antimony trioxide", "quantity": "1", "unit": "t"}])
    assert (reply.state, reasons(reply)) == ("held", {"facts_missing"})
    assert reply.verdict.lines[0].reasons[-1].detail
    assert reply.verdict.lines[0].papers


def test_a_licence_that_comes_after_the_declaration_does_not_help(world: World) -> None:
    at = world.now
    world.wait(minutes=30)
    general(world)
    late = world.declare("D1", at=at)
    assert (late.state, reasons(late)) == ("refused", {"issued_later"})


def test_an_update_is_judged_at_the_time_of_the_first_declaration(world: World) -> None:
    at = world.now
    refused = world.declare("D1", at=at)
    assert reasons(refused) == {"unlicensed"}
    world.wait(days=2)
    general(world)
    updated = world.send("update", declaration=declared("D1", at))
    assert (updated.state, reasons(updated)) == ("refused", {"issued_later"})
    with pytest.raises(BadInput, match="neither the exporter nor the time"):
        world.send("update", declaration=declared("D1", world.now))


def test_a_licence_in_force_at_declaration_and_revoked_since_holds_the_goods(world: World) -> None:
    licence = general(world)
    world.wait(minutes=10)
    at = world.now
    world.wait(minutes=10)
    world.do_licence(OFFICER, licence.id, "revoke", reason="bars of article 20")
    reply = world.declare("D1", at=at)
    assert (reply.state, reasons(reply)) == ("held", {"stopped"})
    after = world.declare("D2")
    assert (after.state, reasons(after)) == ("refused", {"ended"})


def test_a_declaration_from_the_future_is_not_taken(world: World) -> None:
    with pytest.raises(BadInput, match="lies in the future"):
        world.declare("D1", at=world.now + timedelta(hours=2))


def test_the_same_message_gets_the_same_reply_and_draws_once(world: World) -> None:
    licence = general(world)
    first = world.declare("D1", message="M1")
    again = world.declare("D1", message="M1", at=world.now)
    assert again == first.model_copy(update={"repeated": True})
    assert world.desk.licence(EXPORTER, licence.id).allowances[0].drawn == 100
    with pytest.raises(NotPossible, match="another content"):
        world.declare("D1", message="M1", lines=line(quantity="1"))
    with pytest.raises(NotPossible, match="send an update"):
        world.declare("D1", message="M2")


def test_a_held_lot_reserves_what_it_would_draw(world: World) -> None:
    licence = general(world)
    parties = declared("", world.now)["parties"]
    other = [{**parties[0], "name": "Somebody Else GmbH"}, parties[1]]
    held = world.declare("D1", lines=line(quantity="400", value="1"), parties=other)
    assert (held.state, reasons(held)) == ("held", {"other_consignee"})
    assert world.desk.licence(EXPORTER, licence.id).allowances[0].reserved == 400
    assert reasons(world.declare("D2", lines=line(quantity="200", value="1"))) == {"quantity_over"}
    released = world.send(
        "update", declaration=declared("D1", held.verdict.judged_at, lines=line(quantity="400", value="1"))
    )
    assert released.state == "released"
    part = world.desk.licence(EXPORTER, licence.id).allowances[0]
    assert (part.drawn, part.reserved) == (400, 0)


def test_usage_gives_back_what_did_not_go(world: World) -> None:
    licence = general(world)
    world.declare("D1", lines=line(quantity="100", value="1000"))
    with pytest.raises(NotPossible, match="101 kg have gone and 100 kg were declared"):
        world.send("usage", number="D1", exported=["101"])
    reply = world.send("usage", number="D1", exported=["60"])
    assert reply.state == "exported"
    part = world.desk.licence(EXPORTER, licence.id).allowances[0]
    assert (part.drawn, part.drawn_value) == (60, Decimal(600))
    with pytest.raises(NotPossible, match="is exported"):
        world.send("cancel", number="D1")


def test_a_cancelled_lot_gives_a_single_licence_back(world: World) -> None:
    licence = world.granted()
    world.declare("D1")
    assert world.desk.licence(EXPORTER, licence.id).standing(world.now) == "used"
    world.send("cancel", number="D1")
    assert world.desk.licence(EXPORTER, licence.id).standing(world.now) == "in_force"
    assert world.declare("D2").state == "released"


def test_released_goods_can_be_held_by_a_person_and_judged_again(world: World) -> None:
    general(world)
    world.declare("D1")
    held = world.send("hold", actor=OFFICER, number="D1", reason="a tip about the consignee")
    assert held.state == "held"
    assert world.send("recheck", number="D1").state == "released"
    with pytest.raises(NotFound):
        world.send("cancel", number="D9")
    with pytest.raises(NotAllowed):
        world.send("cancel", actor=EXPORTER, number="D1")


def test_an_export_on_a_certificate_is_registered_before_it_is_made(world: World) -> None:
    wanted = application(kind="registration", cause="back_after_repair")
    licence = world.granted(wanted)
    reply = world.declare("D1")
    assert (reply.state, reasons(reply)) == ("refused", {"not_registered"})
    told = {"line": 1, "quantity": "100", "end_user": "Example Optik GmbH", "to": "DE"}
    world.do_licence(EXPORTER, licence.id, "register", **told)
    world.wait(minutes=5)
    assert world.declare("D2").state == "released"
    again = world.declare("D3")
    assert reasons(again) == {"not_registered"}
    with pytest.raises(NotPossible, match="new registration"):
        world.do_licence(EXPORTER, licence.id, "register", **{**told, "to": "FR"})


def test_a_licence_handed_back_ends_and_goods_at_the_gate_stand_against_it(world: World) -> None:
    licence = general(world)
    world.declare("D1")
    world.send("hold", number="D1", reason="papers")
    with pytest.raises(NotPossible, match="held at the gate"):
        world.do_licence(EXPORTER, licence.id, "surrender")
    world.send("cancel", number="D1")
    world.do_licence(EXPORTER, licence.id, "surrender")
    assert reasons(world.declare("D2")) == {"ended"}
    assert verify(world.engine).faults == ()


def test_the_licence_that_fits_is_found_among_several(world: World) -> None:
    world.granted(application(goods=[{"description": "gallium metal", "quantity": "1", "unit": "kg"}]))
    first = general(world)
    assert world.declare("D1", lines=line(quantity="500", value="1")).state == "released"
    second = general(world)
    reply = world.declare("D2")
    drawn = reply.verdict.lines[0].drawn
    assert drawn is not None and drawn.licence == second.id != first.id
    assert reply.verdict.lines[0].codes
    assert world.gate.declaration(EXPORTER, "D2").organisation == FIRM
