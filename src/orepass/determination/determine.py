"""One transaction -> one determination: the outcome between what is certain and what is possible, with the rules it rests on.

Layers are asked independently: item, reach, destination, end use, parties, exemptions, parallel regimes. Each gives yes, no or not known;
the *floor* is what holds whatever the missing facts turn out to be, the *ceiling* what could still hold. Explanations in words are made by
:mod:`orepass.determination.explain` when they are asked for.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from orepass.determination import explain
from orepass.determination.logic import ASK, NO, OPEN, OPEN_FACT, YES
from orepass.determination.questions import Question, questions_of
from orepass.determination.rulebook import LICENCE, NOBODY_LISTED, OUTCOMES, RANK, CompiledEntry, CompiledRule, Hit, Reason, Route, Rulebook, judge_entries
from orepass.determination.transaction import NOTHING_SAID, RECEIVING_ROLES, EndUse, Line, Party, Transaction
from orepass.errors import BadInput
from orepass.goods.line import Known, know
from orepass.goods.parameters import Interval
from orepass.law.model import Listing, State
from orepass.law.timeline import Law
from orepass.law.windows import Standing
from orepass.places import MAINLAND

CONTROLLED_ACTS = {
    "export": "leaves_china",
    "out_of_bonded": "leaves_china",
    "return_after_repair": "leaves_china",
    "return_after_exhibition": "leaves_china",
    "transit": "leaves_china",
    "transshipment": "leaves_china",
    "transfer_inside": "given_in_china",
    "into_bonded": "into_bonded",
    "between_bonded": "into_bonded",
    "import": "into_china",
}
PLAIN_ACTS = {
    "leaves_china": "export",
    "given_in_china": "transfer_inside",
    "into_bonded": "into_bonded",
    "between_foreign": "re_export",
    "into_china": "import",
    "inside_china": "domestic",
}
TRADE_BARS = frozenset({"trade_and_investment", "trade_investment_and_dealings"})


class Possible(NamedTuple):
    """A rule that may apply: the facts do not settle it (``ASK``) or the law does not (``OPEN``)."""

    rule: CompiledRule
    value: int
    rank: int


class Listed(NamedTuple):
    """A party of the transaction found on a list."""

    party: Party
    listing: Listing
    standing: Standing
    asked: str


class Setting(NamedTuple):
    """What the lines of a transaction have in common: the route, facts on parties and use, what was assumed."""

    route: Route
    facts: dict[str, Any]
    said: dict[str, Any]
    listed: tuple[Listed, ...]
    assumed: tuple[str, ...]


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
    def could_be(self) -> list[explain.CouldBe]:
        """What could still raise the outcome, and on what it hangs."""
        return explain.could_be(self)

    def to_dict(self) -> dict[str, Any]:
        """The determination as the published JSON document."""
        return explain.document(self)


def movement_of(transaction: Transaction) -> tuple[str, tuple[str, ...]]:
    """The movement in the sense of the law, and what was assumed to tell it.

    Raises
    ------
    BadInput
        When act and route contradict each other.
    """
    act, start, to = transaction.act, transaction.from_, transaction.to
    assumed: list[str] = []
    if start is None:
        if act == "re_export":
            start = "abroad"
        elif transaction.origin not in (None, MAINLAND):
            start = transaction.origin
            assumed.append(f"the goods leave from {start}, where they were made: no customs territory was given")
        else:
            start = MAINLAND
            if act is None:
                assumed.append("export from China: no route was given")
    if act in CONTROLLED_ACTS:
        movement = CONTROLLED_ACTS[act]
        if movement != "into_china" and start != MAINLAND and act not in {"transit", "transshipment"}:
            raise BadInput(
                f"act {act!r} happens in China, but the goods leave from {start}", where="field act", expected="re_export, or from: CN"
            )
        return movement, tuple(assumed)
    if start == MAINLAND:
        if act == "re_export":
            raise BadInput("act 're_export' starts outside China, but from is CN", where="field act", expected="export, or another from")
        return ("inside_china" if to == MAINLAND else "leaves_china"), tuple(assumed)
    return ("into_china" if to == MAINLAND else "between_foreign"), tuple(assumed)


def destination_of(transaction: Transaction) -> str | None:
    """The country that destination rules look at: the end user's first, then the destination."""
    for party in transaction.parties:
        if party.role == "end_user" and party.country:
            return party.country
    return transaction.to


def _setting(transaction: Transaction, book: Rulebook) -> Setting:
    movement, assumed = movement_of(transaction)
    origin = transaction.origin
    foreign_made: bool | None = False
    if movement == "between_foreign":
        foreign_made = None if origin is None else origin != MAINLAND
    said: dict[str, Any] = {}
    if transaction.end_use is not NOTHING_SAID:
        _end_use_facts(transaction.end_use, said)
    listed: tuple[Listed, ...] = ()
    owned = False
    if transaction.parties:
        listed, owned = _party_facts(transaction, book, said)
    nobody_listed = not listed and not owned
    act = transaction.act or PLAIN_ACTS[movement]
    route = Route(movement, destination_of(transaction), foreign_made, act, nobody_listed, not said)
    return Setting(route, book.facts_of_route(route), said, listed, assumed)


def _end_use_facts(end_use: EndUse, facts: dict[str, Any]) -> None:
    for name, value in zip(EndUse._fields, end_use, strict=True):
        if name != "text" and value is not None:
            facts["purpose" if name == "purpose" else f"end_use.{name}"] = value


def _party_facts(transaction: Transaction, book: Rulebook, facts: dict[str, Any]) -> tuple[tuple[Listed, ...], bool]:
    """Facts on the parties, those that are listed, and whether a listed party owns a share of one."""
    listed: list[Listed] = []
    military: bool | None = None
    low = high = 0.0
    for party in transaction.parties:
        if party.military is not None and party.role == "end_user":
            military = military or party.military
        if party.role not in RECEIVING_ROLES:
            continue
        if party.name:
            for match in book.register.find(party.name):
                listed.append(Listed(party, *match.party, match.asked))
        if party.owners:
            share = _listed_share(party, book)
            low, high = max(low, share[0]), max(high, share[1])
    if military is not None:
        facts["end_user.military"] = military
    if listed or high:
        facts |= NOBODY_LISTED
        for hit in listed:
            _note_listing(hit, facts)
    if high:
        facts["owned_by_listed_pct"] = low * 100 if low == high else Interval(low * 100, high * 100)
    return tuple(listed), high > 0


def _listed_share(party: Party, book: Rulebook) -> tuple[float, float]:
    """The share of a party held directly by listed parties of the control and watch lists."""
    low = high = 0.0
    for owner in party.owners:
        if any(m.party[0].list in {"control", "watch"} and m.party[1].state is State.IN_FORCE for m in book.register.find(owner.name)):
            low, high = low + owner.low, high + owner.high
    return min(low, 1.0), min(high, 1.0)


def _note_listing(hit: Listed, facts: dict[str, Any]) -> None:
    state, listing = hit.standing.state, hit.listing
    if state in {State.SUSPENDED, State.STOPPED, State.REPEALED}:
        if listing.list == "control" and state is not State.REPEALED:
            facts["listed.paused"] = True
        return
    names = {"control": ["listed.control"], "watch": ["listed.watch"], "unreliable": []}[listing.list]
    if listing.bars == "export_and_transfer":
        names = [*names, "listed.control_transfer"]
    if listing.bars in TRADE_BARS:
        names = [*names, "listed.unreliable"]
    for name in names:
        if state is State.IN_FORCE:
            facts[name] = True
        elif facts[name] is False:
            facts[name] = OPEN_FACT
            if listing.list == "control":
                facts["listed.paused"] = True


def _line_answer(number: int, line: Line, setting: Setting, book: Rulebook, law: Law) -> LineAnswer:
    known = know(line.description, line.facts, line.kind)
    facts = known.facts
    if line.hs is not None:
        facts["customs_number_in_licence_goods"] = line.hs in law.facts.licence_goods
    merged = {**setting.facts, **facts, **setting.said} if setting.said else {**setting.facts, **facts}
    route = setting.route
    if route.nothing_said and known.description is not None and known.description.of_transaction():
        route = route._replace(nothing_said=False)
    hits, failed, pointed_only = _entries(line, known, merged, book)
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
        value = YES if settled else rule.test(merged)
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
        holding = [rule for rule in holding if rule.lifts or (rule.rule.id not in lifted and lifted.isdisjoint(rule.upon))]
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
    if outcome == 0 and not hits and not failed and not book.has_quiet_match(facts, known.kind):
        conditions["no_entry_found"] = None
    return LineAnswer(
        number,
        line,
        known,
        OUTCOMES[outcome],
        tuple(conditions),
        tuple(hits),
        tuple(failed),
        tuple(holding),
        tuple(possible),
        pointed_only,
        merged,
    )


def _entries(
    line: Line, known: Known, facts: dict[str, Any], book: Rulebook
) -> tuple[list[Hit], list[tuple[CompiledEntry, int]], bool]:
    """Entries that may hold the goods and entries that nearly did; whether a customs number alone pointed."""
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
    return hits, failed, False


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
    setting = _setting(transaction, book)
    answers: list[LineAnswer] = []
    for number, line in enumerate(transaction.lines, 1):
        if line.entry:
            book.check_code(line.entry, number)
        answers.append(_line_answer(number, line, setting, book, law))
    worst = answers[0] if len(answers) == 1 else max(answers, key=lambda answer: RANK[answer.outcome])
    conditions = {condition: None for answer in answers for condition in answer.conditions}
    if worst.outcome != "not_controlled":
        conditions.pop("no_entry_found", None)
    if transaction.date > (min(law.facts.read_to, transaction.known) if transaction.known else law.facts.read_to):
        conditions["beyond_horizon"] = None
    if transaction.what_if:
        conditions["hypothetical"] = None
    return Determination(worst.outcome, tuple(conditions), tuple(answers), setting, transaction, book, law)


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
