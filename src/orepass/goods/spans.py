"""Stretches of characters, asked quickly: the reader stays linear in the text."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable


class Spans:
    """A set of stretches of a text."""

    __slots__ = ("_reach", "_starts")

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        ordered = sorted(spans)
        self._starts = [start for start, _ in ordered]
        self._reach: list[int] = []
        reach = -1
        for _, end in ordered:
            reach = max(reach, end)
            self._reach.append(reach)

    def __bool__(self) -> bool:
        return bool(self._starts)

    def holds(self, start: int, end: int) -> bool:
        """Whether a stretch lies within one of them."""
        place = bisect_right(self._starts, start) - 1
        return place >= 0 and self._reach[place] >= end

    def meets(self, start: int, end: int) -> bool:
        """Whether a stretch has a character in common with one of them."""
        place = bisect_left(self._starts, end) - 1
        return place >= 0 and self._reach[place] > start


def last_before(ends: list[int], place: int) -> int:
    """The place in the list of the last stretch that ends there or before; -1 when none does."""
    return bisect_right(ends, place) - 1
