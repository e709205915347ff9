"""Screening ten million declarations beside DuckDB copying the same file, beside the join that one would first write, and up to a hundred million.

Both sides run as processes of their own, one after the other, in rounds; ratios are printed, with the largest memory of the process and
those that it starts. Drawn files are kept in a folder outside the project.

    python bench/screen.py [--rows 10000000] [--rounds 3] [--growth] [--folder DIR]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Thread
from typing import NamedTuple

import declarations
import numpy as np
import pyarrow.parquet as pq

from orepass.determination.decisions import Decisions
from orepass.determination.determine import determine
from orepass.determination.kernel import Kernel
from orepass.determination.results import Results
from orepass.determination.rows import row_to_document
from orepass.determination.transaction import transaction
from orepass.law.timeline import Law

RATES = {"low": 0.015, "high": 0.75}
"""Shares of rows drawn as goods of a listed kind; the share for which an entry is a candidate is measured and printed."""
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


def side_by_side(source: Path, folder: Path, rounds: int, label: str) -> None:
    """Screen and copy in turn; print the median ratio and its range."""
    ratios: list[float] = []
    memory = 0.0
    for _ in range(rounds):
        for name in ("copy.parquet", "screened.parquet"):
            (folder / name).unlink(missing_ok=True)
        copied = run(copy_command(source, folder / "copy.parquet"))
        ours = run(screen_command(source, folder / "screened.parquet"))
        ratios.append(ours.seconds / copied.seconds)
        memory = max(memory, ours.memory)
        print(
            f"  {label}: screened {ours.seconds:.1f} s, copied {copied.seconds:.1f} s, ratio {ratios[-1]:.2f}",
            flush=True,
        )
    print(
        f"{label}: ratio to DuckDB's copy {statistics.median(ratios):.2f} (rounds {min(ratios):.2f} to {max(ratios):.2f}; goal at "
        f"most 3, aim 2); largest memory {memory:,.0f} MiB (goal at most 1,536)",
        flush=True,
    )


def candidate_rate(source: Path, law: Law) -> float:
    """Share of the first rows for which some entry is a candidate: it may hold the goods, or covers them and a limit leaves them out."""
    rows = pq.ParquetFile(source).read_row_groups([0]).slice(0, SAMPLE).drop_columns(["declaration"]).to_pylist()
    hits = 0
    for row in rows:
        try:
            line = determine(transaction(row_to_document(row)), law).lines[0]
        except ValueError:
            continue
        except Exception:  # noqa: S112  a row that cannot be read is no hit
            continue
        hits += bool(line.hits or line.failed)
    return hits / len(rows)


def first_join(source: Path, law: Law) -> float:
    """Seconds a row of the join that one would first write: customs numbers by prefix, windows by day; it answers far less."""
    import duckdb
    import pyarrow as pa

    entries = law.facts.entries.values()
    prefixes = sorted(
        {
            (number, control.start or control_from(law, control.instrument), entry.code)
            for entry in entries
            for control in entry.control
            if not control.unread
            for number in ({c.number[:6] for c in entry.customs} | set(entry.headings))
        }
    )
    columns = list(zip(*prefixes, strict=True))
    table = pa.table({"prefix": columns[0], "since": columns[1], "code": columns[2]})
    connection = duckdb.connect()
    connection.register("controls", table)
    declared = connection.sql(f"SELECT * FROM '{source}' LIMIT {JOINED}").to_arrow_table()
    connection.register("declared", declared)
    begun = time.perf_counter()
    connection.sql(
        "CREATE TABLE answered AS SELECT d.*, string_agg(c.code, '; ') AS codes FROM declared d LEFT JOIN controls c "
        "ON d.hs LIKE c.prefix || '%' AND d.date >= c.since GROUP BY ALL"
    )
    return (time.perf_counter() - begun) / JOINED


def control_from(law: Law, instrument: str) -> object:
    """Since when an instrument is in force."""
    return law.facts.instruments[instrument].effective


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


def growth(folder: Path, sizes: Sequence[int], measure: Callable[[Path, Path], Ran]) -> None:
    """Seconds a million rows, and memory, from small to large."""
    first: float | None = None
    for rows in sizes:
        source = declarations.write(folder / f"declared-high-{rows}.parquet", rows, RATES["high"])
        (folder / "screened.parquet").unlink(missing_ok=True)
        ran = measure(source, folder / "screened.parquet")
        each = ran.seconds / rows * 1e6
        first = first or each
        print(
            f"{rows:>12,} rows: {ran.seconds:8.1f} s, {each:.3f} s a million rows ({each / first:.2f} of the first), {ran.memory:,.0f} MiB",
            flush=True,
        )


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
    os.environ["PYTHONHASHSEED"] = "0"
    law = Law.load()
    seconds: dict[str, float] = {}
    for label, rate in RATES.items():
        source = declarations.write(asked.folder / f"declared-{label}-{asked.rows}.parquet", asked.rows, rate)
        print(f"{label} hit rate: an entry is a candidate for {candidate_rate(source, law):.1%} of {SAMPLE:,} rows")
        side_by_side(source, asked.folder, asked.rounds, f"{label} hit rate, {asked.rows:,} rows")
        (asked.folder / "screened.parquet").unlink()
        seconds[label] = run(screen_command(source, asked.folder / "screened.parquet")).seconds / asked.rows
        joined = first_join(source, law)
        print(
            f"{label} hit rate: the join that one would first write takes {joined * 1e6:.1f} microseconds a row on {JOINED:,} rows, "
            f"{joined / seconds[label]:.0f} times ours (goal 100)"
        )
    source = asked.folder / f"declared-high-{asked.rows}.parquet"
    print(f"reasons: {reasons_speed(source, law):,.0f} rows a second on one core (goal 50,000)")
    if asked.growth:
        growth(asked.folder, (1_000_000, 10_000_000, 100_000_000), lambda s, t: run(screen_command(s, t)))
    print(json.dumps({"seconds_a_million_rows": {k: round(v * 1e6, 3) for k, v in seconds.items()}}))


if __name__ == "__main__":
    main()
