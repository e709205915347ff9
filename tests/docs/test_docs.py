"""What the documents say is true: commands run, names exist, figures of the facts agree."""

from __future__ import annotations

import csv
import doctest
import importlib
import re
import shlex
from pathlib import Path

import pytest

from conftest import Program
from orepass.desk.settings import Settings
from orepass.determination.rows import known_columns
from orepass.goods.parameters import parameters
from orepass.licences.facts import machines

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\.venv/bin/orepass (.*?)(?:\s+#.*)?$", README, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_readme_runs(
    orepass: Program, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OREPASS_DATA", str(tmp_path / "data"))
    written = {"answers.xlsx", "customers_checked.xlsx"}
    words = [str(tmp_path / word) if word in written else word for word in shlex.split(command)]
    done = orepass(*words)
    assert done.returncode in ({0, 1} if "--fresh" in words else {0}), done.stderr


def test_the_readme_shows_what_check_prints(orepass: Program) -> None:
    done = orepass("check", "docs/examples/antimony.yaml")
    printed = " ".join(done.stdout.split())
    block = README.split("```\n Licence required")[1].split("```")[0]
    for line in block.splitlines()[1:]:
        words = " ".join(line.split()).partition("...")[0]
        assert words in printed, words


def test_the_python_of_the_readme_prints_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    exec(code, {})
    printed = capsys.readouterr().out
    assert printed.startswith("not_controlled\n")
    assert "purity_pct: 0.09 %" in printed


def test_every_field_and_column_is_in_the_documents() -> None:
    text = (ROOT / "docs" / "transaction.md").read_text(encoding="utf-8")
    facts = {p.name for p in parameters().values() if p.of == "line"}
    for column in known_columns() - facts:
        assert re.search(rf"\b{column}\b", text), column
    for act in parameters()["act"].values:
        assert f"`{act}`" in text, act


def test_the_example_table_has_columns_that_are_read() -> None:
    with (ROOT / "docs" / "examples" / "orders.csv").open(encoding="utf-8") as handle:
        header = next(csv.reader(handle))
    assert set(header) - known_columns() == {"order"}


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\((?!http)([^)#]+)\)", README))))
def test_a_link_of_the_readme_leads_somewhere(link: str) -> None:
    assert (ROOT / link).exists()


@pytest.mark.parametrize("module", ["orepass.goods.describe", "orepass.law.timeline"])
def test_examples_in_docstrings_are_true(module: str) -> None:
    failed, tried = doctest.testmod(importlib.import_module(module))
    assert (failed, tried > 0) == (0, True)


def test_every_source_file_has_a_room_of_its_size() -> None:
    large = {
        p.name: n for p in (ROOT / "src").rglob("*.py") if (n := len(p.read_text(encoding="utf-8").splitlines())) > 450
    }
    assert large == {}


@pytest.mark.parametrize("which", ["transaction", "determination"])
def test_the_published_schema_is_that_of_the_code(orepass: Program, which: str) -> None:
    assert orepass("schema", which).stdout == (ROOT / "docs" / "schema" / f"{which}.json").read_text(encoding="utf-8")


def test_every_setting_of_the_desk_is_in_its_document_with_its_default() -> None:
    text = (ROOT / "docs" / "desk.md").read_text(encoding="utf-8")
    for name, field in Settings.model_fields.items():
        assert f"`{name.upper()}`" in text, name
        if isinstance(field.default, int) and not isinstance(field.default, bool):
            assert re.search(rf"\| `{name.upper()}` \| {field.default} \|", text), name


def test_every_move_of_the_desk_is_in_its_document() -> None:
    text = (ROOT / "docs" / "desk.md").read_text(encoding="utf-8")
    for of in ("case", "licence", "declaration"):
        for move in machines()[of].moves.values():
            assert "desk" in move.by or f"`{move.name}`" in text, move.name
