"""Headings of the tariff: where goods usually stand, where a note bars them, and how numbers pass between editions."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from orepass.errors import BadInput
from orepass.goods import read
from orepass.goods.describe import describe
from orepass.goods.headings import candidates, headings, misplaced, notes
from orepass.goods.kinds import kinds
from orepass.goods.tariff import concordance, edition_years, editions, stands_in

NEWEST = 2022


def first(text: str) -> str:
    """The likeliest subheading."""
    found = candidates(describe(text))
    return found[0].hs if found else ""


@pytest.mark.parametrize(
    ("text", "hs"),
    [
        ("antimony trioxide 99.8%", "282580"),
        ("三氧化二锑", "282580"),
        ("gallium ingot 4N", "811292"),
        ("金属镓 99.99%", "811292"),
        ("wrought gallium article", "811299"),
        ("bismuth ingot 99.995%", "810610"),
        ("bismuth ingot 99.9%", "810690"),
        ("铋锭 99.995%", "810610"),
        ("zirconium sponge, less than 1 part hafnium to 500 parts zirconium", "810921"),
        ("zirconium sponge, 1 part or more hafnium to 500 parts zirconium", "810929"),
        ("tungsten powder 99.9%", "810110"),
        ("钨粉", "810110"),
        ("tungsten scrap", "810197"),
        ("钨废碎料", "810197"),
        ("tungsten wire", "810196"),
        ("molybdenum powder", "810210"),
        ("molybdenum scrap", "810297"),
        ("antimony ingot 99.65%", "811010"),
        ("antimony scrap", "811020"),
        ("natural flake graphite powder", "250410"),
        ("天然鳞片石墨", "250410"),
        ("artificial graphite block", "380110"),
        ("人造石墨", "380110"),
        ("ammonium paratungstate", "284180"),
        ("仲钨酸铵", "284180"),
        ("tungsten carbide powder", "284990"),
        ("tungsten concentrate 65% WO3", "261100"),
        ("roasted molybdenum concentrate", "261310"),
        ("molybdenum trioxide", "282570"),
        ("germanium dioxide", "282560"),
        ("tellurium 5N", "280450"),
        ("dysprosium oxide 99.9%", "284690"),
        ("cerium oxide", "284610"),
        ("dysprosium metal", "280530"),
        ("NdFeB magnet N42", "850511"),
        ("钕铁硼磁体", "850511"),
        ("lithium-ion battery 300 Wh/kg", "850760"),
        ("锂离子电池", "850760"),
        ("ferro-tungsten", "720280"),
        ("ferro-molybdenum", "720270"),
        ("cobalt sulfate", "283329"),
        ("lithium carbonate battery grade", "283691"),
        ("trimethylgallium", "293190"),
        ("germanium ingot", "811292"),
        ("beryllium powder", "811212"),
        ("antimony ore concentrate", "261710"),
    ],
)
def test_goods_stand_where_the_tariff_puts_them(text: str, hs: str) -> None:
    assert first(text) == hs


@pytest.mark.parametrize("text", ["rubber ducks", "办公椅", "12 pcs", "spare parts as agreed", "样品"])
def test_a_text_without_goods_has_no_heading(text: str) -> None:
    assert candidates(describe(text)) == ()


def test_a_heading_that_the_form_decides_is_settled_and_one_that_is_left_open_is_not() -> None:
    assert candidates(describe("tungsten powder"))[0].settled
    assert not candidates(describe("bismuth"))[0].settled


@pytest.mark.parametrize(
    ("text", "number", "note"),
    [
        ("dysprosium oxide 99.9%", "282590", "section-vi-note-1b-rare-earths"),
        ("氧化镝", "2825909090", "section-vi-note-1b-rare-earths"),
        ("tungsten heavy alloy 93W-4.9Ni-2.1Fe", "750890", ""),
        ("tungsten heavy alloy 93W-4.9Ni-2.1Fe", "750210", "section-xv-note-5-nickel"),
        ("tungsten heavy alloy 93W-4.9Ni-2.1Fe", "811300", "heading-8113"),
        ("natural flake graphite", "380110", "heading-3801-10"),
        ("artificial graphite", "250410", "chapter-25-note-1-graphite"),
        ("ferro-tungsten W 80% Fe 2%", "720280", "chapter-72-note-1c"),
        ("tungsten metal powder", "720280", "heading-7202-80"),
        ("gallium metal", "810110", "section-xv-note-5-tungsten"),
        ("NdFeB magnet", "750890", "section-xv-note-1-magnets"),
        ("antimony trioxide", "811010", "section-xv-compounds"),
        ("antimony ingot", "261710", "chapter-26-note-2-antimony-ores"),
        ("germanium ingot", "811010", "heading-8110-antimony"),
        ("dysprosium metal", "811292", "section-xv-note-3-rare-earths"),
    ],
)
def test_a_note_that_bars_the_heading_is_named(text: str, number: str, note: str) -> None:
    flags = misplaced(number, describe(text).facts)
    if note:
        assert note in [flag.note for flag in flags if flag.unlawful]
        assert all(flag.says.endswith(".") and flag.zh.endswith("。") for flag in flags if flag.unlawful)
    else:
        assert flags
        assert not any(flag.unlawful for flag in flags if flag.note.startswith("section-vi-"))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("dysprosium oxide 99.9%", "284690"),
        ("tungsten heavy alloy 93W-4.9Ni-2.1Fe", "810199"),
        ("natural flake graphite", "250410"),
        ("artificial graphite", "380110"),
        ("ferro-tungsten W 75% Fe 24%", "720280"),
        ("NdFeB magnet", "850511"),
        ("antimony trioxide", "282580"),
        ("gallium ingot", "811292"),
        ("samarium cobalt magnet", "850511"),
        ("办公椅", "282580"),
    ],
)
def test_a_right_heading_raises_no_flag(text: str, number: str) -> None:
    assert misplaced(number, describe(text).facts) == ()


def test_a_number_that_is_only_unusual_is_not_called_unlawful() -> None:
    (unusual,) = misplaced("900110", {"substance": "antimony-trioxide"})
    assert not unusual.unlawful
    assert "usually stands in 2825" in unusual.says


def test_a_declared_number_of_an_older_edition_is_judged_in_the_newest() -> None:
    assert read("bismuth ingot 99.99%", hs="810600", year=2020).flags == ()
    assert read("dysprosium oxide", hs="282590", year=2020).flags[0].unlawful


def test_no_kind_is_barred_from_a_number_of_its_own() -> None:
    barred: dict[str, str] = {}
    for kind in kinds().by_id.values():
        if not kind.own_hs or kind.root not in {"substance", "article", "product", "equipment"}:
            continue
        fact = "substance" if kind.root == "substance" else "article"
        for hs in kind.hs:
            if any(flag.unlawful for flag in misplaced(hs, {fact: kind.id})):
                barred[kind.id] = hs
    assert barred == {}


def test_every_heading_and_every_number_of_a_kind_stands_in_the_newest_edition() -> None:
    assert [h.hs for h in headings() if not stands_in(h.hs, NEWEST)] == []
    assert [(k.id, hs) for k in kinds().by_id.values() for hs in k.hs if not stands_in(hs, NEWEST)] == []


def test_every_kind_that_a_heading_or_a_note_names_exists() -> None:
    known = kinds().by_id.keys()
    assert {kind for heading in headings() for kind in heading.covers} <= known
    assert {kind for note in notes() for kind in (*note.cannot_hold, *note.only)} <= known


def test_the_headings_of_every_note_stand_in_the_newest_edition() -> None:
    numbers = [number for number in editions() if stands_in(number, NEWEST)]
    for note in notes():
        for prefix in note.headings:
            assert any(number.startswith(prefix) for number in numbers), (note.id, prefix)


def test_every_note_bars_by_one_means_and_says_so_in_both_languages() -> None:
    assert len({note.id for note in notes()}) == len(notes())
    for note in notes():
        means = (note.cannot_hold, note.only, note.predominant, note.must_hold)
        assert sum(bool(way) for way in means) == 1, note.id
        assert note.en.endswith("."), note.id
        assert note.zh.endswith("。"), note.id


@pytest.mark.parametrize(
    ("number", "edition", "to", "numbers", "relation"),
    [
        ("810610", 2022, 2017, ("810600",), "n:1"),
        ("810690", 2022, 2017, ("810600",), "n:1"),
        ("810600", 2017, 2022, ("810610", "810690"), "1:n"),
        ("282580", 2022, 1992, ("282580",), "1:1"),
        ("810110", 2022, 2002, ("810110",), "1:1"),
        ("284690", 2017, 2022, ("284690",), "1:1"),
        ("250410", 2012, 2022, ("250410",), "1:1"),
        ("282580", 2022, 2022, ("282580",), "1:1"),
    ],
)
def test_a_number_passes_between_editions(
    number: str, edition: int, to: int, numbers: tuple[str, ...], relation: str
) -> None:
    step = concordance(number, edition, to)
    assert (step.number, step.edition, step.to) == (number, edition, to)
    assert (step.numbers, step.relation) == (numbers, relation)


def test_unwrought_gallium_shares_its_number_with_germanium_since_2007() -> None:
    assert concordance("811292", 2022, 2017).numbers == ("811292",)
    assert {"811230", "811292"} <= set(concordance("811292", 2007, 2002).numbers)


def sample() -> list[str]:
    """Every seventh number of the newest edition, and all of chapters 28 and 81."""
    numbers = sorted(number for number in editions() if stands_in(number, NEWEST))
    return [number for place, number in enumerate(numbers) if place % 7 == 0 or number[:2] in {"28", "81"}]


@pytest.mark.parametrize("edition", [1992, 1996, 2002, 2007, 2012, 2017])
def test_every_predecessor_leads_back_to_its_successor(edition: int) -> None:
    lost = [
        (number, old)
        for number in sample()
        for old in concordance(number, NEWEST, edition).numbers
        if number not in concordance(old, edition, NEWEST).numbers
    ]
    assert lost == []


@pytest.mark.parametrize("edition", [1992, 1996, 2002, 2007, 2012, 2017])
def test_every_predecessor_that_is_another_number_leads_back(edition: int) -> None:
    following = edition_years()[edition_years().index(edition) + 1]
    for number in sample():
        if stands_in(number, following):
            for old in concordance(number, following, edition).numbers:
                if old != number:
                    assert number in concordance(old, edition, following).numbers, (number, old)


@pytest.mark.parametrize("edition", [1992, 1996, 2002, 2007, 2012, 2017])
def test_every_predecessor_stands_in_its_own_edition(edition: int) -> None:
    for number in sample():
        assert all(stands_in(old, edition) for old in concordance(number, NEWEST, edition).numbers), number


def test_the_concordance_agrees_with_the_table_of_the_shared_folder(shared: Path) -> None:
    table: dict[tuple[int, int], dict[str, set[str]]] = {}
    with (shared / "data" / "ref_hs_concordance_1992_2022.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            after, _, before = row["adjustment"].partition(" to ")
            if after.isdigit() and before.isdigit():
                pairs = table.setdefault((int(after), int(before)), {})
                pairs.setdefault(row["code.after"].zfill(6), set()).add(row["code.before"].zfill(6))
    years = edition_years()
    compared = 0
    differ: list[tuple[int, str]] = []
    for (after, before), rows in table.items():
        if before not in years or years.index(after) - years.index(before) != 1:
            continue
        for number, was in rows.items():
            if not stands_in(number, after) or not number.isdigit():
                continue
            compared += 1
            if set(concordance(number, after, before).numbers) != was:
                differ.append((after, number))
    assert compared > 20_000
    assert differ == []


@pytest.mark.parametrize(
    ("number", "edition", "to", "says"),
    [
        ("810610", 2021, 2022, "there is no edition 2021"),
        ("810610", 2017, 2022, "does not stand in the edition of 2017"),
        ("999999", 2022, 2017, "check the digits"),
    ],
)
def test_a_step_that_cannot_be_taken_is_refused_in_one_sentence(number: str, edition: int, to: int, says: str) -> None:
    with pytest.raises(BadInput, match=says) as refused:
        concordance(number, edition, to)
    assert refused.value.sentence.count("\n") == 0
