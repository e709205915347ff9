"""Numbers as papers write them: comparison, range, unit and place."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orepass.goods.numbers import Number, find_numbers, is_share, share_of
from orepass.goods.parameters import Interval, factors, units

INF = math.inf


def only(text: str) -> Number:
    numbers = find_numbers(text)
    assert len(numbers) == 1, numbers
    return numbers[0]


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("≥ 99.95%", Interval(99.95, INF), "%"),
        (">=99.95 %", Interval(99.95, INF), "%"),
        ("> 99.95%", Interval(99.95, INF, low_open=True), "%"),
        ("<5ppm", Interval(-INF, 5.0, high_open=True), "ppm"),
        ("≤ 5 ppb", Interval(-INF, 5.0), "ppb"),
        ("max 0.1%", Interval(-INF, 0.1), "%"),
        ("max. 0.1%", Interval(-INF, 0.1), "%"),
        ("0.1% max", Interval(-INF, 0.1), "%"),
        ("0.1% maximum", Interval(-INF, 0.1), "%"),
        ("99.95% min.", Interval(99.95, INF), "%"),
        ("min 99.95%", Interval(99.95, INF), "%"),
        ("99.5 pct min", Interval(99.5, INF), "pct"),
        ("99.95% or more", Interval(99.95, INF), "%"),
        ("99.95%+", Interval(99.95, INF), "%"),
        ("99.95% (min)", Interval(99.95, INF), "%"),
        ("not less than 99 %", Interval(99.0, INF), "%"),
        ("less than 99 %", Interval(-INF, 99.0, high_open=True), "%"),
        ("no more than 3 mm", Interval(-INF, 3.0), "mm"),
        ("more than 3 mm", Interval(3.0, INF, low_open=True), "mm"),
        ("up to 5 mm", Interval(-INF, 5.0), "mm"),
        ("over 5 kg", Interval(5.0, INF, low_open=True), "kg"),
        ("不低于99.95%", Interval(99.95, INF), "%"),
        ("大于等于99.95%", Interval(99.95, INF), "%"),
        ("大于99.95%", Interval(99.95, INF, low_open=True), "%"),
        ("不超过0.5%", Interval(-INF, 0.5), "%"),
        ("99.9%以上", Interval(99.9, INF), "%"),
        ("0.5%以下", Interval(-INF, 0.5), "%"),
        ("99.8%-99.99%", Interval(99.8, 99.99), "%"),
        ("99.8-99.99%", Interval(99.8, 99.99), "%"),
        ("5 to 10 um", Interval(5.0, 10.0), "um"),
        ("5 - 10 um", Interval(5.0, 10.0), "um"),
        ("5–10 μm", Interval(5.0, 10.0), "μm"),
        ("5~10微米", Interval(5.0, 10.0), "微米"),
        ("5至10毫米", Interval(5.0, 10.0), "毫米"),
        ("1,200 kg", 1200.0, "kg"),
        ("1,200,000.5 kg", 1200000.5, "kg"),
        ("1.5e3 kg", 1500.0, "kg"),
        ("17.5 g/cm3", 17.5, "g/cm3"),
        ("310 Wh/kg", 310.0, "Wh/kg"),
        ("35兆帕", 35.0, "兆帕"),
        ("2.45GHz", 2.45, "GHz"),
        ("5 at%", 5.0, "at%"),
        ("12 boxes", 12.0, ""),
    ],
)
def test_a_number_has_its_comparison_and_its_unit(text: str, value: float | Interval, unit: str) -> None:
    number = only(text)
    assert number.value() == value
    assert number.unit == unit


def test_a_mesh_after_a_dash_is_no_end_of_a_range() -> None:
    assert [number.value() for number in find_numbers("97.5% -100 mesh")] == [97.5, 100.0]


def test_degrees_on_both_sides_of_a_word_are_two_numbers() -> None:
    assert [(n.value(), n.unit) for n in find_numbers("5°C to 10°C")] == [(5.0, "°C"), (10.0, "°C")]


@pytest.mark.parametrize("text", ["4N5", "M6", "SUS316L", "x2y", "Ga2O3", "admin", ""])
def test_digits_within_a_word_are_no_numbers_of_their_own(text: str) -> None:
    assert [n for n in find_numbers(text) if n.start > 0] == []


def test_a_word_that_only_ends_like_a_comparison_is_none() -> None:
    assert only("admin 5 kg").op == ""
    assert only("vitamax 5 kg").op == ""
    assert only("moreover 5 kg").op == ""


def test_a_unit_ends_with_its_word() -> None:
    assert only("5 mmol").unit == ""
    assert only("25 kg/drum").unit == "kg"
    assert only("5 mm2").unit == ""


@pytest.mark.parametrize(
    ("text", "whole", "digits"),
    [
        ("Sb ≥ 99.95% ingot", "≥ 99.95%", "99.95"),
        ("Pb 0.1% max, Fe", "0.1% max", "0.1"),
        ("size 5 to 10 um powder", "5 to 10 um", "5 to 10"),
        ("锑锭不低于99.95%的", "不低于99.95%", "99.95"),
        ("net 1,200 kg in drums", "1,200 kg", "1,200"),
        ("12 boxes", "12", "12"),
    ],
)
def test_a_number_stands_on_its_characters(text: str, whole: str, digits: str) -> None:
    number = only(text)
    assert text[number.start : number.end] == whole
    assert text[number.digits : number.digits_end] == digits


def test_numbers_stand_in_their_order() -> None:
    text = "Sb 99.95% min, As 0.05% max, 10 x 20 mm, net 1,200 kg"
    assert [n.number for n in find_numbers(text)] == ["99.95", "0.05", "10", "20", "1,200"]


WAYS = [way for unit in units() for way in unit.write if way != "百分之"]


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_write_a_unit_is_found_after_a_number(way: str) -> None:
    first = find_numbers(f"about 5 {way}.")[0]
    assert (first.number, first.unit.lower()) == ("5", way.lower())
    assert find_numbers(f"about 5 {way},")[0].end == len(f"about 5 {way}")


@pytest.mark.parametrize("text", ["1.80 g/cm^3", "1.80 g·cm-3", "1000 cm-2", "4e-6 1/K"])
def test_digits_within_a_unit_are_no_numbers(text: str) -> None:
    assert len(find_numbers(text)) == 1


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("5%", 5.0),
        ("5 ppm", 0.0005),
        ("20 ppb", 2e-6),
        ("≥ 99.95%", Interval(99.95, 100.0)),
        ("< 5 ppm", Interval(0.0, 0.0005, high_open=True)),
        ("99.8%-99.99%", Interval(99.8, 99.99)),
        ("120%", None),
        ("5 kg", None),
        ("5 at%", None),
        ("5 vol%", None),
    ],
)
def test_a_share_by_weight_is_kept_between_nothing_and_the_whole(text: str, share: float | Interval | None) -> None:
    assert share_of(only(text)) == share


def test_atoms_and_volumes_are_shares_but_no_weights() -> None:
    assert [is_share(only(text)) for text in ("5%", "5 ppm", "5 at%", "5 vol%", "5 kg", "5")] == [True] * 4 + [
        False
    ] * 2


def test_a_number_is_converted_with_its_range() -> None:
    assert only("5 to 10 um").value(factors("mm")["um"]) == Interval(0.005, 0.01)
    assert only("≥ 5 cm").value(10.0) == Interval(50.0, INF)


@given(
    st.decimals(0, 99999, places=3),
    st.sampled_from(["%", "mm", "um", "kg", "ppm", "g/cm3", "MPa", "°C"]),
    st.sampled_from([("", ""), ("≥ ", "≥"), ("<", "<"), ("max ", "max"), ("not less than ", ">="), ("不超过", "<=")]),
    st.sampled_from(["", "antimony ", "锑锭 "]),
    st.sampled_from(["", " ", "; other", "，其他"]),
)
def test_what_is_written_is_read_back(number: object, unit: str, op: tuple[str, str], before: str, after: str) -> None:
    text = f"{before}{op[0]}{number} {unit}{after}"
    found = only(text)
    assert found.number == str(number)
    assert (found.unit, found.op) == (unit, op[1])
    assert text[found.start : found.end] == f"{op[0]}{number} {unit}"


@given(st.text(max_size=60) | st.text("0123456789.,-–~ %≥<maxinto不低于以上kgm()", max_size=60))
def test_any_text_has_numbers_or_none(text: str) -> None:
    end = 0
    for number in find_numbers(text):
        assert 0 <= number.start <= number.digits < number.digits_end <= number.end <= len(text)
        assert number.digits >= end
        end = number.digits_end
        number.value()
        share_of(number)
