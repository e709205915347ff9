"""Excel workbooks: the first sheet, whole, with cells as they stand."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from orepass.errors import BadInput
from orepass.tables.chunks import Chunk, Part, Source, as_arrow, check_header, is_blank, no_rows, stamp_of

MOST_ROWS = 1_048_575
"""Rows that a sheet of Excel holds under its header."""


class ExcelSource(Source):
    """The first sheet of a workbook.

    Raises
    ------
    BadInput
        When it is no workbook, has no rows, or its header cannot be used.
    """

    def __init__(self, path: Path) -> None:
        import python_calamine

        self.name = str(path)
        stamp = stamp_of(path)
        try:
            sheet = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
        except Exception as error:  # calamine raises its own kinds for every sort of broken file
            raise BadInput(
                f"the file is not an Excel workbook ({error})",
                where=str(path),
                expected="a workbook with a table on its first sheet",
            ) from None
        rows = [[_cell(cell) for cell in row] for row in sheet]
        filled = [number for number, row in enumerate(rows) if not all(is_blank(cell) for cell in row)]
        if not filled or filled[-1] == filled[0]:
            raise no_rows(str(path))
        header = ["" if cell is None else str(cell) for cell in rows[filled[0]]]
        self.columns = check_header(header, f"{path}, row {filled[0] + 1}")
        self._rows = rows[filled[0] + 1 : filled[-1] + 1]
        self.rows = len(self._rows)
        self.parts = (Part(path.name, path, self.rows, stamp=stamp),)
        self.row_bytes = 80.0 * len(self.columns)

    def chunks(self, part: Part, size: int) -> Iterator[Chunk]:
        """The rows, as lists of cells."""
        for start in range(0, len(self._rows), size):
            rows = self._rows[start : start + size]
            yield Chunk(dict(zip(self.columns, map(list, zip(*rows, strict=True)), strict=True)), len(rows))

    def types(self, part: Part) -> dict[str, Any]:
        """One type for each column of the whole sheet, so that every chunk is written alike."""
        return self._types

    @cached_property
    def _types(self) -> dict[str, Any]:
        columns = (list(column) for column in zip(*self._rows, strict=True))
        return {name: as_arrow(column).type for name, column in zip(self.columns, columns, strict=True)}


_WHOLE = 2.0**53
"""Excel tells whole numbers apart up to here."""


def _cell(cell: Any) -> Any:
    """Excel keeps whole numbers as fractions; a customs number must not end in .0."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) <= _WHOLE:
        return int(cell)
    return None if cell == "" else cell
