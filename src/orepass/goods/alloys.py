"""Alloy tags and mixtures -> shares by weight: ``Sn42Bi58``, ``W-4Ni-3Fe``, ``93W``, ``Gd12 Mg70 Ni6 Nd4 Zn3``, ``AlN60/ScN40``.

A tag gives shares by weight, as trade does, unless the text says atom per cent; where custom allows both (a tag with boron, carbon or
another light element, as magnets and glasses have), the share is the interval between the two readings.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from orepass.goods.elements import ELEMENTS, weights
from orepass.goods.formula_words import formula_in
from orepass.goods.parameters import Interval
from orepass.goods.spans import Spans

Share = float | Interval
_NUM = r"\d{1,3}(?:\.\d+)?"
_RANGED = rf"{_NUM}(?:\s?[-~–]\s?{_NUM})?"
_TAG = re.compile(rf"(?<![A-Za-z0-9.])(?:[A-Z][a-z]?\s?{_RANGED}(?![\d.]*(?:N\b|%))[\s/-]{{0,2}}){{2,}}(?![A-Za-z])")
_TAG_PART = re.compile(rf"([A-Z][a-z]?)\s?({_NUM})(?:\s?[-~–]\s?({_NUM}))?")
_CHAIN = re.compile(
    rf"(?<![A-Za-z0-9.])(?:{_NUM}\s?)?(?:[A-Z][a-z]?|WC)(?:\s?[-/]\s?(?:{_NUM}\s?%?\s?)?[A-Z][a-z]?)+(?![A-Za-z0-9])"
)
_CHAIN_PART = re.compile(rf"(?:({_NUM})\s?%?\s?)?(WC|[A-Z][a-z]?)")
_MIX = re.compile(
    rf"(?<![A-Za-z0-9])(?P<a>[A-Z][A-Za-z0-9]*?[A-Za-z]\d??)\s?(?P<na>{_NUM})\s?/\s?(?P<b>[A-Z][A-Za-z0-9]*?[A-Za-z]\d??)\s?(?P<nb>{_NUM})(?![A-Za-z0-9.])"
)
_MIX_SPACED = re.compile(
    rf"(?<![A-Za-z0-9])(?P<a>[A-Z][A-Za-z0-9]*)\s(?P<na>{_NUM})\s?/\s?(?P<b>[A-Z][A-Za-z0-9]*)\s(?P<nb>{_NUM})(?![A-Za-z0-9.])"
)
_RATIO = re.compile(
    rf"(?<![A-Za-z0-9])(?P<parts>[A-Z][A-Za-z0-9]*(?:\s?[/:-]\s?[A-Z][A-Za-z0-9]*)+)\s?[=(]?\s?"
    rf"(?P<numbers>{_NUM}\s?%?(?:\s?[/:]\s?{_NUM}\s?%?)+)"
)
_BASED = re.compile(rf"(?<![A-Za-z0-9.])([A-Z][a-z]?)((?:[A-Z][a-z]?{_NUM})+)(?![A-Za-z0-9]|\.\d|\s?/)")
_BASED_PART = re.compile(rf"([A-Z][a-z]?)({_NUM})")
_PAIR = re.compile(rf"(?<![A-Za-z0-9.])([A-Z][a-z]?)([A-Z][a-z]?)\s?({_NUM})\s?/\s?({_NUM})(?![A-Za-z0-9])")
_METALS_ONLY = frozenset({"H", "C", "N", "O", "F", "P", "S", "Cl", "Br", "I", "Se", "As", "He", "Ne", "Ar"})
_HEAVY = re.compile(rf"(?<![A-Za-z0-9.])({_NUM})\s?(W)(?![A-Za-z0-9/])")
_ATOM = re.compile(r"\bat\.?\s?%|atomic\s?%|atom(?:ic)? per ?cent|原子百分|原子分数", re.IGNORECASE)
_WHOLE = (94.0, 101.0)
"""A tag whose numbers add up to this tells the whole composition."""
_LIGHT = frozenset({"B", "C", "N", "O", "H", "Si", "P"})
_NOT_CHAINS = frozenset({"I-V", "C-H", "N-P", "P-N", "O-H", "U-I", "K-C"})


class Tag(NamedTuple):
    """A composition as a tag tells it: shares by weight, per cent.

    ``whole`` when nothing else is in it; ``named`` are elements without a number.
    """

    shares: dict[str, Share]
    named: frozenset[str]
    whole: bool
    sure: bool
    start: int
    end: int
    compounds: bool = False


def says_atoms(text: str) -> bool:
    """Whether the text gives its shares in atom per cent."""
    return bool(_ATOM.search(text))


def by_weight(atoms: dict[str, Share]) -> dict[str, Share]:
    """Shares by weight of a composition given whole in atom per cent; shares that are intervals give intervals."""
    known = weights()
    result: dict[str, Share] = {}
    for symbol, share in atoms.items():
        low = high = 0.0
        for end in (0, 1):
            own = _end(share, end) * known[symbol]
            rest = sum(_end(other, 1 - end) * known[name] for name, other in atoms.items() if name != symbol)
            value = 100.0 * own / (own + rest) if own + rest else 0.0
            low, high = (value, high) if end == 0 else (low, value)
        result[symbol] = high if high - low <= 1e-9 else Interval(low, high)
    return result


def from_atoms(symbol: str, share: Share) -> Interval:
    """The share by weight of one element of which only the share of atoms is known: the others may be the lightest or the heaviest."""
    known = weights()
    lightest, heaviest = known["H"], max(known[s] for s in ELEMENTS)
    low, high = _end(share, 0) / 100.0, _end(share, 1) / 100.0

    def weight(part: float, other: float) -> float:
        own = part * known[symbol]
        return 100.0 * own / (own + (1.0 - part) * other)

    return Interval(weight(low, heaviest), weight(high, lightest))


def _end(share: Share, end: int) -> float:
    return (share.low, share.high)[end] if isinstance(share, Interval) else share


def find_tags(text: str) -> list[Tag]:
    """Every tag in a text, in order; none overlaps another."""
    found: list[Tag] = []
    slash, dash = "/" in text, "-" in text
    for pattern, read, possible in (
        (_MIX_SPACED, _mix, slash),
        (_MIX, _mix, slash),
        (_RATIO, _ratio, slash or ":" in text),
        (_PAIR, _pair, slash),
        (_TAG, _tag, True),
        (_BASED, _based, True),
        (_CHAIN, _chain, slash or dash),
    ):
        if not possible:
            continue
        taken = Spans((tag.start, tag.end) for tag in found)
        for m in pattern.finditer(text):
            if not taken.meets(m.start(), m.end()):
                tag = read(m)
                if tag is not None:
                    found.append(tag)
    if found and says_atoms(text):
        found = [_reread(tag, text) for tag in found]
        found = [
            tag
            if tag.compounds
            else tag._replace(shares=by_weight(tag.shares))
            if tag.whole
            else tag._replace(shares={s: from_atoms(s, v) for s, v in tag.shares.items()})
            for tag in found
        ]
    return sorted(found, key=lambda tag: tag.start)


def _reread(tag: Tag, text: str) -> Tag:
    """A tag as written, without the second reading by weight."""
    if tag.compounds or not any(isinstance(v, Interval) for v in tag.shares.values()):
        return tag
    parts = _TAG_PART.findall(text[tag.start : tag.end])
    if len(parts) != len(tag.shares) or any(upper for _, _, upper in parts):
        return tag
    return tag._replace(shares={symbol: float(number) for symbol, number, _ in parts})


def _tag(m: re.Match[str]) -> Tag | None:
    """``Sn42Bi58``: numbers after the symbols that add up to the whole."""
    parts = _TAG_PART.findall(m.group())
    shares: dict[str, Share] = {}
    low = high = 0.0
    for symbol, number, upper in parts:
        if symbol not in ELEMENTS or symbol in shares:
            return None
        first, last = float(number), float(upper or number)
        shares[symbol] = Interval(first, last) if last > first else first
        low, high = low + first, high + last
    if low > _WHOLE[1] or high < _WHOLE[0]:
        return None if not any(v.__class__ is Interval for v in shares.values()) else _open_tag(m, shares)
    if shares.keys() & _LIGHT and not any(isinstance(v, Interval) for v in shares.values()):
        atoms = by_weight(shares)
        shares = {s: _hull(v, atoms[s]) for s, v in shares.items()}
    return Tag(shares, frozenset(), True, True, m.start(), m.end())


def _open_tag(m: re.Match[str], shares: dict[str, Share]) -> Tag | None:
    """``Al70-90 Mg1 Sc1``: ranges that need not add up."""
    most = sum(_end(share, 1) for share in shares.values())
    return Tag(shares, frozenset(), most >= _WHOLE[0], True, m.start(), m.end()) if most >= 50.0 else None


def _pair(m: re.Match[str]) -> Tag | None:
    """``WCu75/25``, ``WRe95/5``: two metals and their two shares, in order; ``WRe5/26`` names two alloys and is left."""
    first, second = float(m[3]), float(m[4])
    if m[1] not in ELEMENTS or m[2] not in ELEMENTS or not _WHOLE[0] <= first + second <= _WHOLE[1]:
        return None
    return Tag({m[1]: first, m[2]: second}, frozenset(), True, True, m.start(), m.end())


def _based(m: re.Match[str]) -> Tag | None:
    """``WCu80``, ``SnSb8Cu4``: the first metal makes up the rest. A small number could also count atoms: then both readings stand."""
    parts = _BASED_PART.findall(m[2])
    symbols = [m[1], *(symbol for symbol, _ in parts)]
    if any(s not in ELEMENTS or s in _METALS_ONLY for s in symbols) or len(set(symbols)) < len(symbols):
        return None
    numbers = {symbol: float(number) for symbol, number in parts}
    total = sum(numbers.values())
    if total >= 100.0:
        return None
    shares: dict[str, Share] = {m[1]: 100.0 - total, **numbers}
    formula = formula_in(m.group())
    if formula is not None:
        if any("." in number for _, number in parts):
            formula = None
        else:
            shares = {s: _hull(v, formula.shares[s]) for s, v in shares.items()}
    return Tag(shares, frozenset(), True, formula is None, m.start(), m.end())


def _hull(left: Share, right: Share) -> Share:
    low, high = min(_end(left, 0), _end(right, 0)), max(_end(left, 1), _end(right, 1))
    return low if high - low <= 1e-9 else Interval(low, high)


def _chain(m: re.Match[str]) -> Tag | None:
    """``W-4Ni-3Fe``: the first makes up the rest unless it has a number; ``W-Ni-Fe`` only names."""
    if m.group() in _NOT_CHAINS:
        return None
    parts = _CHAIN_PART.findall(m.group())
    symbols = [symbol for _, symbol in parts]
    if len(set(symbols)) < len(symbols) or any(s != "WC" and s not in ELEMENTS for s in symbols):
        return None
    numbers = {symbol: float(number) for number, symbol in parts if number}
    if not numbers and (not any(len(s) == 2 for s in symbols) or "WC" in symbols):
        return None
    named = frozenset(symbols) - numbers.keys()
    base = symbols[0]
    total = sum(numbers.values())
    if total > _WHOLE[1]:
        return None
    shares: dict[str, Share] = dict(numbers)
    if numbers and base not in numbers:
        rest = 100.0 - total
        shares[base] = rest if len(named) == 1 else Interval(0.0, rest, True, True)
        named -= {base}
    whole = bool(numbers) and (base not in numbers or total >= _WHOLE[0])
    carbide = "WC" in shares or "WC" in named
    if carbide:
        shares, named = _carbide(shares, named)
    return Tag(shares, named, whole, True, m.start(), m.end(), carbide)


def _carbide(shares: dict[str, Share], named: frozenset[str]) -> tuple[dict[str, Share], frozenset[str]]:
    """Tungsten carbide as a part: its weight is tungsten and carbon."""
    part = formula_in("WC") or _tungsten_carbide()
    share = shares.pop("WC", None)
    if share is not None:
        for symbol, of_part in part.items() if isinstance(part, dict) else part.shares.items():
            factor = _end(of_part, 0) / 100.0
            shares[symbol] = (
                Interval(share.low * factor, share.high * factor, share.low_open, share.high_open)
                if isinstance(share, Interval)
                else share * factor
            )
        return shares, named - {"WC"}
    return shares, (named - {"WC"}) | {"W", "C"}


@lru_cache(maxsize=1)
def _tungsten_carbide() -> dict[str, Share]:
    from orepass.goods.formula import parse

    return parse("WC").shares


@lru_cache(maxsize=4096)
def _part(token: str) -> dict[str, Share] | None:
    """The composition of one part of a mixture: an element or a compound."""
    from orepass.goods.formula import NotAFormula, parse

    if token in ELEMENTS:
        return {token: 100.0}
    try:
        return parse(token).shares
    except NotAFormula:
        return None


def _mixed(parts: list[dict[str, Share]], amounts: list[float]) -> dict[str, Share]:
    total = sum(amounts)
    shares: dict[str, Share] = {}
    for part, amount in zip(parts, amounts, strict=True):
        for symbol, share in part.items():
            before = shares.get(symbol, 0.0)
            low = _end(before, 0) + _end(share, 0) * amount / total
            high = _end(before, 1) + _end(share, 1) * amount / total
            shares[symbol] = low if high - low <= 1e-9 else Interval(low, high)
    return shares


def _mix(m: re.Match[str]) -> Tag | None:
    """``AlN60/ScN40``."""
    parts = [_part(m["a"]), _part(m["b"])]
    amounts = [float(m["na"]), float(m["nb"])]
    if parts[0] is None or parts[1] is None or not _WHOLE[0] <= sum(amounts) <= _WHOLE[1]:
        return None
    return Tag(_mixed([parts[0], parts[1]], amounts), frozenset(), True, True, m.start(), m.end(), True)


def _ratio(m: re.Match[str]) -> Tag | None:
    """``In2O3/SnO2 90:10``, ``W/Cu 80/20``, ``WC-Co 94/6``."""
    tokens = re.split(r"\s?[/:-]\s?", m["parts"])
    amounts = [float(n) for n in re.findall(_NUM, m["numbers"])]
    parts = [_part(token) for token in tokens]
    if len(parts) != len(amounts) or not _WHOLE[0] <= sum(amounts) <= _WHOLE[1]:
        return None
    known = [part for part in parts if part is not None]
    if len(known) != len(parts):
        return None
    compounds = any(token not in ELEMENTS for token in tokens)
    return Tag(_mixed(known, amounts), frozenset(), True, True, m.start(), m.end(), compounds)


def find_heavy(text: str) -> list[Tag]:
    """``93W``, the short way to name a tungsten heavy alloy; the caller knows whether the text speaks of tungsten."""
    return [
        Tag({m[2]: float(m[1])}, frozenset(), False, False, m.start(), m.end())
        for m in _HEAVY.finditer(text)
        if float(m[1]) >= 50.0
    ]
