"""Lists that users bring: entities, the Consolidated Screening List, tables; what cannot be read is told and stops nothing."""

from __future__ import annotations

import json
import random
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from orepass.errors import BadInput
from orepass.parties.listed import Identifier
from orepass.parties.lists import Stake, form_of, read_list
from orepass.parties.lists.reading import first_and_last, kind_of_number


def entity(key: str, schema: str, **properties: Any) -> dict[str, Any]:
    caption = properties.pop("caption", None)
    given = {name: value if isinstance(value, list) else [value] for name, value in properties.items()}
    return {"id": key, "schema": schema, "properties": given} | ({"caption": caption} if caption else {})


COMPANY = entity(
    "ex-1",
    "Company",
    caption="Example Metals LLC",
    name=["Example Metals LLC", "示例金属有限公司"],
    alias="EXM",
    weakAlias="Exmet",
    previousName="Example Ores LLC",
    country="us",
    jurisdiction="gb-sct",
    leiCode="5493001KJTIIGC8Y1R12",
    uscCode="91110000000000000X",
    registrationNumber="0042",
    imoNumber="IMO 9074729",
    address="1 Mine Road",
    addressEntity="addr-1",
    topics=["sanction", "export.control"],
    sourceUrl="https://lists.example/1",
)
SANCTION = entity(
    "s-1",
    "Sanction",
    entity="ex-1",
    authority="Example Authority",
    program="Dual-use",
    startDate="2025-01-02",
    endDate="2026-01",
    listingDate="2025-01-01",
    provisions="no export",
    reason="invented",
    status="active",
)
ADDRESS = entity("addr-1", "Address", full="2 Harbour Road, Example City", country="de")
RELATED = entity("ex-2", "Company", caption="Example Holding GmbH", country="de")
OWNERSHIP = entity("o-1", "Ownership", owner="ex-2", asset="ex-1", percentage="51.00", startDate="2024")
ENTITIES = [COMPANY, SANCTION, ADDRESS, RELATED, OWNERSHIP, entity("f-1", "UnknownLink", subject="ex-1", object="ex-2")]


def written(path: Path, records: list[Any]) -> Path:
    path.write_text("".join(f"{json.dumps(r, ensure_ascii=False)}\n" for r in records), encoding="utf-8")
    return path


def test_an_entity_is_joined_with_its_sanction_and_its_address(tmp_path: Path) -> None:
    read = read_list(written(tmp_path / "entities.ftm.json", ENTITIES), "os")
    (party,) = read.parties
    assert party.names == ("Example Metals LLC", "示例金属有限公司", "EXM", "Example Ores LLC", "Exmet")
    assert (party.list, party.id, party.kind) == ("os", "ex-1", "company")
    assert party.countries == ("US", "GB", "DE")
    assert set(party.identifiers) == {
        Identifier("lei", "5493001KJTIIGC8Y1R12"),
        Identifier("uscc", "91110000000000000X"),
        Identifier("registration", "0042"),
        Identifier("imo", "9074729"),
    }
    assert party.addresses == ("1 Mine Road", "2 Harbour Road, Example City")
    assert party.notice == "Example Authority: Dual-use"
    assert party.bars == "no export; sanction; export.control"
    assert (party.from_, party.to, party.known_from) == (date(2025, 1, 2), date(2026, 2, 1), date(2025, 1, 1))
    assert party.source == "https://lists.example/1"
    for said in ("topic: export.control", "status: active", "reason: invented", "weak alias: Exmet"):
        assert said in party.note
    assert read.ownership == (
        Stake("ex-2", "ex-1", "51.00", "Example Holding GmbH", "Example Metals LLC", date(2024, 1, 1), None, "o-1"),
    )
    assert dict(read.passed_over) == {"UnknownLink": 1, "related party without topic or sanction": 1}
    assert (read.form, read.records, read.problems, read.newest) == ("ftm", 6, (), date(2025, 1, 2))


@pytest.mark.parametrize("seed", range(6))
def test_entities_stand_in_any_order(tmp_path: Path, seed: int) -> None:
    shuffled = random.Random(seed).sample(ENTITIES, len(ENTITIES))
    first = read_list(written(tmp_path / "a.json", ENTITIES), "os")
    later = read_list(written(tmp_path / "b.json", shuffled), "os")
    assert later.parties == first.parties
    assert later.ownership == first.ownership
    assert later.passed_over == first.passed_over


def test_a_listing_ends_when_the_last_of_its_sanctions_does(tmp_path: Path) -> None:
    second = entity("s-2", "Sanction", entity="ex-1", authority="Other Authority", startDate="2024-06-01")
    (party,) = read_list(written(tmp_path / "e.json", [COMPANY, SANCTION, second]), "os").parties
    assert (party.from_, party.to) == (date(2024, 6, 1), None)
    assert "Example Authority: Dual-use from 2025-01-02 to 2026-01-31" in party.note
    undated = entity("s-3", "Sanction", entity="ex-1", authority="Other Authority", endDate="2027-01-01")
    (party,) = read_list(written(tmp_path / "e.json", [COMPANY, SANCTION, undated]), "os").parties
    assert (party.from_, party.to) == (None, date(2027, 1, 2))


def test_an_end_that_cannot_be_read_ends_nothing(tmp_path: Path) -> None:
    sanction = entity("s-1", "Sanction", entity="ex-1", startDate="2025-01-02", endDate="soon")
    read = read_list(written(tmp_path / "e.json", [COMPANY, sanction]), "os")
    assert read.parties[0].to is None
    (problem,) = read.problems
    assert problem.says.startswith("e.json, line 2, endDate: 'soon' is no day that we can read; expected a day")
    assert not problem.lost


def test_entities_inside_others_are_read(tmp_path: Path) -> None:
    nested = json.loads(json.dumps(COMPANY))
    inner = json.loads(json.dumps(SANCTION))
    del inner["properties"]["entity"]
    nested["properties"] |= {"sanctions": [inner], "addressEntity": [ADDRESS]}
    plain = read_list(written(tmp_path / "a.json", [COMPANY, SANCTION, ADDRESS]), "os")
    assert read_list(written(tmp_path / "b.json", [nested]), "os").parties == plain.parties


def test_without_any_sign_of_a_listing_every_party_of_a_file_is_listed(tmp_path: Path) -> None:
    assert len(read_list(written(tmp_path / "own.json", [RELATED]), "own").parties) == 1


def test_a_bad_line_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    file = tmp_path / "entities.json"
    lines = [
        json.dumps(COMPANY),
        '{"id": "ex-3", "schema": "Comp',
        "[]",
        '{"schema": "Company", "properties": {}}',
        json.dumps(entity("ex-4", "Company")),
        json.dumps(entity("s-9", "Sanction", authority="A")),
        json.dumps(entity("o-9", "Ownership", owner="ex-1")),
        json.dumps(entity("s-8", "Sanction", entity="gone")),
        "",
    ]
    file.write_bytes("\n".join(lines).encode() + b'\n{"id": "\xff"}\n')
    read = read_list(file, "os")
    assert [party.id for party in read.parties] == ["ex-1"]
    assert [(problem.line, problem.lost) for problem in read.problems] == [(n, True) for n in (2, 3, 4, 5, 6, 7, 10)]
    assert read.lost == 7
    assert read.records == 9
    assert "entities.json, line 2: the line is not JSON" in read.problems[0].says
    assert "line 4: the entity has no id" in read.problems[2].says
    assert "line 5: the Company ex-4 has no name" in read.problems[3].says
    assert dict(read.passed_over) == {"sanction of a party that is not in the file": 1}
    assert "address addr-1 is not in the file" in read.parties[0].note


def test_an_entity_that_stands_there_twice_is_joined(tmp_path: Path) -> None:
    again = entity("ex-1", "Company", name="Example Metals Limited", country="de", topics="debarment")
    read = read_list(written(tmp_path / "e.json", [COMPANY, again]), "os")
    (party,) = read.parties
    assert party.names[-1] == "Example Metals Limited"
    assert party.countries == ("US", "GB", "DE")
    assert "stands there twice" in read.problems[0].says


def test_a_share_of_several_owners_is_not_one_share(tmp_path: Path) -> None:
    both = entity("o-2", "Ownership", owner=["ex-2", "ex-3"], asset="ex-1", percentage="60")
    read = read_list(written(tmp_path / "e.json", [COMPANY, both]), "os")
    assert [(stake.owner, stake.percentage) for stake in read.ownership] == [("ex-2", ""), ("ex-3", "")]
    assert "left unknown" in read.problems[0].says


RECORD = {
    "id": "abc123",
    "name": "EXAMPLE METALS LLC",
    "alt_names": ["Example Metal Works"],
    "type": "Entity",
    "source": "Entity List (EL) - Bureau of Industry and Security",
    "source_list_url": "https://lists.example/el",
    "programs": None,
    "addresses": [
        {"address": "1 Mine Road", "city": "Shenzhen", "state": None, "postal_code": "518000", "country": "CN"},
        {"address": None, "city": None, "state": None, "postal_code": None, "country": "XQ"},
    ],
    "ids": [
        {"type": "Unified Social Credit Code (USCC)", "number": "91110000000000000X", "country": "CN"},
        {"type": "Website", "number": "www.metals.example", "country": None},
    ],
    "federal_register_notice": "90 FR 1234",
    "start_date": "2025-03-28",
    "end_date": None,
    "license_requirement": "For all items subject to the EAR",
    "license_policy": "Presumption of denial",
    "standard_order": "Y",
    "remarks": "invented",
    "call_sign": None,
}


def test_the_consolidated_screening_list(tmp_path: Path) -> None:
    file = tmp_path / "consolidated.json"
    file.write_text(json.dumps({"results": [RECORD]}, indent=1), encoding="utf-8")
    read = read_list(file, "us-csl")
    (party,) = read.parties
    assert (party.id, party.kind, party.names) == (
        "abc123",
        "legal entity",
        ("EXAMPLE METALS LLC", "Example Metal Works"),
    )
    assert party.countries == ("CN",)
    assert party.identifiers == (Identifier("uscc", "91110000000000000X"),)
    assert party.addresses[0] == "1 Mine Road, Shenzhen, 518000, CN"
    assert party.notice == "Entity List (EL) - Bureau of Industry and Security; 90 FR 1234; standard order: Y"
    assert party.bars == "For all items subject to the EAR; policy: Presumption of denial"
    assert (party.from_, party.to, party.source) == (date(2025, 3, 28), None, "https://lists.example/el")
    for said in ("remarks: invented", "Website: www.metals.example", "country as stated: XQ"):
        assert said in party.note
    assert (read.form, read.records, read.newest) == ("csl", 1, date(2025, 3, 28))
    file.write_text(json.dumps([RECORD]), encoding="utf-8")
    assert read_list(file, "us-csl").parties == read.parties


def test_records_of_the_screening_list_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    file = tmp_path / "c.json"
    without_id = {name: value for name, value in RECORD.items() if name != "id"}
    other = RECORD | {"name": "Example Alloys LLC", "start_date": "some day", "addresses": "1 Mine Road; 2 Hill Road"}
    file.write_text(json.dumps([RECORD, "x", {"name": ""}, RECORD, other, without_id]), encoding="utf-8")
    read = read_list(file, "us-csl")
    assert [party.id for party in read.parties[:2]] == ["abc123", "abc123~2"]
    assert read.parties[2].id.startswith("h-")
    assert read.parties[1].addresses == ("1 Mine Road", "2 Hill Road")
    says = [problem.says for problem in read.problems]
    assert says[0] == "c.json, record 2: the record is no object; expected an object with name and source."
    assert "record 3: the record has no name" in says[1]
    assert "record 4, id: abc123 stands there twice with the same content" in says[2]
    assert "record 5, start_date: 'some day' is no day" in says[3]
    assert "this one is kept as abc123~2" in says[4]
    assert read.lost == 2


TABLE = """编号,中文名称,English name,Aliases,国家,统一社会信用代码,Identifier,Address,Notice,Bars,From,To,Published,Note,名单,Colour
17,示例金属有限公司,Example Metals LLC,EXM; Exmet | 示例金属,中国,91110000000000000X,LEI: 5493001KJTIIGC8Y1R12,1 Mine Road,\
No.1,all,2025/1/2,2026-01-31,2025年1月1日,seen,mine,red
,,Example Alloys Ltd,,DE; US,,,,,,,,,,,
"""


def test_a_table_of_ones_own(tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text(TABLE, encoding="gb18030")
    read = read_list(file, "own")
    party, other = read.parties
    assert party.id == "17"
    assert party.names == ("Example Metals LLC", "示例金属有限公司", "EXM", "Exmet", "示例金属")
    assert party.countries == ("CN",)
    assert party.identifiers == (Identifier("uscc", "91110000000000000X"), Identifier("lei", "5493001KJTIIGC8Y1R12"))
    assert (party.from_, party.to, party.known_from) == (date(2025, 1, 2), date(2026, 2, 1), date(2025, 1, 1))
    assert party.note == "seen; list: mine"
    assert other.countries == ("DE", "US")
    assert other.id.startswith("h-")
    assert read.warnings == (
        "own.csv: nothing is read from 'Colour': its name is not known; rename it if it is needed.",
    )
    assert read.problems == ()


def test_a_workbook_reads_like_the_same_text(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "own.xlsx")
    sheet = book.add_worksheet()
    for place, line in enumerate(TABLE.splitlines()):
        sheet.write_row(place, 0, line.split(","))
    sheet.write_number(1, 0, 17)
    sheet.write_datetime(1, 10, datetime(2025, 1, 2), book.add_format({"num_format": "yyyy-mm-dd"}))
    book.close()
    (tmp_path / "own.csv").write_text(TABLE, encoding="utf-8")
    assert read_list(tmp_path / "own.xlsx", "own").parties == read_list(tmp_path / "own.csv", "own").parties


def test_a_row_that_cannot_be_read_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text(
        "id,name,country,from,to\n"
        "1,Example Metals LLC,Atlantis,5/6/2024,\n"
        "2,,US,,\n"
        "3,Example Alloys Ltd,US,2024-02-30,\n"
        "4,Example, Ores Ltd,US,,\n"
        '5,"Example\nOxides",US,2025-01-01,2024-01-01\n'
        "5,Example Powders,US,,\n"
        "1,Example Metals LLC,Atlantis,,\n",
        encoding="utf-8",
    )
    read = read_list(file, "own")
    assert [party.id for party in read.parties] == ["1", "3", "5", "5~2"]
    assert "country as stated: Atlantis" in read.parties[0].note
    assert read.parties[2].to is None
    assert [(problem.line, problem.lost) for problem in read.problems] == [
        (2, False),
        (2, False),
        (3, True),
        (4, False),
        (5, True),
        (6, False),
        (8, False),
        (9, False),
        (9, False),
    ]
    assert "own.csv, line 2, country: 'Atlantis' is no country that we know" in read.problems[0].says
    assert "own.csv, line 3: the row has no name" in read.problems[2].says
    assert "put quotes around cells that hold a comma" in read.problems[4].says
    assert "this one is kept as 5~2" in read.problems[6].says
    assert "the same content" in read.problems[8].says


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        (
            "a.csv",
            b"id,colour\n1,red\n",
            "no column holds names; the columns are 'id', 'colour'; expected a column called",
        ),
        ("a.csv", b"", "the file is empty"),
        ("a.csv", b"name\n", "the table holds no rows"),
        ("a.csv", b'name,country\n"Example Metals,US\nExample Alloys,US\n', "the text is not CSV"),
        ("a.csv", b"name\n\xff\xff\xff\n", "the text is in no encoding that we read"),
        ("a.xlsx", b"PK but no workbook", "the file is not an Excel workbook"),
        ("a.json", b'{"a": 1}', "it is JSON of a kind that we do not know"),
        ("a.json", b'{"results": [{"name": "x"', "the file is not JSON"),
        ("a.json", b'{"results": 3}', "the file holds no list of records"),
    ],
)
def test_a_file_that_is_no_list_is_refused_in_one_sentence(
    tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadInput) as refused:
        read_list(tmp_path / name, "own")
    assert says in str(refused.value)
    assert str(tmp_path / name) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_no_file_and_no_form(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="there is no such file"):
        read_list(tmp_path / "gone.csv", "own")
    file = tmp_path / "own.csv"
    file.write_text(TABLE, encoding="utf-8")
    with pytest.raises(BadInput, match="'pdf' is no form of a list; expected ftm, csl, table"):
        read_list(file, "own", "pdf")


def test_the_form_is_seen_from_the_content(tmp_path: Path) -> None:
    assert form_of(written(tmp_path / "a", [COMPANY])) == "ftm"
    (tmp_path / "b").write_text(json.dumps({"total": 1, "results": []}, indent=2))
    assert form_of(tmp_path / "b") == "csl"
    (tmp_path / "c").write_bytes(b'\xef\xbb\xbf{"id": "ex", "schema": "Comp\n' + json.dumps(COMPANY).encode())
    assert form_of(tmp_path / "c") == "ftm"
    (tmp_path / "d").write_text("name\nExample Metals LLC\n")
    assert form_of(tmp_path / "d") == "table"


def test_a_column_may_be_named_in_two_languages_and_names_may_fill_several(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "Name / 名称,国家(Country),公司名称,From,Start date\nExample Metals LLC,US,示例金属,2025-01-01,2024-01-01\n",
        encoding="utf-8",
    )
    read = read_list(tmp_path / "a.csv", "own")
    assert read.parties[0].names == ("Example Metals LLC", "示例金属")
    assert (read.parties[0].countries, read.parties[0].from_) == (("US",), date(2025, 1, 1))
    assert read.warnings == ("a.csv: 'Start date' says the same as 'From' and is not read.",)


@pytest.mark.parametrize(
    ("stated", "first", "last"),
    [
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2024-12", date(2024, 12, 1), date(2024, 12, 31)),
        ("2024年2月3日", date(2024, 2, 3), date(2024, 2, 3)),
        ("2024-02-03T10:00:00Z", date(2024, 2, 3), date(2024, 2, 3)),
        ("20240203", date(2024, 2, 3), date(2024, 2, 3)),
    ],
)
def test_a_date_may_be_a_month_or_a_year(stated: str, first: date, last: date) -> None:
    assert first_and_last(stated) == (first, last)


@pytest.mark.parametrize("stated", ["5/6/2024", "2024-13", "2024-02-30", "9999-99-99", "", "0000", "yesterday"])
def test_what_is_no_date_is_refused(stated: str) -> None:
    with pytest.raises(BadInput):
        first_and_last(stated)


def test_a_bare_number_is_known_by_its_check_digits() -> None:
    assert kind_of_number("5493001KJTIIGC8Y1R12") == "lei"
    assert kind_of_number("5493001KJTIIGC8Y1R13") == "unstated"
    assert kind_of_number("IMO 9074729") == "imo"
    body, weights = "91110000000000000", [pow(3, place, 31) for place in range(17)]
    check = "0123456789ABCDEFGHJKLMNPQRTUWXY"[-sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 31]
    assert kind_of_number(body + check) == "uscc"
