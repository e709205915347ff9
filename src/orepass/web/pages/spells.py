"""The same question on other days: days on end with the same answer, what made it another, and a picture of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from markupsafe import Markup

from orepass.determination.determine import Determination, determine
from orepass.determination.transaction import transaction
from orepass.law.timeline import Law, RuleOn
from orepass.web.pages.catalogue import to_say, words_of
from orepass.web.pages.pictures import Part, strip
from orepass.web.pages.wording import OUTCOMES_SHORT

_DAY = timedelta(days=1)
UNTOLD = frozenset({"beyond_horizon", "before_first_text", "no_entry_found"})
"""Conditions whose coming and going does not part two spells: they say how we know, not what the law asks."""
OVER_TIME = to_say("The answer over time")


class Spell(NamedTuple):
    """Days on end with the same answer."""

    first: date | None
    last: date | None
    outcome: str
    conditions: tuple[str, ...]
    here: bool
    changed_by: tuple[str, ...]
    """The texts that made the answer another than that of the days before."""


class Since(NamedTuple):
    """Since when an answer has been as it is, what it was before, until when, and what then."""

    first: date | None
    before: str
    by: tuple[str, ...]
    next: date | None
    after: str
    next_by: tuple[str, ...]


def since(spells: Sequence[Spell]) -> Since:
    """How the spell of the day stands between its neighbours."""
    place = next(at for at, spell in enumerate(spells) if spell.here)
    spell = spells[place]
    before = spells[place - 1].outcome if place else ""
    if place + 1 == len(spells):
        return Since(spell.first, before, spell.changed_by, None, "", ())
    after = spells[place + 1]
    return Since(spell.first, before, spell.changed_by, after.first, after.outcome, after.changed_by)


def spells(document: Mapping[str, Any], here: date, law: Law) -> list[Spell]:
    """The same question on every day of the regime: days on end with the same answer."""
    known = document.get("known")
    latest = max(law.facts.read_to, here)
    starts: list[date | None] = [None, *(day for day in law.boundaries if day <= latest)]
    found: list[Spell] = []
    earlier: Determination | None = None
    for first, after in zip(starts, [*starts[1:], None], strict=True):
        last = after - _DAY if after is not None else None
        day = first or (after - _DAY if after is not None else here)
        answer = determine(transaction({**document, "date": day, "known": known}), law)
        is_here = (first is None or first <= here) and (last is None or here <= last)
        conditions = tuple(c for c in answer.conditions if c not in UNTOLD)
        if found and (found[-1].outcome, found[-1].conditions) == (answer.outcome, conditions):
            found[-1] = found[-1]._replace(last=last, here=found[-1].here or is_here)
        else:
            found.append(Spell(first, last, answer.outcome, conditions, is_here, tuple(_changed(earlier, answer))))
        earlier = answer
    return found


def _changed(before: Determination | None, after: Determination) -> list[str]:
    """The texts behind what holds now and did not before, and behind what held before and does not now."""
    if before is None:
        return []
    names: dict[str, None] = {}
    held, holds = (_held(answer) for answer in (before, after))
    law = after.book.law
    for key in sorted(held ^ holds):
        on = law.rules.get(key) or law.entries.get(key)
        if on is None:
            continue
        by = on.standing.by or (on.rule.instrument if isinstance(on, RuleOn) else on.entry.introduced_by)
        names[by] = None
    listed = {each.listing.id: each.listing.instrument for each in (*before.setting.listed, *after.setting.listed)}
    for number, instrument in listed.items():
        if (number in {each.listing.id for each in before.setting.listed}) != (
            number in {each.listing.id for each in after.setting.listed}
        ):
            names[instrument] = None
    return [name for name in names if name in after.law.facts.instruments]


def _held(answer: Determination) -> set[str]:
    """The rules that hold and the entries that the goods are of, by id. What every licence rests on tells nothing of its own."""
    codes = {hit.entry.code for line in answer.lines for hit in line.hits}
    rules = {rule.rule.id for line in answer.lines for rule in line.holding if not rule.rule.selection.everything}
    return codes | rules


def days_picture(spells: Sequence[Spell], here: date, read_to: date, language: str) -> Markup:
    """The answers over time as a strip, from a year before the first change to the day up to which the law was read."""
    if len(spells) < 2:
        return Markup("")
    begin = min(spells[1].first or here, here)
    start = begin.replace(month=1, day=1)
    end = max(read_to, here) + _DAY
    say = words_of(language).gettext
    parts = [
        Part(
            max(spell.first or start, start),
            (spell.last + _DAY) if spell.last else end,
            spell.outcome,
            say(OUTCOMES_SHORT[spell.outcome]),
        )
        for spell in spells
        if spell.last is None or spell.last >= start
    ]
    return strip([part for part in parts if part.after > part.first], say(OVER_TIME), here)
