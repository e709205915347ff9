"""``orepass parties owners``: a graph of holdings in, verdicts out."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from orepass.cli.owners import run_owners
from orepass.cli.parties import Day
from orepass.errors import BadInput

DAY = Day(date(2025, 10, 20), None)
HOLDINGS = """owner,owned,share,kind,complete
Lockheed Martin Corporation,Holding B,60%,,
Holding B,Target,0.5,,yes
Plain Investor,Target,50%,,
Plain Investor,Target,,control,
"""


@pytest.fixture(autouse=True)
def no_lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OREPASS_DATA", str(tmp_path / "data"))


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    file = tmp_path / "holdings.csv"
    file.write_text(HOLDINGS, encoding="utf-8")
    return file


class Asking:
    """The command with its defaults."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def text(self, graph: Path, **said: Any) -> str:
        wishes: dict[str, Any] = {
            "listed": [],
            "lists": None,
            "target": "Target",
            "tests": [],
            "when": DAY,
            "language": "en",
            "as_json": False,
        }
        run_owners(graph, **(wishes | said))
        return " ".join(self.capsys.readouterr().out.split())

    def json(self, graph: Path, **said: Any) -> dict[str, Any]:
        return json.loads(self.text(graph, **said, as_json=True))


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Asking:
    return Asking(capsys)


def test_a_chain_named_as_listed(ask: Asking, graph: Path) -> None:
    document = ask.json(graph, listed=["lockheed martin corporation"])
    (verdict,) = document["tests"]
    assert (verdict["test"], verdict["state"], verdict["answer"]) == ("CN-2025-61-2", "in_force", "undetermined")
    assert verdict["share"]["in_words"] == "30 % to 50 %"
    assert verdict["path"][0]["names"] == ["Lockheed Martin Corporation", "Holding B", "Target"]
    assert {reading["answer"] for reading in verdict["readings"]} == {"yes", "undetermined"}
    assert document["listed"] == [
        {"name": "Lockheed Martin Corporation", "counts": "yes", "where": "named as listed", "why": ""}
    ]


def test_the_lists_of_the_law_find_the_owner(ask: Asking, graph: Path) -> None:
    (found,) = ask.json(graph, lists="law")["listed"]
    assert (found["name"], found["counts"]) == ("Lockheed Martin Corporation", "yes")
    assert "CN-2025-01/6" in found["where"]


def test_what_is_printed_names_share_path_and_control(ask: Asking, graph: Path) -> None:
    text = ask.text(graph, listed=["Lockheed Martin Corporation", "Plain Investor"])
    assert "MET" not in text and "YES" in text
    assert "control, which is no share: Plain Investor > Target (as stated)" in text
    assert "path: Plain Investor > Target: 50 %" in text
    assert "in force on this day" in text


def test_each_regime_has_its_own_answer(ask: Asking, graph: Path) -> None:
    verdicts = ask.json(graph, listed=["Lockheed Martin Corporation"], tests=["all"])["tests"]
    answers = {verdict["test"]: verdict["answer"] for verdict in verdicts}
    assert (answers["US-OFAC-50"], answers["UK-OWNED"]) == ("yes", "no")
    (one,) = ask.json(graph, listed=["Lockheed Martin Corporation"], tests=["US-OFAC-50"])["tests"]
    assert one["test"] == "US-OFAC-50"


def test_in_chinese(ask: Asking, graph: Path) -> None:
    assert "2025年第61号公告第二条的持股标准" in ask.text(graph, listed=["Plain Investor"], language="zh")


def test_a_name_that_is_only_probably_listed_is_a_second_answer(ask: Asking, tmp_path: Path) -> None:
    file = tmp_path / "g.csv"
    file.write_text("owner,owned,share\nRaytheon Misile & Defence,Target,0.6\nOther,Target,0.4\n", encoding="utf-8")
    document = ask.json(file, lists="law")
    (found,) = document["listed"]
    assert found["counts"] == "likely" and found["why"]
    (verdict,) = document["tests"]
    assert (verdict["answer"], verdict["if_open_ones_count"]["answer"]) == ("no", "yes")
    assert "If those that are open or only probably listed count too" in ask.text(file, lists="law")


@pytest.mark.parametrize(
    ("day", "counts", "answer"), [(date(2025, 10, 20), "no", "no"), (date(2026, 11, 22), "open", "no")]
)
def test_a_paused_listing(ask: Asking, tmp_path: Path, day: date, counts: str, answer: str) -> None:
    file = tmp_path / "g.csv"
    file.write_text("owner,owned,share\nHigh Point Aerotechnologies,Target,1\n", encoding="utf-8")
    document = ask.json(file, lists="law", when=Day(day, None))
    assert ([each["counts"] for each in document["listed"]], document["tests"][0]["answer"]) == ([counts], answer)


ENTITIES: list[dict[str, Any]] = [
    {"id": "a", "schema": "Company", "properties": {"name": ["Alpha"]}},
    {"id": "b", "schema": "Company", "properties": {"name": ["Beta"]}},
    {"id": "b2", "schema": "Company", "properties": {"name": ["Beta"]}},
    {"id": "o1", "schema": "Ownership", "properties": {"owner": ["a"], "asset": ["b"], "percentage": ["55"]}},
    {
        "id": "o2",
        "schema": "Ownership",
        "properties": {"owner": ["b2"], "asset": ["b"], "percentage": ["45"], "endDate": ["2020"]},
    },
    {"id": "d", "schema": "Directorship", "properties": {}},
]


def test_entities_are_called_by_their_names(ask: Asking, tmp_path: Path) -> None:
    file = tmp_path / "entities.ftm.json"
    file.write_text("\n".join(map(json.dumps, ENTITIES)) + "\n", encoding="utf-8")
    for target in ("b", "Beta (b)"):
        document = ask.json(file, listed=["Alpha"], target=target)
        assert (document["target"], document["holdings"]) == ("Beta (b)", 1)
        assert document["tests"][0]["answer"] == "yes"


def test_a_sheet_of_excel(ask: Asking, tmp_path: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(tmp_path / "g.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Owner", "Owned", "Share", "Complete", "remark"])
        sheet.write_row(1, 0, ["Alpha", "Target", 0.5, 1, "x"])
        sheet.write_row(2, 0, ["Beta", "Target", 0.5])
    document = ask.json(tmp_path / "g.xlsx", listed=["Alpha"])
    assert document["tests"][0]["share"]["in_words"] == "50 %"
    assert document["tests"][0]["answer"] == "yes"


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ({}, "nobody is listed; expected --listed NAME, or --lists law"),
        ({"listed": ["Alpha"], "target": "Targt"}, "--target: the graph names no party 'Targt'"),
        ({"listed": ["Nobody"]}, "--listed: the graph names no party 'Nobody'"),
        ({"listed": ["Plain Investor"], "tests": ["OFAC"]}, "--test: there is no test 'OFAC'; expected all, or one of"),
        ({"lists": "mylist"}, "there is no list 'mylist'"),
    ],
)
def test_what_cannot_be_found_is_named(ask: Asking, graph: Path, said: dict[str, Any], says: str) -> None:
    with pytest.raises(BadInput) as caught:
        ask.text(graph, **said)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("g.csv", "holder,owned\nA,B\n", "there is no column 'owner'"),
        ("g.csv", "owner,owned,share\nA,B,120%\n", "g.csv, row 1, share: the share 120% lies outside 0 to 1"),
        ("g.csv", "owner,owned,share\nA,T,60%\nB,T,60%\n", "owners of T: the stated shares add up to at least 120 %"),
        ("g.jsonl", '{"schema": "Ownership"\n', "g.jsonl, line 1: the line is no JSON object"),
        ("g.jsonl", "[1]\n", "g.jsonl, line 1: the line is no JSON object"),
        ("g.jsonl", '{"schema": "Company", "id": "x"}\n', "no holding is stated"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(ask: Asking, tmp_path: Path, name: str, content: str, says: str) -> None:
    file = tmp_path / name
    file.write_text(content, encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        ask.text(file, listed=["A"])
    assert says in str(caught.value)


def test_a_file_that_is_not_there(ask: Asking, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"none\.jsonl"):
        ask.text(tmp_path / "none.jsonl", listed=["A"])
