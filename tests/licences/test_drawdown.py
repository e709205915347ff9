"""Whatever customs send, a licence holds what was granted less what its declarations have on it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any

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

from desk_world import CUSTOMS, EXPORTER, GERMANIUM, OFFICER, World, application, declared, sqlite_engine, world_of
from orepass.desk.gate import Reply
from orepass.errors import BadInput, NotFound, NotPossible, OrepassError
from orepass.law.timeline import Law
from orepass.licences.declaration import Drawn
from orepass.licences.drawdown import OverdrawnError, draw, give_back
from orepass.licences.licence import Licence
from orepass.store import tables
from orepass.store.verifying import verify

NUMBERS = [f"53012026000000000{digit}" for digit in range(1, 6)]
NOTHING = Decimal(0)
LAW: list[Law] = []
IN_MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
quantities = st.one_of(
    st.integers(0, 600_000).map(lambda grams: Decimal(grams) / 1000),
    st.sampled_from([Decimal("0.000001"), Decimal(100), Decimal(250), Decimal(500), Decimal("500.000001")]),
)
units = st.sampled_from(["kg", "kg", "g", "t"])
AS_KG = {"kg": Decimal(1), "g": Decimal(1000), "t": Decimal("0.001")}


def two_goods() -> list[dict[str, Any]]:
    return [GERMANIUM, {**GERMANIUM, "description": "germanium metal 99.999%", "quantity": "80", "value": "90000"}]


def line_of(description: int, kilograms: Decimal, unit: str = "kg", value: Decimal | None = None) -> dict[str, Any]:
    amount = (kilograms * AS_KG[unit]).quantize(Decimal("0.000001"))
    return {
        **two_goods()[description],
        "quantity": format(amount, "f"),
        "unit": unit,
        "value": format(value if value is not None else (kilograms * 1000).quantize(Decimal("0.01")), "f"),
    }


lines = st.lists(st.builds(line_of, st.integers(0, 1), quantities, units), min_size=1, max_size=3)


@pytest.fixture
def small(tmp_path: Path, law: Law) -> Iterator[World]:
    """A desk on one small database: the sums are the same on each kind of it."""
    with sqlite_engine(tmp_path) as engine:
        found = world_of(engine, law)
        yield found
        found.ledger.close()


def general(world: World) -> Licence:
    return world.granted(application(kind="general", goods=two_goods()))


def standing(licence: Licence) -> dict[str, Any]:
    """All that draw-down may change, but for how often it changed and for the day of the last declaration."""
    return licence.model_dump(exclude={"version", "last_export"})


def on_licence(world: World, number: str) -> dict[tuple[int, str], tuple[Decimal, Decimal]]:
    """What all declarations have on a licence, added up: quantity and value of each good, drawn or reserved."""
    found: dict[tuple[int, str], tuple[Decimal, Decimal]] = {}
    for declaration in world.gate.declarations(CUSTOMS, most=1000):
        how = "reserved" if declaration.state == "held" else "drawn"
        for part in declaration.draws:
            if part.licence == number:
                quantity, value = found.get((part.allowance, how), (NOTHING, NOTHING))
                found[part.allowance, how] = (quantity + part.quantity, value + (part.value or NOTHING))
    return found


def is_sound(world: World, number: str) -> None:
    """A licence never gives more than it holds, and it holds what its declarations say."""
    licence = world.desk.licence(OFFICER, number)
    sums = on_licence(world, number)
    for part in licence.allowances:
        assert part.quantity is not None and part.value is not None
        assert min(part.drawn, part.reserved, part.drawn_value, part.reserved_value) >= 0
        assert part.drawn + part.reserved <= part.quantity
        assert part.drawn_value + part.reserved_value <= part.value
        assert (part.drawn, part.drawn_value) == sums.get((part.line, "drawn"), (NOTHING, NOTHING))
        assert (part.reserved, part.reserved_value) == sums.get((part.line, "reserved"), (NOTHING, NOTHING))
    on_it = [one for one in world.gate.declarations(CUSTOMS, most=1000) if one.draws]
    assert licence.exports == len(on_it)


def entries(world: World) -> int:
    with world.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(tables.journal)).scalar_one()


class AtTheGate(RuleBasedStateMachine):
    """Random messages about five declarations on one licence."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory(dir=IN_MEMORY)))
        self.world = world_of(self.stack.enter_context(sqlite_engine(folder)), LAW[0])
        self.stack.callback(self.world.ledger.close)
        self.sent: list[tuple[str, str, dict[str, Any], Reply]] = []
        self.number = ""

    @initialize()
    def grant(self) -> None:
        licence = general(self.world)
        self.number, self.untouched = licence.id, standing(licence)
        self.declared_at = self.world.now

    def send(self, kind: str, **told: Any) -> Reply | None:
        self.world.wait(seconds=30)
        name = f"M{len(self.sent)}-{entries(self.world)}"
        before = self.world.desk.licence(OFFICER, self.number), entries(self.world)
        try:
            reply = self.world.send(kind, name, **told)
        except (NotPossible, NotFound, BadInput):
            assert (self.world.desk.licence(OFFICER, self.number), entries(self.world)) == before
            return None
        assert entries(self.world) == before[1] + 1
        self.sent.append((kind, name, told, reply))
        return reply

    def document(self, number: str, goods: list[dict[str, Any]]) -> dict[str, Any]:
        return declared(number, self.declared_at, lines=goods)

    @rule(number=st.sampled_from(NUMBERS), goods=lines)
    def declare(self, number: str, goods: list[dict[str, Any]]) -> None:
        self.send("insert", declaration=self.document(number, goods))

    @rule(number=st.sampled_from(NUMBERS), goods=lines)
    def update(self, number: str, goods: list[dict[str, Any]]) -> None:
        self.send("update", declaration=self.document(number, goods))

    @rule(number=st.sampled_from(NUMBERS), kilograms=quantities)
    def declare_for_another_consignee(self, number: str, kilograms: Decimal) -> None:
        document = self.document(number, [line_of(0, kilograms)])
        document["parties"] = [{**document["parties"][0], "name": "Another Trading House"}, document["parties"][1]]
        reply = self.send("insert", declaration=document)
        assert reply is None or reply.state in {"held", "refused"}

    @rule(number=st.sampled_from(NUMBERS))
    def cancel(self, number: str) -> None:
        reply = self.send("cancel", number=number)
        assert reply is None or reply.state == "cancelled"

    @rule(number=st.sampled_from(NUMBERS))
    def hold(self, number: str) -> None:
        reply = self.send("hold", number=number, reason="the certificate is looked at")
        assert reply is None or reply.state == "held"

    @rule(number=st.sampled_from(NUMBERS))
    def recheck(self, number: str) -> None:
        self.send("recheck", number=number)

    @rule(number=st.sampled_from(NUMBERS), parts=st.lists(st.integers(0, 1100), min_size=3, max_size=3))
    def usage(self, number: str, parts: list[int]) -> None:
        try:
            goods = self.world.gate.declaration(CUSTOMS, number).declared.lines
        except NotFound:
            goods = ()
        gone = [
            ((line.quantity or NOTHING) * part / 1000).quantize(Decimal("0.000001"))
            for line, part in zip(goods, parts, strict=False)
        ]
        reply = self.send("usage", number=number, exported=[format(amount, "f") for amount in gone or [Decimal(1)]])
        assert reply is None or all(part <= 1000 for part, amount in zip(parts, gone, strict=False) if amount > 0)

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def send_again(self, data: st.DataObject) -> None:
        kind, name, told, first = data.draw(st.sampled_from(self.sent))
        before = self.world.desk.licence(OFFICER, self.number), entries(self.world)
        again = self.world.send(kind, name, **told)
        assert again == first.model_copy(update={"repeated": True})
        assert (self.world.desk.licence(OFFICER, self.number), entries(self.world)) == before

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def send_another_content_under_the_same_id(self, data: st.DataObject) -> None:
        _, name, _, first = data.draw(st.sampled_from(self.sent))
        before = self.world.desk.licence(OFFICER, self.number), entries(self.world)
        with pytest.raises(NotPossible, match="sent before with another content"):
            self.world.send("hold", name, number=first.number, reason="other words than any before")
        assert (self.world.desk.licence(OFFICER, self.number), entries(self.world)) == before

    @rule()
    def stop_or_resume(self) -> None:
        state = self.world.desk.licence(OFFICER, self.number).state
        move = "stop" if state == "in_force" else "resume"
        self.world.do_licence(OFFICER, self.number, move, reason="a check")

    @invariant()
    def the_licence_is_sound(self) -> None:
        if self.number:
            is_sound(self.world, self.number)

    def teardown(self) -> None:
        try:
            if self.number:
                self.all_taken_back()
        finally:
            self.stack.close()

    def all_taken_back(self) -> None:
        """When every declaration is taken back, nothing but what is gone is missing."""
        for declaration in self.world.gate.declarations(CUSTOMS, most=1000):
            if declaration.state in {"released", "held"}:
                self.send("cancel", number=declaration.id)
        is_sound(self.world, self.number)
        states = {declaration.state for declaration in self.world.gate.declarations(CUSTOMS, most=1000)}
        assert states <= {"cancelled", "refused", "exported"}
        licence = self.world.desk.licence(OFFICER, self.number)
        if "exported" not in states:
            assert {**standing(licence), "state": "", "turns": ()} == {**self.untouched, "state": "", "turns": ()}
        assert verify(self.world.engine).faults == ()


def test_any_sequence_of_messages_leaves_a_licence_sound(law: Law) -> None:
    LAW[:] = [law]
    few = settings(
        max_examples=15,
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
        database=None,
    )
    run_state_machine_as_test(AtTheGate, settings=few)


def test_taking_everything_back_brings_the_licence_to_where_it_was(small: World) -> None:
    licence = general(small)
    for number in NUMBERS[:3]:
        assert small.declare(number).state == "released"
    small.send("hold", number=NUMBERS[1], reason="looked at")
    assert small.desk.licence(OFFICER, licence.id).allowances[0].reserved == 100
    for number in NUMBERS[:3]:
        small.send("cancel", number=number)
    assert standing(small.desk.licence(OFFICER, licence.id)) == standing(licence)


@pytest.mark.xfail(strict=True, reason="give_back leaves last_export at the day of a declaration that was taken back")
def test_a_declaration_taken_back_is_no_last_export(small: World) -> None:
    licence = general(small)
    small.declare(NUMBERS[0])
    small.send("cancel", number=NUMBERS[0])
    assert small.desk.licence(OFFICER, licence.id).last_export is None


def test_a_single_licence_can_be_used_again_when_its_one_declaration_is_taken_back(small: World) -> None:
    licence = small.granted()
    small.declare(NUMBERS[0])
    assert small.declare(NUMBERS[1]).state == "refused"
    small.send("cancel", number=NUMBERS[0])
    assert small.desk.licence(OFFICER, licence.id).standing(small.now) == "in_force"
    assert small.declare(NUMBERS[2]).state == "released"


def test_a_message_sent_again_gets_its_first_reply_even_after_all_has_changed(small: World) -> None:
    licence = general(small)
    first = small.declare(NUMBERS[0], "M1")
    at = small.now
    small.wait(days=1)
    small.send("cancel", "M2", number=NUMBERS[0])
    before = small.desk.licence(OFFICER, licence.id)
    again = small.declare(NUMBERS[0], "M1", at=at)
    assert again.repeated and not first.repeated
    assert again == first.model_copy(update={"repeated": True})
    assert small.desk.licence(OFFICER, licence.id) == before


def test_the_same_id_with_another_content_is_refused(small: World) -> None:
    licence = general(small)
    small.declare(NUMBERS[0], "M1")
    before = small.desk.licence(OFFICER, licence.id)
    with pytest.raises(NotPossible, match="'M1' was sent before with another content"):
        small.declare(NUMBERS[1], "M1")
    assert small.desk.licence(OFFICER, licence.id) == before


def test_a_message_that_was_refused_may_be_sent_again_under_its_id(small: World) -> None:
    general(small)
    with pytest.raises(NotFound):
        small.send("cancel", "M1", number=NUMBERS[0])
    assert small.declare(NUMBERS[0], "M1").state == "released"


def test_lines_of_one_declaration_share_what_is_left(small: World) -> None:
    licence = general(small)
    both = [line_of(0, Decimal(300)), line_of(0, Decimal("200.000001"))]
    assert small.declare(NUMBERS[0], lines=both).state == "refused"
    assert small.desk.licence(OFFICER, licence.id).allowances == licence.allowances
    both = [line_of(0, Decimal(300)), line_of(0, Decimal(200))]
    assert small.declare(NUMBERS[1], lines=both).state == "released"
    left = small.desk.licence(OFFICER, licence.id)
    assert (left.allowances[0].left, left.exports) == (0, 1)


def test_what_has_not_gone_returns_to_the_licence(small: World) -> None:
    licence = general(small)
    small.declare(NUMBERS[0], lines=[line_of(0, Decimal(300), "t", Decimal(90_000))])
    assert small.send("usage", number=NUMBERS[0], exported=["0.1"]).state == "exported"
    part = small.desk.licence(OFFICER, licence.id).allowances[0]
    assert (part.drawn, part.drawn_value) == (100, 30_000)


def test_more_than_was_declared_has_not_gone(small: World) -> None:
    general(small)
    small.declare(NUMBERS[0])
    with pytest.raises(NotPossible, match="beyond the declaration"):
        small.send("usage", number=NUMBERS[0], exported=["100.000001"])
    with pytest.raises(BadInput, match="one for each line"):
        small.send("usage", number=NUMBERS[0], exported=["50", "50"])


def test_a_quantity_beyond_all_measure_is_refused_and_breaks_nothing(small: World) -> None:
    general(small)
    line = {**GERMANIUM, "quantity": "999999999999999", "unit": "t", "value": "120000"}
    try:
        reply = small.declare(NUMBERS[0], lines=[line])
    except OrepassError:
        return
    assert reply.state == "refused"


# the sums alone, without a desk


def bare(small: World) -> Licence:
    return small.desk.licence(EXPORTER, general(small).id)


def test_sums_that_would_go_below_zero_are_a_fault_of_the_program(small: World) -> None:
    licence = bare(small)
    day = small.today
    part = Drawn(licence=licence.id, allowance=1, quantity=Decimal(500), value=Decimal(1))
    full = draw(licence, [part], "drawn", "D1", first=True, day=day)
    one_more = part.model_copy(update={"quantity": Decimal("0.000001")})
    for how in ("drawn", "reserved"):
        with pytest.raises(OverdrawnError):
            draw(full, [one_more], how, "D2", first=True, day=day)
    with pytest.raises(OverdrawnError):
        give_back(full, [part.model_copy(update={"quantity": Decimal("500.000001")})], "drawn", "D1", last=True)
    with pytest.raises(OverdrawnError):
        give_back(full, [part], "reserved", "D1", last=True)
    worth = Drawn(licence=licence.id, allowance=1, quantity=Decimal(1), value=Decimal("600000.01"))
    with pytest.raises(OverdrawnError):
        draw(licence, [worth], "drawn", "D1", first=True, day=day)
    assert standing(give_back(full, [part], "drawn", "D1", last=True)) == standing(licence)
