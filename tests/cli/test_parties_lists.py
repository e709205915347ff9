"""``orepass parties``: import, list, show, clear, reopen, drop."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from orepass.cli.parties_lists import app
from orepass.determination.listed_by_law import LISTS, bars, of_law
from orepass.errors import BadInput
from orepass.law.timeline import Law
from orepass.parties.shelf import RESERVED

TABLE = (
    "id,name_en,name_zh,country,lei,bars,from,published\n"
    "17,Example Metals LLC,示例金属有限公司,US,5493001KJTIIGC8Y1R12,no trade,2025-01-02,2025-01-01\n"
    "18,Example Alloys Ltd,,Atlantis,,no trade,,\n"
    "19,,,US,,,,\n"
)


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OREPASS_DATA", str(tmp_path / "data"))
    file = tmp_path / "own.csv"
    file.write_text(TABLE, encoding="utf-8")
    return file


def run(*words: object) -> Result:
    done = CliRunner().invoke(app, [str(word) for word in words])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done


def read(*words: object) -> Any:
    return json.loads(run(*words, "--json").stdout)


def test_a_list_is_imported_and_what_was_not_read_is_told(own: Path) -> None:
    done = run("import", own, "--name", "own")
    assert "own has a new version" in done.stdout
    assert (
        "2 listed parties in 3 records; 1 record could not be read; 1 remark on records that were read." in done.stdout
    )
    assert "own.csv, line 3, country: 'Atlantis' is no country that we know" in done.stderr
    assert "own.csv, line 4: the row has no name" in done.stderr
    assert run("import", own, "--name", "own").stdout.startswith("Nothing changes: own holds this content")
    again = read("import", own, "--name", "own")
    assert (again["changed"], again["parties"], again["lost"], len(again["problems"])) == (False, 2, 1, 2)


def test_the_lists_of_the_law_and_ones_own_are_listed_with_their_versions(own: Path, law: Law) -> None:
    run("import", own, "--name", "own", "--published", "2025-02-01")
    own.write_text(TABLE + "20,Example Powders SA,,FR,,,,\n", encoding="utf-8")
    run("import", own, "--name", "own", "--published", "2025-03-01")
    rows = read("list")
    assert {row["list"]: row["parties"] for row in rows if row["by"] == "law"} == {
        name: sum(listing.list == name for listing in law.facts.listings) for name in LISTS
    }
    versions = [row for row in rows if row["list"] == "own"]
    assert [(row["parties"], row["known_since"], row["current"]) for row in versions] == [
        (2, "2025-02-01", False),
        (3, "2025-03-01", True),
    ]
    then = [row for row in read("list", "--known", "2025-02-10") if row["list"] == "own"]
    assert [(row["current"], row["known"]) for row in then] == [(True, True), (False, False)]
    assert sum(row["parties"] for row in read("list", "--known", "2025-01-10") if row["by"] == "law") < 60
    assert "own" in run("list").stdout


def test_a_listing_is_shown_by_its_id_and_by_its_name(own: Path) -> None:
    run("import", own, "--name", "own")
    (shown,) = read("show", "own/17", "--on", "2025-02-01")
    assert shown["names"] == ["Example Metals LLC", "示例金属有限公司"]
    assert (shown["bars"], shown["from"], shown["known from"]) == ("no trade", "2025-01-02", "2025-01-01")
    assert shown["state on 2025-02-01"] == "holds"
    assert shown["history"][0].endswith(": added")
    assert read("show", "own/17", "--on", "2025-01-01")[0]["state on 2025-01-01"] == "begins on 2025-01-02"
    assert read("show", "示例金属有限公司")[0]["listing"] == "own/17"
    assert [each["listing"] for each in read("show", "example")] == ["own/17", "own/18"]
    assert "5493001KJTIIGC8Y1R12" in run("show", "own/17").stdout


def test_a_listing_that_was_struck_is_still_told(own: Path) -> None:
    run("import", own, "--name", "own", "--published", "2025-02-01")
    own.write_text("".join(line for line in TABLE.splitlines(keepends=True) if not line.startswith("17")))
    run("import", own, "--name", "own", "--published", "2025-03-01")
    (shown,) = read("show", "own/17")
    assert "no longer on the list" in shown.values()
    assert [line.rpartition(": ")[2] for line in shown["history"]] == ["added", "removed"]


def test_a_listing_of_the_law_is_shown_with_its_windows(law: Law) -> None:
    (shown,) = read("show", "CN-2025-01/1", "--on", "2025-02-01")
    assert shown == read("show", "control/CN-2025-01/1", "--on", "2025-02-01")[0]
    assert shown["names"][:2] == ["General Dynamics", "通用动力公司"]
    assert shown["state on 2025-02-01"] == "in force by CN-2025-01"
    assert "export of dual-use items from China to it is prohibited" in shown["bars"]
    assert shown["history"][0] == "from 2025-01-02: in force by CN-2025-01"
    assert any(each["listing"] == "control/CN-2025-01/1" for each in read("show", "General Dynamics"))
    (paused,) = read("show", "CN-2025-21/1", "--on", "2025-06-01")
    assert paused["state on 2025-06-01"].startswith("suspended")
    assert len(paused["history"]) > 2


def test_every_listing_of_the_law_is_a_listed_party(law: Law) -> None:
    day = date(2026, 11, 22)
    parties = [of_law(on.listing, on.standing, law.facts) for on in law.as_of(day).listings]
    assert {party.list for party in parties} == set(LISTS) == RESERVED - {"law", "all"}
    assert len({(party.list, party.id) for party in parties}) == len(parties) == 259
    assert {listing.bars for listing in law.facts.listings} == set(bars())
    assert all(party.names and party.bars and party.source and party.from_ and party.known_from for party in parties)
    assert all(source in law.facts.sources for bar in bars().values() for source in bar.sources)


def test_what_is_not_there_is_one_sentence(own: Path) -> None:
    for words, says in (
        (("show", "CN-2025-01/999"), "no listing has the id or the name 'CN-2025-01/999'"),
        (("show", "Genral Dynamics"), "did you mean General Dynamics (CN-2025-01/1)"),
        (("import", own, "--name", "../own"), "'../own' is no id of a list"),
        (("import", own, "--name", "own", "--published", "soon"), "'soon' is no day"),
        (("import", own.with_name("gone.csv"), "--name", "own"), "there is no such file"),
        (("clear", "Example", "own/17", "--why", "x"), "no listing has the id 'own/17'"),
        (("drop", "gone", "--yes"), "no list 'gone' is kept"),
    ):
        with pytest.raises(BadInput) as refused:
            run(*words)
        assert says in str(refused.value)
        assert "\n" not in str(refused.value)


def test_a_hit_is_cleared_and_reopened(own: Path) -> None:
    run("import", own, "--name", "own")
    words = ("Example Metals Ltd", "own/17", "--country", "Germany", "--identifier", "lei:X", "--by", "reviewer 1")
    done = run("clear", *words, "--why", "another register number")
    assert done.stdout.startswith("Cleared: 'Example Metals Ltd' against own/17, by reviewer 1 on ")
    assert run("clear", *words, "--why", "again").stdout.startswith("Nothing changes: 'Example Metals Ltd'")
    (shown,) = read("show", "own/17")
    assert shown["cleared hits"][0].endswith("cleared by reviewer 1: Example Metals Ltd (DE): another register number")
    with pytest.raises(BadInput, match="party country: DE -> nothing"):
        run("reopen", "Example Metals Ltd", "own/17", "--identifier", "lei:X", "--why", "x")
    assert read("reopen", *words, "--why", "the register was wrong")["deed"] == "reopen"
    with pytest.raises(BadInput, match="is not cleared against own/17"):
        run("reopen", *words, "--why", "x")
    with pytest.raises(BadInput, match="'lei' is no identifier"):
        run("clear", "Example", "own/17", "--why", "x", "--identifier", "lei")
    assert read("clear", "Example", "CN-2025-01/1", "--why", "another one")["listing"]["id"] == "CN-2025-01/1"


def test_a_list_is_dropped_only_when_that_is_meant(own: Path) -> None:
    run("import", own, "--name", "own")
    refused = CliRunner().invoke(app, ["drop", "own"], input="n\n")
    assert refused.exit_code == 1
    assert any(row["list"] == "own" for row in read("list"))
    assert run("drop", "own", "--yes").stdout == "own is removed with 1 version.\n"
    assert not any(row["list"] == "own" for row in read("list"))


def test_the_module_is_light_to_import() -> None:
    program = (
        "import sys, orepass.cli.parties_lists\n"
        "heavy = {'numpy', 'pyarrow', 'rich.console', 'yaml', 'python_calamine', 'pypinyin', 'orepass.law.load'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "orepass.law.load" not in done.stdout
    assert done.stdout.strip() in {"[]", "['rich.console']"}
