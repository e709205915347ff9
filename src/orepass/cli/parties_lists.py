"""``orepass parties``: the lists of parties: those of the law, and those that the user brings; and the hits that a reviewer cleared."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Optional, cast

import typer

from orepass.errors import BadInput

if TYPE_CHECKING:
    from orepass.parties.cleared import Cleared
    from orepass.parties.listed import Asked, ListedParty
    from orepass.parties.lists import ReadList
    from orepass.parties.versions import Version

app = typer.Typer(help="Lists of parties, and cleared hits.", no_args_is_help=True, rich_markup_mode=None)

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
KnownBy = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--known", metavar="DATE", help="As could be known by that day; all that is known unless named."),
]
ListedAs = Annotated[str, typer.Argument(metavar="LIST/ID", help="A listing, such as my-list/17 or CN-2025-01/1.")]
PartyName = Annotated[str, typer.Argument(metavar="NAME", help="The party that was asked about.")]
Why = Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason, for those who come later.")]
By = Annotated[Optional[str], typer.Option("--by", metavar="NAME", help="Who decides; the user of the computer.")]  # noqa: UP045
CountryOf = Annotated[Optional[str], typer.Option("--country", help="The party's country, as it is asked about.")]  # noqa: UP045
AddressOf = Annotated[str, typer.Option("--address", help="The party's address, as it is asked about.")]
NumbersOf = Annotated[
    Optional[list[str]],  # noqa: UP045
    typer.Option("--identifier", metavar="KIND:VALUE", help="A number of the party, such as lei:...; may be repeated."),
]

_SHOWN_PROBLEMS = 20
_SHOWN_LISTINGS = 10


@app.command("import")
def import_list(
    file: Annotated[str, typer.Argument(metavar="FILE", help="JSON lines, JSON, CSV or XLSX.")],
    name: Annotated[str, typer.Option("--name", metavar="ID", help="The list's id, such as us-csl.")],
    form: Annotated[Optional[str], typer.Option("--form", help="ftm, csl or table; seen from the content.")] = None,  # noqa: UP045
    published: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--published", metavar="DAY", help="Since when it could be known; else the newest day in it."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Keep a list of parties as a new version of it."""
    from orepass.parties import shelf
    from orepass.parties.lists import read_list

    shelf.check_id(name)
    day = _day(published, "--published")
    read = read_list(file, name, form)
    version = shelf.put(name, read, published=day)
    if as_json:
        _print_json(_imported(version, read))
        return
    typer.echo(version.says)
    typer.echo(_counted(read))
    for warning in read.warnings:
        typer.echo(warning, err=True)
    for problem in read.problems[:_SHOWN_PROBLEMS]:
        typer.echo(problem.says, err=True)
    if len(read.problems) > _SHOWN_PROBLEMS:
        typer.echo(f"... and {len(read.problems) - _SHOWN_PROBLEMS} more problems; --json tells all.", err=True)


def _imported(version: Version, read: ReadList) -> dict[str, Any]:
    return {
        "list": version.list,
        "version": version.id,
        "changed": version.is_new,
        "says": version.says,
        "form": read.form,
        "records": read.records,
        "parties": len(read.parties),
        "stakes": len(read.ownership),
        "passed_over": dict(read.passed_over),
        "lost": read.lost,
        "warnings": list(read.warnings),
        "problems": [{"line": problem.line, "lost": problem.lost, "says": problem.says} for problem in read.problems],
    }


def _counted(read: ReadList) -> str:
    """What became of the records of a file; nothing goes unsaid."""
    parts = [f"{_many(len(read.parties), 'listed party', 'listed parties')} in {_many(read.records, 'record')}"]
    if read.ownership:
        parts.append(_many(len(read.ownership), "stake"))
    if read.passed_over:
        parts.append("passed over: " + ", ".join(f"{count} {what}" for what, count in read.passed_over))
    fields = len(read.problems) - read.lost
    if read.lost:
        parts.append(f"{_many(read.lost, 'record')} could not be read")
    if fields:
        parts.append(f"{_many(fields, 'remark')} on records that were read")
    return "; ".join(parts) + "."


def _many(count: int, one: str, more: str = "") -> str:
    return f"{count} {one if count == 1 else more or one + 's'}"


@app.command("list")
def list_lists(known: KnownBy = None, as_json: Json = False) -> None:
    """List the lists of parties: those of the law and your own, with their versions."""
    from orepass.parties import shelf

    by = _day(known, "--known")
    rows = _lists_of_law(by)
    for list_id in shelf.lists():
        current = shelf.version_known(list_id, by)
        rows += [_version_row(version, current) for version in shelf.versions(list_id)]
    if as_json:
        _print_json(rows)
        return
    from rich.console import Console
    from rich.table import Table

    grid = Table("list", "version", "parties", "known since", "file", "state")
    for column in grid.columns[:4]:
        column.no_wrap = True
    for row in rows:
        cells = (str(row[key] or "") for key in ("list", "version", "parties", "known_since", "file"))
        grid.add_row(*cells, _state_of(row))
    Console(highlight=False, markup=False).print(grid)


def _state_of(row: dict[str, Any]) -> str:
    said = ["current" if row["current"] else "earlier" if row["known"] else "not yet known"]
    if row["imported_on"] and row["imported_on"] != row["known_since"]:
        said.append(f"imported {row['imported_on']}")
    if row["lost"]:
        said.append(f"{row['lost']} lost")
    return ", ".join(said)


def _version_row(version: Version, current: Version | None) -> dict[str, Any]:
    arrival = version.latest
    return {
        "list": version.list,
        "by": "user",
        "version": version.id,
        "parties": version.parties,
        "stakes": version.stakes,
        "published": arrival.published_on,
        "known_since": version.known_since,
        "imported_on": arrival.imported_on,
        "file": arrival.file,
        "form": arrival.form,
        "problems": version.problems,
        "lost": version.lost,
        "current": current is not None and version.id == current.id,
        "known": current is not None and version.known_since <= current.latest.known_since,
    }


def _lists_of_law(known: date | None) -> list[dict[str, Any]]:
    from orepass.determination.listed_by_law import LISTS
    from orepass.law.timeline import Law

    law = Law.load()
    acts = law.facts.instruments
    rows: list[dict[str, Any]] = []
    for name, title in LISTS.items():
        published = [
            acts[listing.instrument].published
            for listing in law.facts.listings
            if listing.list == name and (known is None or acts[listing.instrument].published <= known)
        ]
        rows.append(
            {
                "list": name,
                "by": "law",
                "version": law.version,
                "parties": len(published),
                "stakes": 0,
                "published": max(published, default=None),
                "known_since": max(published, default=None),
                "imported_on": None,
                "file": title,
                "form": "law",
                "problems": 0,
                "lost": 0,
                "current": True,
                "known": bool(published),
            }
        )
    return rows


@app.command("show")
def show(
    what: Annotated[str, typer.Argument(metavar="LIST/ID|NAME", help="A listing, or a party by its name.")],
    on: Annotated[Optional[str], typer.Option("--on", metavar="DATE", help="Its state that day, else today.")] = None,  # noqa: UP045
    known: KnownBy = None,
    as_json: Json = False,
) -> None:
    """Show all that is known of a listing: names, notice, days, bars, source, history, cleared hits."""
    from orepass.cli.parties_shown import record, resolve

    day = _day(on, "--on") or date.today()
    records = [record(listing, day) for listing in resolve(what, day, _day(known, "--known"))]
    if as_json:
        _print_json(records)
        return
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False, markup=False)
    for number, told in enumerate(records[:_SHOWN_LISTINGS]):
        grid = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
        grid.add_column(style="bold", no_wrap=True)
        grid.add_column(overflow="fold")
        for key, value in told.items():
            if value not in (None, "", [], {}):
                lines = cast("list[Any]", value) if isinstance(value, list) else [value]
                grid.add_row(key, "\n".join(str(item) for item in lines))
        if number:
            console.print()
        console.print(grid)
    if len(records) > _SHOWN_LISTINGS:
        rest = ", ".join(told["listing"] for told in records[_SHOWN_LISTINGS : _SHOWN_LISTINGS + 10])
        typer.echo(f"... and {len(records) - _SHOWN_LISTINGS} more: {rest}{' ...' if len(records) > 20 else ''}")


@app.command("clear")
def clear(
    name: PartyName,
    listing: ListedAs,
    why: Why,
    country: CountryOf = None,
    address: AddressOf = "",
    identifier: NumbersOf = None,
    by: By = None,
    as_json: Json = False,
) -> None:
    """Record that a party is not the listed one: until either changes, the hit stays cleared."""
    from orepass.parties import cleared

    asked, party = _asked(name, country, identifier or (), address), _one(listing)
    before = cleared.clearing(asked, party)
    _tell(before or cleared.clear(asked, party, why, _reviewer(by)), already=before is not None, as_json=as_json)


@app.command("reopen")
def reopen(
    name: PartyName,
    listing: ListedAs,
    why: Why,
    country: CountryOf = None,
    address: AddressOf = "",
    identifier: NumbersOf = None,
    by: By = None,
    as_json: Json = False,
) -> None:
    """Take a clearing back: the hit is asked about again."""
    from orepass.parties import cleared

    asked, party = _asked(name, country, identifier or (), address), _one(listing)
    old = cleared.stale(asked, party)
    if old is not None and old.differences:
        changed = "; ".join(map(str, old.differences))
        raise BadInput(
            f"the clearing of {old.cleared.on} holds no longer as it is ({changed})",
            where=f"{party.list}/{party.id}",
            remedy="nothing has to be reopened, or name the party as it was cleared",
        )
    _tell(cleared.reopen(asked, party, why, _reviewer(by)), already=False, as_json=as_json)


def _tell(line: Cleared, *, already: bool, as_json: bool) -> None:
    if as_json:
        _print_json(line._asdict() | {"already": already})
        return
    deed = "Cleared" if line.deed == "clear" else "Reopened"
    against = f"{line.party['name']!r} against {line.list}/{line.entry}"
    if already:
        typer.echo(f"Nothing changes: {against} was cleared by {line.by} on {line.on}: {line.why}")
    else:
        typer.echo(f"{deed}: {against}, by {line.by} on {line.on}.")


@app.command("drop")
def drop(
    name: Annotated[str, typer.Argument(metavar="ID", help="The list's id.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Remove a list of yours with all its versions: past answers that rest on it can then not be made again."""
    from orepass.parties import shelf

    if not yes:
        typer.confirm(f"Remove {name} with all its versions?", abort=True, err=True)
    count = shelf.drop(name)
    if as_json:
        _print_json({"list": name, "versions": count})
    else:
        typer.echo(f"{name} is removed with {_many(count, 'version')}.")


def _one(listing: str) -> ListedParty:
    """The listing of an id, as it stands today."""
    from orepass.cli.parties_shown import by_id

    found = by_id(listing, date.today(), None)
    if found is None:
        raise BadInput(
            f"no listing has the id {listing!r}",
            where="argument LIST/ID",
            expected="LIST/ID such as CN-2025-01/1 or my-list/17",
            remedy="see `orepass parties show NAME`",
        )
    return found.party


def _asked(name: str, country: str | None, identifiers: Iterable[str], address: str) -> Asked:
    from orepass.parties.listed import Asked, Identifier
    from orepass.places import country_code

    numbers: list[Identifier] = []
    for text in identifiers:
        kind, colon, value = text.partition(":")
        if not (kind.strip() and colon and value.strip()):
            raise BadInput(
                f"{text!r} is no identifier", where="--identifier", expected="KIND:VALUE such as lei:5493..."
            )
        numbers.append(Identifier(kind.strip().casefold(), value.strip()))
    try:
        code = country_code(country) if country else None
    except BadInput as error:
        raise error.at("--country") from None
    return Asked(name, code, tuple(numbers), address)


def _reviewer(by: str | None) -> str:
    import getpass

    if by:
        return by
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        raise BadInput("who decides is not known", where="--by", expected="the name of the reviewer") from None


def _day(text: str | None, option: str) -> date | None:
    from orepass.determination.transaction import a_day

    return a_day(text, option) if text else None


def _print_json(data: Any) -> None:
    import json

    print(json.dumps(data, indent=2, ensure_ascii=False, default=str))
