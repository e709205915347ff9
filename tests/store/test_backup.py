"""Backup and restore, from either database into either."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from desk_world import KEY, Postgres, World
from orepass.errors import BadInput, NotPossible
from orepass.store import tables
from orepass.store.backup import backup, kept_tables, restore
from orepass.store.database import migrate, open_database
from orepass.store.ledger import Ledger


@pytest.fixture(params=["sqlite", "postgresql"])
def other_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'other.db'}"
    else:
        server: Postgres = request.getfixturevalue("postgres_server")
        with server.database() as url:
            yield url


def filled(world: World) -> World:
    world.granted()
    world.declare("D1")
    world.accounts.add_organisation("FIRM-A", "Example exporter")
    return world


def test_what_is_restored_is_what_was_there_and_goes_on(world: World, other_url: str, tmp_path: Path) -> None:
    filled(world)
    target = tmp_path / "kept.zip"
    assert backup(world.engine, target).holds
    other = open_database(other_url)
    found = restore(other, target)
    assert found.faults == () and found.entries > 10 and found.papers == 5
    for table in kept_tables():
        order = list(table.primary_key)
        with world.engine.connect() as ours, other.connect() as theirs:
            query = select(table).order_by(*order)
            assert [tuple(row) for row in ours.execute(query)] == [tuple(row) for row in theirs.execute(query)]
    ledger = Ledger(other, KEY, now=lambda: world.now)
    again = World(other, world.law)
    again.ledger = ledger
    again.granted()
    ledger.close()
    again.desk.ledger.close()
    other.dispose()


def test_a_store_that_holds_something_is_never_overwritten(world: World, tmp_path: Path) -> None:
    filled(world)
    target = tmp_path / "kept.zip"
    backup(world.engine, target)
    with pytest.raises(NotPossible, match="not empty"):
        restore(world.engine, target)
    with pytest.raises(BadInput, match="there is such a file"):
        backup(world.engine, target)


def test_a_damaged_backup_is_refused_and_leaves_the_database_empty(world: World, tmp_path: Path) -> None:
    filled(world)
    target, damaged = tmp_path / "kept.zip", tmp_path / "damaged.zip"
    backup(world.engine, target)
    with zipfile.ZipFile(target) as source, zipfile.ZipFile(damaged, "w") as out:
        for name in source.namelist():
            content = source.read(name)
            out.writestr(name, content[: len(content) // 2] if name == "cases.jsonl" else content)
    other = open_database(f"sqlite:///{tmp_path / 'other.db'}")
    with pytest.raises(BadInput, match="damaged"):
        restore(other, damaged)
    with other.connect() as connection:
        assert connection.execute(select(tables.journal)).all() == []
    assert restore(other, target).holds
    other.dispose()


def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("no backup")
    engine = open_database(f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(BadInput, match="no backup"):
        restore(engine, path)
    migrate(engine)
    engine.dispose()
