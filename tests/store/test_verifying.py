"""Whatever is done to the store behind the desk's back, a check of it says so and names what was touched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, NamedTuple

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, Table, insert, update

from desk_world import EXPORTER, KEY, OFFICER, World, application, sqlite_engine, world_of
from orepass.law.timeline import Law
from orepass.store import tables
from orepass.store.database import open_database, writing
from orepass.store.journal import Entry, entry_of, sha256, signed_text
from orepass.store.keys import public_of
from orepass.store.ledger import Ledger
from orepass.store.verifying import MOST_TOLD, verify
from store_world import Filled, fill, replace_rows, rows_in, rows_of

SHELVES = sorted(tables.SHELVES)
BESIDE = {"attempts", "jobs"}
"""Tables of passing things, of which the journal does not speak."""


class Kept(NamedTuple):
    """A filled store, and its rows as they were before any test touched them."""

    world: World
    filled: Filled
    rows: dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, law: Law) -> Iterator[Kept]:
    """One store of each kind, filled once."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            engine = stack.enter_context(sqlite_engine(tmp_path_factory.mktemp("verifying")))
        else:
            engine = open_database(stack.enter_context(request.getfixturevalue("postgres_server").database()))
            stack.callback(engine.dispose)
        world = world_of(engine, law)
        stack.callback(world.ledger.close)
        yield Kept(world, fill(world), rows_of(engine))


@pytest.fixture
def world(kept: Kept) -> Iterator[World]:
    """The filled store; whatever a test does to it is undone afterwards."""
    now = kept.world.now
    yield kept.world
    kept.world.now = now
    for table in tables.metadata.sorted_tables:
        if rows(kept.world, table) != kept.rows[table.name]:
            replace_rows(kept.world.engine, table, kept.rows[table.name])


@pytest.fixture
def filled(kept: Kept) -> Filled:
    return kept.filled


def rows(world: World, table: Table) -> list[dict[str, Any]]:
    with world.engine.connect() as connection:
        return rows_in(connection, table)


def set_row(world: World, table: Table, row: dict[str, Any], **values: Any) -> None:
    key = next(iter(table.primary_key.columns))
    with writing(world.engine) as connection:
        connection.execute(update(table).where(key == row[key.name]).values(values))


def empty(world: World) -> None:
    for table in tables.metadata.sorted_tables:
        replace_rows(world.engine, table, [])


def told(world: World, **how: Any) -> str:
    return "\n".join(verify(world.engine, **how).faults)


def other_value(column: Column[Any], value: Any) -> Any:
    """Another value that the column holds as well."""
    if isinstance(column.type, Boolean):
        return not value
    if isinstance(column.type, Integer | BigInteger):
        return value + 1000
    if isinstance(column.type, LargeBinary):
        return value + b"!"
    return value[:-1] + ("1" if value.endswith("0") else "0") if value else "0"


def test_an_untouched_store_has_no_fault(world: World, filled: Filled) -> None:
    found = verify(world.engine, world.ledger.head, public_of(KEY))
    assert (found.faults, found.holds) == ((), True)
    stored = rows_of(world.engine)
    assert found.entries == len(stored["journal"])
    assert found.records == sum(len(stored[shelf.table.name]) for shelf in tables.SHELVES.values())
    assert found.papers == len(stored["papers"])
    assert all(stored[table] for table in stored if table not in BESIDE)
    assert found.head == world.ledger.head


def test_an_empty_store_has_no_fault(world: World) -> None:
    empty(world)
    found = verify(world.engine)
    assert (found.faults, found.entries, found.records, found.papers, found.head) == ((), 0, 0, 0, None)


def test_every_table_is_looked_at() -> None:
    looked_at = {shelf.table.name for shelf in tables.SHELVES.values()} | {"journal", "head", "papers"}
    assert set(tables.metadata.tables) - BESIDE == looked_at


@pytest.mark.parametrize("kind", SHELVES)
def test_a_record_whose_value_was_changed_is_named(world: World, filled: Filled, kind: str) -> None:
    table = tables.SHELVES[kind].table
    row = rows(world, table)[-1]
    for column in table.columns:
        value = other_value(column, row[column.name])
        set_row(world, table, row, **{column.name: value})
        faults = verify(world.engine).faults
        assert any(f"{kind}/{row['id']}" in fault for fault in faults), f"{table.name}.{column.name}: {faults}"
        set_row(world, table, {"id": value} if column.name == "id" else row, **{column.name: row[column.name]})
        assert told(world) == ""


@pytest.mark.parametrize("kind", SHELVES)
def test_a_record_that_was_deleted_or_copied_is_named(world: World, filled: Filled, kind: str) -> None:
    table = tables.SHELVES[kind].table
    before = rows(world, table)
    replace_rows(world.engine, table, before[:-1])
    assert f"Record {kind}/{before[-1]['id']}: it is missing." in told(world)
    replace_rows(world.engine, table, [*before, {**before[-1], "id": "X999999"}])
    assert f"Record {kind}/X999999: no entry of the journal made it." in told(world)
    replace_rows(world.engine, table, before)
    assert told(world) == ""


def test_a_document_written_otherwise_is_named_though_it_says_the_same(world: World, filled: Filled) -> None:
    row = rows(world, tables.licences)[0]
    set_row(world, tables.licences, row, document=row["document"].replace(":", ": ", 1))
    assert f"licence/{filled.licence.id}: it is not as its last act left it" in told(world)


def test_an_older_state_of_a_record_put_back_is_named(world: World, filled: Filled) -> None:
    row = rows(world, tables.licences)[0]
    world.wait(minutes=1)
    world.declare("530120260000000003")
    set_row(world, tables.licences, row, document=row["document"])
    assert f"licence/{filled.licence.id}: it is not as its last act left it" in told(world)


def test_a_case_hidden_by_its_index_column_is_named(world: World, filled: Filled) -> None:
    for changed in ({"state": "withdrawn"}, {"organisation": "FIRM-B"}, {"about": "L000001"}, {"codes": ""}):
        row = next(row for row in rows(world, tables.cases) if row["id"] == filled.case)
        set_row(world, tables.cases, row, **changed)
        assert told(world) == f"Record case/{filled.case}: its columns do not agree with its document."
        set_row(world, tables.cases, row, **{name: row[name] for name in changed})


@pytest.mark.parametrize("place", ["first", "middle", "last"])
def test_a_journal_row_whose_value_was_changed_is_named(world: World, filled: Filled, place: str) -> None:
    stored = rows(world, tables.journal)
    row = stored[{"first": 0, "middle": len(stored) // 2, "last": -1}[place]]
    for column in tables.journal.columns:
        value = other_value(column, row[column.name])
        set_row(world, tables.journal, row, **{column.name: value})
        faults = told(world)
        if column.name == "seq":
            assert f"entry {value}" in faults or f"ends at entry {value}" in faults, column.name
        else:
            assert f"Journal entry {row['seq']}" in faults, column.name
        set_row(world, tables.journal, {**row, "seq": value if column.name == "seq" else row["seq"]}, **row)
        assert told(world) == ""


def test_a_journal_row_that_was_deleted_is_named(world: World, filled: Filled) -> None:
    stored = rows(world, tables.journal)
    for place in (0, len(stored) // 2):
        replace_rows(world.engine, tables.journal, [*stored[:place], *stored[place + 1 :]])
        assert f"between entry {place} and entry {place + 2} 1 are missing" in told(world)
    replace_rows(world.engine, tables.journal, stored[:-1])
    assert f"ends at entry {len(stored) - 1}; its head says {len(stored)}" in told(world)


def test_two_journal_rows_that_changed_places_are_named(world: World, filled: Filled) -> None:
    stored = rows(world, tables.journal)
    one, other = stored[3], stored[4]
    swapped = [{**other, "seq": one["seq"]}, {**one, "seq": other["seq"]}]
    replace_rows(world.engine, tables.journal, [*stored[:3], *swapped, *stored[5:]])
    assert "Journal entry 4" in told(world) and "Journal entry 5" in told(world)
    rehashed: list[dict[str, Any]] = []
    for row in swapped:
        bare = {**row, "previous": rehashed[-1]["hash"] if rehashed else stored[2]["hash"]}
        del bare["hash"]
        made = entry_of(*(bare[name] for name in Entry._fields[:-1]))
        rehashed.append(made._asdict())
    replace_rows(world.engine, tables.journal, [*stored[:3], *rehashed, *stored[5:]])
    assert "Journal entry 6: it does not follow on the entry before" in told(world)


def test_a_journal_row_that_was_added_is_named(world: World, filled: Filled) -> None:
    stored = rows(world, tables.journal)
    number = len(stored) + 1
    copy = {**stored[-1], "seq": number}
    replace_rows(world.engine, tables.journal, [*stored, copy])
    assert f"Journal entry {number}" in told(world)
    bare = {**copy, "previous": stored[-1]["hash"]}
    fitting = entry_of(*(bare[name] for name in Entry._fields[:-1]))
    replace_rows(world.engine, tables.journal, [*stored, fitting._asdict()])
    assert f"The journal ends at entry {number}; its head says {number - 1}" in told(world)


def cut(world: World, kept: int) -> dict[str, Any]:
    """Cut the journal off after some entries; gives the head that would fit it, unsigned."""
    stored = rows(world, tables.journal)[:kept]
    replace_rows(world.engine, tables.journal, stored)
    return {"seq": kept, "at": stored[-1]["at"], "hash": stored[-1]["hash"]}


def test_a_journal_cut_off_with_a_head_written_without_the_key_is_named(world: World, filled: Filled) -> None:
    head = rows(world, tables.head)[0]
    set_row(world, tables.head, head, **cut(world, len(rows(world, tables.journal)) - 3))
    assert "does not bear the signature" in told(world)


def test_a_head_signed_with_another_key_is_named_by_who_knows_the_key(world: World, filled: Filled) -> None:
    before = world.ledger.head
    assert before is not None
    thief = Ed25519PrivateKey.generate()
    signature = thief.sign(signed_text(before.seq, before.at, before.hash)).hex()
    set_row(world, tables.head, {"id": 1}, signature=signature, public_key=public_of(thief))
    assert "does not bear the signature of the desk's key" in told(world, public_key=public_of(KEY))
    assert "does not bear the signature of the desk's key" in told(world, kept_head=before)


@pytest.mark.parametrize("column", ["seq", "at", "hash", "signature", "public_key"])
def test_a_head_whose_value_was_changed_is_named(world: World, filled: Filled, column: str) -> None:
    head = rows(world, tables.head)[0]
    set_row(world, tables.head, head, **{column: other_value(tables.head.c[column], head[column])})
    assert "head" in told(world).lower()


@pytest.mark.parametrize("how", ["renumbered", "doubled"])
def test_a_head_that_is_not_the_only_row_of_number_one_is_named(world: World, filled: Filled, how: str) -> None:
    head = rows(world, tables.head)[0]
    second = {**head, "id": 2}
    replace_rows(world.engine, tables.head, [second] if how == "renumbered" else [head, second])
    assert "head" in told(world).lower()


def test_a_head_that_was_deleted_is_named(world: World, filled: Filled) -> None:
    replace_rows(world.engine, tables.head, [])
    assert "The head of the journal is missing." in told(world)


def test_a_store_emptied_as_a_whole_is_named_by_a_kept_head(world: World, filled: Filled) -> None:
    kept = world.ledger.head
    empty(world)
    assert kept is not None
    assert f"The head that was kept is of entry {kept.seq}; the journal ends at 0." in told(world, kept_head=kept)


def test_a_journal_rewritten_from_scratch_with_the_same_key_is_named_by_a_kept_head(
    world: World, filled: Filled
) -> None:
    kept = world.ledger.head
    empty(world)
    forger = World(world.engine, world.law, start="2026-03-03T09:00:00+08:00")
    fill(forger)
    forger.ledger.close()
    assert told(world) == ""
    assert kept is not None
    assert f"Journal entry {kept.seq}: it is not the one of the head that was kept" in told(world, kept_head=kept)


def test_a_kept_head_holds_while_the_journal_grows(world: World, filled: Filled) -> None:
    kept = world.ledger.head
    world.submitted()
    assert told(world, kept_head=kept) == ""


def test_a_kept_head_that_was_forged_is_named(world: World, filled: Filled) -> None:
    kept = world.ledger.head
    assert kept is not None
    forged = kept._replace(at="2020-01-01T00:00:00.000000Z")
    assert "The head that was kept does not bear the signature" in told(world, kept_head=forged)


def test_a_paper_whose_bytes_were_changed_is_named(world: World, filled: Filled) -> None:
    for row in rows(world, tables.papers):
        set_row(world, tables.papers, row, content=row["content"][:-1] + b"!")
        assert told(world) == f"Paper {row['sha256'][:12]}…: its content was altered."
        set_row(world, tables.papers, row, content=row["content"])


def test_a_paper_that_was_deleted_added_or_renamed_is_named(world: World, filled: Filled) -> None:
    stored = rows(world, tables.papers)
    replace_rows(world.engine, tables.papers, stored[1:])
    assert told(world) == f"Paper {stored[0]['sha256'][:12]}…: it is missing."
    strange = {"sha256": sha256(b"never filed"), "size": 11, "content": b"never filed"}
    replace_rows(world.engine, tables.papers, [*stored, strange])
    assert told(world) == f"Paper {strange['sha256'][:12]}…: no entry of the journal filed it."
    replace_rows(world.engine, tables.papers, [{**stored[0], "sha256": "0" * 64}, *stored[1:]])
    assert stored[0]["sha256"][:12] in told(world)


def test_a_paper_whose_size_was_changed_is_named(world: World, filled: Filled) -> None:
    row = rows(world, tables.papers)[0]
    set_row(world, tables.papers, row, size=row["size"] + 1)
    assert row["sha256"][:12] in told(world)


def test_a_paper_destroyed_by_the_desk_is_no_fault(world: World, filled: Filled) -> None:
    case = world.desk.case(OFFICER, filled.case)
    world.go_to("2034-06-01")
    world.do(OFFICER, case, "discard", sha256=case.papers[0].sha256, reason="its time is over")
    assert told(world) == ""
    with writing(world.engine) as connection:
        content = b"brought back"
        connection.execute(
            insert(tables.papers), [{"sha256": case.papers[0].sha256, "size": len(content), "content": content}]
        )
    assert case.papers[0].sha256[:12] in told(world)


def test_a_paper_that_two_cases_hold_outlives_the_first(world: World, filled: Filled) -> None:
    old = world.desk.case(OFFICER, filled.case)
    same = world.desk.paper(OFFICER, old.id, old.papers[0].sha256)[2]
    world.go_to("2034-06-01")
    new = world.desk.open_case(EXPORTER, application())
    world.desk.file_paper(EXPORTER, new.id, old.papers[0].kind, "the same paper", "text/plain", same)
    world.do(OFFICER, old, "discard", sha256=old.papers[0].sha256, reason="its time is over")
    assert world.desk.paper(EXPORTER, new.id, old.papers[0].sha256)[2] == same


def test_a_paper_that_is_missing_though_another_case_discarded_it_before_is_named(world: World, filled: Filled) -> None:
    old = world.desk.case(OFFICER, filled.case)
    same = world.desk.paper(OFFICER, old.id, old.papers[0].sha256)[2]
    world.go_to("2034-06-01")
    world.do(OFFICER, old, "discard", sha256=old.papers[0].sha256, reason="its time is over")
    new = world.desk.open_case(EXPORTER, application())
    world.desk.file_paper(EXPORTER, new.id, old.papers[0].kind, "the same paper", "text/plain", same)
    assert told(world) == ""
    replace_rows(
        world.engine,
        tables.papers,
        [row for row in rows(world, tables.papers) if row["sha256"] != old.papers[0].sha256],
    )
    assert old.papers[0].sha256[:12] in told(world)


def test_a_body_that_cannot_be_read_is_named(world: World, filled: Filled) -> None:
    row = rows(world, tables.journal)[2]
    for body in ("", "[]", "null", "{", '{"told":{}}', '{"after":3,"told":{}}'):
        set_row(world, tables.journal, row, body=body)
        assert "Journal entry 3: its body cannot be read." in told(world)


def test_a_record_that_cannot_be_read_is_named(world: World, filled: Filled) -> None:
    for document in ("", "{}", "[1", "null"):
        row = rows(world, tables.cases)[0]
        set_row(world, tables.cases, row, document=document)
        assert f"Record case/{row['id']}" in told(world)


def test_of_many_faults_the_rest_is_counted(world: World, filled: Filled) -> None:
    stored = rows(world, tables.journal)
    replace_rows(world.engine, tables.journal, [{**row, "account": "nobody"} for row in stored])
    extra = [{**row, "id": f"X{place:06}"} for place in range(60) for row in rows(world, tables.products)[:1]]
    replace_rows(world.engine, tables.products, [*rows(world, tables.products), *extra])
    faults = verify(world.engine).faults
    assert len(faults) == MOST_TOLD + 1
    assert faults[-1].endswith("more faults.")


def test_the_desk_goes_on_after_a_check_and_the_store_still_holds(world: World, filled: Filled) -> None:
    second = Ledger(world.engine, KEY, now=lambda: world.now, patience=5)
    try:
        assert told(world) == ""
        world.submitted()
        assert told(world, kept_head=second.head) == ""
    finally:
        second.close()
