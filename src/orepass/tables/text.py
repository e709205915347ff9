"""CSV files, streamed: every cell is text, and an encoding that Excel in China writes is read as well."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa  # pyright: ignore[reportMissingTypeStubs]

from orepass.errors import BadInput
from orepass.tables.chunks import Chunk, Part, Source, check_header, is_blank, no_rows, stamp_of

ENCODINGS = ("utf-8-sig", "gb18030")
_BLOCK = 1 << 22
csv.field_size_limit(1 << 28)


class CsvSource(Source):
    """One CSV file.

    Raises
    ------
    BadInput
        When it is not text, has no rows, or its header cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self._path = path
        stamp = stamp_of(path)
        self._encoding, lines = _encoding(path)
        with path.open(encoding=self._encoding, newline="") as handle:
            first = next((line for line in handle if line.strip(" \t\r\n,;")), "")
        self._delimiter = max((",", ";", "\t"), key=first.count)
        rows = self._rows()
        header = next(rows, None)
        if header is None or next(rows, None) is None:
            raise no_rows(str(path))
        self.columns = check_header(header, f"{path}, row 1")
        self.parts = (Part(path.name, path, None, stamp=stamp),)
        self.rows = max(lines - 1, 1)
        self.row_bytes = 60.0 * len(self.columns) + 2 * path.stat().st_size / max(lines, 1)

    def count(self) -> int:
        """How many rows there are; lines tell too many, where cells hold several."""
        return sum(1 for _ in self._rows()) - 1

    def _rows(self) -> Iterator[list[str]]:
        """The header and the rows after it; blank rows at either end are no rows."""
        with self._path.open(encoding=self._encoding, newline="") as handle:
            lines = csv.reader(handle, delimiter=self._delimiter, strict=True)
            held: list[list[str]] = []
            begun = False
            try:
                for row in lines:
                    if all(is_blank(cell) for cell in row):
                        if begun:
                            held.append(row)
                        continue
                    begun = True
                    yield from held
                    held = []
                    yield row
            except csv.Error as error:
                raise BadInput(
                    f"the text is not CSV ({error})",
                    where=f"{self.name}, line {lines.line_num}",
                    expected="cells parted by commas",
                ) from None

    def chunks(self, part: Part, size: int) -> Iterator[Chunk]:
        """The rows, as columns of text; an empty cell is none.

        Raises
        ------
        BadInput
            When a row has more cells than the header.
        """
        rows = self._rows()
        next(rows, None)
        width, number = len(self.columns), 2
        while lines := list(islice(rows, size)):
            for place, row in enumerate(lines):
                if len(row) != width:
                    if len(row) > width:
                        raise BadInput(
                            f"the row has {len(row)} cells, the header {width}",
                            where=f"{self.name}, row {number + place}",
                            expected="as many cells as the header has",
                            remedy="put quotes around cells that hold a comma",
                        )
                    lines[place] = [*row, *[""] * (width - len(row))]
            number += len(lines)
            cells = zip(*lines, strict=True)
            arrays: dict[str, Any] = {
                name: pa.array([cell or None for cell in column], pa.string())
                for name, column in zip(self.columns, cells, strict=True)
            }
            yield Chunk(arrays, len(lines))


def _encoding(path: Path) -> tuple[str, int]:
    """The encoding in which the whole file is text, and how many lines it has."""
    with path.open("rb") as handle:
        if b"\x00" in handle.read(4096):
            raise BadInput("the file is not text", where=str(path), expected="a CSV file in UTF-8 or GB 18030")
    for encoding in ENCODINGS:
        decoder = codecs.getincrementaldecoder(encoding)()
        lines, last = 0, b"\n"
        try:
            with path.open("rb") as handle:
                while block := handle.read(_BLOCK):
                    decoder.decode(block)
                    lines += block.count(b"\n")
                    last = block[-1:]
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding, lines + (last != b"\n")
    raise BadInput("the text is in no encoding that we read", where=str(path), expected="UTF-8 or GB 18030")
