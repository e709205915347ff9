"""The same decision as a query, for tables that live in a data engine: DuckDB, Spark, and whatever else Ibis speaks to.

Each column is joined to the small table of its values with the code of what each stands for; the codes of a row make one number, its cell;
the cells that occur come here and are decided; the decisions go back as a table that is joined to the rows. Nothing else leaves the engine,
and every value, what is missing and what cannot be read included, is judged by the same Python as one transaction.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportUnknownLambdaType=false

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple, Protocol
from uuid import uuid4

import ibis as _ibis  # pyright: ignore[reportMissingTypeStubs]
import pyarrow as pa  # pyright: ignore[reportMissingTypeStubs]

from orepass.determination.cells import IGNORED, MEASURED, PLAIN_NUMBER, Values
from orepass.determination.columns import Mapping as ColumnMapping
from orepass.determination.columns import guess, of_names
from orepass.determination.decisions import Decisions
from orepass.determination.results import FREE, REASON_COLUMNS
from orepass.determination.rows import DECIDED_COLUMNS, RESULT_COLUMNS
from orepass.determination.tally import Tally, tally
from orepass.errors import BadInput
from orepass.goods.bins import SHARE, Bins
from orepass.law.timeline import Law

ibis: Any = _ibis

WIDEST = 2**62
"""Cells are numbered below this; more columns than fit make a second number."""


class Engine(Protocol):
    """What a data engine has to do for us."""

    def place(self, name: str, table: Any) -> Any:
        """Put a small Arrow table where queries can join it, as an Ibis table."""
        ...

    def fetch(self, query: Any) -> Any:
        """The rows of a small query, as an Arrow table."""
        ...


class OfIbis:
    """Any engine that Ibis is connected to."""

    def place(self, name: str, table: Any) -> Any:
        """A table in memory, which Ibis carries to the engine."""
        return ibis.memtable(table)

    def fetch(self, query: Any) -> Any:
        """The rows of a query."""
        return query.to_pyarrow()


class Query(NamedTuple):
    """A table with the number of each row's decision, and the decisions as a table.

    ``numbered`` has every column of the input and ``orepass_decision``; ``answers`` has one row for each decision.
    """

    numbered: Any
    answers: Any
    decisions: Decisions
    mapping: ColumnMapping
    inputs: tuple[str, ...]

    def result(self) -> Any:
        """Every input column with the columns of the answer."""
        joined = self.numbered.join(self.answers, self.numbered[NUMBER] == self.answers["a_number"])
        said = {name: joined[f"a_{name}"].nullif("") for name in DECIDED_COLUMNS}
        said["law"] = _literal(self.decisions.law.version)
        return joined.select(
            **{name: joined[name] for name in self.inputs}, **{name: said[name] for name in RESULT_COLUMNS}
        )

    def reasons(self, engine: Engine, key: Sequence[str]) -> Any:
        """One row for each rule behind each row that is not free, with the columns that name the row."""
        rows: list[dict[str, Any]] = []
        for number, decision in enumerate(self.decisions.made):
            if decision.outcome != FREE and not decision.error:
                answer = {"r_number": number, "outcome": decision.outcome, "codes": decision.cells[2]}
                rows += [{**answer, **{n: getattr(rule, n) for n in REASON_COLUMNS[3:]}} for rule in decision.rules]
        names = ("r_number", *REASON_COLUMNS[1:])
        arrays = {n: pa.array([row[n] for row in rows], pa.int64() if n == "r_number" else pa.string()) for n in names}
        placed = engine.place(f"orepass_reasons_{uuid4().hex[:8]}", pa.table(arrays))
        joined = self.numbered.join(placed, self.numbered[NUMBER] == placed["r_number"])
        return joined.select(*(joined[name] for name in key), *(joined[name] for name in REASON_COLUMNS[1:]))


NUMBER = "orepass_decision"


def query_of(
    table: Any,
    law: Law,
    engine: Engine,
    mapping: ColumnMapping | None = None,
    on: date | None = None,
) -> Query:
    """Decide a table where it lives.

    Parameters
    ----------
    table
        An Ibis table.
    law
        The law.
    engine
        How small tables get in and small results out.
    mapping
        Names under which columns are read; guessed unless they are given.
    on
        The day of rows that have none.
    """
    names = tuple(table.columns)
    taken = [name for name in names if name in RESULT_COLUMNS or name == NUMBER]
    if taken:
        raise BadInput(f"column {taken[0]!r} is one that we add", where="the table", expected="another name")
    mapping = mapping or guess(names)
    if not mapping.of:
        raise BadInput("no column bears a name that we read", where="the table", expected="date, to, description, hs")
    decisions = Decisions(law)
    read = {name: column for column, name in mapping.of.items() if name not in IGNORED}
    if on is not None and "date" not in read:
        read = {"date": "", **read}
    decisions.cells.expect(read)
    run = uuid4().hex[:8]  # small tables of one query are never those of another
    coded, codes = table, list[_Coded]()
    for place, (name, column) in enumerate(read.items()):
        exact = name == "date" and "known" in read
        coded, code = _code(coded, read, name, column, place, decisions, engine, run, exact=exact, on=on)
        codes.append(code)
    keys = _keys(codes)
    cells = coded.select(**keys).distinct()
    found = engine.fetch(cells)
    rows = list(zip(*(found[key].to_pylist() for key in keys), strict=True)) if found.num_rows else []
    columns = tuple(read)
    numbers = [decisions.decide(columns, _cell(row, keys, codes)) for row in rows]
    where = {f"d_{key}": pa.array([row[at] for row in rows], pa.int64()) for at, key in enumerate(keys)}
    cell_table = engine.place(f"orepass_cells_{run}", pa.table({**where, "d_number": pa.array(numbers, pa.int64())}))
    keyed = coded.mutate(**keys)
    joined = keyed.join(cell_table, [keyed[key] == cell_table[f"d_{key}"] for key in keys])
    numbered = joined.select(*(joined[name] for name in names), joined["d_number"].name(NUMBER))
    answers: dict[str, Any] = {"a_number": pa.array(range(len(decisions.made)), pa.int64())}
    texts = zip(*(decision.cells for decision in decisions.made), strict=True)
    answers |= {f"a_{name}": pa.array(column, pa.string()) for name, column in zip(DECIDED_COLUMNS, texts, strict=True)}
    return Query(numbered, engine.place(f"orepass_answers_{run}", pa.table(answers)), decisions, mapping, names)


class _Coded(NamedTuple):
    """One column: the expression of its code, and the value that each code stands for."""

    code: Any
    values: list[Any]


def _code(
    coded: Any,
    read: Mapping[str, str],
    name: str,
    column: str,
    place: int,
    decisions: Decisions,
    engine: Engine,
    run: str,
    *,
    exact: bool,
    on: date | None,
) -> tuple[Any, _Coded]:
    """Join a column to the codes of its values."""
    absent = on if name == "date" else None
    if not column:
        return coded, _Coded(ibis.literal(0, "int64"), [absent])
    value = _value(coded, read, name, column, decisions)
    given = f"orepass_v{place}"
    coded = coded.mutate(**{given: value})
    found = engine.fetch(coded.select(coded[given]).distinct())[given]
    cells = [cell for cell in found.to_pylist() if cell is not None]
    values = Values(absent)
    if name == "description":
        decisions.cells.read_ahead(cells)
    pairs = [(cell, values.code(cell if exact else decisions.cells.reduce(name, cell))) for cell in cells]
    usual = Counter(code for _, code in pairs).most_common(1)[0][0] if pairs else 0
    special = [(cell, code) for cell, code in pairs if code != usual]
    plain = ibis.ifelse(coded[given].isnull(), 0, usual).cast("int64")
    if not special:
        return coded, _Coded(plain, values.known)
    codes = pa.table(
        {
            f"m_value{place}": pa.array([cell for cell, _ in special], found.type),
            f"m_code{place}": pa.array([code for _, code in special], pa.int64()),
        }
    )
    table = engine.place(f"orepass_values_{place}_{run}", codes)
    joined = coded.left_join(table, coded[given] == table[f"m_value{place}"])
    code = ibis.coalesce(joined[f"m_code{place}"], ibis.ifelse(joined[given].isnull(), 0, usual).cast("int64"))
    coded = joined.mutate(**{f"orepass_c{place}": code}).drop(given, f"m_value{place}", f"m_code{place}")
    return coded, _Coded(coded[f"orepass_c{place}"], values.known)


def _value(coded: Any, read: Mapping[str, str], name: str, column: str, decisions: Decisions) -> Any:
    """A column without what can make no difference: not-a-number, measures that can be read, places between limits."""
    value = coded[column]
    kind = value.type()
    if kind.is_floating():
        value = ibis.ifelse(value.isnan(), ibis.null(kind), value)
    if name in MEASURED:
        if kind.is_numeric():
            return ibis.ifelse(value < 0, value, ibis.null(kind))
        if kind.is_string():
            return ibis.ifelse(value.re_search(PLAIN_NUMBER), ibis.null(kind), value)
    if kind.is_timestamp() and kind.timezone is None:
        return value.date()
    bins = decisions.cells.bins.get(name)
    if bins is not None and kind.is_floating():
        return _binned(value, bins, coded, read, name)
    return value


def _binned(value: Any, bins: Bins, coded: Any, read: Mapping[str, str], name: str) -> Any:
    free = value.notnull()
    if name == "purity_pct":
        if any(other.startswith(SHARE) for other in read):
            return value
        if "description" in read:
            free = coded[read["description"]].isnull()
    edges = (bins.low, *bins.limits, bins.high)
    cases: list[tuple[Any, Any]] = []
    for below, above, stands in zip(edges, edges[1:], bins.stand_ins, strict=False):
        inside = free & (value > below)
        cases.append((inside & (value < above) if above < float("inf") else inside, ibis.literal(stands, "float64")))
    return ibis.cases(*cases, else_=value)


def _keys(codes: list[_Coded]) -> dict[str, Any]:
    """The numbers that name a cell: the codes of its columns in one, or in more where one would grow too large."""
    keys: dict[str, Any] = {}
    for group, places in enumerate(_groups([len(code.values) for code in codes])):
        key = codes[places[0]].code
        for place in places[1:]:
            key = key * len(codes[place].values) + codes[place].code
        keys[f"orepass_k{group}"] = key
    return keys


def _groups(sizes: list[int]) -> list[list[int]]:
    groups: list[list[int]] = []
    width = WIDEST
    for place, size in enumerate(sizes):
        if width * size >= WIDEST:
            groups.append([])
            width = 1
        groups[-1].append(place)
        width *= size
    return groups


def _cell(row: Sequence[int], keys: Iterable[str], codes: list[_Coded]) -> list[Any]:
    """The values of a cell from its numbers."""
    cell: list[Any] = [None] * len(codes)
    for key, places in zip(row, _groups([len(code.values) for code in codes]), strict=True):
        for place in reversed(places):
            key, code = divmod(key, len(codes[place].values))
            cell[place] = codes[place].values[code]
    return cell


def _literal(text: str) -> Any:
    return ibis.literal(text, "string")


def tally_of(query: Query, engine: Engine) -> Tally:
    """What the rows add up to, counted by the engine."""
    counts = engine.fetch(query.numbered.group_by(NUMBER).aggregate(rows=query.numbered.count()))
    made = query.decisions.made
    pairs = zip(counts[NUMBER].to_pylist(), counts["rows"].to_pylist(), strict=True)
    return tally(((made[number], rows) for number, rows in pairs), query.decisions.law)


def mapping_of(columns: Mapping[str, str | None] | None, names: Sequence[str]) -> ColumnMapping:
    """Columns as named, or as guessed."""
    return of_names(dict(columns), names) if columns is not None else guess(names)
