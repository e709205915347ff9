"""A table of goods lines -> the same table with an answer a row. One determination a row; a bad row keeps its error and stops nothing.

The column names are those of the transaction's fields (``docs/transaction.md``); missing columns are unknown. Every input column and row
comes back in its order, with ``outcome, conditions, codes, questions, reasons, error, law`` added.
"""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from orepass.determination.determine import Determination, determine
from orepass.determination.transaction import Transaction, transaction
from orepass.errors import BadInput
from orepass.goods.parameters import ELEMENTS, parameters
from orepass.law.timeline import Law

RESULT_COLUMNS = ("outcome", "conditions", "codes", "questions", "reasons", "error", "law")
LINE_COLUMNS = ("description", "kind", "entry", "hs", "quantity", "unit", "value", "currency")
ROUTE_COLUMNS = ("date", "known", "act", "from", "to", "origin", "via")
PARTY_COLUMNS = (
    "consignee",
    "consignee_country",
    "end_user",
    "end_user_country",
    "end_user_military",
    "end_user_owner",
    "end_user_owner_share",
)
USE_COLUMNS = ("end_use", "end_use_military", "purpose")
TEXT_COLUMNS = frozenset({"hs", "description", "entry", "via", "consignee", "end_user", "end_user_owner", "end_use"})
FORMATS = (".csv", ".xlsx", ".parquet")

Row = Mapping[str, Any]


class Table(NamedTuple):
    """A table as read: its columns in order and its rows."""

    columns: tuple[str, ...]
    rows: list[dict[str, Any]]


class Screened(NamedTuple):
    """One row's answer: the result columns, and the determination behind them unless the row had an error."""

    result: dict[str, str]
    determination: Determination | None


def known_columns() -> frozenset[str]:
    """Every column name that is read."""
    facts = {p.name for p in parameters().values() if p.of == "line"}
    return frozenset({*LINE_COLUMNS, *ROUTE_COLUMNS, *PARTY_COLUMNS, *USE_COLUMNS, *facts})


def is_read(column: str) -> bool:
    """Whether a column of that name is read."""
    head, _, element = column.partition(".")
    return column in known_columns() or (head == "content_wt_pct" and element in ELEMENTS)


def row_to_document(row: Row) -> dict[str, Any]:
    """One row as a transaction document; empty cells are unknown."""
    given = {name: value for name, value in row.items() if not _empty(value)}
    line: dict[str, Any] = {name: given[name] for name in LINE_COLUMNS if name in given}
    facts = {name: value for name, value in given.items() if is_read(name) and name not in _NOT_FACTS}
    if facts:
        line["facts"] = facts
    document: dict[str, Any] = {name: given[name] for name in ROUTE_COLUMNS if name in given}
    document["lines"] = [line]
    parties = list(_parties(given))
    if parties:
        document["parties"] = parties
    use = {
        field: given[column]
        for column, field in (("end_use", "text"), ("end_use_military", "military"), ("purpose", "purpose"))
        if column in given
    }
    if use:
        document["end_use"] = use
    return document


_NOT_FACTS = frozenset({*LINE_COLUMNS, *ROUTE_COLUMNS, *PARTY_COLUMNS, *USE_COLUMNS})


def _empty(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value)) or (isinstance(value, str) and not value.strip())


def _parties(given: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    if "consignee" in given or "consignee_country" in given:
        yield {"role": "consignee", "name": given.get("consignee", ""), "country": given.get("consignee_country")}
    if any(name in given for name in PARTY_COLUMNS if name.startswith("end_user")):
        party: dict[str, Any] = {
            "role": "end_user",
            "name": given.get("end_user", ""),
            "country": given.get("end_user_country"),
            "military": given.get("end_user_military"),
        }
        if "end_user_owner" in given:
            share = given.get("end_user_owner_share")
            party["owners"] = [{"name": given["end_user_owner"], **({"share": _share(share)} if share is not None else {})}]
        yield party


def _share(value: Any) -> Any:
    """A share from 0 to 1, or two with a dash between them."""
    if isinstance(value, str):
        text = value.strip()
        parts = [part.strip().removesuffix("%") for part in text.replace("–", "-").split("-")]
        try:
            numbers = [float(part) / (100 if "%" in text else 1) for part in parts]
        except ValueError:
            return value
        return numbers if len(numbers) == 2 else numbers[0] if len(numbers) == 1 else value
    return value


def screen_row(row: Row, law: Law) -> Screened:
    """The answer for one row."""
    try:
        read: Transaction = transaction(row_to_document(row))
        answer = determine(read, law)
    except BadInput as error:
        return Screened(dict.fromkeys(RESULT_COLUMNS, "") | {"error": _without_line(error.sentence), "law": law.version}, None)
    line = answer.lines[0]
    codes = [hit.entry.code for hit in line.hits if hit.entry.entry.list == "dual-use" and (hit.value > 1 or answer.outcome == "needs_facts")]
    return Screened(
        {
            "outcome": answer.outcome,
            "conditions": "; ".join(answer.conditions),
            "codes": "; ".join(codes),
            "questions": "; ".join(question.text for question in answer.questions),
            "reasons": "; ".join(reason.rule for reason in answer.reasons),
            "error": "",
            "law": law.version,
        },
        answer,
    )


def _without_line(sentence: str) -> str:
    """A row has one line, so its number says nothing."""
    return sentence.removeprefix("line 1, ").removeprefix("line 1: ")


def screen_table(table: Table, law: Law, progress: Callable[[int], None] | None = None) -> list[Screened]:
    """Every row's answer, in order."""
    answers: list[Screened] = []
    for count, row in enumerate(table.rows, 1):
        answers.append(screen_row(row, law))
        if progress:
            progress(count)
    return answers


def read_table(path: Path) -> Table:
    """Read a CSV, XLSX or Parquet file; cells stay as they are, customs numbers as text.

    Raises
    ------
    BadInput
        When the file cannot be read as a table, holds no rows, or names a column twice.
    """
    if not path.exists():
        raise BadInput("there is no such file", where=str(path), expected="a CSV, XLSX or Parquet file")
    readers: dict[str, Callable[[Path], tuple[Sequence[str], Iterable[Sequence[Any]]]]] = {
        ".csv": _read_csv,
        ".xlsx": _read_xlsx,
        ".parquet": _read_parquet,
    }
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise BadInput(f"{path.suffix or 'no ending'} is no kind of table that we read", where=str(path), expected="a name ending in .csv, .xlsx or .parquet")
    header, body = reader(path)
    columns = tuple(str(name).strip() for name in header)
    seen: set[str] = set()
    for number, name in enumerate(columns, 1):
        if not name:
            raise BadInput(f"column {number} has no name", where=f"{path}, row 1", expected="a name in every cell of the header")
        if name in seen:
            raise BadInput(f"column {name!r} stands there twice", where=f"{path}, row 1", expected="each name once", remedy="rename or remove one of them")
        if name in RESULT_COLUMNS:
            raise BadInput(f"column {name!r} is one that we add", where=f"{path}, row 1", expected="another name", remedy="rename it, so that nothing is overwritten")
        seen.add(name)
    rows: list[dict[str, Any]] = []
    for number, cells in enumerate(body, 2):
        if len(cells) > len(columns):
            raise BadInput(f"the row has {len(cells)} cells, the header {len(columns)}", where=f"{path}, row {number}", expected="as many cells as the header has", remedy="put quotes around cells that hold a comma")
        rows.append(dict(zip(columns, [*cells, *[None] * (len(columns) - len(cells))], strict=True)))
    if not rows:
        raise BadInput("the table holds no rows", where=str(path), expected="a header and at least one row")
    if not any(is_read(name) for name in columns):
        raise BadInput("no column bears a name that we read", where=f"{path}, row 1", expected="date, to, description, hs and others", remedy="see docs/transaction.md for the names")
    return Table(columns, rows)


def _read_csv(path: Path) -> tuple[Sequence[str], Iterable[Sequence[Any]]]:
    data = path.read_bytes()
    if b"\x00" in data[:4096]:
        raise BadInput("the file is not text", where=str(path), expected="a CSV file in UTF-8 or GB 18030")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise BadInput("the text is in no encoding that we read", where=str(path), expected="UTF-8 or GB 18030")
    try:
        rows = [row for row in csv.reader(text.splitlines(keepends=True)) if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise BadInput(f"the text is not CSV ({error})", where=str(path), expected="cells parted by commas") from None
    return (rows[0], rows[1:]) if rows else ([], [])


def _read_xlsx(path: Path) -> tuple[Sequence[str], Iterable[Sequence[Any]]]:
    import python_calamine

    try:
        rows = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    except Exception as error:  # calamine raises its own kinds for every sort of broken file
        raise BadInput(f"the file is not an Excel workbook ({error})", where=str(path), expected="a workbook with a table on its first sheet") from None
    body = [[_excel_cell(cell) for cell in row] for row in rows if any(not _empty(cell) for cell in row)]
    return ([str(cell) if cell is not None else "" for cell in body[0]], body[1:]) if body else ([], [])


def _excel_cell(cell: Any) -> Any:
    """Excel keeps whole numbers as fractions; a customs number must not end in .0."""
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    return None if cell == "" else cell


def _read_parquet(path: Path) -> tuple[Sequence[str], Iterable[Sequence[Any]]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)  # pyright: ignore[reportUnknownMemberType]
    except (pa.ArrowInvalid, OSError) as error:
        raise BadInput(f"the file is not Parquet ({str(error).splitlines()[0]})", where=str(path), expected="a Parquet file") from None
    columns = [column.to_pylist() for column in table.columns]
    return table.column_names, list(zip(*columns, strict=True)) if columns else []


def write_table(table: Table, answers: Sequence[Screened], path: Path) -> None:
    """Write the input with the result columns, all or nothing: a half-written file never bears the name asked for.

    Raises
    ------
    BadInput
        When the name has no ending that we write, or the folder cannot be written to.
    """
    columns = (*table.columns, *RESULT_COLUMNS)
    writers: dict[str, Callable[[Path, Sequence[str], list[list[Any]]], None]] = {
        ".csv": _write_csv,
        ".xlsx": _write_xlsx,
        ".parquet": _write_parquet,
    }
    writer = check_output(path, writers)
    rows = [
        [*(row[name] for name in table.columns), *(answer.result[name] for name in RESULT_COLUMNS)]
        for row, answer in zip(table.rows, answers, strict=True)
    ]
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        writer(part, columns, rows)
        part.replace(path)
    except OSError as error:
        raise BadInput(f"the file cannot be written ({error.strerror})", where=str(path), expected="a folder that exists and can be written to") from None
    finally:
        part.unlink(missing_ok=True)


def check_output(path: Path, writers: Mapping[str, Any] | None = None) -> Any:
    """Refuse an output that could not be written, before the work is done."""
    known = writers if writers is not None else dict.fromkeys(FORMATS)
    if path.suffix.lower() not in known:
        raise BadInput(f"{path.suffix or 'no ending'} is no kind of table that we write", where=str(path), expected="a name ending in .csv, .xlsx or .parquet")
    if not path.parent.is_dir():
        raise BadInput("the folder does not exist", where=str(path), expected="a folder that exists", remedy=f"make {path.parent} first")
    return known[path.suffix.lower()]


def _text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value


def _write_csv(path: Path, columns: Sequence[str], rows: list[list[Any]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(columns)
        writer.writerows([["" if cell is None else _text(cell) for cell in row] for row in rows])


COLOURS = {
    "prohibited": "#F4B6B0",
    "refusal_presumed": "#F7CDB0",
    "licence_required": "#FBE5A8",
    "law_unknown": "#DCD3EE",
    "needs_facts": "#CFE0F5",
    "exempt": "#D5EDDA",
    "not_controlled": "#E6F4E8",
}


def _write_xlsx(path: Path, columns: Sequence[str], rows: list[list[Any]]) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(str(path), {"in_memory": True, "strings_to_numbers": False}) as book:
        sheet = book.add_worksheet("orepass")
        bold = book.add_format({"bold": True})
        fills = {outcome: book.add_format({"bg_color": colour}) for outcome, colour in COLOURS.items()}
        place = list(columns).index("outcome")
        for column, name in enumerate(columns):
            sheet.write_string(0, column, name, bold)
        for number, row in enumerate(rows, 1):
            for column, cell in enumerate(row):
                value = _text(cell)
                fill = fills.get(str(value)) if column == place else None
                if isinstance(value, bool):
                    sheet.write_boolean(number, column, value)
                elif isinstance(value, int | float) and not (isinstance(value, float) and math.isnan(value)):
                    sheet.write_number(number, column, value)
                elif value is not None:
                    sheet.write_string(number, column, str(value), fill)
        sheet.freeze_panes(1, 0)
        sheet.autofit()


def _write_parquet(path: Path, columns: Sequence[str], rows: list[list[Any]]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    cells = list(zip(*rows, strict=True))
    arrays: dict[str, Any] = {}
    for name, values in zip(columns, cells, strict=True):
        try:
            arrays[name] = pa.array(values)
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            arrays[name] = pa.array([None if v is None else str(_text(v)) for v in values])
    pq.write_table(pa.table(arrays), path)  # pyright: ignore[reportUnknownMemberType]
