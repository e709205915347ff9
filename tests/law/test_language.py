"""The rule language reads what lawyers write and refuses the rest with a place."""

from __future__ import annotations

import pytest

from orepass.law.language import (
    All,
    Among,
    CanCut,
    Compare,
    LanguageError,
    Unknown,
    facts_of,
    has_unknown_limit,
    parse,
    show,
)


def test_above_and_from_are_different_operators() -> None:
    assert parse("purity_pct > 99.9") == Compare("purity_pct", ">", 99.9)
    assert parse("purity_pct >= 99.9") == Compare("purity_pct", ">=", 99.9)


def test_a_chain_is_two_comparisons() -> None:
    assert parse("100 <= inner_diameter_mm <= 300") == All(
        (Compare("inner_diameter_mm", ">=", 100.0), Compare("inner_diameter_mm", "<=", 300.0))
    )


def test_shares_of_elements_and_lists_of_words() -> None:
    node = parse('content_wt_pct.W >= 97 and form not in ("powder", "granule")')
    assert facts_of(node) == {"content_wt_pct.W", "form"}
    assert isinstance(node, All) and node.parts[1] == Among("form", ("powder", "granule"), True)


def test_an_unreadable_limit_is_a_value() -> None:
    node = parse("weight_kg > unknown")
    assert node == Compare("weight_kg", ">", Unknown())
    assert has_unknown_limit(node)


def test_shapes_carry_their_sizes() -> None:
    assert parse("can_cut_tube(65, 25, 50)") == CanCut("tube", (65.0, 25.0, 50.0))


def test_a_condition_shows_as_it_was_written() -> None:
    assert show(parse("a > 1 and (b == 2 or c == true)")) == "a > 1 and (b == 2 or c == true)"


@pytest.mark.parametrize(
    "text",
    [
        "purity_pct >",
        "import os",
        "purity_pct > 'a' + 1",
        "open('x')",
        "x.__class__",
        "purity_pct == True",
        "1 < 2",
        "can_cut_tube(1)",
        "f(x)(y)",
    ],
)
def test_what_is_no_condition_is_refused_with_a_column(text: str) -> None:
    with pytest.raises(LanguageError, match="column"):
        parse(text)
