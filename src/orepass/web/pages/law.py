"""The law: the list as of a day, an entry with its history, what changed between two days, how far it was read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from markupsafe import Markup

from orepass.determination.transaction import a_day
from orepass.errors import BadInput, NotFound
from orepass.goods.kinds import kinds
from orepass.law.language import show
from orepass.law.model import CustomsNumber, Entry, Event, Interpretation, Source, Text
from orepass.law.shown import rule_shown, windows_of
from orepass.law.timeline import Law, LawOn
from orepass.law.windows import Standing
from orepass.web.pages.catalogue import to_say, words_of
from orepass.web.pages.pictures import Part, strip
from orepass.web.pages.site import Site
from orepass.web.pages.visiting import Reading
from orepass.web.pages.wording import STATES
from orepass.web.routes_law import today

router = APIRouter(include_in_schema=False)
_DAY = timedelta(days=1)
MOST_EVENTS = 400
Typed = Annotated[str, Query(max_length=100)]
PICTURED = to_say("How %(code)s stood over time")


class Days(NamedTuple):
    """The day that was asked for, the knowledge, and what was wrong with them, in one sentence."""

    on: date
    known: date | None
    wrong: str


def days_asked(on: str, known: str) -> Days:
    """The days that a page names; today where it names none that can be read."""
    wrong = ""
    read: list[date | None] = []
    for text, field in ((on, "on"), (known, "known")):
        try:
            read.append(a_day(text, field) if text else None)
        except BadInput as error:
            read.append(None)
            wrong = wrong or error.sentence
    return Days(read[0] or today(), read[1], wrong)


@router.get("/law")
def the_list(
    request: Request, visitor: Reading, on: Typed = "", known: Typed = "", q: Typed = "", family: Typed = ""
) -> Response:
    """The control list as of a day."""
    site: Site = request.app.state.site
    days = days_asked(on, known)
    there = site.law.as_of(days.on, days.known)
    families = sorted({name for entry in site.law.facts.entries.values() for name in entry.families})
    wanted = q.strip().casefold()
    entries = [
        found
        for found in there.entries.values()
        if (not family or family in found.entry.families) and (not wanted or wanted in searched(found.entry))
    ]
    return site.page(
        request,
        visitor,
        "law.html",
        422 if days.wrong else 200,
        days=days,
        entries=entries,
        q=q,
        family=family,
        families=families,
        counts={state: sum(one.standing.state.value == state for one in entries) for state in STATES},
    )


def searched(entry: Entry) -> str:
    """What a search looks through: code, names, families, what is covered, customs numbers."""
    net = kinds().by_id
    covered = " ".join(" ".join((net[kind].name, *net[kind].zh)) for kind in entry.covers if kind in net)
    numbers = " ".join(number.number for number in entry.customs)
    return f"{entry.code} {entry.name.en} {entry.name.zh} {' '.join(entry.families)} {covered} {numbers}".casefold()


@router.get("/law/timeline")
def the_timeline(request: Request, visitor: Reading, q: Typed = "") -> Response:
    """Everything that happened to the regime, the latest first."""
    site: Site = request.app.state.site
    wanted = q.strip().casefold()
    events = [
        event
        for event in reversed(site.law.timeline())
        if not wanted or wanted in f"{event.subject} {event.says} {event.kind}".casefold()
    ]
    years = [(year, list(of_year)) for year, of_year in groupby(events[:MOST_EVENTS], key=lambda event: event.day.year)]
    return site.page(
        request,
        visitor,
        "timeline.html",
        years=years,
        q=q,
        more=max(0, len(events) - MOST_EVENTS),
        links=_links(events, site.law),
    )


def _links(events: Iterable[Event], law: Law) -> dict[str, str]:
    """Where the subjects of events have a page."""
    facts = law.facts
    return {
        event.subject: f"/law/{event.subject}"
        for event in events
        if event.subject in facts.entries or event.subject in facts.rules or event.subject in facts.instruments
    }


@router.get("/law/changes")
def the_changes(
    request: Request, visitor: Reading, before: Typed = "", after: Typed = "", known: Typed = ""
) -> Response:
    """What stands differently on two days."""
    site: Site = request.app.state.site
    first, second = days_asked(before, known), days_asked(after, known)
    wrong = first.wrong or second.wrong
    asked = bool(before and after and not wrong)
    changes = site.law.diff(first.on, second.on, first.known) if asked else []
    rooms = {what: list(found) for what, found in groupby(changes, key=lambda change: change.what)}
    names = {code: entry.name for code, entry in site.law.facts.entries.items()}
    names |= {key: rule.says for key, rule in site.law.facts.rules.items()}
    names |= {listing.id: listing.name for listing in site.law.facts.listings}
    return site.page(
        request,
        visitor,
        "changes.html",
        422 if wrong else 200,
        before=before,
        after=after,
        known=known,
        first=first,
        second=second,
        asked=asked,
        rooms=rooms,
        names=names,
        wrong=wrong,
    )


@router.get("/law/horizon")
def the_horizon(request: Request, visitor: Reading) -> Response:
    """How far the law was read, and what runs out when."""
    site: Site = request.app.state.site
    facts = site.law.facts
    return site.page(
        request,
        visitor,
        "horizon.html",
        horizon=site.law.horizon,
        suspensions=facts.suspensions,
        stale=site.law.stale(today()),
        instruments=facts.instruments,
        sources=facts.sources,
        now=today(),
    )


class EntryPage(NamedTuple):
    """What the page of an entry shows."""

    entry: Entry
    standing: Standing
    covers: tuple[Text, ...]
    limits: tuple[tuple[date | None, date | None, str, str], ...]
    excludes: tuple[tuple[str, str], ...]
    rulings: tuple[Interpretation, ...]
    codes: tuple[tuple[int, tuple[CustomsNumber, ...]], ...]
    windows: tuple[tuple[date, Standing], ...]
    picture: Markup
    rules: tuple[str, ...]
    sources: tuple[Source, ...]


def entry_page(entry: Entry, there: LawOn, law: Law, on: date, language: str) -> EntryPage:
    """An entry with all that the facts say of it."""
    net = kinds().by_id
    facts = law.facts
    windows = windows_of(entry, law)
    years = sorted({number.year for number in entry.customs}, reverse=True)
    say = words_of(language).gettext
    return EntryPage(
        entry,
        there.entries[entry.code].standing,
        tuple(Text(net[kind].name, (net[kind].zh or net[kind].names)[0]) for kind in entry.covers if kind in net),
        tuple((part.start, part.end, show(part.node), part.instrument) for part in entry.limits),
        tuple((show(exclusion.node), exclusion.by) for exclusion in entry.excludes),
        tuple(ruling for ruling in facts.interpretations.values() if entry.code in ruling.entries),
        tuple((year, tuple(number for number in entry.customs if number.year == year)) for year in years),
        tuple(windows),
        windows_picture(windows, say(PICTURED) % {"code": entry.code}, on, law, language),
        tuple(
            key
            for key, found in there.rules.items()
            if found.rule.selection.reaches(entry) and not found.rule.selection.everything
        ),
        tuple(facts.sources[key] for key in entry.provenance.sources if key in facts.sources),
    )


def windows_picture(
    windows: Sequence[tuple[date, Standing]], title: str, here: date, law: Law, language: str
) -> Markup:
    """Windows as a strip, from the first day of which anything is known to the day up to which the law was read."""
    if not windows:
        return Markup("")
    say = words_of(language).gettext
    end = max(law.facts.read_to, here, windows[-1][0]) + _DAY
    start = windows[0][0].replace(month=1, day=1)
    ends = [first for first, _ in windows[1:]] + [end]
    parts = [Part(start, windows[0][0], "absent", say(STATES["absent"]))] if windows[0][0] > start else []
    for (first, standing), after in zip(windows, ends, strict=True):
        state = standing.state.value
        parts.append(
            Part(first, after, state, f"{first} – {after - _DAY}: {say(STATES.get(state, state))} {standing.by}")
        )
    return strip([part for part in parts if part.after > part.first], title, here)


@router.get("/law/{name:path}")
def one(
    request: Request, visitor: Reading, name: Annotated[str, Path(max_length=64)], on: Typed = "", known: Typed = ""
) -> Response:
    """An entry, a rule or an instrument."""
    site: Site = request.app.state.site
    law, facts = site.law, site.law.facts
    days = days_asked(on, known)
    there = law.as_of(days.on, days.known)
    shown: dict[str, Any] = {"days": days, "instruments": facts.instruments, "name": name}
    if name in facts.entries:
        page = entry_page(facts.entries[name], there, law, days.on, visitor.language)
        return site.page(request, visitor, "entry.html", page=page, rules=facts.rules, **shown)
    if name in facts.rules:
        rule = facts.rules[name]
        found = rule_shown(rule, there.rules[name].standing)
        sources = [facts.sources[key] for key in rule.provenance.sources if key in facts.sources]
        return site.page(
            request,
            visitor,
            "rule.html",
            rule=rule,
            standing=there.rules[name].standing,
            found=found,
            sources=sources,
            **shown,
        )
    if name in facts.instruments:
        act = facts.instruments[name]
        return site.page(
            request,
            visitor,
            "instrument.html",
            act=act,
            entries=[e for e in facts.entries.values() if any(c.instrument == name for c in e.control)],
            rules=[r for r in facts.rules.values() if r.instrument == name],
            suspensions=[s for s in facts.suspensions if any(t.partition("#")[0] == name for t in s.targets)],
            endings=[e for e in facts.endings if e.target == name],
            listed=[listing for listing in facts.listings if listing.instrument == name],
            sources=[facts.sources[key] for key in act.provenance.sources if key in facts.sources],
            **shown,
        )
    raise NotFound(f"The law holds nothing of the name {name!r}; look in the list.")
