"""FollowTheMoney entities as JSON lines, as OpenSanctions publishes them (``entities.ftm.json``).

A party stands in one record, its sanctions and addresses in others that may come before it or after it. The file is read once, line by
line; what is kept in memory is what the list holds of parties, not the file.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from sys import intern
from typing import Any, NamedTuple, cast

from orepass.errors import BadInput
from orepass.parties.listed import Identifier, ListedParty
from orepass.parties.lists.reading import (
    Place,
    Problems,
    ReadList,
    Stake,
    day_after,
    first_and_last,
    fold,
    identifier,
    identifier_kinds,
    newest_day,
    read_countries,
    unique,
)

KINDS = {
    "Company": "company",
    "Organization": "organisation",
    "PublicBody": "public body",
    "LegalEntity": "legal entity",
    "Person": "person",
    "Vessel": "vessel",
    "Airplane": "aircraft",
    "Vehicle": "vehicle",
}
"""Schemata that are parties; every other one is passed over and counted."""

_NAMES = ("name", "alias", "previousName", "abbreviation", "weakAlias")
_COUNTRIES = ("country", "jurisdiction", "mainCountry", "citizenship", "nationality", "flag", "registrationCountry")
_NOTED = ("status", "legalForm", "position", "reason", "notes", "summary", "description")


class _Sanction(NamedTuple):
    """One sanction of a party."""

    notice: str
    provisions: tuple[str, ...]
    first: date | None
    last: date | None
    known_from: date | None
    source: tuple[str, ...]
    said: tuple[str, ...]


class _Party(NamedTuple):
    """A party before its sanctions and addresses are joined to it."""

    party: ListedParty
    topics: tuple[str, ...]
    addresses: tuple[str, ...]
    target: bool


class _Address(NamedTuple):
    text: str
    countries: tuple[str, ...]


class _Properties:
    """The properties of one entity: every one may hold several values."""

    def __init__(self, entity: Mapping[str, Any], place: Place, problems: Problems) -> None:
        self.of = cast("Mapping[str, Any]", entity.get("properties") or {})
        self.place = place
        self._problems = problems

    def all(self, *names: str) -> tuple[str, ...]:
        of = self.of
        stated = [of[name] for name in names if name in of]
        return unique(text for value in stated for text in _texts(value)) if stated else ()

    def days(self, name: str) -> list[tuple[date, date]]:
        """Each with the first and the last day that it may mean; what is no day is told."""
        out: list[tuple[date, date]] = []
        for text in self.all(name):
            try:
                out.append(_days(text[:10]) if text[10:11] == "T" else _days(text))
            except BadInput as error:
                self._problems.field(self.place, name, error)
        return out

    def identifiers(self) -> tuple[Identifier, ...]:
        kinds = ((name, _kind(name)) for name in self.of)
        return tuple(dict.fromkeys(identifier(kind, text) for name, kind in kinds if kind for text in self.all(name)))


_days = lru_cache(maxsize=1 << 14)(first_and_last)


def _first(text: str) -> date:
    """The first day that a moment may mean."""
    return _days(text[:10] if text[10:11] == "T" else text)[0]


@cache
def _kind(name: str) -> str:
    """The kind of identifier that a property holds, or nothing."""
    return identifier_kinds().get(fold(name), "")


def _texts(value: Any) -> list[str]:
    """The texts of a value; of an entity inside it, its id."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        found: list[str] = []
        for part in cast("list[Any]", value):
            found += [part] if isinstance(part, str) else _texts(part)
        return found
    if isinstance(value, dict):
        return _texts(cast("dict[str, Any]", value).get("id"))
    return [str(value)] if isinstance(value, (int, float)) and not isinstance(value, bool) else []


def read_ftm(path: Path, list_id: str) -> ReadList:
    """Read a file of entities.

    Parameters
    ----------
    path
        JSON, one entity a line; entities inside others (``targets.nested.json``) are read as well.
    list_id
        Under which id the list is kept.
    """
    return _Reader(path, list_id).read()


class _Reader:
    def __init__(self, path: Path, list_id: str) -> None:
        self._path, self._list = path, list_id
        self._problems = Problems()
        self._parties: dict[str, _Party] = {}
        self._sanctions: dict[str, list[_Sanction]] = {}
        self._addresses: dict[str, _Address] = {}
        self._stakes: list[Stake] = []
        self._passed: Counter[str] = Counter()
        self._newest: date | None = None
        self._today = date.today()
        self._records = 0

    def read(self) -> ReadList:
        with self._path.open("rb") as handle:
            for number, line in enumerate(handle, 1):
                line = line.removeprefix(b"\xef\xbb\xbf").strip() if number == 1 else line.strip()
                if line:
                    self._records += 1
                    self._line(line, Place(self._path.name, "line", number))
        parties = tuple(self._joined())
        return ReadList(
            parties,
            tuple(self._problems.found),
            tuple(self._named(stake) for stake in self._stakes),
            "ftm",
            self._path.name,
            self._records,
            tuple(sorted(self._passed.items())),
            (),
            newest_day([self._newest, *(p.from_ for p in parties), *(p.known_from for p in parties)]),
        )

    def _line(self, line: bytes, place: Place) -> None:
        remedy = "see whether the file was cut off, and fetch it again"
        try:
            entity: Any = json.loads(line)
        except (ValueError, RecursionError) as error:
            self._problems.lost(place, f"the line is not JSON ({error})", "one entity a line", remedy)
            return
        if not isinstance(entity, dict):
            self._problems.lost(place, "the line is no entity", "an object with id, schema and properties")
            return
        self._entity(cast("dict[str, Any]", entity), place, "")

    def _entity(self, entity: dict[str, Any], place: Place, inside: str) -> None:
        """One entity; ``inside`` is the id of the one in which it stands."""
        key, schema, properties = entity.get("id"), entity.get("schema"), entity.get("properties")
        if not isinstance(key, str) or not isinstance(schema, str) or not isinstance(properties, (dict, type(None))):
            missing = [name for name in ("id", "schema") if not isinstance(entity.get(name), str)]
            says = f"the entity has no {' and no '.join(missing)}" if missing else "the properties are no object"
            self._problems.lost(place, says, "an object with id, schema and properties")
            return
        said = _Properties(entity, place, self._problems)
        if schema in KINDS:
            self._party(key, schema, entity, said)
        elif schema == "Sanction":
            self._sanction(said, inside)
        elif schema == "Address":
            self._addresses[key] = _address(entity, said)
        elif schema == "Ownership":
            self._ownership(key, said)
        else:
            self._passed[schema] += 1
        for name, values in said.of.items():
            for value in cast("list[Any]", values) if isinstance(values, list) else ():
                if isinstance(value, dict) and "schema" in value:
                    within = cast("dict[str, Any]", value)
                    self._entity(within, place, key if name in {"sanctions", "sanctionEntity"} else inside or key)

    def _party(self, key: str, schema: str, entity: dict[str, Any], said: _Properties) -> None:
        caption = [text for text in _texts(entity.get("caption")) if text != key]
        names = unique([*caption, *said.all(*_NAMES)])
        if not names:
            self._problems.lost(said.place, f"the {schema} {key} has no name", "a caption or the property name")
            return
        countries = read_countries(said.all(*_COUNTRIES))
        topics = said.all("topics")
        noted = [f"{name}: {text}" for name in _NOTED for text in said.all(name)]
        noted += [f"weak alias: {text}" for text in said.all("weakAlias")]
        noted += [f"country as stated: {text}" for text in countries.unknown]
        party = ListedParty(
            self._list,
            key,
            names,
            tuple(intern(code) for code in countries.codes),
            said.identifiers(),
            said.all("address"),
            notice="; ".join(said.all("program", "programId")),
            source="; ".join(said.all("sourceUrl")[:3]),
            note="; ".join([*(f"topic: {intern(topic)}" for topic in topics), *noted]),
            kind=KINDS[schema],
        )
        found = _Party(party, topics, said.all("addressEntity"), entity.get("target") is True)
        if key in self._parties:
            self._problems.field(said.place, "id", BadInput(f"{key} stands there twice; both records were joined"))
            found = _both(self._parties[key], found)
        self._parties[key] = found
        for name in ("last_change", "last_seen", "first_seen"):
            for text in _texts(entity.get(name)):
                try:
                    day = _first(text)
                    if day <= self._today and (self._newest is None or day > self._newest):
                        self._newest = day
                except BadInput as error:
                    self._problems.field(said.place, name, error)

    def _sanction(self, said: _Properties, inside: str) -> None:
        of = said.all("entity") or ((inside,) if inside else ())
        if not of:
            self._problems.lost(said.place, "the sanction names no entity", "the property entity")
            return
        starts, ends, listed = said.days("startDate"), said.days("endDate"), said.days("listingDate")
        unread_end = bool(said.all("endDate")) and not ends
        notice = ": ".join(
            part for part in (", ".join(said.all("authority")), ", ".join(said.all("program", "programId"))) if part
        )
        sanction = _Sanction(
            notice or "; ".join(said.all("country")),
            said.all("provisions"),
            min((first for first, _ in starts or listed), default=None),
            None if unread_end else max((last for _, last in ends), default=None),
            min((first for first, _ in listed), default=None),
            said.all("sourceUrl"),
            unique(
                f"{name}: {text}"
                for name in ("status", "reason", "duration", "recordId", "authorityId", "summary", "description")
                for text in said.all(name)
            ),
        )
        for entity in of:
            self._sanctions.setdefault(entity, []).append(sanction)

    def _ownership(self, key: str, said: _Properties) -> None:
        owners, owned = said.all("owner"), said.all("asset")
        for name, values in (("owner", owners), ("asset", owned)):
            if not values:
                self._problems.lost(said.place, f"the ownership {key} has no {name}", f"the property {name}")
                return
        shares = said.all("percentage")
        first = min((day for day, _ in said.days("startDate")), default=None)
        last = max((day for _, day in said.days("endDate")), default=None)
        text = "; ".join(shares)
        if text and not len(owners) == len(owned) == len(shares) == 1:
            stated = "; ".join([*shares, f"stated for {len(owners)} owners and {len(owned)} owned together"])
            self._problems.field(
                said.place,
                "percentage",
                BadInput(f"{stated!r} is not one share of one owner in one owned; left unknown"),
            )
            text = ""
        self._stakes += [
            Stake(owner, thing, text, from_=first, to=day_after(last) if last else None, source=key)
            for owner in owners
            for thing in owned
        ]

    def _named(self, stake: Stake) -> Stake:
        def name(key: str) -> str:
            found = self._parties.get(key)
            return found.party.names[0] if found else ""

        return stake._replace(owner_name=name(stake.owner), owned_name=name(stake.owned))

    def _joined(self) -> Iterator[ListedParty]:
        """Parties with their sanctions and addresses.

        Related parties, who bear no sign of a listing, are counted; in a file without any such sign all are listed.
        """
        signs = bool(self._sanctions) or any(found.topics or found.target for found in self._parties.values())
        for key, found in self._parties.items():
            sanctions = self._sanctions.pop(key, [])
            if signs and not (found.topics or found.target or sanctions):
                self._passed["related party without topic or sanction"] += 1
                continue
            yield _complete(found, sanctions, self._addresses)
        if self._sanctions:
            self._passed["sanction of a party that is not in the file"] += sum(map(len, self._sanctions.values()))


def _address(entity: Mapping[str, Any], said: _Properties) -> _Address:
    whole = said.all("full") or tuple(_texts(entity.get("caption")))[:1]
    parts = said.all("street", "street2", "city", "postalCode", "region", "state", "country")
    return _Address(whole[0] if whole else ", ".join(parts), said.all("country"))


def _both(one: _Party, other: _Party) -> _Party:
    left, right = one.party, other.party
    party = left._replace(
        names=unique([*left.names, *right.names]),
        countries=unique([*left.countries, *right.countries]),
        identifiers=tuple(dict.fromkeys([*left.identifiers, *right.identifiers])),
        addresses=unique([*left.addresses, *right.addresses]),
        notice=_joined_texts([left.notice, right.notice]),
        source=_joined_texts([left.source, right.source]),
        note=_joined_texts([left.note, right.note]),
    )
    return _Party(
        party,
        unique([*one.topics, *other.topics]),
        unique([*one.addresses, *other.addresses]),
        one.target or other.target,
    )


def _complete(found: _Party, sanctions: list[_Sanction], addresses: Mapping[str, _Address]) -> ListedParty:
    """A party with what its sanctions say: it is listed from the first of them until the last of them ends."""
    party = found.party
    known = [addresses[key] for key in found.addresses if key in addresses]
    missing = [f"address {key} is not in the file" for key in found.addresses if key not in addresses]
    starts = [sanction.first for sanction in sanctions]
    ends = [sanction.last for sanction in sanctions]
    last = None if None in ends or not ends else max(end for end in ends if end)
    barring = [topic for topic in found.topics if not topic.startswith("role.")]
    bars = [*(text for sanction in sanctions for text in sanction.provisions), *barring]
    windows = [_window(sanction) for sanction in sanctions if len(sanctions) > 1]
    note = [party.note, *windows, *(text for sanction in sanctions for text in sanction.said), *missing]
    return party._replace(
        addresses=unique([*party.addresses, *(address.text for address in known)]),
        countries=unique([*party.countries, *read_countries(c for a in known for c in a.countries).codes]),
        notice=_joined_texts([*(sanction.notice for sanction in sanctions), party.notice]),
        bars=_joined_texts(bars),
        from_=None if None in starts or not starts else min(day for day in starts if day),
        to=day_after(last) if last else None,
        known_from=min((s.known_from for s in sanctions if s.known_from), default=None),
        source=party.source or _joined_texts(text for sanction in sanctions for text in sanction.source),
        note=_joined_texts(note),
    )


def _window(sanction: _Sanction) -> str:
    return f"{sanction.notice or 'sanction'} from {sanction.first or 'a day not stated'}" + (
        f" to {sanction.last}" if sanction.last else ""
    )


def _joined_texts(texts: Iterable[str]) -> str:
    return "; ".join(unique(texts))
