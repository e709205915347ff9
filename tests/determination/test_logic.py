"""Three-valued logic: truth tables, intervals, and what is still missing."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orepass.determination.logic import ASK, NO, OPEN, OPEN_FACT, YES, compare, compile_node, findings, missing, negate
from orepass.goods.parameters import Interval
from orepass.law.language import parse

VALUES = (NO, ASK, OPEN, YES)
FACT = {
    NO: "purity_pct > 99",
    ASK: "density_g_cm3 > 1",
    OPEN: "weight_kg > unknown",
    YES: "purity_pct > 50",
}
KNOWN: dict[str, Any] = {"purity_pct": 80.0}


@pytest.mark.parametrize(("a", "b"), list(itertools.product(VALUES, VALUES)))
def test_and_takes_the_least_or_the_greatest(a: int, b: int) -> None:
    assert compile_node(parse(f"{FACT[a]} and {FACT[b]}"))(KNOWN) == min(a, b)
    assert compile_node(parse(f"{FACT[a]} or {FACT[b]}"))(KNOWN) == max(a, b)


@pytest.mark.parametrize("value", VALUES)
def test_not_leaves_the_unknown_unknown(value: int) -> None:
    wanted = {NO: YES, YES: NO}.get(value, value)
    assert negate(value) == wanted
    assert compile_node(parse(f"not ({FACT[value]})"))(KNOWN) == wanted


@pytest.mark.parametrize(
    ("op", "at", "below", "above"), [(">", NO, NO, YES), (">=", YES, NO, YES), ("<", NO, YES, NO), ("<=", YES, YES, NO)]
)
def test_above_and_from_differ_at_the_limit_itself(op: str, at: int, below: int, above: int) -> None:
    test = compile_node(parse(f"density_g_cm3 {op} 1.73"))
    assert [test({"density_g_cm3": value}) for value in (1.73, 1.7299, 1.7301)] == [at, below, above]


@pytest.mark.parametrize(
    ("interval", "op", "wanted"),
    [
        (Interval(99.9, 100), ">=", YES),
        (Interval(99.9, 100), ">", ASK),
        (Interval(99.9, 100, low_open=True), ">", YES),
        (Interval(99, 99.9), ">", NO),
        (Interval(99, 99.9), ">=", ASK),
        (Interval(99, 99.9, high_open=True), ">=", NO),
        (Interval(99, 100), ">=", ASK),
        (Interval(99, 99.9), "<=", YES),
        (Interval(0, 100, low_open=True), "<", ASK),
    ],
)
def test_a_number_known_between_bounds(interval: Interval, op: str, wanted: int) -> None:
    assert compare(interval, op, 99.9) == wanted


bounds = st.floats(0, 100).map(lambda x: round(x, 3))


@given(bounds, bounds, bounds, bounds, st.sampled_from([">", ">=", "<", "<=", "==", "!="]))
def test_a_point_inside_an_interval_never_contradicts_it(
    a: float, b: float, limit: float, share: float, op: str
) -> None:
    low, high = sorted((a, b))
    point = low + (high - low) * share / 100
    whole = compare(Interval(low, high), op, limit)
    assert whole == ASK or whole == compare(min(max(point, low), high), op, limit)


def test_what_nobody_says_is_assumed_where_the_table_says_so() -> None:
    assert compile_node(parse("enriched_in_boron_10 == true"))({}) == NO
    assert compile_node(parse("enriched_in_boron_10 == true"), assume=False)({}) == ASK
    assert compile_node(parse("end_user.military == true"))({}) == ASK


def test_an_uncertain_limit_counts_when_met_and_never_releases() -> None:
    test = compile_node(parse("uncertain(vacuum_pa >= 0.001)"))
    assert [test({"vacuum_pa": 0.01}), test({"vacuum_pa": 0.0001}), test({})] == [YES, OPEN, ASK]


def test_a_listing_that_the_law_leaves_open_is_open() -> None:
    assert compile_node(parse("listed.control == true"))({"listed.control": OPEN_FACT}) == OPEN


def test_elements_not_named_are_absent_but_may_be_traces() -> None:
    from orepass.goods.line import know

    facts = know("W-Ni-Fe alloy", {}, None).facts
    assert compile_node(parse("content_wt_pct.Sm > 0"))(facts) == NO
    assert compile_node(parse("content_wt_pct.Ag < 0.001"))(facts) == ASK
    assert compile_node(parse("content_wt_pct.W > 0"))(facts) == YES


def test_only_what_still_matters_is_missing() -> None:
    node = parse("purity_pct > 99.9 and flexural_strength_mpa > 30 and density_g_cm3 > 1.73")
    assert missing(node, {"purity_pct": 99.95}) == ["flexural_strength_mpa", "density_g_cm3"]
    assert missing(node, {"purity_pct": 99.0}) == []


def test_findings_name_what_was_compared() -> None:
    (found,) = findings(parse("purity_pct >= 99.99"), {"purity_pct": 99.9})
    assert (found.fact, found.op, found.limit, found.actual, found.value) == ("purity_pct", ">=", 99.99, 99.9, NO)
