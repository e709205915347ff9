"""The reader as a door: what it refuses, when it abstains, what it hands out, and whether the facts behind it hold together."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from orepass.errors import BadInput
from orepass.goods import read
from orepass.goods.formula import parse
from orepass.goods.kinds import kinds
from orepass.goods.naming import cas_is_sound
from orepass.goods.parameters import Interval, parameter_of
from orepass.goods.reader import LONGEST, composition, number_of_2022, to_document
from orepass.law.timeline import Law


@pytest.mark.parametrize("text", ["", "   ", "\n\t "])
def test_an_empty_text_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        read(text)
    assert refused.value.sentence == "the description is empty; expected a line that names goods."


def test_a_text_that_is_too_long_is_refused_in_one_sentence() -> None:
    with pytest.raises(BadInput) as refused:
        read("x" * (LONGEST + 1))
    assert refused.value.sentence == "the description has 1,000,001 characters; expected at most 1,000,000."


@pytest.mark.parametrize(
    ("hs", "says"), [("12", "6 to 10 digits"), ("99999999", "does not exist"), ("28258O", "is no customs number")]
)
def test_a_number_that_cannot_exist_is_refused(hs: str, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        read("antimony trioxide", hs=hs)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("antimony trioxide, HS code 2825.80.00.10", "2825800010"),
        ("gallium HS 8112.92.90", "81129290"),
        ("金属镓 税号8112929090", "8112929090"),
        ("三氧化二锑 商品编码：2825800010", "2825800010"),
        ("tungsten powder, tariff no. 8101 10 00", "81011000"),
        ("tungsten powder 8101 10 00", ""),
        ("tungsten powder, HS code 9999.99", ""),
    ],
)
def test_a_number_that_the_text_states_is_found(text: str, number: str) -> None:
    assert read(text).number == number


def test_a_number_that_is_given_stands_before_one_in_the_text() -> None:
    assert read("antimony trioxide, HS code 2825.80.00.10", hs="2825.90").number == "282590"


def test_a_number_of_an_older_edition_is_taken_to_the_newest_only_where_it_stayed_one() -> None:
    assert number_of_2022("282580", 2018) == "282580"
    assert number_of_2022("2825800010", None) == "2825800010"
    assert number_of_2022("810600", 2018) == "810600"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("rubber-coated steel ducks of no kind", ""),
        ("office chairs", "the text names no goods that we know"),
        ("样品 3件", "the text names no goods that we know"),
        ("99.99%", "the text names no goods that we know"),
        ("gallium ingot", ""),
        ("稀土萃取分离技术", ""),
        ("zinc oxide with 40% Ga", "the text speaks against itself: the text names zinc oxide, which holds no Ga"),
    ],
)
def test_the_reader_says_why_a_text_carries_no_answer(text: str, why: str) -> None:
    assert read(text).abstains.startswith(why)
    assert bool(read(text).abstains) == bool(why)


KEYS = {"text", "kind", "facts", "also_named", "conflicts", "headings", "number", "red_flags", "cas", "abstains"}


@pytest.mark.parametrize(
    "text",
    [
        "Sb2O3 powder, 99.8 % min, CAS 1309-64-4, HS 2825.90",
        "zinc oxide with 40% Ga",
        "mixture of 60% WO3 and 40% MoO3",
        "tungsten powder +100 mesh",
        "technology to produce gallium arsenide",
        "office chairs",
    ],
)
def test_a_reading_is_a_document_that_json_carries(text: str) -> None:
    document = json.loads(json.dumps(to_document(read(text)), allow_nan=False))
    assert document.keys() == KEYS
    assert document["kind"] in {"goods", "technology", "software"}
    for fact in document["facts"]:
        assert fact.keys() == {"fact", "value", "text", "start", "end", "trust"}
        assert document["text"][fact["start"] : fact["end"]] == fact["text"]
        assert fact["trust"] in {"stated", "named", "computed", "inferred", "guessed"}
        assert parameter_of(fact["fact"])
    for heading in document["headings"]:
        assert heading.keys() == {"hs", "title", "title_zh", "why", "settled"}
    for flag in document["red_flags"]:
        assert flag.keys() == {"number", "note", "says", "zh", "unlawful", "grade"}
    assert len(document["headings"]) <= 5


def test_an_open_end_is_null_in_the_document() -> None:
    facts = {fact["fact"]: fact["value"] for fact in to_document(read("tungsten powder +100 mesh"))["facts"]}
    assert facts["particle_size_um"] == [150.0, None]


@pytest.mark.parametrize(
    ("kind", "symbol", "share"),
    [
        ("antimony-trioxide", "Sb", 83.53),
        ("gallium-oxide", "Ga", 74.39),
        ("dysprosium-oxide", "Dy", 87.13),
        ("tungsten-trioxide", "W", 79.30),
        ("tungsten-carbide", "W", 93.87),
        ("bismuth-oxide", "Bi", 89.70),
        ("lithium-carbonate", "Li", 18.79),
        ("gallium-arsenide", "As", 51.80),
        ("gallium", "Ga", 100.0),
    ],
)
def test_the_composition_of_a_pure_substance_follows_from_its_formula(kind: str, symbol: str, share: float) -> None:
    assert composition(kind)[symbol] == pytest.approx(share, abs=0.02)


def test_a_kind_without_a_formula_has_no_composition() -> None:
    assert composition("ndfeb-magnet") == {}
    assert composition("motor") == {}


@pytest.mark.parametrize("kind", [pytest.param(k.id) for k in kinds().by_id.values() if k.formula])
def test_every_formula_parses_and_its_shares_make_up_the_whole(kind: str) -> None:
    shares = parse(kinds().by_id[kind].formula).shares
    assert shares
    if not any(isinstance(share, Interval) for share in shares.values()):
        assert sum(share for share in shares.values() if isinstance(share, float)) == pytest.approx(100.0)
    for share in shares.values():
        low, high = (share.low, share.high) if isinstance(share, Interval) else (share, share)
        assert 0.0 <= low <= high <= 100.0


def test_every_cas_number_has_a_right_check_digit() -> None:
    assert [(k.id, cas) for k in kinds().by_id.values() for cas in k.cas if not cas_is_sound(cas)] == []


def test_a_cas_number_that_several_kinds_share_is_that_of_one_line_of_them() -> None:
    owners: dict[str, list[str]] = {}
    for kind in kinds().by_id.values():
        for cas in kind.cas:
            owners.setdefault(cas, []).append(kind.id)
    shared = {cas: ids for cas, ids in owners.items() if len(ids) > 1}
    apart = {
        cas: ids
        for cas, ids in shared.items()
        if not any(all(wide in kinds().ancestors(other) for other in ids) for wide in ids)
    }
    assert apart == {}
    assert len(shared) <= 12, shared


def test_the_facts_know_many_substances() -> None:
    roots = Counter(kind.root for kind in kinds().by_id.values())
    assert roots["substance"] >= 400
    assert sum(1 for kind in kinds().by_id.values() if kind.cas) >= 400


def test_every_kind_with_a_number_or_a_formula_names_its_source() -> None:
    bare = [k.id for k in kinds().by_id.values() if (k.cas or k.own_hs or k.formula) and not k.source]
    assert bare == []


def test_every_source_of_a_kind_is_one_that_the_facts_list(law: Law) -> None:
    named = {source for kind in kinds().by_id.values() for source in kind.source}
    assert named <= {"chemicals", "general_knowledge", "hs_2022", "law"} | law.facts.sources.keys()


@pytest.mark.parametrize(
    "text",
    [
        "antimony ingot 99.65%, " * 43_000,
        "氧化镝 含铽，钕铁硼磁体 " * 72_000,
        "Ga2O3 " * 166_000,
        "x" * 1_000_000,
        "7" * 1_000_000,
        "(" * 1_000_000,
        "not Dy, " * 125_000,
    ],
    ids=["english", "chinese", "formulas", "letters", "digits", "brackets", "denials"],
)
def test_a_megabyte_is_read_to_its_end(text: str) -> None:
    reading = read(text[:LONGEST])
    assert len(reading.description.text) == min(len(text), LONGEST)
    for fact in reading.description.reads:
        assert 0 <= fact.start < fact.end <= LONGEST


def test_a_long_list_of_names_with_shares_is_read_to_its_end() -> None:
    assert read("氧化镝 99.9% 含铽 " * 3_000).facts["substance"] == "dysprosium-oxide"
