"""Screening equals determining, row by row, on every engine; frames of every library come in."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from determination.tables_drawn import drawn_table, law
from orepass.determination import kernel
from orepass.determination.decisions import Decisions
from orepass.determination.determine import determine
from orepass.determination.engines import query_on, spark_folder
from orepass.determination.rows import DECIDED_COLUMNS, RESULT_COLUMNS, row_to_document, screen_row
from orepass.determination.screen import screen
from orepass.determination.transaction import transaction
from orepass.errors import BadInput

ONE_BY_ONE = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
DECISIONS = Decisions(law())


def expected(table: pa.Table) -> list[dict[str, str]]:
    """What one determination a row says."""
    return [screen_row(row, law()).result for row in table.to_pylist()]


def said(rows: list[dict[str, Any]]) -> list[dict[str, str]]:
    return [{name: row[name] or "" for name in RESULT_COLUMNS} for row in rows]


def by_kernel(table: pa.Table) -> list[tuple[str, ...]]:
    numbers = kernel.Kernel(DECISIONS).decide({n: table[n] for n in table.column_names}, table.num_rows)
    return [DECISIONS.made[number].cells for number in numbers]


@ONE_BY_ONE
@given(st.integers(0, 10**9))
def test_the_kernel_answers_each_row_as_one_determination_does(seed: int) -> None:
    table = drawn_table(seed, rows=60)
    assert by_kernel(table) == [tuple(row[name] for name in DECIDED_COLUMNS) for row in expected(table)]


@ONE_BY_ONE
@given(st.integers(0, 10**9))
def test_numbers_reduced_to_bins_are_answered_as_the_numbers_are(seed: int) -> None:
    table = drawn_table(seed, rows=60)
    many, kernel.FEW = kernel.FEW, 1
    try:
        answers = by_kernel(table)
    finally:
        kernel.FEW = many
    assert answers == [tuple(row[name] for name in DECIDED_COLUMNS) for row in expected(table)]


def test_chunks_of_a_table_are_answered_as_the_whole() -> None:
    table = drawn_table(77, rows=300)
    one = kernel.Kernel(DECISIONS)
    pieces = [table.slice(start, 37) for start in range(0, 300, 37)]
    numbers = [n for piece in pieces for n in one.decide({c: piece[c] for c in piece.column_names}, piece.num_rows)]
    assert [DECISIONS.made[number].cells for number in numbers] == by_kernel(table)


def test_every_cell_of_every_country_and_every_edge_is_the_same() -> None:
    from orepass.places import codes

    days = sorted(
        {day for edge in law().boundaries if edge.year > 2020 for day in (edge, date.fromordinal(edge.toordinal() - 1))}
    )
    rows = [(day, to) for day in days for to in ("US", "JP", "DE", "CN", "HK", None)]
    rows += [(date(2026, 2, 1), code) for code in sorted(codes())]
    table = pa.table(
        {
            "date": [day for day, _ in rows],
            "to": [to for _, to in rows],
            "substance": ["antimony"] * len(rows),
            "form": ["ingot"] * len(rows),
        }
    )
    assert by_kernel(table) == [tuple(row[name] for name in DECIDED_COLUMNS) for row in expected(table)]


@pytest.mark.parametrize("seed", range(3))
def test_duckdb_answers_each_row_as_one_determination_does_and_in_its_order(seed: int) -> None:
    table = drawn_table(seed, rows=80)
    rows = query_on(table, law(), "duckdb", None, None).result().to_pyarrow().to_pylist()
    assert [row["id"] for row in rows] == table["id"].to_pylist()
    assert said(rows) == expected(table)


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    """A Spark session on two threads of this machine."""
    pyspark = pytest.importorskip("pyspark", reason="needs orepass[spark]")
    if shutil.which("java") is None:
        pytest.skip("needs a Java runtime for Spark")
    builder = pyspark.sql.SparkSession.builder.master("local[2]").config("spark.sql.shuffle.partitions", "2")
    builder = builder.config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
    session = builder.config("spark.ui.enabled", "false").getOrCreate()
    yield session
    session.stop()


@pytest.mark.parametrize("seed", range(3))
def test_spark_answers_each_row_as_one_determination_does(spark: Any, seed: int) -> None:
    table = drawn_table(seed, rows=80)
    found = screen(table, law(), engine="spark")
    rows = sorted(found.table.to_pyarrow().to_pylist(), key=lambda row: row["id"])
    assert said(rows) == expected(table)
    assert found.tally.rows == 80


def test_spark_writes_a_folder_that_says_what_the_kernel_says(spark: Any, tmp_path: Path) -> None:
    table = drawn_table(22, rows=120)
    pq.write_table(table, tmp_path / "in.parquet")
    found, _ = spark_folder(str(tmp_path / "in.parquet"), tmp_path / "out", law())
    written = pq.read_table(tmp_path / "out")
    ours = screen(table, law())
    assert written.column_names == ours.table.column_names
    assert sorted(said(written.to_pylist()), key=str) == sorted(said(ours.table.to_pylist()), key=str)
    assert found == ours.tally


def test_spark_gives_the_same_reasons_as_the_kernel(spark: Any) -> None:
    table = drawn_table(5, rows=60)
    by_spark = screen(table, law(), engine="spark").reasons.to_pyarrow().to_pylist()
    ours = screen(table, law()).reasons.to_pylist()
    assert sorted((r["id"] + 1, r["rule"]) for r in by_spark) == sorted((r["row"], r["rule"]) for r in ours)


def test_reasons_are_those_of_the_determination_and_only_of_rows_that_are_not_free() -> None:
    table = drawn_table(8, rows=120)
    found: dict[int, list[tuple[str, str, str]]] = {}
    for reason in screen(table, law()).reasons.to_pylist():
        found.setdefault(reason["row"], []).append((reason["rule"], reason["paragraph"], reason["says"]))
    wanted: dict[int, list[tuple[str, str, str]]] = {}
    for number, row in enumerate(table.to_pylist(), 1):
        try:
            answer = determine(transaction(row_to_document(row)), law())
        except BadInput:
            continue
        if answer.outcome != "not_controlled" and answer.reasons:
            wanted[number] = [(r.rule, r.paragraph, r.says) for r in answer.reasons]
    assert found == wanted


ROWS = {
    "date": ["2025-01-20", "2026-02-01", "2026-02-01"],
    "to": ["US", "DE", "Narnia"],
    "Product description": ["antimony ingot 99.65%", "steel bolts", "gallium"],
}
OUTCOMES = ["refusal_presumed", "not_controlled", None]


def test_frames_of_every_library_come_in() -> None:
    import duckdb
    import ibis
    import pandas as pd
    import polars as pl

    arrow = pa.table(ROWS)
    frames = [
        arrow,
        pd.DataFrame(ROWS),
        pl.DataFrame(ROWS),
        arrow.to_reader(),
        arrow.to_batches()[0],
        ibis.memtable(arrow),
    ]
    with duckdb.connect() as connection:
        frames.append(connection.from_arrow(arrow))
        for frame in frames:
            table = screen(frame, law()).table
            assert table["outcome"].to_pylist() == OUTCOMES, type(frame)
            assert "Narnia" in table["error"][2].as_py()


def test_an_ibis_table_is_answered_where_it_lives() -> None:
    import ibis

    connection = ibis.duckdb.connect()
    table = connection.create_table("orders", pa.table(ROWS), temp=True)
    found = screen(table, law()).table
    assert found.get_backend() is connection
    assert sorted(map(str, found.to_pyarrow()["outcome"].to_pylist())) == sorted(map(str, OUTCOMES))


def test_a_day_for_rows_without_one_and_names_of_columns_can_be_given() -> None:
    table = pa.table({"wohin": ["US", "DE"], "was": ["antimony ingot 99.65%", "gallium"], "egal": [1, 2]})
    found = screen(table, law(), columns={"wohin": "to", "was": "description", "egal": None}, on=date(2025, 1, 20))
    assert found.table["outcome"].to_pylist() == ["refusal_presumed", "licence_required"]
    assert found.table.column_names[0] == "date"


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (pa.table({"colour": ["red"]}), "no column bears a name that we read"),
        (pa.table({"outcome": ["x"], "to": ["DE"]}), "is one that we add"),
        (pa.table({"to": pa.array([], pa.string())}), "holds no rows"),
        ({"to": ["DE"]}, "is no table that we read"),
    ],
)
def test_what_is_no_table_for_us_is_one_sentence(table: Any, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        screen(table, law())
