"""The rule book: the law of one run of days, compiled once into tests that are quick to ask.

Entries are found by what the goods are; rules by where they go. Nothing of a single transaction is kept here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache, cached_property
from typing import Any, NamedTuple

from orepass.determination.logic import NO, OPEN, YES, Facts, Test, compile_node, kind_test
from orepass.errors import BadInput
from orepass.goods.parameters import parameters
from orepass.goods.tariff import numbers_now
from orepass.law.language import Node, facts_of, has_unknown_limit, without_uncertain
from orepass.law.model import DUAL_USE, Document, Doubt, Entry, Exclusion, Listing, Rule, State
from orepass.law.timeline import EntryOn, LawOn
from orepass.law.windows import Standing
from orepass.parties.register import Register

OUTCOMES = (
    "not_controlled",
    "exempt",
    "needs_facts",
    "law_unknown",
    "licence_required",
    "refusal_presumed",
    "prohibited",
)
"""Outcomes from the least to the most restrictive."""
RANK = {outcome: rank for rank, outcome in enumerate(OUTCOMES)}
LICENCE = RANK["licence_required"]


class Reason(NamedTuple):
    """A rule that applies, in words, with its paragraph and its sources."""

    rule: str
    instrument: str
    paragraph: str
    says: str
    zh: str
    source: str
    grade: str
    layer: str


class CompiledEntry:
    """One entry as it stands on the day, ready to be tested."""

    __slots__ = (
        "asks",
        "binds",
        "code",
        "covers",
        "doubts",
        "entry",
        "exclusions",
        "limits",
        "node",
        "open_law",
        "standing",
        "unknown_limit",
        "wording",
    )

    def __init__(self, on: EntryOn, covers: tuple[str, ...], doubts: tuple[tuple[Doubt, Test | None], ...]) -> None:
        entry = on.entry
        self.entry = entry
        self.code = entry.code
        self.standing = on.standing
        self.covers = covers
        self.node = on.limits.node if on.limits else None
        self.unknown_limit = bool(self.node and has_unknown_limit(self.node))
        if self.node and self.unknown_limit and entry.when_limit_unknown == "licence_required":
            self.node = without_uncertain(self.node)
        self.limits = compile_node(self.node) if self.node else None
        self.exclusions: tuple[tuple[Test, bool, Exclusion], ...] = tuple(
            (compile_node(exclusion.node), firm, exclusion) for exclusion, firm in on.exclusions
        )
        self.asks = frozenset(name for node in self.nodes() for name in facts_of(node))
        self.open_law = on.standing.state is State.UNKNOWN
        self.binds = entry.list == DUAL_USE
        self.doubts = doubts
        self.wording = wording_of(on)

    def nodes(self) -> list[Node]:
        """Its conditions: the limits, and what each exclusion asks."""
        return ([self.node] if self.node else []) + [exclusion.node for _, _, exclusion in self.exclusions]

    def covered(self, facts: Facts) -> int:
        """Whether the goods are of a kind that the entry covers."""
        mixtures = self.entry.mixtures
        best = NO
        for kind in self.covers:
            value = kind_test(facts, kind, mixtures=mixtures)
            if value > best:
                best = value
        if best == NO and "article" in facts and "substance" in facts and self._left_out_by_name(facts):
            return YES
        return best

    def excluded_by(self, facts: Facts) -> Exclusion | None:
        """The exclusion that firmly takes the goods out, if one does."""
        return next((exclusion for test, firm, exclusion in self.exclusions if firm and test(facts) == YES), None)

    def speaks_of(self, facts: Facts) -> bool:
        """Whether the entry names goods like these, and does not only take them in among all alloys, compounds or targets."""
        return any(kind_test(facts, kind) == YES for kind in self.covers if kind not in WHOLE_CLASSES)

    def _left_out_by_name(self, facts: Facts) -> bool:
        """Whether a finished product is of a covered substance and an exclusion names the product: worth saying, though it is out."""
        if not any(test(facts) == YES for test, _, _ in self.exclusions):
            return False
        bare = {name: value for name, value in facts.items() if name != "article"}
        return any(kind_test(bare, kind) == YES for kind in self.covers)

    def judge(self, facts: Facts, covered: int) -> int:
        """Whether the entry holds the goods, before the law's own state is asked.

        A limit that no source shows decides only as the entry says; it never releases. Where it binds, parts whose reading is in doubt
        can change nothing and are not asked for.
        """
        value = covered
        if self.limits is not None:
            met = self.limits(facts)
            if met < value:
                if not met:
                    return NO
                value = met
                if met == OPEN and self.unknown_limit and self.entry.when_limit_unknown == "licence_required":
                    value = covered
        for test, firm, _ in self.exclusions:
            out = test(facts)
            if out == YES:
                if firm:
                    return NO
                value = min(value, OPEN)
            elif out:
                value = min(value, out)
        return value


def wording_of(on: EntryOn) -> tuple[object, ...]:
    """What names how an entry is worded on a day: its limits and its exclusions, as the facts hold them."""
    return id(on.limits), tuple((id(exclusion), firm) for exclusion, firm in on.exclusions)


WHOLE_CLASSES = frozenset(
    {
        "alloy",
        "compound",
        "sputtering-target",
        "crystal-material",
        "permanent-magnet",
        "optical-fibre-material",
        "ceramic-material",
    }
)
"""Kinds that an entry names only to pick from them by an element."""


class Hit(NamedTuple):
    """An entry that may hold the goods: what the facts say, and what the law's state leaves of it."""

    entry: CompiledEntry
    facts_say: int
    value: int


class CompiledRule:
    """One rule as it stands on the day."""

    __slots__ = (
        "alone",
        "as_upon",
        "asks",
        "codes",
        "conditions",
        "free",
        "lifts",
        "open_law",
        "rank",
        "reason",
        "rule",
        "test",
        "upon",
    )

    def __init__(self, rule: Rule, standing: Standing, reached: frozenset[str]) -> None:
        self.rule = rule
        self.test = compile_node(rule.when)
        self.asks = facts_of(rule.when)
        self.free = compile_node(rule.when, assume=False)
        self.open_law = standing.state is State.UNKNOWN
        self.alone = rule.selection.nothing
        self.as_upon = rule.selection.as_upon
        self.codes = reached
        self.upon = rule.upon
        self.lifts = frozenset(rule.lifts)
        self.rank = RANK[rule.outcome] if rule.outcome else -1
        self.conditions = rule.conditions
        self.reason = Reason(
            rule.id,
            rule.instrument,
            ", ".join(rule.paragraphs),
            rule.says.en,
            rule.says.zh,
            "; ".join(rule.provenance.sources),
            rule.provenance.grade,
            rule.layer,
        )


class Route(NamedTuple):
    """Where goods go, in the terms of the law."""

    movement: str
    destination: str | None
    foreign_made: bool | None
    act: str
    nobody_listed: bool
    nothing_said: bool


class ReadyRule(NamedTuple):
    """A rule for one kind of route: when the route alone settles its condition, it is not asked again."""

    rule: CompiledRule
    settled: bool


class Rulebook:
    """The law of one run of days as tests.

    Parameters
    ----------
    law
        The law as of a day.
    """

    def __init__(self, law: LawOn) -> None:
        self.law = law
        live = {State.IN_FORCE, State.UNKNOWN}
        self.entries = {
            code: CompiledEntry(on, self._covers(on.entry), self._doubts(on.entry))
            for code, on in law.entries.items()
            if on.standing.state in live
        }
        rules = [
            CompiledRule(on.rule, on.standing, self._reached(on.rule))
            for on in law.rules.values()
            if on.standing.state in live
        ]
        self.rules = sorted(rules, key=lambda rule: (len(rule.upon) > 0, rule.rule.id))
        self.lifting_by_purpose = [rule for rule in rules if rule.lifts and "purpose" in rule.asks]
        self.register = Register[tuple[Listing, Standing]](
            [
                ((on.listing, on.standing), (on.listing.name.en, on.listing.name.zh, *on.listing.aliases))
                for on in law.listings
                if on.standing.state not in {State.ABSENT, State.ANNOUNCED}
            ]
        )
        self.listings = {on.listing.id: (on.listing, on.standing) for on in law.listings}
        self.documents: tuple[Document, ...] = law.documents
        self._candidates: dict[tuple[object, ...], tuple[tuple[CompiledEntry, int], ...]] = {}
        self._quiet: dict[tuple[object, ...], tuple[CompiledEntry, ...]] = {}
        self._route_facts: dict[Route, dict[str, Any]] = {}
        self._routes: dict[Route, tuple[ReadyRule, ...]] = {}
        self._near_customs: dict[str, tuple[CompiledEntry, ...]] = {}

    def _covers(self, entry: Entry) -> tuple[str, ...]:
        made = [kind for code in entry.produces for kind in self.law.entries[code].entry.covers]
        return tuple(dict.fromkeys((*entry.covers, *made)))

    def _doubts(self, entry: Entry) -> tuple[tuple[Doubt, Test | None], ...]:
        return tuple(
            (doubt, compile_node(doubt.node) if doubt.node else None)
            for doubt in entry.doubts
            if doubt.start is None or doubt.start <= self.law.last
        )

    def _reached(self, rule: Rule) -> frozenset[str]:
        return frozenset(code for code, on in self.law.entries.items() if rule.selection.reaches(on.entry))

    @cached_property
    def entries_key(self) -> tuple[object, ...]:
        """What names the state of all entries: two books with the same key find the same entries for the same goods."""
        return tuple((code, on.standing.state, wording_of(on)) for code, on in self.law.entries.items())

    def candidates(self, facts: Mapping[str, object], kind: str) -> tuple[tuple[CompiledEntry, int], ...]:
        """Entries whose coverage is not ruled out by what the goods are, with what is known of it."""
        if "contains" in facts:
            return self._find(facts, kind)
        key = (kind, facts.get("substance"), facts.get("article"), facts.get("technology"))
        found = self._candidates.get(key)
        if found is None:
            found = self._candidates[key] = self._find(facts, kind)
        return found

    def _find(self, facts: Mapping[str, object], kind: str) -> tuple[tuple[CompiledEntry, int], ...]:
        return tuple(
            (entry, value)
            for entry in self.entries.values()
            if entry.entry.kind == kind and (value := entry.covered(facts)) != NO
        )

    @cached_property
    def quiet(self) -> tuple[CompiledEntry, ...]:
        """Entries of the dual-use list that are suspended or only announced: they bind nobody, but are worth naming."""
        return tuple(
            CompiledEntry(on, self._covers(on.entry), ())
            for on in self.law.entries.values()
            if on.standing.state in {State.SUSPENDED, State.ANNOUNCED} and on.entry.list == DUAL_USE
        )

    def quiet_matches(self, facts: Mapping[str, object], kind: str) -> tuple[CompiledEntry, ...]:
        """Quiet entries whose coverage is not ruled out by what the goods are."""
        key = ("quiet", kind, facts.get("substance"), facts.get("article"), facts.get("technology"))
        found = self._quiet.get(key)
        if found is None:
            found = self._quiet[key] = tuple(e for e in self.quiet if e.entry.kind == kind and e.covered(facts))
        return found

    def pointed(self, number: str) -> tuple[CompiledEntry, ...]:
        """Entries to which a customs number points: by its digits, by its first six, and by heading where an entry has no number.

        A number that no longer stands points to what it became.
        """
        found = self._near_customs.get(number)
        if found is None:
            index = self._by_number
            now = numbers_now(number)
            near = index.get(number) or index.get(number[:6]) or [e for new in now for e in index.get(new, ())]
            by_heading = [
                e for heading in dict.fromkeys((number[:4], *(new[:4] for new in now))) for e in index.get(heading, ())
            ]
            found = self._near_customs[number] = tuple(dict.fromkeys((*near, *by_heading)))
        return found

    @cached_property
    def _by_number(self) -> dict[str, list[CompiledEntry]]:
        """Entries of the dual-use list by their whole customs numbers, by the first six digits of these, and by heading."""
        found: dict[str, list[CompiledEntry]] = {}
        for entry in self.entries.values():
            if entry.entry.list == DUAL_USE:
                numbers = {c.number for c in entry.entry.customs}
                for key in numbers | {number[:6] for number in numbers} | set(entry.entry.headings):
                    found.setdefault(key, []).append(entry)
        return found

    def codes_under(self, code: str) -> tuple[str, ...]:
        """The entries of a code: itself, or those below it (``3C001`` has ``3C001.a`` and more)."""
        known = self.law.entries
        return (code,) if code in known else tuple(key for key in known if key.startswith(f"{code}."))

    def check_code(self, code: str, line: int) -> None:
        """Refuse a control code that no list holds.

        Raises
        ------
        BadInput
            Naming the code and the nearest ones.
        """
        if self.codes_under(code) or code.split(".")[0] in self.law.list_codes:
            return
        from difflib import get_close_matches

        near = get_close_matches(code, self.law.entries, n=2, cutoff=0.6)
        raise BadInput(
            f"{code!r} is no control code",
            where=f"line {line}, field entry",
            expected="a code of the unified list such as 3C003.b",
            remedy=f"did you mean {' or '.join(near)}" if near else "leave it out and give the description",
        )

    def facts_of_route(self, route: Route) -> dict[str, Any]:
        """The facts of a kind of route; shared, never written to."""
        facts = self._route_facts.get(route)
        if facts is None:
            facts = self._route_facts[route] = {
                name: value
                for name, value in route_facts(route._replace(nothing_said=False)).items()
                if value is not None
            }
        return facts

    def for_route(self, route: Route) -> tuple[ReadyRule, ...]:
        """Rules whose condition the route does not rule out.

        What nobody says of a transaction settles more: with no listed party the party rules fall away, with no word on use the catch-all.
        """
        ready = self._routes.get(route)
        if ready is None:
            facts = route_facts(route)
            judged = [(rule, rule.free(facts)) for rule in self.rules]
            ready = self._routes[route] = tuple(ReadyRule(rule, value == YES) for rule, value in judged if value != NO)
        return ready


NOBODY_LISTED: dict[str, Any] = {
    "listed.control": False,
    "listed.control_transfer": False,
    "listed.watch": False,
    "listed.unreliable": False,
    "listed.paused": False,
    "owned_by_listed_pct": 0.0,
}


@cache
def _assumed_of_transaction() -> dict[str, Any]:
    return {p.name: p.if_absent for p in parameters().values() if p.of == "transaction" and p.assumable}


def route_facts(route: Route) -> dict[str, Any]:
    """What the route alone says, with what is assumed when nobody says more."""
    facts: dict[str, Any] = {"movement": route.movement, "act": route.act}
    if route.destination is not None:
        facts["destination"] = route.destination
    if route.foreign_made is not None:
        facts["foreign_made"] = route.foreign_made
    if route.nobody_listed:
        facts |= NOBODY_LISTED
    if route.nothing_said:
        facts |= _assumed_of_transaction()
    return facts


def judge_entries(
    candidates: Iterable[tuple[CompiledEntry, int]], facts: Facts
) -> tuple[list[Hit], list[tuple[CompiledEntry, int]]]:
    """Test candidates against the facts: those that may hold the goods, and those that nearly did."""
    hits: list[Hit] = []
    out: list[tuple[CompiledEntry, int]] = []
    for entry, covered in candidates:
        said = entry.judge(facts, covered)
        if said:
            hits.append(Hit(entry, said, min(said, OPEN) if entry.open_law else said))
        else:
            out.append((entry, covered))
    return hits, out
