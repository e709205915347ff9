"""``orepass screen``: a table in, the table with answers out."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, get_args

from orepass.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from rich.console import Console

    from orepass.determination.plan import Plan
    from orepass.determination.run import Progress
    from orepass.determination.tally import Tally
    from orepass.law.timeline import Law


class Wishes(NamedTuple):
    """What the command line asks for."""

    source: str
    target: Path
    on: date | None = None
    engine: str = "auto"
    columns: Path | None = None
    reasons: Path | None = None
    report: Path | None = None
    memory: str = ""
    resume: bool = False


def run_screen(wishes: Wishes) -> None:
    """Read, answer each row, write; say how columns were read and what was counted."""
    from rich.console import Console

    from orepass.determination.columns import read_mapping
    from orepass.determination.plan import MEMORY, check_target, plan_of, sample_of
    from orepass.determination.screen import Engine
    from orepass.law.timeline import Law
    from orepass.tables.open import open_table

    console = Console(stderr=True, highlight=False)
    if wishes.engine not in get_args(Engine):
        raise BadInput(
            f"{wishes.engine!r} is no engine", where="option --engine", expected="one of " + ", ".join(get_args(Engine))
        )
    if wishes.engine in {"duckdb", "spark"} and (wishes.resume or wishes.reasons):
        option = "--resume" if wishes.resume else "--reasons"
        raise BadInput(
            f"{option} is not for --engine {wishes.engine}", expected="one of them", remedy="leave --engine out"
        )
    if wishes.engine == "spark":
        _check_report(wishes, ())
        _on_spark(wishes, console)
        return
    source = open_table(wishes.source)
    mapping = read_mapping(wishes.columns, source.columns, sample_of(source), source.files) if wishes.columns else None
    memory = _bytes(wishes.memory) if wishes.memory else MEMORY
    plan = plan_of(source, mapping, on=wishes.on, memory=memory, reasons=wishes.reasons)
    check_target(plan, wishes.target)
    _check_report(wishes, [part.path for part in source.parts if part.path])
    _tell_columns(plan.mapping, console)
    _warn(plan.mapping, wishes, console)
    for difference in source.drift:
        console.print(f"Note: {difference}", markup=False)
    kept = wishes.target.with_name(f".{wishes.target.name}.orepass")
    if kept.exists() and not wishes.resume:
        console.print("An earlier run of this output was stopped; this one begins anew (--resume would go on with it).")
    law = Law.load()
    try:
        found = _run(wishes, plan, law, console)
    except KeyboardInterrupt:
        console.print("Stopped; nothing was written. Go on with the same command and --resume.")
        raise SystemExit(130) from None
    if wishes.report:
        _write_report(found, wishes, plan.mapping, law)
    _tell(found, wishes, console)


def _run(wishes: Wishes, plan: Plan, law: Law, console: Console) -> Tally:
    with _progress(console) as tell:
        if wishes.engine == "duckdb":
            from orepass.determination.engines import duckdb_file

            return duckdb_file(plan, wishes.target, law)
        from orepass.determination.run import screen_file

        return screen_file(plan, wishes.target, law, resume=wishes.resume, progress=tell)


def _on_spark(wishes: Wishes, console: Console) -> None:
    from orepass.determination.engines import spark_folder
    from orepass.law.timeline import Law

    law = Law.load()
    found, mapping = spark_folder(wishes.source, wishes.target, law, columns=wishes.columns, on=wishes.on)
    _tell_columns(mapping, console)
    _warn(mapping, wishes, console)
    if wishes.report:
        _write_report(found, wishes, mapping, law)
    _tell(found, wishes, console)


@contextmanager
def _progress(console: Console) -> Generator[Callable[[Progress], None]]:
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    words = (TextColumn("screening"), BarColumn(), TextColumn("{task.fields[said]}"), TimeRemainingColumn())
    with Progress(*words, console=console, transient=True) as bar:
        task = bar.add_task("rows", total=None, said="reading the law")

        def tell(done: object) -> None:
            from orepass.determination.run import Progress as Done

            assert isinstance(done, Done)
            speed = done.rows / max(done.seconds, 1e-9)
            bar.update(
                task,
                completed=done.rows,
                total=max(done.total, done.rows),
                said=f"{done.rows:,} of {done.total:,} rows, {speed:,.0f} a second",
            )

        yield tell


def _tell_columns(mapping: object, console: Console) -> None:
    from orepass.determination.columns import OWN_NAME, Mapping, show

    assert isinstance(mapping, Mapping)
    for column, read_as, how in show(mapping):
        if read_as != "-" and how != OWN_NAME:
            console.print(f"Column {column!r} is read as {read_as} ({how}).", markup=False)
    left = [f"{column} ({how})" if how else column for column, read_as, how in show(mapping) if read_as == "-"]
    if left:
        console.print(
            f"Columns kept but not read: {', '.join(left)}. Name them with --columns, or see docs/transaction.md.",
            markup=False,
        )


def _warn(mapping: object, wishes: Wishes, console: Console) -> None:
    """Say aloud what every answer will lack."""
    from orepass.determination.columns import Mapping

    assert isinstance(mapping, Mapping)
    read = set(mapping.of.values())
    lacking = {
        "date": "no row has a day, so every row will have an error" if wishes.on is None else "",
        "to": "" if "end_user_country" in read else "rules for a country are not applied: answers may be too mild",
    }
    for name, says in lacking.items():
        if name in read or not says:
            continue
        may = [column for column, meant in mapping.perhaps.items() if meant == name]
        remedy = f"; write {f'{may[0]}: {name}'!r} into a file for --columns" if may else ""
        if name == "date":
            remedy += ("; or" if remedy else ";") + " give --date"
        console.print(f"Warning: no column is read as {name!r}: {says}{remedy}.", markup=False, style="bold")


def _check_report(wishes: Wishes, inputs: Sequence[Path]) -> None:
    """Refuse a report that could not be written, or that would overwrite something else."""
    report = wishes.report
    if report is None:
        return
    if report.suffix.lower() not in {".html", ".htm"}:
        raise BadInput("the report is a page", where=str(report), expected="a name ending in .html")
    if not report.parent.is_dir():
        raise BadInput("the folder does not exist", where=str(report), expected="a folder that exists")
    others = [path for path in (*inputs, wishes.target, wishes.reasons, wishes.columns) if path is not None]
    if any(report.resolve() == other.resolve() for other in others):
        raise BadInput("the report would overwrite another file", where=str(report), expected="a name of its own")


def _rows(count: int) -> str:
    return f"{count:,} row" if count == 1 else f"{count:,} rows"


def _tell(found: Tally, wishes: Wishes, console: Console) -> None:
    from rich.table import Table as Grid

    grid = Grid("outcome", "rows")
    for outcome, count in found.outcomes:
        grid.add_row(outcome, f"{count:,}")
    if found.unreadable:
        grid.add_row("error", f"{found.unreadable:,}")
    console.print(grid)
    settle = [asked for asked in found.questions if asked.alone][:3]
    if settle:
        console.print("Answers that would settle most rows:")
        for asked in settle:
            console.print(f"  {_rows(asked.alone)}: {asked.text}", markup=False)
    written = [str(path) for path in (wishes.target, wishes.reasons, wishes.report) if path is not None]
    console.print(f"Written: {', '.join(written)}", markup=False)
    if found.unreadable:
        have = "has" if found.unreadable == 1 else "have"
        console.print(f"{_rows(found.unreadable)} {have} an error; see the column error.")


def _write_report(found: Tally, wishes: Wishes, mapping: object, law: Law) -> None:
    from orepass.cli.report import About, screening_page
    from orepass.determination.columns import Mapping, show
    from orepass.tables.sinks import writing

    assert isinstance(mapping, Mapping) and wishes.report is not None
    about = About(wishes.source, tuple(show(mapping)), law.version, law.facts.read_to, date.today())
    part = wishes.report.with_name(f".{wishes.report.name}.part")
    with writing(wishes.report):
        part.write_text(screening_page(found, about), encoding="utf-8")
        part.replace(wishes.report)


_SIZE = re.compile(r"^(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>[KMGT]?)(?:i?B)?$", re.IGNORECASE)
_LEAST = 768 << 20


def _bytes(text: str) -> int:
    """A size such as 2G or 1500MB."""
    match = _SIZE.match(text.strip())
    size = int(float(match["number"]) * 1024 ** " KMGT".index(match["unit"].upper() or " ")) if match else 0
    if size < _LEAST:
        raise BadInput(
            f"{text!r} is no size to work in", where="option --memory", expected=f"{_LEAST >> 20}M or more, such as 2G"
        )
    return size
