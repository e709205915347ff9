"""The schema goes up and down, and what lies in it goes with it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from threading import Barrier

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from desk_world import World
from orepass.errors import BadInput
from orepass.law.timeline import Law
from orepass.store import tables
from orepass.store.database import migrate, open_database, revision_of, revisions, writing
from orepass.store.verifying import verify
from store_world import fill, rows_of


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    found = open_database(database_url)
    yield found
    found.dispose()


def names(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def differences(engine: Engine) -> list[object]:
    with engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), tables.metadata))


def filled(engine: Engine, law: Law, *, checks: bool) -> None:
    world = World(engine, law)
    fill(world, checks=checks)
    world.ledger.close()


def test_from_nothing_to_the_newest_schema(engine: Engine) -> None:
    assert (revision_of(engine), names(engine)) == (None, set())
    migrate(engine)
    assert revision_of(engine) == revisions()[-1]
    assert names(engine) == set(tables.metadata.tables)


def test_the_schema_is_what_the_tables_say(engine: Engine) -> None:
    migrate(engine)
    assert differences(engine) == []


def test_the_comparison_sees_a_difference(engine: Engine) -> None:
    migrate(engine)
    with writing(engine) as connection:
        connection.execute(text("DROP INDEX ix_cases_about"))
        connection.execute(text("ALTER TABLE licences DROP COLUMN valid_to"))
    assert len(differences(engine)) == 2


def test_migrating_twice_changes_nothing(engine: Engine, law: Law) -> None:
    migrate(engine)
    filled(engine, law, checks=True)
    before = rows_of(engine)
    migrate(engine)
    assert rows_of(engine) == before


def test_down_to_the_first_revision_and_up_again_keeps_every_row(engine: Engine, law: Law) -> None:
    migrate(engine)
    filled(engine, law, checks=False)
    before = rows_of(engine)
    migrate(engine, "0001")
    assert revision_of(engine) == "0001"
    assert differences(engine) != []
    migrate(engine)
    assert rows_of(engine) == before
    assert differences(engine) == []
    assert verify(engine).faults == ()


def test_checks_that_were_kept_outlive_a_way_down_and_up(engine: Engine, law: Law) -> None:
    migrate(engine)
    filled(engine, law, checks=True)
    before = rows_of(engine)
    migrate(engine, "0001")
    migrate(engine)
    assert rows_of(engine) == before
    assert verify(engine).faults == ()


def test_the_desk_works_on_after_the_way_down_and_up(engine: Engine, law: Law) -> None:
    migrate(engine)
    filled(engine, law, checks=False)
    migrate(engine, "0001")
    migrate(engine)
    world = World(engine, law)
    world.go_to("2026-03-10")
    assert world.granted().state == "in_force"
    world.ledger.close()
    assert verify(engine).faults == ()


def test_every_revision_is_reached_going_up_and_going_down(engine: Engine) -> None:
    for revision in revisions():
        migrate(engine, revision)
        assert revision_of(engine) == revision
    for revision in reversed(revisions()):
        migrate(engine, revision)
        assert revision_of(engine) == revision


def test_down_to_the_base_leaves_no_table(engine: Engine, law: Law) -> None:
    migrate(engine)
    filled(engine, law, checks=True)
    migrate(engine, "base")
    assert (revision_of(engine), names(engine)) == (None, set())
    migrate(engine)
    assert not any(rows_of(engine).values())


def test_two_servers_that_start_at_once_both_find_the_schema(database_url: str) -> None:
    together = Barrier(2)

    def start() -> str | None:
        engine = open_database(database_url)
        try:
            together.wait(20)
            migrate(engine)
            return revision_of(engine)
        finally:
            engine.dispose()

    with ThreadPoolExecutor(2) as servers:
        found = [server.result(60) for server in [servers.submit(start), servers.submit(start)]]
    assert found == [revisions()[-1]] * 2


def test_a_database_of_a_later_orepass_is_refused_in_one_sentence(engine: Engine) -> None:
    migrate(engine)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(BadInput, match="9999, which this Orepass does not know") as refusal:
        migrate(engine)
    told = str(refusal.value)
    assert "\n" not in told and told.endswith(".")
    assert names(engine) == set(tables.metadata.tables)


def test_a_migration_that_fails_leaves_the_schema_as_it_was(engine: Engine, law: Law) -> None:
    migrate(engine)
    filled(engine, law, checks=False)
    migrate(engine, "0001")
    with writing(engine) as connection:
        connection.execute(text("UPDATE licences SET document = '{}'"))
    with pytest.raises(KeyError):
        migrate(engine)
    assert revision_of(engine) == "0001"
    assert "jobs" not in names(engine)
    assert "valid_to" not in {column["name"] for column in inspect(engine).get_columns("licences")}


def test_a_file_that_is_no_database_is_refused_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("these are notes, and no database at all\n" * 200)
    with ExitStack() as stack:
        engine = open_database(str(path))
        stack.callback(engine.dispose)
        with pytest.raises(BadInput, match="cannot be opened") as refusal:
            migrate(engine)
        assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("url", ["mysql://somewhere/desk", "http://somewhere/desk", "sqlite//:/desk://x"])
def test_what_is_no_database_we_know_is_refused(url: str) -> None:
    with pytest.raises(BadInput, match="database"):
        open_database(url)
