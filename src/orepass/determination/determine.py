"""One transaction -> one determination: the outcome between what is certain and what is possible, with the rules it rests on.

Layers are asked independently: item, reach, destination, end use, parties, exemptions, parallel regimes. Each gives yes, no or not known;
the *floor* is what holds whatever the missing facts turn out to be, the *ceiling* what could still hold. Explanations in words are made by
:mod:`~orepass.determination.answer` when they are asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from orepass.determination.answer import document
from orepass.determination.explain import CouldBe, could_be
from orepass.determination.logic import ASK, NO, OPEN, YES
from orepass.determination.questions import Question, questions_of
from orepass.determination.rulebook import (
    LICENCE,
    OUTCOMES,
    RANK,
    CompiledEntry,
    CompiledRule,
    Hit,
    Reason,
    Route,
    Rulebook,
    judge_entries,
)
from orepass.determination.setting import Setting, setting_of
from orepass.determination.transaction import Line, Transaction
from orepass.goods.headings import Misplaced, misplaced
from orepass.goods.kinds import Relation, kinds
from orepass.goods.line import MAY_HOLD, NAMED_ELEMENTS, Known, follow, know
from orepass.goods.parameters import parameter_of
from orepass.law.timeline import Law


class Possible(NamedTuple):
    """A rule that may apply: the facts do not settle it (``ASK``) or the law does not (``OPEN``)."""

    rule: CompiledRule
    value: int
    rank: int


class LineAnswer(NamedTuple):
    """The answer for one goods line, with everything it was judged by."""

    number: int
    line: Line
    known: Known
    outcome: str
    conditions: tuple[str, ...]
    hits: tuple[Hit, ...]
    failed: tuple[tuple[CompiledEntry, int], ...]
    holding: tuple[CompiledRule, ...]
    possible: tuple[Possible, ...]
    pointed_only: bool
    facts: dict[str, Any]

    @property
    def floor(self) -> str:
        """What holds whatever the missing facts turn out to be."""
        return OUTCOMES[max((rule.rank for rule in self.holding if rule.rank > 0), default=0)]

    @property
    def ceiling(self) -> str:
        """What could still hold."""
        ranks = [RANK[self.floor], *(p.rank for p in self.possible)]
        return OUTCOMES[max(ranks)]

    @property
    def red_flags(self) -> tuple[Misplaced, ...]:
        """Why the declared customs number does not fit what is known of the goods."""
        number = self.line.hs
        if number is None or self.pointed_only:
            return ()
        return misplaced(number, self.known.facts)

    def assumes(self, fact: str) -> bool:
        """Whether the answer takes a value of this fact for granted, so that saying it may change more than narrow."""
        if fact in self.facts:
            return False
        if fact.startswith("content_wt_pct."):
            return NAMED_ELEMENTS in self.facts and fact[15:] not in self.facts.get(MAY_HOLD, ())
        if fact in {"article", "contains"}:
            return "substance" in self.facts or "article" in self.facts
        return self.pointed_only or parameter_of(fact).assumable


class Determination(NamedTuple):
    """The answer: outcome, conditions, and the lines and rules behind it.

    ``reasons``, ``questions``, ``could_be`` and the rest are made from these on demand; :meth:`to_dict` gives the published document.
    """

    outcome: str
    conditions: tuple[str, ...]
    lines: tuple[LineAnswer, ...]
    setting: Setting
    transaction: Transaction
    book: Rulebook
    law: Law

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """The rules that apply to any line, each once."""
        return tuple({rule: rule.reason for line in self.lines for rule in line.holding}.values())

    @property
    def questions(self) -> list[Question]:
        """The smallest set of questions whose answers settle the outcome."""
        return questions_of(self)

    @property
    def could_be(self) -> list[CouldBe]:
        """What could still raise the outcome, and on what it hangs."""
        return could_be(self)

    def to_dict(self) -> dict[str, Any]:
        """The determination as the published JSON document."""
        return document(self)


class Found(NamedTuple):
    """What the entries say of goods on a day, wherever they go.

    ``hits`` may hold the goods, ``failed`` nearly did; ``pointed_only`` when a customs number alone led to them; ``nothing`` when no entry,
    binding or quiet, speaks of such goods.
    """

    hits: tuple[Hit, ...]
    failed: tuple[tuple[CompiledEntry, int], ...]
    pointed_only: bool
    nothing: bool


class Applied(NamedTuple):
    """What the rules say of goods on a route: those that hold, those that may, the outcome between them and its conditions."""

    holding: tuple[CompiledRule, ...]
    possible: tuple[Possible, ...]
    outcome: str
    conditions: tuple[str, ...]


def known_of(line: Line, law: Law) -> Known:
    """What is known of a line, with what its customs number says by itself."""
    known = know(line.description, line.facts, line.kind)
    if line.hs is not None:
        known.facts["customs_number_in_licence_goods"] = line.hs in law.facts.licence_goods
    return known


def _line_answer(number: int, line: Line, setting: Setting, book: Rulebook, law: Law) -> LineAnswer:
    known = known_of(line, law)
    facts = known.facts
    merged = {**setting.facts, **facts, **setting.said} if setting.said else {**setting.facts, **facts}
    found = find_entries(line, known, merged, book)
    applied = apply_rules(route_of(setting, known), found, merged, book)
    return LineAnswer(
        number,
        line,
        known,
        applied.outcome,
        applied.conditions,
        found.hits,
        found.failed,
        applied.holding,
        applied.possible,
        found.pointed_only,
        merged,
    )


def route_of(setting: Setting, known: Known) -> Route:
    """The route of a line: what its description says of the transaction is said."""
    route = setting.route
    if route.nothing_said and known.description is not None and known.description.of_transaction():
        return route._replace(nothing_said=False)
    return route


def apply_rules(route: Route, found: Found, facts: dict[str, Any], book: Rulebook) -> Applied:
    """The rules of the day over the entries found."""
    hits = found.hits
    applied: dict[str, int] = {}
    holding: list[CompiledRule] = []
    possible: list[Possible] = []
    lifted: set[str] = set()
    for rule, settled in book.for_route(route):
        if rule.alone:
            reach = YES
        elif rule.as_upon:
            reach = max([applied.get(upon, NO) for upon in rule.upon])
        else:
            reach = NO
            codes = rule.codes
            for hit in hits:
                if hit.value > reach and hit.entry.code in codes:
                    reach = hit.value
            if rule.upon and reach:
                reach = min(reach, max([applied.get(upon, NO) for upon in rule.upon]))
        if not reach:
            continue
        value = YES if settled else rule.test(facts)
        if reach < value:
            value = reach
        if rule.open_law and value > OPEN:
            value = OPEN
        if not value:
            continue
        applied[rule.rule.id] = value
        if value == YES:
            holding.append(rule)
            lifted |= rule.lifts
        else:
            possible.append(Possible(rule, value, rule.rank))
    if lifted:
        holding = [
            rule for rule in holding if rule.lifts or (rule.rule.id not in lifted and lifted.isdisjoint(rule.upon))
        ]
        possible = [p for p in possible if p.rule.rule.id not in lifted and lifted.isdisjoint(p.rule.upon)]
    floor = 0
    conditions: dict[str, None] = {}
    for rule in holding:
        if rule.rank > floor:
            floor = rule.rank
        for condition in rule.conditions:
            conditions[condition] = None
    outcome = floor
    if floor < LICENCE and possible:
        could = [p.value for p in possible if p.rank >= LICENCE]
        if OPEN in could:
            outcome = RANK["law_unknown"]
        elif ASK in could:
            outcome = RANK["needs_facts"]
    if outcome == 0 and found.nothing:
        conditions["no_entry_found"] = None
    return Applied(tuple(holding), tuple(possible), OUTCOMES[outcome], tuple(conditions))


def find_entries(line: Line, known: Known, facts: dict[str, Any], book: Rulebook) -> Found:
    """Entries that may hold the goods and entries that nearly did, by the facts of the line."""
    hits, failed, pointed_only = _entries(line, known, facts, book)
    nothing = not hits and not failed and (pointed_only or not book.quiet_matches(known.facts, known.kind))
    return Found(tuple(hits), tuple(failed), pointed_only, nothing)


def _entries(
    line: Line, known: Known, facts: dict[str, Any], book: Rulebook
) -> tuple[list[Hit], list[tuple[CompiledEntry, int]], bool]:
    if line.entry:
        hits, failed = _claimed(line.entry, facts, book)
        return hits, failed, False
    nothing_known = not ("substance" in facts or "article" in facts or "technology" in facts or "contains" in facts)
    if nothing_known and line.hs and known.kind == "goods":
        hits = [
            Hit(entry, said, min(said, OPEN) if entry.open_law else said)
            for entry in book.pointed(line.hs)
            if (said := entry.judge(facts, ASK))
        ]
        return hits, [], True
    hits, failed = judge_entries(book.candidates(facts, known.kind), facts)
    if known.description is not None and known.description.also_named and "substance" not in line.facts:
        hits += _other_goods(known, facts, book)
    return hits, failed, False


def _other_goods(known: Known, facts: dict[str, Any], book: Rulebook) -> list[Hit]:
    """Entries of a second substance that the description names: the line may be about that one, so it is asked."""
    found: dict[str, Hit] = {}
    stated = facts.get("substance")
    for other in known.description.also_named if known.description else ():
        if stated is None or kinds().relation(other, stated) is not Relation.APART:
            continue
        bare = {
            n: v
            for n, v in facts.items()
            if not n.startswith("content_wt_pct.") and n not in {NAMED_ELEMENTS, MAY_HOLD}
        }
        bare["substance"] = other
        follow(bare)
        for entry, covered in book.candidates(bare, known.kind):
            if entry.binds and entry.judge(bare, covered):
                found[entry.code] = Hit(entry, ASK, ASK)
    return list(found.values())


def _claimed(claimed: str, facts: dict[str, Any], book: Rulebook) -> tuple[list[Hit], list[tuple[CompiledEntry, int]]]:
    """What a control code named by the sender does: it counts unless the facts speak against it."""
    codes = book.codes_under(claimed)
    if not codes:
        declared = book.entries.get("DECLARED")
        return ([Hit(declared, YES, YES)] if declared else []), []
    hits: list[Hit] = []
    failed: list[tuple[CompiledEntry, int]] = []
    for code in codes:
        entry = book.entries.get(code)
        if entry is None:
            continue
        covered = entry.covered(facts)
        said = entry.judge(facts, covered) if covered else NO
        if said == NO and covered != NO:
            failed.append((entry, covered))
            continue
        value = YES if len(codes) == 1 else max(said, ASK)
        hits.append(Hit(entry, value, min(value, OPEN) if entry.open_law else value))
    return hits, failed


def determine(transaction: Transaction, law: Law, book: Rulebook | None = None) -> Determination:
    """Say what the law asks of one transaction.

    Parameters
    ----------
    transaction
        What is asked about, from :func:`orepass.determination.transaction.transaction`.
    law
        The law, from :meth:`orepass.law.timeline.Law.load`.
    book
        The rule book of the day, when it is at hand; otherwise it is taken from the law.

    Raises
    ------
    BadInput
        When act and route contradict each other, or an entry is named that no list holds.
    """
    if book is None:
        book = rulebook_for(transaction, law)
    setting = setting_of(transaction, book)
    answers: list[LineAnswer] = []
    for number, line in enumerate(transaction.lines, 1):
        if line.entry:
            book.check_code(line.entry, number)
        answers.append(_line_answer(number, line, setting, book, law))
    worst = answers[0] if len(answers) == 1 else max(answers, key=lambda answer: RANK[answer.outcome])
    conditions = worst.conditions if len(answers) == 1 else [c for answer in answers for c in answer.conditions]
    outcome, conditions = on_the_day(worst.outcome, conditions, transaction, law)
    return Determination(outcome, conditions, tuple(answers), setting, transaction, book, law)


def on_the_day(
    outcome: str, conditions: Iterable[str], transaction: Transaction, law: Law
) -> tuple[str, tuple[str, ...]]:
    """Outcome and conditions of the whole transaction: what its day, beside the days up to which the law was read, makes of them."""
    ride = dict.fromkeys(conditions)
    if transaction.date < law.facts.read_from and RANK[outcome] < LICENCE:
        outcome = "law_unknown"
        ride = {"before_first_text": None}
    if outcome != "not_controlled":
        ride.pop("no_entry_found", None)
    if transaction.date > (min(law.facts.read_to, transaction.known) if transaction.known else law.facts.read_to):
        ride["beyond_horizon"] = None
    if transaction.what_if:
        ride["hypothetical"] = None
    return outcome, tuple(ride)


def rulebook_for(transaction: Transaction, law: Law) -> Rulebook:
    """The rule book of the transaction's day; compiled once for each run of days on which nothing changes."""
    on = law.as_of(transaction.date, transaction.known, transaction.what_if)
    if on.hypothetical:
        return Rulebook(on)
    book = _BOOKS.get(id(on))
    if book is None or book.law is not on:
        book = _BOOKS[id(on)] = Rulebook(on)
    return book


_BOOKS: dict[int, Rulebook] = {}
