"""Values as people write them, and the units they come in."""

from __future__ import annotations

import math
from typing import Any

import pint
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orepass.errors import BadInput
from orepass.goods.parameters import Interval, parameters, to_unit, units
from orepass.goods.values import nines, read_facts, read_value


@pytest.mark.parametrize(
    ("name", "raw", "value"),
    [
        ("purity_pct", 99.65, 99.65),
        ("purity_pct", "99.65", 99.65),
        ("purity_pct", ">= 99.95 %", Interval(99.95, 100.0)),
        ("purity_pct", "不低于99.9%", Interval(99.9, 100.0)),
        ("purity_pct", "< 99.9", Interval(0.0, 99.9, high_open=True)),
        ("purity_pct", "4N5", Interval(99.995, 100.0)),
        ("purity_pct", [99.9, 99.95], Interval(99.9, 99.95)),
        ("purity_pct", "9900 ppm", 0.99),
        ("design_pressure_gpa", "5000 MPa", 5.0),
        ("density_g_cm3", "17500 kg/m3", 17.5),
        ("diameter_mm", "3 inch", 76.2),
        ("thickness_mm", "0.5 ft", pytest.approx(152.4)),
        ("particle_size_um", "0.04 mm", 40.0),
        ("particle_size_um", "10-45 um", Interval(10.0, 45.0)),
        ("form", "粉末", "powder"),
        ("form", "Ingots", "ingot"),
        ("shape", "hollow cylinder", "hollow-cylinder"),
        ("enriched_in_boron_10", "是", True),
        ("substance", "氧化锑", "antimony-oxide"),
        ("contains", ["Dy2O3", "氧化钇"], frozenset({"dysprosium-oxide", "yttrium-oxide"})),
        ("purity_pct", None, None),
    ],
)
def test_a_value_is_read_in_the_unit_of_its_name(name: str, raw: Any, value: Any) -> None:
    assert read_value(name, raw) == value


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"purity_pct": -1}, "field purity_pct: -1 is out of range; expected between 0 and 100"),
        ({"purity_pct": 100.5}, "field purity_pct: 100.5 is out of range"),
        ({"purity_pct": "5 kg"}, "field purity_pct: 'kg' is not a unit for this fact; expected %"),
        ({"purity_pct": "very"}, "field purity_pct: 'very' is no number"),
        ({"purity_pct": True}, "field purity_pct: True is no number"),
        ({"purity_pct": float("nan")}, "not a number"),
        ({"purity_pct": [99.9, 99.0]}, "no range"),
        ({"purty_pct": 99}, "'purty_pct' is no fact that we know.*did you mean purity_pct"),
        ({"substance": "unobtainium"}, "field substance: 'unobtainium' is no substance"),
        ({"form": "soup"}, "field form: 'soup' is no value of form"),
        ({"content_wt_pct": {"Xx": 3}}, "'Xx' is no chemical element"),
        ({"content_wt_pct.Q": 3}, "no fact that we know"),
        ({"enriched_in_boron_10": "maybe"}, "neither yes nor no"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(facts: dict[str, Any], says: str) -> None:
    with pytest.raises(BadInput, match=says) as raised:
        read_facts(facts)
    assert "\n" not in str(raised.value)
    assert str(raised.value).endswith(".")


def test_grades_in_nines() -> None:
    assert nines(4) == 99.99
    assert nines(5) == 99.999
    assert nines(4, "5") == 99.995


@pytest.mark.parametrize("unit", units(), ids=lambda unit: f"{unit.unit} as {unit.of}")
def test_every_factor_agrees_with_pint(unit: Any) -> None:
    names = {
        "%": "percent",
        "ppm": "ppm",
        "Wh/kg": "W*h/kg",
        "mAh/g": "mA*h/g",
        "1/degC": "1/delta_degC",
        "1/cm2": "1/cm**2",
        "m3/day": "m**3/day",
    }
    if unit.unit in {"HRB"}:
        assert unit.factor == 1
        return
    if unit.unit == "ppb":  # pint does not know it
        assert unit.factor == pytest.approx(1e-7)
        return
    registry = pint.UnitRegistry()

    def as_pint(name: str) -> str:
        return names.get(
            name, name.replace("cm3", "cm**3").replace("m3", "m**3").replace("cm2", "cm**2").replace("m2", "m**2")
        )

    if unit.unit == unit.of or "degC" in unit.unit:
        assert unit.factor == 1
        return
    assert registry.Quantity(1.0, as_pint(unit.unit)).to(as_pint(unit.of)).magnitude == pytest.approx(unit.factor)


def test_every_unit_of_a_fact_can_be_written() -> None:
    for parameter in parameters().values():
        if parameter.type == "number" and parameter.unit:
            assert to_unit(2.0, parameter.unit, parameter.unit) == 2.0


@given(st.floats(0, 100), st.floats(0, 100))
def test_a_range_keeps_its_bounds(a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert read_value("purity_pct", [low, high]) == Interval(low, high)


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_in_one_sentence(text: str) -> None:
    try:
        value = read_value("purity_pct", text)
    except BadInput as error:
        assert "\n" not in error.problem or "\n" in text
    else:
        assert isinstance(value, float | Interval)
        low = value.low if isinstance(value, Interval) else value
        assert 0 <= low <= 100 and not math.isnan(low)
