"""The schema of fact files: what each record may hold. Used by ``orepass law verify``; reading does not need it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from orepass.factfiles import Record, read_folder, read_records

Grade = Literal["primary", "translation", "secondary", "inferred", "assumed", "unverified"]
Month = Annotated[str, Field(pattern=r"^\d{4}-\d{2}$")]
Words = str | list[str]
Code = Annotated[str, Field(pattern=r"^(\d[A-E]\d{3}(\.[a-z0-9]+)*|[A-Z0-9]+-?[A-Z0-9]*)$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Sourced(_Strict):
    source: list[str] = Field(default_factory=list)
    grade: Grade


class _Name(_Strict):
    en: str
    zh: str


class SourceRecord(_Strict):
    """A text that was read."""

    id: str
    title: str
    grade: Grade
    address: str | None = None
    note: str | None = None


class InstrumentRecord(_Sourced):
    """A legal act or notice."""

    id: Annotated[str, Field(pattern=r"^CN-")]
    number: str
    kind: str
    issuer: str
    published: date | None
    effective: date
    until: date | None = None
    paragraphs_effective: dict[str, date] | None = None
    title: str
    provisions: list[str] = Field(default_factory=list)
    annex_1: dict[str, Any] | None = None
    declaration_duty: dict[str, Any] | None = None
    parties: int | None = None
    parties_named: int | None = None
    bars: str | None = None
    also_bars: str | None = None
    dealings_under_way: str | None = None
    regime: str | None = None
    address: str | None = None
    number_grade: Grade | None = None
    note: str | None = None


class _Limits(_Strict):
    limits: str
    grade: Grade
    by: str
    from_: date = Field(alias="from")
    to: date | None = None


class _Control(_Strict):
    by: str
    from_: date = Field(alias="from")
    to: date | None = None


class _Unread(_Strict):
    state: Literal["unknown"]
    from_: date | None = Field(default=None, alias="from")
    to: date | None = None
    because: str


class _Exclusion(_Strict):
    when: str
    by: str | None = None


class _Referral(_Strict):
    to: str
    when: str
    outside_facts: bool = False
    source: list[str]


class _CodeInUse(_Strict):
    from_: date | None = Field(default=None, alias="from")
    grade: Grade | None = None


class _Customs(_Strict):
    number: Annotated[str, Field(pattern=r"^\d{8}(\d{2})?$")]
    year: Annotated[int, Field(ge=2002, le=2100)]
    set: Literal["notice", "catalogue", "erratum"]
    grade: Grade
    goods: str | None = None
    note: str | None = None


class _Reading(_Strict):
    limit: str
    reads: str
    grade: Grade
    source: str
    note: str


class _Doubt(_Strict):
    says: str
    source: str
    grade: Grade
    when: str | None = None
    from_: date | None = Field(default=None, alias="from")


Strings = list[str]


class EntryRecord(_Sourced):
    """One line of a control list."""

    code: Code
    name: _Name
    family: Words
    kind: Literal["goods", "technology", "software"] = "goods"
    produces: Strings | None = None
    covers: Words | None = None
    mixtures: Literal["covered"] | None = None
    limits: str | list[_Limits] | None = None
    when_limit_unknown: Literal["licence_required", "law_unknown"] | None = None
    readings: list[_Reading] | None = None
    excludes: list[_Exclusion] | None = None
    excludes_in_words: Strings | None = None
    refers: list[_Referral] | None = None
    technology: Strings | None = None
    control: list[_Control | _Unread]
    code_in_use: _CodeInUse | None = None
    printed_code: str | None = None
    also_written: Strings | None = None
    customs: list[_Customs] | None = None
    headings_inferred: list[Annotated[str, Field(pattern=r"^\d{4}$")]] | None = None
    cas: str | None = None
    doubts: list[_Doubt] | None = None
    notes: Strings | None = None
    of_list: str = Field(default="dual-use", alias="list")


class _Entries(_Strict):
    families: Strings | None = None
    codes: Strings | None = None
    lists: Strings | None = None


class RuleRecord(_Sourced):
    """What the law says about transactions."""

    id: str
    instrument: str
    paragraph: Words
    layer: Literal[
        "item",
        "reach",
        "destination",
        "end_use",
        "party",
        "exemption",
        "catch_all",
        "third_country",
        "extraterritorial",
        "parallel",
    ]
    entries: Literal["all", "none", "upon"] | _Entries
    upon: Strings | None = None
    lifts: Strings | None = None
    when: str
    outcome: Literal["prohibited", "refusal_presumed", "licence_required", "exempt", "not_controlled"] | None
    conditions: Strings | None = None
    says: _Name
    from_: date | None = Field(default=None, alias="from")
    to: date | None = None
    windows_of: Literal["party"] | None = None
    doubt: str | None = None
    note: str | None = None


class SuspensionRecord(_Sourced):
    """A text that stops instruments or paragraphs for a time."""

    id: str
    by: str
    suspends: Strings
    from_: date = Field(alias="from")
    to: date | None
    last_day: Literal["inclusive", "exclusive"]
    last_day_grade: Grade
    checked_on: date | None = None
    check_found: str | None = None
    policy_intent: dict[str, Any] | None = None
    reread: Strings | None = None
    note: str | None = None


class EndingRecord(_Sourced):
    """A repeal or a stop."""

    id: str
    by: str
    ends: str
    from_: date = Field(alias="from")
    state: Literal["repealed", "stopped"]
    items: str
    note: str | None = None


class RevivalRecord(_Sourced):
    """A text that brings something back."""

    id: str
    by: str
    revives: Strings
    from_: date = Field(alias="from")
    note: str | None = None


class InterpretationRecord(_Sourced):
    """An official answer on what an entry means."""

    id: str
    published: date | Month
    says: str
    entries: Strings | None = None
    firm_from: date | None = None
    refers_to: str | None = None


class RegimeRecord(_Sourced):
    """A regime beside dual-use control."""

    id: str
    what: str
    examples: Strings | None = None
    events: Strings | None = None
    note: str | None = None


class GeneralLicenceRecord(_Sourced):
    """What is known of general licences."""

    day: date = Field(alias="date")
    says: str


class OpenPointRecord(_Strict):
    """What the sources do not answer."""

    id: str
    says: str


class EventRecord(_Sourced):
    """A dated fact that changes no window."""

    day: date | Month = Field(alias="date")
    kind: str
    instrument: str
    says: str


class _DocumentFor(_Strict):
    outcomes: Strings | None = None
    conditions: Strings | None = None
    families: Strings | None = None
    instruments_near: Strings | None = None
    codes: Strings | None = None
    while_: str | None = Field(default=None, alias="while")
    from_: date | None = Field(default=None, alias="from")
    to: date | None = None


class DocumentRecord(_Sourced):
    """A paper or a duty."""

    id: str
    asked_for: _DocumentFor = Field(alias="for")
    instrument: str | None = None
    en: str
    zh: str
    paragraph: str


class ClockRecord(_Sourced):
    """How long a decision may take."""

    id: str
    instrument: str
    paragraph: str
    from_: date = Field(alias="from")
    working_days: int
    starts: str
    not_counted: Strings
    not_for: dict[str, Strings] | None = None
    no_limit_when: str | None = None
    note: str | None = None


FILES: dict[str, type[BaseModel]] = {
    "sources.yaml": SourceRecord,
    "instruments.yaml": InstrumentRecord,
    "suspensions.yaml": SuspensionRecord,
    "repeals.yaml": EndingRecord,
    "revivals.yaml": RevivalRecord,
    "interpretations.yaml": InterpretationRecord,
    "regimes.yaml": RegimeRecord,
    "general_licences.yaml": GeneralLicenceRecord,
    "open_points.yaml": OpenPointRecord,
    "events.yaml": EventRecord,
    "documents.yaml": DocumentRecord,
    "clocks.yaml": ClockRecord,
}
FOLDERS: dict[str, type[BaseModel]] = {"entries": EntryRecord, "rules": RuleRecord}


def _name(record: Record) -> str:
    return str(next((record[key] for key in ("id", "code", "date") if key in record), "record"))


def problems(folder: Path) -> list[str]:
    """Every record that is not of its form, one sentence each: file, record, field, what was found."""
    found: list[str] = []
    for name, model in FILES.items():
        found += _check(model, [(name, record) for record in read_records(folder / name)])
    for name, model in FOLDERS.items():
        found += _check(model, [(f"{name}/{file}", record) for file, record in read_folder(folder / name)])
    return found


def _check(model: type[BaseModel], records: list[tuple[str, Record]]) -> list[str]:
    adapter = TypeAdapter(model)
    found: list[str] = []
    for file, record in records:
        try:
            adapter.validate_python(record)
        except ValidationError as error:
            for part in error.errors():
                where = ".".join(str(step) for step in part["loc"])
                found.append(f"{file}, {_name(record)}, {where}: {part['msg']} (found {part['input']!r}).")
    return found
