"""What a table is while it streams: parts, and chunks of rows in columns."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from queue import Full, Queue
from threading import Event, Thread
from typing import Any, NamedTuple

import pyarrow as pa  # pyright: ignore[reportMissingTypeStubs]

from orepass.errors import BadInput

Column = Any
"""An Arrow array, or a list of cells where a column mixes kinds of values, as sheets do."""


class Chunk(NamedTuple):
    """Some rows of a table, by column."""

    columns: Mapping[str, Column]
    rows: int


class Part(NamedTuple):
    """A piece of a table that is read and written as one: a file, or some row groups of a large one.

    ``stamp`` changes when the content does.
    """

    name: str
    path: Path | None
    rows: int | None
    groups: tuple[int, ...] = ()
    stamp: str = ""


class Source(ABC):
    """A table that can be read in chunks.

    Attributes
    ----------
    name
        What messages call the table.
    columns
        The names of the columns, in order.
    parts
        The pieces, in order.
    rows
        How many rows there are; of a text file, about how many.
    row_bytes
        What a row takes in memory, about.
    """

    name: str
    columns: tuple[str, ...]
    parts: tuple[Part, ...]
    rows: int
    row_bytes: float

    @abstractmethod
    def chunks(self, part: Part, size: int) -> Iterator[Chunk]:
        """The rows of a part, at most ``size`` at a time."""

    def count(self) -> int:
        """How many rows there are, exactly."""
        return self.rows

    def types(self, part: Part) -> Mapping[str, Any]:
        """Arrow types of the columns of a part, where the table has such."""
        return {}

    @property
    def files(self) -> tuple[tuple[str, ...], ...]:
        """The columns of each file of the table."""
        return (self.columns,)

    @property
    def drift(self) -> tuple[str, ...]:
        """How files of the table differ in their columns, a sentence for each difference."""
        return ()


def ahead(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    """The same chunks, the next one being read while somebody works on the last."""
    waiting: Queue[Chunk | BaseException | None] = Queue(1)
    stopped = Event()

    def hand(item: Chunk | BaseException | None) -> None:
        while not stopped.is_set():
            try:
                waiting.put(item, timeout=0.1)
            except Full:
                continue
            return

    def read() -> None:
        try:
            for chunk in chunks:
                hand(chunk)
                if stopped.is_set():
                    return
            hand(None)
        except BaseException as error:  # raised again where the chunk was wanted
            hand(error)

    reader = Thread(target=read, daemon=True)
    reader.start()
    try:
        while (item := waiting.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stopped.set()
        reader.join()


def stamp_of(path: Path) -> str:
    """Name, size and time of a file."""
    found = path.stat()
    return f"{path.absolute()} {found.st_size} {found.st_mtime_ns}"


def check_header(names: Sequence[str], where: str) -> tuple[str, ...]:
    """Column names, stripped.

    Raises
    ------
    BadInput
        When one is empty or stands twice.
    """
    columns = tuple(str(name).strip() for name in names)
    seen: set[str] = set()
    for number, name in enumerate(columns, 1):
        if not name:
            raise BadInput(f"column {number} has no name", where=where, expected="a name in every cell of the header")
        if name in seen:
            raise BadInput(
                f"column {name!r} stands there twice",
                where=where,
                expected="each name once",
                remedy="rename or remove one of them",
            )
        seen.add(name)
    return columns


def no_rows(where: str) -> BadInput:
    """The error of a table without rows."""
    return BadInput("the table holds no rows", where=where, expected="a header and at least one row")


def is_blank(cell: Any) -> bool:
    """Whether a cell of a sheet or a text file is empty."""
    return cell is None or cell == "" or (isinstance(cell, str) and not cell.strip())


def as_arrow(cells: Column, kind: Any = None) -> Any:
    """A column in Arrow, of a given type or its own; a list of cells that mixes kinds of values becomes text."""
    if not isinstance(cells, list):
        return cells
    if kind is None or not pa.types.is_string(kind):
        try:
            return pa.array(cells, kind)
        except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
            pass
    return pa.array([None if cell is None else str(as_text(cell)) for cell in cells], pa.string())


def as_text(cell: Any) -> Any:
    """A cell as it stands in a text file; days and times as ISO 8601 writes them."""
    return cell.isoformat() if isinstance(cell, date) else cell
