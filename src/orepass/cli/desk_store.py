"""Commands of ``orepass desk`` about the store: the signed head, the check of everything, backup and restore."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from orepass.cli.desk_hand import Database, Open, at_hand
from orepass.errors import BadInput, NotFound


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(head)
    app.command()(verify)
    app.command()(backup)
    app.command()(restore)


def head(database: Database = None) -> None:
    """Print the signed end of the journal, to be kept elsewhere."""
    with at_hand(database) as desk:
        found = desk.ledger.head
        if found is None:
            raise NotFound("The journal is empty.")
        typer.echo(json.dumps(found._asdict()))


def verify(
    kept: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(
            "--head", metavar="FILE", help="A head that was kept elsewhere: the journal has to hold it still."
        ),
    ] = None,
    database: Database = None,
) -> None:
    """Check every row, record and paper against the journal; exit status 1 when something does not agree."""
    from orepass.store.verifying import verify as check

    known = _head_of(kept) if kept else None
    with at_hand(database) as desk:
        own = None if known else _own_key(desk)
        found = check(desk.ledger.engine, known, own)
    for fault in found.faults:
        typer.echo(fault, err=True)
    typer.echo(
        f"{found.entries:,} entries, {found.records:,} records, {found.papers:,} papers: "
        + ("all as the journal says." if found.holds else "not as the journal says.")
    )
    if known is None:
        typer.echo("A head kept elsewhere (orepass desk head) would also show a journal that was replaced as a whole.")
    if not found.holds:
        raise typer.Exit(1)


def _own_key(desk: Open) -> str:
    from orepass.store.keys import public_of

    return public_of(desk.ledger.key)


def _head_of(path: Path) -> Any:
    from orepass.store.journal import Head

    try:
        return Head(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        raise BadInput(
            "it holds no head of a journal", where=str(path), expected="what orepass desk head printed"
        ) from None


def backup(target: Path, database: Database = None) -> None:
    """Write the whole store into one file, as of one moment."""
    from orepass.store.backup import backup as write

    with at_hand(database) as desk:
        found = write(desk.ledger.engine, target)
    typer.echo(f"Written {target}: {found.entries:,} entries, {found.records:,} records, {found.papers:,} papers.")
    for fault in found.faults:
        typer.echo(f"Warning: {fault}", err=True)


def restore(source: Path, database: Database = None) -> None:
    """Take a backup into an empty database, SQLite or PostgreSQL."""
    from orepass.desk.settings import Settings
    from orepass.store.backup import restore as take
    from orepass.store.database import open_database

    settings = Settings(database=database) if database else Settings()
    engine = open_database(settings.database_url)
    try:
        found = take(engine, source)
    finally:
        engine.dispose()
    typer.echo(f"Restored {found.entries:,} entries, {found.records:,} records, {found.papers:,} papers.")
    for fault in found.faults:
        typer.echo(fault, err=True)
    if not found.holds:
        raise typer.Exit(1)
