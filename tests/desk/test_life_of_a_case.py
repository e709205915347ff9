"""The life of a case, from the question to the gate."""

from __future__ import annotations

import pytest

from desk_world import (
    CUSTOMS,
    EXPORTER,
    FIRM,
    GERMANIUM,
    OFFICER,
    OTHER_EXPORTER,
    SECOND,
    World,
    application,
    declared,
)
from orepass.errors import NotAllowed, NotFound, NotPossible
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


def test_the_review_says_who_did_what_and_needs_two_persons(world: World) -> None:
    case = world.accepted()
    with pytest.raises(NotPossible, match=r"Countersigned advice is missing on good:1, party:1, party:2"):
        world.do(OFFICER, case, "grant")
    now = world.do(OFFICER, case, "advise", subject="good:1", recommends="grant", text="civil use")
    both = OFFICER.model_copy(update={"roles": frozenset({"officer", "countersigner"})})
    with pytest.raises(NotPossible, match="another person"):
        world.do(both, case, "countersign", advice=now.advice[-1].id, agrees=True)
    turned_down = world.do(SECOND, case, "countersign", advice=1, agrees=False, note="who are the buyers?")
    assert turned_down.standing_advice("good:1") is None
    world.advised(case)
    with pytest.raises(NotAllowed, match="officer"):
        world.do(EXPORTER, case, "grant")
    assert world.do(OFFICER, case, "grant").state == "granted"


def test_a_refusal_is_in_writing_and_ends_the_case(world: World) -> None:
    case = world.advised(world.accepted(), "refuse")
    with pytest.raises(NotPossible, match="advice on good:1, party:1, party:2 is to refuse"):
        world.do(OFFICER, case, "grant")
    refused = world.do(OFFICER, case, "refuse", reason="the end user could not be verified")
    assert refused.decision is not None
    assert (refused.state, refused.decision.reason) == ("refused", "the end user could not be verified")
    for late in ("withdraw", "submit"):
        with pytest.raises(NotPossible, match="is refused"):
            world.do(EXPORTER, case, late)
    assert world.declare("X1").state == "refused"


def test_an_application_without_its_papers_is_not_taken(world: World) -> None:
    case = world.desk.open_case(EXPORTER, application())
    world.file_all(case, but=("end_user_certificate",))
    with pytest.raises(NotPossible, match="end-user and end-use certificate of Example Optik GmbH"):
        world.do(EXPORTER, case, "submit")
    world.desk.file_paper(EXPORTER, case.id, "end_user_certificate", "cert.pdf", "application/pdf", b"signed", party=2)
    assert world.do(EXPORTER, case, "submit").state == "submitted"


def test_what_is_not_complete_goes_back_and_comes_again(world: World) -> None:
    case = world.submitted()
    back = world.do(OFFICER, case, "give_back", reason="the contract is not legible")
    assert (back.state, back.returned_because) == ("returned", "the contract is not legible")
    world.do(EXPORTER, case, "change", application=application(contract="EX-2026-18").model_dump(by_alias=True))
    again = world.do(EXPORTER, case, "submit")
    assert (again.state, again.application.contract) == ("submitted", "EX-2026-18")


def test_questions_stop_the_clock_and_the_day_by_the_decree_stands_beside_it(world: World) -> None:
    case = world.accepted()
    world.go_to("2026-03-09")
    world.do(OFFICER, case, "ask", text="Who buys the lenses?")
    clock = world.desk.clock(world.desk.case(OFFICER, case.id))
    assert clock is not None and (clock.standing, clock.counted) == ("stopped", 4)
    world.go_to("2026-03-23")
    world.do(EXPORTER, case, "reply", question=1, text="Firms that inspect roofs.")
    clock = world.desk.clock(world.desk.case(OFFICER, case.id))
    assert clock is not None
    assert (clock.standing, clock.counted) == ("on_time", 5)
    assert str(clock.due_by_decree) == "2026-05-08"
    assert str(clock.due) == "2026-05-21"
    world.go_to("2026-05-22")
    clock = world.desk.clock(world.desk.case(OFFICER, case.id))
    assert clock is not None and clock.standing == "late"


def test_an_on_site_check_is_not_counted_by_the_decree_either(world: World) -> None:
    case = world.accepted()
    world.go_to("2026-03-09")
    world.do(OFFICER, case, "pause", kind="site_check", note="visit to the end user")
    world.advised(case)
    with pytest.raises(NotPossible, match="site check"):
        world.do(OFFICER, case, "grant")
    world.go_to("2026-03-23")
    resumed = world.do(OFFICER, case, "resume", kind="site_check")
    clock = world.desk.clock(resumed)
    assert clock is not None and clock.due == clock.due_by_decree


def test_a_non_key_element_is_amended_in_20_working_days_while_the_licence_rests(world: World) -> None:
    licence = world.granted()
    other = {"role": "consignee", "name": "Example Lager GmbH", "country": "DE"}
    world.wait(days=1)
    case = world.submitted(application(kind="amendment", licence=licence.id, changes={"consignee": other}))
    assert world.desk.licence(EXPORTER, licence.id).state == "in_force"
    case = world.do(OFFICER, case, "accept")
    clock = world.desk.clock(case)
    assert clock is not None and clock.limit == 20
    assert world.desk.licence(EXPORTER, licence.id).state == "stopped"
    meanwhile = world.declare("A1")
    assert (meanwhile.state, reasons(meanwhile)) == ("held", {"stopped"})
    with pytest.raises(NotPossible, match="would change licence"):
        world.do_licence(OFFICER, licence.id, "resume", reason="no")
    world.send("cancel", number="A1")
    world.wait(days=3)
    world.do(OFFICER, world.advised(case), "grant")
    amended = world.desk.licence(EXPORTER, licence.id)
    assert (amended.state, amended.party("consignee")[0].name) == ("in_force", "Example Lager GmbH")
    assert amended.valid_to == licence.valid_to
    parties = [other, declared("", world.now)["parties"][1]]
    assert world.declare("A2", parties=parties).state == "released"


def test_a_key_element_takes_a_new_application_and_the_old_licence_is_handed_back(world: World) -> None:
    licence = world.granted()
    with pytest.raises(NotPossible, match="key element"):
        world.submitted(application(kind="amendment", licence=licence.id, changes={"destination": "FR"}))
    world.wait(days=1)
    parties = [{"role": "end_user", "name": "Exemple Optique SA", "country": "FR", "military": False}]
    wanted = application(replaces=licence.id, to="FR", parties=parties)
    case = world.accepted(wanted)
    assert world.desk.licence(EXPORTER, licence.id).state == "stopped"
    case = world.do(OFFICER, world.advised(case), "grant")
    assert world.desk.licence(EXPORTER, licence.id).state == "replaced"
    new = world.desk.licence(EXPORTER, case.decision.licence or "")  # type: ignore[union-attr]
    assert (new.to, new.state) == ("FR", "in_force")


def test_a_copy_starts_from_an_earlier_case(world: World) -> None:
    first = world.granted()
    copy = world.desk.copy_case(EXPORTER, first.case)
    assert (copy.state, copy.application.copied_from, copy.papers) == ("draft", first.case, ())
    assert copy.application.goods == world.desk.case(EXPORTER, first.case).application.goods


def test_a_product_is_reused_and_the_application_keeps_its_own_words(world: World) -> None:
    product = world.desk.add_product(EXPORTER, {"name": "GeO2 5N", "description": GERMANIUM["description"]})
    good = {"product": product.id, "quantity": "10", "unit": "kg", "facts": {"purity_pct": 99.999}}
    case = world.desk.open_case(EXPORTER, application(goods=[good]))
    assert case.application.goods[0].description == GERMANIUM["description"]
    assert case.application.goods[0].facts == {"purity_pct": 99.999}


def test_earlier_cases_of_the_same_good_are_at_hand(world: World) -> None:
    first = world.granted()
    world.go_to("2026-04-01")
    other = world.accepted(application(goods=[{"description": "gallium metal", "quantity": "1", "unit": "kg"}]))
    case = world.accepted()
    assert [found.id for found in world.desk.precedents(OFFICER, case.id)] == [first.case]
    assert world.desk.precedents(OFFICER, other.id) == []


def test_no_licence_needed_is_a_document_of_its_own(world: World) -> None:
    wanted = application(goods=[{"description": "antimony trioxide 99.9%", "quantity": "20", "unit": "t"}])
    case = world.accepted(wanted)
    assert case.last_determined is not None and case.last_determined.outcome == "not_controlled"
    with pytest.raises(NotPossible, match="Countersigned advice is missing"):
        world.do(OFFICER, case, "no_licence_needed", reason="purity below 99.99 %")
    world.advised(case, "not_controlled")
    answered = world.do(OFFICER, case, "no_licence_needed", reason="purity below 99.99 %")
    assert answered.state == "not_needed"
    controlled = world.accepted()
    with pytest.raises(NotPossible, match="licence required"):
        world.do(OFFICER, controlled, "no_licence_needed", reason="no")


# The law in mid-case


def test_a_refusal_presumed_that_is_suspended_in_mid_case_is_told_and_unblocks_the_case(world: World) -> None:
    world.go_to("2025-11-05")
    parties = [{"role": "end_user", "name": "Example Lens LLC", "country": "US", "military": False}]
    wanted = application(to="US", parties=parties)
    case = world.accepted(wanted)
    assert case.last_determined is not None and case.last_determined.outcome == "refusal_presumed"
    assert [flag.kind for flag in case.open_flags] == ["presumed_refused"]
    world.advised(case)
    with pytest.raises(NotPossible, match="presumed_refused"):
        world.do(OFFICER, case, "grant")
    world.go_to("2025-11-12")
    with pytest.raises(NotPossible, match="law_changed"):
        world.do(OFFICER, case, "grant")
    assert world.desk.case(OFFICER, case.id).last_determined == case.last_determined
    world.do(OFFICER, case, "determine")
    now = world.desk.case(OFFICER, case.id)
    assert now.last_determined is not None and now.last_determined.outcome == "licence_required"
    assert [flag.kind for flag in now.open_flags] == ["law_changed"]
    world.do(SECOND, case, "unflag", kind="law_changed", reason="2025 No.72 suspends paragraph 2")
    assert world.do(OFFICER, case, "grant").state == "granted"


def test_goods_that_come_under_control_in_mid_case_are_no_longer_free(world: World) -> None:
    world.go_to("2025-02-03")
    goods = [{"description": "ammonium paratungstate", "quantity": "1", "unit": "t"}]
    case = world.accepted(application(goods=goods))
    assert case.last_determined is not None and case.last_determined.outcome == "not_controlled"
    world.go_to("2025-02-06")
    with pytest.raises(NotPossible, match="it says licence required"):
        world.do(OFFICER, case, "no_licence_needed", reason="free when it was filed")
    now = world.do(OFFICER, case, "determine")
    assert [(flag.kind, flag.note) for flag in now.open_flags] == [
        ("law_changed", "not_controlled on 2025-02-03, licence_required on 2025-02-06")
    ]


def test_an_answer_is_made_again_as_it_was_known(world: World) -> None:
    world.go_to("2025-11-05")
    parties = [{"role": "end_user", "name": "Example Lens LLC", "country": "US", "military": False}]
    case = world.accepted(application(to="US", parties=parties))
    world.go_to("2026-03-02")
    (found,) = {again.then.on: again for again in world.desk.rerun(OFFICER, case.id)}.values()
    assert (found.same_rulebook, found.same_answer, found.now.outcome) == (True, True, "refusal_presumed")


# Parties


def test_a_listed_end_user_is_licensed_only_with_a_special_approval(world: World) -> None:
    parties = [{"role": "end_user", "name": "Huntington Ingalls Industries", "country": "US", "military": False}]
    case = world.accepted(application(to="US", parties=parties), ("special_approval",))
    kinds = {flag.kind for flag in case.open_flags}
    assert "special_approval" in kinds or "prohibited" in kinds


def test_a_watch_listed_end_user_has_single_licences_alone_more_papers_and_no_clock(world: World) -> None:
    world.go_to("2026-07-01")
    watched = next(
        on.listing.name.en
        for on in world.law.as_of(world.today).listings
        if on.listing.list == "watch" and on.listing.name.en and on.standing.state.value == "in_force"
    )
    parties = [{"role": "end_user", "name": watched, "country": "JP", "military": False}]
    wanted = application(to="JP", parties=parties)
    with pytest.raises(NotPossible, match="risk-assessment report"):
        world.submitted(wanted)
    case = world.accepted(wanted, ("risk_report", "written_promise"))
    clock = world.desk.clock(case)
    assert clock is not None and (clock.standing, clock.limit) == ("no_limit", None)
    with pytest.raises(NotPossible, match="watch list"):
        world.submitted(application(kind="general", to="JP", parties=parties), ("risk_report",))


# Privacy


def test_a_firm_never_sees_another_firms_case_and_officers_no_drafts(world: World) -> None:
    draft = world.desk.open_case(EXPORTER, application())
    for stranger in (OTHER_EXPORTER, OFFICER, CUSTOMS):
        with pytest.raises(NotFound, match="There is no case"):
            world.desk.case(stranger, draft.id)
    handed_in = world.submitted()
    assert world.desk.case(OFFICER, handed_in.id).organisation == FIRM
    with pytest.raises(NotFound, match="There is no case"):
        world.do(OTHER_EXPORTER, handed_in, "withdraw")


def test_the_applicant_does_not_see_advice_and_flags(world: World) -> None:
    case = world.accepted()
    world.do(OFFICER, case, "flag", kind="doubt", note="who is behind the consignee?")
    world.do(OFFICER, case, "advise", subject="good:1", recommends="grant", text="fine")
    mine = world.desk.case(EXPORTER, case.id)
    assert (mine.flags, mine.advice) == ((), ())
    acts = {entry.act for entry in world.desk.history(EXPORTER, case.id)}
    assert "case.accept" in acts and not {"case.flag", "case.advise"} & acts
