"""The smallest set of questions that settles an answer: which missing facts can still change it, asked in the order of the law.

First what the goods are, since the rest hangs on it; then only those limits whose value can still turn the outcome, whatever the other
missing facts turn out to be.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from orepass.determination.logic import ASK, NO, OPEN, compile_node, missing
from orepass.determination.rulebook import LICENCE, Hit
from orepass.goods.kinds import Relation, kinds
from orepass.goods.line import follow
from orepass.goods.parameters import Parameter, parameter_of
from orepass.law import language as lang

if TYPE_CHECKING:
    from orepass.determination.determine import Determination, LineAnswer

TRIALS = 48
QUIET_TRIALS = 20
MANY = 12
"""A question about the kind of goods names at most so many kinds."""


class Question(NamedTuple):
    """One question: the fact, what may be answered, and why it matters."""

    line: int
    fact: str
    text: str
    zh: str
    unit: str
    allowed: tuple[str, ...]
    why: str
    entries: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The question as JSON carries it."""
        return {
            "line": self.line,
            "fact": self.fact,
            "question": self.text,
            "unit": self.unit or None,
            "allowed": list(self.allowed),
            "why": self.why,
            "entries": list(self.entries),
        }


def questions_of(determination: Determination) -> list[Question]:
    """The questions of a determination whose outcome hangs on missing facts."""
    if determination.outcome != "needs_facts":
        return []
    return [
        question for line in determination.lines if line.outcome == "needs_facts" for question in line_questions(line)
    ]


ABOUT_LISTING = "is_listed_as"
"""The fact of a question about a party: whether a listing means it."""


def questions_asked(determination: Determination) -> list[Question]:
    """What to ask a person: first whether a party is the listed one that its name resembles, then the questions of the lines."""
    about = [
        Question(
            0,
            ABOUT_LISTING,
            f"Is {likely.party.role.replace('_', ' ')} {likely.party.name} the party listed as "
            f"{likely.listing.name.en or likely.listing.name.zh} ({likely.listing.id}, {likely.listing.list} list)?",
            f"{likely.party.name}是否即{likely.listing.name.zh or likely.listing.name.en}（{likely.listing.id}）？",
            "",
            ("yes", "no"),
            likely.evidence.in_words(),
            (),
        )
        for likely in determination.setting.likely
    ]
    rest = questions_of(determination)
    return about + [question for question in rest if not (about and question.fact.startswith("listed."))]


def line_questions(line: LineAnswer) -> list[Question]:
    """The questions of a line whose outcome hangs on missing facts."""
    reached = {code for p in line.possible if p.rank >= LICENCE for code in p.rule.codes}
    hits = [hit for hit in line.hits if hit.facts_say == ASK and (not line.possible or hit.entry.code in reached)]
    about_rules = [p for p in line.possible if p.rank >= LICENCE and p.value == ASK]
    names = _facts_missing(hits, line.facts)
    about = [name for name in names if name in _KIND]
    if about and (len(about) == len(names) or not _kind_is_plain(line, hits)):
        return [_kind_question(line, hits, about[0])]
    names = [name for name in names if name not in about]
    for possible in about_rules:
        names += [name for name in missing(possible.rule.rule.when, line.facts) if name not in names]
    nodes = [node for hit in hits for node in hit.entry.nodes()] + [p.rule.rule.when for p in about_rules]
    wanted = _essential(line, hits, names, nodes)
    return [_question(line, name, hits) for name in wanted]


def goods_questions(line: LineAnswer, among: Sequence[Hit]) -> list[Question]:
    """What to ask of the goods alone, wherever they go: the facts on which it hangs whether one of these entries holds them."""
    hits = [hit for hit in among if hit.facts_say == ASK and hit.entry.binds]
    if not hits:
        return []
    names = _facts_missing(hits, line.facts)
    about = [name for name in names if name in _KIND]
    if about and (len(about) == len(names) or not _kind_is_plain(line, hits)):
        return [_kind_question(line, hits, about[0])]
    names = [name for name in names if name not in about]
    nodes = [node for hit in hits for node in hit.entry.nodes()]
    return [_question(line, name, hits) for name in _essential(line, hits, names, nodes)]


_KIND = frozenset({"substance", "article", "technology"})


def _kind_is_plain(line: LineAnswer, hits: Iterable[Hit]) -> bool:
    """Whether the goods are already stated to be of the kinds that the entries cover: then only what an entry leaves out is open."""
    stated = line.facts.get("substance") or line.facts.get("article")
    relation = kinds().relation
    return stated is not None and all(
        any(relation(stated, kind) is Relation.IS for kind in hit.entry.covers) for hit in hits
    )


def _facts_missing(hits: Iterable[Hit], facts: dict[str, Any]) -> list[str]:
    names: dict[str, None] = {}
    for hit in hits:
        entry = hit.entry
        if entry.covered(facts) in (NO, ASK):
            root = kinds().by_id[entry.covers[0]].root
            names["technology" if root == "technology" else "substance" if root == "substance" else "article"] = None
            continue
        for node in entry.nodes():
            for name in missing(node, facts):
                names[name] = None
    return list(names)


def _essential(line: LineAnswer, hits: Sequence[Hit], names: list[str], nodes: list[lang.Node]) -> list[str]:
    """Facts whose value can turn the answer, for some values of the others."""
    if len(names) <= 1:
        return names
    values = {name: _values(name, nodes) for name in names}
    draw = random.Random(0)
    turning: set[str] = set()
    trials = [dict.fromkeys(names, None) | {n: values[n][t % len(values[n])] for n in names} for t in range(3)]
    trials += [{name: draw.choice(values[name]) for name in names} for _ in range(TRIALS)]
    without_news = 0
    for trial in trials:
        if len(turning) == len(names) or without_news > QUIET_TRIALS:
            break
        known = len(turning)
        for name in names:
            if name in turning:
                continue
            outcomes = {_would_be(line, hits, {**trial, name: value}) for value in values[name]}
            if len(outcomes) > 1:
                turning.add(name)
        without_news = 0 if len(turning) > known else without_news + 1
    return [name for name in names if name in turning] or names


def _would_be(line: LineAnswer, hits: Sequence[Hit], answers: dict[str, Any]) -> tuple[bool, bool]:
    facts = {**line.facts, **{name: value for name, value in answers.items() if value is not None}}
    follow(facts)
    said = [(hit, hit.entry.judge(facts, hit.entry.covered(facts))) for hit in hits]
    settled = [hit for hit in line.hits if hit.facts_say != ASK]
    bound = uncertain = False
    for possible in line.possible:
        if possible.rank < LICENCE:
            continue
        when = possible.rule.test(facts)
        best = max((value for hit, value in said if hit.entry.code in possible.rule.codes), default=NO)
        best = max([best, *(hit.facts_say for hit in settled if hit.entry.code in possible.rule.codes)])
        value = min(when, best if not possible.rule.alone else when)
        bound = bound or value > OPEN
        uncertain = uncertain or value == OPEN
    return bound, uncertain


def _values(name: str, nodes: Iterable[lang.Node]) -> list[Any]:
    """Answers on either side of every limit that the fact meets."""
    parameter = parameter_of(name)
    limits: list[Any] = []
    for node in nodes:
        for part in lang.parts_of(node):
            if isinstance(part, lang.Compare) and part.fact == name:
                limits.append(part.value)
            elif isinstance(part, lang.Among) and part.fact == name:
                limits += part.values
    if parameter.type == "yes_no":
        return [True, False]
    if parameter.type == "choice":
        return list(dict.fromkeys([*(str(limit) for limit in limits), *parameter.values]))[:6]
    numbers = sorted({limit for limit in limits if isinstance(limit, float)})
    if not numbers:
        return [1.0, 1000.0]
    return [numbers[0] / 2, *numbers, *(n * 1.0001 for n in numbers), numbers[-1] * 2]


def _kind_question(line: LineAnswer, hits: Sequence[Hit], fact: str) -> Question:
    net = kinds()
    parameter = parameter_of(fact)
    covers = [kind for hit in hits for kind in hit.entry.covers]
    stated = line.facts.get("substance") or line.facts.get("article")
    named = list(dict.fromkeys(kind for kind in covers if stated is None or net.relation(stated, kind)))
    named = named or list(dict.fromkeys(covers))
    allowed = tuple(named[:MANY])
    more = f" or one of {len(named) - MANY} others" if len(named) > MANY else ""
    return Question(
        line.number,
        fact,
        f"What exactly are the goods: {', '.join(net.by_id[kind].name for kind in allowed)}{more}, or something else?"
        if fact != "technology"
        else f"What is the technology for: {', '.join(net.by_id[kind].name for kind in allowed)}{more}, or something else?",
        f"{parameter.zh}："
        + "、".join((net.by_id[kind].zh or net.by_id[kind].names)[0] for kind in allowed)
        + "，或其他？",
        "",
        (*allowed, "other"),
        "a customs number only points; what the goods are decides" if line.pointed_only else parameter.why,
        tuple(dict.fromkeys(hit.entry.code for hit in hits))[:MANY],
    )


def _question(line: LineAnswer, name: str, hits: Sequence[Hit]) -> Question:
    parameter = parameter_of(name)
    asking = [hit.entry for hit in hits if any(name in missing(node, line.facts) for node in hit.entry.nodes())]
    limits = [
        lang.show(part)
        for entry in asking
        for node in entry.nodes()
        for part in lang.parts_of(node)
        if isinstance(part, lang.Compare | lang.Among) and part.fact == name and compile_node(part)(line.facts) == ASK
    ]
    element = name.partition(".")[2] if name.startswith("content_wt_pct.") else ""
    subject = f"share of {element} by weight" if element else parameter.en
    return Question(
        line.number,
        name,
        _wording(parameter, subject),
        f"{element + ' ' if element else ''}{parameter.zh}？",
        parameter.unit,
        _allowed(parameter),
        f"{', '.join(dict.fromkeys(entry.code for entry in asking))}: {'; '.join(dict.fromkeys(limits))}"
        if limits
        else parameter.why,
        tuple(dict.fromkeys(entry.code for entry in asking)),
    )


def _wording(parameter: Parameter, subject: str) -> str:
    match parameter.type:
        case "yes_no":
            return f"Is this so: {subject}?"
        case "choice":
            return f"{subject[0].upper()}{subject[1:]}: which?"
        case _:
            return f"What is the {subject}{f', in {parameter.unit}' if parameter.unit else ''}?"


def _allowed(parameter: Parameter) -> tuple[str, ...]:
    match parameter.type:
        case "yes_no":
            return ("yes", "no")
        case "choice":
            return parameter.values
        case _:
            return ("a number of 0 or more", "a range such as [low, high]")
