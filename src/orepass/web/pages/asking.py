"""A transaction as the fields of a form and of a link: the same names in both, so that a link tells the whole question."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from orepass.determination.answering import Asked, write_fact
from orepass.determination.questions import ABOUT_LISTING

LINE = ("description", "kind", "entry", "hs", "quantity", "unit", "value", "currency")
ROUTE = ("from", "to", "via", "origin", "act", "known")
PARTIES = ("consignee", "end_user")
END_USE = "end_use"
FACT = "fact."
LISTED = "listed."
"""A field that begins so says of a listing whether it means a party: ``listed.end_user.CN-2025-01/1=yes``."""
_USES = ("military", "purpose", "raises_military_strength", "wmd", "terrorism", "security_risk_told")
FIELDS = frozenset(
    (
        "on",
        *LINE,
        *ROUTE,
        END_USE,
        *(f"{END_USE}.{use}" for use in (*_USES, "helps_rare_earth_activity_abroad")),
        *(f"{role}{part}" for role in PARTIES for part in ("", "_country", "_military")),
    )
)
LONGEST = 8_000
"""Characters of a field that a link can carry."""


def fields_of(sent: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The fields that say something, of all that were sent; a fact may come as a pair of fields for its name and its value."""
    found: dict[str, str] = {}
    new: dict[str, dict[str, str]] = {}
    for name, value in sent:
        text = value.strip()[:LONGEST]
        if name in FIELDS or name.startswith((FACT, LISTED)):
            found[name] = text
        elif name.startswith("new."):
            _, number, part = [*name.split("."), "", ""][:3]
            new.setdefault(number, {})[part] = text
    for pair in new.values():
        if pair.get("name") and pair.get("value"):
            found[f"{FACT}{pair['name']}"] = pair["value"]
    return {name: text for name, text in found.items() if text}


def document_of(fields: Mapping[str, str], today: str) -> dict[str, Any]:
    """The transaction document that fields tell.

    Parameters
    ----------
    fields
        As :func:`fields_of` gives them.
    today
        The day of a transaction that names none.
    """
    line: dict[str, Any] = {name: fields[name] for name in LINE if name in fields}
    document: dict[str, Any] = {"date": fields.get("on", today), "lines": [line]}
    document.update({name: fields[name] for name in ROUTE if name in fields})
    parties = [_party(role, fields) for role in PARTIES]
    document["parties"] = [party for party in parties if len(party) > 1]
    uses = {name.partition(".")[2]: text for name, text in fields.items() if name.startswith(f"{END_USE}.")}
    if END_USE in fields:
        uses["text"] = fields[END_USE]
    if uses:
        document["end_use"] = uses
    for name, text in fields.items():
        if name.startswith(FACT):
            write_fact(document, 1, name.removeprefix(FACT), text)
    return document


def _party(role: str, fields: Mapping[str, str]) -> dict[str, Any]:
    party: dict[str, Any] = {"role": role}
    for part in ("name", "country", "military"):
        field = role if part == "name" else f"{role}_{part}"
        if field in fields:
            party[part] = fields[field]
    for name, text in fields.items():
        if name.startswith(f"{LISTED}{role}."):
            listing = name.removeprefix(f"{LISTED}{role}.")
            party.setdefault("is_listed_as" if text == "yes" else "is_not_listed_as", []).append(listing)
    return party


def field_of(asked: Asked) -> str:
    """The field that carries the answer to a question."""
    fact = asked.question.fact
    if asked.likely is not None and fact == ABOUT_LISTING:
        return f"{LISTED}{asked.likely.party.role}.{asked.likely.listing.id}"
    if fact == "end_user.military":
        return "end_user_military"
    if fact in {"origin", "foreign_made"}:
        return "origin"
    if fact == "destination":
        return "to"
    return fact if fact in FIELDS else f"{FACT}{fact}"
