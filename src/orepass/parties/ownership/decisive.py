"""What decides a verdict on ownership: the chains that make up a share, and the holdings that would settle an open one."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from math import prod
from typing import Literal, NamedTuple

from orepass.parties.ownership.holdings import FULL, HIGH, LOW, NOTHING, WHOLE
from orepass.parties.ownership.lookthrough import Solver, may_reach, reaches
from orepass.parties.ownership.shares import Ownership, Share

UNDISCLOSED_OWNERS = -1
_POPS = 200_000
_NAMED = 20
_LONG = 64


class Because(NamedTuple):
    """One thing that would settle an open answer.

    ``weight`` is how far it may move the share, at most. ``owner`` and ``company`` name the holding; for ``undisclosed`` the company alone.
    """

    kind: Literal["unknown_share", "undisclosed", "reading", "control", "rounding"]
    owner: str = ""
    company: str = ""
    weight: float = 0.0
    note: str = ""


class Path(NamedTuple):
    """A chain from a listed party (``""``: from owners who are not disclosed) to the company, with what it adds to the share.

    ``lows`` and ``highs`` are the shares of its holdings; by the cascade only the last holding is added.
    """

    names: tuple[str, ...]
    lows: tuple[Fraction, ...]
    highs: tuple[Fraction, ...]
    low: Fraction
    high: Fraction


Link = tuple[int, "Link | None"]


def _chains(graph: Ownership, solver: Solver, start: int, question: int) -> Iterator[list[int]]:
    """Chains down to a company, the one that adds most first; none goes through a company twice."""
    serial = 0
    heap: list[tuple[float, int, Link]] = [(-1.0, 0, (start, None))]
    for _ in range(_POPS):
        if not heap:
            return
        product, _, link = heapq.heappop(heap)
        v = link[0]
        if v == UNDISCLOSED_OWNERS or v in solver.listed:
            chain: list[int] = []
            here: Link | None = link
            while here is not None:
                chain.append(here[0])
                here = here[1]
            yield chain
            continue
        column = graph.columns[v]
        values = [solver.x[question][u] for u in column.owners]
        shares = column.given(values, question) if question == LOW else column.highs
        for u, share, value in zip(column.owners, shares, values, strict=True):
            if share and value and not (u in solver.circular and _holds(link, u)):
                serial += 1
                heapq.heappush(heap, (product * float(share), serial, (u, link)))
        if question == FULL and not column.complete and column.rest:
            serial += 1
            heapq.heappush(heap, (product * float(column.rest), serial, (UNDISCLOSED_OWNERS, link)))


def _holds(link: Link | None, party: int) -> bool:
    while link is not None:
        if link[0] == party:
            return True
        link = link[1]
    return False


def _path(graph: Ownership, solver: Solver, chain: list[int], question: int) -> Path:
    lows: list[Fraction] = []
    highs: list[Fraction] = []
    for u, v in zip(chain, chain[1:], strict=False):
        column = graph.columns[v]
        if u == UNDISCLOSED_OWNERS:
            low, high = NOTHING, Fraction(column.rest)
        else:
            at = column.owners.index(u)
            values = [solver.x[question][owner] for owner in column.owners]
            given = column.given(values, LOW) if question == LOW else column.lows
            low, high = Fraction(given[at]), Fraction(column.highs[at])
        lows.append(low)
        highs.append(high)
    names = tuple("" if v == UNDISCLOSED_OWNERS else graph.names[v] for v in chain)
    if solver.cascade is not None:
        last = graph.columns[chain[-1]]
        if chain[-1] in last.owners:  # what others hold is counted in the shares that are not the company's own
            outstanding = 1 - Fraction(last.lows[last.owners.index(chain[-1])])
            lows[-1], highs[-1] = (min(WHOLE, share / outstanding) for share in (lows[-1], highs[-1]))
        return Path(names, tuple(lows), tuple(highs), lows[-1], highs[-1])
    if len(chain) > _LONG:
        low, high = (Fraction(prod(map(float, shares))) for shares in (lows, highs))
    else:
        low, high = prod(lows, start=WHOLE), prod(highs, start=WHOLE)
    return Path(names, tuple(lows), tuple(highs), low, high)


def _cascade_chains(graph: Ownership, solver: Solver, start: int, question: int) -> Iterator[list[int]]:
    """By the cascade: each owner who counts, the greatest first, with one chain that makes it count."""
    passes = solver.passes[question]
    joined = {v: at for at, v in enumerate(solver.joined)} if question == LOW else {}
    column = graph.columns[start]
    shares = column.given([passes[u] for u in column.owners], LOW) if question == LOW else column.highs
    owners = [(share, u) for u, share in zip(column.owners, shares, strict=True) if share and passes[u] and u != start]
    for _, owner in sorted(owners, reverse=True):
        chain = [start, owner]
        seen = {start, owner}
        while chain[-1] not in solver.listed:
            v = chain[-1]
            above = [
                (high, u)
                for u, high in zip(graph.columns[v].owners, graph.columns[v].highs, strict=True)
                if passes[u] and u not in seen and joined.get(u, -1) < joined.get(v, 0)
            ]
            if not above:
                break
            chain.append(max(above)[1])
            seen.add(chain[-1])
        if chain[-1] not in solver.listed:
            chain.append(UNDISCLOSED_OWNERS)
        yield chain[::-1]
    if question == FULL and not column.complete and column.rest:
        yield [UNDISCLOSED_OWNERS, start]


def deciding_paths(
    graph: Ownership, solver: Solver, target: str, answer: str, share: Share, threshold: Fraction, comparison: str
) -> tuple[Path, ...]:
    """The chains that decide, greatest first.

    For *yes* the fewest that reach the threshold together, at their least (what goes round a circle of companies more than once is in no
    chain, so within circles they may fall short of it); for *undetermined* the greatest with an open share; for *no* the
    greatest from a listed party, when there is one.
    """
    start = graph.index.get(target)
    if start is None or start not in solver.x[LOW]:
        return ()
    chains = _cascade_chains if solver.cascade is not None else _chains
    if answer == "yes":
        found: list[Path] = []
        total = NOTHING
        for chain in chains(graph, solver, start, LOW):
            path = _path(graph, solver, chain, LOW)
            found.append(path)
            total += path.low
            if reaches(total, share.lo_open, threshold, comparison):
                break
        return tuple(found)
    stated = may_reach(share.hi, share.hi_open, threshold, comparison)
    question = FULL if answer == "undetermined" and not stated else HIGH
    first: Path | None = None
    for chain in islice(chains(graph, solver, start, question), 1000):
        path = _path(graph, solver, chain, question)
        if answer == "no" or path.lows != path.highs:
            return (path,)
        first = first or path
    return (first,) if first else ()


def _nearness(graph: Ownership, solver: Solver, start: int) -> dict[int, float]:
    """How much of each party's own share reaches the company, at most, along one chain."""
    best: dict[int, float] = {}
    heap = [(-1.0, start)]
    while heap:
        product, v = heapq.heappop(heap)
        if v in best:
            continue
        best[v] = -product
        if v not in solver.listed:
            column = graph.columns[v]
            for u, high in zip(column.owners, column.highs, strict=True):
                if u not in best and high:
                    heapq.heappush(heap, (product * float(high), u))
    return best


def open_points(
    graph: Ownership, solver: Solver, target: str, share: Share, threshold: Fraction, comparison: str
) -> list[Because]:
    """The holdings and companies whose shares would settle an open answer, most decisive first.

    Where no stated share can meet the test, only owners who are not disclosed are named.
    """
    start = graph.index.get(target)
    if start is None or graph.is_end(start):
        return [Because("undisclosed", "", target, 1.0)]
    stated = may_reach(share.hi, share.hi_open, threshold, comparison)
    found: list[Because] = []
    for v, nearness in _nearness(graph, solver, start).items():
        column = graph.columns[v]
        if v in solver.listed or graph.is_end(v):
            continue
        for u, low, high in zip(column.owners, column.lows, column.highs, strict=True):
            weight = nearness * float(high - low) * float(solver.passes[HIGH][u])
            if stated and weight:
                found.append(Because("unknown_share", graph.names[u], graph.names[v], weight))
        if column.rest and not column.complete:
            found.append(Because("undisclosed", "", graph.names[v], nearness * float(column.rest)))
    found.sort(key=lambda why: (-why.weight, why.kind == "undisclosed", why.company, why.owner))
    return found[:_NAMED] or [Because("rounding", note="the share lies at the threshold within the rounding")]


def ends_taken(graph: Ownership, solver: Solver, target: str) -> tuple[str, ...]:
    """Parties above a company of whom no owner is stated and who are not listed, the greatest first."""
    start = graph.index.get(target)
    if start is None:
        return ()
    near = _nearness(graph, solver, start)
    ends = [(-nearness, graph.names[v]) for v, nearness in near.items() if graph.is_end(v) and v not in solver.listed]
    return tuple(name for _, name in sorted(ends)[:_NAMED])
