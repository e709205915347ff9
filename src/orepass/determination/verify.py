"""Whether the facts hold together: forms, references, conditions, counts. What ``orepass law verify`` runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from orepass.determination.logic import compile_node
from orepass.errors import BadInput, FactError
from orepass.factfiles import read_records
from orepass.goods.kinds import kinds
from orepass.goods.parameters import parameter_of, parameters, units
from orepass.law import language as lang
from orepass.law.load import LAW_FOLDER
from orepass.law.model import Entry, LawFacts, Rule
from orepass.law.timeline import Law


class Report(NamedTuple):
    """What was verified: problems in sentences, and counts by kind and grade."""

    problems: tuple[str, ...]
    counts: dict[str, int]
    grades: dict[str, int]


def verify(law: Law, folder: Path | None = None) -> Report:
    """Check the facts of law against their schema, against each other and against the goods facts."""
    from orepass.law import schema

    facts, folder = law.facts, folder or LAW_FOLDER
    problems = [
        *schema.problems(folder),
        *_references(facts),
        *_conditions(facts),
        *_parties(facts, folder),
        *_parameters(),
    ]
    counts = {
        "sources": len(facts.sources),
        "instruments": len(facts.instruments),
        "entries": sum(entry.list == "dual-use" and entry.code != "DECLARED" for entry in facts.entries.values()),
        "items of other lists": sum(entry.list != "dual-use" for entry in facts.entries.values()),
        "rules": len(facts.rules),
        "suspensions": len(facts.suspensions),
        "repeals and stops": len(facts.endings),
        "interpretations": len(facts.interpretations),
        "listings": len(facts.listings),
        "kinds of goods": len(kinds().by_id),
        "facts that can be asked": len(parameters()),
    }
    grades = Counter(entry.provenance.grade for entry in facts.entries.values())
    return Report(tuple(problems), counts, dict(grades))


def _references(facts: LawFacts) -> Iterator[str]:
    named: list[tuple[str, tuple[str, ...]]] = [(i.id, i.provenance.sources) for i in facts.instruments.values()]
    named += [(e.code, e.provenance.sources) for e in facts.entries.values()]
    named += [(r.id, r.provenance.sources) for r in facts.rules.values()]
    named += [(s.id, s.provenance.sources) for s in facts.suspensions]
    named += [(x.id, x.provenance.sources) for x in facts.endings]
    named += [(i.id, i.provenance.sources) for i in facts.interpretations.values()]
    named += [(d.id, d.provenance.sources) for d in facts.documents]
    named += [(f"{x.instrument}/{x.number}", x.provenance.sources) for x in facts.listings]
    for record, sources in named:
        if not sources:
            yield f"{record}: no source is named."
        for source in sources:
            if source not in facts.sources:
                yield f"{record}: source {source!r} stands in no source record."
    for record, instrument in _instruments_named(facts):
        if instrument not in facts.instruments:
            yield f"{record}: instrument {instrument!r} stands in no instrument record."
    for rule in facts.rules.values():
        yield from _rule_references(rule, facts)
    for entry in facts.entries.values():
        for referral in entry.refers:
            if referral.to not in facts.entries and referral.to not in facts.list_codes:
                yield f"{entry.code}: refers to {referral.to!r}, which no list holds."
        for code in entry.produces:
            if code not in facts.entries:
                yield f"{entry.code}: produces {code!r}, which is no entry."
        for exclusion in entry.excludes:
            if exclusion.by and exclusion.by not in facts.interpretations and exclusion.by not in facts.instruments:
                yield f"{entry.code}: an exclusion names {exclusion.by!r}, which is neither interpretation nor instrument."


def _instruments_named(facts: LawFacts) -> Iterator[tuple[str, str]]:
    for entry in facts.entries.values():
        yield from ((entry.code, c.instrument) for c in entry.control if not c.unread)
    yield from ((rule.id, rule.instrument) for rule in facts.rules.values())
    for suspension in facts.suspensions:
        yield suspension.id, suspension.by
        yield from ((suspension.id, target.partition("#")[0]) for target in suspension.targets)
    yield from ((e.id, key) for e in facts.endings for key in (e.by, e.target.partition("#")[0]))
    yield from ((r.id, key) for r in facts.revivals for key in (r.by, *(t.partition("#")[0] for t in r.targets)))
    yield from ((f"{x.instrument}/{x.number}", x.instrument) for x in facts.listings)


def _rule_references(rule: Rule, facts: LawFacts) -> Iterator[str]:
    for other in (*rule.upon, *rule.lifts):
        if other not in facts.rules:
            yield f"{rule.id}: names rule {other!r}, which does not exist."
    for code in rule.selection.codes:
        if code not in facts.entries:
            yield f"{rule.id}: names entry {code!r}, which does not exist."
    families = {family for entry in facts.entries.values() for family in entry.families}
    for family in rule.selection.families - families:
        yield f"{rule.id}: names family {family!r}, to which no entry belongs."


def _conditions(facts: LawFacts) -> Iterator[str]:
    net = kinds().by_id
    for entry in facts.entries.values():
        for kind in entry.covers:
            if kind not in net:
                yield f"{entry.code}: covers {kind!r}, which is no kind of goods."
        if not entry.covers and not entry.produces:
            yield f"{entry.code}: covers nothing."
        for node in _nodes(entry):
            yield from _condition(entry.code, node)
        if any(lang.has_unknown_limit(part.node) for part in entry.limits) and not entry.when_limit_unknown:
            yield f"{entry.code}: holds an unknown limit, but when_limit_unknown does not say what it decides."
    for rule in facts.rules.values():
        yield from _condition(rule.id, rule.when)


def _nodes(entry: Entry) -> Iterator[lang.Node]:
    yield from (part.node for part in entry.limits)
    yield from (exclusion.node for exclusion in entry.excludes)
    yield from (doubt.node for doubt in entry.doubts if doubt.node)


def _condition(record: str, node: lang.Node) -> Iterator[str]:
    for part in lang.parts_of(node):
        match part:
            case lang.Compare(fact, _, value):
                values: tuple[object, ...] = (value,)
            case lang.Among(fact, values):
                pass
            case lang.IsA(kind):
                if kind not in kinds().by_id:
                    yield f"{record}: is_a({kind!r}) names no kind of goods."
                continue
            case _:
                continue
        try:
            parameter = parameter_of(fact)
        except BadInput as error:
            yield f"{record}: {error.problem}."
            continue
        for value in values:
            if isinstance(value, str) and parameter.type == "choice" and value not in parameter.values:
                yield f"{record}: {fact} is never {value!r}; its values are {', '.join(parameter.values)}."
            if isinstance(value, str) and parameter.type == "kind" and value not in kinds().by_id:
                yield f"{record}: {fact} is never {value!r}, which is no kind of goods."
            if isinstance(value, str | bool) and parameter.type == "number":
                yield f"{record}: {fact} is a number, not {value!r}."
    try:
        compile_node(node)
    except (BadInput, KeyError) as error:
        yield f"{record}: the condition cannot be compiled ({error})."


def _parties(facts: LawFacts, folder: Path) -> Iterator[str]:
    listed = Counter(listing.instrument for listing in facts.listings)
    for record in read_records(folder / "instruments.yaml"):
        wanted = record.get("parties_named", record.get("parties"))
        if wanted is not None and listed[record["id"]] != wanted:
            yield f"{record['id']}: the notice names {wanted} parties, listings.csv holds {listed[record['id']]}."


def _parameters() -> Iterator[str]:
    measured = {unit.of for unit in units()}
    for parameter in parameters().values():
        if parameter.type == "number" and parameter.unit and parameter.unit not in measured:
            yield f"{parameter.name}: unit {parameter.unit!r} stands in no unit record."


def check(folder: Path) -> Report:
    """Load and verify a folder of facts; a file that cannot be read is the one problem."""
    try:
        return verify(Law.load(folder), folder)
    except FactError as error:
        return Report((str(error),), {}, {})
