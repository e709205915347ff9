"""Parties and stakes as plain records, one a line of JSON: what is kept of lists and of cleared hits, readable without Orepass."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from orepass.parties.listed import Asked, Identifier, ListedParty

_TEXTS = ("notice", "bars", "source", "note", "kind")
_DAYS = (("from_", "from"), ("to", "to"), ("known_from", "known_from"))
_MANY = ("names", "countries", "addresses")
FIELDS = (
    "names",
    "countries",
    "identifiers",
    "addresses",
    "notice",
    "bars",
    "from",
    "to",
    "known_from",
    "source",
    "note",
    "kind",
)
"""The fields of a listing apart from its list and its id."""


def as_record(party: ListedParty) -> dict[str, Any]:
    """A listing as plain data; what is empty is left out, and so is the list, which the place of the file tells."""
    record: dict[str, Any] = {"id": party.id, "names": list(party.names)}
    for name in ("countries", "addresses"):
        if values := getattr(party, name):
            record[name] = list(values)
    if party.identifiers:
        record["identifiers"] = [list(identifier) for identifier in party.identifiers]
    for field, key in _DAYS:
        if (day := getattr(party, field)) is not None:
            record[key] = day.isoformat()
    for name in _TEXTS:
        if text := getattr(party, name):
            record[name] = text
    return record


def from_record(record: Mapping[str, Any], list_id: str) -> ListedParty:
    """The listing that a record holds.

    Raises
    ------
    KeyError, TypeError, ValueError
        When it is no such record.
    """
    days = {field: date.fromisoformat(record[key]) if key in record else None for field, key in _DAYS}
    return ListedParty(
        list=list_id,
        id=_text(record["id"]),
        names=_texts(record["names"]),
        countries=_texts(record.get("countries", ())),
        identifiers=_identifiers(record.get("identifiers", ())),
        addresses=_texts(record.get("addresses", ())),
        notice=_text(record.get("notice", "")),
        bars=_text(record.get("bars", "")),
        from_=days["from_"],
        to=days["to"],
        known_from=days["known_from"],
        source=_text(record.get("source", "")),
        note=_text(record.get("note", "")),
        kind=_text(record.get("kind", "")),
    )


def asked_record(asked: Asked) -> dict[str, Any]:
    """A party about which somebody asks as plain data."""
    return {
        "name": asked.name,
        "country": asked.country,
        "identifiers": [list(identifier) for identifier in asked.identifiers],
        "address": asked.address,
    }


def field_values(party: ListedParty) -> dict[str, Any]:
    """The fields of a listing by the names of :data:`FIELDS`; what holds several is in an order of its own."""
    values: dict[str, Any] = {name: tuple(sorted(getattr(party, name))) for name in (*_MANY, "identifiers")}
    values |= {key: getattr(party, field) for field, key in _DAYS}
    values |= {name: getattr(party, name) for name in _TEXTS}
    return values


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _texts(values: Any) -> tuple[str, ...]:
    if isinstance(values, str):
        raise TypeError(f"{values!r} is no list")
    return tuple(_text(value) for value in cast("list[Any]", values))


def _identifiers(values: Any) -> tuple[Identifier, ...]:
    return tuple(Identifier(_text(kind), _text(value)) for kind, value in cast("list[tuple[Any, Any]]", values))
