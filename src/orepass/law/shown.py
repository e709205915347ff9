"""Parts of the law as plain records, for the command line and the API alike."""

from __future__ import annotations

from datetime import date
from typing import Any

from orepass.law.language import show
from orepass.law.model import Entry, Event, Instrument, Rule, State
from orepass.law.timeline import Change, EntryOn, Law
from orepass.law.windows import Standing


def entry_in_list(on: EntryOn) -> dict[str, Any]:
    """An entry as a line of the list."""
    return {
        "code": on.entry.code,
        "list": on.entry.list,
        "name": on.entry.name.en,
        "zh": on.entry.name.zh,
        "state": on.standing.state.value,
        "by": on.standing.by,
        "until": on.standing.until,
    }


def change_shown(change: Change) -> dict[str, Any]:
    """A change between two days."""
    return {**change._asdict(), "before": change.before.value, "after": change.after.value}


def event_shown(event: Event) -> dict[str, Any]:
    """A dated change or fact."""
    return {
        "date": event.day,
        "kind": event.kind,
        "subject": event.subject,
        "says": event.says,
        "grade": event.grade,
    }


def in_words(standing: Standing) -> str:
    """A standing as people say it."""
    text = standing.state.value.replace("_", " ")
    if standing.state in {State.SUSPENDED, State.ANNOUNCED} and standing.until:
        text += f" {'to' if standing.state is State.SUSPENDED else 'for'} {standing.until}"
    return text


def windows_of(entry: Entry, law: Law) -> list[tuple[date, Standing]]:
    """The windows of an entry: since when it stands how, from the first day on which anything is known of it."""
    found: list[tuple[date, Standing]] = []
    for boundary in law.boundaries:
        standing = law.windows.of_entry(entry, boundary, date.max)
        if (standing.state is not found[-1][1].state) if found else (standing.state is not State.ABSENT):
            found.append((boundary, standing))
    return found


def history(entry: Entry, law: Law) -> list[str]:
    """The windows of an entry, one line each."""
    return [
        f"from {first}: {standing.state.value.replace('_', ' ')}"
        + (f" ({standing.by})" if standing.by else f" ({standing.note})" if standing.note else "")
        for first, standing in windows_of(entry, law)
        if standing.state is not State.ABSENT
    ]


def entry_shown(entry: Entry, standing: Standing, law: Law) -> dict[str, Any]:
    """An entry: limits, customs numbers, windows, sources."""
    return {
        "code": entry.code,
        "name": entry.name.en,
        "名称": entry.name.zh,
        "list": entry.list,
        "family": list(entry.families),
        "kind": entry.kind,
        "state": in_words(standing),
        "covers": list(entry.covers),
        "mixtures": "covered" if entry.mixtures else None,
        "limits": [
            (f"{part.start or ''}..{part.end or ''}: " if part.start or part.end else "") + show(part.node)
            for part in entry.limits
        ],
        "when a limit is unknown": entry.when_limit_unknown,
        "readings": [f"{r.limit} {r.reads} ({r.grade}: {r.note})" for r in entry.readings],
        "excludes": [show(x.node) + (f" [{x.by}]" if x.by else "") for x in entry.excludes],
        "refers": [f"{r.to}: {r.when}" for r in entry.refers],
        "technology": list(entry.technology),
        "customs numbers": [f"{c.number} ({c.year}, {c.set}, {c.grade})" for c in entry.customs],
        "windows": history(entry, law),
        "code in use from": entry.code_from,
        "notes": list(entry.notes),
        "doubts": [f"{d.says} ({d.grade})" for d in entry.doubts],
        "source": [
            f"{key}: {law.facts.sources[key].title} ({law.facts.sources[key].grade})"
            for key in entry.provenance.sources
        ],
        "grade": entry.provenance.grade,
        "file": f"facts/law/entries/{entry.file}",
    }


def rule_shown(rule: Rule, standing: Standing) -> dict[str, Any]:
    """A rule: what it reaches, when, with what outcome."""
    reach = rule.selection
    return {
        "rule": rule.id,
        "instrument": rule.instrument,
        "paragraph": ", ".join(rule.paragraphs),
        "layer": rule.layer,
        "state": in_words(standing),
        "reaches": "every entry"
        if reach.everything
        else "no entry: the transaction alone"
        if reach.nothing
        else sorted([*reach.families, *reach.codes, *reach.lists]) or "what its rules reach",
        "upon": list(rule.upon),
        "lifts": list(rule.lifts),
        "when": show(rule.when),
        "outcome": rule.outcome,
        "conditions": list(rule.conditions),
        "says": rule.says.en,
        "原文大意": rule.says.zh,
        "doubt": rule.doubt,
        "note": rule.note,
        "source": list(rule.provenance.sources),
        "grade": rule.provenance.grade,
        "file": f"facts/law/rules/{rule.file}",
    }


def instrument_shown(act: Instrument, law: Law) -> dict[str, Any]:
    """An instrument: what it did, and what was done to it."""
    facts = law.facts
    return {
        "instrument": act.id,
        "number": act.number,
        "title": act.title,
        "issuer": act.issuer,
        "kind": act.kind,
        "regime": act.regime,
        "published": act.published,
        "effective": act.effective,
        "paragraphs effective": [f"{key}: {value}" for key, value in act.paragraphs_effective.items()],
        "provisions": list(act.provisions),
        "entries": [e.code for e in facts.entries.values() if any(c.instrument == act.id for c in e.control)],
        "rules": [r.id for r in facts.rules.values() if r.instrument == act.id],
        "suspended": [
            f"{s.start} to {s.end} by {s.by}"
            for s in facts.suspensions
            if any(t.partition("#")[0] == act.id for t in s.targets)
        ],
        "ended": [f"{e.start} by {e.by} ({e.state.value}): {e.items}" for e in facts.endings if e.target == act.id],
        "parties listed": sum(listing.instrument == act.id for listing in facts.listings) or None,
        "note": act.note,
        "source": list(act.provenance.sources),
        "grade": act.provenance.grade,
    }
