"""Fact files -> :class:`LawFacts`. Reads plain data, makes small types, checks nothing twice: the schema is in ``schema.py``."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any, TypeVar, cast

from orepass.errors import FactError
from orepass.factfiles import FACTS, Record, read_folder, read_records, read_table, read_yaml
from orepass.law.language import LanguageError, Node, parse
from orepass.law.model import (
    DUAL_USE,
    Clock,
    Control,
    CustomsNumber,
    DatedLimits,
    Document,
    Doubt,
    Ending,
    Entry,
    Event,
    Exclusion,
    Instrument,
    Interpretation,
    LawFacts,
    Listing,
    Provenance,
    Reading,
    Referral,
    Revival,
    Rule,
    Selection,
    Source,
    State,
    Suspension,
    Text,
)

LAW_FOLDER = FACTS / "law"

T = TypeVar("T")


def many(value: Any) -> tuple[str, ...]:
    """A value that may stand alone or in a list, as a tuple of words."""
    if value is None:
        return ()
    if isinstance(value, list | tuple):
        return tuple(str(item) for item in cast("Iterable[Any]", value))
    return (str(value),)


def day(value: Any) -> date | None:
    """A day; a month alone (``2024-03``) means its last day, since a fact cannot be known before it is surely out."""
    if value is None or isinstance(value, date):
        return value
    year, month = (int(part) for part in str(value).split("-"))
    return date(year, month, calendar.monthrange(year, month)[1])


def _must_day(record: Record, key: str) -> date:
    value = day(record.get(key))
    if value is None:
        raise KeyError(key)
    return value


def _provenance(record: Record) -> Provenance:
    return Provenance(many(record.get("source")), record["grade"])


def _condition(text: str) -> Node:
    return parse(text)


def _source(record: Record) -> Source:
    return Source(record["id"], record["title"], record["grade"], record.get("address", ""), record.get("note", ""))


def _instrument(record: Record) -> Instrument:
    effective = _must_day(record, "effective")
    return Instrument(
        id=record["id"],
        number=record["number"],
        kind=record["kind"],
        issuer=record["issuer"],
        title=record["title"],
        published=day(record["published"]) or effective,
        effective=effective,
        until=day(record.get("until")),
        paragraphs_effective=dict(record.get("paragraphs_effective", {})),
        provisions=many(record.get("provisions")),
        regime=record.get("regime", "dual-use"),
        bars=record.get("bars", ""),
        address=record.get("address", ""),
        note=record.get("note", ""),
        provenance=_provenance(record),
    )


def _limits(value: Any) -> tuple[DatedLimits, ...]:
    if not value:
        return ()
    if isinstance(value, str):
        return (DatedLimits(None, None, _condition(value)),)
    return tuple(
        DatedLimits(day(part.get("from")), day(part.get("to")), _condition(part["limits"]), part.get("by", ""))
        for part in cast("list[Record]", value)
    )


def _control(record: Record) -> Control:
    if record.get("state") == "unknown":
        return Control("", day(record.get("from")), day(record.get("to")), unread=True, because=record["because"])
    return Control(record["by"], day(record["from"]), day(record.get("to")))


def _doubt(record: Record) -> Doubt:
    node = _condition(record["when"]) if "when" in record else None
    return Doubt(record["says"], record["grade"], node, day(record.get("from")))


def _entry(record: Record, file: str) -> Entry:
    return Entry(
        code=record["code"],
        list=record.get("list", DUAL_USE),
        families=many(record["family"]),
        kind=record.get("kind", "goods"),
        name=Text(record["name"]["en"], record["name"]["zh"]),
        covers=many(record.get("covers")),
        produces=many(record.get("produces")),
        mixtures=record.get("mixtures") == "covered",
        limits=_limits(record.get("limits")),
        when_limit_unknown=record.get("when_limit_unknown"),
        excludes=tuple(Exclusion(_condition(part["when"]), part.get("by", "")) for part in record.get("excludes", [])),
        refers=tuple(Referral(part["to"], part["when"]) for part in record.get("refers", [])),
        technology=many(record.get("technology")),
        control=tuple(_control(part) for part in record["control"]),
        code_from=day(record.get("code_in_use", {}).get("from")),
        customs=tuple(CustomsNumber(c["number"], c["year"], c["set"], c["grade"]) for c in record.get("customs", [])),
        headings=many(record.get("headings_inferred")),
        readings=tuple(Reading(r["limit"], r["reads"], r["grade"], r["note"]) for r in record.get("readings", [])),
        doubts=tuple(_doubt(part) for part in record.get("doubts", [])),
        notes=(*many(record.get("notes")), *many(record.get("excludes_in_words"))),
        cas=record.get("cas", ""),
        provenance=_provenance(record),
        file=file,
    )


def _selection(value: Any) -> Selection:
    if isinstance(value, dict):
        parts = cast("dict[str, list[str]]", value)
        return Selection(
            families=frozenset(parts.get("families", ())),
            codes=frozenset(parts.get("codes", ())),
            lists=frozenset(parts.get("lists", ())),
        )
    return {"all": Selection(everything=True), "none": Selection(), "upon": Selection(as_upon=True)}[value]


def _rule(record: Record, file: str) -> Rule:
    return Rule(
        id=record["id"],
        instrument=record["instrument"],
        paragraphs=many(record["paragraph"]),
        layer=record["layer"],
        selection=_selection(record["entries"]),
        upon=many(record.get("upon")),
        lifts=many(record.get("lifts")),
        when=_condition(record["when"]),
        outcome=record["outcome"],
        conditions=many(record.get("conditions")),
        says=Text(record["says"]["en"], record["says"].get("zh", "")),
        start=day(record.get("from")),
        end=day(record.get("to")),
        party_windows=record.get("windows_of") == "party",
        doubt=record.get("doubt", ""),
        note=record.get("note", ""),
        provenance=_provenance(record),
        file=file,
    )


def _suspension(record: Record) -> Suspension:
    return Suspension(
        id=record["id"],
        by=record["by"],
        targets=many(record["suspends"]),
        start=_must_day(record, "from"),
        end=day(record.get("to")),
        last_day_grade=record["last_day_grade"],
        checked_on=day(record.get("checked_on")),
        check_found=record.get("check_found", ""),
        policy_intent=record.get("policy_intent", {}).get("says", ""),
        reread=many(record.get("reread")),
        note=record.get("note", ""),
        provenance=_provenance(record),
    )


def _ending(record: Record) -> Ending:
    return Ending(
        record["id"], record["by"], record["ends"], _must_day(record, "from"), State(record["state"]), record["items"],
        _provenance(record),
    )  # fmt: skip


def _revival(record: Record) -> Revival:
    return Revival(record["id"], record["by"], many(record["revives"]), _must_day(record, "from"), _provenance(record))


def _interpretation(record: Record) -> Interpretation:
    return Interpretation(
        record["id"],
        _must_day(record, "published"),
        record["says"],
        many(record.get("entries")),
        day(record.get("firm_from")),
        _provenance(record),
    )


def _listing(row: dict[str, str]) -> Listing:
    return Listing(
        instrument=row["instrument"],
        number=int(row["no"]),
        list=cast("Any", row["list"]),
        name=Text(row["name_en"], row["name_zh"]),
        aliases=tuple(alias.strip() for alias in row["aliases"].split(";") if alias.strip()),
        country=row["country"],
        bars=row["bars"],
        provenance=Provenance((row["source"],), cast("Any", row["grade"])),
    )


def _document(record: Record) -> Document:
    asked = cast("Record", record["for"])
    return Document(
        id=record["id"],
        text=Text(record["en"], record["zh"]),
        outcomes=frozenset(many(asked.get("outcomes"))),
        conditions=frozenset(many(asked.get("conditions"))),
        families=frozenset(many(asked.get("families"))),
        instruments_near=frozenset(many(asked.get("instruments_near"))),
        codes=frozenset(many(asked.get("codes"))),
        operates_with=asked.get("while", ""),
        start=day(asked.get("from")),
        end=day(asked.get("to")),
        paragraph=record["paragraph"],
        provenance=_provenance(record),
    )


def _clock(record: Record) -> Clock:
    return Clock(
        id=record["id"],
        instrument=record["instrument"],
        paragraph=record["paragraph"],
        start=_must_day(record, "from"),
        working_days=record["working_days"],
        starts=record["starts"],
        not_counted=many(record.get("not_counted")),
        not_for=frozenset(many(record.get("not_for", {}).get("conditions"))),
        provenance=_provenance(record),
    )


def _event(record: Record) -> Event:
    return Event(_must_day(record, "date"), record["kind"], record["instrument"], record["says"], record["grade"])


def _make(make: Callable[[Record], T], file: str, record: Record) -> T:
    """One record made into its type; what fails is named with the file and the record."""
    name = str(record.get("id") or record.get("code") or record.get("date") or record.get("instrument") or "record")
    try:
        return make(record)
    except LanguageError as error:
        raise FactError(file, name, str(error)) from None
    except KeyError as error:
        raise FactError(file, name, f"field {error} is missing") from None
    except (TypeError, ValueError, AttributeError) as error:
        raise FactError(file, name, f"a field is not of its form ({error})") from None


def _all(make: Callable[[Record], T], folder: Path, name: str) -> tuple[T, ...]:
    return tuple(_make(make, name, record) for record in read_records(folder / name))


def _index(items: Iterable[T], key: Callable[[T], str], what: str) -> dict[str, T]:
    index: dict[str, T] = {}
    for item in items:
        if key(item) in index:
            raise FactError(what, key(item), "stands there twice")
        index[key(item)] = item
    return index


def load_facts(folder: Path = LAW_FOLDER) -> LawFacts:
    """Read every fact of law below a folder.

    Raises
    ------
    FactError
        When a record is not of its form, naming file, record and field.
    """
    entries = [
        _make(lambda r, f=file: _entry(r, f), f"entries/{file}", record)
        for file, record in read_folder(folder / "entries")
    ]
    rules = [
        _make(lambda r, f=file: _rule(r, f), f"rules/{file}", record) for file, record in read_folder(folder / "rules")
    ]
    return LawFacts(
        sources=_index(_all(_source, folder, "sources.yaml"), lambda s: s.id, "sources.yaml"),
        instruments=_index(_all(_instrument, folder, "instruments.yaml"), lambda i: i.id, "instruments.yaml"),
        entries=_index(entries, lambda e: e.code, "entries"),
        rules=_index(rules, lambda r: r.id, "rules"),
        suspensions=_all(_suspension, folder, "suspensions.yaml"),
        endings=_all(_ending, folder, "repeals.yaml"),
        revivals=_all(_revival, folder, "revivals.yaml"),
        interpretations=_index(
            _all(_interpretation, folder, "interpretations.yaml"), lambda i: i.id, "interpretations.yaml"
        ),
        listings=tuple(_listing(row) for row in read_table(folder / "parties" / "listings.csv")),
        documents=_all(_document, folder, "documents.yaml"),
        clocks=_all(_clock, folder, "clocks.yaml"),
        events=_all(_event, folder, "events.yaml"),
        licence_goods=frozenset(row["number"] for row in read_table(folder / "licence_goods_2026.csv")),
        horizon=read_yaml(folder / "horizon.yaml"),
    )
