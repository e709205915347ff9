"""An answer in words: why, what nearly applied and by how much, what could still raise it, what was assumed, which papers, how long."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from orepass.determination.logic import ASK, NO, OPEN, OPEN_FACT, YES, Finding, compile_node, findings, value_text
from orepass.determination.questions import questions_of
from orepass.determination.rulebook import LICENCE, RANK, CompiledEntry, Hit
from orepass.goods.kinds import kinds
from orepass.goods.line import HIDDEN, MAY_HOLD, NAMED_ELEMENTS
from orepass.goods.parameters import Interval, parameter_of
from orepass.law import language as lang
from orepass.law.calendar import due_day
from orepass.law.model import DUAL_USE, State

if TYPE_CHECKING:
    from orepass.determination.determine import Determination, LineAnswer, Possible


class CouldBe(NamedTuple):
    """What could still raise the answer: by which rule, and the fact or the open point of law on which it hangs."""

    outcome: str
    conditions: tuple[str, ...]
    condition: str
    rule: str
    hangs_on: str
    line: int

    def to_dict(self) -> dict[str, Any]:
        """The possibility as JSON carries it."""
        return {
            "outcome": self.outcome,
            "conditions": list(self.conditions),
            "if": self.condition,
            "rule": self.rule,
            "hangs_on": self.hangs_on,
            "line": self.line,
        }


class NearMiss(NamedTuple):
    """An entry that nearly applied, and what kept it from applying."""

    code: str
    name: str
    why: str
    by: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The near miss as JSON carries it."""
        return {"code": self.code, "name": self.name, "why": self.why, "by": list(self.by)}


def unsettled(node: lang.Node, facts: dict[str, Any], wanted: int) -> str:
    """The part of a condition that is still not settled, as text."""

    def rest(part: lang.Node) -> str:
        match part:
            case lang.All(parts):
                kept = [rest(p) for p in parts if compile_node(p)(facts) != YES]
                return kept[0] if len(kept) == 1 else " and ".join(f"({k})" if " or " in k else k for k in kept)
            case lang.Any(parts):
                kept = [rest(p) for p in parts if compile_node(p)(facts) in (ASK, OPEN)]
                return " or ".join(kept)
            case lang.Compare(fact, "==", bool() as value):
                return f"{fact} = {str(value).lower()}"
            case _:
                return lang.show(part)

    return rest(node) if compile_node(node)(facts) == wanted else ""


def could_be(determination: Determination) -> list[CouldBe]:
    """What could still raise the outcome, most restrictive first."""
    found: dict[tuple[str, int], CouldBe] = {}
    for line in determination.lines:
        floor = max((rule.rank for rule in line.holding), default=0)
        for possible in line.possible:
            if possible.rank < max(floor, LICENCE if possible.rank >= 0 else -1):
                continue
            added = [c for c in possible.rule.conditions if c not in line.conditions]
            if possible.rank == floor and not added:
                continue
            if possible.rank < 0 and not (possible.value == ASK and any(h.facts_say == ASK for h in line.hits)):
                continue
            outcome = possible.rule.rule.outcome or line.outcome
            law = possible.value == OPEN
            found[possible.rule.rule.id, line.number] = CouldBe(
                outcome, possible.rule.conditions, _hangs(line, possible), possible.rule.rule.id, "law" if law else "facts", line.number
            )
    return sorted(found.values(), key=lambda c: (c.line, -RANK[c.outcome], c.rule))


def _hangs(line: LineAnswer, possible: Possible) -> str:
    rule = possible.rule
    parts: list[str] = []
    when = rule.test(line.facts)
    if when in (ASK, OPEN):
        parts.append(unsettled(rule.rule.when, line.facts, when))
        if any(value is OPEN_FACT for value in line.facts.values()):
            parts[-1] = f"the listing still holds ({parts[-1]}; no text says what followed its pause)"
    reached = [hit for hit in line.hits if hit.entry.code in rule.codes]
    if reached and max(hit.value for hit in reached) == ASK:
        parts.append(" or ".join(_item_condition(hit, line.facts) for hit in reached if hit.facts_say == ASK))
    elif reached and max(hit.value for hit in reached) == OPEN:
        parts.append("the entry holds: " + "; ".join(dict.fromkeys(_open_entry(hit) for hit in reached if hit.value == OPEN)))
    if rule.open_law:
        parts.append(f"{rule.rule.id} is in force again: the text that suspended it has run out and none that follows was found")
    return " and ".join(part for part in parts if part) or "the rule reaches these goods"


def _open_entry(hit: Hit) -> str:
    entry = hit.entry
    if entry.open_law:
        return f"{entry.code}: {_state_words(entry)}"
    return f"{entry.code}: a limit of it could not be read"


def _state_words(entry: CompiledEntry) -> str:
    standing = entry.standing
    if standing.by:
        text = f"the suspension by {standing.by} ended on {standing.until} and no later text was found"
        return text + (f" ({standing.policy_intent})" if standing.policy_intent else "")
    return standing.note or "the law of that time was not read"


def _item_condition(hit: Hit, facts: dict[str, Any]) -> str:
    entry = hit.entry
    if entry.covered(facts) == ASK:
        return f"the goods are of {entry.code} ({entry.entry.name.en})"
    if entry.node is not None and entry.limits is not None and entry.limits(facts) == ASK:
        return f"{entry.code}: {unsettled(entry.node, facts, ASK)}"
    return f"{entry.code}: no exclusion applies"


def why(hit: Hit, facts: dict[str, Any]) -> str:
    """Why an entry holds the goods: its name, and each limit with the value that met it."""
    entry = hit.entry
    met = [
        f"{f.text} (here {value_text(f.actual)})" for f in (findings(entry.node, facts) if entry.node else []) if f.value == YES and f.actual is not None
    ]
    return "; ".join([entry.entry.name.en, *met])


def near_misses(line: LineAnswer, determination: Determination) -> list[NearMiss]:
    """Entries that nearly applied: by a limit, by an exclusion, or because they do not operate on the day."""
    out: list[NearMiss] = []
    for entry, covered in line.failed:
        if entry.entry.list != DUAL_USE or covered != YES or line.known.kind != entry.entry.kind:
            continue
        near = _near(entry, line.facts)
        if near is not None:
            out.append(near)
    for code, on in determination.book.quiet.items():
        if on.entry.list != DUAL_USE or on.entry.kind != line.known.kind or not on.entry.covers or line.pointed_only:
            continue
        entry = CompiledEntry(on, on.entry.covers, ())
        covered = entry.covered(line.facts)
        if covered == YES and entry.judge(line.facts, covered) not in (NO, ASK):
            out.append(NearMiss(code, on.entry.name.en, _not_operating(on.standing.state, on.standing.by, on.standing.until), ()))
    return out


def _not_operating(state: State, by: str, until: date | None) -> str:
    if state is State.SUSPENDED:
        return f"suspended by {by}" + (f" to {until}" if until else "")
    return f"announced by {by}, not in force before {until}"


def _near(entry: CompiledEntry, facts: dict[str, Any]) -> NearMiss | None:
    for test, firm, exclusion in entry.exclusions:
        if firm and test(facts) == YES:
            by = exclusion.by or "the entry itself"
            return NearMiss(entry.code, entry.entry.name.en, f"excluded by {by}: {lang.show(exclusion.node)}", ())
    if entry.node is None:
        return None
    failed = _failing(entry.node, facts)
    if failed and all(f.fact.startswith("content_wt_pct.") and f.limit == 0.0 for f in failed) and len(entry.covers) == 1 and entry.covers[0] in {"alloy", "sputtering-target", "crystal-material", "permanent-magnet"}:
        return None
    amounts = tuple(text for text in (_amount(f) for f in failed) if text)
    return NearMiss(entry.code, entry.entry.name.en, "; ".join(_failing_text(f) for f in failed), amounts)


def _failing(node: lang.Node, facts: dict[str, Any]) -> list[Finding]:
    """The comparisons that keep the condition from holding; of alternatives, those of the nearest one."""
    value = compile_node(node)(facts)
    if value != NO:
        return []
    match node:
        case lang.All(parts):
            return [f for part in parts for f in _failing(part, facts)]
        case lang.Any(parts):
            return min((_failing(part, facts) for part in parts), key=len)
        case lang.Not(part):
            return findings(part, facts)
        case _:
            return findings(node, facts)


def _failing_text(found: Finding) -> str:
    actual = "not so" if found.actual is None else f"here {value_text(found.actual)}"
    return f"needs {found.text} ({actual})"


def _amount(found: Finding) -> str:
    """By how much a limit was missed, in its unit."""
    actual, limit = found.actual, found.limit
    if isinstance(actual, Interval):
        actual = actual.high if found.op in {">", ">="} else actual.low
    if actual.__class__ is not float or limit.__class__ is not float:
        return ""
    unit = parameter_of(found.fact).unit
    gap = abs(actual - limit)
    return f"{found.fact}: {gap:.6g} {unit}".rstrip() if gap else f"{found.fact}: exactly at the limit"


def assumed(determination: Determination) -> list[str]:
    """What was taken as true because nobody said, each in one sentence."""
    out: dict[str, None] = dict.fromkeys(determination.setting.assumed)
    transaction = determination.transaction
    if not transaction.parties:
        out["no party was named, so none was compared with the lists"] = None
    elif determination.setting.listed == ():
        out["no party was found on a list; names are compared after folding case and legal form only"] = None
    if any(line.known.kind_assumed and line.known.kind == "goods" for line in determination.lines):
        out["the lines are goods, not technology or software"] = None
    for line in determination.lines:
        for text in _line_assumptions(line):
            out[text if len(determination.lines) == 1 else f"line {line.number}: {text}"] = None
    for suspension in determination.law.facts.suspensions:
        if suspension.end == transaction.date and _touches(suspension.targets, determination):
            out[f"the last printed day of {suspension.by} ({suspension.end}) is inside the suspension ({suspension.last_day_grade})"] = None
    return list(out)


def _touches(targets: tuple[str, ...], determination: Determination) -> bool:
    """Whether a suspension stops something that would reach these goods on this route."""
    from orepass.determination.rulebook import CompiledRule

    for key, on in determination.book.law.rules.items():
        rule = on.rule
        names = {rule.instrument, *(f"{rule.instrument}#{paragraph}" for paragraph in rule.paragraphs)}
        if on.standing.state is not State.SUSPENDED or names.isdisjoint(targets) or not key:
            continue
        reached = frozenset(code for code, e in determination.book.law.entries.items() if rule.selection.reaches(e.entry))
        compiled = CompiledRule(rule, on.standing, reached)
        for line in determination.lines:
            if compiled.test(line.facts) and any(hit.entry.code in reached for hit in line.hits):
                return True
    return any(
        near.why.startswith("suspended") for line in determination.lines for near in near_misses(line, determination)
    )


def _line_assumptions(line: LineAnswer) -> list[str]:
    facts, out = line.facts, list[str]()
    if line.pointed_only and not line.hits:
        out.append(f"the customs number {line.line.hs} points to no entry and nothing else was said of the goods")
    tested = [hit.entry for hit in line.hits] + [entry for entry, covered in line.failed if covered == YES]
    asked = {name for entry in tested for node in _nodes(entry) for name in lang.facts_of(node)}
    if "article" in asked and "article" not in facts and "substance" in facts:
        out.append(f"the goods are {kinds().by_id[facts['substance']].name} as such, no named article that the law leaves out")
    named = facts.get(NAMED_ELEMENTS)
    if named is not None:
        elements = sorted(
            {name[15:] for name in asked if name.startswith("content_wt_pct.") and name not in facts}
            - set(named)
            - set(facts.get(MAY_HOLD, ()))
        )
        if elements:
            out.append(f"no {', '.join(elements)}: the goods are named without")
    rules = [r.rule.when for r in line.holding] + [p.rule.rule.when for p in line.possible]
    asked |= {name for node in rules for name in lang.facts_of(node)}
    for name in sorted(asked):
        if name in facts or name.startswith("content_wt_pct."):
            continue
        parameter = parameter_of(name)
        if parameter.assumable and parameter.of == "line":
            out.append(f"not so, since nobody said it: {parameter.en}")
    catch_all = [name for name in ("end_use.wmd", "end_use.terrorism", "end_use.security_risk_told") if name not in facts]
    if catch_all and line.outcome in {"not_controlled", "exempt"}:
        out.append("nothing is known of use for weapons of mass destruction, terrorism or a told security risk (the catch-all)")
    if facts.get("purpose") is None and any(p.startswith("CN-2025-61") for p in (r.rule.id for r in line.holding)):
        out.append("no humanitarian purpose was stated")
    return out


def _nodes(entry: CompiledEntry) -> list[lang.Node]:
    return ([entry.node] if entry.node else []) + [exclusion.node for _, _, exclusion in entry.exclusions]


def doubts(determination: Determination) -> list[str]:
    """Reservations: readings, secondary grades, limits that could not be read, conflicts between paper and facts."""
    out: dict[str, None] = {}
    for line in determination.lines:
        tested = [(hit.entry, True) for hit in line.hits] + [(entry, False) for entry, covered in line.failed if covered == YES]
        for entry, holds in tested:
            for doubt, test in entry.doubts:
                if test is None or test(line.facts) == YES:
                    out[f"{entry.code}: {doubt.says} ({doubt.grade})"] = None
            if holds:
                out |= dict.fromkeys(_limit_doubts(entry, line))
                if entry.open_law:
                    out[f"{entry.code}: {_state_words(entry)}"] = None
                grade = entry.entry.provenance.grade
                if grade not in {"primary", "translation"}:
                    out[f"{entry.code} rests on {_a(grade)} source"] = None
            for test, firm, exclusion in entry.exclusions:
                if not firm and test(line.facts) == YES:
                    out[f"{entry.code}: {exclusion.by} would leave these goods out, but it is firm only from a later day"] = None
        for rule in (*line.holding, *(p.rule for p in line.possible if p.rank >= LICENCE)):
            if rule.rule.doubt:
                out[f"{rule.rule.id}: {rule.rule.doubt}"] = None
            elif rule.rule.provenance.grade not in {"primary", "translation"} and rule in line.holding:
                out[f"{rule.rule.id} rests on {_a(rule.rule.provenance.grade)} source"] = None
        for name in line.known.conflicts:
            read, given = line.known.read[name], line.line.facts[name]
            out[f"line {line.number}: the description says {name} {value_text(read)}, the facts say {value_text(given)}; the facts were used"] = None
        if line.known.description and line.known.description.also_named:
            also = ", ".join(kinds().by_id[key].name for key in line.known.description.also_named)
            out[f"line {line.number}: the text also names {also}; a second good wants a line of its own"] = None
        if line.line.entry and line.failed:
            out[f"line {line.number}: the sender names {line.line.entry}, but the facts do not meet it"] = None
        if line.facts.get("act") in {"transit", "transshipment"}:
            out["the detailed rules on transit and transshipment were not found"] = None
    return list(out)


def _a(grade: str) -> str:
    return f"{'an' if grade[0] in 'aeiou' else 'a'} {grade}"


def _limit_doubts(entry: CompiledEntry, line: LineAnswer) -> list[str]:
    if not entry.unknown_limit:
        return []
    policy = entry.entry.when_limit_unknown
    texts = [f"{r.limit} {r.reads} by a {r.grade} source" for r in entry.entry.readings]
    reading = f"; {', '.join(texts)}" if texts else ""
    treated = "treated as needing a licence" if policy == "licence_required" else "the answer stays open"
    return [f"{entry.code}: a limit of the list could not be read, so it is neither met nor failed; {treated}{reading}: check the entry"]


def documents(determination: Determination) -> list[str]:
    """Papers and duties that ride on the answer."""
    families: set[str] = set()
    near: set[str] = set()
    leaves = determination.setting.route.movement in {"leaves_china", "given_in_china"}
    for line in determination.lines:
        for hit in line.hits:
            families |= set(hit.entry.entry.families)
            near |= {control.instrument for control in hit.entry.entry.control}
        for entry, covered in line.failed:
            if covered == YES and entry.covers[0] not in {"alloy", "sputtering-target", "crystal-material"}:
                near |= {control.instrument for control in entry.entry.control}
    out: list[str] = []
    for document in determination.book.documents:
        if document.outcomes and determination.outcome not in document.outcomes:
            continue
        if document.conditions and document.conditions.isdisjoint(determination.conditions):
            continue
        if document.families and document.families.isdisjoint(families):
            continue
        if document.instruments_near and (not leaves or document.instruments_near.isdisjoint(near)):
            continue
        if document.instruments_near and not _operates(document.instruments_near, determination):
            continue
        out.append(document.text.en)
    return out


def _operates(instruments: frozenset[str], determination: Determination) -> bool:
    """Whether a duty of these instruments operates on the day."""
    law, day = determination.law, determination.transaction.date
    known = determination.transaction.known or date.max
    return any(
        law.windows.of_target(key, "", None, None, day, known).state is State.IN_FORCE for key in instruments
    )


def clock(determination: Determination) -> dict[str, Any] | None:
    """The time for a decision: working days, from what, and the last day if the application were accepted on the transaction's day."""
    if determination.outcome not in {"licence_required", "refusal_presumed"} or "no_decision_clock" in determination.conditions:
        return None
    for rule in determination.book.law.clocks:
        if rule.id == "decision":
            due = due_day(determination.transaction.date, rule.working_days)
            return {
                "working_days": rule.working_days,
                "from": rule.starts,
                "if_accepted_on_the_day": due.day.isoformat(),
                "forecast": due.forecast,
                "not_counted": list(rule.not_counted),
                "source": f"{rule.instrument} {rule.paragraph}",
            }
    return None


def document(determination: Determination) -> dict[str, Any]:
    """The determination as the published JSON document."""
    from orepass.determination.transaction import show_value

    transaction, law = determination.transaction, determination.law
    lines: list[dict[str, Any]] = []
    for answer in determination.lines:
        read = {name: show_value(value) for name, value in answer.known.read.items() if name not in HIDDEN}
        lines.append(
            {
                "line": answer.number,
                "outcome": answer.outcome,
                "conditions": list(answer.conditions),
                "entries": [_entry(hit, answer) for hit in answer.hits if hit.entry.entry.list == DUAL_USE and hit.value != ASK],
                "candidates": [hit.entry.code for hit in answer.hits if hit.entry.entry.list == DUAL_USE and hit.value == ASK],
                "near_misses": [near.to_dict() for near in near_misses(answer, determination)],
                "read": read,
            }
        )
    return {
        "outcome": determination.outcome,
        "conditions": list(determination.conditions),
        "lines": lines,
        "reasons": [_reason(determination, reason.rule) for reason in determination.reasons],
        "could_be": [possible.to_dict() for possible in could_be(determination)],
        "assumed": assumed(determination),
        "doubts": doubts(determination),
        "questions": [question.to_dict() for question in questions_of(determination)],
        "parties": [_party(listed) for listed in determination.setting.listed],
        "documents": documents(determination),
        "clock": clock(determination),
        "law": {
            "as_of": transaction.date.isoformat(),
            "known": transaction.known.isoformat() if transaction.known else None,
            "read_to": law.facts.read_to.isoformat(),
            "rulebook": law.version,
        },
    }


def _entry(hit: Hit, answer: LineAnswer) -> dict[str, Any]:
    entry = hit.entry.entry
    return {
        "code": entry.code,
        "instrument": entry.introduced_by,
        "state": hit.entry.standing.state.value,
        "why": why(hit, answer.facts),
        "source": "; ".join(entry.provenance.sources),
        "grade": entry.provenance.grade,
    }


def _reason(determination: Determination, rule: str) -> dict[str, Any]:
    reason = next(r for r in determination.reasons if r.rule == rule)
    return {
        "rule": reason.rule,
        "instrument": reason.instrument,
        "paragraph": reason.paragraph,
        "layer": reason.layer,
        "says": reason.says,
        "zh": reason.zh,
        "source": reason.source,
        "grade": reason.grade,
    }


def _party(listed: Any) -> dict[str, Any]:
    return {
        "name": listed.asked,
        "role": listed.party.role,
        "listed_as": listed.listing.name.en,
        "list": listed.listing.list,
        "notice": listed.listing.instrument,
        "state": listed.standing.state.value,
        "bars": listed.listing.bars,
    }
