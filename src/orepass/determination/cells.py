"""Cells: a value of a table reduced to what the law can tell apart.

Two rows whose values reduce to the same values have the same answer. So ten million declarations are some ten thousand cells, and each cell
is decided once. A reduction never goes further than the law: a country that no rule names stands for all such countries, a name that no
list ever held for all such names, a customs number that points nowhere for all such numbers, a purity between two limits for all purities
there. What cannot be read stays as it is, so that its error names it. See ``docs/adr/0008-cells.md``.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cached_property
from typing import Any

from orepass.beside import Beside
from orepass.determination.kept import MOST
from orepass.determination.owned import FACT, china_test
from orepass.determination.owners import share_bounds
from orepass.determination.rows import is_empty, owner_share
from orepass.determination.setting import speaks_of_origin, speaks_of_recipient
from orepass.determination.transaction import LONGEST_DESCRIPTION, a_day, quantity_units
from orepass.errors import BadInput
from orepass.factcache import digest
from orepass.goods.bins import SHARE, Bins, between_limits, reading_digest
from orepass.goods.bulk import ENOUGH, readers
from orepass.goods.describe import describe
from orepass.goods.elements import ELEMENTS
from orepass.goods.parameters import parameters, reading
from orepass.goods.tariff import customs_number, editions, numbers_now
from orepass.goods.values import read_value
from orepass.law import language as lang
from orepass.law.model import DUAL_USE
from orepass.law.timeline import Law
from orepass.parties.register import Register
from orepass.places import MAINLAND, codes, country_code

SOMEBODY = "somebody"
"""Stands for every name that no list ever held."""
IGNORED = frozenset({"currency"})
"""Columns that are read and change nothing."""
MEASURED = frozenset({"quantity", "value"})
"""Columns of which only matters whether they can be read."""
NAMES = frozenset({"consignee", "end_user", "end_user_owner"})
TIME = ("date", "known")
"""Columns that say which law counts. A day stands for its run only where nobody says by when the law was known."""
PLAIN_NUMBER = r"^\s*\d+(\.\d+)?\s*$"
"""A number as text that nobody can misread."""
_MANY = 200_000
"""More values than that are not kept."""
_MORE_THAN_ANY_DAY = 32
"""Names compared in the register of all days, so that none is missed that one day's register finds."""

Reduce = Callable[[Any], Any]


class Values:
    """The reduced values of one column. The place of a value is its code; 0 stands for an empty cell.

    Parameters
    ----------
    absent
        What an empty cell says: nothing, or the day of rows that have none.
    """

    def __init__(self, absent: Any = None) -> None:
        self.known: list[Any] = [absent]
        self._codes: dict[Any, int] = {}

    def code(self, reduced: Any) -> int:
        """The code of a value; a new one gets the next. Values of different types are never one."""
        if reduced is None:
            return 0
        key = (reduced.__class__, reduced if reduced.__hash__ else str(reduced))
        code = self._codes.get(key)
        if code is None:
            code = self._codes[key] = len(self.known)
            self.known.append(reduced)
        return code


class Cells:
    """Reductions of every column for one state of the law.

    Parameters
    ----------
    law
        The law; every day of it counts, so that cells do not depend on the table.
    """

    def __init__(self, law: Law) -> None:
        self._law = law
        self._kept: dict[str, dict[Any, Any]] = {}
        self.texts: dict[bytes, bytes] = {}
        """Digests of texts that were read, with the digests of what they say."""
        self._first_text: dict[bytes, str] = {}
        self._tokens: dict[str, bytes] = {}
        self._says: dict[str, bytes] = {}
        self._readers: dict[bool, Beside[str, bytes]] = {}
        self._exact = False
        facts = law.facts
        self._customs = frozenset(c.number for e in facts.entries.values() if e.list == DUAL_USE for c in e.customs)
        self._customs6 = frozenset(number[:6] for number in self._customs)
        self._headings = frozenset(h for e in facts.entries.values() if e.list == DUAL_USE for h in e.headings)
        self._listed = Register[str](
            [(listing.name.en, (listing.name.en, listing.name.zh, *listing.aliases)) for listing in facts.listings]
        )

    def reduce(self, column: str, raw: Any) -> Any:
        """The value that stands for a value of a column.

        Parameters
        ----------
        column
            The name under which the column is read.
        raw
            The cell as it stands.
        """
        if is_empty(raw):
            return None
        kept = self._kept.setdefault(column, {})
        if len(kept) > _MANY:
            kept.clear()
        key = (raw.__class__, raw)
        try:
            return kept[key]
        except KeyError:
            found = kept[key] = self._of_column(column)(raw)
            return found
        except TypeError:  # a list or a mapping in a cell stands for itself
            return raw

    def _of_column(self, column: str) -> Reduce:
        special: dict[str, Reduce] = {
            "date": self._day,
            "to": self._destination,
            "end_user_country": self._end_user_country,
            "consignee_country": self._consignee_country,
            "from": self._country,
            "origin": self._country,
            "via": self._via,
            "hs": self._number,
            "description": self._description,
            "end_use": self._end_use,
            "unit": lambda raw: None if str(raw) in quantity_units() else raw,
            "quantity": _measured,
            "value": _measured,
            "end_user_owner_share": self._owner_share,
        }
        if column in special:
            return special[column]
        if column in NAMES:
            return self._name
        if column in parameters() and parameters()[column].of == "line" and parameters()[column].type != "number":
            return self._word(column)
        return lambda raw: raw

    @cached_property
    def _runs(self) -> list[date]:
        """First days of runs on which nothing changes, also not how far the law was read."""
        return sorted({*self._law.boundaries, self._law.facts.read_from})

    def _day(self, raw: Any) -> Any:
        try:
            day = a_day(raw, "date")
        except BadInput:
            return raw
        place = bisect_left(self._runs, day)
        if place < len(self._runs) and self._runs[place] == day:
            return day
        return self._runs[place - 1] if place else date.min

    @cached_property
    def _named_destinations(self) -> frozenset[str]:
        """Countries that some rule names."""
        named = {MAINLAND}
        for rule in self._law.facts.rules.values():
            for part in lang.parts_of(rule.when):
                if isinstance(part, lang.Compare) and part.fact == "destination":
                    named.add(str(part.value))
                elif isinstance(part, lang.Among) and part.fact == "destination":
                    named |= {str(value) for value in part.values}
        return frozenset(named)

    @cached_property
    def _homes(self) -> frozenset[str]:
        """Countries of listed parties: a party of another country is none of these, however alike their names."""
        return frozenset(listing.country for listing in self._law.facts.listings if listing.country)

    @cached_property
    def _elsewhere(self) -> str:
        """The code that stands for every country that no rule names and that is home to no listed party."""
        return min(codes() - self._named_destinations - self._homes)

    def _destination(self, raw: Any) -> Any:
        found = self._country(raw)
        if found in self._named_destinations or found not in codes():
            return found
        return self._elsewhere

    def _end_user_country(self, raw: Any) -> Any:
        found = self._country(raw)
        return found if found in self._homes else self._destination(found)

    def _consignee_country(self, raw: Any) -> Any:
        found = self._country(raw)
        return found if found in self._homes or found not in codes() else self._elsewhere

    def _country(self, raw: Any) -> Any:
        if not isinstance(raw, str):
            return raw
        try:
            return country_code(raw)
        except BadInput:
            return raw

    def _via(self, raw: Any) -> Any:
        if not isinstance(raw, str):
            return raw
        good = all(self._country(part) in codes() for part in raw.split(";") if part.strip())
        return None if good else raw

    @cached_property
    def nowhere(self) -> str:
        """The customs number that stands for every number that points nowhere."""
        return next(number for number in sorted(editions()) if not self.points(number))

    def points(self, number: str) -> bool:
        """Whether a customs number can lead to an entry, or is one of the licence catalogue."""
        now = numbers_now(number)
        return (
            not self._customs6.isdisjoint((number[:6], *now))
            or not self._headings.isdisjoint((number[:4], *(new[:4] for new in now)))
            or number in self._customs
            or number in self._law.facts.licence_goods
        )

    def _number(self, raw: Any) -> Any:
        try:
            number = customs_number(str(raw))
        except BadInput:
            return raw
        return number if self.points(number) else self.nowhere

    def _name(self, raw: Any) -> Any:
        name = str(raw).strip()
        return name if self._listed.find(name) or self._listed.likely(name, compared=_MORE_THAN_ANY_DAY) else SOMEBODY

    @cached_property
    def _share_limits(self) -> tuple[float, ...]:
        """Shares with which some rule compares what listed owners hold, with the least and the greatest that there is."""
        asked = (part for rule in self._law.facts.rules.values() for part in lang.parts_of(rule.when))
        limits = {
            float(part.value) / 100
            for part in asked
            if isinstance(part, lang.Compare) and part.fact == FACT and isinstance(part.value, float | int)
        }
        return tuple(sorted({0.0, *limits, float(china_test().threshold), 1.0}))

    def _owner_share(self, raw: Any) -> Any:
        """Shares between two limits are one: a row has one owner, so nothing is added or multiplied."""
        try:
            bounds = share_bounds(owner_share(raw))
        except BadInput:
            return raw
        limits = self._share_limits
        places = [bisect_left(limits, bound) for bound in bounds]
        low, high = (
            bound if limits[place] == bound else (limits[place - 1] + limits[place]) / 2
            for bound, place in zip(bounds, places, strict=True)
        )
        return low if low == high else f"{low}-{high}"

    def _description(self, raw: Any) -> Any:
        text = str(raw)
        if len(text) > LONGEST_DESCRIPTION or "\x00" in text:
            return raw
        if self.speaks_of_route(text):
            return text
        says = self._says.get(text) or (None if self._exact else self.texts.get(digest(text)))
        if says is None:
            says = self._learnt(text, reading_digest(describe(text), {} if self._exact else self.bins))
        if len(self._first_text) > _MANY:
            self._first_text.clear()
        first = self._first_text.setdefault(says, text)
        self._tokens.setdefault(first, says)
        return first

    def _learnt(self, text: str, says: bytes) -> bytes:
        if len(self.texts) < MOST and not self._exact:
            self.texts[digest(text)] = says
        return says

    def expect(self, columns: Iterable[str]) -> None:
        """Say which columns come: beside a share of an element, which may be added up with others, every number that is read counts."""
        exact = any(name.startswith(SHARE) for name in columns)
        if exact != self._exact:
            self._exact = exact
            self._kept.pop("description", None)

    def facts_key(self, facts: Mapping[str, Any]) -> frozenset[tuple[str, Any]]:
        """What names the facts of a line, as far as limits tell them apart."""
        return frozenset(between_limits(facts, self.bins).items())

    def token(self, column: str, reduced: Any) -> bytes:
        """What stands for a reduced value beyond this run; for a description, what it says."""
        if column == "description" and reduced in self._tokens:
            return self._tokens[reduced]
        return digest(f"{reduced.__class__.__name__} {reduced!r}")

    def read_ahead(self, texts: Iterable[Any]) -> None:
        """Read descriptions that are new, with every processor at hand; they are then at hand when they are reduced."""
        kept = self._kept.setdefault("description", {})
        new = [
            text
            for text in texts
            if isinstance(text, str)
            and len(text) <= LONGEST_DESCRIPTION
            and (str, text) not in kept
            and text.strip()
            and (self._exact or digest(text) not in self.texts)
        ]
        self._says = {}
        if len(new) >= ENOUGH:
            reading = self._readers.setdefault(self._exact, readers({} if self._exact else self.bins))
            self._says = reading.answers(new)
        for text, says in self._says.items():
            self._learnt(text, says)

    def speaks_of_route(self, text: str) -> bool:
        """Whether a description may tell where the goods come from or to which listed party they go."""
        return bool(text) and (speaks_of_origin(text) or speaks_of_recipient(text, self._listed))

    def _end_use(self, raw: Any) -> Any:
        return raw if describe(str(raw)).of_transaction() else None

    @staticmethod
    def _word(column: str) -> Reduce:
        """A word by any of its names becomes its id."""

        def reduce(raw: Any) -> Any:
            try:
                value = read_value(column, raw)
            except BadInput:
                return raw
            return value if isinstance(value, str | bool) else raw

        return reduce

    @cached_property
    def bins(self) -> dict[str, Bins]:
        """Facts that are only ever compared with limits: the limits, and the span in which a number is read."""
        limits: dict[str, set[float]] = {}
        for node in self._nodes():
            for part in lang.parts_of(node):
                if isinstance(part, lang.Compare) and isinstance(part.value, float):
                    limits.setdefault(part.fact, set()).add(part.value)
                elif isinstance(part, lang.Among):
                    limits.setdefault(part.fact, set()).update(v for v in part.values if isinstance(v, float))
        shares = {limit for fact, found in limits.items() if fact.startswith("content_wt_pct.") for limit in found}
        for name, parameter in parameters().items():
            if parameter.same_as_when_absent:
                limits.setdefault(parameter.same_as_when_absent, set()).update(limits.get(name, set()))
        found: dict[str, Bins] = {}
        for name, parameter in parameters().items():
            if parameter.of != "line" or parameter.type != "number" or name == "content_wt_pct":
                continue
            if parameter.unit == "mm" or "temperature" in name:
                continue  # sizes decide together what can be cut out of a piece; a temperature may lie below zero
            own = set(limits.get(name, ()))
            if name == "purity_pct":
                own |= {*shares, reading().nearly_all_pct}
            low = 1.0 if name.startswith("purity") else 0.0
            high = (
                100.0 if parameter.unit == "%" and "elongation" not in name and "strain" not in name else float("inf")
            )
            found[name] = Bins(tuple(sorted(limit for limit in own if low < limit < high)), low, high)
        return found

    def _nodes(self) -> Iterable[lang.Node]:
        for entry in self._law.facts.entries.values():
            yield from (limits.node for limits in entry.limits)
            yield from (exclusion.node for exclusion in entry.excludes)
        yield from (rule.when for rule in self._law.facts.rules.values())


def _measured(raw: Any) -> Any:
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, int | float):
        return None if raw >= 0 else raw
    return None if isinstance(raw, str) and re.match(PLAIN_NUMBER, raw) else raw


GOODS = ("description", "kind", "entry", "hs", "quantity", "unit", "value")


def is_goods(column: str) -> bool:
    """Whether a column speaks of the goods, and not of route, parties or use."""
    head, _, element = column.partition(".")
    known = parameters().get(head)
    return column in GOODS or (known is not None and known.of == "line" and (not element or element in ELEMENTS))
