"""Tables of any size through the program: files that differ, broken rows, options, engines, memory."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from conftest import Program
from determination.tables_drawn import drawn_table, law
from orepass.determination import plan
from orepass.determination.plan import plan_of
from orepass.determination.rows import RESULT_COLUMNS, screen_row
from orepass.determination.run import screen_file
from orepass.determination.screen import screen
from orepass.errors import BadInput
from orepass.tables import parquet
from orepass.tables.open import open_table


def expected(table: pa.Table) -> list[dict[str, str | None]]:
    """What one determination a row says."""
    return [{name: cell or None for name, cell in screen_row(row, law()).result.items()} for row in table.to_pylist()]


def answers(table: pa.Table) -> list[dict[str, str | None]]:
    return table.select(list(RESULT_COLUMNS)).to_pylist()


def one_sentence(done: subprocess.CompletedProcess[str], *words: str) -> None:
    said = done.stderr.strip().splitlines()
    assert done.returncode == 2, done.stderr
    assert all(word in said[-1] for word in words), done.stderr
    assert "Traceback" not in done.stderr


def write_parts(folder: Path, **tables: pa.Table) -> Path:
    folder.mkdir()
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet")
    return folder


# --- files that differ


@pytest.fixture
def drifted(tmp_path: Path) -> dict[str, pa.Table]:
    """Three tables: as it should be; without purity and with customs numbers as integers; with a column more, in another order."""
    base = pa.table(
        {
            "id": pa.array(range(40)),
            "date": pa.array([date(2025, 1, 20), date(2026, 2, 1)] * 20),
            "to": ["US", "DE", "Narnia", None] * 10,
            "hs": ["8110101000", "8112921000", "9999999999", "7318150000", None] * 8,
            "purity_pct": [99.65, None, -4.0, 99.9999] * 10,
        }
    )
    whole = pa.array([None if cell is None else int(cell) for cell in base["hs"].to_pylist()])
    fraction = pa.array([None if cell is None else float(cell) for cell in base["hs"].to_pylist()])
    return {
        "a": base,
        "b": base.drop(["purity_pct"]).set_column(3, "hs", whole),
        "c": base.set_column(3, "hs", fraction).append_column("end_user", pa.array(["MP Materials", None] * 20)),
        "d": base.append_column("known", pa.array([date(2025, 1, 1), date(2025, 12, 1)] * 20)).select(
            ["known", "hs", "to", "date", "id"]
        ),
    }


def test_files_that_differ_are_refused_for_one_file_out_by_file_and_column(
    orepass: Program, drifted: dict[str, pa.Table], tmp_path: Path
) -> None:
    folder = write_parts(tmp_path / "in", **drifted)
    done = orepass("screen", str(folder), "-o", str(tmp_path / "out.parquet"))
    one_sentence(done, "b.parquet has no column 'purity_pct', a.parquet has", "column 'hs' is int64 in b.parquet")
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_files_that_differ_go_into_a_folder_each_with_its_own_columns_and_every_row_answered_as_it_stands(
    orepass: Program, drifted: dict[str, pa.Table], tmp_path: Path
) -> None:
    folder = write_parts(tmp_path / "in", **drifted)
    done = orepass("screen", str(folder), "-o", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    said = " ".join(done.stderr.split())
    assert "Note: b.parquet has no column 'purity_pct', a.parquet has" in said
    assert "Note: c.parquet has a column 'end_user', a.parquet has none" in said
    for place, (name, table) in enumerate(drifted.items()):
        out = pq.read_table(tmp_path / "out" / f"{place:05d}-{name}.parquet")
        assert set(out.column_names) == {*table.column_names, *RESULT_COLUMNS}
        assert out.select(table.column_names).equals(table)
        assert answers(out) == expected(table), name


@pytest.mark.parametrize("name", ["end_user_military", "purity_pct", "hs", "known"])
def test_cells_that_python_takes_for_equal_are_answered_by_their_types(name: str, tmp_path: Path) -> None:
    kinds: dict[str, list[pa.Array]] = {
        "end_user_military": [pa.array([True]), pa.array([1]), pa.array([1.0]), pa.array(["1"])],
        "purity_pct": [pa.array([1.0]), pa.array([True]), pa.array([1])],
        "hs": [pa.array([8110101000.0]), pa.array([8110101000]), pa.array(["8110101000"])],
        "known": [pa.array([date(2025, 1, 20)]), pa.array([datetime(2025, 1, 20)]), pa.array(["2025-01-20"])],
    }
    same = {"date": ["2026-02-01"], "to": ["JP"], "substance": ["antimony"], "form": ["ingot"]}
    tables = [pa.table({**same, name: cells}) for cells in kinds[name]]
    tables += tables[::-1]
    folder = write_parts(tmp_path / "in", **{f"{place:02d}": table for place, table in enumerate(tables)})
    screen_file(plan_of(open_table(folder)), tmp_path / "out", law())
    for table, out in zip(tables, sorted((tmp_path / "out").iterdir()), strict=True):
        assert answers(pq.read_table(out)) == expected(table), table.schema.field(name).type


def test_a_file_without_rows_among_others_adds_nothing(tmp_path: Path) -> None:
    table = drawn_table(31, 60)
    folder = write_parts(tmp_path / "in", a=table.slice(0, 30), b=table.slice(0, 0), c=table.slice(30))
    screen_file(plan_of(open_table(folder)), tmp_path / "out.parquet", law())
    out = pq.read_table(tmp_path / "out.parquet")
    assert out.select(table.column_names).equals(table)
    assert answers(out) == expected(table)


def test_a_large_file_becomes_several_in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "PART_ROWS", 50)
    table = drawn_table(32, 120)
    pq.write_table(table, tmp_path / "in.parquet", row_group_size=30)
    screen_file(plan_of(open_table(tmp_path / "in.parquet")), tmp_path / "out", law())
    parts = [pq.read_table(path) for path in sorted((tmp_path / "out").iterdir())]
    assert [part.num_rows for part in parts] == [60, 60]
    assert answers(pa.concat_tables(parts)) == expected(table)


def test_an_empty_folder_that_is_there_is_filled(tmp_path: Path) -> None:
    pq.write_table(drawn_table(33, 20), tmp_path / "in.parquet")
    (tmp_path / "real").mkdir()
    (tmp_path / "out").symlink_to("real")
    screen_file(plan_of(open_table(tmp_path / "in.parquet")), tmp_path / "out", law())
    assert [path.name for path in (tmp_path / "real").iterdir()] == ["00000-in.parquet"]
    with pytest.raises(BadInput, match="it is there already"):
        screen_file(plan_of(open_table(tmp_path / "in.parquet")), tmp_path / "out", law())


# --- broken rows


def test_broken_rows_keep_their_place_and_say_what_one_determination_says(orepass: Program, tmp_path: Path) -> None:
    good = {"date": "2026-02-01", "to": "DE", "hs": "8110101000", "purity_pct": 99.65, "substance": "antimony"}
    broken = [
        {"date": "2025-02-30"},
        {"date": ""},
        {"to": "Narnia"},
        {"purity_pct": -4.0},
        {"hs": "0000000000"},
        {"hs": "12"},
        {"substance": "unobtainium"},
        {"date": "soon", "to": "Narnia", "hs": "x", "purity_pct": 500.0, "substance": "unobtainium"},
    ]
    rows: list[dict[str, Any]] = [{"id": n, **good} for n in range(800)]
    for n, change in enumerate(broken):
        rows[97 * n + 7] |= change
    table = pa.Table.from_pylist(rows)
    pq.write_table(table, tmp_path / "in.parquet")
    done = orepass("screen", str(tmp_path / "in.parquet"), "-o", str(tmp_path / "out.parquet"))
    assert done.returncode == 0, done.stderr
    assert done.stderr.strip().splitlines()[-1] == "8 rows have an error; see the column error."
    out = pq.read_table(tmp_path / "out.parquet")
    assert out.select(table.column_names).equals(table)
    assert answers(out) == expected(table)
    errors = {row["id"]: row["error"] for row in out.to_pylist() if row["error"]}
    assert list(errors) == [97 * n + 7 for n in range(8)]
    assert {row["outcome"] for row in out.to_pylist() if not row["error"]} == {"licence_required"}
    found = screen(table, law()).tally
    assert (found.rows, found.unreadable) == (800, 8)
    assert sum(count for _, count in found.outcomes) == 792


# --- options


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--engine", "oracle"], "'oracle' is no engine"),
        (["--memory", "lots"], "'lots' is no size"),
        (["--memory", "100M"], "'100M' is no size"),
        (["--memory", "-2G"], "'-2G' is no size"),
        (["--date", "2026-02-30"], "--date"),
        (["--columns", "nowhere.yaml"], "the file cannot be read"),
        (["--report", "nowhere/report.html"], "the folder does not exist"),
        (["--engine", "duckdb"], "DuckDB is given Parquet alone"),
    ],
)
def test_an_option_that_cannot_be_met_is_one_sentence(
    orepass: Program, words: list[str], says: str, tmp_path: Path
) -> None:
    (tmp_path / "in.csv").write_text("date,to,description\n2026-02-01,DE,gallium\n")
    one_sentence(orepass("screen", str(tmp_path / "in.csv"), "-o", str(tmp_path / "out.parquet"), *words), says)
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_columns_are_read_under_the_names_that_a_file_gives(orepass: Program, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("wohin,was,to\nUS,antimony ingot 99.65%,Narnia\n", encoding="utf-8")
    (tmp_path / "map.yaml").write_text("{wohin: to, was: description, to: null}", encoding="utf-8")
    words = ["--columns", str(tmp_path / "map.yaml"), "--date", "2025-01-20"]
    done = orepass("screen", str(tmp_path / "in.csv"), "-o", str(tmp_path / "out.parquet"), *words)
    assert done.returncode == 0, done.stderr
    (row,) = pq.read_table(tmp_path / "out.parquet").to_pylist()
    assert (row["outcome"], row["to"], row["wohin"]) == ("refusal_presumed", "Narnia", "US")
    assert list(row)[:4] == ["date", "wohin", "was", "to"] and row["date"] == date(2025, 1, 20)


@pytest.mark.parametrize("name", [".", "out.parquet"])
def test_a_folder_where_a_file_is_to_be_is_refused_before_the_work(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pq.write_table(drawn_table(34, 10), tmp_path / "in.parquet")
    (tmp_path / "out.parquet").mkdir()
    monkeypatch.chdir(tmp_path / "out.parquet")
    target = Path() if name == "." else tmp_path / name
    with pytest.raises(BadInput, match="it is"):
        screen_file(plan_of(open_table(tmp_path / "in.parquet")), target, law())


def test_less_memory_means_smaller_chunks_and_the_same_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = drawn_table(35, 300)
    pq.write_table(table, tmp_path / "in.parquet", row_group_size=64)
    source = open_table(tmp_path / "in.parquet")
    small = plan_of(source, memory=768 << 20)
    assert plan._LEAST_ROWS <= small.chunk_rows < plan_of(source, memory=4 << 30).chunk_rows <= plan._MOST_ROWS
    monkeypatch.setattr(plan, "_LEAST_ROWS", 50)
    monkeypatch.setattr(plan, "_MOST_ROWS", 50)
    screen_file(small, tmp_path / "out.parquet", law())
    assert answers(pq.read_table(tmp_path / "out.parquet")) == expected(table)


# --- engines and frames


def test_duckdb_writes_the_same_rows_in_the_same_order_as_the_kernel(orepass: Program, tmp_path: Path) -> None:
    table = drawn_table(36, 60)
    folder = write_parts(tmp_path / "in", a=table.slice(0, 25), b=table.slice(25))
    for engine in ("duckdb", "numpy"):
        done = orepass("screen", str(folder), "-o", str(tmp_path / f"{engine}.parquet"), "--engine", engine)
        assert done.returncode == 0, done.stderr
    ours, theirs = (pq.read_table(tmp_path / f"{engine}.parquet") for engine in ("numpy", "duckdb"))
    assert theirs.column_names == ours.column_names
    assert theirs["id"].to_pylist() == table["id"].to_pylist()
    assert [{k: v or None for k, v in row.items()} for row in answers(theirs)] == answers(ours) == expected(table)


def test_frames_of_every_library_and_files_give_equal_answers(tmp_path: Path) -> None:
    import duckdb
    import polars as pl

    table = drawn_table(37, 60)
    pq.write_table(table, tmp_path / "in.parquet")
    frames = [table, table.to_pandas(), pl.from_arrow(table), table.to_batches()[0], table.to_reader()]
    wanted = expected(table)
    with duckdb.connect() as connection:
        for frame in [*frames, connection.from_arrow(table), tmp_path / "in.parquet", str(tmp_path / "in.parquet")]:
            assert answers(screen(frame, law()).table) == wanted, type(frame)


# --- memory

_MEMORY = 1 << 30
_MEASURED = """
import os, subprocess, sys
run = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, used = os.wait4(run.pid, 0)
assert os.waitstatus_to_exitcode(status) == 0
print(used.ru_maxrss)
"""
"""Started by a small process: a child is said to have used at least what its parent did when it was started."""


def test_two_million_rows_stay_within_the_memory_that_is_given(tmp_path: Path) -> None:
    table = drawn_table(38, 1000)
    table = table.append_column("note", pa.array([f"a note that is kept, of row {n}" for n in range(1000)]))
    with pq.ParquetWriter(tmp_path / "in.parquet", table.schema) as writer:
        for _ in range(20):
            writer.write_table(pa.concat_tables([table] * 100), row_group_size=100_000)
    words = ["screen", str(tmp_path / "in.parquet"), "-o", str(tmp_path / "out.parquet"), "--memory", "768M"]
    run = subprocess.run(
        [sys.executable, "-c", _MEASURED, sys.executable, "-m", "orepass.cli.main", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    assert int(run.stdout) << 10 < _MEMORY
    assert pq.read_metadata(tmp_path / "out.parquet").num_rows == 2_000_000
