"""A move on a case or on a licence: checked against the table, then made. Nothing here writes; what changed is returned."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple

from orepass.errors import NotPossible
from orepass.law.timeline import Law
from orepass.licences import bodies, guards, moves
from orepass.licences.application import Application, asked
from orepass.licences.case import Actor, Advice, Case, Decision, Determined, Flag, Paper, Pause, Question
from orepass.licences.determined import make
from orepass.licences.facts import china_day, flag_kinds, kinds, machines
from orepass.licences.guards import Scene, longest_to
from orepass.licences.licence import Allowance, Licence, Turn


class Changed(NamedTuple):
    """A case after a move, and the licences that the move made or changed."""

    case: Case
    licences: tuple[Licence, ...] = ()


def opened(application: Application, actor: Actor, at: datetime, case_id: str) -> Case:
    """A new case in draft."""
    return Case(
        id=case_id,
        organisation=actor.organisation,
        state="draft",
        version=1,
        application=application,
        opened_at=at,
        opened_by=actor.account,
    )


def move_case(name: str, scene: Scene, licence_id: str = "") -> Changed:
    """Make a move on a case.

    Parameters
    ----------
    name
        A move of the table.
    scene
        The case, what the move is told, who makes it, when, under which law.
    licence_id
        The number of the licence that a grant would make.

    Raises
    ------
    NotAllowed
        When the account may not.
    NotPossible
        When the state of the case or something that must be so before stands against it.
    """
    move, scene = moves.find("case", name), scene._replace(move=name)
    moves.permit(move, scene.actor, scene.case.organisation)
    moves.leaves(move, scene.case.state, f"Case {scene.case.id}")
    if scene.body.version is not None and scene.body.version != scene.case.version:
        raise NotPossible(
            f"Case {scene.case.id} has changed since you saw version {scene.body.version}; it is at {scene.case.version}: look again."
        )
    if name in _ASKS_THE_LAW:
        scene = scene._replace(case=determined(scene.case, scene.law, scene.at))
    for need in move.needs:
        against = guards.guard(need)(scene)
        if against:
            raise NotPossible(against)
    changed = _DEEDS[name](scene, licence_id)
    case = changed.case
    if move.target:
        case = case.model_copy(update={"state": move.target})
        if move.target in machines()["case"].ended:
            case = case.model_copy(update={"ended_at": scene.at, "pauses": _ended(case.pauses, scene.at)})
    return Changed(case.model_copy(update={"version": scene.case.version + 1}), changed.licences)


_ASKS_THE_LAW = frozenset({"submit", "accept", "determine", "grant", "refuse", "answer", "no_licence_needed"})
"""Moves before which the law of the day is asked anew."""


def determined(case: Case, law: Law, at: datetime) -> Case:
    """The case with a determination of the day, where the last one is of another day, of other goods or by another rule book.

    Flags that follow from it are raised, and those of the one before that no longer do are gone.
    """
    if not case.application.goods:
        return case
    day = china_day(at)
    question = asked(case.application, day)
    last = case.last_determined
    if last and last.rulebook == law.version and last.asked == {**question, "known": day.isoformat()}:
        return case
    now = make(question, law, at, day, day)
    changed = last is not None and (last.outcome, last.conditions, last.lines) != (
        now.outcome,
        now.conditions,
        now.lines,
    )
    by_law = changed and case.state == "accepted" and last is not None and _same_words(last.asked, now.asked)
    flags = _flags_after(
        case,
        now,
        f"{last.outcome} on {last.on}, {now.outcome} on {now.on}" if by_law and last else "",
        at,
        changed=changed,
    )
    return case.model_copy(update={"determined": (*case.determined, now), "flags": flags})


def _same_words(before: Mapping[str, object], now: Mapping[str, object]) -> bool:
    """Whether two questions differ in their day alone, so that another answer comes from the law."""
    return {**before, "date": "", "known": ""} == {**now, "date": "", "known": ""}


def _flags_after(case: Case, now: Determined, law_changed: str, at: datetime, *, changed: bool) -> tuple[Flag, ...]:
    """The flags of a case after a determination: those of persons and those that were cleared stay, those of the desk follow the law.

    A flag that was cleared is not raised again while the answer stays the same.
    """
    stays = [
        flag for flag in case.flags if flag.cleared_at or flag.raised_by != moves.DESK or flag.kind == "law_changed"
    ]
    open_now = {flag.kind for flag in stays if flag.cleared_at is None}
    cleared: set[str] = set() if changed else {flag.kind for flag in stays if flag.cleared_at is not None}
    before = {flag.kind: flag for flag in case.open_flags}
    for kind in flag_kinds().values():
        note = law_changed if kind.changed else ", ".join(now.likely_parties) if kind.likely_parties else ""
        raised = now.outcome in kind.outcomes or not kind.conditions.isdisjoint(now.conditions) or bool(note)
        if raised and kind.id not in open_now and kind.id not in cleared:
            stays.append(before.get(kind.id) or Flag(kind=kind.id, note=note, raised_at=at, raised_by=moves.DESK))
    return tuple(stays)


# What each move does


def _change(scene: Scene, _: str) -> Changed:
    assert isinstance(scene.body, bodies.Change)
    return Changed(scene.case.model_copy(update={"application": scene.body.application}))


def _file(scene: Scene, _: str) -> Changed:
    body = scene.body
    assert isinstance(body, bodies.File)
    paper = Paper(
        kind=body.kind,
        title=body.title,
        sha256=body.sha256,
        size=body.size,
        media=body.media,
        party=body.party,
        filed_at=scene.at,
        filed_by=scene.actor.account,
    )
    return Changed(scene.case.model_copy(update={"papers": (*scene.case.papers, paper)}))


def _submit(scene: Scene, _: str) -> Changed:
    return Changed(scene.case.model_copy(update={"submitted_at": scene.at, "returned_because": ""}))


def _give_back(scene: Scene, _: str) -> Changed:
    assert isinstance(scene.body, bodies.Because)
    return Changed(scene.case.model_copy(update={"returned_because": scene.body.reason}))


def _accept(scene: Scene, _: str) -> Changed:
    """The clock starts; a licence that is to change is not used from now on."""
    case = scene.case.model_copy(update={"accepted_at": scene.at})
    if scene.licence is None or scene.licence.state != "in_force":
        return Changed(case)
    stopped = scene.licence.turned("stopped", scene.at, moves.DESK, f"case {case.id} would change it")
    return Changed(case, (stopped,))


def _ask(scene: Scene, _: str) -> Changed:
    assert isinstance(scene.body, bodies.Ask)
    case = scene.case
    question = Question(
        id=len(case.questions) + 1, text=scene.body.text, asked_at=scene.at, asked_by=scene.actor.account
    )
    pauses = case.pauses
    if not case.open_questions:
        pauses = (*pauses, Pause(kind="question", since=scene.at))
    return Changed(case.model_copy(update={"questions": (*case.questions, question), "pauses": pauses}))


def _reply(scene: Scene, _: str) -> Changed:
    body, case = scene.body, scene.case
    assert isinstance(body, bodies.Reply)
    application = case.application
    if body.facts:
        goods = list(application.goods)
        for stated in body.facts:
            if stated.line > len(goods):
                raise NotPossible(f"There is no good {stated.line} in {case.id}.")
            good = goods[stated.line - 1]
            goods[stated.line - 1] = good.model_copy(update={"facts": {**good.facts, **stated.facts}})
        application = application.model_copy(update={"goods": tuple(goods)})
    if body.parties is not None:
        if [(p.role, p.name, p.country) for p in body.parties] != [
            (p.role, p.name, p.country) for p in application.parties
        ]:
            raise NotPossible("A reply may say more of a party, not change who it is; withdraw and apply anew.")
        application = application.model_copy(update={"parties": body.parties})
    questions = tuple(
        question.model_copy(update={"answer": body.text, "answered_at": scene.at})
        if question.id == body.question
        else question
        for question in case.questions
    )
    case = case.model_copy(update={"questions": questions, "application": application})
    if not case.open_questions:
        case = case.model_copy(update={"pauses": _ended(case.pauses, scene.at, "question")})
    if body.facts or body.parties is not None:
        case = determined(case, scene.law, scene.at)
    return Changed(case)


def _ended(pauses: tuple[Pause, ...], at: datetime, kind: str | None = None) -> tuple[Pause, ...]:
    return tuple(
        pause.model_copy(update={"until": at}) if pause.until is None and kind in {None, pause.kind} else pause
        for pause in pauses
    )


def _pause(scene: Scene, _: str) -> Changed:
    assert isinstance(scene.body, bodies.StopClock)
    pause = Pause(kind=scene.body.kind, note=scene.body.note, since=scene.at)
    return Changed(scene.case.model_copy(update={"pauses": (*scene.case.pauses, pause)}))


def _resume(scene: Scene, _: str) -> Changed:
    assert isinstance(scene.body, bodies.RunClock)
    return Changed(scene.case.model_copy(update={"pauses": _ended(scene.case.pauses, scene.at, scene.body.kind)}))


def _flag(scene: Scene, _: str) -> Changed:
    body = scene.body
    assert isinstance(body, bodies.Raise)
    flag = Flag(kind=body.kind, note=body.note, raised_at=scene.at, raised_by=scene.actor.account)
    return Changed(scene.case.model_copy(update={"flags": (*scene.case.flags, flag)}))


def _unflag(scene: Scene, _: str) -> Changed:
    body = scene.body
    assert isinstance(body, bodies.Clear)
    cleared = {"cleared_at": scene.at, "cleared_by": scene.actor.account, "cleared_because": body.reason}
    flags = tuple(
        flag.model_copy(update=cleared) if flag.kind == body.kind and flag.cleared_at is None else flag
        for flag in scene.case.flags
    )
    return Changed(scene.case.model_copy(update={"flags": flags}))


def _advise(scene: Scene, _: str) -> Changed:
    body = scene.body
    assert isinstance(body, bodies.Advise)
    advice = Advice(
        id=len(scene.case.advice) + 1,
        subject=body.subject,
        recommends=body.recommends,
        text=body.text,
        at=scene.at,
        by=scene.actor.account,
    )
    return Changed(scene.case.model_copy(update={"advice": (*scene.case.advice, advice)}))


def _countersign(scene: Scene, _: str) -> Changed:
    body = scene.body
    assert isinstance(body, bodies.Countersign)
    signed = {"signed_at": scene.at, "signed_by": scene.actor.account, "agreed": body.agrees, "note": body.note}
    advice = tuple(part.model_copy(update=signed) if part.id == body.advice else part for part in scene.case.advice)
    return Changed(scene.case.model_copy(update={"advice": advice}))


def _grant(scene: Scene, licence_id: str) -> Changed:
    body, case = scene.body, scene.case
    assert isinstance(body, bodies.Grant)
    kind = kinds()[case.application.kind]
    if kind.gives == "amendment":
        assert scene.licence is not None
        licence = _amended(scene.licence, scene)
        return Changed(
            _decided(scene, "granted", body.reason, conditions=body.conditions, licence=licence.id), (licence,)
        )
    start = body.valid_from or scene.day
    licence = Licence(
        id=licence_id,
        kind=case.application.kind,
        organisation=case.organisation,
        case=case.id,
        state="in_force",
        version=1,
        issued_at=scene.at,
        valid_from=start,
        valid_to=body.valid_to or longest_to(case.application.kind, start),
        to=case.application.to,
        parties=case.application.parties,
        end_use=case.application.end_use.text,
        contract=case.application.contract,
        conditions=body.conditions,
        special_approval=any(paper.kind == "special_approval" for paper in case.papers),
        allowances=_allowances(scene),
        turns=(Turn(state="in_force", at=scene.at, by=scene.actor.account),),
    )
    case = _decided(scene, "granted", body.reason, conditions=body.conditions, licence=licence.id)
    if scene.licence is None:
        return Changed(case, (licence,))
    old = scene.licence.turned("replaced", scene.at, moves.DESK, f"licence {licence.id} takes its place")
    return Changed(case, (licence, old))


def _allowances(scene: Scene) -> tuple[Allowance, ...]:
    body, case = scene.body, scene.case
    assert isinstance(body, bodies.Grant)
    found = case.last_determined
    parts = {part.line: part for part in body.allowed}
    made: list[Allowance] = []
    for line, good in enumerate(case.application.goods, 1):
        if parts and line not in parts:
            continue
        part = parts.get(line)
        codes = [*(found.lines[line - 1].codes if found else ()), *([good.entry] if good.entry else [])]
        if not codes and found:
            codes = list(found.lines[line - 1].candidates)
        made.append(
            Allowance(
                line=line,
                description=good.description,
                codes=tuple(dict.fromkeys(codes)),
                hs=good.hs,
                quantity=part.quantity if part and part.quantity is not None else good.quantity,
                unit=good.unit,
                value=part.value if part and part.value is not None else good.value,
                currency=good.currency,
            )
        )
    return tuple(made)


def _amended(licence: Licence, scene: Scene) -> Licence:
    changes = scene.case.application.changes
    assert changes is not None
    new = licence
    if changes.consignee is not None:
        others = tuple(party for party in licence.parties if party.role != "consignee")
        new = new.model_copy(update={"parties": (*others, changes.consignee)})
    if changes.contract is not None:
        new = new.model_copy(update={"contract": changes.contract})
    for name in ("quantity", "value"):
        amounts = getattr(changes, name)
        if amounts is not None:
            pairs = zip(new.allowances, amounts, strict=True)
            new = new.model_copy(
                update={"allowances": tuple(part.model_copy(update={name: amount}) for part, amount in pairs)}
            )
    return new.turned("in_force", scene.at, scene.actor.account, f"amended by case {scene.case.id}")


def _refuse(scene: Scene, _: str) -> Changed:
    """A refusal. A licence that the case would have changed stays stopped until an officer lets it be used again."""
    assert isinstance(scene.body, bodies.Because)
    return Changed(_decided(scene, "refused", scene.body.reason))


def _answer(scene: Scene, _: str) -> Changed:
    body = scene.body
    assert isinstance(body, bodies.Answer)
    return Changed(_decided(scene, "answered", body.reason, controlled=body.controlled, codes=body.codes))


def _no_licence_needed(scene: Scene, _: str) -> Changed:
    assert isinstance(scene.body, bodies.Because)
    return Changed(_decided(scene, "not_needed", scene.body.reason))


def _discard(scene: Scene, _: str) -> Changed:
    assert isinstance(scene.body, bodies.Discard)
    sha = scene.body.sha256
    papers = tuple(
        paper.model_copy(update={"discarded_at": scene.at}) if paper.sha256 == sha else paper
        for paper in scene.case.papers
    )
    return Changed(scene.case.model_copy(update={"papers": papers}))


def _as_it_is(scene: Scene, _: str) -> Changed:
    return Changed(scene.case)


def _decided(scene: Scene, result: str, reason: str, **more: object) -> Case:
    decision = Decision.model_validate(
        {
            "result": result,
            "at": scene.at,
            "by": scene.actor.account,
            "reason": reason,
            "rulebook": scene.law.version,
            **more,
        }
    )
    return scene.case.model_copy(update={"decision": decision})


_DEEDS: dict[str, Callable[[Scene, str], Changed]] = {
    "change": _change,
    "file": _file,
    "submit": _submit,
    "give_back": _give_back,
    "accept": _accept,
    "ask": _ask,
    "reply": _reply,
    "pause": _pause,
    "resume": _resume,
    "determine": _as_it_is,
    "flag": _flag,
    "unflag": _unflag,
    "advise": _advise,
    "countersign": _countersign,
    "grant": _grant,
    "refuse": _refuse,
    "answer": _answer,
    "no_licence_needed": _no_licence_needed,
    "withdraw": _as_it_is,
    "discard": _discard,
}
