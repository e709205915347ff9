"""``orepass parties match``, ``screen`` and ``score`` as a user runs them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from conftest import Program


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OREPASS_DATA", str(tmp_path / "data"))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def test_a_name_in_another_spelling_is_matched_with_its_evidence(orepass: Program) -> None:
    done = orepass("parties", "match", "Hosoya Pyrotechnics", "--country", "JP", "--json")
    (hit, *_) = json.loads(done.stdout)["hits"]
    assert (hit["level"], hit["country"]) == ("likely", "agrees")
    assert "Probably one name" in hit["evidence"]
    assert "很可能为同一名称" in orepass("parties", "match", "Hosoya Pyrotechnics", "--language", "zh").stdout


def test_pairs_keep_their_rows_and_columns_and_get_rank_and_evidence(orepass: Program, tmp_path: Path) -> None:
    pairs, out = tmp_path / "pairs.csv", tmp_path / "out.csv"
    pairs.write_text(
        "left,right,left_country,right_country,rank\n莱茵金属公司,Rheinmetall AG,DE,DE,x\n莱茵金属公司,Skydio,DE,US,y\n,Skydio,,,z\n"
        "Skydio Inc,Skydio,Nowhere,US,w\n",
        encoding="utf-8",
    )
    assert orepass("parties", "score", str(pairs), "-o", str(out)).returncode == 0
    found = rows(out)
    assert [row["rank"] for row in found] == ["x", "y", "z", "w"]
    assert float(found[0]["rank_found"]) > 0.9 > 0.3 > float(found[1]["rank_found"])
    assert "is read rheinmetall" in found[0]["evidence"]
    assert "a name is missing" in found[2]["error"]
    assert "'Nowhere' is no country" in found[3]["error"]
    assert found[3]["evidence"].startswith("The names are the same")


def test_a_table_is_screened_and_cleared_hits_stay_cleared(orepass: Program, tmp_path: Path) -> None:
    own, table, out = tmp_path / "own.csv", tmp_path / "customers.csv", tmp_path / "out.csv"
    own.write_text("id,name,country\n7,Example Rare Metals Ltd,AE\n", encoding="utf-8")
    table.write_text(
        "name,country,note\nExample Rare Metal LLC,AE,kept\nQuiet Meadow Dairy,AT,\n,AT,\n", encoding="utf-8"
    )
    assert orepass("parties", "import", str(own), "--name", "house").returncode == 0
    assert orepass("parties", "screen", str(table), "-o", str(out), "--lists", "house").returncode == 0
    found = rows(out)
    assert [row["level"] for row in found] == ["same", "none", ""]
    assert (found[0]["note"], found[0]["list"], found[0]["listing"]) == ("kept", "house", "7")
    assert "no name" in found[2]["error"]
    clear = ["parties", "clear", "Example Rare Metal LLC", "house/7", "--why", "another owner", "--country", "AE"]
    assert orepass(*clear).returncode == 0
    orepass("parties", "screen", str(table), "-o", str(out), "--lists", "house")
    assert rows(out)[0]["level"] == "cleared"
    own.write_text("id,name,country,address\n7,Example Rare Metals Ltd,AE,1 Mine Road\n", encoding="utf-8")
    orepass("parties", "import", str(own), "--name", "house")
    orepass("parties", "screen", str(table), "-o", str(out), "--lists", "house")
    assert rows(out)[0]["level"] == "same"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["match", " "], "the name is empty"),
        (["match", "Skydio", "--lists", "nobody"], "there is no list 'nobody'"),
        (["match", "Skydio", "--identifier", "lei:"], "is no identifier"),
        (["match", "Skydio", "--language", "fr"], "expected en or zh"),
        (["score", "docs/examples/customers.csv", "-o", "x.csv"], "there is no column 'left'"),
        (
            ["screen", "docs/examples/customers.csv", "-o", "docs/examples/customers.csv"],
            "the output is the table itself",
        ),
    ],
)
def test_bad_input_is_one_sentence(orepass: Program, words: list[str], says: str) -> None:
    done = orepass("parties", *words)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
