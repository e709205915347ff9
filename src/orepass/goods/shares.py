"""Shares of elements: a number with %, ppm or atom per cent beside a symbol or a name."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right

from orepass.goods.alloys import from_atoms
from orepass.goods.elements import ELEMENTS
from orepass.goods.measures import Measure
from orepass.goods.numbers import Number, is_share, percent, share_of
from orepass.goods.parameters import Interval, factors
from orepass.goods.vocabulary import Hit

_SYMBOL_GRADE = re.compile(r"(?<![A-Za-z0-9-])([A-Z][a-z]?)(9\d\.\d+)(?![\d%])")
_TO_ELEMENT = re.compile(r"\s{0,2}(?:by weight|by mass|wt\.?%?|w/w|质量分数)?\s{0,2}(?:of\s)?\s?", re.IGNORECASE)
_FROM_ELEMENT = re.compile(
    r"\s{0,2}(?:content|metal|的?(?:含量|质量分数|重量百分比|重量分数))?\s{0,2}[:=]?\s{0,2}(?:of\s|is\s|为|约|about\s)?\s?$",
    re.IGNORECASE,
)
_NEXT_LIMIT = re.compile(r"\s{0,2}[<>=≤≥:]")


def element_shares(text: str, numbers: list[Number], symbols: list[Hit]) -> list[tuple[Measure, Number]]:
    """Shares of elements: ``93% W``, ``Sm 50 %``, ``Ga content: 40 wt%``. An element takes the number after it before the one ahead."""
    if not symbols or not numbers:
        return []
    found: list[tuple[Measure, Number]] = []
    used: set[int] = set()
    starts = [number.start for number in numbers]
    ends = [number.end for number in numbers]
    for symbol in symbols:
        after = bisect_left(starts, symbol.end)
        before = bisect_right(ends, symbol.start) - 1
        choice: Number | None = None
        position = -1
        if (
            before >= 0
            and before not in used
            and symbol.start - ends[before] < _FAR
            and is_share(numbers[before])
            and _TO_ELEMENT.fullmatch(text[ends[before] : symbol.start])
            and not _NEXT_LIMIT.match(text, symbol.end)
            and not (
                after < len(numbers)
                and is_share(numbers[after])
                and starts[after] - symbol.end <= 1
                and starts[after] > symbol.end
            )
        ):
            choice, position = numbers[before], before
        elif (
            after < len(numbers)
            and after not in used
            and starts[after] - symbol.end < _FAR
            and is_share(numbers[after])
            and _FROM_ELEMENT.fullmatch(text[symbol.end : starts[after]])
        ):
            choice, position = numbers[after], after
        if choice is None:
            continue
        used.add(position)
        value = share_of(choice)
        if choice.unit in factors("at%"):
            value = from_atoms(symbol.id, percent(choice.value()))
        if choice.unit in factors("vol%"):
            value = Interval(0.0, 100.0, low_open=True)
        if value is not None:
            start, end = min(symbol.start, choice.start), max(symbol.end, choice.end)
            found.append((Measure(f"content_wt_pct.{symbol.id}", value, start, end), choice))
    return found


class NumbersByPlace:
    """Numbers, found by where they begin and end."""

    def __init__(self, numbers: list[Number]) -> None:
        self.numbers = numbers
        self.starts = [number.start for number in numbers]
        self.ends = [number.end for number in numbers]

    def share_beside(self, text: str, start: int, end: int) -> tuple[Measure, Number] | None:
        """The share that stands right after a name, or right before it."""
        after = bisect_left(self.starts, end)
        if after < len(self.numbers) and self.starts[after] - end < _FAR:
            number = self.numbers[after]
            if _FROM_ELEMENT.fullmatch(text[end : number.start]) and (value := share_of(number)) is not None:
                return Measure("", value, start, number.end), number
        before = bisect_right(self.ends, start) - 1
        if before >= 0 and start - self.ends[before] < _FAR:
            number = self.numbers[before]
            if _TO_ELEMENT.fullmatch(text[number.end : start]) and (value := share_of(number)) is not None:
                return Measure("", value, number.start, end), number
        return None


_FAR = 40
"""A number further away belongs to something else."""


def symbol_grades(text: str) -> list[Measure]:
    """``Sb99.65``: the symbol with its purity."""
    return [
        Measure(f"content_wt_pct.{m[1]}", float(m[2]), m.start(), m.end())
        for m in _SYMBOL_GRADE.finditer(text)
        if m[1] in ELEMENTS
    ]
