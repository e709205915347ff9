"""The page about BACI: its figures, its chart and its claims are those that the script works out of the shared data."""

from __future__ import annotations

import importlib.util
import re
import sys
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any
from xml.etree import ElementTree

import pyarrow.parquet as pq
import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "baci.md").read_text(encoding="utf-8")
CHART = (ROOT / "docs" / "baci.svg").read_text(encoding="utf-8")


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("baci", ROOT / "bench" / "baci.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["baci"] = module
    spec.loader.exec_module(module)
    return module


baci: Any = _script()
shared = pytest.mark.skipif(not baci.DATA.exists(), reason="../shared/data (CEPII BACI) is not here")


@pytest.fixture(scope="module")
def measured() -> Any:
    return baci.measure()


@shared
def test_the_page_bears_the_figures_that_the_script_computes(measured: Any) -> None:
    assert baci.filled(PAGE, measured) == PAGE, "run: python bench/baci.py --write"
    assert f"{measured.rows:,} rows" in PAGE
    assert f"{measured.recoded:,} rows bear one of them" in PAGE
    assert f"on {measured.on}. The law was read to {measured.read_to}." in " ".join(PAGE.split())


@shared
def test_the_chart_is_the_one_that_the_script_draws(measured: Any) -> None:
    assert baci.chart(measured) == CHART, "run: python bench/baci.py --write"


@shared
def test_nothing_is_lost_or_counted_twice(measured: Any) -> None:
    rows = pq.read_table(baci.DATA).to_pylist()
    world = sum(row["value_kusd"] for row in rows) / 1000
    china = sum(row["value_kusd"] for row in rows if row["exporter"] == "CHN") / 1000
    assert measured.sum(baci.WORLD) == pytest.approx(world)
    for side in (baci.ALONE, baci.NAMED):
        assert measured.sum(side) == pytest.approx(china)
        every = [found for (at, _, _), found in measured.every.items() if at == side]
        assert sum(rows for rows, _ in every) == len(rows)
        assert sum(value for _, value in every) == pytest.approx(world)
    assert not any(outcome == "unreadable" for _, _, outcome in measured.every)
    assert sorted(number for mineral in baci.MINERALS for number in mineral.numbers) == sorted(baci.NUMBERS)
    assert {row["hs92"] for row in rows} == set(baci.NUMBERS)


@shared
def test_what_the_page_says_in_words(measured: Any) -> None:
    outcomes = {what.removesuffix(baci.BAN) for _, _, side, what, _ in measured.values if side == baci.ALONE}
    assert outcomes == {"needs_facts", "no_entry"}, "a number alone neither binds nor releases"
    shares = [
        measured.sum(baci.WORLD, number="261390", year=year) / measured.sum(baci.WORLD, year=year)
        for year in baci.YEARS
    ]
    assert round(min(shares), 2) == 0.19 and round(max(shares), 2) == 0.64
    refused = baci.determined("261710", "USA", date(2025, 1, 20), baci.Law.load(), named=True)
    assert refused.outcome == "refusal_presumed"
    assert measured.marks["graphite"] == date(2023, 12, 1)
    assert not measured.sum(number="811230", year=range(2010, 2025))


def test_the_chart_is_well_formed_and_names_each_mineral() -> None:
    root = ElementTree.fromstring(CHART)
    words = [element.text or "" for element in root.iter("{http://www.w3.org/2000/svg}text")]
    for mineral in baci.MINERALS:
        assert mineral.name in words
        assert any(mineral.numbers[0] in text for text in words)
    assert any(
        text.startswith("CEPII BACI (Etalab 2.0), HS92; law as of 2026-11-22, read to 2026-10-10") for text in words
    )
    assert len(CHART) < 100_000


def test_the_page_shows_the_chart_and_holds_every_table() -> None:
    assert "](baci.svg)" in PAGE
    for make in baci.TABLES:
        assert re.search(rf"<!-- {make.__name__} -->\n\|.*\|\n<!-- /{make.__name__} -->", PAGE, re.DOTALL)
