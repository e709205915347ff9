"""What an answer takes for granted, and what it doubts: assumptions in sentences, readings, weak grades, limits nobody could read."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from orepass.determination.explain import near_misses, state_words
from orepass.determination.logic import ASK, YES, value_text
from orepass.determination.owned import FACT, Owned
from orepass.determination.owned import owned as owned_by
from orepass.determination.questions import MANY
from orepass.determination.rulebook import LICENCE, CompiledEntry, CompiledRule
from orepass.goods.describe import describe
from orepass.goods.kinds import Relation, kinds
from orepass.goods.line import MAY_HOLD, NAMED_ELEMENTS
from orepass.goods.parameters import parameter_of
from orepass.law.model import Rule, State
from orepass.parties.ownership.holdings import percent
from orepass.parties.ownership.lookthrough import may_reach

if TYPE_CHECKING:
    from orepass.determination.determine import Determination, LineAnswer


def assumed(determination: Determination) -> list[str]:
    """What was taken as true because nobody said, each in one sentence."""
    out: dict[str, None] = dict.fromkeys(determination.setting.assumed)
    transaction = determination.transaction
    if not transaction.parties and not determination.setting.listed:
        out["no party was named, so none was compared with the lists"] = None
    elif determination.setting.listed == ():
        out["no party was found on a list, and none resembles a listed one closely enough to ask"] = None
    if any(line.known.kind_assumed and line.known.kind == "goods" for line in determination.lines):
        out["the lines are goods, not technology or software"] = None
    for line in determination.lines:
        for text in _line_assumptions(line, determination):
            out[text if len(determination.lines) == 1 else f"line {line.number}: {text}"] = None
    for suspension in determination.law.facts.suspensions:
        if suspension.end == transaction.date and _touches(suspension.targets, determination):
            out[
                f"the last printed day of {suspension.by} ({suspension.end}) is inside the suspension ({suspension.last_day_grade})"
            ] = None
    return list(out)


def _touches(targets: tuple[str, ...], determination: Determination) -> bool:
    """Whether a suspension stops something that would reach these goods on this route."""
    for key, on in determination.book.law.rules.items():
        rule = on.rule
        names = {rule.instrument, *(f"{rule.instrument}#{paragraph}" for paragraph in rule.paragraphs)}
        if on.standing.state is not State.SUSPENDED or names.isdisjoint(targets) or not key:
            continue
        reached = frozenset(
            code for code, e in determination.book.law.entries.items() if rule.selection.reaches(e.entry)
        )
        compiled = CompiledRule(rule, on.standing, reached)
        for line in determination.lines:
            if compiled.test(line.facts) and any(hit.entry.code in reached for hit in line.hits):
                return True
    return any(
        near.why.startswith("suspended") for line in determination.lines for near in near_misses(line, determination)
    )


def _line_assumptions(line: LineAnswer, determination: Determination) -> list[str]:
    facts, out = line.facts, list[str]()
    if line.pointed_only and not line.hits:
        out.append(f"the customs number {line.line.hs} points to no entry and nothing else was said of the goods")
    tested = [hit.entry for hit in line.hits] + [entry for entry, covered in line.failed if covered == YES]
    asked = {name for entry in tested for name in entry.asks}
    if "article" in asked and "article" not in facts and "substance" in facts:
        out.append(
            f"the goods are {kinds().by_id[facts['substance']].name} as such, no named article that the law leaves out"
        )
    named = facts.get(NAMED_ELEMENTS)
    if named is not None:
        elements = sorted(
            {name[15:] for name in asked if name.startswith("content_wt_pct.") and name not in facts}
            - set(named)
            - set(facts.get(MAY_HOLD, ()))
        )
        if elements:
            which = ", ".join(elements) if len(elements) <= 6 else "element that an entry asks for"
            out.append(f"no {'other ' if len(elements) > 6 else ''}{which}: the goods are named without")
    asked.update(*(rule.asks for rule in line.holding), *(possible.rule.asks for possible in line.possible))
    for name in sorted(asked):
        if name in facts or name.startswith("content_wt_pct."):
            continue
        parameter = parameter_of(name)
        if parameter.assumable and parameter.of == "line":
            out.append(f"not so, since nobody said it: {parameter.en}")
    catch_all = [
        name for name in ("end_use.wmd", "end_use.terrorism", "end_use.security_risk_told") if name not in facts
    ]
    if catch_all and line.outcome in {"not_controlled", "exempt"}:
        out.append(
            "nothing is known of use for weapons of mass destruction, terrorism or a told security risk (the catch-all)"
        )
    if "purpose" not in facts:
        held = {rule.rule.id for rule in line.holding}
        out += [f"no purpose was stated that {key} exempts" for key in _lifting_by_purpose(determination, held)]
    return out


def _lifting_by_purpose(determination: Determination, held: set[str]) -> list[str]:
    """Exemptions of the day that a stated purpose would open, of those that lift a rule that holds here."""
    return [rule.rule.id for rule in determination.book.lifting_by_purpose if not held.isdisjoint(rule.lifts)]


def doubts(determination: Determination) -> list[str]:
    """Reservations: readings, secondary grades, limits that could not be read, conflicts between paper and facts."""
    out: dict[str, None] = {}
    for line in determination.lines:
        settled = [hit for hit in line.hits if hit.value != ASK or len(line.hits) <= MANY]
        tested = [(hit.entry, True) for hit in settled] + [
            (entry, False) for entry, covered in line.failed if covered == YES
        ]
        for entry, holds in tested:
            for doubt, test in entry.doubts:
                if test is None or test(line.facts) == YES:
                    out[f"{entry.code}: {doubt.says} ({doubt.grade})"] = None
            if holds:
                out |= dict.fromkeys(_limit_doubts(entry, line))
                if entry.open_law:
                    out[f"{entry.code}: {state_words(entry)}"] = None
                grade = entry.entry.provenance.grade
                if grade not in {"primary", "translation"} and entry.binds:
                    out[f"{entry.code} rests on {_a(grade)} source"] = None
            for test, firm, exclusion in entry.exclusions:
                if not firm and test(line.facts) == YES:
                    out[
                        f"{entry.code}: {exclusion.by} would leave these goods out, but it is firm only from a later day"
                    ] = None
        for rule in (*line.holding, *(p.rule for p in line.possible if p.rank >= LICENCE)):
            if rule.rule.doubt:
                out[f"{rule.rule.id}: {rule.rule.doubt}"] = None
            elif rule.rule.provenance.grade not in {"primary", "translation"} and rule in line.holding:
                out[f"{rule.rule.id} rests on {_a(rule.rule.provenance.grade)} source"] = None
        for name in line.known.conflicts:
            read, given = line.known.read[name], line.line.facts[name]
            said = f"the description says {name} {value_text(read)}, the facts say {value_text(given)}"
            out[f"line {line.number}: {said}; the facts were used"] = None
        for conflict in line.known.description.conflicts if line.known.description else ():
            out[f"line {line.number}: {conflict.says}; only one can be so"] = None
        for flag in line.red_flags:
            sign = "a red flag" if flag.unlawful else "unusual"
            out[f"line {line.number}: customs number {flag.hs} is {sign} for these goods: {flag.says}"] = None
        if also := _other_goods(line):
            out[f"line {line.number}: the text also names {also}; a second good wants a line of its own"] = None
        if line.line.entry and line.hits and not any(hit.entry.covered(line.facts) == YES for hit in line.hits):
            out[
                f"line {line.number}: {line.line.entry} rests on the sender's word; what was said of the goods does not confirm it"
            ] = None
        if line.line.entry and line.failed:
            out[f"line {line.number}: the sender names {line.line.entry}, but the facts do not meet it"] = None
        if text := _finished(line, determination):
            out[text] = None
    out |= dict.fromkeys(_party_doubts(determination))
    return list(out)


def _other_goods(line: LineAnswer) -> str:
    """Other substances that the text names and that are not the same goods in other words."""
    description, stated = line.known.description, line.facts.get("substance")
    if description is None or stated is None:
        return ""
    net = kinds()
    other = [k for k in description.also_named if net.relation(k, stated) is Relation.APART]
    return ", ".join(net.by_id[key].name for key in other)


_MATTERS = frozenset({State.IN_FORCE, State.UNKNOWN, State.SUSPENDED, State.STOPPED})


def _party_doubts(determination: Determination) -> list[str]:
    """Names that nearly stand on a list, owners that do, names that sound military: signs for a person's look, never an answer."""
    register, found = determination.book.register, list[str]()
    for party in determination.transaction.parties:
        if party.name and not register.find(party.name):
            for near in register.hints(party.name):
                listing, standing = near.party
                if standing.state in _MATTERS and listing.id not in {*party.is_listed_as, *party.is_not_listed_as}:
                    found.append(
                        f"{party.name} ({party.role}) beside {near.listed} on the {listing.list} list ({listing.id}): "
                        f"{near.evidence.in_words()}"
                    )
        if party.name and party.military is None and describe(party.name).facts.get("end_use.military"):
            found.append(f"the name {party.name} suggests a military user, which nobody stated")
    return found + _owner_doubts(determination)


def _owner_doubts(determination: Determination) -> list[str]:
    """Owners on a list, the share that they hold together, and what is not stated of others."""
    found: list[str] = []
    rules = determination.law.rules_that_ask(FACT)
    told = {owned.party: owned for owned in determination.setting.owned}
    for party in determination.transaction.parties:
        held = told.get(party) or owned_by(party, determination.book)
        if held is None:
            continue
        found += _listed_owners(held, rules)
        if party in told:
            for rule in rules:
                found += _shares(held, rule, determination)
                found += _not_stated(held, rule, determination)
    return found


def _listed_owners(held: Owned, rules: Sequence[Rule]) -> list[str]:
    found: list[str] = []
    only_under = f"ownership counts only under {', '.join(rule.id for rule in rules) or 'no rule'}"
    for owner in held.owners:
        listing, state = owner.listing, owner.standing.state
        who = f"{owner.name}, an owner of {held.name}"
        if owner.evidence is not None:
            if owner.counts:
                found.append(
                    f"{who}, beside {listing.name.en or listing.name.zh} on the {listing.list} list ({listing.id}): "
                    f"{owner.evidence.in_words()} The greatest share counts it, the least does not; say "
                    "is_listed_as or is_not_listed_as of that owner"
                )
        elif state is State.IN_FORCE:
            found.append(f"{who}, stands on the {listing.list} list ({listing.instrument}); {only_under}")
        elif state is State.UNKNOWN:
            found.append(
                f"{who}, stood on the {listing.list} list ({listing.instrument}); no text says whether it still does; {only_under}"
            )
        elif state in {State.SUSPENDED, State.STOPPED}:
            found.append(
                f"{who}, is on the {listing.list} list ({listing.instrument}), but the measure is {state.value} on this day, "
                "so its share was not counted"
            )
    return found


def _shares(held: Owned, rule: Rule, determination: Determination) -> list[str]:
    """The share that listed owners hold, by which chain, and control told apart."""
    if not (held.listed or held.open or held.likely):
        return []
    on = determination.book.law.rules.get(rule.id)
    name = f"{rule.id} ({on.standing.state.value.replace('_', ' ')} on this day)" if on else rule.id
    found: list[str] = []
    if held.listed:
        found.append(f"{name}: {held.sure.in_words()}")
    if held.open:
        who = " and ".join(sorted(held.open))
        found.append(f"{name}, if the listing of {who} still holds: {held.verdict(held.listed | held.open).in_words()}")
    if held.likely:
        who = " and ".join(sorted(held.likely))
        found.append(
            f"{name}, if {who} is the listed party{' in each case' if len(held.likely) > 1 else ''}: {held.at_most.in_words()}"
        )
    if held.at_most.answer != "yes":
        for path in held.at_most.control:
            how = "presumed from majority holdings" if path.presumed else "as stated"
            found.append(
                f"control is no share: {' controls '.join(path.names)} ({how}); {rule.id} does not say whether control is enough"
            )
    return found


def _not_stated(held: Owned, rule: Rule, determination: Determination) -> list[str]:
    """Owners of whom nobody spoke, where the rule would apply if listed parties were among them."""
    verdict = held.at_most
    share, test = verdict.interval, verdict.test
    if verdict.answer != "undetermined" or share.answer(test.threshold, test.comparison) != "undetermined":
        return []
    if may_reach(share.hi, share.hi_open, test.threshold, test.comparison) or not _would_apply(rule, determination):
        return []
    missing = " and ".join(
        f"{percent(Fraction(held.graph.columns[held.graph.index[why.company]].rest))} of {why.company}'s owners"
        for why in verdict.because
        if why.kind == "undisclosed"
    )
    return [
        f"{missing} are not stated and were taken as not listed; if listed parties hold them, {held.name} is held up to "
        f"{percent(share.hi_if_undisclosed)} and {rule.id} applies ({rule.outcome})"
    ]


def _would_apply(rule: Rule, determination: Determination) -> bool:
    """Whether a rule operates on the day and a line is under a rule upon which it stands, and not under the rule itself."""
    compiled = next((each for each in determination.book.rules if each.rule.id == rule.id), None)
    if compiled is None:
        return False
    for line in determination.lines:
        holding = {each.rule.id for each in line.holding}
        reached = holding | {possible.rule.rule.id for possible in line.possible}
        if rule.id not in holding and not reached.isdisjoint(compiled.upon):
            return True
    return False


def _finished(line: LineAnswer, determination: Determination) -> str:
    """A finished product leaves the substances in it behind: a reading of the answers on downstream goods, not a text of its own."""
    article = line.facts.get("article")
    if article is None or kinds().by_id[article].root != "product" or line.hits or "substance" not in line.facts:
        return ""
    bare = {name: value for name, value in line.facts.items() if name != "article"}
    codes = [
        e.code for e, covered in determination.book.candidates(bare, line.known.kind) if covered == YES and e.binds
    ]
    if not codes:
        return ""
    name = kinds().by_id[article].name
    return f"line {line.number}: taken as a finished product ({name}), not as its material under {', '.join(codes)} (inferred)"


def _a(grade: str) -> str:
    return f"{'an' if grade[0] in 'aeiou' else 'a'} {grade}"


def _limit_doubts(entry: CompiledEntry, line: LineAnswer) -> list[str]:
    if not entry.unknown_limit:
        return []
    policy = entry.entry.when_limit_unknown
    texts = [f"{r.limit} {r.reads} by a {r.grade} source" for r in entry.entry.readings]
    reading = f"; {', '.join(texts)}" if texts else ""
    treated = "treated as needing a licence" if policy == "licence_required" else "the answer stays open"
    return [
        f"{entry.code}: a limit of the list could not be read, so it is neither met nor failed; {treated}{reading}: check the entry"
    ]
