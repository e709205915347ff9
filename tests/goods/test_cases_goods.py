"""The case tables of the reader: each case is a sentence, a line of an invoice, and what follows from it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from orepass.factfiles import read_records
from orepass.goods.describe import describe
from orepass.goods.kinds import kinds
from orepass.goods.parameters import Interval, parameter_of

CASES = Path(__file__).parent / "cases"
KEYS = {"says", "text", "facts", "kind", "trust", "conflict", "wrong_today"}


def cases_of(language: str) -> list[dict[str, Any]]:
    """The records of one table."""
    return read_records(CASES / f"{language}.yaml")


ALL = [*cases_of("english"), *cases_of("chinese")]
SENTENCES = [
    pytest.param(
        case,
        id=case["says"],
        marks=[pytest.mark.xfail(strict=True, raises=AssertionError)] if case.get("wrong_today") else [],
    )
    for case in ALL
]


def plain(value: Any) -> Any:
    """A value that was read, as a table writes it."""
    if isinstance(value, Interval):
        return [value.low, value.high]
    return sorted(value) if isinstance(value, frozenset) else value


def wanted(value: Any) -> Any:
    """A value as the table has it, ready to be compared: lists of kinds in order, figures as far as they are written out."""
    if isinstance(value, list):
        return sorted(value) if all(isinstance(part, str) for part in value) else [wanted(part) for part in value]
    if isinstance(value, float) and math.isfinite(value):
        decimals = len(str(value).partition(".")[2])
        return pytest.approx(value, rel=0, abs=min(0.5 * 10**-decimals, abs(value) / 1000))
    return value


@pytest.mark.parametrize("case", SENTENCES)
def test_what_a_line_says(case: dict[str, Any]) -> None:
    description = describe(case["text"])
    read = description.facts
    got = {name: plain(read.get(name)) for name in case["facts"]}
    assert got == {name: wanted(value) for name, value in case["facts"].items()}
    if "kind" in case:
        assert (description.kind or "goods") == case["kind"]
    grades = {r.fact: r.trust for r in description.reads if r.fact in case.get("trust", {})}
    assert grades == case.get("trust", {})
    said = [conflict.says for conflict in description.conflicts]
    if case.get("conflict", "none") == "none":
        assert said == []
    else:
        assert any(case["conflict"] in sentence for sentence in said), said


@pytest.mark.parametrize("case", [pytest.param(case, id=case["says"]) for case in ALL])
def test_every_reading_stands_on_its_characters(case: dict[str, Any]) -> None:
    text = case["text"]
    for read in describe(text).reads:
        assert 0 <= read.start < read.end <= len(text)
    for conflict in describe(text).conflicts:
        for start, end in (conflict.first, conflict.second):
            assert 0 <= start < end <= len(text)
        assert conflict.says


@pytest.mark.parametrize("language", ["english", "chinese"])
def test_a_table_is_long_enough_and_mostly_right(language: str) -> None:
    cases = cases_of(language)
    assert len(cases) >= 70
    assert sum(bool(case.get("wrong_today")) for case in cases) <= len(cases) / 10
    assert len({case["says"] for case in cases}) == len(cases)
    assert len({case["text"] for case in cases}) == len(cases)


@pytest.mark.parametrize("case", [pytest.param(case, id=case["says"]) for case in ALL])
def test_a_table_names_only_facts_and_kinds_that_there_are(case: dict[str, Any]) -> None:
    assert case.keys() <= KEYS
    assert case["says"].endswith((".", "。"))
    for name, value in case["facts"].items():
        parameter = parameter_of(name)
        if parameter.type == "kind" and value is not None:
            assert value in kinds().by_id
        if parameter.type == "kinds":
            assert set(value or ()) <= kinds().by_id.keys()
        if parameter.type == "choice" and value is not None:
            assert value in parameter.values


def test_each_table_speaks_its_own_language() -> None:
    assert all(any("㐀" <= char <= "鿿" for char in case["says"]) for case in cases_of("chinese"))
    assert all(case["says"].isascii() for case in cases_of("english"))
