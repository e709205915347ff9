"""What the law is made of: instruments, entries, rules, suspensions, listings. Small frozen types, made once when the facts are read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any, Literal

from orepass.law.language import Node

Grade = Literal["primary", "translation", "secondary", "inferred", "assumed", "unverified"]

DUAL_USE = "dual-use"
"""The name of the list that the Export Control Law speaks of; other lists stand beside it."""


class State(StrEnum):
    """What a window says of an instrument, an entry, a rule or a listing on a day."""

    IN_FORCE = "in_force"
    UNKNOWN = "unknown"
    SUSPENDED = "suspended"
    ANNOUNCED = "announced"
    STOPPED = "stopped"
    REPEALED = "repealed"
    ABSENT = "absent"


OPERATIVE_ORDER = (
    State.IN_FORCE,
    State.UNKNOWN,
    State.SUSPENDED,
    State.ANNOUNCED,
    State.STOPPED,
    State.REPEALED,
    State.ABSENT,
)
"""States from the most to the least operative."""


@dataclass(frozen=True, slots=True)
class Text:
    """One statement in English and, where we have it, in Chinese."""

    en: str
    zh: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A text that was read, and how good what was read is."""

    id: str
    title: str
    grade: Grade
    address: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a fact comes from and how well it is known."""

    sources: tuple[str, ...]
    grade: Grade


@dataclass(frozen=True, slots=True)
class Instrument:
    """A legal act or notice. ``published`` is the day since which it can be known."""

    id: str
    number: str
    kind: str
    issuer: str
    title: str
    published: date
    effective: date
    until: date | None
    paragraphs_effective: dict[str, date]
    provisions: tuple[str, ...]
    regime: str
    bars: str
    address: str
    note: str
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class Control:
    """What brings an item under control: an instrument from a day, or a time for which the law was not read."""

    instrument: str
    start: date | None
    end: date | None
    unread: bool = False
    because: str = ""


@dataclass(frozen=True, slots=True)
class DatedLimits:
    """Technical limits and the days for which they are worded so."""

    start: date | None
    end: date | None
    node: Node
    instrument: str = ""


@dataclass(frozen=True, slots=True)
class Exclusion:
    """What an entry does not cover. ``by`` is the interpretation or notice that says so; empty when the entry itself does."""

    node: Node
    by: str = ""


@dataclass(frozen=True, slots=True)
class Referral:
    """The good is to be tested under another code. Never a release."""

    to: str
    when: str


@dataclass(frozen=True, slots=True)
class CustomsNumber:
    """A reference number of the tariff. It points; it never decides."""

    number: str
    year: int
    set: str
    grade: Grade


@dataclass(frozen=True, slots=True)
class Reading:
    """What a secondary source gives for a limit that the list does not show: good for a question, not for a release."""

    limit: str
    reads: str
    grade: Grade
    note: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """A reservation that an answer resting on this record has to show."""

    says: str
    grade: Grade
    node: Node | None = None
    start: date | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a control list.

    The item, its code and the instruments behind it have dates of their own: ``control`` says since when and by what the item is
    controlled, ``code_from`` since when the code is in use.
    """

    code: str
    list: str
    families: tuple[str, ...]
    kind: Literal["goods", "technology", "software"]
    name: Text
    covers: tuple[str, ...]
    produces: tuple[str, ...]
    mixtures: bool
    limits: tuple[DatedLimits, ...]
    when_limit_unknown: Literal["licence_required", "law_unknown"] | None
    excludes: tuple[Exclusion, ...]
    refers: tuple[Referral, ...]
    technology: tuple[str, ...]
    control: tuple[Control, ...]
    code_from: date | None
    customs: tuple[CustomsNumber, ...]
    headings: tuple[str, ...]
    """Headings where such goods are likely declared: our own inference, used only to point."""
    readings: tuple[Reading, ...]
    doubts: tuple[Doubt, ...]
    notes: tuple[str, ...]
    cas: str
    provenance: Provenance
    file: str

    @property
    def introduced_by(self) -> str:
        """The instrument that first brought the item under control, as far as its text was read."""
        return next(control.instrument for control in self.control if not control.unread)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which entries a rule reaches."""

    everything: bool = False
    families: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()
    as_upon: bool = False

    def reaches(self, entry: Entry) -> bool:
        """Whether the rule speaks of this entry."""
        if self.everything:
            return entry.list == DUAL_USE
        return (
            entry.code in self.codes
            or entry.list in self.lists
            or (entry.list == DUAL_USE and not self.families.isdisjoint(entry.families))
        )

    @property
    def nothing(self) -> bool:
        """Whether the rule speaks of no entry: it judges the transaction alone."""
        return not (self.everything or self.families or self.codes or self.lists or self.as_upon)


@dataclass(frozen=True, slots=True)
class Rule:
    """What the law says about transactions: a duty, a ban, a presumption, an exemption, a condition."""

    id: str
    instrument: str
    paragraphs: tuple[str, ...]
    layer: str
    selection: Selection
    upon: tuple[str, ...]
    lifts: tuple[str, ...]
    when: Node
    outcome: str | None
    conditions: tuple[str, ...]
    says: Text
    start: date | None
    end: date | None
    party_windows: bool
    doubt: str
    note: str
    provenance: Provenance
    file: str


@dataclass(frozen=True, slots=True)
class Suspension:
    """A text that stops instruments or paragraphs for a time. After ``end``, with no later text, their state is unknown."""

    id: str
    by: str
    targets: tuple[str, ...]
    start: date
    end: date | None
    last_day_grade: Grade
    checked_on: date | None
    check_found: str
    policy_intent: str
    reread: tuple[str, ...]
    note: str
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class Ending:
    """A repeal, or a stop for which no repealing text was read."""

    id: str
    by: str
    target: str
    start: date
    state: State
    items: str
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class Revival:
    """A text that brings suspended or repealed instruments or paragraphs back."""

    id: str
    by: str
    targets: tuple[str, ...]
    start: date
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class Interpretation:
    """An official answer on what an entry means: known since ``published``, firm since ``firm_from`` where the page says so."""

    id: str
    published: date
    says: str
    entries: tuple[str, ...]
    firm_from: date | None
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class Listing:
    """One party on one list by one notice; its windows are those of the notice."""

    instrument: str
    number: int
    list: Literal["control", "watch", "unreliable"]
    name: Text
    aliases: tuple[str, ...]
    country: str
    bars: str
    provenance: Provenance

    @property
    def id(self) -> str:
        """The notice and the number in it: ``CN-2025-01/1``."""
        return f"{self.instrument}/{self.number}"


@dataclass(frozen=True, slots=True)
class Document:
    """A paper or a duty that rides on an answer."""

    id: str
    text: Text
    outcomes: frozenset[str]
    conditions: frozenset[str]
    families: frozenset[str]
    instruments_near: frozenset[str]
    codes: frozenset[str]
    operates_with: str
    start: date | None
    end: date | None
    paragraph: str
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class Clock:
    """How many working days a decision may take, and from what."""

    id: str
    instrument: str
    paragraph: str
    start: date
    working_days: int
    starts: str
    not_counted: tuple[str, ...]
    not_for: frozenset[str]
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class Event:
    """A dated fact that changes no window, or one change of state that the records give."""

    day: date
    kind: str
    subject: str
    says: str
    grade: Grade


@dataclass(frozen=True)
class LawFacts:
    """Everything that the fact files say, indexed."""

    sources: dict[str, Source]
    instruments: dict[str, Instrument]
    entries: dict[str, Entry]
    rules: dict[str, Rule]
    suspensions: tuple[Suspension, ...]
    endings: tuple[Ending, ...]
    revivals: tuple[Revival, ...]
    interpretations: dict[str, Interpretation]
    listings: tuple[Listing, ...]
    documents: tuple[Document, ...]
    clocks: tuple[Clock, ...]
    events: tuple[Event, ...]
    licence_goods: frozenset[str]
    horizon: dict[str, Any] = field(repr=False)

    @cached_property
    def read_to(self) -> date:
        """The last day up to which the sources were read."""
        return self.horizon["read_to"]

    @cached_property
    def read_from(self) -> date:
        """The first day whose law was read."""
        return self.horizon["read_from"]

    @cached_property
    def list_codes(self) -> frozenset[str]:
        """The codes of the whole unified list, also outside the minerals that are modelled."""
        return frozenset(self.horizon["list_codes"]["codes"].split())
