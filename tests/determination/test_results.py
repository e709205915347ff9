"""The table of reasons: one row for each rule behind each row that is not free, as one determination would give them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from conftest import Program
from determination.tables_drawn import drawn_table, law
from orepass.determination import plan
from orepass.determination.decisions import Decision, Decisions
from orepass.determination.determine import determine
from orepass.determination.plan import plan_of
from orepass.determination.results import REASON_COLUMNS, Results
from orepass.determination.rows import RESULT_COLUMNS, row_to_document, screen_row
from orepass.determination.run import screen_file
from orepass.determination.transaction import transaction
from orepass.errors import BadInput
from orepass.tables.open import open_table


def expected(table: pa.Table, first: int = 1) -> list[dict[str, Any]]:
    """The reasons of each row, in order, by one determination each."""
    found: list[dict[str, Any]] = []
    for number, row in enumerate(table.to_pylist(), first):
        try:
            answer = determine(transaction(row_to_document(row)), law())
        except BadInput:
            continue
        if answer.outcome == "not_controlled":
            continue
        codes = screen_row(row, law()).result["codes"] or None
        for reason in answer.reasons:
            said = {name: getattr(reason, name) or None for name in REASON_COLUMNS[3:]}
            found.append({"row": number, "outcome": answer.outcome, "codes": codes, **said})
    return found


def read(path: Path) -> list[dict[str, Any]]:
    return [
        {name: cell if cell != "" else None for name, cell in row.items()} for row in pq.read_table(path).to_pylist()
    ]


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "_LEAST_ROWS", 37)
    monkeypatch.setattr(plan, "_MOST_ROWS", 37)


def test_the_program_writes_the_reasons_of_each_row(orepass: Program, tmp_path: Path) -> None:
    table = drawn_table(22, 100)
    pq.write_table(table, tmp_path / "in.parquet")
    why = tmp_path / "why.parquet"
    done = orepass("screen", str(tmp_path / "in.parquet"), "-o", str(tmp_path / "out.csv"), "--reasons", str(why))
    assert done.returncode == 0, done.stderr
    assert pq.read_schema(why).names == list(REASON_COLUMNS)
    assert read(why) == expected(table)
    assert len({row["row"] for row in read(why)}) > 10


def test_row_numbers_go_on_over_chunks_and_files_into_one_file(small_chunks: None, tmp_path: Path) -> None:
    table = drawn_table(3, 200)
    (tmp_path / "in").mkdir()
    pq.write_table(table.slice(0, 90), tmp_path / "in" / "a.parquet", row_group_size=10)
    pq.write_table(table.slice(90), tmp_path / "in" / "b.parquet", row_group_size=50)
    why = tmp_path / "why.parquet"
    screen_file(plan_of(open_table(tmp_path / "in"), reasons=why), tmp_path / "out.parquet", law())
    assert read(why) == expected(table)


def test_a_folder_of_reasons_counts_the_rows_of_each_file_from_one(small_chunks: None, tmp_path: Path) -> None:
    table = drawn_table(39, 160)
    (tmp_path / "in").mkdir()
    for name, piece in (("a", table.slice(0, 80)), ("b", table.slice(80))):
        pq.write_table(piece, tmp_path / "in" / f"{name}.parquet", row_group_size=30)
    screen_file(plan_of(open_table(tmp_path / "in"), reasons=tmp_path / "why"), tmp_path / "out", law())
    assert [path.name for path in sorted((tmp_path / "why").iterdir())] == ["00000-a.parquet", "00001-b.parquet"]
    assert read(tmp_path / "why" / "00000-a.parquet") == expected(table.slice(0, 80))
    assert read(tmp_path / "why" / "00001-b.parquet") == expected(table.slice(80))


def test_columns_of_the_input_say_nothing_of_the_types_of_reasons(tmp_path: Path) -> None:
    table = pa.table({"to": ["US"], "date": ["2025-01-20"], "description": ["antimony ingot 99.65%"]})
    for name in ("row", "rule", "grade"):
        table = table.append_column(name, pa.array(["x"]).dictionary_encode())
    pq.write_table(table, tmp_path / "in.parquet")
    why = tmp_path / "why.parquet"
    screen_file(plan_of(open_table(tmp_path / "in.parquet"), reasons=why), tmp_path / "out.parquet", law())
    kinds = {field.name: field.type for field in pq.read_schema(why)}
    assert kinds == {name: pa.int64() if name == "row" else pa.string() for name in REASON_COLUMNS}
    assert pa.types.is_dictionary(pq.read_schema(tmp_path / "out.parquet").field("grade").type)


def test_a_table_whose_rows_are_all_free_has_no_reasons_but_their_columns(tmp_path: Path) -> None:
    pq.write_table(
        pa.table({"to": ["DE"], "date": ["2026-02-01"], "description": ["steel bolts"]}), tmp_path / "i.parquet"
    )
    for why in (tmp_path / "why.parquet", tmp_path / "why.csv", tmp_path / "why.xlsx"):
        screen_file(plan_of(open_table(tmp_path / "i.parquet"), reasons=why), tmp_path / "out.parquet", law())
    assert pq.read_table(tmp_path / "why.parquet").to_pydict() == {name: [] for name in REASON_COLUMNS}
    assert (tmp_path / "why.csv").read_text(encoding="utf-8-sig").strip() == ",".join(REASON_COLUMNS)


def test_an_empty_answer_is_none_and_each_text_is_kept_once() -> None:
    decisions = Decisions(law())
    numbers = [decisions.number_of(d) for d in (Decision("exempt"), Decision("", error="bad"), Decision("exempt"))]
    columns = Results(decisions).columns(numbers)
    assert numbers == [0, 1, 0] and tuple(columns) == RESULT_COLUMNS
    assert columns["outcome"].to_pylist() == ["exempt", None, "exempt"]
    assert columns["error"].to_pylist() == [None, "bad", None]
    assert columns["codes"].to_pylist() == [None, None, None]
    assert columns["law"].to_pylist() == [law().version] * 3
    assert columns["outcome"].dictionary.to_pylist() == ["exempt"]


def test_decisions_that_are_made_after_the_first_chunk_are_shown_as_well() -> None:
    decisions = Decisions(law())
    results = Results(decisions)
    first = decisions.number_of(Decision("exempt"))
    assert results.columns([first])["outcome"].to_pylist() == ["exempt"]
    later = decisions.number_of(Decision("prohibited", codes=("3C003.b", "1C111")))
    columns = results.columns([later, first])
    assert columns["outcome"].to_pylist() == ["prohibited", "exempt"]
    assert columns["codes"].to_pylist() == ["3C003.b; 1C111", None]


@pytest.mark.parametrize(
    ("target", "reasons", "says"),
    [
        ("out.parquet", "out.parquet", "rows and reasons go to one file"),
        ("out", "why.parquet", "different kinds of places"),
        ("out.parquet", "why", "different kinds of places"),
        ("out.parquet", "why.docx", "no kind of table"),
        ("out.parquet", "nowhere/why.csv", "the folder does not exist"),
    ],
)
def test_a_place_for_reasons_that_does_not_fit_is_refused(target: str, reasons: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("to,hs\nDE,8110101000\n")
    with pytest.raises(BadInput, match=says):
        screen_file(plan_of(open_table(tmp_path / "in.csv"), reasons=tmp_path / reasons), tmp_path / target, law())
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]
