"""``orepass screen``: tables of every kind in and out, bad rows kept, nothing half-written."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import python_calamine
import xlsxwriter

from conftest import Program
from orepass.determination.rows import RESULT_COLUMNS

HEADER = ["order", "date", "to", "description", "hs", "purity_pct", "end_user", "end_user_military"]
ROWS = [
    ["A1", "2025-01-20", "US", "antimony ingot", "8110101000", "99.65", "Example LLC", "no"],
    ["A2", "2025-01-20", "DE", "antimony trioxide", "", "99.5", "", ""],
    ["A3", "2025-02-30", "DE", "gallium", "", "", "", ""],
    ["A4", "2026-02-01", "DE", "", "8110101000", "", "", ""],
    ["A5", "2026-07-01", "US", "gallium", "", "-4", "", ""],
    ["A6", "2026-07-01", "US", "gallium, 镓", "", "", "MP Materials", ""],
]
OUTCOMES = ["refusal_presumed", "not_controlled", "", "needs_facts", "", "prohibited"]


def write_csv(path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as handle:
        csv.writer(handle).writerows([HEADER, *ROWS])


def write_xlsx(path: Path) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([HEADER, *ROWS]):
            for column, cell in enumerate(row):
                if number and HEADER[column] == "purity_pct" and cell:
                    sheet.write_number(number, column, float(cell))
                else:
                    sheet.write_string(number, column, cell)


def write_parquet(path: Path) -> None:
    pq.write_table(pa.table({name: [row[place] or None for row in ROWS] for place, name in enumerate(HEADER)}), path)


def read_back(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as handle:
            return list(csv.DictReader(handle))
    if path.suffix == ".parquet":
        return pq.read_table(path).to_pylist()
    rows = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    return [dict(zip(map(str, rows[0]), row, strict=True)) for row in rows[1:]]


@pytest.mark.parametrize("write", [write_csv, write_xlsx, write_parquet], ids=["csv", "xlsx", "parquet"])
@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet"])
def test_every_kind_in_and_out_gives_the_same_answers(
    orepass: Program, write: Callable[[Path], None], ending: str, tmp_path: Path
) -> None:
    source = tmp_path / f"in.{write.__name__.removeprefix('write_')}"
    target = tmp_path / f"out.{ending}"
    write(source)
    done = orepass("screen", str(source), "-o", str(target))
    assert done.returncode == 0, done.stderr
    rows = read_back(target)
    in_words = ["reasons_in_words"] if ending == "xlsx" else []
    assert list(rows[0]) == [*HEADER, *RESULT_COLUMNS, *in_words]
    assert [row["order"] for row in rows] == [row[0] for row in ROWS]
    assert [row["outcome"] or "" for row in rows] == OUTCOMES
    assert "no day of the calendar" in rows[2]["error"]
    assert rows[4]["error"].startswith("field purity_pct: -4 is out of range")
    assert rows[0]["codes"] == "3C003.b" and "US-46-P2" in rows[0]["reasons"]
    assert "What exactly are the goods" in rows[3]["questions"]
    assert all(row["law"] for row in rows)
    assert [row["description"] or "" for row in rows] == [row[3] for row in ROWS]


def test_columns_that_are_not_read_are_named(orepass: Program, tmp_path: Path) -> None:
    write_csv(tmp_path / "in.csv")
    assert "not read: order" in orepass("screen", str(tmp_path / "in.csv"), "-o", str(tmp_path / "out.csv")).stderr


def test_a_misspelt_column_is_named_with_the_one_that_was_meant(orepass: Program, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(
        "DATE;TO;Description;end_user_militry;purity\n2026-02-01;DE;antimony ingot;no;99\n"
    )
    done = orepass("screen", str(tmp_path / "in.csv"), "-o", str(tmp_path / "out.csv"))
    said = " ".join(done.stderr.split())
    assert "end_user_militry (may be end_user_military)" in said
    assert "Column 'purity' is read as purity_pct (known name)" in said
    assert read_back(tmp_path / "out.csv")[0]["outcome"] == "licence_required"


def test_a_blank_row_comes_back_and_the_input_is_never_overwritten(orepass: Program, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("date,to,description\n2026-02-01,DE,gallium\n,,\n2026-02-01,DE,copper\n\n")
    done = orepass("screen", str(tmp_path / "in.csv"), "-o", str(tmp_path / "out.csv"))
    assert done.returncode == 0, done.stderr
    assert [row["outcome"] for row in read_back(tmp_path / "out.csv")] == ["licence_required", "", "not_controlled"]
    assert orepass("screen", str(tmp_path / "in.csv"), "-o", str(tmp_path / "in.csv")).returncode == 2


def test_a_day_can_be_given_for_rows_without_one(orepass: Program, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("description,to\ngallium metal,DE\n")
    done = orepass("screen", str(tmp_path / "in.csv"), "-o", str(tmp_path / "out.csv"), "--date", "2026-02-01")
    assert done.returncode == 0, done.stderr
    (row,) = read_back(tmp_path / "out.csv")
    assert row["outcome"] == "licence_required"


def test_chinese_excel_text_is_read(orepass: Program, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes("date,to,description\n2026-02-01,德国,金属镓\n".encode("gb18030"))
    orepass("screen", str(tmp_path / "in.csv"), "-o", str(tmp_path / "out.csv"))
    assert read_back(tmp_path / "out.csv")[0]["outcome"] == "licence_required"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "the table holds no rows"),
        (b"date,to,description\n", "the table holds no rows"),
        (b"date,to,to\n2026-02-01,DE,DE\n", "column 'to' stands there twice"),
        (b"date,,to\n2026-02-01,x,DE\n", "column 2 has no name"),
        (b"date,outcome\n2026-02-01,x\n", "column 'outcome' is one that we add"),
        (b"colour,size\nred,3\n", "no column bears a name that we read"),
        (b"date,to\n2026-02-01,DE,x,y\n", "row 2: the row has 4 cells, the header 2"),
        (b"PK\x03\x04\x00\x00\x00", "the file is not text"),
    ],
)
def test_a_table_that_cannot_be_read_is_one_sentence(
    orepass: Program, content: bytes, says: str, tmp_path: Path
) -> None:
    (tmp_path / "in.csv").write_bytes(content)
    done = orepass("screen", str(tmp_path / "in.csv"), "-o", str(tmp_path / "out.csv"))
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stderr.strip().count("\n") == 0
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize("name", ["in.xlsx", "in.parquet"])
def test_a_broken_workbook_or_parquet_file_is_named(orepass: Program, name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"this is neither")
    done = orepass("screen", str(tmp_path / name), "-o", str(tmp_path / "out.csv"))
    assert (done.returncode, name in done.stderr, "Traceback" in done.stderr) == (2, True, False)


@pytest.mark.parametrize("target", ["out.docx", "nowhere/out.csv"])
def test_an_output_that_cannot_be_written_is_refused_before_the_work(
    orepass: Program, target: str, tmp_path: Path
) -> None:
    write_csv(tmp_path / "in.csv")
    assert orepass("screen", str(tmp_path / "in.csv"), "-o", str(tmp_path / target)).returncode == 2
