"""The table of moves is sound, and nothing but the table moves anything."""

from __future__ import annotations

import inspect
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from desk_world import (
    AUDITOR,
    AUTHORITY,
    EVERYBODY,
    EXPORTER,
    GERMANIUM,
    OFFICER,
    OTHER_EXPORTER,
    SECOND,
    World,
    application,
    sqlite_engine,
    world_of,
)
from orepass.desk.gate import Cancel, HoldGoods, Recheck, Update, Usage
from orepass.errors import NotAllowed, NotPossible, OrepassError
from orepass.law.timeline import Law
from orepass.licences import bodies, guards, licence_guards, moves, procedure
from orepass.licences.application import Application
from orepass.licences.case import Actor, Case, CaseState
from orepass.licences.declaration import DeclarationState
from orepass.licences.facts import Move, flag_kinds, machines
from orepass.licences.guards import Scene
from orepass.licences.licence import Licence, LicenceState
from orepass.licences.licence_guards import LicenceScene
from orepass.licences.licence_moves import move_licence
from orepass.store import tables
from orepass.store.journal import Entry, sha256
from orepass.store.records import ROLES
from orepass.store.verifying import verify

IN_MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
LAW: list[Law] = []
BOTH = Actor(account="both", organisation=AUTHORITY, roles=frozenset({"officer", "countersigner"}))
NOBODY = Actor(account="nobody", organisation=AUTHORITY, roles=frozenset())
ACTORS = (*EVERYBODY, BOTH, NOBODY)
CASE, LICENCE, DECLARATION = (machines()[of] for of in ("case", "licence", "declaration"))
ALL_MOVES = [move for machine in machines().values() for move in machine.moves.values()]
AFTER_THE_END = {
    **{("case", state): {"discard"} for state in CASE.ended},
    **{("licence", state): {"report"} for state in LICENCE.ended},
    ("declaration", "refused"): {"update", "cancel"},
}


@pytest.fixture
def small(tmp_path: Path, law: Law) -> Iterator[World]:
    """A desk on one small database."""
    with sqlite_engine(tmp_path) as engine:
        found = world_of(engine, law)
        yield found
        found.ledger.close()


# the table


def test_states_are_those_of_the_records() -> None:
    for machine, states in ((CASE, CaseState), (LICENCE, LicenceState), (DECLARATION, DeclarationState)):
        assert set(machine.states) == set(get_args(states))
        assert machine.ended <= set(machine.states)


def guard_names(module: Any) -> set[str]:
    """Functions of a module that judge a scene and nothing else."""
    return {
        name
        for name, found in inspect.getmembers(module, inspect.isfunction)
        if found.__module__ == module.__name__ and list(inspect.signature(found).parameters) == ["scene"]
    }


@pytest.mark.parametrize(("machine", "module"), [(CASE, guards), (LICENCE, licence_guards)])
def test_each_need_is_a_guard_and_each_guard_is_needed(machine: Any, module: Any) -> None:
    needed = {need for move in machine.moves.values() for need in move.needs}
    assert needed == guard_names(module)
    assert all(module.guard(need) is getattr(module, need) for need in needed)


def test_each_need_of_a_declaration_is_a_guard() -> None:
    needed = {need for move in DECLARATION.moves.values() for need in move.needs}
    assert needed <= guard_names(guards) | guard_names(licence_guards)


def test_each_move_but_those_of_the_desk_is_told_something() -> None:
    assert set(CASE.moves) == set(bodies.CASE_BODIES)
    by_people = {name for name, move in LICENCE.moves.items() if move.by != {moves.DESK}}
    assert by_people == set(bodies.LICENCE_BODIES)
    messages = {
        get_args(message.model_fields["kind"].annotation)[0] for message in (Update, Cancel, Usage, Recheck, HoldGoods)
    }
    assert set(DECLARATION.moves) == messages


@pytest.mark.parametrize("move", ALL_MOVES, ids=lambda move: f"{move.of}-{move.name}")
def test_a_move_is_made_by_somebody_from_somewhere(move: Move) -> None:
    assert move.origins
    assert move.by and move.by <= {*ROLES, moves.DESK}
    assert move.own == (move.by == {"exporter"})
    assert move.says.en and move.says.zh
    assert not (move.basis.paragraph and not move.basis.sources)


@pytest.mark.parametrize("of", ["case", "licence"])
def test_every_state_can_be_reached(of: str) -> None:
    machine = machines()[of]
    reached = {machine.starts}
    for _ in machine.states:
        reached |= {move.target for move in machine.moves.values() if move.target and move.origins & reached}
    assert reached == set(machine.states)


def test_every_state_of_a_declaration_is_a_judgement_or_reached_from_one() -> None:
    assert DECLARATION.starts == "judged"
    targets = {move.target for move in DECLARATION.moves.values() if move.target}
    assert {"released", "held", "refused"} | targets == set(DECLARATION.states)


@pytest.mark.parametrize("of", ["case", "licence", "declaration"])
def test_an_ended_state_has_no_moves_but_those_meant(of: str) -> None:
    machine = machines()[of]
    for state in machine.states:
        out = {name for name, move in machine.moves.items() if state in move.origins}
        if state in machine.ended:
            assert out == AFTER_THE_END.get((of, state), set())
            if of != "declaration":
                assert all(machine.moves[name].target is None for name in out)
        else:
            assert any(machine.moves[name].target not in {None, state} for name in out)


def test_what_is_decided_takes_two_readers() -> None:
    for name in ("grant", "refuse", "answer"):
        assert "advised" in CASE.moves[name].needs
        assert "unblocked" in CASE.moves[name].needs
    assert CASE.moves["advise"].by.isdisjoint(CASE.moves["countersign"].by)


def told_anything(name: str) -> bodies.Body:
    """Some words that the move takes."""
    return bodies.CASE_BODIES[name].model_validate(
        {
            "change": {"application": application()},
            "file": {"kind": "contract", "title": "contract", "sha256": "0" * 64, "size": 1, "media": "text/plain"},
            "reply": {"question": 1, "text": "yes"},
            "ask": {"text": "which?"},
            "pause": {"kind": "site_check"},
            "resume": {"kind": "site_check"},
            "flag": {"kind": "doubt", "note": "why?"},
            "unflag": {"kind": "doubt", "reason": "no more"},
            "advise": {"subject": "good:1", "recommends": "grant", "text": "in order"},
            "countersign": {"advice": 1, "agrees": True},
            "answer": {"controlled": True, "reason": "it is"},
            "discard": {"sha256": "0" * 64, "reason": "old"},
        }.get(name, {"reason": "so it is"} if "reason" in bodies.CASE_BODIES[name].model_fields else {})
    )


@pytest.mark.parametrize("name", sorted(CASE.moves))
def test_no_move_is_made_from_another_state_or_by_another_role(small: World, name: str) -> None:
    case = small.desk.open_case(EXPORTER, application())
    move, body = CASE.moves[name], told_anything(name)
    for state in CASE.states:
        there = case.model_copy(update={"state": state})
        for actor in (
            *ACTORS,
            *(Actor(account="one", organisation=AUTHORITY, roles=frozenset({role})) for role in ROLES),
        ):
            may = bool(actor.roles & move.by) and (not move.own or actor.organisation == case.organisation)
            scene = Scene(there, body, actor, small.now, small.law, None)
            assert (name in moves.possible("case", state, actor, case.organisation)) == (may and state in move.origins)
            if not may:
                with pytest.raises(NotAllowed):
                    procedure.move_case(name, scene)
            elif state not in move.origins:
                with pytest.raises(NotPossible, match="it has to be"):
                    procedure.move_case(name, scene)


@pytest.mark.parametrize("name", sorted(LICENCE.moves))
def test_no_move_on_a_licence_is_made_from_another_state_or_by_another_role(small: World, name: str) -> None:
    licence, move = small.granted(), LICENCE.moves[name]
    for state in LICENCE.states:
        there = licence.model_copy(update={"state": state})
        for actor in ACTORS:
            may = bool(actor.roles & move.by) and (not move.own or actor.organisation == licence.organisation)
            scene = LicenceScene(there, bodies.Nothing(), actor, small.now, None)
            if not may:
                with pytest.raises(NotAllowed):
                    move_licence(name, scene)
            elif state not in move.origins:
                with pytest.raises(NotPossible, match="it has to be"):
                    move_licence(name, scene)


@pytest.mark.parametrize("name", ["hold_for_change", "replace"])
def test_moves_of_the_desk_are_nobodys(small: World, name: str) -> None:
    licence = small.granted()
    for actor in (EXPORTER, OFFICER, SECOND, AUDITOR, BOTH):
        with pytest.raises(NotAllowed):
            small.desk.move_licence(actor, licence.id, name, bodies.Nothing())


def test_a_version_that_is_no_more_stops_every_move(small: World) -> None:
    case = small.desk.open_case(EXPORTER, application())
    small.file_all(case)
    with pytest.raises(NotPossible, match="has changed since you saw version 1"):
        small.do(EXPORTER, case, "submit", version=1)
    now = small.desk.case(EXPORTER, case.id).version
    assert small.do(EXPORTER, case, "submit", version=now).version == now + 1


# faults


def amendment(small: World, licence: Licence, **changes: Any) -> Case:
    wanted = Application.model_validate({"kind": "amendment", "licence": licence.id, "changes": changes})
    return small.accepted(wanted)


def test_an_amendment_too_takes_two_readers(small: World) -> None:
    case = amendment(small, small.granted(), quantity=["5000000"], value=["600000"])
    with pytest.raises(NotPossible, match="advice is missing"):
        small.do(OFFICER, case, "grant")


def test_an_amendment_to_a_listed_consignee_is_not_granted_unseen(small: World) -> None:
    listed = {"role": "consignee", "name": "General Dynamics", "country": "US"}
    case = amendment(small, small.granted(), consignee=listed)
    with pytest.raises(NotPossible):
        small.do(OFFICER, case, "grant")


def test_a_doubt_stops_the_word_that_no_licence_is_needed(small: World) -> None:
    good = {**GERMANIUM, "description": "wooden chairs", "hs": "940161"}
    case = small.accepted(application(goods=[good]))
    small.do(SECOND, case, "flag", kind="doubt", note="are these chairs?")
    with pytest.raises(NotPossible):
        small.do(OFFICER, case, "no_licence_needed", reason="chairs")


def test_a_paper_is_never_filed_without_its_content(small: World) -> None:
    case = small.desk.open_case(EXPORTER, application())
    with pytest.raises(OrepassError):
        small.do(EXPORTER, case, "file", kind="contract", title="c", sha256=sha256("c"), size=1, media="text/plain")
    assert verify(small.engine).faults == ()


# random moves of random people


class AtTheDesk(RuleBasedStateMachine):
    """Cases of every kind, licences, and people who try whatever comes to their mind."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory(dir=IN_MEMORY)))
        self.world = world_of(self.stack.enter_context(sqlite_engine(folder)), LAW[0])
        self.stack.callback(self.world.ledger.close)
        self.cases: list[str] = []
        self.licences: list[str] = []
        self.entries = 0
        self.touched: set[str] = set()

    # looking

    def case(self, number: str) -> Case:
        return self.world.desk.case(AUDITOR, number)

    def licence(self, number: str) -> Licence:
        return self.world.desk.licence(AUDITOR, number)

    def count(self) -> int:
        with self.world.engine.connect() as connection:
            return connection.execute(select(func.count()).select_from(tables.journal)).scalar_one()

    def last_entry(self) -> Entry:
        return self.world.desk.journal(AUDITOR, after=self.count() - 1)[-1]

    def entered(self, act: str, actor: Actor, subject: str) -> None:
        """One entry more, and it says what was done."""
        entry = self.last_entry()
        assert (entry.seq, entry.act, entry.account, entry.subject) == (self.entries + 1, act, actor.account, subject)
        self.entries += 1

    def nothing_entered(self) -> None:
        assert self.count() == self.entries

    # trying

    def try_case(self, actor: Actor, number: str, name: str, body: bodies.Body) -> bool:
        before, move = self.case(number), CASE.moves[name]
        licences = {key: self.licence(key) for key in self.licences}
        try:
            self.world.desk.move_case(actor, number, name, body)
        except OrepassError:
            assert self.case(number) == before
            assert {key: self.licence(key) for key in self.licences} == licences
            self.nothing_entered()
            return False
        after = self.case(number)
        tried[name] += 1
        assert before.state in move.origins
        assert actor.roles & move.by
        assert not move.own or actor.organisation == before.organisation
        assert after.state == (move.target or before.state)
        assert after.state in machines()[move.of].states
        assert after.version == before.version + 1
        assert (after.ended_at is not None) == (after.state in CASE.ended)
        assert all(advice.signed_by != advice.by for advice in after.advice)
        assert all(flag.cleared_by != flag.raised_by for flag in after.flags)
        self.touched = {number}
        self.entered(f"case.{name}", actor, number)
        if name == "grant" and after.decision and after.decision.licence not in self.licences:
            self.licences.append(str(after.decision.licence))
        return True

    def try_licence(self, actor: Actor, number: str, name: str, body: bodies.Body) -> None:
        before, move = self.licence(number), LICENCE.moves[name]
        try:
            self.world.desk.move_licence(actor, number, name, body)
        except OrepassError:
            assert self.licence(number) == before
            self.nothing_entered()
            return
        after = self.licence(number)
        tried[f"licence {name}"] += 1
        assert before.state in move.origins
        assert actor.roles & move.by
        assert not move.own or actor.organisation == before.organisation
        assert after.state == (move.target or before.state)
        assert after.state in machines()[move.of].states
        assert after.version == before.version + 1
        self.entered(f"licence.{name}", actor, number)

    def open(self, actor: Actor, wanted: Application) -> None:
        try:
            case = self.world.desk.open_case(actor, wanted)
        except OrepassError:
            self.nothing_entered()
            return
        assert "exporter" in actor.roles
        assert (case.state, case.version, case.organisation) == ("draft", 1, actor.organisation)
        self.entered("case.open", actor, case.id)
        self.cases.append(case.id)

    def file(self, number: str) -> None:
        case = self.case(number)
        owner = EXPORTER if case.organisation == EXPORTER.organisation else OTHER_EXPORTER
        filed = {paper.kind for paper in case.papers}
        for paper in guards.papers_asked(case.application.kind, self.world.today, ()):
            if paper.id in filed:
                continue
            try:
                self.world.desk.file_paper(owner, number, paper.id, "a paper", "text/plain", paper.id.encode())
            except OrepassError:
                self.nothing_entered()
                return
            self.entered("case.file", owner, number)

    # rules

    @initialize(kind=st.sampled_from(["general", "consultation", "registration"]), granted=st.booleans())
    def begin(self, kind: str, granted: bool) -> None:
        for wanted in ("single", kind):
            more = {"cause": "civil_aircraft_parts"} if wanted == "registration" else {}
            self.open(EXPORTER, application(kind=wanted, why="unsure", **more))
            self.hand_in(self.cases[-1])
        if granted:
            self.advise_on_all(self.cases[0], OFFICER, SECOND, ())
            self.try_case(OFFICER, self.cases[0], "grant", bodies.Grant())

    @precondition(lambda self: len(self.cases) < 5)
    @rule(actor=st.sampled_from(ACTORS), kind=st.sampled_from(["single", "general", "registration", "consultation"]))
    def open_a_case(self, actor: Actor, kind: str) -> None:
        more = {"cause": "civil_aircraft_parts"} if kind == "registration" else {}
        self.open(actor, application(kind=kind, why="unsure", **more))

    @precondition(lambda self: self.licences and len(self.cases) < 7)
    @rule(data=st.data(), actor=st.sampled_from([EXPORTER, OTHER_EXPORTER, OFFICER]), amends=st.booleans())
    def open_a_case_about_a_licence(self, data: st.DataObject, actor: Actor, amends: bool) -> None:
        number = data.draw(st.sampled_from(self.licences))
        if amends:
            quantity = data.draw(st.sampled_from(["1", "400", "700"]))
            document: dict[str, Any] = {"kind": "amendment", "licence": number, "changes": {"quantity": [quantity]}}
            self.open(actor, Application.model_validate(document))
        else:
            self.open(actor, application(replaces=number))

    @rule(data=st.data())
    def file_papers(self, data: st.DataObject) -> None:
        self.file(data.draw(st.sampled_from(self.cases)))

    @rule(data=st.data(), actor=st.sampled_from(ACTORS), name=st.sampled_from(sorted(CASE.moves.keys() - {"file"})))
    def try_any_move(self, data: st.DataObject, actor: Actor, name: str) -> None:
        number = data.draw(st.sampled_from(self.cases))
        self.try_case(actor, number, name, self.told(data, self.case(number), name))

    @rule(data=st.data())
    def try_a_move_that_the_table_has(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(self.cases))
        case = self.case(number)
        fitting = [name for name, move in CASE.moves.items() if case.state in move.origins and name != "file"]
        name = data.draw(st.sampled_from(fitting))
        able = [actor for actor in ACTORS if actor.roles & CASE.moves[name].by]
        self.try_case(data.draw(st.sampled_from(able)), number, name, self.told(data, case, name))

    def hand_in(self, number: str) -> None:
        owner = EXPORTER if self.case(number).organisation == EXPORTER.organisation else OTHER_EXPORTER
        self.file(number)
        self.try_case(owner, number, "submit", bodies.Nothing())
        self.try_case(OFFICER, number, "accept", bodies.Nothing())

    def advise_on_all(self, number: str, adviser: Actor, signer: Actor, but: tuple[str, ...]) -> None:
        case = self.case(number)
        asks = "controlled" if case.application.kind == "consultation" else "grant"
        for subject in case.subjects:
            body = bodies.Advise.model_validate({"subject": subject, "recommends": asks, "text": "in order"})
            if subject not in but and self.try_case(adviser, number, "advise", body):
                advice = self.case(number).advice[-1].id
                self.try_case(signer, number, "countersign", bodies.Countersign(advice=advice, agrees=True))

    @rule(data=st.data())
    def hand_in_and_accept(self, data: st.DataObject) -> None:
        self.hand_in(data.draw(st.sampled_from(self.cases)))

    @rule(
        data=st.data(),
        adviser=st.sampled_from([OFFICER, BOTH]),
        signer=st.sampled_from([SECOND, SECOND, BOTH]),
        left_out=st.booleans(),
        decision=st.sampled_from(["grant", "grant", "refuse", "answer"]),
    )
    def advise_on_all_and_decide(
        self, data: st.DataObject, adviser: Actor, signer: Actor, left_out: bool, decision: str
    ) -> None:
        number = data.draw(st.sampled_from(self.cases))
        self.advise_on_all(number, adviser, signer, ("good:1",) if left_out else ())
        case = self.case(number)
        self.try_case(OFFICER, number, decision, self.told(data, case, decision))

    @precondition(lambda self: self.licences)
    @rule(data=st.data(), actor=st.sampled_from(ACTORS), name=st.sampled_from(sorted(LICENCE.moves)))
    def try_any_move_on_a_licence(self, data: st.DataObject, actor: Actor, name: str) -> None:
        number = data.draw(st.sampled_from(self.licences))
        told: dict[str, Any] = {
            "register": {"line": 1, "quantity": "5", "end_user": "Example Optik GmbH", "to": "DE"},
            "report": {"what": "arrival", "text": "all of it"},
        }.get(name, {"reason": "a check"})
        body_type = bodies.LICENCE_BODIES.get(name, bodies.Nothing)
        known = {key: value for key, value in told.items() if key in body_type.model_fields}
        self.try_licence(actor, number, name, body_type.model_validate(known))

    @rule(days=st.sampled_from([0.1, 1, 7, 2200]))
    def wait(self, days: float) -> None:
        self.world.wait(days=days if days < 2000 or self.world.now.year < 2027 else 1)

    def told(self, data: st.DataObject, case: Case, name: str) -> bodies.Body:
        """Words for a move, more often fitting than not."""
        if name == "change":
            return bodies.Change(application=case.application.model_copy(update={"contract": "another"}))
        if name == "reply":
            return bodies.Reply(question=data.draw(st.integers(1, max(1, len(case.questions)))), text="so it is")
        if name in {"pause", "resume"}:
            return bodies.CASE_BODIES[name].model_validate(
                {"kind": data.draw(st.sampled_from(["site_check", "expert_opinion"]))}
            )
        if name == "flag":
            return bodies.Raise(kind=data.draw(st.sampled_from(["doubt", "referred"])), note="look at this")
        if name == "unflag":
            kind = data.draw(st.sampled_from(sorted({flag.kind for flag in case.open_flags} | {"doubt"})))
            return bodies.Clear(kind=kind, reason="looked at")
        if name == "advise":
            subject = data.draw(st.sampled_from([*case.subjects, "party:9"]))
            recommends = data.draw(st.sampled_from(["grant", "grant", "refuse", "controlled"]))
            return bodies.Advise.model_validate({"subject": subject, "recommends": recommends, "text": "as I see it"})
        if name == "countersign":
            advice = data.draw(st.integers(1, max(1, len(case.advice))))
            return bodies.Countersign(advice=advice, agrees=data.draw(st.sampled_from([True, True, False])))
        if name == "discard" and case.papers:
            return bodies.Discard(sha256=data.draw(st.sampled_from(case.papers)).sha256, reason="its time is over")
        return told_anything(name)

    # what always holds

    @invariant()
    def what_was_decided_was_read_by_two(self) -> None:
        for number in self.touched:
            case = self.case(number)
            if case.state not in {"granted", "refused", "answered"}:
                continue
            deed = {"granted": "grant", "refused": "refuse", "answered": "answer"}[case.state]
            assert not any(deed in flag_kinds()[flag.kind].blocks for flag in case.open_flags)
            assert not case.open_questions and not case.open_pauses
            for subject in case.subjects:
                advice = case.standing_advice(subject)
                assert advice is not None and advice.agreed and advice.signed_by not in {None, advice.by}
                assert case.state != "granted" or advice.recommends == "grant"

    @invariant()
    def a_licence_has_a_granted_case_of_its_owner(self) -> None:
        for number in self.licences:
            licence = self.licence(number)
            case = self.case(licence.case)
            assert (case.state, case.organisation) == ("granted", licence.organisation)
            assert licence.turns[-1].state == licence.state
            assert [turn.at for turn in licence.turns] == sorted(turn.at for turn in licence.turns)

    def teardown(self) -> None:
        try:
            assert verify(self.world.engine).faults == ()
        finally:
            self.stack.close()


tried: Counter[str] = Counter()


def test_random_people_move_nothing_that_the_table_does_not_let_them_move(law: Law) -> None:
    LAW[:] = [law]
    tried.clear()
    few = settings(
        max_examples=20,
        stateful_step_count=40,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
        database=None,
    )
    run_state_machine_as_test(AtTheDesk, settings=few)
    assert {"submit", "accept", "advise", "countersign", "grant"} <= tried.keys()
