"""The share of a company that listed parties hold together, directly and through others, as an interval.

With ``x`` the share of each company, ``x[v]`` is the sum over its owners ``u`` of ``s[u, v]`` times 1 where ``u`` is listed, else
``x[u]``: the least solution, so a circle of companies without an outside owner is owned by nobody listed. Each stated share may lie
anywhere in its interval, and the owners of a company hold no more than all of it. The least and the greatest ``x`` over all such
shares are the values of a Markov decision process in which each company is a state: its choice at the bottom is to give what is not
settled to the owners with the least ``x`` (only where its stated owners are all of them; else nothing more is given), at the top to
those with the greatest.

Companies are solved owners first, one strongly connected component at a time: exactly in fractions by policy iteration; components of
more than ``EXACT_COMPONENT`` companies in floats, widened until exact arithmetic confirms them as bounds. Fractions that grow beyond
``bits`` are rounded outward. Both are told by ``exact=False``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple, Protocol

from orepass.parties.ownership.holdings import FULL, HIGH, LOW, Column, Number

EXACT_COMPONENT = 50
EXACT_BITS = 2048
_SMALL_PIVOT = 1e-5
_DENSE = 2000
_SWEEPS = 400


class Graph(Protocol):
    """What solving asks of a graph."""

    index: dict[str, int]
    columns: list[Column]
    open_lows: set[tuple[int, int]]
    open_highs: set[tuple[int, int]]


def reaches(low: Number, low_open: bool, threshold: Fraction, comparison: str) -> bool:
    """Whether all that lies above a lower bound meets the threshold."""
    return low > threshold or (low == threshold and (comparison == ">=" or low_open))


def may_reach(high: Number, high_open: bool, threshold: Fraction, comparison: str) -> bool:
    """Whether something below an upper bound meets the threshold."""
    return high > threshold or (high == threshold and comparison == ">=" and not high_open)


class Cascade(NamedTuple):
    """The reading by which a company that meets the test counts as listed with all that it holds, and any other passes nothing on."""

    threshold: Fraction
    comparison: str


class Solver:
    """Solves companies owners first.

    Parameters
    ----------
    graph
        Who holds what.
    listed
        The listed parties.
    cascade
        Count by this reading; ``None`` multiplies along the chain.
    bits
        The denominators' limit; 0 counts in floats.
    """

    def __init__(
        self, graph: Graph, listed: Iterable[str], cascade: Cascade | None = None, bits: int = EXACT_BITS
    ) -> None:
        self.graph, self.cascade, self.bits = graph, cascade, bits
        self.exact = True
        self.listed = {graph.index[name] for name in listed if name in graph.index}
        one: Number = Fraction(1) if bits else 1.0
        self.x: tuple[dict[int, Number], ...] = tuple(dict.fromkeys(self.listed, one) for _ in range(3))
        self.open: tuple[set[int], ...] = (set(), set(), set())
        self.passes = tuple(dict(x) for x in self.x) if cascade else self.x
        """What an owner passes on of each holding: its own share, or by the cascade all or nothing."""
        self.circular: set[int] = set()
        self.joined: list[int] = []
        """By the cascade: who certainly counts, in the order in which it followed."""

    def run(self, targets: Iterable[int]) -> list[list[int]]:
        """Solves the targets and all who stand above them; returns the components in order."""
        columns = self.graph.columns
        components = list(_components(targets, columns, self.listed))
        opens = bool(self.graph.open_lows or self.graph.open_highs)
        for members in components:
            inner = {v: columns[v] if self.bits else columns[v].in_floats() for v in members}
            alone = len(members) == 1 and members[0] not in inner[members[0]].owners
            if not alone:
                self.circular.update(members)
            for question in (LOW, HIGH, FULL):
                if self.cascade is not None:
                    self._cascade(inner, question)
                elif alone:
                    v, column, x = members[0], inner[members[0]], self.x[question]
                    values = [x[u] for u in column.owners]
                    x[v] = self._trimmed(column.worth(column.given(values, question), values, question), question)
                else:
                    self._solve(inner, question, self.x[question], self.x[question])
                if opens and self.cascade is None:
                    self._open(inner, question)
        return components

    def _trimmed(self, value: Number, question: int) -> Number:
        """A value, rounded outward where its fraction has grown too long."""
        if not isinstance(value, Fraction):
            return value if self.bits else min(1.0, value)
        if value.denominator.bit_length() <= self.bits:
            return value
        self.exact = False
        return outward(value, question, self.bits // 2)

    def _cascade(self, inner: Mapping[int, Column], question: int) -> None:
        assert self.cascade is not None
        passes, x = self.passes[question], self.x[question]
        nothing: Number = Fraction(0) if self.bits else 0.0
        passes.update(dict.fromkeys(inner, nothing))
        x.update(dict.fromkeys(inner, nothing))
        moving = True
        while moving:
            moving = False
            for v, column in inner.items():
                if v in column.owners:
                    self._solve({v: column}, question, x, passes)
                else:
                    values = [passes[u] for u in column.owners]
                    x[v] = column.worth(column.given(values, question), values, question)
                self.open[question].discard(v)
                self._open({v: column}, question)
                judge = reaches if question == LOW else may_reach
                if not passes[v] and judge(x[v], v in self.open[question], *self.cascade):
                    passes[v] = nothing + 1
                    moving = True
                    if question == LOW:
                        self.joined.append(v)

    def _solve(
        self, inner: Mapping[int, Column], question: int, x: dict[int, Number], outer: dict[int, Number]
    ) -> None:
        """Policy iteration over the companies of one component; ``outer`` holds what owners outside it pass on."""
        live = _never_zero(inner, outer) if question == LOW else list(inner)
        zero: Number = Fraction(0) if self.bits else 0.0
        x.update(dict.fromkeys(inner, zero))
        if not live:
            return
        big = len(live) > EXACT_COMPONENT
        columns = {v: inner[v].in_floats() if big else inner[v] for v in live}

        def values(v: int) -> list[Number]:
            return [x[u] if u in inner else outer[u] for u in inner[v].owners]

        policy = {v: column.given(values(v), question) for v, column in columns.items()}
        tolerance = 0 if self.bits and not big else 1e-12
        for _ in range(1000):
            x.update(_evaluated(columns, policy, question, values, inner, big))
            better = False
            for v, column in columns.items():
                now = values(v)
                shares = column.given(now, question)
                gain = column.worth(shares, now, question) - column.worth(policy[v], now, question)
                if (-gain if question == LOW else gain) > tolerance:
                    policy[v] = shares
                    better = True
            if not better:
                break
        if big:
            self._confirm(live, question, x, values)
        else:
            x.update({v: self._trimmed(x[v], question) for v in live})

    def _confirm(
        self, columns: Sequence[int], question: int, x: dict[int, Number], values: Callable[[int], list[Number]]
    ) -> None:
        """Widens float results until one more step in exact arithmetic stays inside them, which makes them bounds."""
        self.exact = False
        step = Fraction(1, 10**14)
        x.update({v: _clip(Fraction(x[v]) + (-step if question == LOW else step)) for v in columns})
        for turn in range(64):
            moved = False
            for v in columns if turn % 2 else reversed(columns):
                now = [Fraction(value) for value in values(v)]
                column = self.graph.columns[v]
                found = Fraction(column.worth(column.given(now, question), now, question))
                if found < x[v] if question == LOW else found > x[v]:
                    x[v] = outward(found, question, 96)
                    moved = True
            if not moved:
                break
        else:
            x.update(dict.fromkeys(columns, Fraction(0) if question == LOW else Fraction(1)))
        if not self.bits:
            x.update({v: float(x[v]) for v in columns})

    def _open(self, inner: Mapping[int, Column], question: int) -> None:
        """Marks the companies whose bound is not itself reached, because a stated bound is open."""
        opens, x = self.open[question], self.x[question]
        outer = self.passes[question]
        moving = True
        while moving:
            moving = False
            for v, column in inner.items():
                if v not in opens:
                    values = [x[u] if u in inner else outer[u] for u in column.owners]
                    if self._is_open(v, column, values, question):
                        opens.add(v)
                        moving = True

    def _is_open(self, v: int, column: Column, values: Sequence[Number], question: int) -> bool:
        opens, graph = self.open[question] if self.cascade is None else (), self.graph
        shares = column.given(values, question)
        moved = [value for share, low, value in zip(shares, column.lows, values, strict=True) if share > low]
        kept = [value for share, high, value in zip(shares, column.highs, values, strict=True) if share < high]
        left_over = not column.complete and question != HIGH
        for u, low, high, share, value in zip(column.owners, column.lows, column.highs, shares, values, strict=True):
            if low and u in opens:
                return True
            if (u, v) in graph.open_lows and share == low:
                # What u must hold beyond its bound is taken from where it gave the company less, or more, than u does.
                if question == LOW and (value > 0 or u in opens if left_over else value > max(moved, default=value)):
                    return True
                if question != LOW and (value < 1 if left_over else value < min(moved, default=value)):
                    return True
            capped = question != LOW and not left_over and share == high and (u, v) in graph.open_highs
            if capped and value > max(kept, default=0):
                return True
        return False


def _clip(value: Fraction) -> Fraction:
    return max(Fraction(0), min(Fraction(1), value))


def outward(value: Fraction, question: int, bits: int) -> Fraction:
    """A fraction over a power of two, down for the lower bound and up for the others."""
    scaled, left = divmod(value.numerator << bits, value.denominator)
    return _clip(Fraction(scaled + (1 if left and question != LOW else 0), 1 << bits))


def _never_zero(inner: Mapping[int, Column], outer: Mapping[int, Number]) -> list[int]:
    """The companies of a component that listed parties hold a part of, however the open shares lie."""
    positive: set[int] = set()
    moving = True
    while moving:
        moving = False
        for v, column in inner.items():
            if v in positive:
                continue
            held = [(u in positive) if u in inner else outer[u] > 0 for u in column.owners]
            certain = any(low and is_held for low, is_held in zip(column.lows, held, strict=True))
            if not certain and column.complete:
                certain = sum(high for high, is_held in zip(column.highs, held, strict=True) if not is_held) < 1
            if certain:
                positive.add(v)
                moving = True
    return [v for v in inner if v in positive]


class _IllConditioned(Exception):
    """A circle that is nearly closed: floats would lose too much."""


def _evaluated(
    columns: Mapping[int, Column],
    policy: Mapping[int, Sequence[Number]],
    question: int,
    values: Callable[[int], list[Number]],
    inner: Mapping[int, Column],
    big: bool,
) -> Mapping[int, Number]:
    """The least solution under given shares."""
    rows: dict[int, dict[int, Number]] = {}
    start: dict[int, Number] = {}
    for v, column in columns.items():
        known = [0 if u in inner else value for u, value in zip(column.owners, values(v), strict=True)]
        start[v] = column.worth(policy[v], known, question)
        rows[v] = {u: share for u, share in zip(column.owners, policy[v], strict=True) if share and u in columns}
    users: dict[int, list[int]] = {v: [] for v in columns}
    for v, row in rows.items():
        for u in row:
            users[u].append(v)
    reached = [v for v in columns if start[v] > 0]
    seen = set(reached)
    for v in reached:
        new = [user for user in users[v] if user not in seen]
        seen.update(new)
        reached.extend(new)
    rows = {v: {u: share for u, share in rows[v].items() if u in seen} for v in columns if v in seen}
    zero = {v: 0 * start[v] for v in columns if v not in seen}
    if big:
        return zero | _iterated(rows, start)
    try:
        return zero | _eliminated(rows, start)
    except _IllConditioned:
        exact: dict[int, dict[int, Number]] = {
            v: {u: Fraction(share) for u, share in row.items()} for v, row in rows.items()
        }
        solved = _eliminated(exact, {v: Fraction(value) for v, value in start.items()})
        return zero | {v: float(value) for v, value in solved.items()}


def _eliminated(rows: dict[int, dict[int, Number]], start: Mapping[int, Number]) -> dict[int, Number]:
    """``x = start + rows x`` by putting one company after another into those that it owns."""
    const = {v: start[v] for v in rows}
    for v, row in rows.items():
        own = row.pop(v, 0)
        if own:
            left = 1 - own
            if isinstance(left, float) and left < _SMALL_PIVOT:
                raise _IllConditioned
            const[v] /= left
            for u in row:
                row[u] /= left
        for w, other in rows.items():
            factor = other.pop(v, None) if w != v else None
            if factor is not None:
                const[w] += factor * const[v]
                for u, share in row.items():
                    other[u] = other.get(u, 0) + factor * share
    return const


def _iterated(rows: dict[int, dict[int, Number]], start: Mapping[int, Number]) -> dict[int, Number]:
    """The same in floats for a component of many companies; whatever it lacks is made good by widening."""
    import numpy as np

    if len(rows) <= _DENSE:
        place = {v: at for at, v in enumerate(rows)}
        matrix = np.eye(len(rows))
        for v, row in rows.items():
            for u, share in row.items():
                matrix[place[v], place[u]] -= float(share)
        solved: list[float] = np.linalg.solve(matrix, np.array([float(start[v]) for v in rows])).tolist()
        return {v: min(1.0, max(0.0, value)) for v, value in zip(rows, solved, strict=True)}
    x = {v: float(start[v]) for v in rows}
    order = list(rows)
    for turn in range(_SWEEPS):
        moved = 0.0
        for v in reversed(order) if turn % 2 else order:
            value = min(1.0, float(start[v]) + sum(float(share) * x[u] for u, share in rows[v].items()))
            moved = max(moved, abs(value - x[v]))
            x[v] = value
        if moved < 1e-15:
            break
    return dict(x)


def _components(targets: Iterable[int], columns: Sequence[Column], listed: set[int]) -> Iterator[list[int]]:
    """Strongly connected components above the targets, owners first; listed parties are the ends (Tarjan, without recursion)."""
    number: dict[int, int] = dict.fromkeys(listed, -1)
    low: dict[int, int] = {}
    waiting: list[int] = []
    on_stack: set[int] = set()
    for target in targets:
        if target in number:
            continue
        number[target] = low[target] = len(number)
        waiting.append(target)
        on_stack.add(target)
        path = [(target, iter(columns[target].owners))]
        while path:
            v, owners = path[-1]
            for u in owners:
                if u not in number:
                    number[u] = low[u] = len(number)
                    waiting.append(u)
                    on_stack.add(u)
                    path.append((u, iter(columns[u].owners)))
                    break
                if u in on_stack and number[u] < low[v]:
                    low[v] = number[u]
            else:
                path.pop()
                if path and low[v] < low[path[-1][0]]:
                    low[path[-1][0]] = low[v]
                if low[v] == number[v]:
                    members: list[int] = []
                    while not members or members[-1] != v:
                        members.append(waiting.pop())
                    on_stack.difference_update(members)
                    yield members
