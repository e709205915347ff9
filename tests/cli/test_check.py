"""``orepass check`` as a person uses it: the real program in a process of its own."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from conftest import Program
from orepass.determination.schema import determination_schema

EXAMPLE = """
date: 2025-01-20
from: CN
to: US
lines:
  - description: antimony ingot 99.65%
    hs: "8110101000"
    quantity: 20
    unit: t
"""


def test_a_file_is_answered_in_words(orepass: Program, tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text(EXAMPLE)
    done = orepass("check", str(tmp_path / "t.yaml"))
    assert done.returncode == 0
    for words in (
        "in principle refused",
        "Entry 3C003.b",
        "US-46-P2",
        "Papers and duties",
        "45 working days",
        "Could be",
        "Assumed",
    ):
        assert words in done.stdout


def test_standard_input_is_answered_as_json(orepass: Program) -> None:
    done = orepass("check", "-", "--json", stdin=EXAMPLE)
    document = json.loads(done.stdout)
    jsonschema.validate(document, determination_schema())
    assert document["outcome"] == "refusal_presumed"


def test_json_in_is_as_good_as_yaml(orepass: Program) -> None:
    text = json.dumps({"date": "2025-01-20", "to": "US", "lines": [{"description": "锑锭 99.65%"}]}, ensure_ascii=False)
    assert json.loads(orepass("check", "-", "--json", stdin=text).stdout)["outcome"] == "refusal_presumed"


def test_questions_are_asked_until_nothing_is_left(orepass: Program, tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text("date: 2026-02-01\nto: DE\nlines: [{description: NdFeB magnet}]\n")
    done = orepass("check", str(tmp_path / "t.yaml"), "--ask", "--json", stdin="nonsense\n0\n3 %\n")
    assert done.returncode == 0, done.stderr
    assert "'nonsense' is no number" in done.stderr
    assert json.loads(done.stdout)["outcome"] == "licence_required"


def test_a_question_left_empty_stays_open(orepass: Program, tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text("date: 2026-02-01\nto: DE\nlines: [{hs: '8110101000'}]\n")
    done = orepass("check", str(tmp_path / "t.yaml"), "--ask", "--json", stdin="\n")
    assert json.loads(done.stdout)["outcome"] == "needs_facts"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "the file is empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe", "the file is not text"),
        (b"date: [2025\n", "the text is not YAML"),
        (b'{"date": ', "the text is not JSON"),
        (b"just words", "not a transaction"),
        (b"date: 2025-02-30\nlines: [{hs: '811010'}]", "2025-02-30|day is out of range|a value cannot be read"),
        (b"date: 2025-01-20\nport: Tianjin\nlines: [{hs: '811010'}]", "unknown field 'port'"),
        (b"date: 2025-01-20\nto: Atlantis\nlines: [{hs: '811010'}]", "'Atlantis' is no country"),
        (b"date: 2025-01-20\ndate: 2023-01-20\nlines: [{hs: '811010'}]", "field 'date' stands there twice"),
        (
            b'{"date": "2025-01-20", "date": "2023-01-20", "lines": [{"hs": "811010"}]}',
            "field 'date' stands there twice",
        ),
        (b"date: 2025-01-20\nlines: {hs: '811010'}", "lines are not a list"),
        (b"date: 2025-01-20\nlines: [{facts: {purity_pct: 0.9999}}]", "a fraction or a percent cell of Excel"),
        (b"date: 2025-01-20\nlines: [{facts: {purity_pct: '99,99'}}]", "has a decimal comma; expected a point: 99.99"),
        (b"date: 2025-01-20\nlines: [{hs: '9999999999'}]", "does not exist"),
        (b"date: 2025-01-20\nlines: [{facts: {purity_pct: -3}}]", "line 1, field purity_pct: -3 is out of range"),
        (b"date: 2025-01-20\nlines: [{facts: {purity_pct: 5 GPa}}]", "'GPa' is not a unit"),
        (b"date: 2025-01-20\nlines: [{description: " + b"gallium " * 90_000 + b"}]", "the description has 7"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_status_2(
    orepass: Program, content: bytes, says: str, tmp_path: Path
) -> None:
    import re

    path = tmp_path / "bad.yaml"
    path.write_bytes(content)
    done = orepass("check", str(path))
    assert done.returncode == 2
    assert done.stdout == ""
    assert re.search(says, done.stderr), done.stderr
    assert done.stderr.strip().count("\n") == 0
    assert str(path) in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_is_not_there_is_named(orepass: Program) -> None:
    done = orepass("check", "nowhere.yaml")
    assert (done.returncode, "nowhere.yaml: the file cannot be read" in done.stderr) == (2, True)


@pytest.mark.parametrize("which", ["transaction", "determination"])
def test_the_schemas_are_published(orepass: Program, which: str) -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(orepass("schema", which).stdout))
