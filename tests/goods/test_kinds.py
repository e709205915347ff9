"""The net of kinds: relations, names, errors."""

from __future__ import annotations

import pytest

from orepass.errors import BadInput
from orepass.goods.kinds import Relation, kinds


def test_a_narrower_kind_is_the_wider_one() -> None:
    assert kinds().relation("antimony-trioxide", "antimony-oxide") is Relation.IS


def test_a_wider_kind_may_be_the_narrower_one() -> None:
    assert kinds().relation("graphite", "natural-flake-graphite") is Relation.MAY_BE


def test_kinds_of_other_branches_are_apart() -> None:
    assert kinds().relation("zinc-oxide", "gallium-oxide") is Relation.APART


def test_kinds_that_share_a_narrower_one_may_be_each_other() -> None:
    assert kinds().relation("rhenium-alloy", "tungsten-alloy") is Relation.MAY_BE


@pytest.mark.parametrize(
    "name", ["antimony trioxide", "Antimony-Trioxide", "三氧化二锑", "ANTIMONY  TRIOXIDE", "sb2o3", "antimony-trioxide"]
)
def test_any_name_in_either_language_resolves(name: str) -> None:
    assert kinds().resolve(name).id == "antimony-trioxide"


def test_an_unknown_substance_is_named_with_near_ones() -> None:
    with pytest.raises(BadInput, match=r"'antimony trioxid' is no substance.*did you mean antimony-trioxide"):
        kinds().resolve("antimony trioxid")


def test_no_two_kinds_share_a_name() -> None:
    seen: dict[str, str] = {}
    for kind in kinds().by_id.values():
        for name in (*kind.names, *kind.zh):
            assert seen.setdefault(name, kind.id) == kind.id, name


def test_what_a_kind_holds_goes_down_to_narrower_kinds() -> None:
    assert {"Sm"} < kinds().by_id["samarium-chloride"].holds
