"""Names side by side: the table of hard pairs, and what a reviewer is told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orepass.parties.evidence import Level, weigh

PAGE = Path(__file__).parents[2] / "docs" / "parties.md"
HARD = [
    tuple(cell.strip() for cell in line.strip("| \n").split("|"))
    for line in PAGE.read_text(encoding="utf-8").splitlines()
    if re.search(r"\| (same|likely|possible|unlike) \|$", line)
]


def test_the_page_holds_the_hard_pairs() -> None:
    assert len(HARD) >= 20


@pytest.mark.parametrize(("left", "right", "level"), HARD)
def test_hard_pairs_stand_as_the_page_says(left: str, right: str, level: str) -> None:
    assert weigh(left, right).level.name.lower() == level
    assert weigh(right, left).level.name.lower() == level


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("International Trading Co., Ltd.", "International Trade Company Limited"),
        ("有限公司", "Co., Ltd."),
        ("科技集团有限公司", "Technology Group Co., Ltd."),
    ],
)
def test_words_that_many_names_share_are_no_likely_match(left: str, right: str) -> None:
    assert weigh(left, right).level in {Level.UNLIKE, Level.POSSIBLE, Level.SAME}
    assert weigh(left, right).level is not Level.LIKELY


def test_the_sentence_names_what_agrees_and_how_in_both_languages() -> None:
    found = weigh("厦门钨业股份有限公司", "Xiamen Tungsten Co., Ltd.")
    assert "钨业 means tungsten" in found.in_words()
    assert "“钨业”意为“tungsten”" in found.in_words("zh")


def test_the_sentence_names_what_stands_on_one_side_only() -> None:
    said = weigh("General Dynamics Land Systems", "General Dynamics").in_words()
    assert said == (
        "One name holds the other: both say general, dynamics; but land, systems stands in the first name only."
    )


def test_legal_forms_of_one_country_that_differ_are_told() -> None:
    assert "the legal forms differ" in weigh("Deutsche Bank AG", "Deutsche Bank GmbH").in_words()


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("小松产机株式会社", "Komatsu Sanki"),  # Japanese readings
        ("黄埔国际有限公司", "Whampoa International Ltd"),  # a place by its old spelling
        ("龙德造船", "Lung Teh Shipbuilding"),  # Wade-Giles
        ("重庆长安汽车", "Chongqing Changan Automobile"),  # 重 and 长 each have two readings
        ("Rheinmetall AG", "莱茵金属公司"),  # by sound and by meaning in one word
    ],
)
def test_traditions_of_writing_chinese_names(left: str, right: str) -> None:
    assert weigh(left, right).level >= Level.POSSIBLE


@settings(deadline=None)
@given(st.text(max_size=40), st.text(max_size=40))
def test_any_two_texts_can_be_compared_either_way(left: str, right: str) -> None:
    one, other = weigh(left, right), weigh(right, left)
    assert 0.0 <= one.rank <= 1.0
    assert one.in_words() and other.in_words("zh")


@settings(deadline=None)
@given(st.text(alphabet="abcdefgh 三菱重工业技术 &.-", min_size=1, max_size=30))
def test_a_name_is_never_unlike_itself(name: str) -> None:
    found = weigh(name, name)
    assert not found.comparison.left_only or found.rank >= 0.5
