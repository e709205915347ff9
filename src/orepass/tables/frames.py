"""Tables that are in memory already: Arrow, pandas, Polars, DuckDB relations."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa  # pyright: ignore[reportMissingTypeStubs]

from orepass.errors import BadInput
from orepass.tables.chunks import Chunk, Part, Source, check_header, no_rows


class FrameSource(Source):
    """A table in memory.

    Parameters
    ----------
    table
        An Arrow table, or columns of which some are lists.
    """

    def __init__(self, table: Any, name: str = "the table") -> None:
        self.name = name
        self._table = table
        self.columns = check_header(table.column_names, name)
        if not table.num_rows:
            raise no_rows(name)
        self.rows = table.num_rows
        self.parts = (Part(name, None, self.rows),)
        self.row_bytes = table.nbytes / self.rows

    def chunks(self, part: Part, size: int) -> Iterator[Chunk]:
        """The rows of the table."""
        for start in range(0, self._table.num_rows, size):
            piece = self._table.slice(start, size)
            yield Chunk(dict(zip(self.columns, piece.columns, strict=True)), piece.num_rows)


def arrow_of(table: Any) -> Any:
    """An Arrow table from a frame of another library.

    Raises
    ------
    BadInput
        When it is no table that we know.
    """
    if isinstance(table, pa.Table):
        return table
    if isinstance(table, pa.RecordBatch):
        return pa.Table.from_batches([table])
    if isinstance(table, pa.RecordBatchReader):
        return table.read_all()
    library = type(table).__module__.partition(".")[0].lstrip("_")
    if library == "pandas" and hasattr(table, "columns"):
        return _of_pandas(table)
    if hasattr(table, "to_pyarrow"):  # Ibis
        return table.to_pyarrow()
    for method in ("to_arrow_table", "to_arrow"):  # DuckDB, Polars
        if hasattr(table, method):
            found = getattr(table, method)()
            return found if isinstance(found, pa.Table) else found.read_all()
    raise BadInput(
        f"{type(table).__name__} is no table that we read",
        expected="a path, an Arrow table, a pandas or Polars frame, a DuckDB relation or an Ibis table",
    )


def _of_pandas(frame: Any) -> Any:
    """A pandas frame; a column that mixes kinds of values becomes text."""
    arrays: dict[str, Any] = {}
    for name in frame.columns:
        try:
            arrays[str(name)] = pa.Array.from_pandas(frame[name])
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            arrays[str(name)] = pa.array([None if _missing(cell) else str(cell) for cell in frame[name]], pa.string())
    return pa.table(arrays)


def _missing(cell: Any) -> bool:
    return cell is None or cell != cell  # NaN and NaT differ from themselves
