"""The one writer: nothing is drawn twice, nothing is left half done, and the journal comes before the answer."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Barrier, Event
from typing import NamedTuple

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from desk_world import CUSTOMS, FIRM, GERMANIUM, KEY, OFFICER, World, application, declared
from orepass.desk.gate import Gate, Insert
from orepass.errors import NotPossible
from orepass.licences.declaration import Declared
from orepass.licences.licence import Licence
from orepass.store import tables
from orepass.store.database import StoreDown, open_database
from orepass.store.journal import Entry, sha256
from orepass.store.ledger import Books, Ledger
from orepass.store.records import Organisation
from orepass.store.verifying import verify
from store_world import rows_of


def small_licence(world: World) -> Licence:
    return world.granted(application(kind="general", goods=[{**GERMANIUM, "quantity": "300"}]))


def ten_kilograms(world: World, number: str) -> Insert:
    line = {**GERMANIUM, "quantity": "10", "value": "12000"}
    document = declared(number, world.now, lines=[line])
    return Insert(kind="insert", id=f"M{number}", declaration=Declared.model_validate(document))


def entries(world: World) -> list[Entry]:
    with world.engine.connect() as connection:
        return [Entry(*row) for row in connection.execute(select(tables.journal).order_by(tables.journal.c.seq))]


def organisation(world: World, code: str) -> Organisation:
    return Organisation(id=code, name=f"Example {code}", made_at=world.now)


def entered(world: World, code: str) -> str:
    """Enter an organisation by a deed of our own."""

    def deed(books: Books) -> str:
        books.put(organisation(world, code))
        books.enter(OFFICER, "organisation.add", code, {})
        return code

    return world.ledger.write(deed)


def declare_at_once(world: World, gates: list[Gate], clients: int) -> list[str]:
    """Each gate gets declarations of 10 kg from so many clients at once; gives the states that they were told."""
    together = Barrier(clients * len(gates))

    def client(gate: Gate, number: str) -> str:
        message = ten_kilograms(world, number)
        together.wait(30)
        return gate.message(CUSTOMS, message).state

    with ThreadPoolExecutor(clients * len(gates)) as pool:
        waiting = [
            pool.submit(client, gate, f"{place}{number:05}")
            for place, gate in enumerate(gates)
            for number in range(clients)
        ]
        return [answer.result(60) for answer in waiting]


def holds_exactly_what_was_released(world: World, licence: Licence, states: list[str]) -> None:
    assert (states.count("released"), states.count("refused")) == (30, len(states) - 30)
    left = world.desk.licence(OFFICER, licence.id)
    assert (left.allowances[0].drawn, left.allowances[0].reserved, left.exports) == (300, 0, 30)
    declarations = world.gate.declarations(CUSTOMS, "released", most=100)
    assert sum((part.quantity for one in declarations for part in one.draws), Decimal(0)) == 300
    assert verify(world.engine).faults == ()


def test_fifty_clients_at_once_never_draw_more_than_is_licensed(world: World) -> None:
    licence = small_licence(world)
    states = declare_at_once(world, [world.gate], 50)
    holds_exactly_what_was_released(world, licence, states)


def test_two_servers_on_one_database_never_draw_more_than_is_licensed(world: World, database_url: str) -> None:
    licence = small_licence(world)
    engine = open_database(database_url)
    second = Ledger(engine, KEY, now=lambda: world.now, patience=20)
    try:
        states = declare_at_once(world, [world.gate, Gate(second, world.law)], 20)
    finally:
        second.close()
        engine.dispose()
    holds_exactly_what_was_released(world, licence, states)


def test_the_same_message_sent_many_times_at_once_is_done_once(world: World) -> None:
    licence = small_licence(world)
    message = ten_kilograms(world, "530120260000000001")
    with ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(lambda _: world.gate.message(CUSTOMS, message), range(20)))
    assert sorted(reply.repeated for reply in replies) == [False] + [True] * 19
    assert len({reply.model_copy(update={"repeated": False}).model_dump_json() for reply in replies}) == 1
    assert world.desk.licence(OFFICER, licence.id).allowances[0].drawn == 10


def test_what_another_server_wrote_is_seen_at_once(world: World, database_url: str) -> None:
    engine = open_database(database_url)
    second = Ledger(engine, KEY, now=lambda: world.now, patience=5)
    try:
        for turn in range(4):
            writer, reader = (world.ledger, second) if turn % 2 else (second, world.ledger)

            def renamed(books: Books, name: str = f"name {turn}") -> None:
                books.put(Organisation(id=FIRM, name=name, made_at=world.now))
                books.enter(OFFICER, "organisation.add", FIRM, {})

            def name_of(books: Books) -> str:
                found = books.get(Organisation, FIRM)
                assert found is not None
                return f"{found.name}, {len(books.of_organisation(Organisation, FIRM))}"

            writer.write(renamed)
            assert reader.write(name_of) == f"name {turn}, 1"
    finally:
        second.close()
        engine.dispose()
    assert verify(world.engine).faults == ()


def test_a_deed_that_raises_leaves_nothing(world: World) -> None:
    entered(world, "BEFORE")
    before = rows_of(world.engine)

    def deed(books: Books) -> None:
        books.put(organisation(world, "NEVER"))
        books.enter(OFFICER, "organisation.add", "NEVER", {})
        raise NotPossible("on second thoughts, no.")

    with pytest.raises(NotPossible, match="second thoughts"):
        world.ledger.write(deed)
    assert rows_of(world.engine) == before
    assert world.ledger.write(lambda books: books.get(Organisation, "NEVER")) is None
    entered(world, "NEVER")
    assert verify(world.engine).faults == ()


def test_a_fault_of_ours_in_one_deed_leaves_nothing_and_the_writer_goes_on(world: World) -> None:
    def deed(books: Books) -> None:
        books.put(organisation(world, "NEVER"))
        books.enter(OFFICER, "organisation.add", "NEVER", {})
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        world.ledger.write(deed)
    assert entries(world) == []
    assert entered(world, "AFTER") == "AFTER"


class OneCommit(NamedTuple):
    """A writer that waits, so that all that is handed in meanwhile goes into one commit."""

    ledger: Ledger
    go: Event


@pytest.fixture
def one_commit(world: World) -> Iterator[OneCommit]:
    begun, go = Event(), Event()

    def waits(_: Books) -> None:
        begun.set()
        go.wait(30)

    world.ledger.submit(waits)
    assert begun.wait(30)
    yield OneCommit(world.ledger, go)
    go.set()


def adds(world: World, code: str, ends: Exception | None = None, paper: bytes = b"") -> Future[str]:
    def deed(books: Books) -> str:
        if books.get(Organisation, code) is not None:
            raise NotPossible(f"{code} is taken.")
        books.put(organisation(world, code))
        if paper:
            books.paper(sha256(paper), paper)
        books.enter(OFFICER, "organisation.add", code, {})
        if ends:
            raise ends
        return code

    return world.ledger.submit(deed)


def test_deeds_of_one_commit_see_each_other_and_not_those_that_failed(world: World, one_commit: OneCommit) -> None:
    first, again = adds(world, "ONE"), adds(world, "ONE")
    failed, after = adds(world, "TWO", NotPossible("no.")), adds(world, "TWO")
    one_commit.go.set()
    assert (first.result(30), after.result(30)) == ("ONE", "TWO")
    for refused in (again, failed):
        with pytest.raises(NotPossible):
            refused.result(30)
    assert [(entry.seq, entry.subject) for entry in entries(world)] == [(1, "ONE"), (2, "TWO")]
    assert verify(world.engine).faults == ()


def test_a_paper_of_a_deed_that_failed_is_not_kept_by_the_others_of_its_commit(
    world: World, one_commit: OneCommit
) -> None:
    failed, other = adds(world, "ONE", NotPossible("no."), paper=b"never filed"), adds(world, "TWO")
    one_commit.go.set()
    assert other.result(30) == "TWO"
    assert isinstance(failed.exception(30), NotPossible)
    assert rows_of(world.engine)["papers"] == []
    assert verify(world.engine).faults == ()


def test_a_record_put_without_an_entry_is_refused(world: World) -> None:
    with pytest.raises(RuntimeError, match="without an entry in the journal"):
        world.ledger.write(lambda books: books.put(organisation(world, "SILENT")))
    assert not any(rows_of(world.engine).values())


def test_a_record_put_after_its_entry_is_refused(world: World) -> None:
    def deed(books: Books) -> None:
        books.put(organisation(world, "TOLD"))
        books.enter(OFFICER, "organisation.add", "TOLD", {})
        books.put(Organisation(id="TOLD", name="Another name", made_at=world.now))

    with pytest.raises(RuntimeError, match="without an entry in the journal"):
        world.ledger.write(deed)
    assert not any(rows_of(world.engine).values())


def test_a_record_put_twice_with_an_entry_each_is_as_it_was_left(world: World) -> None:
    def deed(books: Books) -> None:
        for name in ("First", "Second"):
            books.put(Organisation(id="TOLD", name=name, made_at=world.now))
            books.enter(OFFICER, "organisation.add", "TOLD", {"name": name})

    world.ledger.write(deed)
    found = world.ledger.read(lambda books: books.get(Organisation, "TOLD"))
    assert found is not None and found.name == "Second"
    assert verify(world.engine).faults == ()


def test_reading_writes_nothing(world: World) -> None:
    def look(books: Books) -> None:
        books.put(organisation(world, "SEEN"))
        books.enter(OFFICER, "organisation.add", "SEEN", {})

    world.ledger.read(look)
    assert not any(rows_of(world.engine).values())


def test_a_clock_set_back_never_dates_an_entry_before_the_last(world: World) -> None:
    noon = datetime(2026, 3, 2, 4, tzinfo=UTC)
    told: list[datetime] = []
    for place, minutes in enumerate([0, 30, -600, 10, 31, -1, 45]):
        world.now = noon + timedelta(minutes=minutes)

        def deed(books: Books, code: str = f"AT{place}") -> datetime:
            books.put(Organisation(id=code, name=code, made_at=books.at))
            books.enter(OFFICER, "organisation.add", code, {})
            return books.at

        told.append(world.ledger.write(deed))
    expected = [noon + timedelta(minutes=minutes) for minutes in (0, 30, 30, 30, 31, 31, 45)]
    assert told == expected
    assert [datetime.fromisoformat(entry.at) for entry in entries(world)] == expected
    assert verify(world.engine).faults == ()


def test_an_entry_is_in_the_journal_before_the_answer_is_given(world: World, database_url: str) -> None:
    elsewhere = open_database(database_url)
    seen: list[list[str]] = []

    def looked(_: Future[str]) -> None:
        with elsewhere.connect() as connection:
            seen.append([row[0] for row in connection.execute(select(tables.journal.c.subject))])

    begun, go = Event(), Event()

    def waits(_: Books) -> None:
        begun.set()
        go.wait(30)

    world.ledger.submit(waits)
    assert begun.wait(30)
    future = adds(world, "TOLD")
    future.add_done_callback(looked)
    go.set()
    assert future.result(30) == "TOLD"
    world.ledger.close()
    elsewhere.dispose()
    assert seen == [["TOLD"]]


def test_what_waits_when_the_ledger_is_closed_is_done(world: World, one_commit: OneCommit) -> None:
    waiting = [adds(world, f"CODE{place}") for place in range(250)]
    one_commit.go.set()
    world.ledger.close()
    assert all(future.done() for future in waiting)
    assert len(entries(world)) == 250
    assert entered(world, "AFTERWARDS") == "AFTERWARDS"
    assert verify(world.engine).faults == ()


def test_a_deed_that_was_called_off_while_it_waited_leaves_nothing(world: World, one_commit: OneCommit) -> None:
    off, stays = adds(world, "OFF"), adds(world, "STAYS")
    assert off.cancel()
    one_commit.go.set()
    assert stays.result(30) == "STAYS"
    assert [entry.subject for entry in entries(world)] == ["STAYS"]


def test_an_answer_that_does_not_come_in_time_means_that_nothing_is_written(
    world: World, one_commit: OneCommit
) -> None:
    def deed(books: Books) -> None:
        books.put(organisation(world, "LATE"))
        books.enter(OFFICER, "organisation.add", "LATE", {})

    with pytest.raises(StoreDown):
        world.ledger.write(deed, wait=0.01)
    one_commit.go.set()
    assert adds(world, "STAYS").result(30) == "STAYS"
    assert [entry.subject for entry in entries(world)] == ["STAYS"]


def test_a_journal_that_was_signed_with_another_key_is_not_written_on(world: World) -> None:
    other = Ledger(world.engine, Ed25519PrivateKey.generate())
    world.ledger.write(lambda books: books.enter(OFFICER, "test.enter", "T0", {}))
    before = len(entries(world))
    assert before
    with pytest.raises(NotPossible, match="another key"):
        other.write(lambda books: books.enter(OFFICER, "test.enter", "T1", {}))
    other.close()
    assert len(entries(world)) == before
    assert verify(world.engine).holds
