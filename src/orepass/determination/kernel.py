"""The embedded engine: a table in Arrow, column by column, into cells and their decisions.

A column becomes small numbers (one for each value that the law can tell apart), the numbers of a row become one number, and each new number
is decided once. Rows are only touched by numpy and Arrow.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa  # pyright: ignore[reportMissingTypeStubs]
import pyarrow.compute  # pyright: ignore[reportMissingTypeStubs]

from orepass.determination.cells import IGNORED, MEASURED, PLAIN_NUMBER, Values
from orepass.determination.decisions import Decisions, split_of
from orepass.determination.kept import MOST
from orepass.determination.rows import canonical, is_read
from orepass.factcache import DIGEST_SIZE
from orepass.goods.bins import SHARE, Bins

pc: Any = pyarrow.compute

FEW = 4096
"""A number column with more distinct numbers in a chunk is reduced to bins first."""
_PLAIN = re.compile(PLAIN_NUMBER)
_FULL = 2**62
_MANY = 500_000
"""More distinct values or cells than that are not kept from one chunk to the next."""

Codes = np.ndarray[Any, np.dtype[np.int64]]


class Kernel:
    """Decides chunks of one table.

    Parameters
    ----------
    decisions
        The decision table of the law.
    on
        The day of rows that have none.
    """

    def __init__(self, decisions: Decisions, on: date | None = None) -> None:
        self._decisions = decisions
        self._on = on
        self._columns: dict[str, _Column] = {}
        self._numbers: dict[tuple[int, ...], int] = {}
        self._read: tuple[dict[Any, Any], dict[Any, Any], dict[Any, Any]] = ({}, {}, {})
        self._split = split_of(())
        self._named = b""
        self._in_order: list[_Column] = []
        self._names: tuple[str, ...] = ()

    def decide(self, chunk: Mapping[str, Any], rows: int) -> Codes:
        """The number of each row's decision.

        Parameters
        ----------
        chunk
            Columns by the name under which they are read; Arrow arrays or lists, all of one length.
        rows
            That length.
        """
        names = tuple(name for name in chunk if is_read(name) and canonical(name) not in IGNORED)
        if self._on is not None and "date" not in names:
            names = ("date", *names)
        self._prepare(names)
        self._decisions.cells.expect(names)
        self._in_order = [
            self._columns.get(name) or self._column(name, exact=name == "date" and "known" in chunk) for name in names
        ]
        said = chunk.get("description")
        codes: list[Codes | int] = []
        for column in self._in_order:
            name = column.name
            codes.append(column.codes(chunk[name], self._bins(name, chunk), said) if name in chunk else 0)
        key, back = _combined(codes, [len(self._columns[name].values) for name in names], rows)
        cells = zip(
            *([code] * len(back) if isinstance(code, int) else code[back].tolist() for code in codes), strict=True
        )
        if not codes:  # no column of this file is read: every row says nothing
            cells = iter([()] * len(back))
        numbers = np.fromiter((self._number(cell) for cell in cells), dtype=np.int64, count=len(back))
        return numbers[key]

    def _prepare(self, names: tuple[str, ...]) -> None:
        """Forget what another table, or too much of this one, has left."""
        if names != self._names:
            self._names, self._split, self._named = names, split_of(names), repr(names).encode()
            self._numbers, self._read = {}, ({}, {}, {})
        self._decisions.forget_when_full()
        if len(self._numbers) > _MANY or any(len(column.values) > _MANY for column in self._columns.values()):
            self._columns, self._numbers, self._read = {}, {}, ({}, {}, {})

    def _column(self, name: str, *, exact: bool) -> _Column:
        absent = self._on if name == "date" else None
        column = self._columns[name] = _Column(name, self._decisions, exact=exact, absent=absent)
        return column

    def _bins(self, name: str, chunk: Mapping[str, Any]) -> Bins | None:
        """Limits of a number column, unless its numbers are added up with others of the row."""
        bins = self._decisions.cells.bins
        if name == "purity_pct" and any(other.startswith(SHARE) for other in chunk):
            return None
        return bins.get(name)

    def _number(self, cell: tuple[int, ...]) -> int:
        number = self._numbers.get(cell)
        if number is None:
            digest = self._digest(cell)
            number = self._decisions.known.get(digest)
            if number is None:
                number = self._decisions.of(*self._parts(cell))
                if len(self._decisions.known) < MOST:
                    self._decisions.known[digest] = number
            self._numbers[cell] = number
        return number

    def _digest(self, cell: tuple[int, ...]) -> bytes:
        """What stands for a cell beyond this run: its columns and what stands for their values."""
        found = hashlib.blake2b(self._named, digest_size=DIGEST_SIZE)
        found.update(b"".join([column.token(code) for column, code in zip(self._in_order, cell, strict=True)]))
        return found.digest()

    def _parts(self, cell: tuple[int, ...]) -> Iterator[Any]:
        """What a cell says of time, of setting and of goods; each is read once."""
        reads = (self._decisions.read_time, self._decisions.read_setting, self._decisions.read_goods)
        for places, kept, read in zip(self._split.groups, self._read, reads, strict=True):
            codes = tuple([cell[place] for place in places])
            part = kept.get(codes)
            if part is None:
                names = self._names
                part = kept[codes] = read({names[p]: self._columns[names[p]].values[cell[p]] for p in places})
            yield part


class _Column:
    """One column's reduced values so far; a code is the place of a value."""

    def __init__(self, name: str, decisions: Decisions, *, exact: bool, absent: Any) -> None:
        self.name = name
        self._values = Values(absent)
        self.values = self._values.known
        self._kept: dict[Any, int] = {}
        self._tokens: list[bytes] = []
        self._limits: Bins | None = None
        self._cells = decisions.cells
        self._exact = exact

    def codes(self, column: Any, bins: Bins | None, said: Any) -> Codes | int:
        """The code of each row; one number where every row has the same."""
        if isinstance(column, list):
            return np.fromiter((self._code(value) for value in column), dtype=np.int64, count=len(column))
        array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        if isinstance(array, pa.ChunkedArray):
            array = pa.chunked_array(array.chunks).unify_dictionaries().combine_chunks()
        if pa.types.is_nested(array.type):
            return np.fromiter((self._code(value) for value in array.to_pylist()), dtype=np.int64, count=len(array))
        if self.name in MEASURED and (array := _only_odd(array)) is None:
            return 0
        if pa.types.is_timestamp(array.type) and array.type.tz is None:
            array = array.cast(pa.date32())
        if not pa.types.is_dictionary(array.type):
            if bins is not None and pa.types.is_floating(array.type):
                array = _binned(array, bins, said if self.name == "purity_pct" else None)
            array = array.dictionary_encode()
        self._limits = None if self.name == "purity_pct" and said is not None else bins
        codes = self._codes_of(array.dictionary.to_pylist())
        found = set(codes) | ({0} if array.null_count or not codes else set())
        if len(found) == 1:
            return found.pop()
        places = np.array([0, *codes], dtype=np.int64)
        indices = array.indices
        if indices.null_count:
            indices = indices.fill_null(-1)
        return places[indices.to_numpy() + 1]

    def _codes_of(self, values: list[Any]) -> list[int]:
        """The codes of distinct values of one Arrow type."""
        if self.name == "description":
            self._cells.read_ahead(values)
        kept = self._kept
        if len(kept) > _MANY:
            kept.clear()
        codes = [kept.get(value, -1) for value in values]
        for place, code in enumerate(codes):
            if code < 0:
                codes[place] = kept[values[place]] = self._code(values[place])
        return codes

    def token(self, code: int) -> bytes:
        """What stands for the value of a code beyond this run."""
        tokens = self._tokens
        while len(tokens) <= code:
            tokens.append(self._cells.token(self.name, self.values[len(tokens)]))
        return tokens[code]

    def _code(self, value: Any) -> int:
        if self._limits is not None and isinstance(value, str) and _PLAIN.match(value):
            value = repr(self._limits.middle(float(value)))  # a number as text, as text files have them
        return self._values.code(value if self._exact else self._cells.reduce(self.name, value))


def _only_odd(array: Any) -> Any:
    """A measured column with only what may be unreadable left in it; nothing when every number can be read."""
    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    if pa.types.is_floating(array.type) or pa.types.is_integer(array.type):
        odd = pc.less(array, 0)
    elif pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        odd = pc.invert(pc.match_substring_regex(array, PLAIN_NUMBER))
    else:
        return array
    if not pc.any(odd).as_py():
        return None
    return pc.if_else(odd, array, None)


def _binned(array: Any, bins: Bins, said: Any) -> Any:
    """Numbers with the one that stands for each open space between limits; where a description speaks, a number stays."""
    distinct = len(pc.unique(array.slice(0, 2 * FEW)))
    if distinct <= FEW and len(pc.unique(array)) <= FEW:
        return array
    numbers = array.to_numpy(zero_copy_only=False)
    limits = np.array(bins.limits)
    place = np.searchsorted(limits, numbers, side="left")
    at_limit = np.zeros(len(numbers), dtype=bool)
    if len(limits):
        at_limit = limits[np.minimum(place, len(limits) - 1)] == numbers
    inside = (numbers > bins.low) & (numbers < bins.high) & ~at_limit
    if said is not None:
        inside &= ~np.asarray(pc.is_valid(said))
    reduced = np.where(inside, np.array(bins.stand_ins)[np.where(inside, place, 0)], numbers)
    return pa.array(reduced, from_pandas=True)


def _combined(codes: list[Codes | int], sizes: list[int], rows: int) -> tuple[Codes, Codes]:
    """One small number for each row, equal where all codes are equal, and a row at which each number stands."""
    key = np.zeros(rows, dtype=np.int64)
    width = 1
    for code, size in zip(codes, sizes, strict=True):
        if isinstance(code, int):
            continue
        if width * size >= _FULL:
            key, back = _compact(key)
            width = len(back)
        key = key * size + code if width > 1 else code
        width *= size
    return _compact(key)


def _compact(key: Codes) -> tuple[Codes, Codes]:
    """The place of each number among the distinct ones, and a row at which each distinct one stands."""
    encoded = pa.array(key).dictionary_encode()
    places = encoded.indices.to_numpy().astype(np.int64)
    back = np.empty(len(encoded.dictionary), dtype=np.int64)
    back[places[::-1]] = np.arange(len(places) - 1, -1, -1)
    return places, back
