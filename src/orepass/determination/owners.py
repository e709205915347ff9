"""Who owns a party, as a transaction says: owners with their shares, and above them their own owners."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, cast

from orepass.determination.fields import refuse_unknown
from orepass.errors import BadInput
from orepass.goods.values import yes_no
from orepass.parties.ownership.holdings import Holding
from orepass.parties.ownership.shares import Ownership

MOST_LEVELS = 20
MOST_OWNERS = 1_000
OWNER_FIELDS = ("name", "share", "owners", "complete", "is_listed_as", "is_not_listed_as")


class Owner(NamedTuple):
    """Who holds a share of a party; the share as an interval from 0 to 1.

    ``owners`` hold this owner in turn; ``complete`` says that they are all of them. ``is_listed_as`` and ``is_not_listed_as`` are as those
    of a party.
    """

    name: str
    low: float
    high: float
    owners: tuple[Owner, ...] = ()
    complete: bool = False
    is_listed_as: tuple[str, ...] = ()
    is_not_listed_as: tuple[str, ...] = ()


def read_owners(raw: Any) -> tuple[Owner, ...]:
    """The owners of a party from the document, with theirs.

    Raises
    ------
    BadInput
        When they cannot be read, stand more than ``MOST_LEVELS`` deep or are more than ``MOST_OWNERS``.
    """
    left = iter(range(MOST_OWNERS))
    return _level(raw, 1, left)


def _level(raw: Any, level: int, left: Iterator[int]) -> tuple[Owner, ...]:
    if raw is None:
        return ()
    if not isinstance(raw, list):
        raise BadInput("owners are not a list", where="field owners", expected="[{name: ..., share: [0.3, 0.6]}]")
    given = cast("list[Any]", raw)
    if given and level > MOST_LEVELS:
        raise BadInput(
            f"owners stand more than {MOST_LEVELS} levels deep",
            where="field owners",
            expected=f"at most {MOST_LEVELS}",
            remedy="state the shares of the upper owners in a lower one, or use: orepass parties owners",
        )
    return tuple([_owner(owner, level, left) for owner in given])


def _owner(raw: Any, level: int, left: Iterator[int]) -> Owner:
    if next(left, None) is None:
        raise BadInput(
            f"a party has more than {MOST_OWNERS:,} owners, those above them counted",
            where="field owners",
            expected=f"at most {MOST_OWNERS:,}",
            remedy="leave out the smallest, or use: orepass parties owners",
        )
    if not isinstance(raw, dict) or "name" not in raw:
        raise BadInput(f"{raw!r} is no owner", where="field owners", expected="{name: ..., share: [0.3, 0.6]}")
    given = cast("dict[str, Any]", raw)
    name = str(given["name"]).strip()
    if not name:
        raise BadInput("an owner has no name", where="field owners", expected="{name: ..., share: [0.3, 0.6]}")
    refuse_unknown(given, OWNER_FIELDS, "field owners")
    low, high = share_bounds(given.get("share"))
    try:
        return Owner(
            name,
            low,
            high,
            _level(given.get("owners"), level + 1, left),
            bool(yes_no("complete", given.get("complete"))),
            listing_ids(given.get("is_listed_as"), "is_listed_as"),
            listing_ids(given.get("is_not_listed_as"), "is_not_listed_as"),
        )
    except BadInput as error:
        raise error.at(f"owner {name}") if level == 1 else error from None


def share_bounds(share: Any) -> tuple[float, float]:
    """A share of 0 to 1, or two bounds; none at all is anything between."""
    if share is None:
        return 0.0, 1.0
    pair = cast("list[Any]", share) if isinstance(share, list | tuple) else [share, share]
    try:
        low, high = (float(item) for item in pair)
    except (TypeError, ValueError):
        low, high = -1.0, -1.0
    if not 0 <= low <= high <= 1:
        raise BadInput(
            f"{share!r} is no share",
            where="field owners.share",
            expected="a number from 0 to 1, or two with the lower first",
        )
    return low, high


_LISTING = re.compile(r"^[\w.-]+/[\w.-]+$")


def listing_ids(raw: Any, field: str) -> tuple[str, ...]:
    """Listings by their ids: one, or a list of them."""
    if raw is None:
        return ()
    given = cast("list[Any]", raw) if isinstance(raw, list) else [raw]
    for name in given:
        if not isinstance(name, str) or not _LISTING.match(name):
            raise BadInput(
                f"{name!r} names no listing", where=f"field {field}", expected="notice and number, such as CN-2025-01/1"
            )
    return tuple(given)


def all_owners(owners: tuple[Owner, ...]) -> Iterator[Owner]:
    """Owners and the owners above them."""
    for owner in owners:
        yield owner
        yield from all_owners(owner.owners)


def same_name(name: str) -> str:
    """What two names within one statement of owners share when they are one party: all but case and spaces.

    Legal forms count here: a group often holds several companies that differ in nothing else.
    """
    return " ".join(name.split()).casefold()


def ownership_of(party: str, owners: tuple[Owner, ...], complete: bool) -> Ownership:
    """Who holds what, above a party.

    Parameters
    ----------
    party
        The party's name, which must not be empty.
    owners, complete
        Its owners, and whether they are all of them. An owner that stands there twice is one party; where its own owners are stated
        twice, they must agree.

    Raises
    ------
    BadInput
        When the shares cannot all be true, or the owners of one company are stated twice and differently.
    """
    spelt: dict[str, str] = {}
    stated: dict[str, tuple[Owner, ...]] = {}
    whole: set[str] = set()
    holdings: list[Holding] = []

    def name_of(name: str) -> str:
        return spelt.setdefault(same_name(name), name)

    def tell(owned: str, held_by: tuple[Owner, ...], all_told: bool) -> None:
        if all_told:
            whole.add(owned)
        if not held_by:
            return
        before = stated.setdefault(owned, held_by)
        if before is not held_by:
            if _shares_of(before) != _shares_of(held_by):
                raise BadInput(
                    f"the owners of {owned} are stated twice, and differently",
                    where="field owners",
                    expected="one statement of the owners of each company",
                    remedy="state them where the company first stands",
                )
        else:
            holdings.extend(Holding.of(name_of(owner.name), owned, owner.low, owner.high) for owner in held_by)
        for owner in held_by:
            tell(name_of(owner.name), owner.owners, owner.complete)

    tell(name_of(party), owners, complete)
    return Ownership(holdings, whole)


def _shares_of(owners: tuple[Owner, ...]) -> list[tuple[str, float, float]]:
    return sorted((same_name(owner.name), owner.low, owner.high) for owner in owners)


def spelling(graph: Ownership) -> Callable[[str], str]:
    """How a name stands in the graph."""
    spelt = {same_name(name): name for name in graph.names}
    return lambda name: spelt.get(same_name(name), name)
