"""The demo: nothing lost between the figures and the page."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from conftest import Program
from orepass.demo.chart import chart
from orepass.demo.replay import CHANGED, Cell, replay, spans, totals
from orepass.demo.report import page
from orepass.law.timeline import Law
from orepass.trade.sources import commodities, us_imports


@pytest.fixture(scope="module")
def cells(law: Law) -> list[Cell]:
    return replay(law)


def test_every_month_of_every_number_has_an_answer(cells: list[Cell]) -> None:
    assert len(cells) == 396
    assert {cell.commodity.hts10 for cell in cells} == {commodity.hts10 for commodity in commodities()}


def test_no_kilogram_is_lost(cells: list[Cell]) -> None:
    arrived = sum(arrival.china_kg or 0 for arrival in us_imports())
    assert sum(sum(row.values()) for row in totals(cells).values()) == pytest.approx(arrived)
    assert sum(span.kilograms or 0 for span in spans(cells)) == pytest.approx(arrived)
    assert sum(span.months for span in spans(cells)) == len(cells)


def test_a_month_in_which_the_law_changed_is_told_apart(cells: list[Cell]) -> None:
    antimony = {cell.month: cell for cell in cells if cell.commodity.name == "antimony"}
    assert antimony["2024-09"].outcome == CHANGED
    assert [(v.since.isoformat(), v.outcome) for v in antimony["2024-12"].verdicts] == [
        ("2024-12-01", "licence_required"),
        ("2024-12-03", "refusal_presumed"),
    ]
    assert antimony["2025-06"].outcome == "refusal_presumed"
    assert antimony["2025-12"].outcome == "licence_required"


def test_the_page_is_whole_in_itself(cells: list[Cell], law: Law) -> None:
    text = page(cells, law)
    assert "src=" not in text and "@import" not in text and "<script" not in text
    assert text.count("<title>") == 1 + len(cells)
    assert "What these figures do not show" in text
    assert chart(cells).startswith("<svg")


def test_the_command_prints_a_table_and_writes_the_page(orepass: Program, tmp_path: Path) -> None:
    target = tmp_path / "page.html"
    done = orepass("demo", "--report", str(target))
    assert done.returncode == 0, done.stderr
    assert "antimony" in done.stdout and "refused in principle" in done.stdout
    assert target.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_the_figures_are_those_of_the_shared_file(shared: Path) -> None:
    with (shared / "data" / "us_imports_hts10_monthly_2023_2025.csv").open(encoding="utf-8") as handle:
        theirs = {
            (r["month"], r["hts10"]): float(r["china_quantity"]) if r["china_quantity"] else None
            for r in csv.DictReader(handle)
        }
    assert {(a.month, a.hts10): a.china_kg for a in us_imports()} == theirs
