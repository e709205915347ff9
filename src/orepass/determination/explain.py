"""An answer in words: why, what nearly applied and by how much, and what could still raise it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from orepass.determination.logic import ASK, NO, OPEN, OPEN_FACT, YES, Finding, compile_node, findings, value_text
from orepass.determination.questions import MANY
from orepass.determination.rulebook import LICENCE, RANK, CompiledEntry, Hit
from orepass.goods.parameters import Interval, parameter_of
from orepass.law import language as lang
from orepass.law.model import DUAL_USE, State
from orepass.law.windows import Standing

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
            if 0 <= possible.rank < max(floor, LICENCE):
                continue
            added = [c for c in possible.rule.conditions if c not in line.conditions]
            if possible.rank == floor and not added:
                continue
            if possible.rank < 0 and not (possible.value == ASK and any(h.facts_say == ASK for h in line.hits)):
                continue
            outcome = possible.rule.rule.outcome or line.outcome
            law = possible.value == OPEN
            found[possible.rule.rule.id, line.number] = CouldBe(
                outcome,
                possible.rule.conditions,
                _hangs(line, possible),
                possible.rule.rule.id,
                "law" if law else "facts",
                line.number,
            )
    return sorted(found.values(), key=lambda c: (c.line, -RANK[c.outcome], c.rule))


def _hangs(line: LineAnswer, possible: Possible) -> str:
    rule = possible.rule
    parts: list[str] = []
    when = rule.test(line.facts)
    if when in (ASK, OPEN):
        parts.append(unsettled(rule.rule.when, line.facts, when))
        if any(line.facts.get(name) is OPEN_FACT for name in rule.asks):
            parts[-1] = f"the listing still holds ({parts[-1]}; no text says what followed its pause)"
    reached = [hit for hit in line.hits if hit.entry.code in rule.codes]
    if reached and max(hit.value for hit in reached) == ASK:
        asking = [hit for hit in reached if hit.facts_say == ASK]
        if len(asking) > MANY:
            parts.append(f"the goods are of one of {len(asking)} entries")
        else:
            parts.append(" or ".join(_item_condition(hit, line.facts) for hit in asking))
    elif reached and max(hit.value for hit in reached) == OPEN:
        parts.append(
            "the entry holds: " + "; ".join(dict.fromkeys(_open_entry(hit) for hit in reached if hit.value == OPEN))
        )
    if rule.open_law:
        parts.append(
            f"{rule.rule.id} is in force again: the text that suspended it has run out and none that follows was found"
        )
    return " and ".join(part for part in parts if part) or "the rule reaches these goods"


def _open_entry(hit: Hit) -> str:
    entry = hit.entry
    if entry.open_law:
        return f"{entry.code}: {state_words(entry)}"
    return f"{entry.code}: a limit of it could not be read"


def state_words(entry: CompiledEntry) -> str:
    """Why the state of an entry is not known."""
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
        f"{f.text} (here {value_text(f.actual)})"
        for f in (findings(entry.node, facts) if entry.node else [])
        if f.value == YES and f.actual is not None
    ]
    return "; ".join([entry.entry.name.en, *met])


def near_misses(line: LineAnswer, determination: Determination) -> list[NearMiss]:
    """Entries that nearly applied: by a limit, by an exclusion, or because they do not operate on the day."""
    out: list[NearMiss] = []
    for entry, covered in line.failed:
        if entry.entry.list != DUAL_USE or line.known.kind != entry.entry.kind:
            continue
        if covered != YES and not entry.excluded_by(line.facts):
            continue
        near = _near(entry, line.facts)
        if near is not None:
            out.append(near)
    if not line.pointed_only:
        for entry in determination.book.quiet_matches(line.facts, line.known.kind):
            covered = entry.covered(line.facts)
            if covered == YES and entry.judge(line.facts, covered) not in (NO, ASK):
                standing = entry.standing
                out.append(NearMiss(entry.code, entry.entry.name.en, _not_operating(standing), ()))
    return out


def _not_operating(standing: Standing) -> str:
    if standing.state is State.SUSPENDED:
        return f"suspended by {standing.by}" + (f" to {standing.until}" if standing.until else "")
    return f"announced by {standing.by}, not in force before {standing.until}"


def _near(entry: CompiledEntry, facts: dict[str, Any]) -> NearMiss | None:
    exclusion = entry.excluded_by(facts)
    if exclusion is not None:
        by = exclusion.by or "the entry itself"
        return NearMiss(entry.code, entry.entry.name.en, f"excluded by {by}: {lang.show(exclusion.node)}", ())
    if entry.node is None or not entry.speaks_of(facts):
        return None
    failed = _failing(entry.node, facts)
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
