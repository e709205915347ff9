"""Screening on a data engine: DuckDB on this machine, Spark on a cluster, or an Ibis table where it lives."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from orepass.determination.columns import Mapping as ColumnMapping
from orepass.determination.columns import read_mapping
from orepass.determination.sql import Engine, OfIbis, Query, ibis, mapping_of, query_of, tally_of
from orepass.determination.tally import Tally
from orepass.errors import BadInput
from orepass.law.timeline import Law
from orepass.tables.chunks import Source
from orepass.tables.frames import arrow_of
from orepass.tables.open import open_table
from orepass.tables.sinks import writing

if TYPE_CHECKING:
    from orepass.determination.plan import Plan


def query_on(table: Any, law: Law, engine: str, columns: Mapping[str, str | None] | None, on: date | None) -> Query:
    """The decision of a table as a query.

    Parameters
    ----------
    table
        An Ibis table, a path to Parquet files, or a frame.
    law
        The law.
    engine
        ``duckdb``, ``spark`` or ``auto``: an Ibis table is answered where it lives.
    columns
        Names under which columns are read.
    on
        The day of rows that have none.
    """
    if not type(table).__module__.startswith("ibis."):
        table = _in_spark(table) if engine == "spark" else _in_duckdb(table)
    return query_of(table, law, engine_of(table), mapping_of(columns, table.columns), on)


def engine_of(table: Any) -> Engine:
    """How small tables get to the engine in which an Ibis table lives."""
    backend = table.get_backend()
    return OfSpark(backend) if backend.name == "pyspark" else OfIbis()


class OfSpark:
    """Spark, where small tables are sent to every worker, and Arrow keeps what is missing apart from not-a-number."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def place(self, name: str, table: Any) -> Any:
        """A view with the hint to send it to every worker."""
        from pyspark.sql.functions import broadcast

        broadcast(self._connection._session.createDataFrame(table)).createOrReplaceTempView(name)
        return self._connection.table(name)

    def fetch(self, query: Any) -> Any:
        """The rows of a query, by Arrow."""
        return self._connection._session.sql(self._connection.compile(query)).toArrow()


def _in_duckdb(table: Any) -> Any:
    connection = duckdb_connection()
    if isinstance(table, str | Path):
        if Path(table).suffix.lower() not in {".parquet", ""}:
            raise BadInput(
                f"{Path(table).suffix} is read by the kernel alone",
                where=str(table),
                expected="Parquet for --engine duckdb or spark",
                remedy="leave --engine out",
            )
        return _parquet(connection, open_table(table))
    return connection.create_table("screened", arrow_of(table), temp=True)


def _parquet(connection: Any, source: Source) -> Any:
    """The very files that the kernel would read, in its order."""
    paths = dict.fromkeys(str(part.path) for part in source.parts)
    return connection.read_parquet(list(paths), hive_partitioning=False)


def duckdb_connection(memory: int | None = None) -> Any:
    """DuckDB in this process, with rows in their order: the large table is the one that is streamed, and one thread streams it."""
    settings = {"memory_limit": f"{memory >> 20}MB"} if memory else {}
    connection = ibis.duckdb.connect(**settings)
    connection.raw_sql("SET threads = 1")
    connection.raw_sql("SET disabled_optimizers = 'join_order,build_side_probe_side'")
    return connection


def duckdb_file(plan: Plan, target: Path, law: Law) -> Tally:
    """Screen Parquet files into one Parquet file by DuckDB alone, all or nothing.

    Raises
    ------
    BadInput
        When the input or the output is not Parquet, or the output cannot be written.
    """
    if target.suffix != ".parquet" or plan.reasons is not None:
        raise BadInput(
            "DuckDB writes one Parquet file", where=str(target), expected="a name ending in .parquet, without --reasons"
        )
    connection = duckdb_connection(plan.memory)
    where = Path(plan.source.name)
    if where.suffix != ".parquet" and not where.is_dir():
        raise BadInput(
            "DuckDB is given Parquet alone", where=str(where), expected="Parquet", remedy="leave --engine out"
        )
    table = _parquet(connection, plan.source)
    engine = OfIbis()
    query = query_of(table, law, engine, plan.mapping, plan.on)
    part = target.with_name(f".{target.name}.part")
    try:
        with writing(target):
            connection.to_parquet(query.result(), str(part))
            part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return tally_of(query, engine)


def spark_folder(
    source: str, target: Path, law: Law, *, columns: Path | None = None, on: date | None = None
) -> tuple[Tally, ColumnMapping]:
    """Screen Parquet files into a folder of Parquet files by Spark.

    Parameters
    ----------
    source, target
        Paths that the cluster can reach.
    law
        The law.
    columns
        A file that says what columns mean.
    on
        The day of rows that have none.
    """
    if target.exists():
        raise BadInput("it is there already", where=str(target), expected="a new name for a folder of Parquet files")
    table = _in_spark(source)
    mapping = read_mapping(columns, table.columns) if columns else mapping_of(None, table.columns)
    engine = engine_of(table)
    query = query_of(table, law, engine, mapping, on)
    table.get_backend().to_parquet(query.result(), str(target))
    return tally_of(query, engine), mapping


def spark_connection() -> Any:
    """The Spark session that is there, or one on this machine; ``SPARK_REMOTE`` and spark-submit name a cluster.

    Raises
    ------
    BadInput
        When Spark is not installed.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise BadInput("Spark is not installed", expected="pip install 'orepass[spark]'") from None
    builder = SparkSession.builder.appName("orepass")
    if "SPARK_REMOTE" not in os.environ and "PYSPARK_GATEWAY_PORT" not in os.environ:  # nobody named a cluster
        builder = builder.config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
        builder = builder.config("spark.ui.enabled", "false")
    return ibis.pyspark.connect(builder.getOrCreate())


def _in_spark(table: Any) -> Any:
    connection = spark_connection()
    if isinstance(table, str | Path):
        return connection.read_parquet(str(table))
    name = f"orepass_screened_{uuid4().hex}"
    connection._session.createDataFrame(arrow_of(table)).createOrReplaceTempView(name)
    return connection.table(name)
