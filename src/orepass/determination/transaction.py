"""What is asked about: goods lines, route, parties, end use, date. Read once at the edge; inside there is nothing to check again."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple, cast

from orepass.determination.fields import refuse_unknown
from orepass.determination.owners import Owner, listing_ids, ownership_of, read_owners
from orepass.errors import BadInput
from orepass.goods.parameters import Interval, Value, parameters, units
from orepass.goods.tariff import customs_number
from orepass.goods.values import read_facts, yes_no
from orepass.law.model import State
from orepass.law.timeline import Assumed
from orepass.places import codes, country_code

ROLES = ("consignee", "importer", "end_user", "exporter", "intermediary", "carrier", "notify")
RECEIVING_ROLES = frozenset({"consignee", "importer", "end_user"})
KINDS = ("goods", "software", "technology", "service")
LONGEST_DESCRIPTION = 20_000


class Line(NamedTuple):
    """One goods line as the sender gave it."""

    description: str = ""
    kind: str | None = None
    entry: str | None = None
    hs: str | None = None
    quantity: float | None = None
    unit: str | None = None
    value: float | None = None
    currency: str | None = None
    facts: dict[str, Value] = {}  # noqa: RUF012  a default that nobody writes to


class Party(NamedTuple):
    """A party to the transaction. ``military`` is ``None`` when nobody said.

    ``is_listed_as`` and ``is_not_listed_as`` name listings, such as ``CN-2025-01/1``, of which somebody found out that they mean this
    party, or another one of a similar name. ``owners_complete``: the owners that are stated are all of them.
    """

    role: str
    name: str = ""
    country: str | None = None
    military: bool | None = None
    owners: tuple[Owner, ...] = ()
    is_listed_as: tuple[str, ...] = ()
    is_not_listed_as: tuple[str, ...] = ()
    owners_complete: bool = False


class EndUse(NamedTuple):
    """What the goods are for, as far as it was said."""

    text: str = ""
    military: bool | None = None
    purpose: str | None = None
    raises_military_strength: bool | None = None
    wmd: bool | None = None
    terrorism: bool | None = None
    security_risk_told: bool | None = None
    helps_rare_earth_activity_abroad: bool | None = None


NOTHING_SAID = EndUse()
"""The end use of a transaction of which nobody said anything."""


class Transaction(NamedTuple):
    """One transaction on one day.

    ``origin`` is where the goods were made or last came from China, ``from_`` the customs territory that they leave, ``to`` the country of
    the end user. ``known`` decides with the law as published by that day.
    """

    date: date
    lines: tuple[Line, ...]
    to: str | None = None
    from_: str | None = None
    origin: str | None = None
    via: tuple[str, ...] = ()
    act: str | None = None
    known: date | None = None
    what_if: tuple[Assumed, ...] = ()
    parties: tuple[Party, ...] = ()
    end_use: EndUse = NOTHING_SAID


_FIELDS = ("date", "origin", "from", "to", "via", "known", "act", "what_if", "lines", "parties", "end_use")
_REQUIRED = "a day as YYYY-MM-DD"


def transaction(document: Any) -> Transaction:
    """Read one transaction document (see ``docs/transaction.md`` and the JSON Schema).

    Parameters
    ----------
    document
        A mapping as YAML or JSON gives it.

    Raises
    ------
    BadInput
        For the first thing that cannot be read: the field, what was expected, what to do.
    """
    if not isinstance(document, dict):
        raise BadInput("the document is not a transaction", expected="a mapping with at least date and lines")
    given = cast("dict[str, Any]", document)
    if not given.keys() <= _FIELD_SET:
        refuse_unknown(given, _FIELDS, "")
    if "date" not in given:
        raise BadInput("the day is missing", where="field date", expected=_REQUIRED)
    lines = given.get("lines")
    if isinstance(lines, dict):
        raise BadInput(
            "lines are not a list", where="field lines", expected="a list, also for one line: [{description: ...}]"
        )
    if not isinstance(lines, list) or not lines:
        raise BadInput("there are no goods lines", where="field lines", expected="a list with at least one line")
    goods = cast("list[Any]", lines)
    read: list[Line] = []
    for number, line in enumerate(goods, 1):
        try:
            read.append(_line(line))
        except BadInput as error:
            raise error.at(f"line {number}") from None
    end_use = given.get("end_use")
    parties = given.get("parties")
    act = given.get("act")
    if act is not None and act not in _acts():
        raise BadInput(f"{act!r} is no act", where="field act", expected="one of " + ", ".join(_acts()))
    return Transaction(
        date=a_day(given["date"], "date"),
        lines=tuple(read),
        to=_country(given.get("to"), "to"),
        from_=_country(given.get("from"), "from"),
        origin=_country(given.get("origin"), "origin"),
        via=_via(given["via"]) if given.get("via") else (),
        act=act,
        known=a_day(given["known"], "known") if given.get("known") else None,
        what_if=tuple(_what_if(part) for part in given["what_if"]) if given.get("what_if") else (),
        parties=tuple(_parties(parties)) if parties else (),
        end_use=_end_use(end_use) if end_use else NOTHING_SAID,
    )


_FIELD_SET = frozenset(_FIELDS)
_LINE_FIELDS = ("description", "kind", "entry", "hs", "quantity", "unit", "value", "currency", "facts")
_LINE_SET = frozenset(_LINE_FIELDS)
_PARTY_FIELDS = (
    "role",
    "name",
    "country",
    "military",
    "owners",
    "owners_complete",
    "is_listed_as",
    "is_not_listed_as",
)
_PARTY_SET = frozenset(_PARTY_FIELDS)
_END_USE_FIELDS = ("text", *(field for field in EndUse._fields if field != "text"))


@cache
def _acts() -> tuple[str, ...]:
    return parameters()["act"].values


@cache
def _purposes() -> tuple[str, ...]:
    return parameters()["purpose"].values


_DAY_LENGTH = len("YYYY-MM-DD")
_YEAR_FIRST = re.compile(
    r"^(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*日?(?:[T ]\s*\d{1,2}:\d{2}.*)?$"
)
"""A day with its year first, as people and programs write it; an hour after it changes nothing."""


def a_day(raw: Any, field: str) -> date:
    """A day given as a date or as YYYY-MM-DD."""
    if raw.__class__ is str and len(raw) == _DAY_LENGTH:
        try:
            return date.fromisoformat(raw)
        except ValueError:
            pass
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    text = str(raw).strip()
    if written := _YEAR_FIRST.match(text):
        text = f"{written['year']}-{int(written['month']):02}-{int(written['day']):02}"
    try:
        return date.fromisoformat(text)
    except ValueError:
        if str(raw).strip().isdigit() and len(str(raw).strip()) == 5:
            raise BadInput(
                f"{raw} is a day as Excel counts",
                where=f"field {field}",
                expected=_REQUIRED,
                remedy="format the cell as a date",
            ) from None
        problem = "is no day of the calendar" if written or len(text) == _DAY_LENGTH else "is no day that we can read"
        raise BadInput(f"{str(raw)!r} {problem}", where=f"field {field}", expected=_REQUIRED) from None


def _country(raw: Any, field: str) -> str | None:
    if raw is None or raw == "":
        return None
    if raw.__class__ is str and raw in codes():
        return raw
    if raw is False:
        raw = "NO"
    try:
        return country_code(str(raw))
    except BadInput as error:
        raise error.at(f"field {field}") from None


def _via(raw: Any) -> tuple[str, ...]:
    items = cast("list[Any]", raw) if isinstance(raw, list) else [part for part in str(raw).split(";") if part.strip()]
    return tuple(code for code in (_country(item, "via") for item in items) if code)


def _what_if(raw: Any) -> Assumed:
    if not isinstance(raw, dict):
        raise BadInput(
            "an overlay is not a mapping", where="field what_if", expected="{rule: ID, in_force: YYYY-MM-DD}"
        )
    part = cast("dict[str, Any]", raw)
    target = part.get("rule") or part.get("entry") or part.get("instrument")
    states = {"in_force": State.IN_FORCE, "suspended": State.SUSPENDED, "repealed": State.REPEALED}
    for word, state in states.items():
        if target and word in part:
            return Assumed(str(target), state, a_day(part[word], f"what_if.{word}"))
    raise BadInput(
        f"{part!r} is no overlay",
        where="field what_if",
        expected="rule, entry or instrument, and in_force, suspended or repealed with a day",
    )


def _number(raw: Any, field: str) -> float | None:
    if raw.__class__ is float and raw >= 0:
        return raw
    if raw is None or raw == "":
        return None
    if isinstance(raw, bool):
        raise BadInput(f"{raw!r} is no number", where=f"field {field}", expected="a number of 0 or more")
    try:
        number = float(str(raw).replace(",", ""))
    except ValueError:
        raise BadInput(f"{str(raw)!r} is no number", where=f"field {field}", expected="a number of 0 or more") from None
    if not number >= 0:
        raise BadInput(f"{number:g} is below zero", where=f"field {field}", expected="a number of 0 or more")
    return number


@cache
def quantity_units() -> frozenset[str]:
    """Units in which a quantity can be given."""
    counted = {"pcs", "pc", "piece", "pieces", "set", "sets", "unit", "units", "件", "台", "套", "个", "KG", "T", "L"}
    return frozenset(
        written for unit in units() if unit.of in {"kg", "l", "m3", "mm", "m", "cm2"} for written in unit.write
    ) | frozenset(counted)


def _line(raw: Any) -> Line:
    if not isinstance(raw, dict):
        raise BadInput("the line is not a mapping", expected="description, hs or facts")
    given = cast("dict[str, Any]", raw)
    if not given.keys() <= _LINE_SET:
        refuse_unknown(given, _LINE_FIELDS, "")
    description = given.get("description") or ""
    if description.__class__ is not str:
        description = str(description)
    if len(description) > LONGEST_DESCRIPTION:
        raise BadInput(
            f"the description has {len(description):,} characters",
            where="field description",
            expected=f"at most {LONGEST_DESCRIPTION:,}",
            remedy="give the line of the invoice, not the whole document",
        )
    if "\x00" in description:
        raise BadInput("the description is not text", where="field description", expected="plain text")
    kind = given.get("kind")
    if kind is not None and kind not in KINDS:
        raise BadInput(f"{kind!r} is no kind of line", where="field kind", expected="one of " + ", ".join(KINDS))
    hs = given.get("hs")
    if hs is not None and hs != "":
        try:
            hs = customs_number(str(hs))
        except BadInput as error:
            raise error.at("field hs") from None
    facts = given.get("facts")
    if facts is not None and not isinstance(facts, dict):
        raise BadInput(
            "facts are not a mapping", where="field facts", expected="names with values, such as {purity_pct: 99.65}"
        )
    unit = given.get("unit")
    if unit and str(unit) not in quantity_units():
        raise BadInput(
            f"{unit!r} is no unit of quantity", where="field unit", expected="kg, t, g, lb, l, m3, m, pcs or set"
        )
    read = read_facts(cast("dict[str, Any]", facts)) if facts else {}
    if not (description or hs or read or given.get("entry")):
        raise BadInput("nothing is said of the goods", expected="a description, a customs number, an entry or facts")
    entry = given.get("entry")
    return Line(
        description,
        kind,
        str(entry).strip() if entry else None,
        hs or None,
        _number(given.get("quantity"), "quantity"),
        str(unit) if unit else None,
        _number(given.get("value"), "value"),
        given.get("currency"),
        read,
    )


def _parties(raw: Any) -> Iterable[Party]:
    if not isinstance(raw, list):
        raise BadInput("parties are not a list", where="field parties", expected="a list of role, name, country")
    for number, part in enumerate(cast("list[Any]", raw), 1):
        where = f"party {number}"
        if not isinstance(part, dict):
            raise BadInput("the party is not a mapping", where=where, expected="role, name, country")
        given = cast("dict[str, Any]", part)
        if not given.keys() <= _PARTY_SET:
            refuse_unknown(given, _PARTY_FIELDS, where)
        role = given.get("role")
        if role not in ROLES:
            raise BadInput(f"{role!r} is no role", where=f"{where}, field role", expected="one of " + ", ".join(ROLES))
        try:
            read = Party(
                role,
                str(given.get("name") or "").strip(),
                _country(given.get("country"), "country"),
                yes_no("military", given["military"]) if "military" in given else None,
                read_owners(given["owners"]) if given.get("owners") else (),
                listing_ids(given.get("is_listed_as"), "is_listed_as"),
                listing_ids(given.get("is_not_listed_as"), "is_not_listed_as"),
                bool(yes_no("owners_complete", given.get("owners_complete"))),
            )
            if read.owners or read.owners_complete:
                ownership_of(read.name or role, read.owners, read.owners_complete)
        except BadInput as error:
            raise error.at(where) from None
        yield read


def _end_use(raw: Any) -> EndUse:
    if isinstance(raw, str):
        return EndUse(text=raw)
    if not isinstance(raw, dict):
        raise BadInput("the end use is not a mapping", where="field end_use", expected="text, military, purpose")
    given = cast("dict[str, Any]", raw)
    refuse_unknown(given, _END_USE_FIELDS, "field end_use")
    purpose = given.get("purpose")
    if purpose is not None and purpose not in _purposes():
        raise BadInput(
            f"{purpose!r} is no purpose", where="field end_use.purpose", expected="one of " + ", ".join(_purposes())
        )
    flags = {
        name: yes_no(f"end_use.{name}", given.get(name)) for name in EndUse._fields if name not in {"text", "purpose"}
    }
    return EndUse(text=str(given.get("text") or ""), purpose=purpose, **flags)


def show_value(value: Value) -> Any:
    """A fact's value as JSON can carry it."""
    match value:
        case Interval(low, high):
            return [None if low == float("-inf") else low, None if high == float("inf") else high]
        case frozenset():
            return sorted(value)
        case _:
            return value
