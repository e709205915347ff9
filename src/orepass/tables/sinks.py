"""Tables out, chunk by chunk."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import base64
import csv
import errno
import math
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa  # pyright: ignore[reportMissingTypeStubs]
import pyarrow.parquet as pq  # pyright: ignore[reportMissingTypeStubs]

from orepass.errors import BadInput
from orepass.tables.chunks import Column, as_arrow, as_text
from orepass.tables.excel import MOST_ROWS

GROUP_ROWS = 1 << 19
"""Rows in a row group that we write."""


class Sink(Protocol):
    """Where chunks go."""

    def write(self, columns: Mapping[str, Column]) -> None:
        """Add rows."""
        ...

    def close(self) -> None:
        """Finish the file."""
        ...


@contextmanager
def writing(path: Path) -> Generator[None]:
    """Turn what a full disk or a closed folder says into one sentence.

    Raises
    ------
    BadInput
        Naming the file and what to do.
    """
    try:
        yield
    except OSError as error:
        full = error.errno == errno.ENOSPC or "No space left" in str(error)
        raise BadInput(
            "the disk is full" if full else f"the file cannot be written ({error.strerror or error})",
            where=str(path),
            expected="room for the output" if full else "a folder that exists and can be written to",
            remedy="make room, then go on with --resume" if full else "",
        ) from None


class ParquetSink:
    """A Parquet file.

    Parameters
    ----------
    path
        Where to write.
    types
        Types that columns had before they were read as dictionaries; they are what a reader of the file gets back.
    """

    def __init__(self, path: Path, types: Mapping[str, Any] | None = None) -> None:
        self._path = path
        self._types = dict(types or {})
        self._writer: Any = None

    def write(self, columns: Mapping[str, Column]) -> None:
        """Add rows."""
        table = pa.table({name: as_arrow(column, self._types.get(name)) for name, column in columns.items()})
        if self._writer is None:
            words = [f.name for f in table.schema if pa.types.is_dictionary(f.type)]
            few = [f.name for f in table.schema if f.name not in words and _repeats(table[f.name])]
            # statistics of long texts cost as much as the writing of all the rest
            other = [f.name for f in table.schema if f.name not in words and not pa.types.is_nested(f.type)]
            how: dict[str, Any] = {"use_dictionary": [*words, *few], "write_statistics": other}
            self._writer = pq.ParquetWriter(self._path, table.schema, store_schema=False, **how)
            plain = pa.schema([pa.field(f.name, self._types.get(f.name, _plain(f.type))) for f in table.schema])
            stored = base64.b64encode(plain.serialize().to_pybytes())
            self._writer.add_key_value_metadata({"ARROW:schema": stored.decode()})
        elif table.schema != self._writer.schema:
            table = table.cast(self._writer.schema)
        self._writer.write_table(table, row_group_size=GROUP_ROWS)

    def close(self) -> None:
        """Finish the file."""
        if self._writer is not None:
            self._writer.close()


_LOOK = 1 << 15
_OFTEN = 8


def _repeats(column: Any) -> bool:
    """Whether values come again so often that a dictionary is worth its while."""
    if pa.types.is_nested(column.type) or pa.types.is_null(column.type):
        return False
    start = column.slice(0, _LOOK)
    return len(start.unique()) * _OFTEN <= len(start)


def _plain(kind: Any) -> Any:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


class CsvSink:
    """A CSV file in UTF-8 with the mark that Excel looks for."""

    def __init__(self, path: Path) -> None:
        self._handle = path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._handle)
        self._begun = False

    def write(self, columns: Mapping[str, Column]) -> None:
        """Add rows."""
        if not self._begun:
            self._writer.writerow(list(columns))
            self._begun = True
        cells = [["" if cell is None else as_text(cell) for cell in _list(column)] for column in columns.values()]
        self._writer.writerows(zip(*cells, strict=True))

    def close(self) -> None:
        """Finish the file."""
        self._handle.close()


class ExcelSink:
    """An Excel workbook: one sheet with a coloured column, and what the words of that column rest on.

    Parameters
    ----------
    path
        Where to write.
    coloured
        The column whose cells are filled.
    colours
        The fill for each of its words.
    """

    def __init__(self, path: Path, coloured: str, colours: Mapping[str, str]) -> None:
        import xlsxwriter  # pyright: ignore[reportMissingTypeStubs]

        beside = {"tmpdir": str(path.parent)}
        self._book = xlsxwriter.Workbook(
            str(path), {"constant_memory": True, "strings_to_numbers": False, "strings_to_formulas": False, **beside}
        )
        self._book.use_zip64()
        self._sheet = self._book.add_worksheet("orepass")
        self._bold = self._book.add_format({"bold": True})
        self._wrap = self._book.add_format({"text_wrap": True, "valign": "top"})
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._moment = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._fills = {word: self._book.add_format({"bg_color": colour}) for word, colour in colours.items()}
        self._coloured = coloured
        self._next = self._columns = 0

    def write(self, columns: Mapping[str, Column]) -> None:
        """Add rows.

        Raises
        ------
        BadInput
            When the sheet is full.
        """
        names = list(columns)
        if not self._next:
            for place, name in enumerate(names):
                self._sheet.set_column(place, place, _width(name, columns[name]))
                self._sheet.write_string(0, place, name, self._bold)
            self._sheet.freeze_panes(1, 0)
            self._next, self._columns = 1, len(names)
        for row in zip(*(_list(column) for column in columns.values()), strict=True):
            if self._next > MOST_ROWS:
                raise BadInput(
                    f"a sheet of Excel holds {MOST_ROWS:,} rows, there are more",
                    expected="a name ending in .parquet or .csv",
                )
            for place, cell in enumerate(row):
                self._cell(place, names[place], cell)
            self._next += 1

    def _cell(self, place: int, name: str, cell: Any) -> None:
        if isinstance(cell, bool):
            self._sheet.write_boolean(self._next, place, cell)
        elif isinstance(cell, int | float) and _is_number_of_excel(cell):
            self._sheet.write_number(self._next, place, cell)
        elif isinstance(cell, date) and _is_date_of_excel(cell):
            moment = cell if isinstance(cell, datetime) else datetime(cell.year, cell.month, cell.day)
            self._sheet.write_datetime(self._next, place, moment, self._day if moment is not cell else self._moment)
        elif cell is not None:
            text = str(as_text(cell))
            fill = self._fills.get(text) if name == self._coloured else None
            self._sheet.write_string(self._next, place, text[:LONGEST_CELL], fill)

    def add_sheet(self, name: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """One more sheet, of words."""
        sheet = self._book.add_worksheet(name)
        for place, title in enumerate(header):
            sheet.set_column(place, place, 24 if len(title) < 12 else 60)
            sheet.write_string(0, place, title, self._bold)
        for number, row in enumerate(rows, 1):
            for place, text in enumerate(row):
                sheet.write_string(number, place, text[:LONGEST_CELL], self._wrap)
        sheet.freeze_panes(1, 0)

    def close(self) -> None:
        """Finish the file."""
        from xlsxwriter.exceptions import FileCreateError  # pyright: ignore[reportMissingTypeStubs]

        if self._next > 1:
            self._sheet.autofilter(0, 0, self._next - 1, self._columns - 1)
        try:
            self._book.close()
        except FileCreateError as error:  # what the disk said, in its own words
            raise OSError(*error.args[0].args) from None


def sink_for(
    path: Path, types: Mapping[str, Any] | None = None, coloured: str = "", colours: Mapping[str, str] | None = None
) -> Sink:
    """Where a table with this ending goes: CSV, a workbook with one column coloured, or Parquet.

    Raises
    ------
    BadInput
        When the ending is of no kind of table that we write.
    """
    match path.suffix.lower():
        case ".csv":
            return CsvSink(path)
        case ".xlsx":
            return ExcelSink(path, coloured, colours or {})
        case ".parquet":
            return ParquetSink(path, types)
        case other:
            raise BadInput(
                f"{other or 'no ending'} is no kind of table that we write",
                where=str(path),
                expected="a name ending in .csv, .xlsx or .parquet",
            )


def _width(name: str, column: Column) -> int:
    """How wide a column of a sheet is, by its first cells."""
    first = _list(column[:_FIRST] if isinstance(column, list) else column.slice(0, _FIRST))
    longest = max([len(name) + 3, *(len(str(as_text(cell))) for cell in first if cell is not None)])
    return min(max(longest + 1, 10), 60)


_FIRST = 1000

LONGEST_CELL = 32_767
"""Characters that a cell of Excel holds."""


def _is_number_of_excel(number: float) -> bool:
    """Whether Excel can keep it: there a number has 15 digits and is finite."""
    return math.isfinite(number) if isinstance(number, float) else abs(number) < 10**15


def _is_date_of_excel(day: date) -> bool:
    """Whether Excel can count it: its calendar begins in 1900, and it knows neither zones nor less than a millisecond."""
    return day.year > 1900 and not (isinstance(day, datetime) and (day.tzinfo or day.microsecond % 1000))


def _list(column: Column) -> list[Any]:
    """The cells of a column; times finer than Python's come as text."""
    if isinstance(column, list):
        return column
    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        try:
            column = column.cast(pa.timestamp("us", column.type.tz))
        except pa.ArrowInvalid:
            column = column.cast(pa.string())
    return column.to_pylist()
