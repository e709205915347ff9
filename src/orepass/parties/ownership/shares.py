"""Who holds what, and the share of a company that listed parties hold together, directly and through others, as an interval."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from orepass.errors import BadInput
from orepass.parties.ownership.holdings import FULL, HIGH, LOW, NO_OWNERS, UNDISCLOSED, Answer, Column, Holding, percent
from orepass.parties.ownership.lookthrough import Solver, may_reach, reaches

if TYPE_CHECKING:
    import numpy as np

BULK_BITS = 320
_NEAR = 1e-9


class Ownership:
    """Who holds what.

    Parameters
    ----------
    holdings
        Stakes; several of one owner in one company add up. A company's own shares are a circle of one: what others hold is counted in
        the shares that are left, as it is when a wholly owned company holds them.
    complete
        Companies whose stated owners are all of them: their shares make 100 %. Elsewhere the rest belongs to others, who are not disclosed.
    companies
        Parties known to be companies: where no owner of one is stated, all of it is undisclosed. Any other party without stated
        owners (a person, a state) is an end of the chain, and a verdict that rests on this says so.

    Raises
    ------
    BadInput
        When the stated shares of a company cannot all be true.
    """

    def __init__(
        self, holdings: Iterable[Holding], complete: Iterable[str] = (), companies: Iterable[str] = ()
    ) -> None:
        self.names: list[str] = []
        self.index: dict[str, int] = {}
        self.control: dict[int, list[tuple[int, Holding]]] = {}
        self.open_lows: set[tuple[int, int]] = set()
        self.open_highs: set[tuple[int, int]] = set()
        stated: list[dict[int, tuple[Fraction, Fraction]]] = []
        for holding in holdings:
            if not holding.owner or not holding.owned:
                raise BadInput("a holding has no name on one side", expected="an owner and an owned")
            owner, owned = self._place(holding.owner, stated), self._place(holding.owned, stated)
            if holding.kind == "control":
                self.control.setdefault(owned, []).append((owner, holding))
                continue
            low, high = holding.low, holding.high
            if not 0 <= low <= high <= 1:
                raise BadInput(
                    f"the share {low} to {high} is no interval between 0 and 1",
                    where=f"holding of {holding.owner} in {holding.owned}",
                    expected="0 <= low <= high <= 1",
                )
            before = stated[owned].get(owner)
            if before is not None:
                low, high = before[0] + low, before[1] + high
                if high > 1:
                    self.open_highs.discard((owner, owned))
            stated[owned][owner] = (low, high)
            if holding.low_open:
                self.open_lows.add((owner, owned))
            if holding.high_open and high <= 1:
                self.open_highs.add((owner, owned))
        whole = {self._place(name, stated) for name in complete}
        known = {self._place(name, stated) for name in companies} | set(self.control)
        self.columns = [
            self._column(v, owners, v in whole, v in known) if owners or v in whole or v in known else NO_OWNERS
            for v, owners in enumerate(stated)
        ]

    def _place(self, name: str, stated: list[dict[int, tuple[Fraction, Fraction]]]) -> int:
        place = self.index.get(name)
        if place is None:
            place = self.index[name] = len(self.names)
            self.names.append(name)
            stated.append({})
        return place

    def _column(self, v: int, stated: Mapping[int, tuple[Fraction, Fraction]], complete: bool, known: bool) -> Column:
        if not stated and known and not complete:
            return UNDISCLOSED
        lows = tuple(low for low, _ in stated.values())
        total = lows[0] if len(lows) == 1 else sum(lows, Fraction(0))
        where = f"owners of {self.names[v]}"
        if total > 1 or (total == 1 and any((u, v) in self.open_lows for u in stated)):
            said = "more than " if total == 1 else ""
            raise BadInput(
                f"the stated shares add up to at least {said}{percent(total)}",
                where=where,
                expected="no more than 100 %",
                remedy="correct a share or state a range",
            )
        rest = 1 - total
        highs = tuple(min(high, low + rest) for low, high in stated.values())
        if complete and sum((high for _, high in stated.values()), Fraction(0)) < 1:
            reached = sum(highs, Fraction(0))
            raise BadInput(
                f"the stated owners are said to be all of them but hold at most {percent(reached)}",
                where=where,
                expected="100 %",
                remedy="state the missing owners or do not call the list complete",
            )
        return Column(tuple(stated), lows, highs, rest, complete, lows == highs)

    def is_end(self, place: int) -> bool:
        """Whether nothing is stated above a party."""
        return self.columns[place] is NO_OWNERS

    def share(self, listed: Iterable[str], target: str) -> Share:
        """The share of ``target`` that the listed parties hold together, directly and through others."""
        if target in (listed := frozenset(listed)):
            return LISTED_ITSELF
        solver = Solver(self, listed)
        place = self.index.get(target)
        if place is None or self.is_end(place):
            return NOTHING_STATED
        solver.run([place])
        return share_found(solver, place)

    def shares_of_all(self, listed: Iterable[str]) -> Shares:
        """The shares of every party at once, in floats; see :class:`Shares`."""
        import numpy as np

        listed = frozenset(listed)
        solver = Solver(self, listed, bits=0)
        solver.run(range(len(self.names)))
        low, high, full = (
            np.fromiter((x[v] for v in range(len(self.names))), dtype=float, count=len(self.names)) for x in solver.x
        )
        ends = [v for v in range(len(self.names)) if self.is_end(v) and v not in solver.listed]
        full[ends] = 1.0  # asked about itself, a party of whom nothing is stated is not known to be free
        return Shares(self, listed, low, high, full)


class Share(NamedTuple):
    """The share that listed parties hold together.

    ``lo`` and ``hi`` bound what stated owners give; ``hi_if_undisclosed`` also counts owners who are not disclosed, anywhere up the
    chain, as listed. An open bound is not itself reached. ``exact`` is false where a bound was rounded outward.
    """

    lo: Fraction
    hi: Fraction
    hi_if_undisclosed: Fraction
    lo_open: bool = False
    hi_open: bool = False
    undisclosed_open: bool = False
    exact: bool = True
    listed_itself: bool = False

    def answer(self, threshold: Fraction, comparison: str = ">=") -> Answer:
        """``yes``, ``no`` or ``undetermined``: whether the share reaches a threshold."""
        if reaches(self.lo, self.lo_open, threshold, comparison):
            return "yes"
        return (
            "undetermined" if may_reach(self.hi_if_undisclosed, self.undisclosed_open, threshold, comparison) else "no"
        )


def share_found(solver: Solver, v: int) -> Share:
    """The result for one party that was solved."""
    low, high, full = (Fraction(solver.x[question][v]) for question in (LOW, HIGH, FULL))
    return Share(low, high, full, *(v in opens for opens in solver.open), exact=solver.exact)


LISTED_ITSELF = Share(Fraction(1), Fraction(1), Fraction(1), listed_itself=True)
NOTHING_STATED = Share(Fraction(0), Fraction(0), Fraction(1))


class Shares(NamedTuple):
    """The shares of every party of a graph, in floats (``names[i]`` has ``lo[i]``, ``hi[i]``, ``hi_if_undisclosed[i]``)."""

    graph: Ownership
    listed: frozenset[str]
    lo: np.ndarray[Any, np.dtype[np.float64]]
    hi: np.ndarray[Any, np.dtype[np.float64]]
    hi_if_undisclosed: np.ndarray[Any, np.dtype[np.float64]]

    def answers(self, threshold: Fraction, comparison: str = ">=") -> list[str]:
        """``yes``, ``no`` or ``undetermined`` for every party; those within 1e-9 of the threshold are counted again in fractions."""
        import numpy as np

        at = float(threshold)
        sure = self.lo > at + _NEAR
        never = self.hi_if_undisclosed < at - _NEAR
        answers: list[str] = np.where(sure, "yes", np.where(never, "no", "undetermined")).tolist()
        close = (np.abs(self.lo - at) <= _NEAR) | (~sure & (np.abs(self.hi_if_undisclosed - at) <= _NEAR))
        again: list[int] = np.flatnonzero(close).tolist()
        solver = Solver(self.graph, self.listed, bits=BULK_BITS)
        solver.run(v for v in again if v not in solver.listed)
        for v in again:
            answers[v] = (NOTHING_STATED if self.graph.is_end(v) else share_found(solver, v)).answer(
                threshold, comparison
            )
        return answers
