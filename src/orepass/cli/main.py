"""``orepass``: check one transaction, screen a table, read the law, run the demo."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Optional

import typer

from orepass.cli.desk import app as desk_app
from orepass.cli.parties_lists import app as parties_app
from orepass.errors import BadInput, OrepassError

EPILOG = "Orepass is not legal advice."

app = typer.Typer(
    help="China's export controls on strategic minerals as executable law.",
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
law_app = typer.Typer(help="Read the law as data.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(law_app, name="law")
app.add_typer(parties_app, name="parties")
app.add_typer(desk_app, name="desk")

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
OnDay = Annotated[Optional[str], typer.Option("--on", metavar="DATE", help="The law on that day; today unless named.")]  # noqa: UP045
KnownBy = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--known", metavar="DATE", help="The law as published by that day; all that is known unless named."),
]


def day(text: str | None, option: str) -> date | None:
    """A day given as an option."""
    from orepass.determination.transaction import a_day

    return a_day(text, option) if text else None


def standard_input() -> str:
    """A text from standard input."""
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput("it is not text in UTF-8", where="standard input", expected="a description of goods") from None


@app.command()
def check(
    file: Annotated[
        str, typer.Argument(metavar="FILE|-", help="A transaction in YAML or JSON; - reads standard input.")
    ],
    as_json: Json = False,
    ask: Annotated[
        bool, typer.Option("--ask", help="Ask the questions at the terminal and go on with the answers.")
    ] = False,
) -> None:
    """Say what the law asks of one transaction: outcome, why, papers, questions."""
    from orepass.cli.check import run_check

    run_check(file, as_json=as_json, ask=ask)


@app.command()
def classify(
    text: Annotated[str, typer.Argument(metavar="TEXT|-", help="A description of goods; - reads standard input.")],
    hs: Annotated[Optional[str], typer.Option("--hs", metavar="NUMBER", help="The declared number.")] = None,  # noqa: UP045
    on: Annotated[Optional[str], typer.Option("--date", metavar="DATE", help="Day of the law; else today.")] = None,  # noqa: UP045
    as_json: Json = False,
) -> None:
    """Read a description: what it says of the goods, the entries that may hold them, headings, questions."""
    from orepass.cli.classify import run_classify

    run_classify(standard_input() if text == "-" else text, hs, day(on, "--date"), as_json)


@app.command()
def screen(
    table: Annotated[
        str, typer.Argument(metavar="TABLE", help="CSV, XLSX or Parquet, a folder or a pattern; one goods line a row.")
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Where to write: CSV, XLSX, Parquet, or a folder of Parquet files.")
    ],
    on: Annotated[Optional[str], typer.Option("--date", metavar="DATE", help="Day for rows without one.")] = None,  # noqa: UP045
    engine: Annotated[str, typer.Option("--engine", help="auto, numpy, duckdb or spark.")] = "auto",
    columns: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(
            "--columns", metavar="FILE", help="YAML: your column names, and the names under which to read them."
        ),
    ] = None,
    reasons: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--reasons", metavar="FILE", help="Also write the rules behind each row that is not free."),
    ] = None,
    report: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--report", metavar="FILE", help="Also write a page of counts."),
    ] = None,
    memory: Annotated[str, typer.Option("--memory", metavar="SIZE", help="Stay within, such as 2G.")] = "",
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that was stopped.")] = False,
) -> None:
    """Answer a table of any size; a bad row keeps its error and stops nothing."""
    from orepass.cli.screen import Wishes, run_screen

    run_screen(Wishes(table, output, day(on, "--date"), engine, columns, reasons, report, memory, resume))


@app.command()
def demo(
    report: Annotated[Path, typer.Option("--report", help="Where to write the page.")] = Path("orepass-demo.html"),
) -> None:
    """Replay the law over US imports of Chinese origin, 2023 to 2025: a table here and a page with a chart."""
    from orepass.cli.demo import run_demo

    run_demo(report)


@app.command()
def serve(
    host: Annotated[str, typer.Option("--host", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="The port to listen on.")] = 8137,
    database: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--database", metavar="URL", help="SQLite path or postgresql://...; else OREPASS_DATABASE."),
    ] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Fill an empty database with cases to look at.")] = False,
) -> None:
    """Run the licence desk's API."""
    from orepass.cli.serve import run_serve

    run_serve(host, port, database, demo)


@app.command()
def schema(
    which: Annotated[str, typer.Argument(metavar="transaction|determination")],
) -> None:
    """Print the JSON Schema of one of the two public documents."""
    import json

    from orepass.determination.schema import determination_schema, transaction_schema

    schemas = {"transaction": transaction_schema, "determination": determination_schema}
    if which not in schemas:
        raise BadInput(f"{which!r} is no document", where="argument", expected="transaction or determination")
    typer.echo(json.dumps(schemas[which](), indent=2, ensure_ascii=False))


@law_app.command("list")
def law_list(
    on: OnDay = None,
    known: KnownBy = None,
    family: Annotated[Optional[str], typer.Option("--family", help="Only one family, such as gallium.")] = None,  # noqa: UP045
    state: Annotated[Optional[str], typer.Option("--state", help="Only one state, such as in_force.")] = None,  # noqa: UP045
    as_json: Json = False,
) -> None:
    """List the entries and how they stand on a day."""
    from orepass.cli.law import run_list

    run_list(day(on, "--on"), day(known, "--known"), family, state, as_json)


@law_app.command("show")
def law_show(
    name: Annotated[
        str, typer.Argument(metavar="CODE|RULE|INSTRUMENT", help="Such as 3C003.c, US-46-P2 or CN-2025-70.")
    ],
    on: OnDay = None,
    known: KnownBy = None,
    as_json: Json = False,
) -> None:
    """Show an entry, a rule or an instrument: limits, customs numbers, windows, sources."""
    from orepass.cli.law import run_show

    run_show(name, day(on, "--on"), day(known, "--known"), as_json)


@law_app.command("timeline")
def law_timeline(
    first: Annotated[Optional[str], typer.Option("--from", metavar="DATE", help="First day.")] = None,  # noqa: UP045
    last: Annotated[Optional[str], typer.Option("--to", metavar="DATE", help="Last day.")] = None,  # noqa: UP045
    known: KnownBy = None,
    as_json: Json = False,
) -> None:
    """Tell the dated changes of state and the dated facts, in order."""
    from orepass.cli.law import run_timeline

    run_timeline(day(first, "--from"), day(last, "--to"), day(known, "--known"), as_json)


@law_app.command("diff")
def law_diff(
    before: Annotated[str, typer.Argument(metavar="DATE")],
    after: Annotated[str, typer.Argument(metavar="DATE")],
    known: KnownBy = None,
    as_json: Json = False,
) -> None:
    """What stands differently on two days: entries, rules, listings."""
    from orepass.cli.law import run_diff

    first, second = day(before, "first DATE"), day(after, "second DATE")
    assert first is not None and second is not None
    run_diff(first, second, day(known, "--known"), as_json)


@law_app.command("facts")
def law_facts(as_json: Json = False) -> None:
    """List every fact that a rule or a limit may ask for."""
    from orepass.cli.law import run_facts

    run_facts(as_json)


@law_app.command("verify")
def law_verify(
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Fail when a suspension has run out and nobody has looked since.")
    ] = False,
    on: OnDay = None,
    facts: Annotated[Optional[Path], typer.Option("--facts", help="Another folder of law facts.")] = None,  # noqa: UP045
) -> None:
    """Check that the facts hold together; with --fresh, that nobody has to read anything again."""
    from orepass.cli.law import run_verify

    run_verify(fresh, day(on, "--on"), facts)


Lists = Annotated[str, typer.Option("--lists", metavar="LISTS", help="law, your lists by name, or all.")]
Language = Annotated[str, typer.Option("--language", metavar="en|zh", help="The language of the evidence.")]


def _language(language: str) -> str:
    if language not in {"en", "zh"}:
        raise BadInput(f"{language!r} is no language that we write", where="--language", expected="en or zh")
    return language


@parties_app.command("match")
def parties_match(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A party's name, in any script.")],
    country: Annotated[Optional[str], typer.Option("--country", help="Its country.")] = None,  # noqa: UP045
    identifier: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(
            "--identifier", metavar="KIND:VALUE", help="A number of the party, such as lei:...; may be repeated."
        ),
    ] = None,
    address: Annotated[str, typer.Option("--address", help="Its address.")] = "",
    lists: Lists = "all",
    on: OnDay = None,
    known: KnownBy = None,
    language: Language = "en",
    as_json: Json = False,
) -> None:
    """Say which listed parties a party may be, and on what evidence."""
    from orepass.cli.parties import Day, asked_of, run_match

    when = Day(day(on, "--on") or date.today(), day(known, "--known"))
    run_match(asked_of(name, country, identifier or [], address), lists, when, _language(language), as_json)


@parties_app.command("screen")
def parties_screen(
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="CSV, XLSX or Parquet; one party a row.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Where to write: CSV, XLSX or Parquet.")],
    lists: Lists = "all",
    on: OnDay = None,
    known: KnownBy = None,
    language: Language = "en",
) -> None:
    """Hold a table of parties beside the lists: each row with its best hit, and the evidence."""
    from orepass.cli.parties import Day, run_screen

    run_screen(table, output, lists, Day(day(on, "--on") or date.today(), day(known, "--known")), _language(language))


@parties_app.command("score")
def parties_score(
    pairs: Annotated[Path, typer.Argument(metavar="PAIRS", help="A table with columns left and right.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Where to write: CSV, XLSX or Parquet.")],
    language: Language = "en",
) -> None:
    """Give each pair of names a number to sort by and the evidence in words; no list is looked up."""
    from orepass.cli.parties import run_score

    run_score(pairs, output, _language(language))


@parties_app.command("owners")
def parties_owners(
    graph: Annotated[
        Path,
        typer.Argument(metavar="GRAPH", help="CSV, XLSX or Parquet with owner, owned, share; or FollowTheMoney lines."),
    ],
    target: Annotated[str, typer.Option("--target", metavar="NAME", help="The company asked about.")],
    listed: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option("--listed", metavar="NAME", help="A listed party; may be repeated."),
    ] = None,
    lists: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--lists", metavar="LISTS", help="law, your lists by name, or all."),
    ] = None,
    test: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option("--test", metavar="ID", help="A test of ownership, or all; CN-2025-61-2 unless named."),
    ] = None,
    on: OnDay = None,
    known: KnownBy = None,
    language: Language = "en",
    as_json: Json = False,
) -> None:
    """Say what share of a company listed parties hold, and what each test of ownership makes of it."""
    from orepass.cli.owners import run_owners
    from orepass.cli.parties import Day

    when = Day(day(on, "--on") or date.today(), day(known, "--known"))
    run_owners(graph, listed or [], lists, target, test or [], when, _language(language), as_json)


def run() -> None:
    """The program: an error that we raise on purpose is one sentence and exit status 2."""
    try:
        app()
    except OrepassError as error:
        typer.echo(str(error), err=True)
        sys.exit(2)
    except BrokenPipeError:
        sys.exit(0)
    except KeyboardInterrupt:
        typer.echo("Stopped; nothing was written.", err=True)
        sys.exit(130)


if __name__ == "__main__":
    run()
