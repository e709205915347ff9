"""One description without a route: which entries may hold the goods, what is missing, and that `check` says the same."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from orepass.determination.classify import Classification, classify
from orepass.determination.determine import determine
from orepass.determination.transaction import transaction
from orepass.errors import BadInput
from orepass.factfiles import read_records
from orepass.goods.parameters import parameter_of
from orepass.law.model import DUAL_USE
from orepass.law.timeline import Law

DAY = date(2026, 11, 22)
EARLIER = date(2026, 2, 1)
TABLES = Path(__file__).parents[1] / "goods" / "cases"


def texts(language: str, count: int) -> list[str]:
    """Lines of a case table, evenly chosen."""
    lines: list[str] = [record["text"] for record in read_records(TABLES / f"{language}.yaml")]
    return [lines[place * len(lines) // count] for place in range(count)]


SIXTY = [*texts("english", 30), *texts("chinese", 30)]


def codes(found: Classification) -> list[str]:
    """The codes of the entries, in their order."""
    return [entry.code for entry in found.entries]


@pytest.mark.parametrize(
    ("text", "on", "goods", "first"),
    [
        ("gallium ingot 4N", DAY, "controlled", "3C001.a"),
        ("gallium ingot 4N", date(2023, 1, 1), "free", ""),
        ("金属镓", EARLIER, "controlled", "3C001.a"),
        ("antimony trioxide 99.99%", DAY, "controlled", "3C003.c"),
        ("antimony trioxide 99.9%", DAY, "free", ""),
        ("antimony trioxide", DAY, "needs_facts", "3C003.c"),
        ("antimony trioxide", date(2024, 9, 1), "free", ""),
        ("NdFeB magnet", EARLIER, "needs_facts", "1C904.a.4"),
        ("NdFeB magnet, Dy 3%", EARLIER, "controlled", "1C905.a.4"),
        ("钕铁硼磁体 含铽1.5%", EARLIER, "controlled", "1C904.a.4"),
        ("NdFeB magnet, Dy 3%", date(2023, 1, 1), "free", ""),
        ("erbium metal", DAY, "law_unknown", "1C910.a.1"),
        ("erbium metal", EARLIER, "free", ""),
        ("lithium-ion battery 305 Wh/kg", DAY, "law_unknown", "3A001"),
        ("lithium-ion battery 305 Wh/kg", EARLIER, "free", ""),
        ("MPCVD equipment 12 kW 915 MHz", DAY, "controlled", "2B005"),
        ("cubic press", DAY, "needs_facts", "2B901"),
        ("copper wire", DAY, "free", ""),
        ("办公椅", DAY, "unknown", ""),
        ("office chairs", EARLIER, "unknown", ""),
    ],
)
def test_what_a_line_is_under_the_law_of_a_day(text: str, on: date, goods: str, first: str, law: Law) -> None:
    found = classify(text, law, None, on)
    assert found.controlled == goods
    assert (codes(found) or [""])[0] == first


@pytest.mark.parametrize("on", [DAY, EARLIER], ids=["november", "february"])
@pytest.mark.parametrize("text", SIXTY)
def test_classify_and_check_name_the_same_entries(text: str, on: date, law: Law) -> None:
    found = classify(text, law, None, on)
    line: dict[str, Any] = {"description": text}
    checked = determine(transaction({"date": on, "from": "CN", "to": "KR", "lines": [line]}), law)
    hits = {hit.entry.entry.code for hit in checked.lines[0].hits if hit.entry.entry.list == DUAL_USE}
    document = checked.to_dict()["lines"][0]
    named = {entry["code"] for entry in document["entries"]} | set(document["candidates"])
    if found.reading.abstains:
        assert set(codes(found)) <= hits  # narrowed to entries that hold an element of which the text speaks
    else:
        assert set(codes(found)) == hits
    assert len(set(codes(found))) == len(codes(found))
    assert {entry.code for entry in found.entries if entry.says == "is"} <= named


@pytest.mark.parametrize("text", SIXTY)
def test_what_classify_says_of_goods_fits_the_outcome_of_check(text: str, law: Law) -> None:
    found = classify(text, law, None, DAY)
    asked = {"date": DAY, "from": "CN", "to": "KR", "lines": [{"description": text}]}
    outcome = determine(transaction(asked), law).outcome
    if found.controlled == "controlled":
        assert outcome not in {"not_controlled", "needs_facts"}
    if found.controlled == "free":
        assert outcome == "not_controlled"
    if found.controlled == "needs_facts":
        assert outcome == "needs_facts"


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("antimony trioxide", ["purity_pct"]),
        ("NdFeB magnet", ["content_wt_pct.Tb", "content_wt_pct.Dy"]),
        ("NdFeB magnet, Dy-free", ["content_wt_pct.Tb"]),
        ("cubic press", ["cylinder_diameter_mm", "design_pressure_gpa"]),
        ("gallium ingot", []),
        ("office chairs", []),
        ("antimony trioxide 99.9%", []),
    ],
)
def test_the_questions_name_the_facts_that_are_missing(text: str, facts: list[str], law: Law) -> None:
    found = classify(text, law, None, EARLIER)
    assert [question.fact for question in found.questions] == facts
    for question in found.questions:
        assert parameter_of(question.fact)
        assert question.text.endswith("?")
        assert question.zh.endswith("？")
        assert set(question.entries) <= set(codes(found))
        assert any(question.fact in entry.why or question.fact in question.why for entry in found.entries)


def test_an_answer_to_the_question_settles_the_line(law: Law) -> None:
    assert classify("antimony trioxide", law, None, DAY).controlled == "needs_facts"
    assert classify("antimony trioxide, purity 99.99%", law, None, DAY).controlled == "controlled"
    assert classify("antimony trioxide, purity 99.5%", law, None, DAY).controlled == "free"


def test_a_figure_below_the_limit_is_a_near_miss_that_says_by_how_much(law: Law) -> None:
    (near,) = classify("antimony trioxide 99.9%", law, None, DAY).near
    assert (near.code, near.why) == ("3C003.c", "needs purity_pct >= 99.99 (here 99.9)")


def test_a_class_of_goods_is_too_wide_for_an_answer(law: Law) -> None:
    found = classify("rare earth", law, None, EARLIER)
    assert found.abstains.startswith("the text names only a class of goods:")
    assert found.controlled == "needs_facts"


def test_a_text_that_speaks_against_itself_carries_no_answer(law: Law) -> None:
    found = classify("zinc oxide with 40% Ga", law, None, EARLIER)
    assert found.abstains.startswith("the text speaks against itself")
    assert found.controlled == "needs_facts"
    assert codes(found)
    assert all(code.startswith("3C001") for code in codes(found))


def test_the_question_about_a_contradiction_asks_only_for_goods_of_the_entries_that_are_left(law: Law) -> None:
    (question,) = classify("zinc oxide with 40% Ga", law, None, EARLIER).questions
    assert "antimony" not in question.text


@pytest.mark.parametrize(
    ("text", "hs", "unlawful", "note"),
    [
        ("dysprosium oxide", "282590", True, "section-vi-note-1b-rare-earths"),
        ("artificial graphite", "250410", True, "heading-2504-natural"),
        ("antimony trioxide", "900110", False, ""),
    ],
)
def test_a_number_that_does_not_fit_raises_a_red_flag(text: str, hs: str, unlawful: bool, note: str, law: Law) -> None:
    flags = classify(text, law, hs, DAY).reading.flags
    assert unlawful in [flag.unlawful for flag in flags]
    assert note in [flag.note for flag in flags]


def test_a_number_that_fits_raises_none_and_changes_nothing(law: Law) -> None:
    bare, numbered = (classify("antimony trioxide 99.99%", law, hs, DAY) for hs in (None, "2825800010"))
    assert numbered.reading.flags == ()
    assert codes(bare) == codes(numbered)


def test_a_number_alone_points_to_entries_and_never_decides(law: Law) -> None:
    found = classify("goods as agreed", law, "8112929010", DAY)
    assert "3C001.a" in codes(found)
    assert found.controlled == "needs_facts"


def test_the_document_is_json_and_names_the_law(law: Law) -> None:
    document = json.loads(json.dumps(classify("antimony trioxide", law, "282580", DAY).to_dict(), allow_nan=False))
    assert document.keys() == {"goods", "entries", "near_misses", "questions", "read", "abstains", "law"}
    assert document["law"] == {
        "as_of": "2026-11-22",
        "read_to": law.facts.read_to.isoformat(),
        "rulebook": law.version,
    }
    assert document["read"]["number"] == "282580"
    assert document["entries"][0]["says"] == "could_be"
    assert document["entries"][0]["numbers"]


def test_the_law_of_today_is_asked_where_no_day_is_given(law: Law) -> None:
    assert classify("gallium", law).on == date.today()


@pytest.mark.parametrize(("text", "hs"), [("", None), ("  ", None), ("gallium", "12"), ("gallium", "99999999")])
def test_what_cannot_be_read_is_refused(text: str, hs: str | None, law: Law) -> None:
    with pytest.raises(BadInput) as refused:
        classify(text, law, hs, DAY)
    assert refused.value.sentence.count("\n") == 0
