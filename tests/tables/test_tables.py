"""Every kind of table in and out keeps every column, row and cell."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import python_calamine
import xlsxwriter

from determination.tables_drawn import law
from orepass.determination import plan
from orepass.determination.plan import plan_of
from orepass.determination.rows import RESULT_COLUMNS
from orepass.determination.run import screen_file
from orepass.determination.screen import screen
from orepass.errors import BadInput
from orepass.tables import excel, sinks
from orepass.tables.open import open_table
from orepass.tables.sinks import LONGEST_CELL


def screened(source: Path, target: Path) -> Path:
    screen_file(plan_of(open_table(source)), target, law())
    return target


def sheet(path: Path) -> list[list[Any]]:
    return python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()


def rows_of(path: Path) -> list[list[Any]]:
    """Header and rows as they stand in a file, without the answers."""
    if path.suffix == ".parquet":
        table = pq.read_table(path)
        rows = [table.column_names, *([*row.values()] for row in table.to_pylist())]
    elif path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as handle:
            rows = list(csv.reader(handle))
    else:
        rows = sheet(path)
    own = rows[0].index("outcome")
    assert rows[0][own : own + len(RESULT_COLUMNS)] == list(RESULT_COLUMNS)
    return [row[:own] for row in rows]


def write_text(path: Path, rows: Sequence[Sequence[str]], delimiter: str = ",", encoding: str = "utf-8") -> Path:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def write_sheet(path: Path, rows: Sequence[Sequence[Any]]) -> Path:
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False}) as book:
        page = book.add_worksheet()
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                if isinstance(cell, str):
                    page.write_string(number, place, cell)
                elif isinstance(cell, datetime):
                    page.write_datetime(number, place, cell, book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}))
                elif isinstance(cell, date):
                    midnight = datetime(cell.year, cell.month, cell.day)
                    page.write_datetime(number, place, midnight, book.add_format({"num_format": "yyyy-mm-dd"}))
                elif cell is not None:
                    page.write(number, place, cell)
    return path


TEXTS = [
    ["order", "date", "to", "description", "hs", "备注", "odd"],
    ["0007", "2025-01-20", "US", "antimony ingot 99.65%", "0811010100", "锑锭，一级", "=1+1"],
    ["0008", "2026-02-01", "德国", "gallium, 4N", "", "", '"quoted", and\nin two lines; with\ta tab'],
    ["", "", "", "", "", "", ""],
    ["1e5", "2025-02-30", "DE", "x" * 200_000, "12", "  spaces  ", "TRUE"],
    ["0", "2026-02-01", "JP", "steel bolts", "731815", "é", "-0"],
]


def none_for_empty(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    return [[cell if cell != "" else None for cell in row] for row in rows]


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet"])
@pytest.mark.parametrize(("delimiter", "encoding"), [(",", "utf-8"), (";", "utf-8-sig"), ("\t", "gb18030")])
def test_a_text_keeps_every_cell(ending: str, delimiter: str, encoding: str, tmp_path: Path) -> None:
    source = write_text(tmp_path / "in.csv", TEXTS, delimiter, encoding)
    found = none_for_empty(rows_of(screened(source, tmp_path / f"out.{ending}")))
    wanted = none_for_empty(TEXTS)
    if ending == "xlsx":
        wanted[4][3] = wanted[4][3][:LONGEST_CELL]
    assert found == wanted


def test_a_text_with_commas_in_its_header_and_semicolons_between_is_read(tmp_path: Path) -> None:
    rows = [["date", "to", "description", "price, EUR"], ["2026-02-01", "DE", "gallium, raw", "3,5"]]
    source = write_text(tmp_path / "in.csv", rows, ";")
    assert rows_of(screened(source, tmp_path / "out.csv")) == rows


def test_short_rows_are_filled_and_blank_rows_within_are_kept(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes(
        b"\r\n,,\r\ndate,to,hs\r\n2026-02-01,DE\r\n\r\n , ,\r\n2026-02-01,US,811010\r\n\r\n"
    )
    found = rows_of(screened(tmp_path / "in.csv", tmp_path / "out.csv"))
    assert found[1:] == [["2026-02-01", "DE", ""], ["", "", ""], [" ", " ", ""], ["2026-02-01", "US", "811010"]]


def test_text_that_ends_within_quotes_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text('date,to\n2026-02-01,DE\n2026-02-01,"DE\n')
    with pytest.raises(BadInput, match=r"in\.csv, line 3: the text is not CSV"):
        screened(tmp_path / "in.csv", tmp_path / "out.csv")
    assert [path.name for path in tmp_path.iterdir() if path.name == "out.csv"] == []


CELLS: list[list[Any]] = [
    ["date", "to", "description", "order", "share", "paid", "when", "mixed", "text", "empty"],
    [date(2025, 1, 20), "US", "antimony ingot", 7, 0.25, True, datetime(2025, 1, 2, 3, 4, 5), 1, "=1+1", None],
    [date(2026, 2, 1), "DE", "镓", -3, 1e300, False, datetime(2025, 1, 2, 13, 0, 1), 2, "007", None],
    [None, None, None, None, None, None, None, None, None, None],
    [date(2026, 2, 1), "JP", "bolts", 2**40, -0.5, True, None, "0012", "#N/A", None],
]


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet"])
@pytest.mark.parametrize("chunk", [2, 5000])
def test_a_sheet_keeps_every_cell_whatever_the_size_of_chunks(
    ending: str, chunk: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "_LEAST_ROWS", chunk)
    monkeypatch.setattr(plan, "_MOST_ROWS", chunk)
    source = write_sheet(tmp_path / "in.xlsx", CELLS)
    found = none_for_empty(rows_of(screened(source, tmp_path / f"out.{ending}")))
    wanted: list[list[Any]] = [list(row) for row in CELLS]
    for row in wanted[1:]:
        if ending != "xlsx" and row[7] is not None:
            row[7] = str(row[7])
        if ending == "csv":
            shown = [cell.isoformat() if isinstance(cell, date) else cell for cell in row]
            row[:] = [None if cell is None else str(cell) for cell in shown]
    assert found == wanted
    if ending == "parquet":
        kinds = pq.read_schema(tmp_path / "out.parquet")
        assert [kinds.field(name).type for name in ("date", "order", "share", "paid", "when", "mixed", "empty")] == [
            pa.date32(),
            pa.int64(),
            pa.float64(),
            pa.bool_(),
            pa.timestamp("us"),
            pa.string(),
            pa.null(),
        ]


def test_a_sheet_whose_columns_mix_kinds_can_be_screened_in_memory(tmp_path: Path) -> None:
    table = screen(write_sheet(tmp_path / "in.xlsx", CELLS), law()).table
    assert table["mixed"].to_pylist() == ["1", "2", None, "0012"]
    assert table["outcome"].to_pylist()[:2] == ["refusal_presumed", "licence_required"]


TYPES = pa.table(
    {
        "date": pa.array([date(2025, 1, 20), date(2026, 2, 1), None]),
        "to": pa.array(["US", "DE", None]).dictionary_encode(),
        "description": pa.array(["antimony ingot", "gallium", None], pa.large_string()),
        "plain": pa.array(["007", "", None]),
        "decimal": pa.array([Decimal("1.10"), None, Decimal("-3.25")], pa.decimal128(9, 2)),
        "zone": pa.array([datetime(2025, 1, 1, 3, 4, 5, 123456)] * 3, pa.timestamp("us", "Asia/Shanghai")),
        "fine": pa.array([1, None, 3], pa.timestamp("ns")),
        "list": pa.array([["a", "b"], [], None]),
        "struct": pa.array([{"x": 1, "y": "k"}, None, {"x": 2, "y": None}]),
        "map": pa.array([[("a", 1)], None, []], pa.map_(pa.string(), pa.int32())),
        "int8": pa.array([1, None, -3], pa.int8()),
        "uint64": pa.array([2**64 - 1, None, 3], pa.uint64()),
        "half": pa.array([1.5, None, float("inf")], pa.float32()),
        "null": pa.nulls(3),
        "time": pa.array([time(3, 4, 5)] * 3),
        "duration": pa.array([timedelta(1), None, timedelta(0)]),
        "bool": pa.array([True, None, False]),
        "bytes": pa.array([b"\xff\x00", None, b""]),
        "content_wt_pct.W": pa.array(["97", None, "98"]),
        "dictionary of numbers": pa.array([5, 6, 5]).dictionary_encode(),
    }
)


def test_parquet_types_and_cells_survive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "_LEAST_ROWS", 1)
    monkeypatch.setattr(plan, "_MOST_ROWS", 2)
    pq.write_table(TYPES, tmp_path / "in.parquet", row_group_size=1)
    before = pq.read_table(tmp_path / "in.parquet")
    after = pq.read_table(screened(tmp_path / "in.parquet", tmp_path / "out.parquet"))
    assert after.column_names == [*before.column_names, *RESULT_COLUMNS]
    for field in before.schema:
        assert after.schema.field(field.name).type == field.type, field.name
        assert after[field.name].to_pylist() == before[field.name].to_pylist(), field.name
    assert {after.schema.field(name).type for name in RESULT_COLUMNS} == {pa.string()}
    assert after.schema.field("plain").type == pa.string()


def test_parquet_goes_into_text_and_sheets_with_every_cell_as_it_can_stand_there(tmp_path: Path) -> None:
    table = pa.table(
        {
            "to": ["US", "DE"],
            "hs": ["0811010100", None],
            "long": pa.array([2**62 + 1, 5]),
            "fine": pa.array([1, 2_000], pa.timestamp("ns")),
            "moment": pa.array([datetime(2025, 1, 2, 3, 4, 5), datetime(1850, 1, 1)]),
            "zone": pa.array([datetime(2025, 1, 1, tzinfo=UTC)] * 2),
            "day": [date(2025, 1, 2), date(1, 1, 1)],
            "bool": [True, False],
            "number": [0.1, float("nan")],
        }
    )
    pq.write_table(table, tmp_path / "in.parquet")
    text = rows_of(screened(tmp_path / "in.parquet", tmp_path / "out.csv"))
    assert text[1][:3] == ["US", "0811010100", str(2**62 + 1)] and text[2][1] == ""
    assert text[1][3].endswith(".000000001") and text[1][4] == "2025-01-02T03:04:05"
    assert text[1][6:] == ["2025-01-02", "True", "0.1"]
    cells = rows_of(screened(tmp_path / "in.parquet", tmp_path / "out.xlsx"))
    assert cells[1][:3] == ["US", "0811010100", str(2**62 + 1)]
    assert cells[1][4] == datetime(2025, 1, 2, 3, 4, 5) and cells[2][4] == "1850-01-01T00:00:00"
    assert cells[1][5] == "2025-01-01T00:00:00+00:00"
    assert (cells[1][6], cells[2][6], cells[1][7], cells[2][2]) == (date(2025, 1, 2), "0001-01-01", True, 5.0)


def test_a_column_whose_name_has_spaces_around_it_is_read_and_kept(tmp_path: Path) -> None:
    pq.write_table(pa.table({" to ": ["DE"], "date": ["2026-02-01"], "hs ": ["8112921000"]}), tmp_path / "in.parquet")
    (header, row) = rows_of(screened(tmp_path / "in.parquet", tmp_path / "out.csv"))
    assert (header, row) == (["to", "date", "hs"], ["DE", "2026-02-01", "8112921000"])
    write_text(tmp_path / "in.csv", [[" to ", "date"], ["DE", "2026-02-01"]])
    assert rows_of(screened(tmp_path / "in.csv", tmp_path / "text.csv"))[0] == ["to", "date"]


def test_a_column_that_stands_there_twice_is_refused_in_every_kind(tmp_path: Path) -> None:
    twice = [["date", "to", "to"], ["2026-02-01", "DE", "US"]]
    columns = [pa.array([cell]) for cell in twice[1]]
    write_text(tmp_path / "in.csv", twice)
    write_sheet(tmp_path / "in.xlsx", twice)
    pq.write_table(pa.Table.from_arrays(columns, names=twice[0]), tmp_path / "in.parquet")
    for ending in ("csv", "xlsx", "parquet"):
        with pytest.raises(BadInput, match=rf"in\.{ending}.*column 'to' stands there twice"):
            open_table(tmp_path / f"in.{ending}")


def test_a_sheet_that_would_not_hold_the_rows_is_refused_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(excel, "MOST_ROWS", 3)
    lines = [["date", "to", "note"], *[["2026-02-01", "DE", "two\nlines"]] * 3]
    source = write_text(tmp_path / "in.csv", lines)
    assert len(rows_of(screened(source, tmp_path / "out.xlsx"))) == 4
    (tmp_path / "out.xlsx").unlink()
    source = write_text(tmp_path / "in.csv", [*lines, lines[-1]])
    with pytest.raises(BadInput, match="a sheet of Excel holds 3 rows, the table has 4"):
        screened(source, tmp_path / "out.xlsx")
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_a_sheet_of_reasons_that_grows_too_long_is_named_and_loses_no_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sinks, "MOST_ROWS", 6)
    source = write_text(
        tmp_path / "in.csv", [["date", "to", "description"], *[["2025-01-20", "US", "antimony ingot"]] * 5]
    )
    why = tmp_path / "why.xlsx"
    with pytest.raises(BadInput, match=r"why\.xlsx: a sheet of Excel holds 6 rows, there are more"):
        screen_file(plan_of(open_table(source), reasons=why), tmp_path / "out.csv", law())
    assert not why.exists() and not (tmp_path / "out.csv").exists()
    screen_file(plan_of(open_table(source), reasons=why.with_suffix(".csv")), tmp_path / "out.csv", law(), resume=True)
    assert len(why.with_suffix(".csv").read_text(encoding="utf-8-sig").splitlines()) > 7


def test_folders_and_patterns_find_files_and_nothing_else(tmp_path: Path) -> None:
    for name in ("b/2.parquet", "a/1.parquet", ".hidden/3.parquet", "a/.4.parquet", "a/note.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        pq.write_table(pa.table({"to": [name]}), tmp_path / name)
    (tmp_path / "folder.parquet").mkdir()
    assert [part.name for part in open_table(tmp_path).parts] == ["1.parquet", "2.parquet"]
    assert [part.name for part in open_table(f"{tmp_path}/[ab]/?.parquet").parts] == ["1.parquet", "2.parquet"]
    with pytest.raises(BadInput, match=r"x\*\.parquet: no file is there"):
        open_table(f"{tmp_path}/x*.parquet")


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet"])
def test_a_table_without_rows_is_refused(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"in.{ending}"
    match ending:
        case "csv":
            write_text(path, [["date", "to"]])
        case "xlsx":
            write_sheet(path, [["date", "to"]])
        case _:
            pq.write_table(pa.table({"to": pa.array([], pa.string())}), path)
    with pytest.raises(BadInput, match="the table holds no rows"):
        open_table(path)
