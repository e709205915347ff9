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
def _written_units() -> tuple[dict[str, str], int]:
    """Every way to write a unit, as it is and in lower case, and the longest."""
    written = [way for unit in units() for way in unit.write]
    table = {way.lower(): way for way in reversed(written)}
    table.update({way: way for way in written})
    return table, max(map(len, table))


def _unit_at(text: str, place: int) -> str:
    """The unit that begins there, as written in the table, or nothing."""
    table, longest = _written_units()
    chunk = text[place : place + longest]
    while chunk:
        known = table.get(chunk) or table.get(chunk.lower())
        if known is not None:
            after = text[place + len(chunk) : place + len(chunk) + 1]
            if not (chunk[-1].isascii() and chunk[-1].isalpha() and after.isascii() and after.isalnum()):
                return chunk
        chunk = chunk[:-1]
    return ""


def find_numbers(text: str) -> list[Number]:
    """Every number in the text, in order."""
    found: list[Number] = []
    for m in _NUMBER.finditer(text):
        start, digits, end = m.start(), m.start(), m.end()
        unit = ""
        if end < len(text) and not text[end].isspace():
            chunk = _unit_at(text, end)
            if chunk:
                table = _written_units()[0]
                unit = table.get(chunk) or table[chunk.lower()]
                end += len(chunk)
            else:
                end = m.end("upper") if m["upper"] else m.end("number")
        else:
            end = m.end("upper") if m["upper"] else m.end("number")
        op = ""
        before = text[max(0, start - 16) : start]
        word = _op_at_end(before.rstrip()) if before else ""
        if word:
            op = _OP_MEANS.get(word, word)
            start -= len(before) - len(before.rstrip()) + len(word)
        elif unit and (tail := _AFTER.match(text, end)):
            word = tail.group(1).casefold().rstrip(".")
            op = _AFTER_MEANS[word]
            end = tail.end()
        found.append(
            Number(
                m["number"],
                m["upper"] or "",
                op,
                unit,
                start,
                digits,
                m.end("upper") if m["upper"] else m.end("number"),
                end,
            )
        )
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
