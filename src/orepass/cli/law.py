"""``orepass law``: the entries, rules and instruments, how they stand, what changed, and whether the facts hold together."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any, cast

import typer

from orepass.errors import BadInput
from orepass.law.model import State
from orepass.law.shown import (
    change_shown,
    entry_in_list,
    entry_shown,
    event_shown,
    in_words,
    instrument_shown,
    rule_shown,
)
from orepass.law.timeline import Law


def _today(on: date | None) -> date:
    return on or date.today()


def _print_json(data: Any) -> None:
    print(json.dumps(data, indent=2, ensure_ascii=False, default=str))


def run_list(on: date | None, known: date | None, family: str | None, state: str | None, as_json: bool) -> None:
    """Entries with their state on a day."""
    day = _today(on)
    law = Law.load().as_of(day, known)
    families = sorted({name for on_day in law.entries.values() for name in on_day.entry.families})
    if family and family not in families:
        raise BadInput(f"{family!r} is no family", where="--family", expected="one of " + ", ".join(families))
    states = [s.value for s in State]
    if state and state not in states:
        raise BadInput(f"{state!r} is no state", where="--state", expected="one of " + ", ".join(states))
    rows = [
        e
        for e in law.entries.values()
        if (not family or family in e.entry.families)
        and (e.standing.state.value == state if state else e.standing.state is not State.ABSENT)
    ]
    if as_json:
        _print_json([entry_in_list(e) for e in rows])
        return
    from rich.console import Console
    from rich.table import Table

    grid = Table(
        "code",
        "name",
        "名称",
        "state",
        "by",
        title=f"{len(rows)} entries on {day}" + (f", as known on {known}" if known else ""),
    )
    for e in rows:
        grid.add_row(e.entry.code, e.entry.name.en, e.entry.name.zh, in_words(e.standing), e.standing.by)
    Console(highlight=False).print(grid)


def run_show(name: str, on: date | None, known: date | None, as_json: bool) -> None:
    """One entry, rule or instrument."""
    law = Law.load()
    day = _today(on)
    snapshot = law.as_of(day, known)
    facts = law.facts
    if name in facts.entries:
        record = entry_shown(facts.entries[name], snapshot.entries[name].standing, law)
    elif name in facts.rules:
        record = rule_shown(facts.rules[name], snapshot.rules[name].standing)
    elif name in facts.instruments:
        record = instrument_shown(facts.instruments[name], law)
    else:
        from difflib import get_close_matches

        near = get_close_matches(name, [*facts.entries, *facts.rules, *facts.instruments], n=3, cutoff=0.5)
        raise BadInput(
            f"{name!r} is no entry, rule or instrument",
            expected="a code such as 3C003.c, a rule such as US-46-P2 or an instrument such as CN-2025-70",
            remedy=f"did you mean {', '.join(near)}" if near else "see `orepass law list`",
        )
    if as_json:
        _print_json(record)
        return
    from rich.console import Console
    from rich.table import Table

    grid = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    for key, value in record.items():
        if value not in (None, "", [], {}):
            lines = cast("list[Any]", value) if isinstance(value, list) else [value]
            grid.add_row(key, "\n".join(str(item) for item in lines))
    Console(highlight=False, markup=False).print(grid)


def run_timeline(first: date | None, last: date | None, known: date | None, as_json: bool) -> None:
    """Dated changes and facts."""
    events = Law.load().timeline(first, last, known)
    if as_json:
        _print_json([event_shown(e) for e in events])
        return
    from rich.console import Console
    from rich.table import Table

    grid = Table("date", "kind", "by", "what", "grade")
    for event in events:
        says = event.says if len(event.says) < 160 else event.says[:157] + "..."
        grid.add_row(str(event.day), event.kind.replace("_", " "), event.subject, says, event.grade)
    Console(highlight=False).print(grid)


def run_diff(before: date, after: date, known: date | None, as_json: bool) -> None:
    """What stands differently on two days."""
    changes = Law.load().diff(before, after, known)
    if as_json:
        _print_json([change_shown(c) for c in changes])
        return
    if not changes:
        typer.echo(f"Nothing stands differently on {before} and {after}.")
        return
    from rich.console import Console
    from rich.table import Table

    grid = Table("what", "id", "name", before.isoformat(), after.isoformat(), "by")
    for c in changes:
        grid.add_row(c.what, c.id, c.name, c.before.value.replace("_", " "), c.after.value.replace("_", " "), c.by)
    Console(highlight=False).print(grid)


def run_facts(as_json: bool) -> None:
    """Every fact that may be asked for."""
    from orepass.goods.parameters import parameters

    table = parameters().values()
    if as_json:
        _print_json(
            [
                {
                    "name": p.name,
                    "of": p.of,
                    "type": p.type,
                    "unit": p.unit or None,
                    "en": p.en,
                    "zh": p.zh,
                    "values": list(p.values),
                    "if_absent": p.if_absent if p.assumable else None,
                }
                for p in table
            ]
        )
        return
    from rich.console import Console
    from rich.table import Table

    grid = Table("name", "of", "unit", "meaning", "名称", "if nobody says")
    for p in table:
        grid.add_row(
            p.name,
            p.of,
            p.unit,
            p.en,
            p.zh,
            f"assumed {p.if_absent}" if p.assumable else "asked" if p.type != "derived" else "",
        )
    Console(highlight=False).print(grid)


def run_verify(fresh: bool, on: date | None, facts: Path | None) -> None:
    """Check the facts; with ``fresh``, that no suspension has run out unread."""
    from orepass.determination.verify import check
    from orepass.law.load import LAW_FOLDER

    if facts is not None and not facts.is_dir():
        raise BadInput("there is no such folder", where=str(facts), expected="a folder of law facts")
    report = check(facts or LAW_FOLDER)
    for problem in report.problems:
        typer.echo(problem)
    if report.problems:
        typer.echo(f"{len(report.problems)} problem{'s' if len(report.problems) > 1 else ''} in the facts.")
        raise typer.Exit(1)
    law = Law.load(facts)
    counts = ", ".join(f"{count} {name}" for name, count in report.counts.items())
    grades = ", ".join(f"{count} {grade}" for grade, count in sorted(report.grades.items(), key=lambda pair: -pair[1]))
    typer.echo(f"The facts hold together: {counts}.")
    typer.echo(f"Entries by grade: {grades}. Read to {law.facts.read_to}; rule book {law.version}.")
    if fresh:
        stale = law.stale(_today(on))
        for item in stale:
            typer.echo(
                f"{item.suspension}: the suspension by {item.by} ended on {item.ended} "
                f"and was last checked on {item.checked_on or 'no day'}; read again:"
            )
            for key, address in item.reread:
                typer.echo(f"  {key}: {address or 'no address'}")
        if stale:
            raise typer.Exit(1)
        typer.echo("Fresh: nobody has to read anything again.")
