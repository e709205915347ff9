"""A party as a list names it, and a party as somebody asks about it."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple


class Identifier(NamedTuple):
    """A number under which a register knows a party: its kind (``lei``, ``uscc``, ``imo``, ``registration`` …) and its value."""

    kind: str
    value: str


class ListedParty(NamedTuple):
    """A party as a list names it.

    ``list`` is the list's id and ``id`` the entry in it; ``names`` hold the primary name first, then the aliases, in any script; ``bars``
    says in the list's own words what follows from the listing. ``from_`` and ``to`` are the days between which the listing holds (``to`` is
    the first day on which it no longer does; ``None`` where the list does not say), ``known_from`` the day since which it could be known.
    """

    list: str
    id: str
    names: tuple[str, ...]
    countries: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    addresses: tuple[str, ...] = ()
    notice: str = ""
    bars: str = ""
    from_: date | None = None
    to: date | None = None
    known_from: date | None = None
    source: str = ""
    note: str = ""
    kind: str = ""

    def holds_on(self, day: date) -> bool:
        """Whether the listing holds on a day, as far as the list says."""
        return (self.from_ is None or self.from_ <= day) and (self.to is None or day < self.to)


class Asked(NamedTuple):
    """A party about which somebody asks: its name and what else is known of it."""

    name: str
    country: str | None = None
    identifiers: tuple[Identifier, ...] = ()
    address: str = ""
