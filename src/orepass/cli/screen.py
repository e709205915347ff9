"""``orepass screen``: a table in, the table with answers out."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path


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
    ignored = [name for name in table.columns if not is_read(name)]
    if ignored:
        console.print(f"Columns kept but not read: {', '.join(ignored)} (names in docs/transaction.md)", markup=False)
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
