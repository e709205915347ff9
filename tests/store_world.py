"""A small store that holds something in every table, and its rows as they lie there."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, Table, insert, select

from desk_world import EXPORTER, OFFICER, World, application
from orepass.licences.licence import Licence
from orepass.store import tables
from orepass.store.database import writing


class Filled(NamedTuple):
    """What lies in the store."""

    licence: Licence
    case: str
    declarations: tuple[str, ...]


def fill(world: World, *, checks: bool = True) -> Filled:
    """Leave records of every kind, papers, and a journal of some length."""
    world.accounts.add_organisation("FIRM-A", "Example Mining")
    world.accounts.add("officer", "FIRM-A", ["officer"], None)
    world.accounts.token(OFFICER, "for a test", 12)
    product = world.desk.add_product(EXPORTER, {"name": "germanium dioxide", "description": "germanium dioxide 5N"})
    if checks:
        line = {"description": "germanium dioxide powder 99.999%", "hs": "28256000"}
        world.desk.keep_check(OFFICER, {"date": "2026-03-02", "to": "DE", "lines": [line]})
    good = {
        "description": "germanium dioxide powder 99.999%",
        "product": product.id,
        "quantity": "500",
        "unit": "kg",
        "value": "600000",
        "currency": "USD",
    }
    licence = world.granted(application(kind="general", goods=[good]))
    world.submitted()
    numbers = ("530120260000000001", "530120260000000002")
    for number in numbers:
        world.wait(minutes=1)
        world.declare(number)
    return Filled(licence, licence.case, numbers)


def rows_of(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, in the order of their keys."""
    with engine.connect() as connection:
        return {table.name: rows_in(connection, table) for table in tables.metadata.sorted_tables}


def rows_in(connection: Connection, table: Table) -> list[dict[str, Any]]:
    query = select(table).order_by(*table.primary_key.columns)
    return [
        {name: bytes(value) if isinstance(value, memoryview) else value for name, value in row.items()}
        for row in connection.execute(query).mappings()
    ]


def replace_rows(engine: Engine, table: Table, rows: list[dict[str, Any]]) -> None:
    """Put other rows in place of those of a table."""
    with writing(engine) as connection:
        connection.execute(table.delete())
        if rows:
            connection.execute(insert(table), rows)
