"""What ``orepass screen`` says aloud, and what it refuses to overwrite: found by a first user."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from conftest import Program

ORDERS = "date,to,description\n2025-01-20,US,antimony ingot 99.65%\n"


def said(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    (tmp_path / "orders.csv").write_text(ORDERS)
    return tmp_path / "orders.csv"


@pytest.mark.parametrize("report", ["orders.csv", "answers.html", "page.docx", "nowhere/page.html"])
def test_a_report_overwrites_nothing_and_is_a_page(orepass: Program, orders: Path, report: str) -> None:
    target = orders.with_name("answers.html" if report == "answers.html" else "answers.csv")
    done = orepass("screen", str(orders), "-o", str(target), "--report", str(orders.parent / report))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert orders.read_text() == ORDERS
    assert not target.exists()


def test_a_report_overwrites_no_file_of_columns(orepass: Program, orders: Path) -> None:
    names = orders.with_name("names.html")
    names.write_text("to: to\n")
    done = orepass(
        "screen", str(orders), "-o", str(orders.with_name("a.csv")), "--columns", str(names), "--report", str(names)
    )
    assert done.returncode == 2 and "would overwrite" in done.stderr
    assert names.read_text() == "to: to\n"


def test_a_table_without_a_destination_or_a_day_says_so_aloud(orepass: Program, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("出口日期,Destination,description\n2025-01-20,US,antimony ingot 99.65%\n")
    done = orepass("screen", str(tmp_path / "in.csv"), "-o", str(tmp_path / "out.csv"))
    told = said(done.stderr)
    assert "Warning: no column is read as 'date'" in told
    assert "'出口日期: date' into a file for --columns; or give --date" in told
    assert "Warning: no column is read as 'to': rules for a country are not applied" in told
    assert "1 row has an error" in told


def test_a_complete_table_is_warned_of_nothing(orepass: Program, orders: Path) -> None:
    done = orepass("screen", str(orders), "-o", str(orders.with_name("out.csv")))
    assert "Warning" not in done.stderr


def test_each_file_of_a_folder_is_read_by_its_own_names(orepass: Program, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    lake.mkdir()
    rows = {"date": ["2025-01-20"], "description": ["antimony ingot 99.65%"]}
    pq.write_table(pa.table({**rows, "to": ["US"]}), lake / "a.parquet")
    pq.write_table(pa.table({**rows, "Destination Country": ["US"]}), lake / "b.parquet")
    pq.write_table(pa.table({"foo": ["x"]}), lake / "c.parquet")
    done = orepass("screen", str(lake), "-o", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    answers = [pq.read_table(path).to_pylist()[0] for path in sorted((tmp_path / "out").iterdir())]
    assert [row["outcome"] for row in answers] == ["refusal_presumed", "refusal_presumed", None]
    assert "the day is missing" in answers[2]["error"]


def test_a_file_of_columns_leaves_the_content_of_others_to_be_looked_at(orepass: Program, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(
        "date,Dest,商品编码,description\n" + "2026-02-01,DE,8110101000,antimony ingot\n" * 6, encoding="utf-8"
    )
    (tmp_path / "names.yaml").write_text("Dest: to\n")
    words = ["screen", str(tmp_path / "in.csv"), "-o", str(tmp_path / "out.csv")]
    done = orepass(*words, "--columns", str(tmp_path / "names.yaml"))
    assert "'商品编码' is read as hs (its content)" in said(done.stderr)


@pytest.mark.parametrize("option", [["--resume"], ["--reasons", "why.parquet"]])
def test_what_an_engine_cannot_do_is_one_sentence(orepass: Program, tmp_path: Path, option: list[str]) -> None:
    pq.write_table(pa.table({"to": ["US"], "date": ["2025-01-20"]}), tmp_path / "in.parquet")
    done = orepass(
        "screen", str(tmp_path / "in.parquet"), "-o", str(tmp_path / "out.parquet"), "--engine", "duckdb", *option
    )
    assert done.returncode == 2
    assert f"{option[0]} is not for --engine duckdb" in done.stderr


@pytest.mark.parametrize(
    "day", ["2025/1/20", "2025年1月20日", "2025.01.20", "2025-1-20", "2025-01-20 10:00", "2025-01-20T10:00:00"]
)
def test_a_day_with_its_year_first_is_read_however_it_is_written(orepass: Program, tmp_path: Path, day: str) -> None:
    (tmp_path / "in.csv").write_text(f"date,to,description\n{day},US,antimony ingot 99.65%\n", encoding="utf-8")
    done = orepass("screen", str(tmp_path / "in.csv"), "-o", str(tmp_path / "out.csv"))
    assert "refusal_presumed" in done.stderr


@pytest.mark.parametrize("purity", ["0.9999", "1", ".9965", "1.0"])
def test_a_purity_as_a_fraction_is_refused_in_text_as_in_numbers(orepass: Program, tmp_path: Path, purity: str) -> None:
    (tmp_path / "in.csv").write_text(f"date,to,description,purity_pct\n2025-01-20,US,antimony trioxide,{purity}\n")
    done = orepass("screen", str(tmp_path / "in.csv"), "-o", str(tmp_path / "out.csv"))
    assert "1 row has an error" in done.stderr
    assert "purity of at most one per cent" in (tmp_path / "out.csv").read_text(encoding="utf-8-sig")
