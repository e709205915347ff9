"""A value is reduced to what the law can tell apart, and no further."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from determination.tables_drawn import law
from orepass.determination.cells import SOMEBODY, Cells
from orepass.determination.determine import determine
from orepass.determination.transaction import transaction
from orepass.law import language as lang
from orepass.places import codes

CELLS = Cells(law())


def test_only_countries_that_a_rule_names_are_told_apart() -> None:
    named = {
        str(part.value)
        for rule in law().facts.rules.values()
        for part in lang.parts_of(rule.when)
        if isinstance(part, lang.Compare) and part.fact == "destination"
    }
    reduced = {CELLS.reduce("to", code) for code in codes()}
    assert reduced == {*named, "CN", CELLS.reduce("to", "DE")}
    assert CELLS.reduce("to", "美国") == CELLS.reduce("to", "United States") == "US"


@pytest.mark.parametrize(
    ("column", "raw"),
    [
        ("to", "Narnia"),
        ("date", "2025-02-30"),
        ("hs", "12"),
        ("hs", "999999"),
        ("unit", "buckets"),
        ("quantity", -1.0),
        ("quantity", "many"),
        ("via", "MX; Atlantis"),
        ("substance", "nosuchstuff"),
        ("form", "cloud"),
        ("public_domain_technology", "perhaps"),
        ("description", "x" * 20_001),
        ("consignee_country", "Elbonia"),
    ],
)
def test_what_cannot_be_read_stays_as_it_is(column: str, raw: Any) -> None:
    assert CELLS.reduce(column, raw) == raw


@pytest.mark.parametrize("raw", [None, "", "   ", float("nan")])
def test_an_empty_cell_is_unknown_in_every_column(raw: Any) -> None:
    assert CELLS.reduce("to", raw) is None and CELLS.reduce("description", raw) is None


def test_a_name_that_no_list_ever_held_is_somebody_and_a_listed_one_is_itself() -> None:
    assert CELLS.reduce("consignee", "Plain Buyer") == CELLS.reduce("end_user", "Another Buyer") == SOMEBODY
    assert CELLS.reduce("end_user", "MP Materials") == "MP Materials"


def test_a_number_that_points_nowhere_stands_for_all_such_numbers() -> None:
    assert CELLS.reduce("hs", "0207140000") == CELLS.reduce("hs", "270900") == CELLS.nowhere
    assert CELLS.reduce("hs", "8110.10 1000") == "8110101000"
    assert not CELLS.points(CELLS.nowhere)


def test_a_number_that_no_longer_stands_is_kept_when_what_it_became_points() -> None:
    assert CELLS.reduce("hs", "810600") == "810600"


def test_measures_that_can_be_read_and_words_by_any_name_are_one() -> None:
    assert CELLS.reduce("quantity", 3.5) is None and CELLS.reduce("quantity", "3.5") is None
    assert CELLS.reduce("unit", "kg") is None
    assert CELLS.reduce("substance", "锑") == CELLS.reduce("substance", "Antimony") == "antimony"


def test_days_of_one_run_are_one_and_the_edges_of_runs_are_not() -> None:
    assert CELLS.reduce("date", date(2026, 2, 1)) == CELLS.reduce("date", "2026-02-02")
    for edge in law().boundaries:
        assert CELLS.reduce("date", edge) == edge
        assert CELLS.reduce("date", date.fromordinal(edge.toordinal() - 1)) != edge


def test_descriptions_that_say_the_same_are_one_and_those_that_do_not_are_not() -> None:
    first = CELLS.reduce("description", "bismuth ingot 99.991%, lot 7")
    assert CELLS.reduce("description", "bismuth ingot 99.992% - order 12") == first
    assert CELLS.reduce("description", "bismuth ingot 98%") != first
    assert CELLS.reduce("description", "bismuth ingot 99.991%, made in Japan") == "bismuth ingot 99.991%, made in Japan"


def test_beside_shares_of_elements_every_purity_in_a_text_counts() -> None:
    cells = Cells(law())
    cells.expect(["description", "content_wt_pct.W"])
    first = cells.reduce("description", "bismuth ingot 99.991%")
    assert cells.reduce("description", "bismuth ingot 99.992%") != first


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(CELLS.bins)), st.floats(0, 200))
def test_the_stand_in_of_a_number_lies_on_the_same_side_of_every_limit(name: str, number: float) -> None:
    bins = CELLS.bins[name]
    middle = bins.middle(number)
    for limit in bins.limits:
        assert (number < limit, number == limit) == (middle < limit, middle == limit)
    assert (number <= bins.low, number >= bins.high) == (middle <= bins.low, middle >= bins.high)
    assert bins.middle(middle) == middle


def test_every_limit_of_the_law_on_a_number_is_an_edge_of_its_bins() -> None:
    for entry in law().facts.entries.values():
        for node in [limits.node for limits in entry.limits] + [exclusion.node for exclusion in entry.excludes]:
            for part in lang.parts_of(node):
                if isinstance(part, lang.Compare) and isinstance(part.value, float) and part.fact in CELLS.bins:
                    bins = CELLS.bins[part.fact]
                    assert part.value in bins.limits or part.value in {bins.low, bins.high}, (entry.code, part)


def test_no_entry_asks_for_a_fact_of_the_transaction() -> None:
    """Goods are judged apart from route and parties; an entry that asked for these would need a cell of its own."""
    from orepass.goods.parameters import parameter_of

    for entry in law().facts.entries.values():
        for node in [limits.node for limits in entry.limits] + [exclusion.node for exclusion in entry.excludes]:
            for fact in lang.facts_of(node):
                assert parameter_of(fact).of == "line", (entry.code, fact)


def test_two_countries_of_one_cell_have_one_answer() -> None:
    def answer(to: str) -> tuple[str, tuple[str, ...]]:
        found = determine(transaction({"date": "2025-01-20", "to": to, "lines": [{"description": "gallium"}]}), law())
        return found.outcome, found.conditions

    elsewhere = [code for code in sorted(codes()) if CELLS.reduce("to", code) == CELLS.reduce("to", "DE")]
    assert len({answer(code) for code in elsewhere}) == 1
    assert answer("US") != answer("DE")
