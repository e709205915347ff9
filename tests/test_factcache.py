"""Parsed facts are kept, never believed beyond their content."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from orepass.factcache import cached


def test_what_was_parsed_is_not_parsed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OREPASS_CACHE", str(tmp_path))
    assert cached(b"one", lambda: {"a": [1, 2]}) == {"a": [1, 2]}
    assert cached(b"one", lambda: pytest.fail("parsed again")) == {"a": [1, 2]}


def test_another_content_is_parsed_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OREPASS_CACHE", str(tmp_path))
    cached(b"one", lambda: 1)
    assert cached(b"two", lambda: 2) == 2


def test_a_broken_file_in_the_cache_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OREPASS_CACHE", str(tmp_path))
    cached(b"one", lambda: 1)
    for kept in tmp_path.iterdir():
        kept.write_bytes(b"")
    assert cached(b"one", lambda: 3) == 3
    assert cached(b"one", lambda: 4) == 3


def test_where_nothing_can_be_written_it_is_parsed_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = tmp_path / "file"
    closed.write_text("no folder")
    monkeypatch.setenv("OREPASS_CACHE", str(closed))
    assert [cached(b"one", lambda: 1), cached(b"one", lambda: 2)] == [1, 2]


def test_days_come_back_as_days(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OREPASS_CACHE", str(tmp_path))
    cached(b"one", lambda: [date(2026, 11, 22)])
    assert cached(b"one", lambda: None) == [date(2026, 11, 22)]


def test_a_file_that_names_code_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OREPASS_CACHE", str(tmp_path))
    cached(b"one", lambda: 1)
    for kept in tmp_path.iterdir():
        kept.write_bytes(b"cos\ngetcwd\n(tR.")
    assert cached(b"one", lambda: 5) == 5


def test_what_cannot_be_kept_is_still_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OREPASS_CACHE", str(tmp_path))
    value = object()
    assert cached(b"one", lambda: value) is value
