"""What is screened: a table, how its columns are read, and within which bounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from orepass.determination.columns import Mapping as ColumnMapping
from orepass.determination.columns import guess
from orepass.determination.rows import RESULT_COLUMNS
from orepass.errors import BadInput
from orepass.tables.chunks import Chunk, Source

ENDINGS = (".csv", ".xlsx", ".parquet")
MEMORY = 1536 << 20
"""Bytes within which a run stays unless it is told otherwise."""
_ITSELF = 500 << 20
"""Bytes that the program takes with law and goods in memory, whatever the table."""
_MOST_ROWS = 1 << 19
_LEAST_ROWS = 1 << 12


@dataclass(frozen=True)
class Plan:
    """What is screened, how its columns are read, and within which bounds.

    ``on`` is the day for rows without one; ``reasons`` where the table of reasons goes, if it is wanted.
    """

    source: Source
    mapping: ColumnMapping
    on: date | None = None
    memory: int = MEMORY
    reasons: Path | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns of the output, in order."""
        own = (*self.source.columns, *RESULT_COLUMNS)
        return own if not self.adds_day else ("date", *own)

    @property
    def adds_day(self) -> bool:
        """Whether the table has no day and gets one."""
        return self.on is not None and "date" not in self.mapping.of.values() and "date" not in self.source.columns

    @property
    def chunk_rows(self) -> int:
        """How many rows are in memory at once."""
        row = 5 * (2 * self.source.row_bytes + 8 * len(self.names) + 64)
        return int(min(max((self.memory - _ITSELF) / row, _LEAST_ROWS), _MOST_ROWS))

    def read(self, chunk: Chunk) -> dict[str, Any]:
        """The columns of a chunk that are read, under the names of the transaction."""
        return {self.mapping.of[name]: column for name, column in chunk.columns.items() if name in self.mapping.of}

    def described(self) -> dict[str, Any]:
        """What must be the same for kept work to count; what was read of a file counts while the file stays as it was."""
        return {
            "input": str(Path(self.source.name).absolute()),
            "columns": self.mapping.of,
            "day": self.on.isoformat() if self.on else None,
            "memory": self.memory,
        }


def plan_of(source: Source, mapping: ColumnMapping | None = None, **more: Any) -> Plan:
    """A plan for a table, with its columns guessed unless they are named.

    Raises
    ------
    BadInput
        When a column has a name that we add, or none bears a name that we read.
    """
    for name in source.columns:
        if name in RESULT_COLUMNS:
            raise BadInput(
                f"column {name!r} is one that we add",
                where=f"{source.name}, row 1",
                expected="another name",
                remedy="rename it, so that nothing is overwritten",
            )
    found = mapping or guess(source.columns, sample_of(source), source.files)
    if not found.of:
        raise BadInput(
            "no column bears a name that we read",
            where=f"{source.name}, row 1",
            expected="date, to, description, hs and others",
            remedy="see docs/transaction.md for the names, or name yours with --columns",
        )
    return Plan(source, found, **more)


def sample_of(source: Source, rows: int = 200) -> dict[str, Sequence[Any]]:
    """The first cells of each column, from the first part that has it."""
    found: dict[str, Sequence[Any]] = {}
    for part in source.parts[:_LOOKED_AT]:
        for chunk in source.chunks(part, rows):
            for name, column in chunk.columns.items():
                if name not in found:
                    found[name] = column[:rows] if isinstance(column, list) else column.slice(0, rows).to_pylist()
            break
        if len(found) == len(source.columns):
            break
    return found


_LOOKED_AT = 50
"""So many parts are looked into for the first cells of columns."""


def is_folder(target: Path) -> bool:
    """Whether an output is a folder of Parquet files: a name without an ending."""
    return target.suffix == ""


def check_target(plan: Plan, target: Path) -> None:
    """Refuse an output that could not be written, before the work is done."""
    from orepass.tables.excel import MOST_ROWS

    for path in (target, plan.reasons):
        if path is None:
            continue
        if path.suffix.lower() not in ENDINGS and path.suffix:
            raise BadInput(
                f"{path.suffix} is no kind of table that we write",
                where=str(path),
                expected="a name ending in .csv, .xlsx or .parquet, or a name without an ending for a folder of Parquet files",
            )
        if not path.parent.is_dir():
            raise BadInput(
                "the folder does not exist",
                where=str(path),
                expected="a folder that exists",
                remedy=f"make {path.parent} first",
            )
        if is_folder(path) and (not path.name or (path.exists() and (not path.is_dir() or any(path.iterdir())))):
            raise BadInput("it is there already", where=str(path), expected="a new name, or an empty folder")
        if not is_folder(path) and path.is_dir():
            raise BadInput("it is a folder", where=str(path), expected="the name of a file")
        if (
            path.suffix.lower() == ".xlsx"
            and plan.source.rows > MOST_ROWS
            and (rows := plan.source.count()) > MOST_ROWS
        ):
            raise BadInput(
                f"a sheet of Excel holds {MOST_ROWS:,} rows, the table has {rows:,}",
                where=str(path),
                expected="a name ending in .parquet or .csv",
            )
        if any(part.path is not None and path.exists() and path.samefile(part.path) for part in plan.source.parts):
            raise BadInput(
                "the output is the input", where=str(path), expected="another name, so that nothing is overwritten"
            )
    if plan.reasons is not None and plan.reasons.absolute() == target.absolute():
        raise BadInput("rows and reasons go to one file", where=str(target), expected="another name for --reasons")
    if plan.reasons is not None and is_folder(plan.reasons) != is_folder(target):
        raise BadInput(
            "rows and reasons go to different kinds of places",
            where=str(plan.reasons),
            expected="a folder for both, or a file for both",
        )
    drift = plan.source.drift
    if drift and not is_folder(target):
        raise BadInput(
            f"the files do not have the same columns: {'; '.join(drift[:3])}",
            where=plan.source.name,
            expected="files alike, for one file out",
            remedy="give a name without an ending: a folder with one file for each of them",
        )
