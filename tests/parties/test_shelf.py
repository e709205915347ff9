"""The shelf of lists: versions, two clocks, and files that are whole or are named as damaged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orepass.errors import BadInput
from orepass.parties import datafolder, shelf
from orepass.parties.listed import Identifier, ListedParty
from orepass.parties.lists import ReadList, Stake, read_list
from orepass.parties.lists.reading import Problem
from orepass.parties.records import as_record, from_record

METALS = ListedParty("own", "1", ("Example Metals LLC",), ("US",), from_=date(2025, 1, 1), to=date(2026, 1, 1))
ALLOYS = ListedParty(
    "own", "2", ("Example Alloys Ltd", "示例合金"), ("DE",), (Identifier("lei", "X"),), ("1 Hill Road",)
)


@pytest.fixture(autouse=True)
def shelf_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OREPASS_DATA", str(tmp_path / "data"))
    return tmp_path / "data" / "parties"


def read(*parties: ListedParty, newest: date | None = None, stakes: tuple[Stake, ...] = ()) -> ReadList:
    return ReadList(parties, (), stakes, "table", "own.csv", len(parties), newest=newest)


def test_what_is_put_is_what_comes_back() -> None:
    stake = Stake("a", "b", "51.00", "Example Holding", "", date(2024, 1, 1), None, "o-1")
    version = shelf.put("own", read(ALLOYS, METALS, stakes=(stake,)), on=date(2025, 6, 1))
    assert version.is_new
    assert len(version.id) == 12
    assert version.says == f"own has a new version {version.id}; known since 2025-06-01."
    assert shelf.lists() == ("own",)
    assert shelf.parties() == (METALS, ALLOYS)
    assert shelf.stakes(["own"]) == (stake,)
    assert shelf.versions("own")[0] == version._replace(is_new=False, says="")


def test_the_same_content_again_changes_nothing_and_says_so(shelf_folder: Path) -> None:
    first = shelf.put("own", read(METALS, ALLOYS), on=date(2025, 6, 1))
    before = {path: path.read_bytes() for path in (shelf_folder / "own").iterdir()}
    again = shelf.put("own", read(ALLOYS, METALS), on=date(2025, 7, 1))
    assert not again.is_new
    assert again.says == f"Nothing changes: own holds this content as version {first.id} since 2025-06-01."
    assert {path: path.read_bytes() for path in (shelf_folder / "own").iterdir()} == before
    other_day = shelf.put("own", read(METALS, ALLOYS), published=date(2025, 1, 5), on=date(2025, 7, 1))
    assert "the day 2025-01-05 was not taken over" in other_day.says


def test_a_listing_holds_from_its_first_day_until_the_day_before_its_end() -> None:
    shelf.put("own", read(METALS), on=date(2025, 6, 1))
    days = (date(2024, 12, 31), date(2025, 1, 1), date(2025, 12, 31), date(2026, 1, 1))
    assert [len(shelf.parties(None, day)) for day in days] == [0, 1, 1, 0]
    assert shelf.parties(["own"], None) == (METALS,)


def test_what_could_be_known_by_a_day() -> None:
    old = shelf.put("own", read(METALS), published=date(2025, 1, 1), on=date(2025, 6, 1))
    new = shelf.put("own", read(METALS, ALLOYS), published=date(2025, 3, 1), on=date(2025, 6, 1))
    assert (old.known_since, new.known_since) == (date(2025, 1, 1), date(2025, 3, 1))
    known = {
        day: len(shelf.parties(["own"], None, day)) for day in (date(2024, 12, 31), date(2025, 2, 28), date(2025, 3, 1))
    }
    assert list(known.values()) == [0, 1, 2]


def test_the_newest_day_of_a_list_dates_it_only_where_it_is_newer() -> None:
    first = shelf.put("own", read(METALS, ALLOYS, newest=date(2025, 3, 1)), on=date(2025, 6, 1))
    struck = shelf.put("own", read(METALS, newest=date(2025, 3, 1)), on=date(2025, 9, 1))
    assert (first.known_since, struck.known_since) == (date(2025, 3, 1), date(2025, 9, 1))
    assert len(shelf.parties(["own"], None, date(2025, 8, 31))) == 2


def test_a_list_that_goes_back_to_what_it_was_is_known_so_again() -> None:
    first = shelf.put("own", read(METALS), on=date(2025, 1, 1))
    shelf.put("own", read(METALS, ALLOYS), on=date(2025, 2, 1))
    back = shelf.put("own", read(METALS), on=date(2025, 3, 1))
    assert (back.id, back.is_new) == (first.id, True)
    assert "is again as version" in back.says
    sizes = [len(shelf.parties(["own"], None, date(2025, month, 1))) for month in (1, 2, 3)]
    assert sizes == [1, 2, 1]
    assert [seen.changed for seen in shelf.history("own", "2") if seen.party] == [("added",)]
    assert [seen.changed for seen in shelf.history("own", "2")] == [(), ("added",), ("removed",)]


def test_what_changed_between_versions() -> None:
    old = shelf.put("own", read(METALS, ALLOYS), on=date(2025, 1, 1))
    moved = ALLOYS._replace(addresses=("2 Hill Road",), bars="all", names=tuple(reversed(ALLOYS.names)))
    new = shelf.put("own", read(moved, METALS._replace(id="3")), on=date(2025, 2, 1))
    found = shelf.changes("own", old.id, new.id)
    assert [party.id for party in found.added] == ["3"]
    assert found.removed == (METALS,)
    assert [(change.new.id, change.fields) for change in found.changed] == [("2", ("addresses", "bars"))]
    assert [seen.changed for seen in shelf.history("own", "2")] == [("added",), ("addresses", "bars")]
    with pytest.raises(BadInput, match="is no version of own"):
        shelf.changes("own", old.id, "0" * 12)
    with pytest.raises(BadInput, match="no version of own holds '9'"):
        shelf.history("own", "9")


@pytest.mark.parametrize(
    "name", ["", "..", "../own", "Own", "own/2", "own.2", "-own", "eigene liste", "a" * 65, "名单", "own\n"]
)
def test_an_id_that_could_leave_the_folder_is_refused(name: str) -> None:
    for deed in (lambda: shelf.put(name, read(METALS)), lambda: shelf.drop(name), lambda: shelf.versions(name)):
        with pytest.raises(BadInput, match="is no id of a list"):
            deed()


def test_ids_of_the_law_and_lists_that_are_not_kept() -> None:
    with pytest.raises(BadInput, match="'control' is a name of the law's own lists"):
        shelf.put("control", read(METALS))
    with pytest.raises(BadInput, match="no list 'gone' is kept; expected a list that was imported"):
        shelf.parties(["gone"])
    with pytest.raises(BadInput, match="no list 'gone' is kept"):
        shelf.drop("gone")
    assert shelf.lists() == ()
    assert shelf.parties() == ()


def test_a_list_without_parties_and_a_day_ahead_are_refused() -> None:
    empty = ReadList((), (Problem(2, "own.csv, line 2: the row has no name.", True),), file="own.csv", records=1)
    with pytest.raises(BadInput, match=r"own.csv: no party was read in 1 records \(first problem: own.csv, line 2"):
        shelf.put("own", empty)
    with pytest.raises(BadInput, match="2025-02-01 lies ahead"):
        shelf.put("own", read(METALS), published=date(2025, 2, 1), on=date(2025, 1, 1))
    assert shelf.lists() == ()


def test_dropping_a_list_removes_all_of_it(shelf_folder: Path) -> None:
    shelf.put("own", read(METALS), on=date(2025, 1, 1))
    shelf.put("own", read(ALLOYS), on=date(2025, 2, 1))
    assert shelf.drop("own") == 2
    assert shelf.lists() == ()
    assert [path.name for path in shelf_folder.iterdir()] == [".lock"]


def test_a_damaged_file_is_named_and_the_same_import_mends_it(shelf_folder: Path) -> None:
    version = shelf.put("own", read(METALS), on=date(2025, 1, 1))
    content = shelf_folder / "own" / f"{version.id}.jsonl"
    content.write_bytes(content.read_bytes().replace(b"Metals", b"Petals!"))
    with pytest.raises(
        BadInput, match=f"{version.id}.jsonl: the file is damaged: its content is not what was imported"
    ):
        shelf.parties()
    mended = shelf.put("own", read(METALS), on=date(2025, 2, 1))
    assert mended.says == f"Version {version.id} of own was damaged and is whole again."
    assert shelf.parties() == (METALS,)
    content.unlink()
    with pytest.raises(BadInput, match="it cannot be read"):
        shelf.parties()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"imports": [3]}', b"\xff"])
def test_damaged_facts_of_a_version_are_named(shelf_folder: Path, content: bytes) -> None:
    version = shelf.put("own", read(METALS), on=date(2025, 1, 1))
    (shelf_folder / "own" / f"{version.id}.json").write_bytes(content)
    with pytest.raises(BadInput, match=f"{version.id}.json: the file is damaged: it does not say what a version is"):
        shelf.parties()


def test_a_write_that_fails_leaves_what_was_there(shelf_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = shelf.put("own", read(METALS), on=date(2025, 1, 1))

    kept = os.fsync

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(BadInput, match="it cannot be written"):
        shelf.put("own", read(ALLOYS), on=date(2025, 2, 1))
    monkeypatch.setattr(os, "fsync", kept)
    assert [version.id for version in shelf.versions("own")] == [first.id]
    assert shelf.parties() == (METALS,)
    assert not list(shelf_folder.rglob("*.partial"))


def test_two_imports_at_once_wait_for_each_other(shelf_folder: Path, tmp_path: Path) -> None:
    program = (
        "import sys\nfrom orepass.parties import shelf\nfrom orepass.parties.listed import ListedParty\n"
        "from orepass.parties.lists import ReadList\n"
        "for n in range(5): shelf.put('own', ReadList((ListedParty('own', '1', (f'Example {sys.argv[1]} {n}',)),)))\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", program, str(number)]) for number in range(4)]
    assert [process.wait(timeout=120) for process in running] == [0] * 4
    orders = [arrival.order for version in shelf.versions("own") for arrival in version.arrivals]
    assert sorted(orders) == list(range(1, 21))


def test_an_import_that_waits_too_long_says_so(shelf_folder: Path) -> None:
    with (
        datafolder.alone(shelf_folder / ".lock", "import a list"),
        pytest.raises(BadInput, match="another process is busy to import a list; wait until it is done"),
        datafolder.alone(shelf_folder / ".lock", "import a list", patience=0.05),
    ):
        pass


def test_a_read_list_of_a_file_goes_onto_the_shelf(tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text("id,name,from\n1,Example Metals LLC,2025-01-02\n,\n2,,2025-03-01\n", encoding="utf-8")
    version = shelf.put("own", read_list(file, "own"), on=date(2025, 6, 1))
    assert (version.parties, version.records, version.lost, version.known_since) == (1, 2, 1, date(2025, 1, 2))


def test_the_data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OREPASS_DATA", "/a")
    monkeypatch.setenv("XDG_DATA_HOME", "/b")
    assert datafolder.data_folder() == Path("/a")
    monkeypatch.delenv("OREPASS_DATA")
    assert datafolder.data_folder() == Path("/b/orepass")
    monkeypatch.delenv("XDG_DATA_HOME")
    assert datafolder.data_folder() == Path.home() / ".local" / "share" / "orepass"


text = st.text(max_size=12)
days = st.none() | st.dates()
listed = st.builds(
    ListedParty,
    list=st.just("own"),
    id=text.filter(bool),
    names=st.lists(text, min_size=1, max_size=3).map(tuple),
    countries=st.lists(text, max_size=2).map(tuple),
    identifiers=st.lists(st.builds(Identifier, text, text), max_size=2).map(tuple),
    addresses=st.lists(text, max_size=2).map(tuple),
    notice=text,
    bars=text,
    from_=days,
    to=days,
    known_from=days,
    source=text,
    note=text,
    kind=text,
)


@given(listed)
def test_a_record_is_its_listing(party: ListedParty) -> None:
    assert from_record(json.loads(json.dumps(as_record(party), ensure_ascii=False)), "own") == party


@pytest.fixture
def fresh(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[pytest.TempPathFactory]:
    yield tmp_path_factory


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(listed, min_size=1, max_size=6, unique_by=lambda party: party.id))
def test_any_list_comes_back_from_the_shelf(
    fresh: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, drawn: list[ListedParty]
) -> None:
    monkeypatch.setenv("OREPASS_DATA", str(fresh.mktemp("data")))
    shelf.put("own", read(*drawn))
    assert shelf.parties() == tuple(sorted(drawn, key=lambda party: party.id))
    assert not shelf.put("own", read(*reversed(drawn))).is_new


START = date(2025, 1, 1)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 5), st.booleans(), st.integers(0, 40)), min_size=2, max_size=6)
)
def test_a_later_import_never_changes_what_was_known_before(
    fresh: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, imports: list[tuple[int, int, bool, int]]
) -> None:
    """Contents come in one after the other; each may bear a newest day, but none says when it was published."""
    monkeypatch.setenv("OREPASS_DATA", str(fresh.mktemp("data")))
    today, told = START + timedelta(50), dict[date, tuple[ListedParty, ...]]()
    for number, (content, wait, dated, ahead) in enumerate(imports):
        today += timedelta(wait)
        newest = START + timedelta(ahead) if dated and not number else None
        shelf.put("own", read(METALS._replace(notice=f"No.{content}"), newest=newest), on=today)
        for day, before in told.items():
            assert shelf.parties(["own"], None, day) == before
        assert shelf.parties(["own"], None, today)[0].notice == f"No.{content}"
        told[today] = shelf.parties(["own"], None, today)
        told[today - timedelta(1)] = shelf.parties(["own"], None, today - timedelta(1))
