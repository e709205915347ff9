"""Names on lists."""

from __future__ import annotations

import pytest

from orepass.parties.register import Register, fold_name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("MP Materials", "MP Materials Corp."),
        ("Huntington Ingalls Industries, Inc.", "HUNTINGTON INGALLS INDUSTRIES"),
        ("三菱重工株式会社", "三菱重工"),
        ("The Boeing Company", "Boeing"),
        ("L3Harris Technologies", "L3Harris  Technologies, LLC"),
        ("ＡＢＣ Ltd", "abc limited"),
        ("Example Sdn. Bhd.", "example"),
    ],
)
def test_names_that_differ_in_form_only_are_one(one: str, other: str) -> None:
    assert fold_name(one) == fold_name(other)


@pytest.mark.parametrize(
    ("one", "other"), [("MP Materials", "MP Material Handling"), ("Company", "Corp"), ("有限公司", "公司")]
)
def test_other_names_stay_apart(one: str, other: str) -> None:
    assert fold_name(one) != fold_name(other)


def test_a_match_names_both_spellings() -> None:
    register = Register([("party", ("Red Cat Holdings, Inc.", "Red Cat"))])
    (match,) = register.find("RED CAT")
    assert (match.party, match.asked, match.listed) == ("party", "RED CAT", "Red Cat")
    assert register.find("Green Cat") == []
