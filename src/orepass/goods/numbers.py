"""Numbers as papers write them: with a comparison, a range and a unit. Found in one pass, before anybody asks what they mean."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from orepass.goods.parameters import Interval, factors, units
from orepass.goods.values import bounded, number_of

NUM = r"\d+(?:,\d{3})*(?:\.\d+)?(?:[eE][-+]?\d+)?"
_NUMBER = re.compile(
    rf"(?<![A-Za-z0-9.])(?P<number>{NUM})(?:\s?%?(?:[-–~]|\s[-–~]\s|\s?(?:to|至)\s?)(?P<upper>{NUM})(?![-\d]))?(?P<gap>\s{{0,2}})"
)
_SIGNS = (">=", "≥", "<=", "≤", ">", "<", "≈", "~")
_WORDS = (
    "not more than", "no more than", "not exceeding", "not less than", "no less than", "exceeding", "at least", "at most", "more than",
    "less than", "over", "above", "below", "under", "up to", "min.", "max.", "min", "max", "不低于", "不小于", "不少于", "不高于", "不大于",
    "不超过", "大于等于", "小于等于", "大于", "小于", "高于", "低于",
)  # fmt: skip
_SIGN_ENDS = frozenset(sign[-1] for sign in _SIGNS)
_WORD_ENDS = frozenset(word[-1] for word in _WORDS)
_AFTER = re.compile(
    r"\s{0,2}\(?(min\b\.?|max\b\.?|minimum\b|maximum\b|or more\b|or less\b|及以上|以上|以下|\+)", re.IGNORECASE
)
_AFTER_MEANS = {
    **dict.fromkeys(("min", "minimum", "or more", "以上", "及以上", "+"), ">="),
    **dict.fromkeys(("max", "maximum", "or less", "以下"), "<="),
}
_OP_MEANS = {
    **dict.fromkeys(("exceeding", "over", "above", "高于"), ">"),
    **dict.fromkeys(("below", "under", "低于"), "<"),
    **dict.fromkeys(("not more than", "no more than", "not exceeding", "up to", "不超过", "小于等于"), "<="),
    **dict.fromkeys(("not less than", "no less than", "不少于", "大于等于"), ">="),
}


class Number(NamedTuple):
    """A number as written: with its comparison, its range and its unit, if it has them."""

    number: str
    upper: str
    op: str
    unit: str
    start: int
    digits: int
    digits_end: int
    end: int

    def value(self, factor: float = 1.0) -> float | Interval:
        """The number or interval, times a factor."""
        low = round(number_of(self.number) * factor, 12)
        if self.upper:
            return Interval(low, round(number_of(self.upper) * factor, 12))
        return bounded(low, self.op)


@cache
def _written_units() -> dict[str, list[tuple[str, str]]]:
    """By first character in lower case: each way to write a unit, the longest first, and the way the table has it."""
    table: dict[str, list[tuple[str, str]]] = {}
    for way in dict.fromkeys(way for unit in units() for way in unit.write):
        table.setdefault(way[0].lower(), []).append((way.lower(), way))
    for ways in table.values():
        ways.sort(key=lambda pair: -len(pair[0]))
    return table


def _unit_at(text: str, place: int) -> tuple[str, int]:
    """The unit that begins there as the table writes it, and where it ends."""
    ways = _written_units().get(text[place : place + 1].lower())
    if ways is None:
        return "", place
    chunk = text[place : place + _LONGEST_UNIT]
    low = chunk.lower()
    found, length = "", 0
    for way, written in ways:
        if len(way) < length:
            break
        if low.startswith(way) and (not found or chunk.startswith(written)):
            after = text[place + len(way) : place + len(way) + 1]
            if not (way[-1].isalpha() and way[-1].isascii() and after.isalnum() and after.isascii()):
                found, length = written, len(way)
    return found, place + length


_LONGEST_UNIT = 24


def find_numbers(text: str) -> list[Number]:
    """Every number in the text, in order."""
    found: list[Number] = []
    reach = 0
    for m in _NUMBER.finditer(text):
        number, upper, _ = m.groups()
        start = m.start()
        if start < reach:
            continue  # digits of a unit: cm-2
        stop = m.end(2) if upper else m.end(1)
        unit, end = _unit_at(text, m.end())
        if not unit:
            end = stop
        op = ""
        digits = start
        before = text[start - 16 if start > 16 else 0 : start]
        bare = before.rstrip()
        word = _op_at_end(bare) if bare else ""
        if word:
            op = _OP_MEANS.get(word, word)
            start -= len(before) - len(bare) + len(word)
        elif unit and (tail := _AFTER.match(text, end)):
            op = _AFTER_MEANS[tail.group(1).casefold().rstrip(".")]
            end = tail.end()
        reach = end
        found.append(Number(number, upper or "", op, unit, start, digits, stop, end))
    return found


def _op_at_end(before: str) -> str:
    """The comparison with which a text ends, or nothing."""
    last = before[-1:]
    if last in _SIGN_ENDS:
        return next((sign for sign in _SIGNS if before.endswith(sign)), "")
    if last in _WORD_ENDS or last.lower() in _WORD_ENDS:
        low = before.lower()
        for word in _WORDS:
            if low.endswith(word) and not (
                word[0].isascii() and low[: -len(word)][-1:].isalpha() and low[-len(word) - 1].isascii()
            ):
                return word
    return ""


def percent(value: float | Interval) -> float | Interval:
    """A share kept between nothing and the whole."""
    if isinstance(value, Interval):
        return Interval(
            max(value.low, 0.0),
            min(value.high, 100.0),
            value.low_open and value.low >= 0,
            value.high_open and value.high <= 100,
        )
    return value


def is_share(number: Number) -> bool:
    """Whether the number is a share: by weight, of atoms or by volume."""
    unit = number.unit
    return bool(unit) and any(unit in factors(basis) for basis in ("%", "at%", "vol%"))


def share_of(number: Number) -> float | Interval | None:
    """The share by weight that a number with %, ppm or ppb says; atoms and volumes are no weights."""
    factor = factors("%").get(number.unit) or factors("%").get(number.unit.lower())
    if factor is None:
        return None
    value = percent(number.value(factor))
    high = value.high if isinstance(value, Interval) else value
    return value if high <= 100.0 else None
