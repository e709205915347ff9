"""Numbers reduced to the space between limits: two that lie in one space are the same to everybody who compares them with these limits."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from typing import Any, NamedTuple

from orepass.factcache import digest
from orepass.goods.description import Description
from orepass.goods.parameters import Value, reading

SHARE = "content_wt_pct."


class Bins(NamedTuple):
    """The limits between which a number changes no answer, in order, and the span in which numbers are read at all."""

    limits: tuple[float, ...]
    low: float
    high: float

    def middle(self, number: float) -> float:
        """The number that stands for all those with which it shares its place between limits."""
        place = bisect_left(self.limits, number)
        if place < len(self.limits) and self.limits[place] == number:
            return number
        below = self.limits[place - 1] if place else self.low
        above = self.limits[place] if place < len(self.limits) else self.high
        return self.stand_ins[place] if below < number < above else number

    @property
    def stand_ins(self) -> tuple[float, ...]:
        """The number that stands for each open space between limits, from the lowest space to the highest."""
        edges = (self.low, *self.limits, self.high)
        return tuple(
            (below + above) / 2 if above < float("inf") else below * 2 + 1
            for below, above in zip(edges, edges[1:], strict=False)
        )


def between_limits(facts: Mapping[str, Any], bins: Mapping[str, Bins]) -> dict[str, Any]:
    """Facts of goods with numbers reduced to the space between limits.

    Shares of elements to which others could be added, and a purity beside them, stay as they are: what they add up to matters as well.

    Parameters
    ----------
    facts
        Facts by name.
    bins
        Limits by fact; none to keep every number.
    """
    shares = [value for name, value in facts.items() if name.startswith(SHARE) and isinstance(value, float)]
    whole = not shares or min(shares) >= reading().nearly_all_pct
    reduced = dict(facts)
    for name, value in facts.items():
        if value.__class__ is float:
            limits = bins.get("purity_pct" if name.startswith(SHARE) else name)
            if limits is not None and (whole or not (name == "purity_pct" or name.startswith(SHARE))):
                reduced[name] = limits.middle(value)
    return reduced


def reading_digest(described: Description, bins: Mapping[str, Bins]) -> bytes:
    """A digest of what a determination takes from a description: two texts with the same one say the same of the goods."""
    against_itself = any(conflict.fact == "substance" for conflict in described.conflicts)
    facts = sorted((name, _in_order(value)) for name, value in between_limits(described.facts, bins).items())
    return digest(repr((bool(bins), facts, described.kind, described.also_named, against_itself)))


def _in_order(value: Value) -> str:
    return repr(sorted(value)) if isinstance(value, frozenset) else repr(value)
