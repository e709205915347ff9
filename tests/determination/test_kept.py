"""Decisions that earlier runs made are used again, say the same, and hold nothing that a user wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from determination.tables_drawn import drawn_table, law
from orepass.determination.decisions import Decisions
from orepass.determination.kept import Kept, kept_file, load_kept, save_kept
from orepass.determination.plan import plan_of
from orepass.determination.run import screen_file
from orepass.tables.open import open_table


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OREPASS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def screened(table: pa.Table, folder: Path, name: str) -> pa.Table:
    source = folder / "in.parquet"
    pq.write_table(table, source)
    screen_file(plan_of(open_table(source)), folder / name, law())
    return pq.read_table(folder / name)


@pytest.mark.parametrize("seed", [3, 8, 21])
def test_a_second_run_decides_nothing_anew_and_writes_the_same(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    table = drawn_table(seed, rows=150)
    first = screened(table, tmp_path, "first.parquet")
    judged: list[int] = []
    judge = Decisions._judge

    def counting(self: Decisions, *parts: Any) -> int:
        judged.append(1)
        return judge(self, *parts)

    monkeypatch.setattr(Decisions, "_judge", counting)
    assert screened(table, tmp_path, "second.parquet").equals(first)
    assert not judged


def test_what_is_kept_holds_no_text_name_or_value_and_is_read_by_its_owner_alone(cache: Path, tmp_path: Path) -> None:
    table = pa.table(
        {
            "date": ["2026-02-01"] * 3,
            "to": ["DE", "Secretland", "DE"],
            "description": ["gallium for project Nightingale", "gallium", "gallium"],
            "end_user": ["Quiet Customer", "MP Materials", None],
        }
    )
    screened(table, tmp_path, "out.parquet")
    (file,) = cache.glob("decisions-*.npz")
    content = file.read_bytes()
    for word in (b"Nightingale", b"Secretland", b"Quiet", b"MP Materials"):
        assert word not in content
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a zip", b"\x00" * 100])
def test_a_broken_file_is_as_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "kept.npz"
    path.write_bytes(content)
    assert load_kept(path) == Kept([], {}, {})


def test_what_was_kept_comes_back_as_it_was(tmp_path: Path) -> None:
    kept = Kept([["exempt", [], [], [], [], [], ""]], {b"\x00" * 16: 0, b"a" * 15 + b"\x00": 0}, {b"t" * 16: b"s" * 16})
    save_kept(tmp_path / "deep" / "kept.npz", kept)
    assert load_kept(tmp_path / "deep" / "kept.npz") == kept


def test_another_rule_book_has_another_file(cache: Path) -> None:
    assert kept_file("aaa") != kept_file("bbb")
    assert kept_file("aaa").parent == cache
