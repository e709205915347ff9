"""Cleared hits: they stay cleared until the party or the listing changes, and the file tells an auditor why."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orepass.errors import BadInput
from orepass.parties import cleared
from orepass.parties.listed import Asked, Identifier, ListedParty

ASKED = Asked("Example Metals LLC", "US", (Identifier("lei", "5493001KJTIIGC8Y1R12"),), "1 Mine Road")
LISTED = ListedParty(
    "own",
    "17",
    ("Example Metals Ltd", "示例金属"),
    ("DE",),
    (Identifier("uscc", "91110000000000000X"),),
    ("2 Hill Road",),
    notice="No.1",
    bars="all",
    from_=date(2025, 1, 1),
    source="a page",
    note="a note",
)
DAY = date(2025, 6, 1)


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OREPASS_DATA", str(tmp_path))
    return tmp_path / "parties" / "cleared.jsonl"


def clear(asked: Asked = ASKED, listed: ListedParty = LISTED, on: date = DAY) -> cleared.Cleared:
    return cleared.clear(asked, listed, "another register number", "reviewer 1", on)


def test_a_cleared_hit_stays_cleared() -> None:
    assert cleared.clearing(ASKED, LISTED) is None
    assert cleared.stale(ASKED, LISTED) is None
    line = clear()
    assert cleared.clearing(ASKED, LISTED) == line
    assert cleared.is_cleared(ASKED, LISTED) is True
    assert (line.why, line.by, line.on, line.line) == ("another register number", "reviewer 1", DAY, 1)
    assert cleared.stale(ASKED, LISTED) is None
    assert not cleared.is_cleared(ASKED, LISTED, known=date(2025, 5, 31))


@pytest.mark.parametrize(
    "asked",
    [
        ASKED._replace(name="ＥＸＡＭＰＬＥ  metals  llc "),
        ASKED._replace(country="us"),
        ASKED._replace(address=" 1 MINE ROAD"),
    ],
)
def test_the_same_party_written_otherwise_is_the_same(asked: Asked) -> None:
    clear()
    assert cleared.is_cleared(asked, LISTED)


def test_what_does_not_matter_of_a_listing_and_order_change_nothing() -> None:
    clear()
    assert cleared.is_cleared(ASKED, LISTED._replace(note="other", source="other", names=LISTED.names[::-1]))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"names": ("Example Metals Ltd",)}, "names"),
        ({"countries": ("DE", "US")}, "countries"),
        ({"identifiers": ()}, "identifiers"),
        ({"addresses": ("3 Hill Road",)}, "addresses"),
        ({"notice": "No.2"}, "notice"),
        ({"bars": "nothing"}, "bars"),
        ({"from_": date(2025, 1, 2)}, "from"),
        ({"to": date(2026, 1, 2)}, "to"),
    ],
)
def test_a_listing_that_changed_is_asked_about_again(change: dict[str, Any], field: str) -> None:
    line = clear()
    changed = LISTED._replace(**change)
    assert not cleared.is_cleared(ASKED, changed)
    old = cleared.stale(ASKED, changed)
    assert old is not None
    assert old.cleared == line
    assert [(difference.of, difference.field) for difference in old.differences] == [("listing", field)]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"country": None}, "party country: US -> nothing"),
        ({"identifiers": ()}, "party identifiers: lei 5493001kjtiigc8y1r12 -> nothing"),
        ({"address": "9 Mine Road"}, "party address: 1 mine road -> 9 mine road"),
    ],
)
def test_a_party_that_changed_is_asked_about_again(change: dict[str, Any], says: str) -> None:
    clear()
    old = cleared.stale(ASKED._replace(**change), LISTED)
    assert old is not None
    assert [str(difference) for difference in old.differences] == [says]


def test_another_party_or_entry_was_never_cleared() -> None:
    clear()
    for asked, listed in (
        (ASKED._replace(name="Example Alloys LLC"), LISTED),
        (ASKED, LISTED._replace(id="18")),
        (ASKED, LISTED._replace(list="other")),
    ):
        assert not cleared.is_cleared(asked, listed)
        assert cleared.stale(asked, listed) is None


def test_of_several_clearings_the_nearest_tells_what_changed() -> None:
    clear(on=date(2025, 1, 1))
    clear(ASKED._replace(country="DE", address=""), on=date(2025, 2, 1))
    old = cleared.stale(ASKED, LISTED._replace(bars="more"))
    assert old is not None
    assert old.cleared.on == date(2025, 1, 1)


def test_a_reopened_hit_is_asked_about_again_and_can_be_cleared_anew() -> None:
    clear()
    again = cleared.reopen(ASKED, LISTED, "the register was wrong", "reviewer 2", date(2025, 7, 1))
    assert not cleared.is_cleared(ASKED, LISTED)
    assert cleared.stale(ASKED, LISTED) is None
    assert cleared.is_cleared(ASKED, LISTED, known=date(2025, 6, 30))
    assert [line.deed for line in cleared.every()] == ["clear", "reopen"]
    assert cleared.every()[1] == again
    clear(on=date(2025, 8, 1))
    assert cleared.is_cleared(ASKED, LISTED)
    with pytest.raises(BadInput, match="'Example Metals LLC' is not cleared against own/18"):
        cleared.reopen(ASKED, LISTED._replace(id="18"), "x", "y")


def test_an_auditor_reads_the_plain_values(file: Path) -> None:
    clear()
    line = json.loads(file.read_text(encoding="utf-8"))
    assert line["party"]["name"] == "Example Metals LLC"
    assert line["listing"]["names"] == ["Example Metals Ltd", "示例金属"]
    assert "示例金属" in file.read_text(encoding="utf-8")
    assert (line["deed"], line["on"], line["by"], line["why"]) == (
        "clear",
        "2025-06-01",
        "reviewer 1",
        "another register number",
    )


@pytest.mark.parametrize(("why", "by", "field"), [(" ", "x", "why"), ("x", "", "by")])
def test_nothing_is_cleared_without_a_reason_and_a_name(file: Path, why: str, by: str, field: str) -> None:
    with pytest.raises(BadInput, match=f"field {field}: nothing is said"):
        cleared.clear(ASKED, LISTED, why, by)
    with pytest.raises(BadInput, match="field name: no name is given"):
        cleared.clear(Asked(" "), LISTED, "x", "y")
    assert not file.exists()


@pytest.mark.parametrize(
    "damage",
    [
        lambda line: line[: len(line) // 2],
        lambda line: line.rstrip(b"\n"),
        lambda line: line.replace(b"1 Mine Road", b"2 Mine Road"),
        lambda line: line.replace(b'"clear"', b'"other"'),
        lambda line: b"[]\n",
        lambda line: b"\n" + line,
        lambda line: b"\xff\n",
        lambda line: line.replace(b"2025-06-01", b"2025-06-99"),
    ],
)
def test_a_damaged_file_is_named_with_its_line_and_nothing_is_added(file: Path, damage: Any) -> None:
    clear()
    good = file.read_bytes()
    file.write_bytes(good + damage(good))
    for deed in (lambda: cleared.is_cleared(ASKED, LISTED), clear):
        with pytest.raises(BadInput, match=r"cleared.jsonl, line 2: the line is damaged \(.*; expected a clearing"):
            deed()
    assert file.read_bytes() == good + damage(good)


def test_writers_at_once_lose_nothing() -> None:
    program = (
        "import sys\nfrom orepass.parties import cleared\nfrom orepass.parties.listed import Asked, ListedParty\n"
        "for n in range(10): cleared.clear(Asked(f'Example {sys.argv[1]} {n}'), ListedParty('own', '1', ('X',)), 'a', 'b')\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", program, str(number)]) for number in range(4)]
    assert [process.wait(timeout=120) for process in running] == [0] * 4
    assert len({line.party["name"] for line in cleared.every()}) == 40


names = st.text(min_size=1, max_size=8).filter(lambda text: bool(cleared.fold(text)))
askeds = st.builds(
    Asked,
    names,
    st.sampled_from([None, "US", "DE"]),
    st.lists(st.builds(Identifier, st.sampled_from(["lei", "imo"]), names), max_size=2).map(tuple),
    st.text(max_size=5),
)


@given(askeds, askeds)
def test_two_parties_have_one_digest_only_where_all_that_matters_is_equal(one: Asked, other: Asked) -> None:
    def plain(asked: Asked) -> Any:
        numbers = sorted((number.kind, cleared.fold(number.value)) for number in asked.identifiers)
        return cleared.fold(asked.name), asked.country or "", numbers, cleared.fold(asked.address)

    assert (cleared.party_digest(one) == cleared.party_digest(other)) == (plain(one) == plain(other))
