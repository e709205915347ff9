"""Tables in and out: CSV, XLSX and Parquet, read as they stand and written all or nothing."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import csv
import math
import os
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from orepass.determination.screen import RESULT_COLUMNS, Screened, Table, is_empty, is_read
from orepass.errors import BadInput

FORMATS = (".csv", ".xlsx", ".parquet")


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
        raise BadInput(
            f"{path.suffix or 'no ending'} is no kind of table that we read",
            where=str(path),
            expected="a name ending in .csv, .xlsx or .parquet",
        )
    header, body = reader(path)
    columns = tuple(str(name).strip() for name in header)
    seen: set[str] = set()
    for number, name in enumerate(columns, 1):
        if not name:
            raise BadInput(
                f"column {number} has no name", where=f"{path}, row 1", expected="a name in every cell of the header"
            )
        if name in seen:
            raise BadInput(
                f"column {name!r} stands there twice",
                where=f"{path}, row 1",
                expected="each name once",
                remedy="rename or remove one of them",
            )
        if name in RESULT_COLUMNS:
            raise BadInput(
                f"column {name!r} is one that we add",
                where=f"{path}, row 1",
                expected="another name",
                remedy="rename it, so that nothing is overwritten",
            )
        seen.add(name)
    rows: list[dict[str, Any]] = []
    for number, cells in enumerate(body, 2):
        if len(cells) > len(columns):
            raise BadInput(
                f"the row has {len(cells)} cells, the header {len(columns)}",
                where=f"{path}, row {number}",
                expected="as many cells as the header has",
                remedy="put quotes around cells that hold a comma",
            )
        rows.append(dict(zip(columns, [*cells, *[None] * (len(columns) - len(cells))], strict=True)))
    if not rows:
        raise BadInput("the table holds no rows", where=str(path), expected="a header and at least one row")
    if not any(is_read(name) for name in columns):
        raise BadInput(
            "no column bears a name that we read",
            where=f"{path}, row 1",
            expected="date, to, description, hs and others",
            remedy="see docs/transaction.md for the names",
        )
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
        rows = list(csv.reader(text.splitlines(keepends=True), delimiter=_delimiter(text), strict=True))
    except csv.Error as error:
        raise BadInput(f"the text is not CSV ({error})", where=str(path), expected="cells parted by commas") from None
    return _header_and_body(rows)


def _delimiter(text: str) -> str:
    """What parts the cells: a comma, unless the header has none and a semicolon or a tab instead."""
    header = text.split("\n", 1)[0]
    return next((sign for sign in (",", ";", "\t") if sign in header), ",")


def _header_and_body(rows: Sequence[Sequence[Any]]) -> tuple[Sequence[Any], Sequence[Sequence[Any]]]:
    """The first row that says something, and the rows after it; blank rows at the end are no rows."""
    filled = [number for number, row in enumerate(rows) if any(not is_empty(cell) for cell in row)]
    return (rows[filled[0]], rows[filled[0] + 1 : filled[-1] + 1]) if filled else ([], [])


def _read_xlsx(path: Path) -> tuple[Sequence[str], Iterable[Sequence[Any]]]:
    import python_calamine

    try:
        rows = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    except Exception as error:  # calamine raises its own kinds for every sort of broken file
        raise BadInput(
            f"the file is not an Excel workbook ({error})",
            where=str(path),
            expected="a workbook with a table on its first sheet",
        ) from None
    header, body = _header_and_body([[_excel_cell(cell) for cell in row] for row in rows])
    return [str(cell) if cell is not None else "" for cell in header], body


def _excel_cell(cell: Any) -> Any:
    """Excel keeps whole numbers as fractions; a customs number must not end in .0."""
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    return None if cell == "" else cell


def _read_parquet(path: Path) -> tuple[Sequence[str], Iterable[Sequence[Any]]]:
    import pyarrow as pa  # pyright: ignore[reportMissingTypeStubs]
    import pyarrow.parquet as pq  # pyright: ignore[reportMissingTypeStubs]

    try:
        table = pq.read_table(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise BadInput(
            f"the file is not Parquet ({str(error).splitlines()[0]})", where=str(path), expected="a Parquet file"
        ) from None
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
    check_output(path)
    writer = _WRITERS[path.suffix.lower()]
    rows = [
        [*(row[name] for name in table.columns), *(answer.result[name] for name in RESULT_COLUMNS)]
        for row, answer in zip(table.rows, answers, strict=True)
    ]
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        writer(part, columns, rows)
        part.replace(path)
    except OSError as error:
        raise BadInput(
            f"the file cannot be written ({error.strerror})",
            where=str(path),
            expected="a folder that exists and can be written to",
        ) from None
    finally:
        part.unlink(missing_ok=True)


def check_output(path: Path) -> None:
    """Refuse an output that could not be written, before the work is done."""
    if path.suffix.lower() not in FORMATS:
        raise BadInput(
            f"{path.suffix or 'no ending'} is no kind of table that we write",
            where=str(path),
            expected="a name ending in .csv, .xlsx or .parquet",
        )
    if not path.parent.is_dir():
        raise BadInput(
            "the folder does not exist",
            where=str(path),
            expected="a folder that exists",
            remedy=f"make {path.parent} first",
        )


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
    import xlsxwriter  # pyright: ignore[reportMissingTypeStubs]

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
    import pyarrow as pa  # pyright: ignore[reportMissingTypeStubs]
    import pyarrow.parquet as pq  # pyright: ignore[reportMissingTypeStubs]

    cells = list(zip(*rows, strict=True))
    arrays: dict[str, Any] = {}
    for name, values in zip(columns, cells, strict=True):
        try:
            arrays[name] = pa.array(values)
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            arrays[name] = pa.array([None if v is None else str(_text(v)) for v in values])
    pq.write_table(pa.table(arrays), path)


_WRITERS: dict[str, Callable[[Path, Sequence[str], list[list[Any]]], None]] = {
    ".csv": _write_csv,
    ".xlsx": _write_xlsx,
    ".parquet": _write_parquet,
}
