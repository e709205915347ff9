"""What a screened table adds up to: outcomes, entries, minerals, rules, errors, and the questions whose answers would settle most rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple, TypeVar

from orepass.determination.decisions import Decision
from orepass.determination.rulebook import OUTCOMES, Reason
from orepass.law.model import Text
from orepass.law.timeline import Law


class Asked(NamedTuple):
    """A question, in how many rows it is asked, and in how many of them it is the only one: so many rows one answer each would settle."""

    fact: str
    text: str
    rows: int
    alone: int


class EntryRows(NamedTuple):
    """An entry and the rows that name it."""

    code: str
    name: Text
    families: tuple[str, ...]
    rows: int


class Tally(NamedTuple):
    """Counts over the rows of a table. Every sequence has its largest count first, but for the outcomes.

    ``outcomes`` go from the most to the least restrictive and leave out those that no row has; rows that could not be read are in
    ``errors`` alone. ``families`` are minerals; a row counts once for each of its minerals.
    """

    rows: int
    outcomes: tuple[tuple[str, int], ...]
    conditions: tuple[tuple[str, int], ...]
    entries: tuple[EntryRows, ...]
    families: tuple[tuple[str, int], ...]
    rules: tuple[tuple[Reason, int], ...]
    questions: tuple[Asked, ...]
    errors: tuple[tuple[str, int], ...]

    @property
    def unreadable(self) -> int:
        """Rows with an error."""
        return sum(count for _, count in self.errors)


T = TypeVar("T")


def _largest(counts: Counter[T]) -> list[tuple[T, int]]:
    """Counts with the largest first, and by name where they are equal, so that every engine tells them alike."""
    return sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))


def tally(counted: Iterable[tuple[Decision, int]], law: Law) -> Tally:
    """Add up decisions.

    Parameters
    ----------
    counted
        Decisions, each with the number of its rows.
    law
        Where entries have their names and minerals.
    """
    outcomes, conditions, entries = Counter[str](), Counter[str](), Counter[str]()
    families, rules, errors = Counter[str](), Counter[Reason](), Counter[str]()
    asked, alone = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    rows = 0
    for decision, count in counted:
        if not count:
            continue
        rows += count
        if decision.error:
            errors[decision.error] += count
            continue
        outcomes[decision.outcome] += count
        conditions.update(dict.fromkeys(decision.conditions, count))
        entries.update(dict.fromkeys(decision.codes, count))
        known = law.facts.entries
        of_mineral = {family for code in decision.codes if code in known for family in known[code].families}
        families.update(dict.fromkeys(of_mineral, count))
        rules.update(dict.fromkeys(decision.rules, count))
        questions = list(zip(decision.missing, decision.questions, strict=True))
        asked.update(dict.fromkeys(questions, count))
        if len(questions) == 1:
            alone[questions[0]] += count
    return Tally(
        rows,
        tuple((name, outcomes[name]) for name in reversed(OUTCOMES) if outcomes[name]),
        tuple(_largest(conditions)),
        tuple(
            EntryRows(code, law.facts.entries[code].name, law.facts.entries[code].families, count)
            for code, count in _largest(entries)
        ),
        tuple(_largest(families)),
        tuple(_largest(rules)),
        tuple(
            Asked(fact, text, count, alone[fact, text])
            for (fact, text), count in sorted(asked.items(), key=lambda item: (-alone[item[0]], -item[1], item[0]))
        ),
        tuple(_largest(errors)),
    )
