"""Determinations layer by layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import jsonschema
import pytest

from orepass.determination.determine import Determination
from orepass.determination.schema import determination_schema
from orepass.errors import BadInput

Answer = Callable[..., Determination]


def test_the_example_of_the_design(answer: Answer) -> None:
    document = answer("antimony ingot 99.65%", date="2025-01-20", to="US", from_="CN").to_dict()
    assert document["outcome"] == "refusal_presumed"
    assert [entry["code"] for entry in document["lines"][0]["entries"]] == ["3C003.b"]
    assert document["lines"][0]["entries"][0]["instrument"] == "CN-2024-33"
    assert [r["rule"] for r in document["reasons"]] == ["ECL-12", "US-46-P2"]
    assert document["could_be"][0]["outcome"] == "prohibited"
    assert document["could_be"][0]["rule"] == "US-MIL-BAN"
    assert "end_user.military = true" in document["could_be"][0]["if"]
    assert document["clock"]["working_days"] == 45
    assert document["law"]["as_of"] == "2025-01-20"


@pytest.mark.parametrize(
    ("words", "to", "date"),
    [
        ("antimony ingot 99.65%", "US", "2025-01-20"),
        ("rubber ducks", "DE", "2026-02-01"),
        ("erbium metal", "DE", "2026-11-22"),
        ("graphite", "KR", "2026-02-01"),
        ("NdFeB magnet", "US", "2026-02-01"),
        ("sintered tungsten carbide drill", "KR", "2026-02-01"),
    ],
)
def test_every_answer_fits_the_published_schema(answer: Answer, words: str, to: str, date: str) -> None:
    jsonschema.validate(answer(words, to=to, date=date).to_dict(), determination_schema())


def test_the_most_restrictive_line_decides_and_each_keeps_its_own(answer: Answer) -> None:
    got = answer(
        lines=[
            {"description": "copper wire"},
            {"description": "gallium metal"},
            {"description": "antimony trioxide 99.9%"},
        ]
    )
    assert got.outcome == "licence_required"
    assert [line.outcome for line in got.lines] == ["not_controlled", "licence_required", "not_controlled"]
    assert "no_entry_found" in got.lines[0].conditions
    assert "no_entry_found" not in got.conditions


def test_a_fact_given_stands_before_one_that_is_read_and_the_conflict_is_shown(answer: Answer) -> None:
    got = answer("antimony trioxide 99.99%", {"purity_pct": 99.5})
    assert got.outcome == "not_controlled"
    assert any("the description says purity_pct 99.99" in doubt for doubt in got.to_dict()["doubts"])


class TestItem:
    def test_a_near_miss_says_by_how_much(self, answer: Answer) -> None:
        (near,) = answer("antimony trioxide 99.9%").to_dict()["lines"][0]["near_misses"]
        assert near["code"] == "3C003.c"
        assert near["why"] == "needs purity_pct >= 99.99 (here 99.9)"
        assert near["by"] == ["purity_pct: 0.09 %"]

    def test_a_suspended_entry_is_a_near_miss_with_its_end(self, answer: Answer) -> None:
        near = answer("erbium metal", date="2025-12-01").to_dict()["lines"][0]["near_misses"]
        assert near[0]["why"] == "suspended by CN-2025-70 to 2026-11-10"

    def test_an_exclusion_names_who_says_so(self, answer: Answer) -> None:
        near = answer("CdTe thin-film solar module").to_dict()["lines"][0]["near_misses"]
        assert any(n["code"] == "6C002.b.1" and "faq2-te-1" in n["why"] for n in near)

    def test_a_mixture_has_no_minimum_share(self, answer: Answer) -> None:
        for words, code in (("0.15% Dy2O3 desiccant", "1C905.b"), ("50% water, 30% BaCO3, 12% Y2O3 slurry", "1C908.b")):
            got = answer(words)
            assert got.outcome == "licence_required"
            assert code in [e["code"] for e in got.to_dict()["lines"][0]["entries"]]

    def test_an_alloy_that_holds_the_pair_is_covered_with_other_elements(self, answer: Answer) -> None:
        got = answer("Gd12 Mg70 Ni6 Nd4 Zn3 magnesium alloy", date="2025-06-01")
        assert [e["code"] for e in got.to_dict()["lines"][0]["entries"]] == ["1C903.a.2.a"]

    def test_a_plain_magnet_asks_for_what_is_often_left_unsaid(self, answer: Answer) -> None:
        got = answer("NdFeB magnet")
        assert got.outcome == "needs_facts"
        assert [q.fact for q in got.questions] == ["content_wt_pct.Tb", "content_wt_pct.Dy"]
        assert answer("NdFeB magnet", {"content_wt_pct": {"Dy": 0, "Tb": 0}}).outcome == "not_controlled"

    def test_a_referral_is_no_release(self, answer: Answer) -> None:
        got = answer("tungsten hollow cylinder 99.9%, inner diameter 150 mm, outer diameter 160 mm, length 40 mm")
        assert got.outcome == "licence_required"
        assert [e["code"] for e in got.to_dict()["lines"][0]["entries"]] == ["1C226"]

    def test_a_limit_that_nobody_could_read_never_releases(self, answer: Answer) -> None:
        fine = answer("tungsten powder 99.9%, spherical, 5 um")
        coarse = answer("tungsten powder 99.9%, spherical, 5000 um")
        for got in (fine, coarse):
            assert got.outcome == "licence_required"
            assert any("could not be read" in doubt and "1C111.b.1.f" in doubt for doubt in got.to_dict()["doubts"])

    def test_a_limit_that_nobody_could_read_leaves_other_entries_open(self, answer: Answer) -> None:
        assert answer("nickel powder 99.5%, spherical", {"mean_particle_size_astm_b330_um": 5}).outcome == "law_unknown"

    def test_a_trace_that_the_name_leaves_out_is_asked_for(self, answer: Answer) -> None:
        got = answer("bismuth 99.995%", date="2025-01-15")
        assert [q.fact for q in got.questions] == ["content_wt_pct.Ag"]

    @pytest.mark.parametrize(
        ("words", "outcome"),
        [
            ("tungsten tube, inner diameter 200 mm, outer diameter 220 mm", "licence_required"),
            ("HfO2 powder", "licence_required"),
            ("InSb wafer, dislocation density 40 /cm2", "licence_required"),
            ("indium antimonide wafer", "needs_facts"),
            ("tungsten powder 99.9%, 5 um, irregular", "licence_required"),
            ("samarium doped ceria powder", "licence_required"),
            ("aluminium alloy bar, diameter 120 mm, tensile strength 570 MPa", "law_unknown"),
            ("blended graphite anode material", "needs_facts"),
            ("expanded graphite gasket", "needs_facts"),
            ("expanded graphite gasket reinforced with stainless steel", "needs_facts"),
            ("cemented carbide rods", "not_controlled"),
            ("red phosphor Y2O3:Eu", "not_controlled"),
            ("indium ingot and gallium ingot", "needs_facts"),
            ("ferrite magnets, NdFeB magnets", "needs_facts"),
            ("sintered tungsten carbide rods", "not_controlled"),
            ("gadobutrol injection", "not_controlled"),
        ],
    )
    def test_goods_that_once_came_out_wrong(self, answer: Answer, words: str, outcome: str) -> None:
        assert answer(words, date="2026-03-01").outcome == outcome

    def test_the_operator_of_a_limit_changes_by_date(self, answer: Answer) -> None:
        words = "MPCVD equipment, 10 kW, 2450 MHz"
        assert answer(words, date="2024-11-30").outcome == "licence_required"
        got = answer(words, date="2024-12-01")
        assert got.outcome == "not_controlled"
        assert any("exactly 10 kW" in doubt for doubt in got.to_dict()["doubts"])

    def test_older_entries_are_unknown_before_the_unified_list(self, answer: Answer) -> None:
        powder = {"substance": "tungsten", "form": "powder", "particle_form": "spherical", "purity_pct": 99.9}
        assert answer(facts=powder, date="2024-11-30").outcome == "law_unknown"
        assert answer(facts=powder, date="2024-12-01").outcome == "licence_required"

    def test_technology_is_judged_by_what_it_makes(self, answer: Answer) -> None:
        got = answer("technology to produce indium phosphide")
        assert [e["code"] for e in got.to_dict()["lines"][0]["entries"]] == ["3E004"]

    def test_a_code_that_the_sender_names_counts_unless_the_facts_speak_against_it(self, answer: Answer) -> None:
        assert answer(line={"entry": "3C001.a"}).outcome == "licence_required"
        assert (
            answer(line={"entry": "3C003.c"}, facts={"substance": "antimony-oxide", "purity_pct": 99}).outcome
            == "not_controlled"
        )
        assert answer(line={"entry": "1A202"}).outcome == "licence_required"
        with pytest.raises(BadInput, match=r"'3C009\.z' is no control code"):
            answer(line={"entry": "3C009.z"})


class TestCustomsNumber:
    def test_it_points_and_asks_what_the_goods_are(self, answer: Answer) -> None:
        got = answer(line={"hs": "8110101000"})
        assert got.outcome == "needs_facts"
        (question,) = got.questions
        assert question.fact == "substance"
        assert question.allowed == ("antimony", "other")

    def test_it_never_frees_what_the_description_names(self, answer: Answer) -> None:
        assert answer("gallium metal", line={"hs": "610910"}).outcome == "licence_required"

    def test_a_number_that_points_nowhere_is_no_match_and_says_so(self, answer: Answer) -> None:
        got = answer(line={"hs": "610910"})
        assert got.outcome == "not_controlled"
        assert "no_entry_found" in got.conditions
        assert any("610910 points to no entry" in text for text in got.to_dict()["assumed"])


class TestRoute:
    def test_inside_china_nothing_is_exported(self, answer: Answer) -> None:
        got = answer("gallium metal", from_="CN", to="CN")
        assert got.outcome == "not_controlled"
        assert [r.rule for r in got.reasons] == ["ECL-2-OUTSIDE"]

    def test_giving_to_a_foreigner_in_china_is_export(self, answer: Answer) -> None:
        assert answer("gallium metal", act="transfer_inside", from_="CN", to="CN").outcome == "licence_required"

    def test_into_a_bonded_zone_no_licence_is_needed(self, answer: Answer) -> None:
        got = answer("gallium metal", act="into_bonded", from_="CN")
        assert (got.outcome, got.conditions) == ("exempt", ("customs_supervision",))

    def test_hong_kong_is_a_territory_of_its_own(self, answer: Answer) -> None:
        assert answer("gallium metal", from_="CN", to="HK").outcome == "licence_required"

    def test_a_repair_can_go_on_a_registration(self, answer: Answer) -> None:
        got = answer("gallium metal", act="return_after_repair", from_="CN", to="DE")
        assert "registration_possible" in got.conditions

    def test_transit_shows_that_its_detailed_rules_were_not_found(self, answer: Answer) -> None:
        got = answer("gallium metal", act="transit", from_="VN", origin="CN", to="DE")
        assert got.outcome == "licence_required"
        assert any("transit" in doubt for doubt in got.to_dict()["doubts"])

    @pytest.mark.parametrize("route", [{"act": "export", "from_": "JP"}, {"act": "re_export", "from_": "CN"}])
    def test_act_and_route_must_agree(self, answer: Answer, route: dict[str, str]) -> None:
        with pytest.raises(BadInput, match="field act"):
            answer("gallium metal", **route)

    def test_destination_rules_look_at_the_end_user_first(self, answer: Answer) -> None:
        got = answer("antimony ingot", date="2025-01-20", to="MX", parties=[{"role": "end_user", "country": "US"}])
        assert got.outcome == "refusal_presumed"


class TestUnitedStates:
    def test_a_military_user_is_barred_also_while_paragraph_2_is_suspended(self, answer: Answer) -> None:
        parties = [{"role": "end_user", "name": "Any", "country": "US", "military": True}]
        assert answer("antimony ingot", date="2025-12-15", to="US", parties=parties).outcome == "prohibited"
        assert answer("indium phosphide", date="2025-12-15", to="US", parties=parties).outcome == "prohibited"

    def test_a_civil_user_settles_what_could_be(self, answer: Answer) -> None:
        parties = [{"role": "end_user", "country": "US", "military": False}]
        assert answer("antimony ingot", to="US", parties=parties, end_use={"military": False}).could_be == []

    def test_a_third_country_transfer_rides_on_the_paragraph_that_it_would_break(self, answer: Answer) -> None:
        route = {"origin": "CN", "from_": "MY", "to": "US"}
        got = answer("gallium metal", date="2025-01-20", **route)
        assert (got.outcome, got.conditions) == ("refusal_presumed", ("third_country_liability",))
        suspended = answer("gallium metal", date="2026-03-01", **route)
        assert suspended.outcome == "needs_facts"
        assert {q.fact for q in suspended.questions} == {"end_user.military", "end_use.military"}

    def test_items_not_on_the_list_are_not_reached(self, answer: Answer) -> None:
        parties = [{"role": "end_user", "country": "US", "military": True}]
        assert (
            answer("antimony trioxide 99.5%", date="2025-01-20", to="US", parties=parties).outcome == "not_controlled"
        )


class TestJapan:
    def test_the_ban_follows_use_not_the_country(self, answer: Answer) -> None:
        civil = {
            "end_use": {"military": False, "raises_military_strength": False},
            "parties": [{"role": "end_user", "military": False}],
        }
        assert answer("gallium metal", to="JP", **civil).outcome == "licence_required"
        strength = {"end_use": {"raises_military_strength": True}}
        assert answer("gallium metal", to="JP", **strength).outcome == "prohibited"
        assert answer("gallium metal", to="JP", date="2026-01-05", **strength).outcome == "licence_required"


class TestParties:
    def listed(self, name: str, country: str = "US") -> list[dict[str, str]]:
        return [{"role": "end_user", "name": name, "country": country}]

    def test_the_control_list_bars_and_special_approval_is_named(self, answer: Answer) -> None:
        got = answer("gallium metal", date="2026-07-01", to="US", parties=self.listed("MP Materials Corp"))
        assert (got.outcome, "special_approval" in got.conditions) == ("prohibited", True)
        assert got.to_dict()["parties"][0]["notice"] == "CN-2026-23"

    def test_a_paused_listing_still_wants_an_application(self, answer: Answer) -> None:
        got = answer("gallium metal", date="2025-06-01", to="US", parties=self.listed("High Point Aerotechnologies"))
        assert "apply_for_each_export" in got.conditions
        assert got.outcome == "refusal_presumed"

    def test_after_the_pause_the_ban_is_an_open_point(self, answer: Answer) -> None:
        got = answer("indium phosphide", date="2026-11-22", to="US", parties=self.listed("High Point Aerotechnologies"))
        assert got.outcome == "licence_required"
        assert any(c.rule == "CONTROL-LIST" and c.hangs_on == "law" for c in got.could_be)

    def test_the_watch_list_takes_the_clock_away(self, answer: Answer) -> None:
        got = answer("gallium metal", date="2026-03-01", to="JP", parties=self.listed("TDK Corporation", "JP"))
        assert {"single_licence_only", "risk_report", "no_decision_clock"} <= set(got.conditions)
        document = got.to_dict()
        assert document["clock"] is None
        assert any("risk-assessment report" in paper for paper in document["documents"])

    def test_only_the_2026_notices_reach_transfers_abroad(self, answer: Answer) -> None:
        route = {"origin": "CN", "from_": "MY", "to": "US", "date": "2026-07-01"}
        civil = {"end_use": {"military": False}}
        new = [{"role": "end_user", "name": "MP Materials", "country": "US", "military": False}]
        old = [{"role": "end_user", "name": "Huntington Ingalls Industries", "country": "US", "military": False}]
        assert answer("gallium metal", parties=new, **civil, **route).outcome == "prohibited"
        assert answer("gallium metal", parties=old, **civil, **route).outcome == "not_controlled"

    def test_the_unreliable_entity_list_is_another_regime(self, answer: Answer) -> None:
        got = answer(
            "rubber ducks",
            {"substance": "copper"},
            date="2026-03-01",
            to="US",
            parties=self.listed("TechInsights Inc."),
        )
        assert got.outcome == "not_controlled"
        assert {"other_regime", "prohibited_by_other_regime"} <= set(got.conditions)


class TestExtraterritorial:
    ROUTE: ClassVar[dict[str, str]] = {"origin": "CN", "from_": "JP", "to": "VN", "date": "2025-10-20"}

    def test_china_origin_items_between_foreign_countries(self, answer: Answer) -> None:
        got = answer("samarium metal", **self.ROUTE)
        assert got.outcome == "licence_required"
        assert "CN-2025-61 1(3)" in [r.rule for r in got.reasons]
        assert any("annex was not read" in doubt for doubt in got.to_dict()["doubts"])

    def test_what_annex_1_does_not_name_is_free_between_foreign_countries(self, answer: Answer) -> None:
        assert answer("gallium metal", **self.ROUTE).outcome == "not_controlled"

    def test_half_owned_by_a_listed_party_is_refused_in_principle(self, answer: Answer) -> None:
        def owned(share: object) -> list[dict[str, object]]:
            owner = {"name": "Lockheed Martin Corporation", "share": share}
            return [{"role": "end_user", "name": "Subsidiary", "country": "VN", "military": False, "owners": [owner]}]

        civil = {"military": False, "raises_military_strength": False}
        assert answer("samarium metal", parties=owned(0.5), end_use=civil, **self.ROUTE).outcome == "refusal_presumed"
        assert answer("samarium metal", parties=owned(0.49), end_use=civil, **self.ROUTE).outcome == "licence_required"
        unsure = answer("samarium metal", parties=owned([0.4, 0.6]), end_use=civil, **self.ROUTE)
        assert unsure.outcome == "licence_required"
        assert [c.rule for c in unsure.could_be] == ["CN-2025-61 2"]

    @pytest.mark.parametrize(
        ("share", "outcome"), [(0.1, "licence_required"), (0.09, "not_controlled"), (None, "needs_facts")]
    )
    def test_a_tenth_of_a_percent_by_value_counts(self, answer: Answer, share: float | None, outcome: str) -> None:
        facts = {
            "substance": "samarium-cobalt-magnet",
            "made_with_china_technology": False,
            "china_content_value_pct": share,
        }
        got = answer(
            facts=facts,
            origin="JP",
            from_="JP",
            to="VN",
            date="2025-12-05",
            what_if=[{"instrument": "CN-2025-61", "in_force": "2025-10-09"}],
        )
        assert got.outcome == outcome
        assert "hypothetical" in got.conditions

    def test_parts_and_other_targets_are_an_open_point_of_annex_1(self, answer: Answer) -> None:
        for words in ("servo motor with SmCo magnets", "neodymium sputtering target"):
            got = answer(words, **self.ROUTE)
            assert got.outcome == "law_unknown", words

    def test_a_copper_target_is_no_rare_earth_target(self, answer: Answer) -> None:
        assert answer("copper sputtering target", **self.ROUTE).outcome == "not_controlled"


class TestWords:
    """What a description says of origin and recipient, where the transaction itself is silent."""

    def test_made_in_a_foreign_country_is_foreign_made(self, answer: Answer) -> None:
        got = answer("SmCo magnet made in Japan", act="re_export", date="2025-10-20", to="VN")
        assert got.outcome == "not_controlled"
        assert any("made in Japan" in text for text in got.to_dict()["assumed"])

    def test_what_is_re_exported_came_from_china(self, answer: Answer) -> None:
        got = answer("samarium metal", act="re_export", date="2025-10-20", to="VN")
        assert got.outcome == "licence_required"
        assert any("re-exported" in text for text in got.to_dict()["assumed"])

    def test_a_listed_recipient_named_in_the_description_counts(self, answer: Answer) -> None:
        got = answer("gallium to MP Materials for magnets", date="2026-07-01", to="US")
        assert got.outcome == "prohibited"
        assert got.to_dict()["parties"][0]["notice"] == "CN-2026-23"

    def test_a_word_that_is_also_a_listed_name_is_no_recipient(self, answer: Answer) -> None:
        assert answer("yttrium iron Garnet", date="2026-08-01", to="DE").setting.listed == ()


class TestKnown:
    def test_a_past_decision_is_judged_by_what_could_be_known(self, answer: Answer) -> None:
        assert answer("antimony ingot", date="2025-12-15", to="US").outcome == "licence_required"
        then = answer("antimony ingot", date="2025-12-15", to="US", known="2025-11-08")
        assert then.outcome == "refusal_presumed"
        assert "beyond_horizon" in then.conditions

    def test_beyond_the_last_text_read_the_texts_own_dates_answer_with_a_warning(self, answer: Answer) -> None:
        got = answer("gallium metal", date="2027-05-05")
        assert got.outcome == "licence_required"
        assert "beyond_horizon" in got.conditions
        assert "beyond_horizon" not in answer("gallium metal", date="2026-10-10").conditions

    def test_before_the_first_law_that_was_read_nothing_is_free(self, answer: Answer) -> None:
        got = answer("antimony ingot", date="1999-01-20", to="US")
        assert (got.outcome, got.conditions) == ("law_unknown", ("before_first_text",))


class TestSigns:
    """Signs for a person's look, which never decide."""

    def doubts(self, got: Determination) -> str:
        return " ".join(got.to_dict()["doubts"])

    def test_a_name_that_nearly_stands_on_a_list(self, answer: Answer) -> None:
        parties = [{"role": "end_user", "name": "Raytheon Misile & Defence", "country": "US"}]
        document = answer("indium phosphide", to="US", parties=parties).to_dict()
        assert [likely["may_be"] for likely in document["likely_parties"]] == ["Raytheon Missiles & Defense"]
        assert document["questions"][0]["fact"] == "is_listed_as"
        assert document["outcome"] != "prohibited"
        assert "beside Raytheon Missiles & Defense on the control list" in " ".join(document["doubts"])

    def test_an_owner_on_a_list(self, answer: Answer) -> None:
        owner = {"name": "Lockheed Martin Corporation", "share": 0.6}
        parties = [{"role": "end_user", "name": "Joint Venture", "country": "US", "owners": [owner]}]
        assert "ownership counts only under CN-2025-61 2" in self.doubts(
            answer("indium phosphide", to="US", parties=parties)
        )

    def test_a_name_that_sounds_military(self, answer: Answer) -> None:
        parties = [{"role": "end_user", "name": "US Air Force", "country": "US"}]
        got = answer("indium phosphide", to="US", parties=parties)
        assert "suggests a military user" in self.doubts(got)
        assert got.outcome == "licence_required"

    def test_a_military_use_in_the_words_of_the_end_use_counts(self, answer: Answer) -> None:
        got = answer("indium phosphide", to="US", end_use="parts of fighter aircraft")
        assert got.outcome == "prohibited"

    def test_a_finished_product_says_that_its_material_was_left_behind(self, answer: Answer) -> None:
        assert "taken as a finished product" in self.doubts(answer("GaN power transistor"))


class TestQuestions:
    def test_what_the_goods_are_comes_first(self, answer: Answer) -> None:
        got = answer("graphite")
        (question,) = got.questions
        assert question.fact == "substance"
        assert {"artificial-graphite", "natural-flake-graphite"} <= set(question.allowed)

    def test_each_question_has_unit_answers_and_reason(self, answer: Answer) -> None:
        got = answer("artificial graphite block, purity 99.95%, flexural strength 35 MPa", date="2024-01-10")
        facts = {q.fact: q for q in got.questions}
        assert facts["density_g_cm3"].unit == "g/cm3"
        assert "1C108.b" in facts["density_g_cm3"].why
        assert all(q.allowed and q.text for q in got.questions)

    def test_nothing_is_asked_that_cannot_turn_the_answer(self, answer: Answer) -> None:
        got = answer("artificial graphite block, density 1.60 g/cm3")
        assert got.outcome == "not_controlled"
        assert got.questions == []

    def test_one_limb_that_suffices_leaves_the_other_unasked(self, answer: Answer) -> None:
        assert answer("cubic press, design pressure 6 GPa").questions == []
        assert [q.fact for q in answer("cubic press, design pressure 4 GPa").questions] == ["cylinder_diameter_mm"]

    def test_answers_settle_the_outcome(self, answer: Answer) -> None:
        got = answer("tungsten block 98%, 150 x 150 mm")
        assert [q.fact for q in got.questions] == ["thickness_mm"]
        assert answer("tungsten block 98%, 150 x 150 mm", {"thickness_mm": 60}).outcome == "licence_required"
        assert answer("tungsten block 98%, 150 x 150 mm", {"thickness_mm": 40}).outcome == "not_controlled"


class TestCatchAll:
    def test_an_item_off_the_list_needs_a_licence_when_a_risk_is_known(self, answer: Answer) -> None:
        got = answer(facts={"substance": "copper"}, end_use={"wmd": True})
        assert (got.outcome, "catch_all" in got.conditions) == ("licence_required", True)

    def test_without_a_word_it_is_assumed_that_nothing_is_known_and_said_so(self, answer: Answer) -> None:
        got = answer(facts={"substance": "copper"})
        assert any("catch-all" in text for text in got.to_dict()["assumed"])


class TestPapers:
    def test_the_remark_of_no_18_is_due_also_for_magnets_that_are_free(self, answer: Answer) -> None:
        got = answer("NdFeB magnet", {"content_wt_pct": {"Dy": 0, "Tb": 0}})
        assert any("2025 No.18" in paper for paper in got.to_dict()["documents"])

    def test_graphite_has_papers_of_its_own(self, answer: Answer) -> None:
        assert any("kilograms" in paper for paper in answer("natural flake graphite").to_dict()["documents"])

    def test_papers_of_rules_that_were_not_read_are_not_invented(self, answer: Answer) -> None:
        document = answer("gallium metal", date="2024-06-01").to_dict()
        assert document["documents"] == [
            "papers under the rules before Decree 792 (not read; in force until 2024-11-30)"
        ]
        assert document["clock"] is None

    def test_an_ordinary_export_licence_is_another_regime(self, answer: Answer) -> None:
        got = answer("ammonium metatungstate", line={"hs": "2841804000"}, date="2026-03-01")
        assert (got.outcome, "other_regime" in got.conditions) == ("not_controlled", True)
