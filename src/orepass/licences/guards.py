"""What must be so before a move: one small function for each name under ``needs`` in the table of moves, named as there.

Each gives ``None``, or one sentence that says what stands against the move and what to do.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from orepass.law.timeline import Law
from orepass.licences import bodies
from orepass.licences.case import Actor, Case, Determined
from orepass.licences.facts import PaperKind, bars, china_day, duty, elements, flag_kinds, kinds, paper_kinds
from orepass.licences.licence import Licence


class Scene(NamedTuple):
    """What a move on a case is judged by. ``licence`` is the one that the case amends or replaces."""

    case: Case
    body: bodies.Body
    actor: Actor
    at: datetime
    law: Law
    licence: Licence | None
    move: str = ""

    @property
    def day(self) -> date:
        """The day of the move, in China."""
        return china_day(self.at)


LAST_YEAR = 9000
"""Days after it cannot be counted on."""
Guard = Callable[[Any], str | None]


def papers_asked(kind: str, on: date, conditions: tuple[str, ...]) -> list[PaperKind]:
    """Papers that the law asks of an application of a kind on a day, given the conditions of its determination."""
    return [
        paper
        for paper in paper_kinds().values()
        if kind in paper.kinds
        and (paper.start is None or paper.start <= on)
        and (not paper.conditions or not paper.conditions.isdisjoint(conditions))
    ]


def papers_missing(case: Case, on: date, found: Determined | None) -> list[str]:
    """Papers that are asked for and not filed; the end user's certificate for each end user."""
    conditions = found.conditions if found else ()
    missing: list[str] = []
    filed = [paper for paper in case.papers if paper.discarded_at is None]
    for asked in papers_asked(case.application.kind, on, conditions):
        mine = [paper for paper in filed if paper.kind == asked.id]
        if not asked.of_end_user:
            if not mine:
                missing.append(asked.text.en)
            continue
        users = [(place, party) for place, party in enumerate(case.application.parties, 1) if party.role == "end_user"]
        for place, party in users:
            if not any(paper.party == place or (paper.party is None and len(users) == 1) for paper in mine):
                missing.append(f"{asked.text.en} of {party.name}")
        if not users and not mine:
            missing.append(asked.text.en)
    return missing


def longest_to(kind: str, start: date) -> date | None:
    """The last day that a licence of a kind may be valid when it begins on a day."""
    months = kinds()[kind].longest
    if months is None:
        return None
    years, month = divmod(start.month - 1 + months, 12)
    year = start.year + years
    if year > date.max.year:
        return date.max
    last = calendar.monthrange(year, month + 1)[1]
    if start.day > last:  # from 29 February the year is full on the last of February
        return date(year, month + 1, last)
    return date.fromordinal(date(year, month + 1, start.day).toordinal() - 1)


# Handing in


def same_kind(scene: Scene) -> str | None:
    """A draft keeps the licence that it amends or replaces."""
    assert isinstance(scene.body, bodies.Change)
    before, after = scene.case.application, scene.body.application
    if (before.kind, before.licence, before.replaces) != (after.kind, after.licence, after.replaces):
        return "A case keeps its kind and the licence that it is about; open a new case instead."
    return None


def complete(scene: Scene) -> str | None:
    """The application says what its kind needs."""
    application = scene.case.application
    kind = kinds()[application.kind]
    if kind.gives == "amendment":
        if scene.licence is None or application.changes is None or not application.changes.named:
            return "An amendment names the licence and at least one change; fill in licence and changes."
        return None
    if not application.goods:
        return "No goods are named; add at least one to goods."
    if kind.gives == "answer":
        return None if application.why.strip() else "A consultation says why the exporter is unsure; fill in why."
    ends = [party for party in application.parties if party.role == "end_user"]
    if not ends:
        return "No end user is named; add a party with the role end_user."
    if kind.end_users == "one" and len(ends) > 1:
        return f"A {kind.name.en} is for one end user and {len(ends)} are named; ask for one licence each, or for a general licence."
    if application.to is None:
        return "The country of the end user is not named; fill in to."
    if not application.end_use.text.strip():
        return "The end use is not said; fill in end_use.text."
    if kind.causes and application.cause not in kind.causes:
        return (
            f"A {kind.name.en} is for the cases of article 19 only; fill in cause with one of {', '.join(kind.causes)}."
        )
    for place, good in enumerate(application.goods, 1):
        if good.quantity is None or not good.unit:
            return f"Good {place} has no quantity with a unit; fill in quantity and unit."
        if good.quantity <= 0:
            return f"Good {place} has a quantity of 0; fill in how much is to be shipped."
        if good.value is not None and not good.currency:
            return f"Good {place} has a value without a currency; fill in currency."
    return None


def papers_filed(scene: Scene) -> str | None:
    """Every paper that the law asks for on the day is filed."""
    missing = papers_missing(scene.case, scene.day, scene.case.last_determined)
    return f"Papers are missing: {'; '.join(missing)}; file them and hand in again." if missing else None


def not_barred(scene: Scene) -> str | None:
    """Nobody is barred from the kind."""
    application, found = scene.case.application, scene.case.last_determined
    said = application.declares.model_dump()
    for bar in bars().values():
        if application.kind not in bar.kinds:
            continue
        if (bar.says_yes and said.get(bar.says_yes)) or (found and not bar.conditions.isdisjoint(found.conditions)):
            return (
                f"Barred from a {kinds()[application.kind].name.en}: {bar.says.en} "
                f"({bar.basis.instrument} article {bar.basis.paragraph}); ask for a single licence."
            )
    return None


def amendable(scene: Scene) -> str | None:
    """An amendment changes no key element of a licence that stands."""
    changes = scene.case.application.changes
    if kinds()[scene.case.application.kind].gives != "amendment" or changes is None:
        return None
    keys = [name for name in changes.named if elements()[name]]
    if keys:
        return (
            f"A change of {', '.join(keys).replace('_', ' ')} is a change of a key element (CN-D792 article 18): "
            "open a new application with replaces set to the licence, which is then handed back."
        )
    assert scene.licence is not None
    if scene.licence.standing(scene.at) not in {"in_force", "stopped"}:
        return f"Licence {scene.licence.id} is {words(scene.licence.standing(scene.at))} and cannot be amended; open a new application."
    for name in ("quantity", "value"):
        given = getattr(changes, name)
        if given is not None and len(given) != len(scene.licence.allowances):
            goods = len(scene.licence.allowances)
            return f"The change of {name} has {len(given)} amounts and the licence has {goods} goods; give one for each, in order."
    return None


# Deciding


def reason_given(scene: Scene) -> str | None:
    """A reason is given in words."""
    reason = getattr(scene.body, "reason", "")
    return None if reason.strip() else "A reason is needed; fill in reason."


def question_open(scene: Scene) -> str | None:
    """The question is there and open."""
    assert isinstance(scene.body, bodies.Reply)
    number = scene.body.question
    if any(question.id == number for question in scene.case.open_questions):
        return None
    return f"Question {number} of {scene.case.id} is not open; open are {_numbers(q.id for q in scene.case.open_questions)}."


def no_question_open(scene: Scene) -> str | None:
    """No question waits for the applicant."""
    waiting = scene.case.open_questions
    return (
        f"The applicant has not answered question {_numbers(q.id for q in waiting)}; wait, or return to it."
        if waiting
        else None
    )


def not_paused(scene: Scene) -> str | None:
    """The clock was not stopped for an opinion, an identification or a check."""
    spans = scene.case.open_pauses
    return f"The clock is stopped for {words(spans[0].kind)}; resume it first." if spans else None


def is_paused(scene: Scene) -> str | None:
    """The clock was stopped for that."""
    assert isinstance(scene.body, bodies.RunClock)
    if any(span.kind == scene.body.kind for span in scene.case.open_pauses):
        return None
    return f"The clock is not stopped for {words(scene.body.kind)}."


def flag_raised(scene: Scene) -> str | None:
    """The flag is raised, and the papers that it takes to clear it are filed."""
    assert isinstance(scene.body, bodies.Clear)
    kind = scene.body.kind
    if not any(flag.kind == kind for flag in scene.case.open_flags):
        return f"No flag {kind!r} is raised; raised are {_listed(flag.kind for flag in scene.case.open_flags)}."
    filed = {paper.kind for paper in scene.case.papers if paper.discarded_at is None}
    lacking = [paper for paper in flag_kinds()[kind].cleared_with if paper not in filed]
    if lacking:
        return f"The flag {kind!r} is cleared only with {_listed(map(words, lacking))} on file."
    return None


def other_than_who_raised(scene: Scene) -> str | None:
    """Nobody clears a flag of their own."""
    assert isinstance(scene.body, bodies.Clear)
    kind = scene.body.kind
    if any(flag.kind == kind and flag.raised_by == scene.actor.account for flag in scene.case.open_flags):
        return "A flag is cleared by another person than the one who raised it."
    return None


def subject_exists(scene: Scene) -> str | None:
    """Advice is on an item or a party of the case, and fits what the case asks for."""
    assert isinstance(scene.body, bodies.Advise)
    subjects = scene.case.subjects
    if scene.body.subject not in subjects:
        return f"There is no {scene.body.subject!r} in {scene.case.id}; expected one of {_listed(subjects)}."
    asks = kinds()[scene.case.application.kind].gives
    fitting = ("controlled", "not_controlled") if asks == "answer" else ("grant", "refuse", "not_controlled")
    if scene.body.recommends not in fitting:
        return f"Advice on this case is {' or '.join(map(words, fitting))}."
    return None


def advice_waits(scene: Scene) -> str | None:
    """The advice is there and unsigned."""
    assert isinstance(scene.body, bodies.Countersign)
    waiting = [advice.id for advice in scene.case.advice if advice.signed_at is None]
    if scene.body.advice in waiting:
        return None
    return f"Advice {scene.body.advice} does not wait for a signature; waiting are {_numbers(waiting)}."


def other_than_who_advised(scene: Scene) -> str | None:
    """Nobody countersigns advice of their own."""
    assert isinstance(scene.body, bodies.Countersign)
    number = scene.body.advice
    if any(advice.id == number and advice.by == scene.actor.account for advice in scene.case.advice):
        return "Advice is signed by another person than the one who gave it."
    return None


def advised(scene: Scene) -> str | None:
    """There is signed advice on each item and each party."""
    lacking: list[str] = []
    for subject in scene.case.subjects:
        advice = scene.case.standing_advice(subject)
        if advice is None or not advice.agreed:
            lacking.append(subject)
    return f"Countersigned advice is missing on {', '.join(lacking)}." if lacking else None


def advice_agrees(scene: Scene) -> str | None:
    """A grant goes against no standing advice."""
    against = [
        subject
        for subject in scene.case.subjects
        if (advice := scene.case.standing_advice(subject)) is not None and advice.recommends == "refuse"
    ]
    return f"The advice on {', '.join(against)} is to refuse; new advice is needed for a grant." if against else None


def unblocked(scene: Scene) -> str | None:
    """No flag blocks what is decided."""
    deed = "answer" if scene.move == "no_licence_needed" else scene.move
    blocking = [flag.kind for flag in scene.case.open_flags if deed in flag_kinds()[flag.kind].blocks]
    if not blocking:
        return None
    told = "; ".join(f"{kind}: {flag_kinds()[kind].says.en}" for kind in blocking)
    return f"Flags block the decision ({told}); they are cleared by a countersigner, or by facts."


def gives_licence(scene: Scene) -> str | None:
    """A grant answers an application for something that can be granted."""
    if kinds()[scene.case.application.kind].gives == "answer":
        return "A consultation is answered, not granted."
    return None


def asks_licence(scene: Scene) -> str | None:
    """The case asks for a licence or its change."""
    if kinds()[scene.case.application.kind].gives == "answer":
        return "A consultation is answered; use answer."
    return None


def is_consultation(scene: Scene) -> str | None:
    """The case asks whether goods are controlled."""
    if kinds()[scene.case.application.kind].gives != "answer":
        return f"Case {scene.case.id} asks for a licence; grant it, refuse it or say that none is needed."
    return None


def determined_free(scene: Scene) -> str | None:
    """The law of the day asks for no licence."""
    found = scene.case.last_determined
    if found is None or found.outcome not in {"not_controlled", "exempt"}:
        outcome = words(found.outcome) if found else "not known"
        return f"The law of the day does not say that no licence is needed: it says {outcome}."
    return None


def within_validity(scene: Scene) -> str | None:
    """The days of a grant are within what the law allows the kind."""
    assert isinstance(scene.body, bodies.Grant)
    kind = scene.case.application.kind
    if kinds()[kind].gives == "amendment":
        if scene.body.valid_from or scene.body.valid_to or scene.body.allowed:
            return "An amendment keeps the days of the licence, and changes what it asked to change; leave days and allowed out."
        return None
    start = scene.body.valid_from or scene.day
    if start.year > LAST_YEAR:
        return f"A licence that begins in {start.year} is beyond what can be counted; expected a day up to {LAST_YEAR}."
    if start < scene.day:
        return f"A licence begins no earlier than the day of its grant ({scene.day}); {start} lies before."
    longest = longest_to(kind, start)
    end = scene.body.valid_to
    if end is not None and end < start:
        return f"The licence would end on {end}, before it begins on {start}."
    if end is not None and longest is not None and end > longest:
        return f"A {kinds()[kind].name.en} from {start} ends on {longest} at the latest; {end} is longer (CN-D792 article 15)."
    return None


def within_application(scene: Scene) -> str | None:
    """Not more is granted than was applied for."""
    assert isinstance(scene.body, bodies.Grant)
    goods = scene.case.application.goods
    lines = [part.line for part in scene.body.allowed]
    if len(set(lines)) != len(lines):
        return "A line stands twice in allowed."
    for part in scene.body.allowed:
        if part.line > len(goods):
            return f"There is no good {part.line} in {scene.case.id}."
        good = goods[part.line - 1]
        for name, given, most in (("quantity", part.quantity, good.quantity), ("value", part.value, good.value)):
            if given is not None and (given == Decimal(0) or (most is not None and given > most)):
                return f"Good {part.line} was applied for with a {name} of {most}; {given} cannot be granted."
    return None


def licence_free_to_amend(scene: Scene) -> str | None:
    """The licence that is amended or replaced can still be, and its goods at the gate are dealt with."""
    application = scene.case.application
    if not (application.licence or application.replaces) or scene.licence is None:
        return None
    if scene.licence.state not in {"in_force", "stopped"}:
        return (
            f"Licence {scene.licence.id} is {words(scene.licence.state)} by now; refuse the case or have it withdrawn."
        )
    if scene.licence.reserves:
        return f"Goods under licence {scene.licence.id} are held at the gate; they are released or taken back first."
    changes = application.changes
    if changes is not None:
        for name, drawn in (("quantity", "drawn"), ("value", "drawn_value")):
            for place, amount in enumerate(getattr(changes, name) or (), 1):
                if amount < getattr(scene.licence.allowances[place - 1], drawn):
                    return f"Of good {place} more is drawn already than the {name} of {amount} that is asked for."
    return None


def kept_long_enough(scene: Scene) -> str | None:
    """The years for which papers are kept are over, counted from the last export, the end of validity or the end of the case."""
    assert isinstance(scene.body, bodies.Discard)
    sha = scene.body.sha256
    if not any(paper.sha256 == sha and paper.discarded_at is None for paper in scene.case.papers):
        return f"Case {scene.case.id} holds no paper {sha[:12]}…."
    assert scene.case.ended_at is not None
    ends = [china_day(scene.case.ended_at)]
    if scene.licence is not None:
        ends += [day for day in (scene.licence.last_export, scene.licence.valid_to) if day is not None]
    years = duty("keep_papers")["years"]
    last = max(ends)
    free = date(last.year + years, last.month, min(last.day, calendar.monthrange(last.year + years, last.month)[1]))
    if scene.day <= free:
        return f"Papers are kept at least {years} years (CN-D792 article 27): this one until {free}."
    return None


def words(name: str) -> str:
    """A name as people write it."""
    return name.replace("_", " ")


def _numbers(numbers: Any) -> str:
    return ", ".join(map(str, numbers)) or "none"


def _listed(names: Any) -> str:
    return ", ".join(names) or "none"


def guard(name: str) -> Guard:
    """The guard of a name in the table of moves."""
    found: Guard = globals()[name]
    return found
