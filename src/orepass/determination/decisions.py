"""The decision table: one decision for each cell that occurs, made by the very functions that determine one transaction.

Law, goods and parties meet here once a cell, not once a row. A decision is kept under what it was judged by: the run of days, the route
with what was said, and what the entries say of the goods; nothing else of a cell can change it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from orepass.determination.cells import GOODS, TIME, Cells, is_goods
from orepass.determination.determine import (
    Found,
    LineAnswer,
    apply_rules,
    find_entries,
    known_of,
    on_the_day,
    route_of,
    rulebook_for,
)
from orepass.determination.kept import Kept
from orepass.determination.logic import ASK
from orepass.determination.questions import Question, line_questions
from orepass.determination.rows import JOINED, codes_shown, row_to_document, without_line
from orepass.determination.rulebook import CompiledRule, Reason, Rulebook
from orepass.determination.setting import Setting, setting_of
from orepass.determination.transaction import Line, Transaction, transaction
from orepass.errors import BadInput
from orepass.goods.line import Known
from orepass.law.language import facts_of
from orepass.law.timeline import Law


class Decision(NamedTuple):
    """The answer for every row of a cell.

    ``codes`` are the entries, ``missing`` the facts that would settle it with ``questions`` in words, ``rules`` the rules that it rests on.
    """

    outcome: str
    conditions: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    rules: tuple[Reason, ...] = ()
    error: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        """The texts of the columns ``outcome, conditions, codes, questions, reasons, error, missing``."""
        return (
            self.outcome,
            JOINED.join(self.conditions),
            JOINED.join(self.codes),
            JOINED.join(self.questions),
            JOINED.join(rule.rule for rule in self.rules),
            self.error,
            JOINED.join(self.missing),
        )


def decision_of(kept: Sequence[Any]) -> Decision:
    """A decision from plain lists, as JSON holds it."""
    outcome, conditions, codes, missing, questions, rules, error = kept
    lists = (tuple(conditions), tuple(codes), tuple(missing), tuple(questions))
    return Decision(outcome, *lists, tuple(Reason(*rule) for rule in rules), error)


class Refused(NamedTuple):
    """What cannot be read: the sentence, and its place in the order in which a transaction is read."""

    order: int
    sentence: str


class When(NamedTuple):
    """A day with the law of that day; ``rides`` is what the day itself adds to an answer."""

    read: Transaction
    book: Rulebook
    rides: tuple[str, tuple[str, ...]]


class Sent(NamedTuple):
    """Route, parties and use of a cell; ``id`` is one number for each."""

    read: Transaction
    id: int


class Goods(NamedTuple):
    """What is known of the goods of a cell; ``id`` is one number for each thing known, ``words`` what they say of the route."""

    line: Line
    known: Known
    words: str
    id: int


class _State(NamedTuple):
    """What the entries of one state of the list say of goods, with the facts of the goods that rules ask for."""

    found: Found
    facts: dict[str, Any]
    id: int


_ORDER = ("lines", "act", "date", "to", "from", "origin", "via", "known", "party", "end_use")
"""The order in which a transaction is read; the first thing that cannot be read is the one that is named."""
_MANY = 500_000
_ANY_DAY = date.min
"""Stands in where a part of a transaction is read that no day can change."""
_MISSING_DAY = -1
_LAST = len(_ORDER)


class Decisions:
    """Decisions of one state of the law, made when a cell first occurs.

    Parameters
    ----------
    law
        The law.
    """

    def __init__(self, law: Law) -> None:
        self.law = law
        self.cells = Cells(law)
        self.made: list[Decision] = []
        """Every decision so far; its place is its number."""
        self.known: dict[bytes, int] = {}
        """Digests of cells with the numbers of their decisions."""
        self._numbers: dict[Decision, int] = {}
        self._read: dict[tuple[str, ...], _Read] = {}
        self._sent_ids: dict[Transaction, int] = {}
        self._goods_ids: dict[Any, int] = {}
        self._standing: dict[Any, tuple[Setting, int]] = {}
        self._setting_ids: dict[Any, int] = {}
        self._states: dict[tuple[int, int], _State] = {}
        self._state_ids: dict[Any, int] = {}
        self._lists: dict[Any, int] = {}
        self._list_of: dict[int, int] = {}
        self._asked: dict[Any, list[Question]] = {}
        self._decided: dict[tuple[Any, ...], int] = {}
        self._rule_facts: frozenset[str] = frozenset(
            name for rule in law.facts.rules.values() for name in facts_of(rule.when)
        )

    def forget_when_full(self) -> None:
        """Drop what was kept on the way to decisions, when it has grown large; decisions and their numbers stay."""
        if len(self._states) + sum(len(read.goods) + len(read.settings) for read in self._read.values()) > _MANY:
            self._read, self._sent_ids, self._standing, self._asked, self._decided = {}, {}, {}, {}, {}
            self._goods_ids, self._states, self._state_ids = {}, {}, {}

    @property
    def kept(self) -> Kept:
        """What may be kept beyond this run: decisions without an error, since an error repeats what a user wrote."""
        places = [number for number, decision in enumerate(self.made) if not decision.error]
        new = {number: place for place, number in enumerate(places)}
        cells = {digest: new[number] for digest, number in self.known.items() if number in new}
        return Kept([list(self.made[number]) for number in places], cells, self.cells.texts)

    def use(self, kept: Kept) -> None:
        """Take over what earlier runs decided."""
        numbers = [self.number_of(decision_of(decision)) for decision in kept.decisions]
        self.known |= {digest: numbers[place] for digest, place in kept.cells.items()}
        self.cells.texts |= kept.texts

    def number_of(self, decision: Decision) -> int:
        """The number of a decision; a new one gets the next."""
        number = self._numbers.get(decision)
        if number is None:
            number = self._numbers[decision] = len(self.made)
            self.made.append(decision)
        return number

    def decide(self, columns: Sequence[str], cell: Sequence[Any]) -> int:
        """The number of the decision for one cell.

        Parameters
        ----------
        columns
            Names under which the values are read.
        cell
            A value for each, reduced or as it stands in a row; ``None`` is unknown.
        """
        names = tuple(columns)
        read = self._read.get(names)
        if read is None:
            read = self._read[names] = _Read(split_of(names), {}, {}, {})
        split = read.split
        time, setting, lines = (_key(cell[place] for place in places) for places in split.groups)
        when = read.when.get(time)
        if when is None:
            when = read.when[time] = self.read_time(split.named(split.time, cell))
        route = read.settings.get(setting)
        if route is None:
            route = read.settings[setting] = self.read_setting(split.named(split.setting, cell))
        goods = read.goods.get(lines)
        if goods is None:
            goods = read.goods[lines] = self.read_goods(split.named(split.goods, cell))
        return self.of(when, route, goods)

    def of(self, when: When | Refused, route: Sent | Refused, goods: Goods | Refused) -> int:
        """The number of the decision for what was read of a cell."""
        if isinstance(when, Refused) or isinstance(route, Refused) or isinstance(goods, Refused):
            refused = [part for part in (when, route, goods) if isinstance(part, Refused)]
            return self.number_of(Decision("", error=min(refused).sentence))
        try:
            return self._decide(when, route, goods)
        except BadInput as error:
            return self.number_of(Decision("", error=without_line(error.sentence)))

    def _decide(self, when: When, route: Sent, goods: Goods) -> int:
        book = when.book
        setting, setting_id = self._setting(book, route, goods)
        if goods.line.entry:
            book.check_code(goods.line.entry, 1)
        state = self._state(book, goods)
        key = (id(book), setting_id, state.id, when.rides)
        number = self._decided.get(key)
        if number is None:
            number = self._decided[key] = self._judge(when, setting, goods, state)
        return number

    def _judge(self, when: When, setting: Setting, goods: Goods, state: _State) -> int:
        book, known = when.book, goods.known
        facts = {**setting.facts, **state.facts, **setting.said}
        applied = apply_rules(route_of(setting, known), state.found, facts, book)
        outcome, conditions = on_the_day(applied.outcome, applied.conditions, when.read, self.law)
        missing: tuple[str, ...] = ()
        questions: tuple[str, ...] = ()
        if outcome == "needs_facts":
            asked = LineAnswer(
                1,
                goods.line,
                known,
                applied.outcome,
                applied.conditions,
                state.found.hits,
                state.found.failed,
                applied.holding,
                applied.possible,
                state.found.pointed_only,
                {**setting.facts, **known.facts, **setting.said},
            )
            found = self._questions(asked)
            missing = tuple(question.fact for question in found)
            questions = tuple(question.text for question in found)
        rules: dict[CompiledRule, Reason] = {rule: rule.reason for rule in applied.holding}
        codes = tuple(codes_shown(state.found.hits, outcome))
        return self.number_of(Decision(outcome, conditions, codes, missing, questions, tuple(rules.values())))

    def _questions(self, line: LineAnswer) -> list[Question]:
        """The questions of a line; lines that differ only between limits are asked the same."""
        hits = tuple((hit.entry.code, hit.entry.wording, hit.facts_say) for hit in line.hits)
        possible = tuple((p.rule.rule.id, p.value, p.rank) for p in line.possible)
        key = (hits, possible, line.pointed_only, self.cells.facts_key(line.facts))
        found = self._asked.get(key)
        if found is None:
            found = self._asked[key] = line_questions(line)
        return found

    def _setting(self, book: Rulebook, route: Sent, goods: Goods) -> tuple[Setting, int]:
        """The setting of a route under one day's lists; two that the rules cannot tell apart have one number."""
        words = goods.words
        key = (id(book), route.id, words)
        found = self._standing.get(key)
        if found is None:
            setting = setting_of(route.read._replace(lines=(Line(words),)), book)
            same = (setting.route, frozenset(setting.said.items()))
            found = self._standing[key] = (setting, self._setting_ids.setdefault(same, len(self._setting_ids)))
        return found

    def _state(self, book: Rulebook, goods: Goods) -> _State:
        """What the entries say of goods; books whose entries stand alike say the same."""
        listed = self._list_of.get(id(book))
        if listed is None:
            listed = self._list_of[id(book)] = self._lists.setdefault(book.entries_key, len(self._lists))
        state = self._states.get((listed, goods.id))
        if state is None:
            known = goods.known
            found = find_entries(goods.line, known, known.facts, book)
            facts = {name: value for name, value in known.facts.items() if name in self._rule_facts}
            said = known.description is not None and bool(known.description.of_transaction())
            hits = tuple((hit.entry.code, hit.facts_say, hit.value) for hit in found.hits)
            asking = goods.id if any(hit.facts_say == ASK for hit in found.hits) else None
            same = (listed, hits, found.nothing, found.pointed_only, frozenset(facts.items()), said, asking)
            number = self._state_ids.setdefault(same, len(self._state_ids))
            state = self._states[listed, goods.id] = _State(found, facts, number)
        return state

    def read_time(self, given: dict[str, Any]) -> When | Refused:
        """The day and its law, from the cells that say them."""
        try:
            read = transaction({**row_to_document(given), "lines": [{"hs": self.cells.nowhere}]})
        except BadInput as error:
            return _refused(error)
        rides = on_the_day("not_controlled", ("no_entry_found",), read, self.law)
        return When(read, rulebook_for(read, self.law), rides)

    def read_setting(self, given: dict[str, Any]) -> Sent | Refused:
        """Route, parties and use, from the cells that say them."""
        try:
            read = transaction({**row_to_document(given), "date": _ANY_DAY, "lines": [{"hs": self.cells.nowhere}]})
        except BadInput as error:
            return _refused(error)
        return Sent(read, self._sent_ids.setdefault(read._replace(lines=()), len(self._sent_ids)))

    def read_goods(self, given: dict[str, Any]) -> Goods | Refused:
        """The goods, from the cells that speak of them."""
        try:
            line = transaction({"date": _ANY_DAY, "lines": row_to_document(given)["lines"]}).lines[0]
        except BadInput as error:
            return _refused(error)
        known = known_of(line, self.law)
        described = known.description
        words = line.description if self.cells.speaks_of_route(line.description) else ""
        names_goods = any(fact in known.facts for fact in ("substance", "article", "technology", "contains"))
        points = line.hs if line.hs and not names_goods and self.cells.points(line.hs) else ""
        same = (
            line.entry,
            points or bool(line.hs and not names_goods),
            known.kind,
            frozenset(known.facts.items()),
            "substance" in line.facts,
            described.also_named if described else (),
            words,
        )
        number = self._goods_ids.setdefault(same, len(self._goods_ids))
        return Goods(line, known, words, number)


class Split(NamedTuple):
    """Which columns of a table say when, which say where to and to whom, which say what."""

    columns: tuple[str, ...]
    time: tuple[int, ...]
    setting: tuple[int, ...]
    goods: tuple[int, ...]

    @property
    def groups(self) -> tuple[tuple[int, ...], ...]:
        """The three of them."""
        return (self.time, self.setting, self.goods)

    def named(self, places: tuple[int, ...], cell: Sequence[Any]) -> dict[str, Any]:
        """Some values of a cell by name."""
        return {self.columns[place]: cell[place] for place in places}


class _Read(NamedTuple):
    """What was read of the cells of tables with the same columns."""

    split: Split
    when: dict[Any, When | Refused]
    settings: dict[Any, Sent | Refused]
    goods: dict[Any, Goods | Refused]


def split_of(columns: tuple[str, ...]) -> Split:
    """Columns by what they speak of."""
    time = tuple(place for place, name in enumerate(columns) if name in TIME)
    goods = tuple(place for place, name in enumerate(columns) if name in GOODS or is_goods(name))
    rest = tuple(place for place in range(len(columns)) if place not in {*time, *goods})
    return Split(columns, time, rest, goods)


def _key(values: Iterable[Any]) -> tuple[Any, ...]:
    """Values with their types: 1, 1.0 and True are not the same cell."""
    return tuple((value.__class__, value if value.__hash__ else str(value)) for value in values)


def _refused(error: BadInput) -> Refused:
    """An error with its place in the order of reading."""
    where = error.where
    if where.startswith("line 1"):
        order = 0
    elif error.problem == "the day is missing":
        order = _MISSING_DAY
    else:
        named = where.removeprefix("field ").partition(".")[0]
        order = next((n for n, name in enumerate(_ORDER) if named.startswith(name)), _LAST)
    return Refused(order, without_line(error.sentence))
