"""Open a table by its path: a file, a folder of Parquet files, or a pattern that names several."""

from __future__ import annotations

from pathlib import Path

from orepass.errors import BadInput
from orepass.tables.chunks import Source

ENDINGS = (".csv", ".xlsx", ".parquet")


def open_table(path: str | Path) -> Source:
    """A table on disk.

    Parameters
    ----------
    path
        A CSV, XLSX or Parquet file; a folder of Parquet files; or a pattern such as ``2025-*.parquet``.

    Raises
    ------
    BadInput
        When nothing is there, or it cannot be read as a table.
    """
    where = Path(path)
    if where.is_dir():
        return _parquet(_inside(where), str(path), "a folder that holds Parquet files")
    if not where.exists() and any(sign in str(path) for sign in "*?["):
        return _parquet(_fitting(str(path)), str(path), "a pattern that some file fits")
    if not where.exists():
        raise BadInput("there is no such file", where=str(path), expected="a CSV, XLSX or Parquet file")
    match where.suffix.lower():
        case ".csv":
            from orepass.tables.text import CsvSource

            return CsvSource(where)
        case ".xlsx":
            from orepass.tables.excel import ExcelSource

            return ExcelSource(where)
        case ".parquet":
            return _parquet([where], str(path), "a Parquet file")
        case other:
            raise BadInput(
                f"{other or 'no ending'} is no kind of table that we read",
                where=str(path),
                expected="a name ending in .csv, .xlsx or .parquet",
            )


def _inside(folder: Path) -> list[Path]:
    """Parquet files at any depth; what is hidden, such as the kept work of a run, is not of the table."""
    return sorted(
        path
        for path in folder.rglob("*.parquet")
        if path.is_file() and not any(piece.startswith(".") for piece in path.relative_to(folder).parts)
    )


def _fitting(pattern: str) -> list[Path]:
    whole = Path(pattern)
    fixed = Path(whole.anchor)
    for place, piece in enumerate(whole.parts[1:] if whole.anchor else whole.parts):
        if any(sign in piece for sign in "*?["):
            rest = whole.parts[place + (1 if whole.anchor else 0) :]
            return sorted(path for path in fixed.glob("/".join(rest)) if path.is_file())
        fixed /= piece
    return []


def _parquet(paths: list[Path], name: str, expected: str) -> Source:
    from orepass.tables.parquet import ParquetSource

    if not paths:
        raise BadInput("no file is there", where=name, expected=expected)
    return ParquetSource(paths, name)
