"""``orepass classify`` as a person uses it: the real program in a process of its own."""

from __future__ import annotations

import json

import pytest

from conftest import Program

DAY = ("--date", "2026-02-01")


def plain(text: str) -> str:
    """Output without its line breaks, which depend on the width of the terminal."""
    return " ".join(text.split())


def test_goods_on_the_list_are_answered_in_words(orepass: Program) -> None:
    done = orepass("classify", "gallium ingot 4N", *DAY)
    assert (done.returncode, done.stderr) == (0, "")
    for words in (
        "On the control list on 2026-02-01",
        "substance: gallium (named, from 'gallium')",
        "is 3C001.a",
        "CN-2023-23",
        "8112.92",
        "China's reference numbers of these entries",
        "Law as of 2026-02-01",
    ):
        assert words in plain(done.stdout)


def test_a_missing_fact_is_asked_for(orepass: Program) -> None:
    words = plain(orepass("classify", "NdFeB magnet", *DAY).stdout)
    assert "It hangs on a fact" in words
    assert "could be 1C905.a.4" in words
    assert "What is the share of Dy by weight, in %?" in words


def test_goods_that_miss_a_limit_are_told_by_how_much(orepass: Program) -> None:
    words = plain(orepass("classify", "antimony trioxide 99.9%", *DAY).stdout)
    assert "No entry holds these goods" in words
    assert "3C003.c" in words
    assert "missed by purity_pct: 0.09 %" in words


def test_a_text_without_goods_gets_no_answer_and_no_error(orepass: Program) -> None:
    done = orepass("classify", "office chairs", *DAY)
    assert done.returncode == 0
    assert "The text carries no answer" in done.stdout
    assert "No answer is given: the text names no goods that we know." in plain(done.stdout)


def test_an_open_law_is_said_to_be_open(orepass: Program) -> None:
    words = plain(orepass("classify", "erbium metal", "--date", "2026-11-22").stdout)
    assert "The law of that day is not known" in words
    assert "is, if the entry is in force 1C910.a.1" in words


def test_a_declared_number_that_a_note_bars_is_a_red_flag(orepass: Program) -> None:
    words = plain(orepass("classify", "dysprosium oxide", "--hs", "2825.90", *DAY).stdout)
    assert "Declared number 282590" in words
    assert "Red flag: Compounds of rare earths" in words


def test_a_text_that_speaks_against_itself_is_told_so(orepass: Program) -> None:
    words = plain(orepass("classify", "zinc oxide with 40% Ga", *DAY).stdout)
    assert "The text speaks against itself" in words
    assert "holds no Ga" in words


def test_chinese_is_answered_too(orepass: Program) -> None:
    done = orepass("classify", "三氧化二锑 99.99%", *DAY)
    assert "is 3C003.c" in plain(done.stdout)


def test_json_carries_the_whole_answer(orepass: Program) -> None:
    done = orepass("classify", "antimony trioxide 99.99%", "--hs", "282590", *DAY, "--json")
    document = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert document["goods"] == "controlled"
    assert [entry["code"] for entry in document["entries"]] == ["3C003.c"]
    assert document["read"]["number"] == "282590"
    assert document["read"]["red_flags"][0]["unlawful"]
    assert document["law"]["as_of"] == "2026-02-01"


@pytest.mark.parametrize("text", ["锑锭 99.65%", "antimony ingot 99.65%\n"])
def test_standard_input_is_read_as_the_description(orepass: Program, text: str) -> None:
    document = json.loads(orepass("classify", "-", *DAY, "--json", stdin=text).stdout)
    assert document["goods"] == "controlled"
    assert document["entries"][0]["code"] == "3C003.b"


@pytest.mark.parametrize(
    ("words", "stdin", "says"),
    [
        (("gallium", "--hs", "12"), "", "'12' is no customs number"),
        (("gallium", "--hs", "99999999"), "", "customs number '99999999' does not exist"),
        (("",), "", "the description is empty"),
        (("-",), "", "the description is empty"),
        (("-",), " \n\t", "the description is empty"),
        (("-",), "gallium " * 130_000, "the description has 1,040,000 characters"),
        (("gallium", "--date", "2026-02-30"), "", "'2026-02-30' is no day of the calendar"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_status_2(
    orepass: Program, words: tuple[str, ...], stdin: str, says: str
) -> None:
    done = orepass("classify", *words, stdin=stdin)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert done.stderr.strip().count("\n") == 0
    assert "Traceback" not in done.stderr


def test_bytes_that_are_no_text_are_refused_in_one_sentence(orepass: Program) -> None:
    done = orepass("classify", "-", stdin=b"\x89PNG\r\n\x1a\n\xff\xfe")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.strip().count("\n") == 0


def test_markup_in_a_description_is_printed_as_it_stands(orepass: Program) -> None:
    done = orepass("classify", "gallium [red]ingot[/red] [/bold]", *DAY)
    assert done.returncode == 0
    assert "[red]ingot[/red] [/bold]" in done.stdout
