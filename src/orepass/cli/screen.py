"""``orepass screen``: a table in, the table with answers out."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

from orepass.errors import BadInput


def _near(name: str) -> str:
    """A column that the name may have meant."""
    from difflib import get_close_matches

    from orepass.determination.screen import canonical, known_columns

    near = get_close_matches(canonical(name), known_columns(), n=1, cutoff=0.75)
    near = near or [known for known in sorted(known_columns()) if known.rpartition("_")[0] == canonical(name)]
    return f" (did you mean {near[0]}?)" if near else ""


def run_screen(source: Path, target: Path, on: date | None) -> None:
    """Read, answer each row, write; say what was counted and which columns were not read."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
    from rich.table import Table as Grid

    from orepass.determination.screen import is_read, screen_table
    from orepass.determination.tables import check_output, read_table, write_table
    from orepass.law.timeline import Law

    console = Console(stderr=True, highlight=False)
    check_output(target)
    table = read_table(source)
    if target.exists() and target.samefile(source):
        raise BadInput(
            "the output is the input", where=str(target), expected="another name, so that nothing is overwritten"
        )
    ignored = [name for name in table.columns if not is_read(name)]
    if ignored:
        named = ", ".join(f"{name}{_near(name)}" for name in ignored)
        console.print(f"Columns kept but not read: {named} (names in docs/transaction.md)", markup=False)
    if on is not None:
        for row in table.rows:
            row["date"] = row.get("date") or on
    law = Law.load()
    columns = (TextColumn("screening"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("rows", total=len(table.rows))
        answers = screen_table(table, law, lambda done: progress.update(task, completed=done))
    if on is not None and "date" not in table.columns:
        table = table._replace(columns=("date", *table.columns))
    write_table(table, answers, target)
    counts = Counter(answer.result["outcome"] or "error" for answer in answers)
    grid = Grid("outcome", "rows")
    for outcome, count in counts.most_common():
        grid.add_row(outcome, f"{count:,}")
    console.print(grid)
    console.print(f"Written: {target}", markup=False)
    if counts["error"]:
        console.print(f"{counts['error']:,} rows have an error; see the column error.")
