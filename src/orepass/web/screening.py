"""One table, screened in a process of its own: ``python -m orepass.web.screening FOLDER MEGABYTES``."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from orepass.errors import OrepassError

MOST = 50
"""Questions and errors that are told of a table."""


def main(folder: Path, megabytes: int) -> None:
    """Screen the table of a job's folder; what became of it stands in ``outcome.json``."""
    bound_memory(megabytes)
    outcome: dict[str, object]
    try:
        outcome = _screened(folder)
    except OrepassError as error:
        outcome = {"error": str(error).replace(f"{folder}{os.sep}", "")}
    except MemoryError:
        outcome = {"error": "The table needs more memory than a table may use; send a Parquet file, or parts."}
    except Exception as error:  # a file that breaks a library: told as a file that cannot be read
        outcome = {"error": f"The table cannot be read ({type(error).__name__})."}
    (folder / "outcome.json").write_text(json.dumps(outcome))


def bound_memory(megabytes: int) -> None:
    """Bound the memory of this process to four times what a table may unpack to, and what the program itself takes."""
    if sys.platform == "win32":
        return
    import resource

    most = (4 * megabytes + 4000) * 1_000_000
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _screened(folder: Path) -> dict[str, object]:
    from orepass.determination.columns import guess, of_names, show
    from orepass.determination.plan import plan_of, sample_of
    from orepass.determination.run import Progress, screen_file
    from orepass.law.timeline import Law
    from orepass.licences.facts import china_day
    from orepass.tables.open import open_table

    wish = json.loads((folder / "wish.json").read_text())
    source = open_table(folder / wish["source"])
    sample = sample_of(source)
    chosen = wish.get("columns")
    mapping = (
        guess(source.columns, sample, source.files)
        if chosen is None
        else of_names(chosen, source.columns, sample, source.files)
    )
    columns = {
        "columns": show(mapping),
        "sample": [
            [str(sample[name][row])[:60] for row in range(min(3, len(sample[name])))] for name in mapping.columns
        ],
    }
    if wish.get("page") and chosen is None:
        return {"looked": True, **columns}
    on = date.fromisoformat(wish["on"]) if wish["on"] else china_day(datetime.now(UTC))
    target = folder / f"answers.{wish['answer']}"

    def tell(progress: Progress) -> None:
        part = folder / "progress.part"
        part.write_text(json.dumps({"rows": progress.rows, "total": progress.total}))
        part.replace(folder / "progress.json")

    law = Law.load()
    found = screen_file(plan_of(source, mapping, on=on), target, law, progress=tell)
    if wish.get("page"):
        screen_file(plan_of(source, mapping, on=on), folder / "page.parquet", law)
    if wish["answer"] == "csv":
        guard_formulas(target)
    return {
        "rows": found.rows,
        "outcomes": {**dict(found.outcomes), **({"error": found.unreadable} if found.unreadable else {})},
        "families": found.families,
        "questions": [[each.fact, each.text, each.rows, each.alone] for each in found.questions[:MOST]],
        "errors": found.errors[:MOST],
        "entries": {
            family: [entry.code for entry in found.entries if family in entry.families] for family, _ in found.families
        },
        **columns,
    }


_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def guard_formulas(path: Path) -> None:
    """Put an apostrophe before cells of a CSV file that a spreadsheet would take for a formula; numbers stay as they are."""
    import csv

    part = path.with_suffix(".part")
    with path.open(encoding="utf-8-sig", newline="") as source, part.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        for row in csv.reader(source):
            writer.writerow([guarded(cell) for cell in row])
    part.replace(path)


def guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    if not cell.startswith(_STARTS):
        return cell
    try:
        float(cell)
    except ValueError:
        return f"'{cell}"
    return cell


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
