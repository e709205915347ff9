"""Commands of ``orepass desk`` about accounts: whoever holds the database may enter and close them."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from orepass.cli.desk_hand import Database, at_hand


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(organisation)
    app.command()(account)
    app.command("account-close")(account_close)
    app.command()(password)
    app.command()(token)


def organisation(code: str, name: str, database: Database = None) -> None:
    """Enter an organisation: its code, as customs write it, and its name."""
    with at_hand(database) as desk:
        made = desk.accounts.add_organisation(code, name)
        typer.echo(f"Entered {made.id}, {made.name}.")


def account(
    name: str,
    organisation: Annotated[str, typer.Option("--organisation", help="The code of its organisation.")],
    role: Annotated[list[str], typer.Option("--role", help="exporter, officer, countersigner, customs or auditor.")],
    no_password: Annotated[bool, typer.Option("--no-password", help="For tokens and OpenID Connect alone.")] = False,
    database: Database = None,
) -> None:
    """Enter an account. Its password is asked for, or read from standard input."""
    password = None if no_password else _password(name)
    with at_hand(database) as desk:
        made = desk.accounts.add(name, organisation, role, password)
        typer.echo(f"Entered {made.id} of {made.organisation}: {', '.join(made.roles)}.")


def account_close(name: str, database: Database = None) -> None:
    """Close an account: its password and its tokens open nothing any more."""
    with at_hand(database) as desk:
        desk.accounts.close(name)
        typer.echo(f"Closed {name}.")


def password(name: str, database: Database = None) -> None:
    """Give an account another password; its tokens are revoked."""
    with at_hand(database) as desk:
        desk.accounts.set_password(name, _password(name))
        typer.echo(f"{name} has a new password.")


def token(
    name: Annotated[str, typer.Argument(metavar="ACCOUNT")],
    hours: Annotated[int, typer.Option("--hours", min=1, max=8784)] = 24,
    note: Annotated[str, typer.Option("--note")] = "",
    database: Database = None,
) -> None:
    """Open a token for a program; its text is printed once."""
    with at_hand(database) as desk:
        typer.echo(desk.accounts.token(desk.actor(name), note, hours).text)


def _password(name: str) -> str:
    if sys.stdin.isatty():
        return typer.prompt(f"Password of {name}", hide_input=True, confirmation_prompt=True)
    return sys.stdin.readline().rstrip("\n")
