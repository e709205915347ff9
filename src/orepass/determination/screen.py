"""Screen a table: each row gets the answer that one determination would give it, at the speed of the data engine."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from orepass.determination.columns import Mapping as ColumnMapping
from orepass.determination.columns import of_names
from orepass.determination.decisions import Decisions
from orepass.determination.plan import Plan, plan_of, sample_of
from orepass.determination.results import Results
from orepass.determination.run import columns_out, counted, decided_chunks
from orepass.determination.tally import Tally, tally
from orepass.errors import BadInput
from orepass.law.timeline import Law
from orepass.tables.frames import FrameSource, arrow_of
from orepass.tables.open import open_table

Engine = Literal["auto", "numpy", "duckdb", "spark"]


@dataclass
class Screening:
    """A screened table.

    Attributes
    ----------
    table
        Every input column and row in its order, with ``outcome, conditions, codes, questions, reasons, error, law, missing``: an Arrow
        table, or from a data engine an Ibis expression that is worked out when it is read (rows then come as the engine gives them).
    tally
        What the rows add up to.
    version
        The rule book's version, which every row carries as ``law``.
    mapping
        How the columns were read.
    """

    table: Any
    tally: Tally
    version: str
    mapping: ColumnMapping
    _reasons: Callable[[], Any] = field(repr=False)

    @property
    def reasons(self) -> Any:
        """One row for each rule behind each row that is not free, made when it is asked for."""
        return self._reasons()


def screen(
    table: Any,
    law: Law | None = None,
    *,
    engine: Engine = "auto",
    columns: Mapping[str, str | None] | None = None,
    on: date | None = None,
) -> Screening:
    """Screen a table: the answer of :func:`orepass.determine` for each row.

    Parameters
    ----------
    table
        A path (CSV, XLSX, Parquet, a folder of Parquet files), an Arrow table, a pandas or Polars frame, a DuckDB relation, an Ibis table.
        One goods line a row; ``docs/transaction.md`` names the columns.
    law
        The law; the packaged one unless it is given.
    engine
        ``numpy``: the embedded kernel. ``duckdb``, ``spark``: the same decision as a query on that engine; an Ibis table is answered where
        it lives. ``auto``: an Ibis table where it lives, anything else by the kernel.
    columns
        Names under which columns are read, ``None`` for one that is not; others are guessed.
    on
        The day of rows that have none.

    Raises
    ------
    BadInput
        When the table cannot be read, or no column bears a name that we read.

    Examples
    --------
    >>> import pyarrow as pa
    >>> rows = pa.table({"date": ["2025-01-20"], "to": ["US"], "description": ["antimony ingot 99.65%"]})
    >>> screen(rows).table["outcome"].to_pylist()
    ['refusal_presumed']
    """
    if engine not in get_args(Engine):
        raise BadInput(f"{engine!r} is no engine", expected="one of " + ", ".join(get_args(Engine)))
    law = law or Law.load()
    of_engine = type(table).__module__.startswith("ibis.") and type(table.op()).__name__ != "InMemoryTable"
    if engine in {"duckdb", "spark"} or (of_engine and engine == "auto"):
        return _by_query(table, law, engine, columns, on)
    source = open_table(table) if isinstance(table, str | Path) else FrameSource(arrow_of(table))
    mapping = of_names(dict(columns), source.columns, sample_of(source), source.files) if columns is not None else None
    return screen_plan(plan_of(source, mapping, on=on), law)


def _by_query(
    table: Any, law: Law, engine: Engine, columns: Mapping[str, str | None] | None, on: date | None
) -> Screening:
    """Screen a table on a data engine; rows stay there until somebody reads them."""
    from orepass.determination.engines import engine_of, query_on
    from orepass.determination.sql import tally_of

    query = query_on(table, law, engine, columns, on)
    place = engine_of(query.numbered)
    return Screening(
        query.result(), tally_of(query, place), law.version, query.mapping, lambda: query.reasons(place, query.inputs)
    )


def screen_plan(plan: Plan, law: Law) -> Screening:
    """Screen a table that fits in memory with the embedded kernel."""
    import pyarrow as pa  # pyright: ignore[reportMissingTypeStubs]

    decisions = Decisions(law)
    results = Results(decisions)
    pieces: list[Any] = []
    numbers: list[Any] = []
    for _, chunk, decided in decided_chunks(plan, decisions, None):
        pieces.append(pa.table({**columns_out(plan, chunk), **results.columns(decided)}))
        numbers.append(decided)
    every = np.concatenate(numbers)

    def reasons() -> Any:
        return pa.table(results.reasons(every, 1))

    return Screening(
        pa.concat_tables(pieces, promote_options="permissive").unify_dictionaries(),
        tally(counted(decisions, Counter(every.tolist())), law),
        law.version,
        plan.mapping,
        reasons,
    )
