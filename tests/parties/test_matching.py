"""Parties beside lists: blocking, evidence kept apart, cleared hits aside, many at once."""

from __future__ import annotations

import pytest

from orepass.parties.evidence import Level
from orepass.parties.listed import Asked, Identifier, ListedParty
from orepass.parties.matching import AGREES, DIFFERS, UNKNOWN, PartyRegister, compared, match_all

PARTIES = (
    ListedParty("mine", "1", ("Hosoya Pyro-Engineering Co., Ltd.", "细谷火工株式会社"), ("JP",)),
    ListedParty(
        "mine",
        "2",
        ("Rheinmetall AG",),
        ("DE",),
        (Identifier("lei", "5299001UYXMMGVF1H342"),),
        ("Rheinmetall Platz 1, Dusseldorf",),
    ),
    ListedParty("mine", "3", ("Example Tungsten Trading GmbH",), ("AT",)),
    ListedParty("mine", "4", ("Nanjing Institute of Astronomical Optics and Technology",), ("CN",)),
    *(ListedParty("mine", f"x{n}", (f"Unrelated Holding {n} Ltd",), ("GB",)) for n in range(40)),
)
REGISTER = PartyRegister(PARTIES)


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        ("细谷火工株式會社", "1"),
        ("HOSOYA PYRO ENGINEERING", "1"),
        ("莱茵金属公司", "2"),
        ("Rheinmetal AG", "2"),
        ("Exampel Tungsten Trading", "3"),
        ("NIAOT", "4"),
        ("南京天文光学技术研究所", "4"),
    ],
)
def test_a_listed_party_is_found_however_it_is_written(name: str, entry: str) -> None:
    hits = REGISTER.match(Asked(name))
    assert hits and hits[0].party.id == entry


def test_a_name_that_nobody_bears_finds_nobody() -> None:
    assert REGISTER.match(Asked("Quiet Meadow Dairy")) == []


def test_a_shared_identifier_finds_a_party_under_another_name() -> None:
    (hit,) = REGISTER.match(Asked("Some Shell Company", identifiers=(Identifier("lei", "5299-001U-YXMM-GVF1H342"),)))
    assert hit.party.id == "2"
    assert hit.evidence.identifier.says == AGREES
    assert hit.evidence.level is Level.SAME


def test_identifiers_of_one_kind_that_differ_speak_against_the_name() -> None:
    (hit,) = REGISTER.match(Asked("Rheinmetall AG", identifiers=(Identifier("lei", "0000001UYXMMGVF1H342"),)))
    assert hit.evidence.identifier.says == DIFFERS
    assert hit.evidence.level is Level.POSSIBLE
    assert "Identifiers of one kind differ" in hit.evidence.in_words()


def test_country_and_address_are_told_by_themselves() -> None:
    (hit,) = REGISTER.match(Asked("Rheinmetall", "FR", address="Rheinmetall-Platz 1, 40476 Düsseldorf"))
    assert (hit.evidence.country.says, hit.evidence.address.says) == (DIFFERS, AGREES)
    assert hit.evidence.identifier.says == UNKNOWN
    assert "The countries differ: FR / DE." in hit.evidence.in_words()
    assert "国家（地区）不同" in hit.evidence.in_words("zh")


def test_a_country_only_parts_equals() -> None:
    same, other = compared("Example Ltd", "Example", "DE", "DE"), compared("Example Ltd", "Example", "DE", "FR")
    assert same.rank > other.rank > compared("Example Ltd", "Sample", "DE", "DE").rank


def test_many_are_matched_as_one_is_and_each_once() -> None:
    asked = [Asked(f"Hosoya Pyro Engineering {n}") for n in range(60)] + [Asked("莱茵金属"), Asked("莱茵金属")]
    found = match_all(asked, PARTIES, processes=0)
    assert found.keys() == set(asked)
    assert [hit.party.id for hit in found[Asked("莱茵金属")]] == [
        hit.party.id for hit in REGISTER.match(Asked("莱茵金属"))
    ]


def test_other_processes_match_as_this_one_does() -> None:
    asked = [Asked(f"Example Tungsten {n} Trading") for n in range(2100)]
    beside, here = match_all(asked, PARTIES, processes=1), match_all(asked[:40], PARTIES, processes=0)
    assert beside.keys() == set(asked)
    assert all(beside[party] == here[party] for party in asked[:40])
