"""The share of a party that listed parties hold, directly and through others: the fact that a rule may ask for, and what it rests on.

The only Chinese text with such a test does not say how shares are counted, so the share runs from the least to the greatest that any
reading gives. Owners who are not stated do not make it unknown; a doubt names them where the rule could matter.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from orepass.determination.logic import ASK, NO, OPEN, OPEN_FACT, YES
from orepass.determination.owners import Owner, all_owners, ownership_of, spelling
from orepass.errors import BadInput
from orepass.goods.parameters import Interval
from orepass.law.model import Listing, State
from orepass.law.windows import Standing
from orepass.parties.evidence import NameEvidence
from orepass.parties.ownership.shares import Ownership
from orepass.parties.ownership.verdict import OwnershipTest, Verdict, decide, ownership_tests

if TYPE_CHECKING:
    from orepass.determination.rulebook import Rulebook
    from orepass.determination.transaction import Party

FACT = "owned_by_listed_pct"
TEST = "CN-2025-61-2"
"""The one test of ownership in the law (shared law notes, 11): 2025 No.61 paragraph 2."""
COUNTED = frozenset({"control", "watch"})
"""The lists whose parties count as owners there."""
PERCENT = 100


@cache
def china_test() -> OwnershipTest:
    """The test by which shares count."""
    return ownership_tests()[TEST]


class ListedOwner(NamedTuple):
    """An owner found on a list; with ``evidence`` where the name only probably means the listed party."""

    name: str
    listing: Listing
    standing: Standing
    evidence: NameEvidence | None = None

    @property
    def counts(self) -> bool:
        """Whether its share may count: the list is one that the test names, and the listing holds or may hold."""
        return self.listing.list in COUNTED and self.standing.state in {State.IN_FORCE, State.UNKNOWN}


class Bounds(NamedTuple):
    """The least and the greatest share."""

    low: Fraction
    high: Fraction


class Owned:
    """A party with its owners, and those of them that are listed.

    Parameters
    ----------
    party, name
        The party, and how it is called in the graph.
    graph
        Who holds what above it.
    owners
        Owners found on a list, each listing once.
    """

    def __init__(self, party: Party, name: str, graph: Ownership, owners: tuple[ListedOwner, ...]) -> None:
        self.party = party
        self.name = name
        self.graph = graph
        self.owners = owners
        counted = [owner for owner in owners if owner.counts and owner.name != name]
        named = [owner for owner in counted if owner.evidence is None]
        self.listed = frozenset(owner.name for owner in named if owner.standing.state is State.IN_FORCE)
        """Owners whose share counts."""
        self.open = frozenset(owner.name for owner in named) - self.listed
        """Owners of whom the law itself does not say whether they are listed on the day."""
        self.likely = frozenset(owner.name for owner in counted) - self.listed - self.open
        """Owners whose names probably mean a listed party."""

    def verdict(self, listed: frozenset[str]) -> Verdict:
        """The verdict of the test when these owners count."""
        return decide(self.graph, listed, self.name, china_test())

    @cached_property
    def sure(self) -> Verdict:
        """The verdict over the owners who are listed."""
        return self.verdict(self.listed)

    @property
    def at_most(self) -> Verdict:
        """The verdict when every owner counts who may be listed."""
        return self.verdict(self.listed | self.open | self.likely) if self.open or self.likely else self.sure

    def bounds(self, *, with_open: bool) -> Bounds:
        """The share of listed owners, from what is sure to what is likely."""
        surely = self.listed | self.open if with_open else self.listed
        least = self.verdict(surely).interval if with_open and self.open else self.sure.interval
        greatest = self.verdict(surely | self.likely).interval if self.likely else least
        return Bounds(least.lo, max(least.hi, greatest.hi))


def owned(party: Party, book: Rulebook) -> Owned | None:
    """A party with those of its owners that stand on a list; ``None`` where no owner is stated.

    Raises
    ------
    BadInput
        When the shares cannot all be true, or a listing that somebody names does not stand on the day.
    """
    if not party.owners:
        return None
    name = name_of(party)
    graph = ownership_of(name, party.owners, party.owners_complete)
    as_spelt = spelling(graph)
    found: dict[tuple[str, str], ListedOwner] = {}
    for owner in all_owners(party.owners):
        for listed in _listings(owner, as_spelt(owner.name), book):
            found.setdefault((listed.name, listed.listing.id), listed)
    return Owned(party, as_spelt(name), graph, tuple(found.values()))


def name_of(party: Party) -> str:
    """A party's name, or its role where it has none."""
    return party.name or f"the {party.role.replace('_', ' ')}"


def _listings(owner: Owner, name: str, book: Rulebook) -> Iterator[ListedOwner]:
    for key in owner.is_listed_as:
        if key not in book.listings:
            raise unknown_listing(key, f"owner {owner.name}", owner.name)
        yield ListedOwner(name, *book.listings[key])
    for match in book.register.find(owner.name):
        if match.party[0].id not in owner.is_not_listed_as:
            yield ListedOwner(name, *match.party)
    answered = {*owner.is_listed_as, *owner.is_not_listed_as}
    for near in book.register.likely(owner.name):
        if near.party[0].id not in answered:
            yield ListedOwner(name, *near.party, near.evidence)


def unknown_listing(key: str, who: str, name: str) -> BadInput:
    """A listing was named that does not stand on the day."""
    return BadInput(
        f"no listing {key!r} stands on this day",
        where=f"{who}, field is_listed_as",
        expected="notice and number, such as CN-2025-01/1",
        remedy=f'see: orepass parties match "{name}"',
    )


def fact(parties: Iterable[Owned]) -> Any:
    """The greatest share that listed parties hold of any of these parties, in per cent; ``None`` where they hold nothing.

    A number, or an :class:`~orepass.goods.parameters.Interval`. It is open where it hangs on the law alone whether the test is met: the
    state of an owner's listing is not known on the day.
    """
    held = list(parties)
    surely = _greatest(party.bounds(with_open=False) for party in held)
    may_be = _greatest(party.bounds(with_open=True) for party in held) if any(party.open for party in held) else surely
    if not max(surely.high, may_be.high):
        return None
    if max(_reaches(surely), min(OPEN, _reaches(may_be))) == OPEN:
        return OPEN_FACT
    low, high = _per_cent(surely.low), _per_cent(max(surely.high, may_be.high))
    return low if low == high else Interval(low, high)


def _greatest(bounds: Iterable[Bounds]) -> Bounds:
    every = list(bounds)
    return Bounds(max(each.low for each in every), max(each.high for each in every))


def _reaches(bounds: Bounds) -> int:
    at = china_test().threshold
    return YES if bounds.low >= at else ASK if bounds.high >= at else NO


def _per_cent(share: Fraction) -> float:
    """Rounded, but never across the threshold."""
    limit = china_test().threshold
    value, at = float(share * PERCENT), float(limit * PERCENT)
    return math.nextafter(value, 0) if share < limit and value >= at else value
