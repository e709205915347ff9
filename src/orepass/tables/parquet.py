"""Parquet files, one or a folder of them, read by row groups."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa  # pyright: ignore[reportMissingTypeStubs]
import pyarrow.parquet as pq  # pyright: ignore[reportMissingTypeStubs]

from orepass.errors import BadInput
from orepass.tables.chunks import Chunk, Part, Source, check_header, no_rows, stamp_of

PART_ROWS = 4_000_000
"""A larger file is written as several parts where a folder is asked for."""

_DAMAGED = (pa.ArrowException, OSError)


class ParquetSource(Source):
    """Parquet files as one table.

    Parameters
    ----------
    paths
        The files, in order.
    name
        What messages call the whole.

    Raises
    ------
    BadInput
        When a file is not Parquet: every such file is named.
    """

    def __init__(self, paths: Sequence[Path], name: str) -> None:
        self.name = name
        self._paths = tuple(paths)
        self._stamps = {path: stamp_of(path) for path in self._paths}
        self._footers = {path: footer for path in self._paths if (footer := _footer(path)) is not None}
        unreadable = [path for path in self._paths if path not in self._footers]
        if unreadable:
            raise BadInput(
                "not Parquet: the end of the file cannot be read",
                where=", ".join(str(path) for path in unreadable),
                expected="a Parquet file",
                remedy="replace or remove it; nothing was written",
            )
        self.rows = sum(footer.num_rows for footer in self._footers.values())
        if not self.rows:
            raise no_rows(name)
        self._types = {path: _types(path, self._footers[path].schema.to_arrow_schema()) for path in self._paths}
        self.columns = tuple(dict.fromkeys(name for types in self._types.values() for name in types))
        self.parts = tuple(self._parts())
        footers = self._footers.values()
        size = sum(f.row_group(group).total_byte_size for f in footers for group in range(f.num_row_groups))
        self.row_bytes = max(size / self.rows, 8.0 * len(self.columns))

    def types(self, part: Part) -> dict[str, Any]:
        """The types that the file of a part says."""
        assert part.path is not None
        return self._types[part.path]

    @property
    def files(self) -> tuple[tuple[str, ...], ...]:
        """The columns of each file."""
        return tuple(dict.fromkeys(tuple(types) for types in self._types.values()))

    @property
    def drift(self) -> tuple[str, ...]:
        """How files differ from the first one."""
        first, said = self._paths[0], list[str]()
        told = self._types[first]
        for path in self._paths[1:]:
            own = self._types[path]
            said += [f"{path.name} has no column {name!r}, {first.name} has" for name in told if name not in own]
            said += [f"{path.name} has a column {name!r}, {first.name} has none" for name in own if name not in told]
            said += [
                f"column {name!r} is {own[name]} in {path.name}, {told[name]} in {first.name}"
                for name in told
                if name in own and own[name] != told[name]
            ]
        return tuple(said)

    def _parts(self) -> Iterator[Part]:
        """Each file, or some row groups of a large one."""
        for path in self._paths:
            footer = self._footers[path]
            groups: list[int] = []
            rows = 0
            for group in range(footer.num_row_groups):
                groups.append(group)
                rows += footer.row_group(group).num_rows
                if rows >= PART_ROWS or (rows and group == footer.num_row_groups - 1):
                    yield Part(path.name, path, rows, tuple(groups), f"{self._stamps[path]} {groups}")
                    groups, rows = [], 0

    def chunks(self, part: Part, size: int) -> Iterator[Chunk]:
        """The rows of a part; text columns come as dictionaries, as the file keeps them.

        Raises
        ------
        BadInput
            When a page cannot be read, naming file and row group.
        """
        assert part.path is not None
        schema = self._footers[part.path].schema.to_arrow_schema()
        texts = [f.name for f in schema if pa.types.is_string(f.type) or pa.types.is_large_string(f.type)]
        groups: Sequence[int] = part.groups
        try:
            with pq.ParquetFile(part.path, read_dictionary=texts, pre_buffer=False) as file:
                for groups in _together(file.metadata, part.groups, size):
                    read = _read(file, groups, texts)
                    for start in range(0, read.num_rows, size):
                        piece = read.slice(start, size)
                        yield Chunk(dict(zip(self._types[part.path], piece.columns, strict=True)), piece.num_rows)
        except _DAMAGED as error:
            group = next((group for group in groups if not _is_whole(part.path, group, texts)), groups[0])
            raise BadInput(
                f"row group {group} cannot be read ({str(error).splitlines()[0]})",
                where=str(part.path),
                expected="a whole Parquet file",
                remedy="replace the file, then go on with --resume",
            ) from None


def _together(footer: Any, groups: Sequence[int], size: int) -> Iterator[list[int]]:
    """Runs of row groups that together hold about as many rows as a chunk."""
    run: list[int] = []
    rows = 0
    for group in groups:
        more = footer.row_group(group).num_rows
        if run and rows + more > size:
            yield run
            run, rows = [], 0
        run.append(group)
        rows += more
    if run:
        yield run


def _read(file: Any, groups: Sequence[int], texts: Sequence[str]) -> Any:
    """Row groups, with every text looked at: bytes that are no UTF-8 would stop us later, where nobody knows the file."""
    read = file.read_row_groups(groups)
    for name in texts:
        for piece in read[name].chunks:
            (piece.dictionary if pa.types.is_dictionary(piece.type) else piece).validate(full=True)
    return read


def _is_whole(path: Path, group: int, texts: Sequence[str]) -> bool:
    try:
        with pq.ParquetFile(path, read_dictionary=texts, pre_buffer=False) as file:
            _read(file, [group], texts)
    except _DAMAGED:
        return False
    return True


def _types(path: Path, schema: Any) -> dict[str, Any]:
    return dict(zip(check_header(schema.names, str(path)), schema.types, strict=True))


def _footer(path: Path) -> Any:
    try:
        return pq.read_metadata(path)
    except _DAMAGED:
        return None
