"""The law over time: as of a day, as known on a day, what changed between two days, and how far it was read."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from orepass.factfiles import FACTS, content_hash
from orepass.law.language import facts_of
from orepass.law.load import LAW_FOLDER, load_facts
from orepass.law.model import (
    Clock,
    DatedLimits,
    Document,
    Entry,
    Event,
    Exclusion,
    Interpretation,
    LawFacts,
    Listing,
    Rule,
    State,
)
from orepass.law.windows import FAR_FUTURE, FAR_PAST, Standing, Windows

_DAY = timedelta(days=1)


class EntryOn(NamedTuple):
    """An entry as it stands on a day: its state, the limits worded for that day, the exclusions that can be known."""

    entry: Entry
    standing: Standing
    limits: DatedLimits | None
    exclusions: tuple[tuple[Exclusion, bool], ...]
    """Each exclusion that can be known, and whether it is firm on the day."""


class RuleOn(NamedTuple):
    """A rule as it stands on a day."""

    rule: Rule
    standing: Standing


class ListingOn(NamedTuple):
    """A listing as it stands on a day."""

    listing: Listing
    standing: Standing


class Change(NamedTuple):
    """One thing whose state differs between two days."""

    what: str
    id: str
    name: str
    before: State
    after: State
    by: str


@dataclass(frozen=True, slots=True)
class Assumed:
    """An overlay on the law for a *what if* question: a rule, an entry or an instrument put in force or out of force from a day."""

    target: str
    state: State
    start: date


@dataclass(frozen=True)
class LawOn:
    """The law for one run of days on which nothing changes, as known by a day.

    ``first`` and ``last`` bound the run; every day in it has the same answers.
    """

    first: date
    last: date
    known: date | None
    hypothetical: tuple[Assumed, ...]
    list_codes: frozenset[str]
    entries: Mapping[str, EntryOn]
    rules: Mapping[str, RuleOn]
    listings: tuple[ListingOn, ...]
    interpretations: Mapping[str, Interpretation]
    documents: tuple[Document, ...]
    clocks: tuple[Clock, ...]
    version: str

    @property
    def key(self) -> tuple[date, date | None, tuple[Assumed, ...], str]:
        """What names this state of the law among all others."""
        return (self.first, self.known, self.hypothetical, self.version)


@dataclass(frozen=True, slots=True)
class Horizon:
    """How far the law was read, and the suspensions that run or ran out."""

    read_to: date
    note: str
    runs_out: tuple[tuple[date, str], ...]


@dataclass(frozen=True)
class Stale:
    """A suspension whose end has passed without a newer check, and what to read again."""

    suspension: str
    by: str
    ended: date
    checked_on: date | None
    reread: tuple[tuple[str, str], ...]


@dataclass
class Law:
    """China's export-control law on strategic minerals as data.

    Examples
    --------
    >>> from datetime import date
    >>> law = Law.load()
    >>> law.as_of(date(2025, 12, 15)).rules["US-46-P2"].standing.state.value
    'suspended'
    >>> law.as_of(date(2025, 12, 15), known=date(2025, 11, 1)).rules["US-46-P2"].standing.state.value
    'in_force'
    """

    facts: LawFacts
    version: str
    _runs: dict[tuple[int, int], LawOn] = field(default_factory=dict[tuple[int, int], LawOn], repr=False)
    _asking: dict[str, tuple[Rule, ...]] = field(default_factory=dict[str, tuple[Rule, ...]], repr=False)

    @classmethod
    def load(cls, folder: Path | None = None) -> Law:
        """Read the law from fact files; the packaged ones unless a folder is named.

        Raises
        ------
        FactError
            When a record is not of its form.
        """
        where = folder or LAW_FOLDER
        return cls(load_facts(where), content_hash(where, *(FACTS / name for name in ("goods", "parties", "places"))))

    @cached_property
    def windows(self) -> Windows:
        """Standing of any part of the law on any day."""
        return Windows(self.facts)

    @cached_property
    def _boundaries(self) -> tuple[list[date], list[date]]:
        """Days on which something can change, in the time of validity and in the time of knowledge."""
        facts = self.facts
        days: set[date | None] = {facts.read_to + _DAY}
        known: set[date] = set()
        for act in facts.instruments.values():
            days |= {act.published, act.effective, *act.paragraphs_effective.values(), _after(act.until)}
            known.add(act.published)
        for interpretation in facts.interpretations.values():
            days.add(interpretation.firm_from)
            known.add(interpretation.published)
        for entry in facts.entries.values():
            for control in entry.control:
                days |= {control.start, _after(control.end)}
            for limits in entry.limits:
                days |= {limits.start, _after(limits.end)}
            days |= {doubt.start for doubt in entry.doubts}
        for rule in facts.rules.values():
            days |= {rule.start, _after(rule.end)}
        for suspension in facts.suspensions:
            days |= {suspension.start, _after(suspension.end)}
        days |= {record.start for record in (*facts.endings, *facts.revivals)}
        for document in facts.documents:
            days |= {document.start, _after(document.end)}
        days |= {clock.start for clock in facts.clocks}
        return sorted(day for day in days if day is not None), sorted(known)

    @property
    def boundaries(self) -> list[date]:
        """Every day on which the state of something can change."""
        return list(self._boundaries[0])

    def as_of(self, day: date, known: date | None = None, what_if: Iterable[Assumed] = ()) -> LawOn:
        """The law on a day, as published by ``known`` (today's knowledge when it is ``None``).

        Parameters
        ----------
        day
            The day of the customs declaration.
        known
            Decide with the texts published by that day. A suspension published later does not count.
        what_if
            Overlays for hypothetical questions.
        """
        days, knowns = self._boundaries
        run = bisect_right(days, day)
        knowledge = len(knowns) if known is None else bisect_right(knowns, known)
        overlays = tuple(what_if) if what_if else ()
        if not overlays and (cached := self._runs.get((run, knowledge))) is not None:
            return cached
        first = days[run - 1] if run else FAR_PAST
        last = days[run] - _DAY if run < len(days) else FAR_FUTURE
        built = self._build(day, first, last, None if knowledge == len(knowns) else known, overlays)
        if not overlays:
            self._runs[run, knowledge] = built
        return built

    def _build(self, day: date, first: date, last: date, known: date | None, overlays: tuple[Assumed, ...]) -> LawOn:
        facts, windows = self.facts, self.windows
        by = known or FAR_FUTURE
        readable = {key: i for key, i in facts.interpretations.items() if i.published <= by}

        def overlaid(standing: Standing, *names: str) -> Standing:
            for overlay in overlays:
                if overlay.target in names and overlay.start <= day:
                    return Standing(overlay.state, "what_if", note="hypothetical")
            return standing

        entries = {
            code: EntryOn(
                entry,
                overlaid(windows.of_entry(entry, day, by), code, *(c.instrument for c in entry.control)),
                _worded(entry.limits, day, by, self),
                self._exclusions(entry, readable, day, by),
            )
            for code, entry in facts.entries.items()
        }
        rules = {
            key: RuleOn(
                rule,
                overlaid(
                    windows.of_rule(rule, day, by),
                    key,
                    rule.instrument,
                    *(f"{rule.instrument} {paragraph}" for paragraph in rule.paragraphs),
                ),
            )
            for key, rule in facts.rules.items()
        }
        listings = tuple(
            ListingOn(listing, overlaid(windows.of_listing(listing, day, by), listing.instrument))
            for listing in facts.listings
        )
        return LawOn(
            first,
            last,
            known,
            overlays,
            facts.list_codes,
            entries,
            rules,
            listings,
            readable,
            tuple(doc for doc in facts.documents if _covers(doc.start, doc.end, day)),
            tuple(
                clock
                for clock in facts.clocks
                if clock.start <= day and facts.instruments[clock.instrument].published <= by
            ),
            self.version,
        )

    def _exclusions(
        self, entry: Entry, readable: Mapping[str, Interpretation], day: date, known: date
    ) -> tuple[tuple[Exclusion, bool], ...]:
        kept: list[tuple[Exclusion, bool]] = []
        for exclusion in entry.excludes:
            if not exclusion.by:
                kept.append((exclusion, True))
            elif (interpretation := readable.get(exclusion.by)) is not None:
                kept.append((exclusion, interpretation.firm_from is None or interpretation.firm_from <= day))
            elif (act := self.facts.instruments.get(exclusion.by)) is not None and act.published <= known:
                kept.append((exclusion, True))
        return tuple(kept)

    def rules_that_ask(self, fact: str) -> tuple[Rule, ...]:
        """The rules whose condition asks for a fact, in force or not."""
        found = self._asking.get(fact)
        if found is None:
            rules = self.facts.rules.values()
            found = self._asking[fact] = tuple(rule for rule in rules if fact in facts_of(rule.when))
        return found

    @property
    def horizon(self) -> Horizon:
        """The last day read, and when each suspension runs out on its own text."""
        ends = sorted((s.end, s.by) for s in self.facts.suspensions if s.end)
        return Horizon(self.facts.read_to, self.facts.horizon["read_to_note"], tuple(ends))

    def stale(self, today: date) -> tuple[Stale, ...]:
        """Suspensions whose end has passed and for which nobody has recorded a newer check or a later text."""
        out: list[Stale] = []
        for suspension in self.facts.suspensions:
            if suspension.end is None or suspension.end >= today:
                continue
            if suspension.checked_on and suspension.checked_on > suspension.end:
                continue
            sources = tuple((key, self.facts.sources[key].address) for key in suspension.reread)
            out.append(Stale(suspension.id, suspension.by, suspension.end, suspension.checked_on, sources))
        return tuple(out)

    def timeline(self, first: date | None = None, last: date | None = None, known: date | None = None) -> list[Event]:
        """Dated facts and changes of state between two days, in order.

        Changes of state are computed from the records: they cannot disagree with the answers.
        """
        lower, upper = first or FAR_PAST, last or FAR_FUTURE
        events = [e for e in self.facts.events if lower <= e.day <= upper and (known is None or e.day <= known)]
        for boundary in self.boundaries:
            if lower <= boundary <= upper:
                events += [
                    Event(boundary, change.after.value, change.by or change.id, self._says(change), self._grade(change))
                    for change in self._grouped(self.diff(boundary - _DAY, boundary, known))
                ]
        return sorted(events, key=lambda event: (event.day, event.subject, event.says))

    def _grouped(self, changes: Iterable[Change]) -> list[Change]:
        """Changes of many entries by one instrument told as one."""
        groups: dict[tuple[str, State, str], list[Change]] = {}
        for change in changes:
            groups.setdefault((change.what, change.after, change.by), []).append(change)
        return [
            group[0]
            if len(group) == 1
            else group[0]._replace(id=", ".join(c.id for c in group), name=f"{len(group)} {what}")
            for (what, _, _), group in groups.items()
        ]

    def _says(self, change: Change) -> str:
        return f"{change.name} ({change.id}): {change.before.value} -> {change.after.value}"

    def _grade(self, change: Change):
        act = self.facts.instruments.get(change.by)
        return act.provenance.grade if act else "inferred"

    def diff(self, before: date, after: date, known: date | None = None) -> list[Change]:
        """What stands differently on two days: entries, rules, listings."""
        old, new = self.as_of(before, known), self.as_of(after, known)
        changes: list[Change] = []
        if old is new:
            return changes
        for code, now in new.entries.items():
            then = old.entries[code]
            if then.standing.state is not now.standing.state:
                changes.append(_change("entries", code, now.entry.name.en, then.standing, now.standing))
            elif then.limits is not now.limits:
                by = now.limits.instrument if now.limits else ""
                changes.append(Change("limits", code, now.entry.name.en, then.standing.state, now.standing.state, by))
        for key, now in new.rules.items():
            then = old.rules[key]
            if then.standing.state is not now.standing.state:
                changes.append(_change("rules", key, now.rule.says.en, then.standing, now.standing))
        for then, now in zip(old.listings, new.listings, strict=True):
            if then.standing.state is not now.standing.state:
                listing = now.listing
                changes.append(
                    _change(
                        "listings",
                        f"{listing.instrument}/{listing.number}",
                        listing.name.en,
                        then.standing,
                        now.standing,
                    )
                )
        return changes


def _change(what: str, key: str, name: str, before: Standing, after: Standing) -> Change:
    return Change(what, key, name, before.state, after.state, after.by or before.by)


def _after(day: date | None) -> date | None:
    return day + _DAY if day else None


def _covers(start: date | None, end: date | None, day: date) -> bool:
    return (start is None or start <= day) and (end is None or day <= end)


def _worded(limits: tuple[DatedLimits, ...], day: date, known: date, law: Law) -> DatedLimits | None:
    """The limits worded for the day, of those that could be known; the nearest wording on days outside all of them."""
    readable = [
        part for part in limits if not part.instrument or law.facts.instruments[part.instrument].published <= known
    ]
    if not readable:
        return limits[0] if limits else None
    for part in readable:
        if _covers(part.start, part.end, day):
            return part
    return readable[-1] if day > (readable[-1].start or FAR_PAST) else readable[0]
