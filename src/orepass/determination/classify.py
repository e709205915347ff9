"""A description alone -> the entries that may hold the goods, what was read, and what to ask. No route, no parties: only the goods.

It is the determination's own judgement of one line, asked for without saying where the goods go; so `classify` and `check` cannot disagree.
"""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from orepass.determination.determine import LineAnswer, determine
from orepass.determination.explain import NearMiss, near_misses, why
from orepass.determination.logic import ASK, OPEN, YES, kind_test
from orepass.determination.questions import MANY, Question, goods_questions
from orepass.determination.rulebook import WHOLE_CLASSES, Hit
from orepass.determination.transaction import transaction
from orepass.goods.formula_words import ANIONS
from orepass.goods.kinds import kinds
from orepass.goods.reader import Reading, read_goods, to_document
from orepass.law.model import DUAL_USE
from orepass.law.timeline import Law


class EntryCandidate(NamedTuple):
    """An entry that may hold the goods. ``says`` is ``is``, ``could_be`` (a fact is missing) or ``law_open`` (the law is not known)."""

    code: str
    name: str
    name_zh: str
    instrument: str
    says: str
    in_force: bool
    why: str
    numbers: tuple[str, ...]


class Classification(NamedTuple):
    """What a description says and which entries may hold the goods, the likeliest first."""

    reading: Reading
    entries: tuple[EntryCandidate, ...]
    near: tuple[NearMiss, ...]
    questions: tuple[Question, ...]
    abstains: str
    on: date
    law: Law

    @property
    def controlled(self) -> str:
        """``controlled``, ``needs_facts`` (a fact is missing), ``law_unknown``, ``free``, or ``unknown``: the text carries no answer."""
        sure = [entry for entry in self.entries if entry.in_force]
        if any(entry.says == "is" for entry in sure):
            return "controlled"
        if any(entry.says == "could_be" for entry in sure):
            return "needs_facts"
        if self.entries:
            return "law_unknown"
        return "unknown" if self.abstains else "free"

    def to_dict(self) -> dict[str, Any]:
        """The classification as JSON carries it."""
        return {
            "goods": self.controlled,
            "entries": [
                {
                    "code": e.code,
                    "name": e.name,
                    "zh": e.name_zh,
                    "instrument": e.instrument,
                    "says": e.says,
                    "in_force": e.in_force,
                    "why": e.why,
                    "numbers": list(e.numbers),
                }
                for e in self.entries
            ],
            "near_misses": [near.to_dict() for near in self.near],
            "questions": [question.to_dict() for question in self.questions],
            "read": to_document(self.reading),
            "abstains": self.abstains or None,
            "law": {
                "as_of": self.on.isoformat(),
                "read_to": self.law.facts.read_to.isoformat(),
                "rulebook": self.law.version,
            },
        }


def classify(text: str, law: Law, hs: str | None = None, on: date | None = None) -> Classification:
    """Say which entries of the control list may hold the goods that a description names.

    Parameters
    ----------
    text
        English or Chinese, as papers say it.
    law
        The law, from :meth:`orepass.law.timeline.Law.load`.
    hs
        The declared customs number; it points to entries only where the text names no goods.
    on
        The day of the law; today unless given.

    Raises
    ------
    BadInput
        When the text is empty or too long, or the number cannot exist.
    """
    day = on or date.today()
    reading = read_goods(text, hs, day.year)
    asked: dict[str, Any] = {"date": day, "from": "CN", "lines": [{"description": text, "hs": reading.number or None}]}
    determination = determine(transaction(asked), law)
    line = determination.lines[0]
    hits = sorted((hit for hit in line.hits if hit.entry.entry.list == DUAL_USE), key=lambda hit: _rank(hit, line))
    abstains = reading.abstains
    if abstains and not line.pointed_only:
        hits = _of_elements(hits, line)
    if len(hits) > MANY and all(hit.facts_say == ASK for hit in hits):
        abstains = abstains or f"the text names only a class of goods: {len(hits)} entries could hold them"
    near = tuple(near_misses(line, determination))
    return Classification(
        reading,
        tuple(_candidate(hit, line, day.year) for hit in hits),
        near,
        tuple(goods_questions(line, hits)) if hits else (),
        abstains,
        day,
        law,
    )


def _of_elements(hits: list[Hit], line: LineAnswer) -> list[Hit]:
    """Of the entries that nothing rules out, those of goods that hold an element of which the text speaks."""
    net = kinds()
    named = {n.rpartition(".")[2] for n, v in line.facts.items() if n.startswith("content_wt_pct.") and v != 0.0}
    named -= ANIONS
    return [hit for hit in hits if any(not named.isdisjoint(net.by_id[kind].holds) for kind in hit.entry.covers)]


def _rank(hit: Hit, line: LineAnswer) -> tuple[float, ...]:
    """Certain before possible; an entry that names the goods narrowly before one that takes in a whole class."""
    net = kinds()
    fits = [
        (kind not in WHOLE_CLASSES, len(net.ancestors(kind)))
        for kind in hit.entry.covers
        if kind_test(line.facts, kind) == YES
    ]
    named, depth = max(fits, default=(False, 0))
    return (-hit.facts_say, -float(named), -float(depth), float(not hit.entry.binds))


def _candidate(hit: Hit, line: LineAnswer, year: int) -> EntryCandidate:
    entry = hit.entry.entry
    says = "could_be" if hit.facts_say == ASK else "law_open" if hit.value == OPEN else "is"
    return EntryCandidate(
        entry.code,
        entry.name.en,
        entry.name.zh,
        entry.introduced_by,
        says,
        not hit.entry.open_law,
        why(hit, line.facts),
        _numbers(entry, year),
    )


def _numbers(entry: Any, year: int) -> tuple[str, ...]:
    """The reference numbers of the newest year that is not later, else of the oldest."""
    years = sorted({customs.year for customs in entry.customs if customs.set != "erratum"})
    if not years:
        return ()
    newest = max((y for y in years if y <= year), default=years[0])
    return tuple(dict.fromkeys(c.number for c in entry.customs if c.year == newest and c.set != "erratum"))
