"""Which column of somebody's table is read under which name, and what is only suggested."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from orepass.determination.columns import Mapping, guess, read_mapping, show
from orepass.determination.rows import (
    LINE_COLUMNS,
    PARTY_COLUMNS,
    RESULT_COLUMNS,
    ROUTE_COLUMNS,
    USE_COLUMNS,
    is_read,
    known_columns,
)
from orepass.errors import BadInput
from orepass.factfiles import FACTS, read_records
from orepass.goods.elements import ELEMENTS

RECORDS = read_records(FACTS / "goods" / "columns.yaml")
NAMES = [(r["column"], key, name) for r in RECORDS for key in ("en", "zh", "ask") for name in r.get(key, ())]
WHOLE = [(column, key, name) for column, key, name in NAMES if not column.endswith(".X")]
CUSTOMS_NUMBERS = ["8110101000", "81101010", "811010", "8112.92.90", 2846902000, "8505111000"]


def read_as(column: str) -> str | None:
    return guess([column]).of.get(column)


def may_be(column: str) -> str | None:
    return guess([column]).perhaps.get(column)


# --- whole headers


DECLARATION = """
海关编号 境内发货人 出口日期 申报日期 境外收货人 监管方式 贸易国（地区） 运抵国（地区） 离境口岸 毛重(千克) 净重(千克)
项号 商品编号 商品名称 规格型号 数量 计量单位 单价 总价 币制 原产国（地区） 最终目的国（地区） 境内货源地 征免
"""


def test_a_chinese_customs_declaration_is_read() -> None:
    found = guess(DECLARATION.split())
    assert found.of == {
        "申报日期": "date",
        "境外收货人": "consignee",
        "商品编号": "hs",
        "商品名称": "description",
        "数量": "quantity",
        "计量单位": "unit",
        "总价": "value",
        "币制": "currency",
        "原产国（地区）": "origin",
        "最终目的国（地区）": "to",
    }
    assert found.perhaps == {
        "出口日期": "date",
        "贸易国（地区）": "consignee_country",
        "运抵国（地区）": "to",
        "净重(千克)": "quantity",
        "规格型号": "description",
    }
    assert set(found.how.values()) == {"known name"}


def test_a_declaration_in_traditional_characters_is_read_alike() -> None:
    assert list(guess(["商品編號", "商品名稱", "最終目的國(地區)"]).of.values()) == ["hs", "description", "to"]


@pytest.mark.parametrize(
    ("header", "of"),
    [
        (
            "Sales Document|Material|Material Description|Commodity Code|Country of Origin|Billed Quantity|Sales Unit|"
            "Net Value|Document Currency|Name of Ship-to Party|Ship-to Country|Billing Date|Plant",
            "||description|hs|origin|quantity|unit|value|currency|consignee|consignee_country||",
        ),
        (
            "VBELN|MATNR|ARKTX|STAWN|HERKL|FKIMG|VRKME|NETWR|WAERK|KUNWE|FKDAT",
            "||description|hs|origin|quantity|unit|value|currency||",
        ),
    ],
    ids=["labels", "technical names"],
)
def test_an_export_of_sap_is_read(header: str, of: str) -> None:
    columns = header.split("|")
    found = guess(columns)
    assert [found.of.get(column, "") for column in columns] == of.split("|")


def test_an_english_invoice_is_read() -> None:
    columns = ["No.", "Description of Goods", "H.S. Code", "QTY", "U/M", "Unit Price", "Total Price", "Remarks"]
    found = guess([*columns, "Country of Origin", "Consignee", "End-User", "Purity (%)", "Invoice Date"])
    assert found.of == {
        "Description of Goods": "description",
        "H.S. Code": "hs",
        "QTY": "quantity",
        "U/M": "unit",
        "Total Price": "value",
        "Country of Origin": "origin",
        "Consignee": "consignee",
        "End-User": "end_user",
        "Purity (%)": "purity_pct",
    }
    assert found.left == ("No.", "Unit Price", "Remarks", "Invoice Date")
    assert found.perhaps == {"Invoice Date": "date"}
    assert (found.how["Consignee"], found.how["End-User"]) == ("own name", "known name")


# --- our own names


@pytest.mark.parametrize("name", sorted(known_columns()))
def test_our_own_names_are_read_in_any_case_and_with_blanks(name: str) -> None:
    found = guess([name.upper()])
    assert (found.of, found.how) == ({name.upper(): name}, {name.upper(): "own name"})
    if name not in {"weight_kg", "capacity_kg"}:  # of one piece, of a furnace: "weight kg" mostly is another's
        assert read_as(name.replace("_", " ")) == name


def test_the_symbol_of_an_element_keeps_its_case() -> None:
    assert read_as("CONTENT_WT_PCT.Dy") == "content_wt_pct.Dy"
    assert (read_as("content_wt_pct.dy"), may_be("content_wt_pct.dy")) == (None, "content_wt_pct.Dy")


@pytest.mark.parametrize("name", [*RESULT_COLUMNS, "Outcome", "CODES"])
def test_columns_of_the_answer_are_never_read(name: str) -> None:
    found = guess([name], {name: CUSTOMS_NUMBERS})
    assert (found.of, found.left, found.perhaps) == ({}, (name,), {})


# --- one name for one column


def test_our_own_name_stands_before_a_known_one_and_the_other_is_shown() -> None:
    found = guess(["HS Code", "hs", "Tariff No."])
    assert found.of == {"hs": "hs"}
    assert found.perhaps == {"HS Code": "hs", "Tariff No.": "hs"}
    assert show(found)[0] == ("HS Code", "-", "may be hs, which is read from hs")


def test_of_two_known_names_the_first_is_read() -> None:
    assert guess(["品名", "Description of goods"]).of == {"品名": "description"}
    assert guess(["Description of goods", "品名"]).of == {"Description of goods": "description"}


def test_our_name_as_we_write_it_stands_before_our_name_in_capitals() -> None:
    assert guess(["HS", "hs"]).of == {"hs": "hs"}


def test_a_known_name_stands_before_content() -> None:
    found = guess(["Item code", "HS code"], {"Item code": CUSTOMS_NUMBERS, "HS code": CUSTOMS_NUMBERS})
    assert (found.of, found.perhaps) == ({"HS code": "hs"}, {"Item code": "hs"})


# --- what is only suggested


SAY_NOTHING = """
code|name|country|date of birth|DOB|gross weight|unit price|price per kg|ECCN|KUNWE|port of destination|item no|Entry #|Entry No.
Form #|Unit #|P/N|B/L|Y/N|CO %|w%|No|No.|No %|At %|Consignee / End user|数量单价|监管方式|备注
"""


@pytest.mark.parametrize("column", SAY_NOTHING.strip().replace("\n", "|").split("|"))
def test_a_name_that_says_nothing_is_neither_read_nor_suggested(column: str) -> None:
    assert (read_as(column), may_be(column)) == (None, None)


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("Weight (kg)", "quantity"),
        ("Net Weight", "quantity"),
        ("Customer", "consignee"),
        ("Destination", "to"),
        ("运抵国", "to"),
        ("商品编码", "hs"),
        ("用途", "end_use"),
        ("Control code", "entry"),
        ("Material", "substance"),
        ("Min. purity", "purity_pct"),
        ("As %", "content_wt_pct.As"),
        ("Fe", "content_wt_pct.Fe"),
        ("氧含量", "content_wt_pct.O"),
        ("Discription of goods", "description"),
        ("Consignee/Country", "consignee"),
        ("End user (Y/N)", "end_user"),
        ("Value $", "value"),
        ("Total value (USD)", "value"),
        ("Quantity (kg)", "quantity"),
        ("Date (shipment)", "date"),
        ("Value %", "value"),
        ("规格 / Specification", "description"),
    ],
)
def test_an_ambiguous_name_is_suggested_and_not_read(column: str, name: str) -> None:
    found = guess([column])
    assert (found.of, found.left, found.perhaps) == ({}, (column,), {column: name})


# --- units


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("Thickness (mm)", "thickness_mm"),
        ("Length [in mm]", "length_mm"),
        ("Width, mm", "width_mm"),
        ("width in mm", "width_mm"),
        ("Dia. (mm)", "diameter_mm"),
        ("厚度（毫米）", "thickness_mm"),
        ("厚度mm", "thickness_mm"),
        ("壁厚(单位：mm)", "wall_mm"),
        ("Particle size (µm)", "particle_size_um"),
        ("Density (g/cm³)", "density_g_cm3"),
        ("Flexural strength (MPa)", "flexural_strength_mpa"),
        ("Purity", "purity_pct"),
        ("Purity (wt.%)", "purity_pct"),
        ("纯度（％）", "purity_pct"),
        ("W pct", "content_wt_pct.W"),
        ("W %", "content_wt_pct.W"),
        ("Dy wt%", "content_wt_pct.Dy"),
        ("Co (wt.%)", "content_wt_pct.Co"),
        ("As (wt%)", "content_wt_pct.As"),
        ("tungsten content", "content_wt_pct.W"),
        ("镝含量", "content_wt_pct.Dy"),
        ("铅含量(%)", "content_wt_pct.Pb"),
    ],
)
def test_a_fact_is_read_when_its_own_unit_is_said(column: str, name: str) -> None:
    assert read_as(column) == name


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("thickness (cm)", "thickness_mm"),
        ("Thickness (in)", "thickness_mm"),
        ("thickness", "thickness_mm"),
        ("厚度 (Thickness)", "thickness_mm"),
        ("Length m", "length_mm"),
        ("length_cm", "length_mm"),
        ("厚度（厘米）", "thickness_mm"),
        ("粒度（目）", "particle_size_um"),
        ("Particle size (nm)", "particle_size_um"),
        ("Density (kg/m3)", "density_g_cm3"),
        ("Tensile strength (ksi)", "tensile_strength_mpa"),
        ("Purity (ppm)", "purity_pct"),
        ("Purity (min)", "purity_pct"),
        ("Dy (at%)", "content_wt_pct.Dy"),
        ("Pb (ppm)", "content_wt_pct.Pb"),
        ("W content (g/t)", "content_wt_pct.W"),
    ],
)
def test_a_fact_in_another_unit_or_none_is_suggested_and_not_read(column: str, name: str) -> None:
    assert (read_as(column), may_be(column)) == (None, name)


def test_the_suggestion_names_the_unit_that_is_wanted() -> None:
    assert show(guess(["thickness (cm)"])) == [("thickness (cm)", "-", "may be thickness_mm (in mm)")]


# --- names in two languages, and remarks


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("商品名称 Description of Goods", "description"),
        ("HS Code / 商品编码", "hs"),
        ("HS Code (海关编码)", "hs"),
        ("品名\nDescription of goods", "description"),
        ("纯度 Purity (%)", "purity_pct"),
        ("厚度 Thickness (mm)", "thickness_mm"),
        ("钨含量 W content (%)", "content_wt_pct.W"),
        ("Country of origin (ISO)", "origin"),
        ("Declaration date (YYYY-MM-DD)", "date"),
        ("Military end-user? (Y/N)", "end_user_military"),
        ("End user (country)", "end_user_country"),
    ],
)
def test_a_name_said_twice_or_with_an_idle_remark_is_read(column: str, name: str) -> None:
    assert read_as(column) == name


# --- content


def test_a_column_of_customs_numbers_is_found_when_its_name_hints_at_it() -> None:
    found = guess(["商品编码", "Product class code"], {"商品编码": CUSTOMS_NUMBERS})
    assert (found.of, found.how) == ({"商品编码": "hs"}, {"商品编码": "its content"})
    assert read_as("商品编码") is None


@pytest.mark.parametrize(
    ("column", "cells"),
    [
        ("Remark", CUSTOMS_NUMBERS),
        ("months", CUSTOMS_NUMBERS),
        ("Postal code", CUSTOMS_NUMBERS),
        ("邮编", CUSTOMS_NUMBERS),
        ("Item code", CUSTOMS_NUMBERS[:4]),
        ("Item code", [*CUSTOMS_NUMBERS[:4], "", None, float("nan")]),
        ("Item code", [*CUSTOMS_NUMBERS, "100001"]),
        ("Item code", ["100001", "100002", "100003", "100004", "100005"]),
    ],
)
def test_a_column_that_may_hold_something_else_is_not_read_for_its_content(column: str, cells: list[Any]) -> None:
    assert guess([column], {column: cells}).of == {}


def test_nine_cells_in_ten_are_enough_and_empty_ones_do_not_count() -> None:
    cells = [*CUSTOMS_NUMBERS, *CUSTOMS_NUMBERS[:3], "unknown", "", None]
    assert guess(["Item code"], {"Item code": cells}).of == {"Item code": "hs"}
    assert guess(["Item code"], {"Item code": ["unknown", *cells]}).of == {}


def test_whole_numbers_of_a_spreadsheet_are_customs_numbers_too() -> None:
    assert guess(["Item code"], {"Item code": [8110101000.0] * 5}).of == {"Item code": "hs"}


def test_a_shops_article_numbers_are_no_customs_numbers_in_spite_of_the_name() -> None:
    found = guess(["商品编号"], {"商品编号": ["SKU-1", "SKU-2", "SKU-3", "SKU-4", "SKU-5"]})
    assert (found.of, found.perhaps) == ({}, {"商品编号": "hs"})
    assert guess(["商品编号"], {"商品编号": ["SKU-1"]}).of == {"商品编号": "hs"}


# --- a file of the user


@pytest.fixture
def says(tmp_path: Path) -> Any:
    def read(text: str, columns: list[str]) -> Mapping:
        path = tmp_path / "columns.yaml"
        path.write_text(text, encoding="utf-8")
        return read_mapping(path, columns)

    return read


def test_the_users_file_stands_before_every_name_and_the_rest_is_guessed(says: Any) -> None:
    found = says("Net Weight: Quantity\nhs: null\nNo: ~\n", ["No", "hs", "HS Code", "Net Weight", "Quantity", "Qty"])
    assert found.of == {"HS Code": "hs", "Net Weight": "quantity"}
    assert found.how == {"No": "your file", "hs": "your file", "HS Code": "known name", "Net Weight": "your file"}
    assert found.left == ("No", "hs", "Quantity", "Qty")
    assert found.perhaps == {"Quantity": "quantity", "Qty": "quantity"}
    assert show(found) == [
        ("No", "-", "your file"),
        ("hs", "-", "your file"),
        ("HS Code", "hs", "known name"),
        ("Net Weight", "quantity", "your file"),
        ("Quantity", "-", "may be quantity, which is read from Net Weight"),
        ("Qty", "-", "may be quantity, which is read from Net Weight"),
    ]


def test_the_users_file_may_name_shares_of_elements(says: Any) -> None:
    assert says("Gehalt: content_wt_pct.Dy", ["Gehalt"]).of == {"Gehalt": "content_wt_pct.Dy"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "columns.yaml: the file says of no column what it means; expected a mapping such as"),
        ("- Item\n- Code\n", "the file says of no column what it means"),
        ("Item: [hs]\n", "line 1: a column is not given one name; expected a mapping"),
        ("Item: hs\n  Code: : x\n", "line 2: the text is not YAML"),
        ("Code: hs\nitem: description\n", "line 2, field item: the table has no column 'item'.*did you mean 'Item'"),
        ("Colour: form\n", "field Colour: the table has no column 'Colour'.*take the line out"),
        (
            "Item: purity\n",
            "field Item: 'purity' is no name that we read; expected a name from docs/transaction.md.*"
            "did you mean 'purity_pct'",
        ),
        ("Item: descripton\n", "'descripton' is no name that we read.*did you mean 'description'"),
        ("Item: content_wt_pct.dy\n", "did you mean 'content_wt_pct.Dy'"),
        ("Item: no\n", "'no' is no name that we read"),
        ("Item: xyzzy\n", "'xyzzy' is no name that we read.*see `orepass law facts`"),
        ("Item: hs\nCode: HS\n", "line 2, field Code: hs is given to 'Item' and to 'Code'.*write null"),
        ("Item: hs\nItem: description\n", "line 2, field Item: column 'Item' is named twice"),
        ("codes: entry\n", "field codes: column 'codes' bears a name of the answer.*rename"),
    ],
)
def test_a_bad_file_is_refused_with_place_and_remedy(says: Any, text: str, message: str) -> None:
    with pytest.raises(BadInput, match=message) as caught:
        says(text, ["Item", "Code", "codes"])
    assert caught.value.where
    assert caught.value.expected


def test_a_file_that_is_not_there_or_not_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"none\.yaml: the file cannot be read"):
        read_mapping(tmp_path / "none.yaml", ["Item"])
    (tmp_path / "gb.yaml").write_bytes("品名: description".encode("gb18030"))
    with pytest.raises(BadInput, match=r"gb\.yaml: the text is not UTF-8"):
        read_mapping(tmp_path / "gb.yaml", ["品名"])


# --- the order, and the fact file itself


def test_rows_to_print_keep_the_order_of_the_table() -> None:
    columns = ["Remark", "to", "Qty", "Amount", "hs"]
    assert [row[0] for row in show(guess(columns))] == columns
    assert list(guess(columns).of) == ["to", "Qty", "hs"]


def test_every_route_line_party_and_use_column_has_names_in_both_languages() -> None:
    for column in (*ROUTE_COLUMNS, *LINE_COLUMNS, *PARTY_COLUMNS, *USE_COLUMNS):
        (record,) = [record for record in RECORDS if record.get("column") == column]
        assert record["en"], column
        assert record["zh"], column


def test_the_file_names_columns_that_are_read_and_elements_that_exist() -> None:
    for record in RECORDS:
        if "column" in record:
            assert is_read(record["column"].replace(".X", ".W")), record
            assert set(record.get("of", ())) | set(record.get("not_of", ())) <= ELEMENTS, record
            assert set(record) <= {"column", "en", "zh", "ask", "of", "not_of"}, record
        else:
            assert set(record) <= {"remarks", "of_answers"}, record


def test_no_name_of_the_file_stands_for_two_columns() -> None:
    seen: dict[str, tuple[str, str]] = {}
    for column, key, name in WHOLE:
        place = (column, "ask" if key == "ask" else "plain")
        folded = name.casefold().replace(" ", "").replace("-", "").replace(".", "")
        assert seen.setdefault(folded, place) == place, name


@pytest.mark.parametrize(("column", "key", "name"), WHOLE)
def test_every_name_of_the_file_does_what_it_says(column: str, key: str, name: str) -> None:
    found = guess([name])
    unit_is_wanting = key != "ask" and name not in found.of
    if unit_is_wanting:
        assert column.rpartition("_")[2] in {"mm", "um", "kg", "cm3"}
        assert found.perhaps == {name: column}
    elif key == "ask":
        assert (found.of, found.perhaps) == ({}, {name: column})
    else:
        assert found.of == {name: column}
