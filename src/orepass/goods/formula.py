"""Chemical formulas -> shares by weight: hydrates, brackets, site mixing, variables, dopants.

A formula says which atoms are there and in which numbers; the weights follow. Where it leaves numbers open, ``Sm2(Co,Fe,Cu,Zr)17`` or
``InxGa1-xAs``, each share is the interval between what the open numbers allow. Shares are linear-fractional in each open number, so
their extremes stand at the corners: every corner is worked out, nothing is estimated. Where two conditions meet between corners,
or an open number stands beside a shared site, the shares are left wide open.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from orepass.goods.elements import weights
from orepass.goods.parameters import Interval

Share = float | Interval
"""A share by weight in per cent: a number where the formula settles it, else an interval."""


class Formula(NamedTuple):
    """A formula as read.

    Attributes
    ----------
    text
        As written.
    shares
        Share by weight of each element, per cent, of the pure substance.
    key
        Proportions of the elements without water of hydration, by which the same substance is known; empty when numbers are open.
    weight
        Molar mass in g/mol; an interval where numbers are open.
    dopants
        Elements named after or before a colon: present in a share that nobody said.
    """

    text: str
    shares: dict[str, Share]
    key: tuple[tuple[str, float], ...]
    weight: float | Interval
    dopants: frozenset[str]

    @property
    def elements(self) -> frozenset[str]:
        """Every element that it names."""
        return frozenset(self.shares) | self.dopants


class NotAFormula(ValueError):
    """The text is no formula that we can read."""


_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉•∙⋅＊*", "0123456789·····")
_WATER_DOT = re.compile(
    r"(?:(?<=[A-Za-z)\]}])|(?<=[A-Za-z)\]}]\d)|(?<=[A-Za-z)\]}]\d\d))\.(?=(?:\d+(?:\.\d+)?|[nx])?\(?H2O)"
)
_TOKEN = re.compile(r"[A-Z][a-z]?|\d+(?:\.\d+)?|\.\d+|[()\[\]{},·+\-–~:xyznδmuvw]")
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_VARIABLES = frozenset("xyznδmuvw")
_LONGEST = 120
"""No formula of goods is longer; a longer text is none."""
_CORNERS = 4096
"""A formula with more corners leaves too much open to be read."""
_HIGH = 1e9
"""Stands for an open number without an upper end, such as the water in ``·nH2O``."""


class _Count(NamedTuple):
    """How often a part stands in the whole: a number, plus numbers that are open."""

    base: float
    open: tuple[tuple[str, float], ...] = ()

    def at(self, corner: Mapping[str, float]) -> float:
        value = self.base
        for name, factor in self.open:
            value += factor * corner[name]
        return value


class _Atom(NamedTuple):
    symbol: str


class _Mixed(NamedTuple):
    """Parts that share one site: ``members`` divide ``rest`` among them as nobody said."""

    site: str
    members: tuple[_Node, ...]
    fixed: tuple[tuple[_Node, _Count], ...]
    rest: float


class _Group(NamedTuple):
    parts: tuple[tuple[_Node, _Count], ...]


_Node = _Atom | _Mixed | _Group


class _Parser:
    """Recursive descent over the tokens of one formula."""

    def __init__(self, text: str, bound: Mapping[str, float]) -> None:
        self.bound = bound
        self.tokens = _TOKEN.findall(text)
        if "".join(self.tokens) != text:
            raise NotAFormula(text)
        self.split_symbols()
        self.at = 0
        self.depth = 0
        self.spans: dict[str, tuple[float, float]] = {}
        self.lessened: list[_Count] = []
        self.wide = False
        self.sites: dict[str, int] = {}

    def split_symbols(self) -> None:
        """``Ox`` is no element: it is oxygen with an open number."""
        known = weights()
        tokens: list[str] = []
        for token in self.tokens:
            if token[0].isupper() and token not in known:
                if len(token) == 2 and token[0] in known and token[1] in _VARIABLES:
                    tokens += [token[0], token[1]]
                    continue
                raise NotAFormula(token)
            tokens.append(token)
        self.tokens = tokens

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self.at += 1
        return token

    def whole(self) -> _Group:
        """Parts that a dot joins, each with a number before it: ``CuSO4·5H2O``."""
        parts: list[tuple[_Node, _Count]] = []
        while True:
            count = self.number() if self.peek()[:1].isdigit() or self.peek() in {"n", "x"} else _Count(1.0)
            parts.append((self.sequence(), count))
            if self.peek() != "·":
                break
            self.take()
        if self.at != len(self.tokens):
            raise NotAFormula("".join(self.tokens[self.at :]))
        return _Group(tuple(parts))

    def sequence(self) -> _Group:
        parts: list[tuple[_Node, _Count]] = []
        while token := self.peek():
            if token in _CLOSING:
                node: _Node = self.bracket()
            elif token[0].isupper():
                node = _Atom(self.take())
            else:
                break
            parts.append((node, self.count()))
        if not parts:
            raise NotAFormula("nothing")
        return _Group(tuple(parts))

    def bracket(self) -> _Node:
        closing = _CLOSING[self.take()]
        self.depth += 1
        if self.depth > 8:
            raise NotAFormula("too deep")
        members = [self.sequence()]
        while self.peek() == ",":
            self.take()
            members.append(self.sequence())
        if self.take() != closing:
            raise NotAFormula(closing)
        self.depth -= 1
        return members[0] if len(members) == 1 else self.mixed(members)

    def mixed(self, members: list[_Group]) -> _Node:
        """Members with a number keep it; the others share what remains of the site."""
        loose: list[_Node] = []
        fixed: list[tuple[_Node, _Count]] = []
        for member in members:
            node, count = member.parts[0]
            if len(member.parts) == 1 and count != _Count(1.0):
                fixed.append((node, count))
            else:
                loose.append(member)
        if not loose:
            return _Group(tuple(fixed))
        self.wide = self.wide or any(count.open for _, count in fixed)
        taken = sum(count.base for _, count in fixed)
        rest = 1.0 - taken if 0.0 < taken < 1.0 else 1.0
        site = f"site{len(self.sites)}"
        self.sites[site] = len(loose)
        return _Mixed(site, tuple(loose), tuple(fixed), rest)

    def count(self) -> _Count:
        token = self.peek()
        if token[:1].isdigit() or token[:1] == "." or token in _VARIABLES:
            return self.number()
        return _Count(1.0)

    def number(self) -> _Count:
        """``3``, ``0.5``, ``x``, ``1-x``, ``2-x-y``, ``7-δ``, ``0.1~0.3``."""
        base = 0.0
        open_parts: dict[str, float] = {}
        sign = 1.0
        while True:
            token = self.take()
            if token in _VARIABLES:
                self.variable(token)
                open_parts[token] = open_parts.get(token, 0.0) + sign
            else:
                value = float(token)
                follows = self.peek()
                if follows in _VARIABLES and follows not in {"n", "m", "u", "v", "w"}:
                    self.variable(self.take())
                    open_parts[follows] = open_parts.get(follows, 0.0) + sign * value
                elif follows == "~" or (follows == "–" and self.after_next() not in _VARIABLES):
                    self.take()
                    upper = float(self.take())
                    name = f"range{len(self.spans)}"
                    self.spans[name] = (min(value, upper), max(value, upper))
                    open_parts[name] = sign
                else:
                    base += sign * value
            if self.peek() in {"-", "+", "–"} and self.next_is_number():
                sign = -1.0 if self.take() in {"-", "–"} else 1.0
                continue
            for name, factor in open_parts.items():
                if factor < 0 and name not in self.bound:
                    low, high = self.spans[name]
                    said = sum(f * self.bound[n] for n, f in open_parts.items() if n in self.bound)
                    self.spans[name] = (low, min(high, max(0.0, base + said) / -factor))
            count = _Count(base, tuple(open_parts.items()))
            if any(factor < 0 for factor in open_parts.values()):
                self.lessened.append(count)
            return count

    def cuts_off(self, corner: Mapping[str, float]) -> bool:
        """Whether a count that would fall below nothing here reaches it between two corners: then the true extreme is at none of them."""
        for count in self.lessened:
            missing = -count.at(corner)
            if missing > 0:
                for name, factor in count.open:
                    low, high = self.spans[name]
                    if name not in self.bound and factor < 0 and low < corner[name] + missing / factor < high:
                        return True
        return False

    def after_next(self) -> str:
        return self.tokens[self.at + 1] if self.at + 1 < len(self.tokens) else ""

    def next_is_number(self) -> bool:
        after = self.tokens[self.at + 1] if self.at + 1 < len(self.tokens) else ""
        return after in _VARIABLES or (
            after[:1].isdigit() and self.at + 2 < len(self.tokens) and self.tokens[self.at + 2] in _VARIABLES
        )

    def variable(self, name: str) -> None:
        """An open number ends where a count that it lessens would reach nothing; a vacancy δ is at most one."""
        self.spans.setdefault(name, (0.0, 1.0 if name == "δ" else _HIGH))


def _add_up(node: _Node, times: float, corner: Mapping[str, float], into: dict[str, float]) -> None:
    if isinstance(node, _Atom):
        into[node.symbol] = into.get(node.symbol, 0.0) + times
    elif isinstance(node, _Mixed):
        for part, count in node.fixed:
            _add_up(part, times * count.at(corner), corner, into)
        _add_up(node.members[int(corner[node.site])], times * node.rest, corner, into)
    else:
        for part, count in node.parts:
            _add_up(part, times * count.at(corner), corner, into)


def _corners(parser: _Parser, bound: Mapping[str, float]) -> Iterator[dict[str, float]]:
    names = [*parser.spans, *parser.sites]
    ends: list[tuple[float, ...]] = []
    for name in parser.spans:
        low, high = parser.spans[name]
        ends.append((bound[name],) if name in bound else (low, high))
    ends += [tuple(float(i) for i in range(size)) for size in parser.sites.values()]
    total = 1
    for choices in ends:
        total *= len(choices)
    if total > _CORNERS:
        raise NotAFormula("too many open numbers")
    for choice in itertools.product(*ends):
        yield dict(zip(names, choice, strict=True))


def _symbols(node: _Node) -> Iterator[str]:
    if isinstance(node, _Atom):
        yield node.symbol
    elif isinstance(node, _Mixed):
        for member in (*node.members, *(part for part, _ in node.fixed)):
            yield from _symbols(member)
    else:
        for part, _ in node.parts:
            yield from _symbols(part)


@lru_cache(maxsize=65536)
def parse(text: str, bound: tuple[tuple[str, float], ...] = ()) -> Formula:
    """Read a chemical formula.

    Parameters
    ----------
    text
        Such as ``Ga2O3``, ``(NH4)10[H2W12O42]·4H2O``, ``Sm2(Co,Fe,Cu,Zr)17``, ``InxGa1-xAs`` or ``Y2O3:Eu``.
    bound
        Numbers said for the variables beside the formula: ``(("x", 0.53),)``.

    Raises
    ------
    NotAFormula
        When the text is none, or leaves so much open that nothing could be said.

    Examples
    --------
    >>> round(parse("Ga2O3").shares["Ga"], 2)
    74.39
    """
    written = text.translate(_SUBSCRIPTS)
    if len(written) > _LONGEST:
        raise NotAFormula("too long")
    body, dopants = _split_dopants(_WATER_DOT.sub("·", written))
    parser = _Parser(body, dict(bound))
    try:
        tree = parser.whole()
    except NotAFormula:
        raise
    except ValueError:
        raise NotAFormula(text) from None
    known = weights()
    masses: dict[str, tuple[float, float]] = {}
    lowest, highest = float("inf"), 0.0
    settled = dict(bound) | {site: 0.0 for site, members in parser.sites.items() if members == 1}
    open_numbers = any(members > 1 for members in parser.sites.values()) or any(
        name not in dict(bound) for name in parser.spans
    )
    first = True
    wide = parser.wide or any(high <= low for name, (low, high) in parser.spans.items() if name not in dict(bound))
    for corner in _corners(parser, dict(bound)):
        counts: dict[str, float] = {}
        _add_up(tree, 1.0, corner, counts)
        wide = wide or parser.cuts_off(corner)
        if any(count < 0 for count in counts.values()):
            continue
        total = sum(count * known[symbol] for symbol, count in counts.items())
        if total <= 0:
            continue
        lowest, highest = min(lowest, total), max(highest, total)
        for symbol in counts.keys() | masses.keys():
            share = 100.0 * counts.get(symbol, 0.0) * known[symbol] / total
            low, high = masses.get(symbol, (share if first else 0.0, share))
            masses[symbol] = (min(low, share), max(high, share))
        first = False
    if not masses:
        raise NotAFormula(text)
    for symbol in _symbols(tree):
        masses.setdefault(symbol, (0.0, 0.0))
    if wide:  # what the open numbers allow is not worked out: only which elements are there is known
        return Formula(
            text, {s: Interval(0.0, 100.0, True, True) for s in masses}, (), Interval(0.0, math.inf), dopants
        )
    shares: dict[str, Share] = {}
    for symbol, (low, high) in masses.items():
        high = min(high, 100.0)
        if high - low <= 1e-9:
            shares[symbol] = high
        else:
            shares[symbol] = Interval(low, high, low_open=open_numbers, high_open=open_numbers)
    endless = highest > _HIGH
    weight: float | Interval = (
        highest if highest - lowest <= 1e-9 else Interval(lowest, float("inf") if endless else highest)
    )
    return Formula(text, shares, () if open_numbers else _key(tree, settled), weight, dopants)


def _split_dopants(text: str) -> tuple[str, frozenset[str]]:
    """``Ce:LYSO`` and ``Y2O3:Eu3+`` name what the base is doped with beside a colon."""
    if ":" not in text:
        return text, frozenset()
    left, _, right = text.partition(":")
    for base, dope in ((left, right), (right, left)):
        symbols = [re.sub(r"\d*[+]?$", "", part.strip()) for part in re.split(r"[,/]", dope)]
        if symbols and all(symbol in weights() for symbol in symbols):
            return base, frozenset(symbols)
    raise NotAFormula(text)


def _key(tree: _Group, bound: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    """Counts by element without water of hydration, in the smallest whole numbers."""
    counts: dict[str, float] = {}
    dry = [part for part in tree.parts if not _is_water(part[0], bound)] or list(tree.parts)
    for node, count in dry:
        _add_up(node, count.at(bound), bound, counts)
    return reduced(counts)


def reduced(counts: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    """The same proportions with the smallest count as one, sorted by element."""
    present = {symbol: count for symbol, count in counts.items() if count > 0}
    if not present:
        return ()
    least = min(present.values())
    return tuple(sorted((symbol, round(count / least, 4)) for symbol, count in present.items()))


def _is_water(node: _Node, bound: Mapping[str, float]) -> bool:
    counts: dict[str, float] = {}
    _add_up(node, 1.0, bound, counts)
    return reduced(counts) == (("H", 2.0), ("O", 1.0))
