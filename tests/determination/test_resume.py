"""A run that was stopped goes on: killed, interrupted, out of disk, over a damaged file. What stands in the end is the same."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

from conftest import Program
from determination.tables_drawn import drawn_table, law
from orepass.determination import plan
from orepass.determination.run import Progress, screen_file
from orepass.errors import BadInput
from orepass.tables.open import open_table

ROWS, CHUNK = 400, 100
STOPPED = """
import os, sys
from orepass.determination import plan, work
rows, after, how = map(int, sys.argv[1:4])
del sys.argv[1:4]
plan._LEAST_ROWS = plan._MOST_ROWS = rows
keep, kept = work.Work.keep, []
def keep_and_stop(self, *given):
    keep(self, *given)
    kept.append(given)
    if len(kept) == after:
        os.kill(os.getpid(), how)
work.Work.keep = keep_and_stop
from orepass.cli.main import run
run()
"""
"""The program with small chunks, which sends itself a signal after so many of them."""


def command(after: int, how: int, *words: Any) -> list[str]:
    return [sys.executable, "-c", STOPPED, str(CHUNK), str(after), str(how), *map(str, words)]


def stopped(after: int, how: int, *words: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(after, how, *words), capture_output=True, text=True, timeout=120, check=False)


def at_once(source: Path, target: Path, *, resume: bool = False, reasons: Path | None = None) -> Path:
    """Screened in this process, in one chunk a file where nothing is kept of a stopped run."""
    screen_file(plan.plan_of(open_table(source), reasons=reasons), target, law(), resume=resume)
    return target


def repeated(seed: int, rows: int = 3 * ROWS) -> pa.Table:
    """A drawn table over and over, each row with a number of its own."""
    table = drawn_table(seed, 60)
    table = pa.concat_tables([table] * (rows // 60 + 1)).slice(0, rows)
    return table.set_column(0, "id", pa.array(range(rows)))


def one_sentence(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """The program ended with status 2, and its last line, the only one but for notes on columns, says these words."""
    said = done.stderr.strip().splitlines()
    assert done.returncode == 2, done.stderr
    assert all(word in said[-1] for word in words), done.stderr
    assert "Traceback" not in done.stderr


def kept(target: Path) -> Path:
    return target.with_name(f".{target.name}.orepass")


def content(target: Path) -> Any:
    if target.is_dir():
        return {path.name: content(path) for path in sorted(target.iterdir())}
    return pq.read_table(target) if target.suffix == ".parquet" else target.read_bytes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three Parquet files of the same columns, each of four chunks."""
    where = tmp_path / "in"
    where.mkdir()
    table = repeated(11)
    for place, name in enumerate("abc"):
        pq.write_table(table.slice(place * ROWS, ROWS), where / f"{name}.parquet", row_group_size=CHUNK // 2)
    return where


@pytest.fixture
def text(tmp_path: Path) -> Path:
    pacsv.write_csv(repeated(12), tmp_path / "in.csv")
    return tmp_path / "in.csv"


# --- killed


def test_a_killed_run_over_a_folder_goes_on_into_the_same_file(orepass: Program, folder: Path, tmp_path: Path) -> None:
    whole, target = at_once(folder, tmp_path / "whole.parquet"), tmp_path / "out.parquet"
    assert stopped(8, signal.SIGKILL, "screen", folder, "-o", target).returncode == -signal.SIGKILL
    assert not target.exists()
    done = orepass("screen", str(folder), "-o", str(target), "--resume")
    assert done.returncode == 0, done.stderr
    assert content(target).schema == content(whole).schema
    assert content(target).equals(content(whole))
    assert not kept(target).exists()


def test_a_killed_run_into_a_folder_writes_its_finished_parts_no_second_time(folder: Path, tmp_path: Path) -> None:
    whole = at_once(folder, tmp_path / "whole", reasons=tmp_path / "whole-why")
    target, reasons = tmp_path / "out", tmp_path / "why"
    stopped(8, signal.SIGKILL, "screen", folder, "-o", target, "--reasons", reasons)
    finished = {
        path.stat().st_ino: path.stat().st_mtime_ns for path in kept(target).glob("r*-????????????????.parquet")
    }
    assert len(finished) == 2 and not target.exists() and not reasons.exists()
    at_once(folder, target, resume=True, reasons=reasons)
    firsts = [(where / "00000-a.parquet").stat() for where in (target, reasons)]
    assert {first.st_ino: first.st_mtime_ns for first in firsts} == finished
    assert content(target) == content(whole) and len(content(target)) == 3
    assert content(reasons) == content(tmp_path / "whole-why")


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_killed_run_over_text_goes_on_byte_for_byte(text: Path, ending: str, tmp_path: Path) -> None:
    whole, target = at_once(text, tmp_path / f"whole.{ending}"), tmp_path / f"out.{ending}"
    stopped(5, signal.SIGKILL, "screen", text, "-o", target)
    assert not target.exists()
    at_once(text, target, resume=True)
    if ending == "csv":
        assert content(target) == content(whole)
    else:
        import python_calamine

        sheets = [python_calamine.CalamineWorkbook.from_path(str(path)) for path in (target, whole)]
        assert sheets[0].sheet_names == sheets[1].sheet_names
        assert sheets[0].get_sheet_by_index(0).to_python() == sheets[1].get_sheet_by_index(0).to_python()


def test_what_was_decided_is_not_decided_again(text: Path, tmp_path: Path) -> None:
    """A kept chunk is changed by hand, to all of one decision: it shows in the output of exactly its rows."""
    target = tmp_path / "out.parquet"
    stopped(5, signal.SIGKILL, "screen", text, "-o", target)
    (third,) = kept(target).glob("*-00002.npy")
    np.save(third, np.zeros(CHUNK, dtype=np.int32))
    at_once(text, target, resume=True)
    answers = pq.read_table(target, columns=["outcome", "codes", "error"]).to_pylist()
    assert len({tuple(row.values()) for row in answers[2 * CHUNK : 3 * CHUNK]}) == 1
    assert len({tuple(row.values()) for row in answers}) > 5


def test_what_was_half_kept_when_the_machine_stopped_is_decided_again(text: Path, tmp_path: Path) -> None:
    whole, target = at_once(text, tmp_path / "whole.csv"), tmp_path / "out.csv"
    stopped(5, signal.SIGKILL, "screen", text, "-o", target)
    for within, damage in ((1, b""), (2, b"\x93NUMPY"), (4, b"half a number")):
        (chunk,) = kept(target).glob(f"*-{within:05d}.npy")
        chunk.write_bytes(damage)
    with (kept(target) / "decisions.jsonl").open("ab") as handle:
        handle.write(b'["licence_required", [')
    at_once(text, target, resume=True)
    assert content(target) == content(whole)


def test_a_single_file_that_was_whole_but_had_no_name_yet_is_written_whole_again(folder: Path, tmp_path: Path) -> None:
    whole, target = at_once(folder, tmp_path / "whole.parquet"), tmp_path / "out.parquet"
    stopped(12, signal.SIGKILL, "screen", folder, "-o", target)
    for name in ("rows-whole.parquet", "rows-00000.parquet"):
        shutil.copy(whole, kept(target) / name)
    at_once(folder, target, resume=True)
    assert content(target).equals(content(whole))


def test_a_part_whose_reasons_are_missing_is_not_whole(folder: Path, tmp_path: Path) -> None:
    target, reasons = tmp_path / "out", tmp_path / "why"
    stopped(8, signal.SIGKILL, "screen", folder, "-o", target, "--reasons", reasons)
    (first,) = kept(target).glob("reasons-????????????????.parquet")
    first.unlink()
    at_once(folder, target, resume=True, reasons=reasons)
    assert [path.name for path in sorted(reasons.iterdir())] == [path.name for path in sorted(target.iterdir())]


def test_an_output_inside_the_folder_of_the_input_is_no_input_when_the_run_goes_on(
    folder: Path, tmp_path: Path
) -> None:
    whole, target = at_once(folder, tmp_path / "whole"), folder / "out"
    stopped(8, signal.SIGKILL, "screen", folder, "-o", target)
    assert list(kept(target).glob("rows-*.parquet"))
    at_once(folder, target, resume=True)
    assert content(target) == content(whole)


# --- interrupted


def test_an_interrupted_run_says_so_in_one_line_and_goes_on(orepass: Program, folder: Path, tmp_path: Path) -> None:
    whole, target = at_once(folder, tmp_path / "whole.parquet"), tmp_path / "out.parquet"
    done = stopped(5, signal.SIGINT, "screen", folder, "-o", target)
    assert done.returncode == 130
    assert done.stderr.strip().splitlines()[-1] == (
        "Stopped; nothing was written. Go on with the same command and --resume."
    )
    assert "Traceback" not in done.stderr and "Exception" not in done.stderr
    assert not target.exists()
    assert not list(kept(target).glob("half-*")) and not list(kept(target).glob("rows-*"))
    assert orepass("screen", str(folder), "-o", str(target), "--resume").returncode == 0
    assert content(target).equals(content(whole))


# --- what must be the same


class Stop(Exception):
    """Raised in the middle of a run."""


@pytest.fixture
def half_done(text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The output of a run over a text that was stopped after three chunks."""

    def stop(done: Progress) -> None:
        if done.rows == 3 * CHUNK:
            raise Stop

    with monkeypatch.context() as small:
        small.setattr(plan, "_LEAST_ROWS", CHUNK)
        small.setattr(plan, "_MOST_ROWS", CHUNK)
        with pytest.raises(Stop):
            screen_file(plan.plan_of(open_table(text)), tmp_path / "out.csv", law(), progress=stop)
    assert len(list(kept(tmp_path / "out.csv").glob("*.npy"))) == 3
    return tmp_path / "out.csv"


def test_another_input_is_refused_and_what_is_kept_stays(
    orepass: Program, half_done: Path, text: Path, tmp_path: Path
) -> None:
    other = shutil.copy(text, tmp_path / "other.csv")
    done = orepass("screen", str(other), "-o", str(half_done), "--resume")
    one_sentence(done, "differs in input;", "run without --resume to begin anew")
    assert len(list(kept(half_done).glob("*.npy"))) == 3
    assert not half_done.exists()


def test_another_day_or_size_is_refused(half_done: Path, text: Path) -> None:
    others = {
        "day": plan.plan_of(open_table(text), on=date(2026, 2, 1)),
        "memory": plan.plan_of(open_table(text), memory=2 << 30),
    }
    for what, other in others.items():
        with pytest.raises(BadInput, match=f"differs in {what}; expected"):
            screen_file(other, half_done, law(), resume=True)


@pytest.mark.parametrize("what", ["law", "program", "columns"])
def test_another_law_program_or_reading_of_the_columns_is_refused_and_without_resume_it_begins_anew(
    half_done: Path, text: Path, what: str
) -> None:
    plan_kept = kept(half_done) / "plan.json"
    plan_kept.write_text(json.dumps(json.loads(plan_kept.read_text()) | {what: "another"}))
    with pytest.raises(BadInput, match=f"differs in {what}; .* begin anew"):
        at_once(text, half_done, resume=True)
    at_once(text, half_done)
    assert not kept(half_done).exists()


@pytest.mark.parametrize("content", ["", "[1]", "{}", "no plan"])
def test_a_plan_that_cannot_be_read_is_refused(half_done: Path, text: Path, content: str) -> None:
    (kept(half_done) / "plan.json").write_text(content)
    with pytest.raises(BadInput, match="differs in input, "):
        at_once(text, half_done, resume=True)


def test_resume_without_a_stopped_run_just_runs(orepass: Program, text: Path, tmp_path: Path) -> None:
    assert orepass("screen", str(text), "-o", str(tmp_path / "out.csv"), "--resume").returncode == 0


def test_a_text_that_was_changed_is_read_anew(half_done: Path, text: Path, tmp_path: Path) -> None:
    pacsv.write_csv(repeated(12).take(list(range(3 * ROWS - 1, -1, -1))), text)
    at_once(text, half_done, resume=True)
    assert content(half_done) == content(at_once(text, tmp_path / "whole.csv"))


def test_a_file_that_came_to_the_folder_since_is_screened_with_the_rest(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(done: Progress) -> None:
        if done.rows > ROWS:
            raise Stop

    with pytest.raises(Stop):
        screen_file(plan.plan_of(open_table(folder)), tmp_path / "out", law(), progress=stop)
    shutil.copy(folder / "c.parquet", folder / "0.parquet")
    at_once(folder, tmp_path / "out", resume=True)
    assert content(tmp_path / "out") == content(at_once(folder, tmp_path / "whole"))
    assert len(content(tmp_path / "out")) == 4


# --- two at once


def test_a_second_run_for_the_same_output_is_refused(orepass: Program, text: Path, tmp_path: Path) -> None:
    words = ["screen", str(text), "-o", str(tmp_path / "out.csv")]
    first = subprocess.Popen(command(3, signal.SIGSTOP, *words), stderr=subprocess.DEVNULL)
    try:
        os.waitpid(first.pid, os.WUNTRACED)
        for more in ([], ["--resume"]):
            one_sentence(orepass(*words, *more), "another run is writing this output")
        first.send_signal(signal.SIGCONT)
        assert first.wait(60) == 0
    finally:
        if first.poll() is None:
            first.kill()
            first.wait()
    assert (tmp_path / "out.csv").exists()


def test_a_number_of_a_killed_run_that_another_process_has_got_since_keeps_nobody_out(
    orepass: Program, half_done: Path, text: Path
) -> None:
    (kept(half_done) / "running").write_text(str(os.getpid()))
    assert orepass("screen", str(text), "-o", str(half_done), "--resume").returncode == 0


# --- the disk


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    where = tmp_path / "disk"
    where.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(where)], capture_output=True, check=False
    )
    if not mounted or mounted.returncode:
        pytest.skip("needs the right to mount a small disk")
    yield where
    subprocess.run(["umount", "--lazy", str(where)], check=True)


@pytest.fixture
def noisy(tmp_path: Path) -> Path:
    """A Parquet file that no output can make small."""
    draw = np.random.default_rng(5)
    table = repeated(3, 600).append_column("note", pa.array([draw.bytes(6000).hex() for _ in range(600)]))
    pq.write_table(table, tmp_path / "in.parquet", row_group_size=100)
    return tmp_path / "in.parquet"


def make_room(disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=40m", str(disk)], check=True)


def test_a_full_disk_is_one_sentence_and_with_more_room_the_run_goes_on(
    orepass: Program, small_disk: Path, noisy: Path, tmp_path: Path
) -> None:
    target = small_disk / "out.parquet"
    one_sentence(orepass("screen", str(noisy), "-o", str(target)), "the disk is full", "make room", "--resume")
    assert not target.exists()
    make_room(small_disk)
    done = orepass("screen", str(noisy), "-o", str(target), "--resume")
    assert done.returncode == 0, done.stderr
    assert content(target) == content(at_once(noisy, tmp_path / "whole.parquet"))
    assert [path.name for path in small_disk.iterdir()] == ["out.parquet"]


@pytest.mark.parametrize("name", ["out.csv", "out.xlsx", "out"])
def test_every_kind_of_output_says_that_the_disk_is_full_and_leaves_no_half_file(
    small_disk: Path, noisy: Path, name: str, tmp_path: Path
) -> None:
    target = small_disk / name
    with pytest.raises(BadInput, match="the disk is full"):
        at_once(noisy, target)
    assert not target.exists()
    assert not list(kept(target).glob("half-*")), "half a file takes the room that is missing"
    make_room(small_disk)
    at_once(noisy, target, resume=True)
    if name != "out.xlsx":
        assert content(target) == content(at_once(noisy, tmp_path / name))
    assert [path.name for path in small_disk.iterdir()] == [name]


def test_a_folder_that_cannot_be_written_to_is_one_sentence(orepass: Program, text: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    kept(target).write_text("a file where the work is to be kept")
    one_sentence(orepass("screen", str(text), "-o", str(target)), "cannot be written", str(kept(target)))


# --- a damaged file in a folder


def damage_page(path: Path, group: int) -> None:
    """Overwrite a data page; the footer stays good."""
    read = pq.read_metadata(path).row_group(group)
    columns = (read.column(number) for number in range(read.num_columns))
    column = next(column for column in columns if column.total_compressed_size > 60)
    with path.open("r+b") as handle:
        handle.seek((column.dictionary_page_offset or column.data_page_offset) + 2)
        handle.write(b"\xff" * 40)


def test_a_truncated_file_in_a_folder_is_named_before_anything_is_done(
    orepass: Program, folder: Path, tmp_path: Path
) -> None:
    for name in ("a", "c"):
        os.truncate(folder / f"{name}.parquet", 3000)
    done = orepass("screen", str(folder), "-o", str(tmp_path / "out"))
    one_sentence(done, "a.parquet", "c.parquet", "not Parquet", "nothing was written")
    assert "b.parquet" not in done.stderr and done.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


@pytest.mark.parametrize("name", ["out.parquet", "out"])
def test_a_damaged_page_is_named_and_after_the_file_is_replaced_only_that_file_is_read_anew(
    folder: Path, name: str, tmp_path: Path
) -> None:
    target = tmp_path / name
    better = pq.read_table(folder / "b.parquet").take(list(reversed(range(ROWS))))
    damage_page(folder / "b.parquet", group=7)
    done = stopped(10**6, 0, "screen", folder, "-o", target)
    one_sentence(done, "b.parquet", "row group 7 cannot be read", "replace the file", "--resume")
    assert not target.exists()
    finished = {path.stat().st_ino for path in kept(target).glob("rows-*.parquet")}
    assert len(finished) == (1 if name == "out" else 0)
    before = {path.name for path in kept(target).glob("*.npy")}
    assert len(before) >= 4, "the chunks of the good file were thrown away"

    pq.write_table(better, folder / "b.parquet", row_group_size=CHUNK // 2)
    done = stopped(2, signal.SIGKILL, "screen", folder, "-o", target, "--resume")
    assert before < {path.name for path in kept(target).glob("*.npy")}, "what was done of the good file is done again"
    assert done.returncode == -signal.SIGKILL
    at_once(folder, target, resume=True)
    assert content(target) == content(at_once(folder, tmp_path / f"whole-{name}"))
    assert name != "out" or finished == {(target / "00000-a.parquet").stat().st_ino}


def test_a_text_that_is_no_utf_8_is_named_with_file_and_row_group(orepass: Program, tmp_path: Path) -> None:
    places, letters = pa.array([0, 3, 6], pa.int32()).buffers()[1], pa.py_buffer(b"caf\xe9\xe9x")
    table = pa.table({"to": ["DE", "US"], "note": pa.Array.from_buffers(pa.string(), 2, [None, places, letters])})
    pq.write_table(table, tmp_path / "in.parquet")
    done = orepass("screen", str(tmp_path / "in.parquet"), "-o", str(tmp_path / "out.csv"))
    one_sentence(done, "in.parquet: row group 0 cannot be read", "UTF8")
