"""A desk at hand: what every command of ``orepass desk`` begins with, and how it shows what it has."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, Optional

import typer

from orepass.errors import BadInput

if TYPE_CHECKING:
    from pydantic import BaseModel

    from orepass.desk.accounts import Accounts
    from orepass.desk.desk import Desk
    from orepass.desk.gate import Gate
    from orepass.licences.case import Actor, Case
    from orepass.store.ledger import Ledger

Database = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--database", metavar="URL", help="SQLite path or postgresql://...; else OREPASS_DATABASE."),
]
As = Annotated[str, typer.Option("--as", metavar="ACCOUNT", help="Who acts.", envvar="OREPASS_ACCOUNT")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


class Open(NamedTuple):
    """A desk at hand."""

    ledger: Ledger
    desk: Desk
    gate: Gate
    accounts: Accounts

    def actor(self, name: str) -> Actor:
        """Who acts."""
        return self.accounts.actor(name)


@contextmanager
def at_hand(database: str | None) -> Generator[Open, None, None]:
    """The desk of a database, which is made when there is none."""
    from orepass.desk.accounts import Accounts
    from orepass.desk.desk import Desk
    from orepass.desk.gate import Gate
    from orepass.desk.settings import Settings
    from orepass.law.timeline import Law
    from orepass.store.database import migrate, open_database
    from orepass.store.keys import signing_key
    from orepass.store.ledger import Ledger

    settings = Settings(database=database) if database else Settings()
    engine = open_database(settings.database_url)
    migrate(engine)
    ledger = Ledger(engine, signing_key(settings.key_path))
    law = Law.load()
    try:
        yield Open(ledger, Desk(ledger, law), Gate(ledger, law), Accounts(ledger))
    finally:
        ledger.close()
        engine.dispose()


def told(file: str | None, type_: Any, what: str) -> Any:
    """A document of YAML or JSON from a file or standard input (``-``), read strictly."""
    from pydantic import TypeAdapter, ValidationError

    from orepass.cli.check import read_document

    empty: dict[str, Any] = {}
    document, where = (empty, "options") if file is None else read_document(file)
    try:
        return TypeAdapter(type_).validate_json(json.dumps(document, default=str))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the document"
        raise BadInput(
            f"{first['msg'].removeprefix('Value error, ')}", where=f"{where}, field {place}", expected=what
        ) from None


def shown(record: BaseModel) -> None:
    """A record as JSON."""
    typer.echo(json.dumps(record.model_dump(mode="json", by_alias=True), indent=2, ensure_ascii=False))


def valid(type_: Any, document: dict[str, Any]) -> Any:
    """A document that the options make, read strictly."""
    from pydantic import ValidationError

    try:
        return type_.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        raise BadInput(str(first["msg"]), where=f"field {'.'.join(map(str, first['loc']))}") from None


def tell(case: Case, desk: Open, as_json: bool) -> None:
    """How a case stands."""
    if as_json:
        shown(case)
        return
    typer.echo(f"Case {case.id} is {case.state.replace('_', ' ')}.")
    found = case.last_determined
    if found is not None:
        typer.echo(f"  The law of {found.on} says: {found.outcome.replace('_', ' ')}.")
    clock = desk.desk.clock(case)
    if clock is not None and clock.due is not None and case.decision is None:
        forecast = ", a forecast: the days off of that year are not gazetted" if clock.forecast else ""
        typer.echo(f"  Decision by {clock.due} ({clock.counted} of {clock.limit} working days{forecast}).")
    if case.decision is not None and case.decision.licence:
        typer.echo(f"  Licence {case.decision.licence}.")
