"""The Consolidated Screening List of the United States, in the JSON that trade.gov publishes: ``{"results": [...]}`` or a bare list."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, cast

from orepass.errors import BadInput
from orepass.parties.listed import Identifier, ListedParty
from orepass.parties.lists.reading import (
    Place,
    Problems,
    ReadList,
    day_after,
    first_and_last,
    fold,
    identifier,
    identifier_kinds,
    newest_day,
    read_countries,
    unique,
)

KINDS = {"individual": "person", "entity": "legal entity", "vessel": "vessel", "aircraft": "aircraft"}
_NOTED = (
    "remarks", "title", "dates_of_birth", "places_of_birth", "citizenships", "nationalities", "vessel_type", "vessel_flag",
    "vessel_owner", "gross_tonnage", "gross_registered_tonnage",
)  # fmt: skip
_PLACE_PARTS = ("address", "city", "state", "postal_code", "country")


def read_csl(path: Path, list_id: str) -> ReadList:
    """Read the list.

    Raises
    ------
    BadInput
        When the file is not JSON, or holds no list of records.
    """
    expected = 'the list as trade.gov publishes it: {"results": [...]}'
    try:
        data: Any = json.loads(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError) as error:
        remedy = "see whether the file was cut off, and fetch it again"
        raise BadInput(f"the file is not JSON ({error})", where=str(path), expected=expected, remedy=remedy) from None
    results: Any = cast("dict[str, Any]", data).get("results") if isinstance(data, dict) else data
    if not isinstance(results, list):
        raise BadInput("the file holds no list of records", where=str(path), expected=expected)
    problems = Problems()
    parties: dict[str, ListedParty] = {}
    records = cast("list[Any]", results)
    for number, record in enumerate(records, 1):
        place = Place(path.name, "record", number)
        if not isinstance(record, dict):
            problems.lost(place, "the record is no object", "an object with name and source")
            continue
        party = _party(cast("dict[str, Any]", record), list_id, place, problems)
        if party is None:
            continue
        if parties.get(party.id) == party:
            problems.field(place, "id", BadInput(f"{party.id} stands there twice with the same content; kept once"))
            continue
        key = free_id(party.id, parties)
        if key != party.id:
            says = f"{party.id} stands there twice with other content; this one is kept as {key}"
            problems.field(place, "id", BadInput(says))
        parties[key] = party._replace(id=key)
    found = tuple(parties.values())
    newest = newest_day(party.from_ for party in found)
    return ReadList(found, tuple(problems.found), (), "csl", path.name, len(records), (), (), newest)


def free_id(key: str, taken: Mapping[str, Any]) -> str:
    """The id, or with a number behind it where it is taken."""
    free, number = key, 1
    while free in taken:
        number += 1
        free = f"{key}~{number}"
    return free


def _texts(value: Any) -> list[str]:
    """The texts of a value that may be a list, a text with semicolons, or nothing."""
    if isinstance(value, list):
        return [text for part in cast("list[Any]", value) for text in ([_text(part)] if _text(part) else [])]
    return [text for part in _text(value).split(";") if (text := part.strip())]


def _text(value: Any) -> str:
    return " ".join(str(value).split()) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else ""


def _objects(value: Any) -> list[dict[str, Any]]:
    parts: list[Any] = cast("list[Any]", value) if isinstance(value, list) else []
    return [cast("dict[str, Any]", part) for part in parts if isinstance(part, dict)]


def _party(record: dict[str, Any], list_id: str, place: Place, problems: Problems) -> ListedParty | None:
    names = unique([_text(record.get("name")), *_texts(record.get("alt_names"))])
    if not _text(record.get("name")):
        problems.lost(place, "the record has no name", "the field name")
        return None
    for field in ("addresses", "ids"):
        value = record.get(field)
        if isinstance(value, list) and len(_objects(value)) < len(cast("list[Any]", value)):
            problems.field(place, field, BadInput("a part of it is no object", expected="a list of objects"))
        elif value is not None and not isinstance(value, (list, str)):
            problems.field(place, field, BadInput("it is no list", expected="a list of objects"))
    addresses = _objects(record.get("addresses"))
    is_person = _text(record.get("type")).casefold() == "individual"
    stated = [
        _text(record.get("country")),
        _text(record.get("vessel_flag")),
        *(_text(address.get("country")) for address in addresses),
    ]
    if is_person:
        stated += [*_texts(record.get("citizenships")), *_texts(record.get("nationalities"))]
    countries = read_countries(stated)
    numbers, other = _numbers(record)
    source = _text(record.get("source"))
    note = [f"{field}: {'; '.join(_texts(record.get(field)))}" for field in _NOTED if _texts(record.get(field))]
    note += [*other, *(f"country as stated: {text}" for text in countries.unknown)]
    notices = [source, _text(record.get("federal_register_notice")), _order(record)]
    bars = [_text(record.get("license_requirement")), _policy(record), "; ".join(_texts(record.get("programs")))]
    kind = _text(record.get("type"))
    first = _day(record, "start_date", place, problems)
    last = _day(record, "end_date", place, problems)
    whole = [", ".join(text for part in _PLACE_PARTS if (text := _text(address.get(part)))) for address in addresses]
    return ListedParty(
        list_id,
        _id(record, source, names[0]),
        names,
        countries.codes,
        numbers,
        unique([*whole, *(_texts(record.get("addresses")) if isinstance(record.get("addresses"), str) else [])]),
        notice="; ".join(text for text in notices if text),
        bars="; ".join(text for text in bars if text),
        from_=first[0] if first else None,
        to=day_after(last[1]) if last else None,
        source=_text(record.get("source_information_url")) or _text(record.get("source_list_url")),
        note="; ".join(note),
        kind=KINDS.get(kind.casefold(), kind.casefold()),
    )


def _id(record: Mapping[str, Any], source: str, name: str) -> str:
    """The record's own id; else its number within its source; else a digest of what it names."""
    if own := _text(record.get("id")) or _text(record.get("_id")):
        return own
    if number := _text(record.get("entity_number")):
        return f"{source}:{number}" if source else number
    return f"h-{hashlib.sha256(f'{source}|{name.casefold()}'.encode('utf-8', 'replace')).hexdigest()[:12]}"


def _order(record: Mapping[str, Any]) -> str:
    order = _text(record.get("standard_order"))
    return f"standard order: {order}" if order else ""


def _policy(record: Mapping[str, Any]) -> str:
    policy = _text(record.get("license_policy"))
    return f"policy: {policy}" if policy else ""


def _numbers(record: Mapping[str, Any]) -> tuple[tuple[Identifier, ...], list[str]]:
    """Identifiers, and what stands among them but is none (a website, a date of founding): that is a note."""
    found: dict[Identifier, None] = {}
    other: list[str] = []
    for item in _objects(record.get("ids")):
        kind, number = _text(item.get("type")), _text(item.get("number"))
        known = identifier_kinds().get(fold(kind))
        if known and number:
            found[identifier(known, number)] = None
        elif kind or number:
            other.append(f"{kind}: {number}".strip(": "))
    if isinstance(record.get("ids"), str):
        other += _texts(record.get("ids"))
    if sign := _text(record.get("call_sign")):
        found[identifier("call_sign", sign)] = None
    return tuple(found), other


def _day(record: Mapping[str, Any], field: str, place: Place, problems: Problems) -> tuple[date, date] | None:
    text = _text(record.get(field))
    if not text:
        return None
    try:
        return first_and_last(text)
    except BadInput as error:
        problems.field(place, field, error)
        return None
