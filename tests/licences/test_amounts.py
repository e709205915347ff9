"""Quantities in other units: exact, and never less than they were."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orepass.licences.amounts import converted

WORTH = {
    "kg": {"kg": Fraction(1), "g": Fraction(1, 1000), "t": Fraction(1000)},
    "l": {"l": Fraction(1), "m3": Fraction(1000)},
    "m": {"m": Fraction(1), "mm": Fraction(1, 1000), "cm": Fraction(1, 100), "inch": Fraction(254, 10_000)},
}
PAIRS = [(one, other) for units in WORTH.values() for one in units for other in units]
STEP = Decimal("0.000001")
amounts = st.decimals(min_value=0, max_value=10**9, places=6)
GOOD = settings(max_examples=200, deadline=None)


def worth(unit: str) -> Fraction:
    return next(units[unit] for units in WORTH.values() if unit in units)


@pytest.mark.parametrize(
    ("quantity", "unit", "into", "expected"),
    [
        ("1", "t", "kg", "1000"),
        ("1", "t", "g", "1000000"),
        ("2.5", "kg", "g", "2500"),
        ("250", "g", "kg", "0.25"),
        ("1", "g", "t", "0.000001"),
        ("0.1", "g", "t", "0.000001"),
        ("0.000001", "g", "kg", "0.000001"),
        ("0.1", "kg", "t", "0.0001"),
        ("1", "m3", "l", "1000"),
        ("1", "l", "m3", "0.001"),
        ("1", "inch", "mm", "25.4"),
        ("1", "mm", "inch", "0.039371"),
        ("3", "pcs", "pcs", "3"),
        ("3", "台", "pcs", "3"),
        ("3", "pieces", "件", "3"),
        ("3", "sets", "set", "3"),
        ("3", "套", "sets", "3"),
        ("20", "吨", "kg", "20000"),
        ("20", "KG", "kg", "20"),
        ("20", "公斤", "KG", "20"),
        ("20", "T", "kg", "20000"),
        ("20", "L", "升", "20"),
        ("1", "m2", "cm2", "10000"),
    ],
)
def test_one_unit_in_another(quantity: str, unit: str, into: str, expected: str) -> None:
    assert converted(Decimal(quantity), unit, into) == Decimal(expected)


@pytest.mark.parametrize(
    ("unit", "into"),
    [
        ("set", "pcs"),
        ("pcs", "sets"),
        ("pcs", "kg"),
        ("kg", "pcs"),
        ("kg", "l"),
        ("m3", "kg"),
        ("m", "cm2"),
        ("kg", "barrels"),
        ("barrels", "kg"),
        ("kg", ""),
        ("set", "barrels"),
        ("barrels", "set"),
    ],
)
def test_what_does_not_measure_the_same_is_not_converted(unit: str, into: str) -> None:
    assert converted(Decimal(1), unit, into) is None


@given(quantity=amounts, unit=st.sampled_from(["kg", "barrels", "pcs", "set", "m3", "mystery"]))
@GOOD
def test_a_unit_in_itself_is_the_very_same(quantity: Decimal, unit: str) -> None:
    assert converted(quantity, unit, unit) == quantity


@given(quantity=amounts, pair=st.sampled_from(PAIRS))
@GOOD
def test_never_rounded_down_and_never_by_more_than_a_millionth(quantity: Decimal, pair: tuple[str, str]) -> None:
    unit, into = pair
    true = Fraction(quantity) * worth(unit) / worth(into)
    found = converted(quantity, unit, into)
    assert found is not None
    assert true <= Fraction(found) < true + Fraction(STEP)


@given(quantity=amounts, pair=st.sampled_from(PAIRS))
@GOOD
def test_there_and_back_never_yields_less(quantity: Decimal, pair: tuple[str, str]) -> None:
    unit, into = pair
    there = converted(quantity, unit, into)
    assert there is not None
    back = converted(there, into, unit)
    assert back is not None and back >= quantity


@given(quantity=amounts)
@GOOD
def test_into_a_smaller_unit_and_back_is_exact(quantity: Decimal) -> None:
    for large, small in (("t", "kg"), ("kg", "g"), ("t", "g"), ("m3", "l")):
        there = converted(quantity, large, small)
        assert there is not None
        assert converted(there, small, large) == quantity


@given(one=amounts, other=amounts, pair=st.sampled_from(PAIRS))
@GOOD
def test_more_is_never_less_elsewhere(one: Decimal, other: Decimal, pair: tuple[str, str]) -> None:
    less, more = (converted(amount, *pair) for amount in sorted((one, other)))
    assert less is not None and more is not None and less <= more


@given(parts=st.lists(amounts, min_size=1, max_size=10), pair=st.sampled_from(PAIRS))
@GOOD
def test_parts_never_weigh_less_than_the_whole(parts: list[Decimal], pair: tuple[str, str]) -> None:
    whole = converted(sum(parts, Decimal(0)), *pair)
    apart = [converted(part, *pair) for part in parts]
    assert whole is not None
    assert sum((part for part in apart if part is not None), Decimal(0)) >= whole


@pytest.mark.parametrize(("unit", "into"), [("t", "g"), ("m3", "l"), ("kg", "g"), ("g", "t"), ("inch", "mm")])
def test_the_largest_amount_that_can_be_written_is_converted(unit: str, into: str) -> None:
    most = Decimal("999999999999999.999999")
    found = converted(most, unit, into)
    true = Fraction(most) * worth(unit) / worth(into)
    assert found is not None
    assert true <= Fraction(found) < true + Fraction(STEP)
