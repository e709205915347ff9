"""Where a text speaks against itself, and where it only seems to."""

from __future__ import annotations

import pytest

from orepass.goods import read
from orepass.goods.describe import describe


def said(text: str) -> list[str]:
    """The sentences of the conflicts."""
    return [conflict.says for conflict in describe(text).conflicts]


@pytest.mark.parametrize(
    ("text", "fact", "says"),
    [
        ("zinc oxide with 40% Ga", "substance", "the text names zinc oxide, which holds no Ga, and says 40 % Ga"),
        ("aluminium oxide, Ge 12%", "substance", "holds no Ge"),
        ("氧化锌 含镓40%", "substance", "holds no Ga"),
        ("gallium metal, CAS 7440-36-0", "substance", "CAS number 7440-36-0 is that of antimony"),
        ("三氧化二锑 CAS 1304-76-3", "substance", "is that of bismuth"),
        ("Sb2O3, Sb 95%", "content_wt_pct.Sb", "pure antimony trioxide holds no more than 83.5 %"),
        ("alloy W 60% Ni 30% Fe 20%", "content_wt_pct", "the shares of W, Ni, Fe add up to 110 %"),
        ("NdFeB magnet, Dy 3%, Dy 5%", "content_wt_pct.Dy", "the text says 3 % Dy and 5 % Dy"),
        ("gallium 99.99%, purity 99.9999%", "purity_pct", "purity 99.99 % and 99.9999 %"),
        ("artificial graphite, density 1.75 g/cm3, density 1.90 g/cm3", "density_g_cm3", "density 1.75 g/cm3 and 1.9"),
    ],
)
def test_what_cannot_be_so_together_is_said_in_a_sentence(text: str, fact: str, says: str) -> None:
    (conflict,) = describe(text).conflicts
    assert conflict.fact == fact
    assert says in conflict.says


@pytest.mark.parametrize(
    "text",
    [
        "zinc oxide with 2% Ga",
        "antimony trioxide 99.8%, Sb 83.3%",
        "antimony trioxide CAS 1309-64-4",
        "graphite powder CAS 7782-42-5",
        "natural flake graphite CAS 7782-42-5",
        "alloy W 90% Ni 7% Fe 3%",
        "gallium 4N, purity 99.99%",
        "NdFeB magnet Dy 2-4%, Dy 3%",
        "tungsten concentrate WO3 65%",
        "gallium 99.99% min, 100 pcs",
        "锑锭 99.65% 铁≤0.02%",
        "mixture of 60% WO3 and 40% MoO3",
        "rubber ducks",
    ],
)
def test_what_can_be_so_together_is_no_conflict(text: str) -> None:
    assert said(text) == []


@pytest.mark.parametrize("text", ["gallium, CAS 7440-36-1", "gallium, CAS 12345-67-0"])
def test_a_cas_number_with_a_wrong_check_digit_is_no_evidence(text: str) -> None:
    description = describe(text)
    assert (description.conflicts, description.cas) == ((), "")


def test_the_places_of_a_conflict_are_the_characters_of_both_statements() -> None:
    text = "zinc oxide with 40% Ga"
    (conflict,) = describe(text).conflicts
    assert text[slice(*conflict.first)] == "zinc oxide"
    assert text[slice(*conflict.second)] == "40% Ga"


def test_a_text_that_names_two_substances_carries_no_answer() -> None:
    assert read("antimony trioxide, CAS 1304-76-3").abstains.startswith(
        "the text speaks against itself: the text names"
    )


def test_a_conflict_on_a_figure_alone_leaves_the_goods_named() -> None:
    assert read("gallium 99.99%, purity 99.9999%").abstains == ""


def test_the_first_statement_stands_where_two_disagree() -> None:
    assert describe("gallium 99.99%, purity 99.9999%").facts["purity_pct"] == 99.99
