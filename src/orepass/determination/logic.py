"""Three-valued logic over facts: yes, no, and *not known*, which has two causes that never mix.

``ASK``: a fact is missing, and somebody can be asked. ``OPEN``: every fact is there and the law itself does not say (a limit that no source
shows, a window that ran out). The four values are ordered ``NO < ASK < OPEN < YES``; *and* takes the least, *or* the greatest, so both
kinds of not-known lie between no and yes. See ``docs/adr/0001-rule-language.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, cast

from orepass.goods.kinds import Relation, kinds
from orepass.goods.line import MAY_HOLD, NAMED_ELEMENTS
from orepass.goods.parameters import Interval, Value, forms, parameter_of
from orepass.goods.shapes import can_cut, sizes_asked
from orepass.law import language as lang
from orepass.law.language import Node, Scalar

NO, ASK, OPEN, YES = 0, 1, 2, 3

Facts = Mapping[str, Any]
Test = Callable[[Facts], int]


class OpenFact:
    """Stands for a fact on which the law itself is silent, such as a listing whose pause ran out."""

    def __repr__(self) -> str:
        return "not known in law"


OPEN_FACT = OpenFact()


def negate(value: int) -> int:
    """Not: yes and no change places; not-known stays what it is."""
    return YES - value if value in (NO, YES) else value


def compare(actual: Any, op: str, limit: Any) -> int:
    """One fact against one limit.

    Parameters
    ----------
    actual
        A number, an :class:`~orepass.goods.parameters.Interval`, a word, a set of possible words, or yes / no.
    op
        ``> >= < <= == !=``; ``>`` and ``>=`` differ at the limit itself.
    limit
        What the law says.
    """
    if actual.__class__ is float or actual.__class__ is int:
        return YES if _PLAIN[op](actual, limit) else NO
    if actual is OPEN_FACT:
        return OPEN
    if isinstance(actual, Interval):
        return _compare_interval(actual, op, limit)
    if isinstance(actual, frozenset):
        matching = {_PLAIN[op](item, limit) for item in cast("frozenset[str]", actual)}
        return ASK if len(matching) == 2 else (YES if matching == {True} else NO)
    return YES if _PLAIN[op](actual, limit) else NO


_PLAIN: dict[str, Callable[[Any, Any], bool]] = {
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}


def _compare_interval(actual: Interval, op: str, limit: float) -> int:
    low, high, low_open, high_open = actual
    match op:
        case ">":
            if low > limit or (low == limit and low_open):
                return YES
            return NO if high <= limit else ASK
        case ">=":
            if low >= limit:
                return YES
            return NO if high < limit or (high == limit and high_open) else ASK
        case "<":
            return negate(_compare_interval(actual, ">=", limit))
        case "<=":
            return negate(_compare_interval(actual, ">", limit))
        case "==":
            if low == high == limit:
                return YES
            outside = limit < low or limit > high or (limit == low and low_open) or (limit == high and high_open)
            return NO if outside else ASK
        case _:
            return negate(_compare_interval(actual, "==", limit))


def _when_absent(fact: str, judge: Callable[[Any], int], assume: bool) -> int:
    parameter = parameter_of(fact)
    if not (assume and parameter.assumable):
        return ASK
    return NO if parameter.if_absent == "none" else judge(parameter.if_absent)


def compile_node(node: Node, *, assume: bool = True) -> Test:
    """A condition as a function from facts to ``NO``, ``ASK``, ``OPEN`` or ``YES``.

    Parameters
    ----------
    node
        The condition.
    assume
        Whether an absent fact with ``if_absent`` in the table takes that value; otherwise it is not known.
    """
    match node:
        case lang.Compare("article", "==", value):
            return _membership("article", (str(value),), False, assume)
        case lang.Compare(fact, op, value):
            return _comparison(fact, op, value, assume)
        case lang.Among(fact, values, negated):
            return _membership(fact, values, negated, assume)
        case lang.IsA(kind):
            return lambda facts: kind_test(facts, kind)
        case lang.CanCut(shape, sizes):
            return lambda facts: can_cut(facts, shape, sizes)
        case lang.Uncertain(part):
            inner = compile_node(part, assume=assume)
            return lambda facts: inner(facts) or OPEN
        case lang.Perhaps(part):
            inner = compile_node(part, assume=assume)
            return lambda facts: min(inner(facts), OPEN)
        case lang.Not(part):
            inner = compile_node(part, assume=assume)
            return lambda facts: negate(inner(facts))
        case lang.All(parts):
            return _conjunction(tuple(compile_node(part, assume=assume) for part in parts))
        case lang.Any(parts):
            return _disjunction(tuple(compile_node(part, assume=assume) for part in parts))


def _conjunction(tests: tuple[Test, ...]) -> Test:
    def judge(facts: Facts) -> int:
        least = YES
        for test in tests:
            value = test(facts)
            if value < least:
                if not value:
                    return NO
                least = value
        return least

    return judge


def _disjunction(tests: tuple[Test, ...]) -> Test:
    def judge(facts: Facts) -> int:
        greatest = NO
        for test in tests:
            value = test(facts)
            if value > greatest:
                if value == YES:
                    return YES
                greatest = value
        return greatest

    return judge


def _comparison(fact: str, op: str, value: Scalar | lang.Unknown, assume: bool) -> Test:
    if isinstance(value, lang.Unknown):
        return lambda facts: OPEN
    if fact.startswith("content_wt_pct."):
        return _content(fact, op, value)
    when_absent = _when_absent(fact, lambda assumed: compare(assumed, op, value), assume)
    other = parameter_of(fact).same_as_when_absent
    if other:

        def borrowing(facts: Facts) -> int:
            actual = facts.get(fact)
            if actual is None:
                actual = facts.get(other)
            return when_absent if actual is None else compare(actual, op, value)

        return borrowing
    plain = _PLAIN[op]

    def judge(facts: Facts) -> int:
        actual = facts.get(fact)
        if actual is None:
            return when_absent
        if actual.__class__ is float:
            return YES if plain(actual, value) else NO
        return compare(actual, op, value)

    return judge


def _content(fact: str, op: str, value: Any) -> Test:
    element = fact.partition(".")[2]
    # What a name leaves out is no part of the goods, but may still be there as a trace: that settles "at least", never "less than".
    nothing = compare(0.0, op, value) if op in {">", ">=", "=="} else ASK

    def judge(facts: Facts) -> int:
        actual = facts.get(fact)
        if actual is not None:
            return compare(actual, op, value)
        named = facts.get(NAMED_ELEMENTS)
        if named is not None and element not in named and element not in facts.get(MAY_HOLD, ()):
            return nothing
        return ASK

    return judge


def _widened(fact: str, values: tuple[Scalar, ...]) -> frozenset[Scalar]:
    """Named forms with the narrower ones: powder takes micropowder in."""
    if fact != "form":
        return frozenset(values)
    return frozenset(values) | {form.id for form in forms().values() if form.wider in values}


def _membership(fact: str, values: tuple[Scalar, ...], negated: bool, assume: bool) -> Test:
    wanted = _widened(fact, values)

    def inside(actual: Any) -> int:
        if isinstance(actual, frozenset):
            hits = {item in wanted for item in cast("frozenset[str]", actual)}
            value = ASK if len(hits) == 2 else (YES if hits == {True} else NO)
        elif isinstance(actual, Interval):
            value = YES if actual.low == actual.high and actual.low in wanted else ASK
            if value == ASK and not any(compare(actual, "==", item) for item in wanted):
                value = NO
        elif fact == "article":
            value = max((_kind_relation(actual, str(item)) for item in wanted), default=NO)
        else:
            value = YES if actual in wanted else NO
        return negate(value) if negated else value

    if fact == "article":
        nothing = YES if negated else NO

        def of_article(facts: Facts) -> int:
            actual = facts.get("article")
            if actual is None:
                return nothing if "substance" in facts else ASK
            return inside(actual)

        return of_article
    when_absent = _when_absent(fact, inside, assume)

    def judge(facts: Facts) -> int:
        actual = facts.get(fact)
        return when_absent if actual is None else inside(actual)

    return judge


_RELATION = {Relation.APART: NO, Relation.MAY_BE: ASK, Relation.IS: YES}


def _kind_relation(stated: str, named: str) -> int:
    return _RELATION[kinds().relation(stated, named)]


def kind_test(facts: Facts, kind: str, *, mixtures: bool = False) -> int:
    """Whether the goods are of a kind, by substance, by article or by technology.

    Parameters
    ----------
    facts
        What is known of the line.
    kind
        The kind that the law names.
    mixtures
        Whether a mixture that holds the kind counts as it.
    """
    net = kinds()
    root = net.by_id[kind].root
    if root == "substance":
        return _substance_test(facts, kind, mixtures)
    if root == "technology":
        return _technology_test(facts, kind)
    stated = facts.get("article")
    if stated is None:
        return NO if "substance" in facts or "technology" in facts else ASK
    return _kind_relation(stated, kind)


def _technology_test(facts: Facts, kind: str) -> int:
    """Technology by its name; by the goods that it speaks of it can only be asked about."""
    stated = facts.get("technology")
    if stated is not None:
        return _kind_relation(stated, kind)
    goods = facts.get("substance") or facts.get("article")
    about = kinds().by_id[kind].about
    if goods is None:
        return ASK
    return ASK if any(_kind_relation(goods, named) or _kind_relation(named, goods) for named in about) else NO


def _substance_test(facts: Facts, kind: str, mixtures: bool) -> int:
    net = kinds()
    mixed = max((_kind_relation(part, kind) for part in facts.get("contains", ())), default=NO) if mixtures else NO
    substance = facts.get("substance")
    article = facts.get("article")
    if article is not None:
        stated = net.by_id[article]
        if stated.root == "equipment":
            return NO
        if stated.made_of is not None:
            apart = substance is not None and _kind_relation(substance, kind) == NO
            touches = any(_kind_relation(material, kind) for material in stated.made_of)
            return ASK if touches and not apart else NO
    if substance is None:
        return NO if "technology" in facts else max(mixed, ASK)
    return max(mixed, _kind_relation(substance, kind))


class Finding(NamedTuple):
    """One comparison of a condition, with what it found."""

    text: str
    fact: str
    op: str
    limit: Any
    actual: Any
    value: int


def findings(node: Node, facts: Facts) -> list[Finding]:
    """Every comparison that a condition makes, with the fact that it met: what an answer was judged by."""
    out: list[Finding] = []
    for part in lang.parts_of(node):
        match part:
            case lang.Compare(fact, op, value):
                out.append(Finding(lang.show(part), fact, op, value, facts.get(fact), compile_node(part)(facts)))
            case lang.Among(fact, values, negated):
                op = "not in" if negated else "in"
                out.append(Finding(lang.show(part), fact, op, values, facts.get(fact), compile_node(part)(facts)))
            case lang.CanCut(_, sizes):
                out.append(
                    Finding(lang.show(part), "shape", "cut", sizes, facts.get("shape"), compile_node(part)(facts))
                )
            case lang.IsA(kind):
                out.append(
                    Finding(lang.show(part), "substance", "is", kind, facts.get("substance"), compile_node(part)(facts))
                )
            case _:
                pass
    return out


def missing(node: Node, facts: Facts) -> list[str]:
    """The facts whose absence keeps the condition from being settled, in the order in which the condition asks for them.

    Parts that other parts already settle are left out: when one limb of an *and* fails, nothing more is asked for it.
    """
    value = compile_node(node)(facts)
    if value in (NO, YES):
        return []
    match node:
        case lang.All(parts) | lang.Any(parts):
            return list(dict.fromkeys(name for part in parts for name in missing(part, facts)))
        case lang.Not(part) | lang.Uncertain(part) | lang.Perhaps(part):
            return missing(part, facts)
        case lang.Compare(fact) | lang.Among(fact):
            return [fact] if value == ASK else []
        case lang.CanCut():
            return list(sizes_asked(facts)) if value == ASK else []
        case lang.IsA():
            return ["substance"] if value == ASK else []


def value_text(value: Value | Any) -> str:
    """A fact's value as people write it."""
    match value:
        case bool():
            return "yes" if value else "no"
        case Interval():
            return str(value)
        case float():
            return f"{value:.12g}"
        case frozenset():
            return " or ".join(sorted(str(item) for item in cast("frozenset[str]", value)))
        case _:
            return str(value)
