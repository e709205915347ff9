"""``orepass desk``: a whole case by commands, with the real program."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from conftest import ROOT, Program
from orepass.licences.guards import papers_asked

PAPERS = [paper.id for paper in papers_asked("single", datetime.now(UTC).date(), ())]


@pytest.fixture(scope="module")
def made(orepass: Program, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a desk with an account of every role."""
    folder = tmp_path_factory.mktemp("desk") / "data"
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("OREPASS_DATA", str(folder))
        assert orepass("desk", "organisation", "FIRM-A", "Example exporter").returncode == 0
        assert orepass("desk", "organisation", "AUTHORITY", "Example authority").returncode == 0
        for role in ("exporter", "officer", "countersigner", "customs"):
            code = "FIRM-A" if role == "exporter" else "AUTHORITY"
            done = orepass("desk", "account", role, "--organisation", code, "--role", role, "--no-password")
            assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def data(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one test, with a copy of that desk in it."""
    shutil.copytree(made, tmp_path / "data")
    monkeypatch.setenv("OREPASS_DATA", str(tmp_path / "data"))
    return tmp_path


@pytest.fixture
def desk(orepass: Program, data: Path) -> Program:
    """The desk's commands."""

    def run(*words: str, stdin: str | bytes = ""):
        return orepass("desk", *words, stdin=stdin)

    return run


def test_a_case_goes_from_application_to_the_gate_by_commands(desk: Program, data: Path) -> None:
    papers: list[str] = []
    for kind in PAPERS:
        (data / f"{kind}.txt").write_text(kind)
        papers += ["--paper", f"{kind}={data / f'{kind}.txt'}"]
    applied = desk("apply", "docs/examples/application.yaml", "--as", "exporter", *papers)
    assert applied.returncode == 0, applied.stderr
    case = applied.stdout.split()[1]
    assert "is submitted" in applied.stdout
    assert desk("move", case, "accept", "--as", "officer").returncode == 0
    early = desk("decide", case, "grant", "--as", "officer")
    assert (early.returncode, early.stderr.strip().count("\n")) == (2, 0)
    assert "Countersigned advice is missing" in early.stderr
    assert desk("advise", case, "all", "grant", "--text", "in order", "--as", "officer").returncode == 0
    assert desk("countersign", case, "--as", "countersigner").returncode == 0
    granted = desk("decide", case, "grant", "--as", "officer")
    assert "Licence L" in granted.stdout
    document = (ROOT / "docs" / "examples" / "declaration.yaml").read_text(encoding="utf-8")
    now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    told = document.replace("2026-11-20T10:00:00+08:00", now)
    cleared = desk("clear", "-", "--as", "customs", stdin=told)
    assert cleared.returncode == 0, cleared.stderr
    assert "released" in cleared.stdout and "a licence in force at declaration covers it" in cleared.stdout
    listed = desk("list", "--as", "exporter", "--json")
    assert [found["state"] for found in json.loads(listed.stdout)] == ["granted"]
    assert "the same answer (same rule book)" in desk("rerun", case, "--as", "officer").stdout
    shown = desk("show", case, "--as", "officer", "--history")
    assert "case.grant" in shown.stdout


def test_the_store_is_verified_kept_and_restored_by_commands(desk: Program, data: Path) -> None:
    head = desk("head")
    (data / "head.json").write_text(head.stdout)
    verified = desk("verify", "--head", str(data / "head.json"))
    assert (verified.returncode, "all as the journal says" in verified.stdout) == (0, True)
    assert desk("backup", str(data / "kept.zip")).returncode == 0
    other = str(data / "other.db")
    assert desk("restore", str(data / "kept.zip"), "--database", other).returncode == 0
    import sqlite3

    with sqlite3.connect(other) as connection:
        connection.execute("UPDATE accounts SET organisation = 'FIRM-B' WHERE id = 'officer'")
    broken = desk("verify", "--database", other)
    assert broken.returncode == 1
    assert "Record account/officer" in broken.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["list", "--as", "nobody"], "There is no open account 'nobody'"),
        (["move", "C1", "dance", "--as", "officer"], "'dance' is no move"),
        (["show", "C999999", "--as", "officer"], "There is no case, licence or declaration"),
        (["apply", "docs/examples/antimony.yaml", "--as", "exporter"], "field kind"),
        (["apply", "nowhere.yaml", "--as", "exporter"], "nowhere.yaml"),
        (["decide", "C1", "perhaps", "--as", "officer"], "'perhaps' is no decision"),
        (["list", "--as", "officer", "--state", "open"], "'open' is no state of a case"),
        (["head", "--database", "mysql://x/y"], "no database that the desk runs on"),
        (["clear", "docs/examples/application.yaml", "--as", "customs"], "docs/desk.md"),
        (["account", "x", "--organisation", "NOPE", "--role", "officer", "--no-password"], "no organisation 'NOPE'"),
        (["account", "x", "--organisation", "AUTHORITY", "--role", "king", "--no-password"], "'king' is no role"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_sentence(desk: Program, words: list[str], says: str) -> None:
    done = desk(*words)
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stderr.strip().count("\n") == 0, done.stderr
