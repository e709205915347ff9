"""Screening inside a database that Ibis is not connected to: the query as SQL of its dialect, run over any DB-API connection.

Tried on PostgreSQL (pg8000) and DuckDB; for Trino and BigQuery the SQL is compiled and parsed in tests.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa  # pyright: ignore[reportMissingTypeStubs]

from orepass.determination.columns import Mapping as ColumnMapping
from orepass.determination.sql import Query, ibis, query_of
from orepass.law.timeline import Law

_TYPES = {
    "postgres": {
        "int64": "BIGINT",
        "string": "TEXT",
        "float64": "DOUBLE PRECISION",
        "date": "DATE",
        "boolean": "BOOLEAN",
    },
    "duckdb": {"int64": "BIGINT", "string": "VARCHAR", "float64": "DOUBLE", "date": "DATE", "boolean": "BOOLEAN"},
    "trino": {"int64": "BIGINT", "string": "VARCHAR", "float64": "DOUBLE", "date": "DATE", "boolean": "BOOLEAN"},
    "bigquery": {"int64": "INT64", "string": "STRING", "float64": "FLOAT64", "date": "DATE", "boolean": "BOOL"},
}
"""Column types of the small tables, by dialect."""
_TOGETHER = 500


class OfDatabase:
    """A database behind a DB-API connection.

    Parameters
    ----------
    connection
        Of any driver whose place-holder is ``%s`` or ``?``; none when only the SQL is wanted.
    dialect
        ``postgres``, ``duckdb``, ``trino`` or ``bigquery``.
    temporary
        Whether small tables may be temporary ones; Trino and BigQuery have none.
    """

    def __init__(self, connection: Any, dialect: str, *, temporary: bool = True) -> None:
        self._cursor: Any = connection.cursor() if connection is not None else None
        self._dialect = dialect
        self._temporary = temporary
        self._mark = "?" if dialect == "duckdb" else "%s"

    def place(self, name: str, table: Any) -> Any:
        """Create and fill a small table."""
        schema = ibis.Schema.from_pyarrow(table.schema)
        known = _TYPES[self._dialect]
        columns = ", ".join(f'"{n}" {known.get(str(kind).lstrip("!"), known["string"])}' for n, kind in schema.items())
        cursor = self._cursor
        cursor.execute(f'DROP TABLE IF EXISTS "{name}"')
        cursor.execute(f'CREATE {"TEMPORARY " if self._temporary else ""}TABLE "{name}" ({columns})')
        rows = list(zip(*(column.to_pylist() for column in table.columns), strict=True))
        one = "(" + ", ".join([self._mark] * len(schema)) + ")"
        for start in range(0, len(rows), _TOGETHER):
            some = rows[start : start + _TOGETHER]
            cells = [cell for row in some for cell in row]
            cursor.execute(f'INSERT INTO "{name}" VALUES {", ".join([one] * len(some))}', cells)
        return ibis.table(schema, name=name)

    def fetch(self, query: Any) -> Any:
        """Run a query and bring its rows here."""
        cursor = self._cursor
        cursor.execute(self.sql(query))
        rows = cursor.fetchall()
        schema = query.schema().to_pyarrow()
        columns = list(zip(*rows, strict=True)) if rows else [() for _ in schema]
        arrays = [pa.array(list(column), field.type) for column, field in zip(columns, schema, strict=True)]
        return pa.table(arrays, schema=schema)

    def sql(self, query: Any) -> str:
        """A query in the words of the database."""
        return str(ibis.to_sql(query, dialect=self._dialect))


def screen_in_database(
    engine: OfDatabase,
    name: str,
    schema: Any,
    law: Law,
    *,
    mapping: ColumnMapping | None = None,
    on: date | None = None,
) -> Query:
    """Decide a table inside a database; ``engine.sql(query.result())`` is the query that answers every row.

    Parameters
    ----------
    engine
        The database.
    name
        The table.
    schema
        Its columns, as an Arrow schema.
    law
        The law.
    mapping
        Names under which columns are read; guessed unless they are given.
    on
        The day of rows that have none.
    """
    table = ibis.table(ibis.Schema.from_pyarrow(schema), name=name)
    return query_of(table, law, engine, mapping, on)
