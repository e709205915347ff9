"""Names taken apart: scripts, forms, words, numbers, readings."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from orepass.parties.names.across import sounded
from orepass.parties.names.name import read_name
from orepass.parties.names.script import plain_latin, simplified
from orepass.parties.names.vocabulary import PARTIES, lemma


@pytest.mark.parametrize(
    ("written", "simple"),
    [
        ("三菱重工業", "三菱重工业"),
        ("沢田製作所", "泽田制作所"),
        ("廣達電腦", "广达电脑"),
        ("ＡＢＣ", "ABC"),
        ("研究所", "研究所"),
    ],
)
def test_traditional_and_japanese_characters_become_simplified(written: str, simple: str) -> None:
    assert simplified(written) == simple


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("Škoda JS a.s.", "skoda js as"),
        ("A.B.C. Company", "abc company"),
        ("Int’l", "intl"),
        ("Procter & Gamble", "procter and gamble"),
        ("Ромашка", "romashka"),
        ("ニッポン", "nippon"),
    ],
)
def test_other_scripts_are_written_in_plain_letters(written: str, plain: str) -> None:
    assert plain_latin(written) == plain


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Example Metals Sdn. Bhd.", ["example", "metals"]),
        ("OOO Romashka", ["romashka"]),
        (
            "Mitsui Bussan Aerospace Co., Ltd. Maintenance Center",
            ["mitsui", "bussan", "aerospace", "maintenance", "center"],
        ),
        ("The Boeing Company", ["boeing"]),
        ("Company", ["company"]),
        ("PT Example Tbk", ["example"]),
        ("Spolecnost Example spol. s r.o.", ["spolecnost", "example"]),
    ],
)
def test_legal_forms_are_taken_off_at_both_ends(name: str, words: list[str]) -> None:
    assert [word.text for word in read_name(name).words] == words


@pytest.mark.parametrize(
    ("name", "han"),
    [
        ("华为技术有限公司", "华为技术"),
        ("株式会社东芝", "东芝"),
        ("（株）日立製作所", "日立制作所"),
        ("三井物产航空航天株式会社维修中心", "三井物产航空航天·维修中心"),
    ],
)
def test_forms_in_characters_are_taken_off_anywhere(name: str, han: str) -> None:
    assert read_name(name).han == han


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("第十四研究所", "14"),
        ("第七〇一研究所", "701"),
        ("第二十三所", "23"),
        ("Brigade Forty-Four", "44"),
        ("First Bank", "1"),
        ("Fund VIII", "8"),
    ],
)
def test_numbers_however_written_are_digits(name: str, number: str) -> None:
    assert number in {word.plain for word in read_name(name).words}


def test_three_one_heavy_industry_is_no_number() -> None:
    assert read_name("三一重工").han == "三一重工"


def test_a_word_and_its_abbreviation_are_one() -> None:
    assert lemma("tech")[0] == lemma("technologies")[0]
    assert lemma("zavod")[0] == lemma("plant")[0] or lemma("zavod")[0] == lemma("factory")[0]


@pytest.mark.parametrize(
    ("characters", "word"),
    [("莱昂纳多", "leonardo"), ("小松", "komatsu"), ("重庆", "chongqing"), ("哈里斯", "harris"), ("马丁", "martin")],
)
def test_characters_are_read_as_foreign_words(characters: str, word: str) -> None:
    assert any(start == 0 and end == len(characters) for start, end, *_ in sounded(characters, word))


@pytest.mark.parametrize(("characters", "word"), [("莱昂纳多", "siemens"), ("小松", "hitachi"), ("马丁", "boeing")])
def test_characters_are_not_read_as_any_word(characters: str, word: str) -> None:
    assert not any(start == 0 and end == len(characters) for start, end, *_ in sounded(characters, word))


@pytest.mark.parametrize("path", sorted(PARTIES.rglob("*.csv")), ids=lambda path: path.name)
def test_no_row_of_the_tables_of_words_stands_twice(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.reader(line for line in handle if not line.startswith("#")))
    keys = [tuple(row[:1]) if path.name != "forms.csv" else (row[0], row[2]) for row in rows[1:]]
    assert len(keys) == len(set(keys))
    assert all(len(row) == len(rows[0]) for row in rows)
