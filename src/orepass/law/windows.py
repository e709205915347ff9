"""The state of an instrument, a paragraph, an entry, a rule or a listing on a day, with the law as known by another day.

Windows are never stored: they follow from dated records (what brings under control, what suspends, what ends, what revives), so a later
text is a new record and a past answer with its ``known`` day cannot change.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from orepass.law.model import OPERATIVE_ORDER, Entry, LawFacts, Listing, Rule, State

FAR_PAST = date.min
FAR_FUTURE = date.max


class Standing(NamedTuple):
    """A state and the record that gives it."""

    state: State
    by: str = ""
    until: date | None = None
    policy_intent: str = ""
    note: str = ""


def _least(standings: Iterable[Standing]) -> Standing:
    return max(standings, key=lambda standing: OPERATIVE_ORDER.index(standing.state))


def _most(standings: Iterable[Standing]) -> Standing:
    return min(standings, key=lambda standing: OPERATIVE_ORDER.index(standing.state))


class Windows:
    """Answers for one body of facts."""

    def __init__(self, facts: LawFacts) -> None:
        self._facts = facts
        self._suspensions = {
            target: [s for s in facts.suspensions if target in s.targets] for target in self._targets()
        }
        self._endings = {ending.target: ending for ending in facts.endings}
        self._revivals = {
            target: [r for r in facts.revivals if target in r.targets] for r in facts.revivals for target in r.targets
        }

    def _targets(self) -> set[str]:
        return {target for suspension in self._facts.suspensions for target in suspension.targets}

    def _known(self, instrument: str, known: date) -> bool:
        return self._facts.instruments[instrument].published <= known

    def of_target(
        self, instrument: str, paragraph: str, start: date | None, end: date | None, day: date, known: date
    ) -> Standing:
        """The standing of one paragraph, or of a whole instrument when ``paragraph`` is empty."""
        act = self._facts.instruments[instrument]
        if act.published > known or day < act.published:
            return Standing(State.ABSENT)
        begins = start or act.paragraphs_effective.get(paragraph) or act.effective
        targets = (instrument, f"{instrument}#{paragraph}") if paragraph else (instrument,)
        found = self._latest_record(targets, day, known)
        if found is not None:
            return found
        if day < begins:
            return Standing(State.ANNOUNCED, instrument, begins)
        last = end or act.until
        if last is not None and day > last:
            return Standing(State.REPEALED, instrument)
        return Standing(State.IN_FORCE, instrument)

    def _latest_record(self, targets: tuple[str, ...], day: date, known: date) -> Standing | None:
        """What the newest suspension, ending or revival says; ``None`` when none speaks or the newest revives."""
        newest: tuple[date, Standing | None] | None = None
        for target in targets:
            for suspension in self._suspensions.get(target, ()):
                if suspension.start <= day and self._known(suspension.by, known):
                    if suspension.end is None or day <= suspension.end:
                        standing = Standing(State.SUSPENDED, suspension.by, suspension.end, note=suspension.note)
                    else:
                        standing = Standing(
                            State.UNKNOWN,
                            suspension.by,
                            suspension.end,
                            suspension.policy_intent,
                            suspension.check_found,
                        )
                    if newest is None or suspension.start >= newest[0]:
                        newest = (suspension.start, standing)
            ending = self._endings.get(target)
            if (
                ending
                and ending.start <= day
                and self._known(ending.by, known)
                and (newest is None or ending.start >= newest[0])
            ):
                newest = (ending.start, Standing(ending.state, ending.by, note=ending.items))
            for revival in self._revivals.get(target, ()):
                if (
                    revival.start <= day
                    and self._known(revival.by, known)
                    and (newest is None or revival.start >= newest[0])
                ):
                    newest = (revival.start, None)
        return newest[1] if newest else None

    def of_entry(self, entry: Entry, day: date, known: date) -> Standing:
        """The standing of an item: the most operative of what brings it under control."""
        standings = [Standing(State.ABSENT)]
        for control in entry.control:
            if control.unread:
                if (control.start or FAR_PAST) <= day <= (control.end or FAR_FUTURE):
                    standings.append(Standing(State.UNKNOWN, "", control.end, note=control.because))
            else:
                standings.append(self.of_target(control.instrument, "", control.start, control.end, day, known))
        return _most(standings)

    def of_rule(self, rule: Rule, day: date, known: date) -> Standing:
        """The standing of a rule: the least operative of its paragraphs."""
        return _least(
            self.of_target(rule.instrument, paragraph, rule.start, rule.end, day, known)
            for paragraph in rule.paragraphs
        )

    def of_listing(self, listing: Listing, day: date, known: date) -> Standing:
        """The standing of a listing: that of its notice."""
        return self.of_target(listing.instrument, "", None, None, day, known)
