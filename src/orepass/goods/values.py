"""Values as people write them: ``99.65``, ``">= 99.95 %"``, ``"5 GPa"``, ``[0.3, 0.6]``, ``4N5``, ``"yes"``."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import Any, cast

from orepass.errors import BadInput
from orepass.goods.elements import ELEMENTS
from orepass.goods.kinds import fold, kinds
from orepass.goods.parameters import Form, Interval, Parameter, Value, forms, parameter_of, shapes, to_unit

_NUMBER = r"[-+]?\d+(?:[ ,]\d{3})*(?:\.\d+)?(?:[eE][-+]?\d+)?"
_VALUE = re.compile(
    rf"^\s*(?P<op>>=|≥|<=|≤|>|<|=|≈|~|min\.?|max\.?|at least|at most|more than|less than|不低于|不小于|不高于|不大于|大于|小于)?\s*"
    rf"(?P<number>{_NUMBER})\s*(?:(?:-|–|~|to|至)\s*(?P<upper>{_NUMBER})\s*)?(?P<unit>[^\d\s].*?)?\s*$",
    re.IGNORECASE,
)
_DECIMAL_COMMA = re.compile(r"^\s*\d+,(\d{1,2}|\d{4,})\s*%?\s*$")
_NINES = re.compile(r"^\s*(?P<nines>\d{1,2})\s*N\s*(?P<tail>\d?)\s*\+?\s*$", re.IGNORECASE)

AT_LEAST = {">=", "≥", "min", "min.", "at least", "不低于", "不小于"}
MORE_THAN = {">", "more than", "大于"}
AT_MOST = {"<=", "≤", "max", "max.", "at most", "不高于", "不大于"}
LESS_THAN = {"<", "less than", "小于"}

_YES = {"yes", "true", "y", "1", "是"}
_NO = {"no", "false", "n", "0", "否"}


def nines(count: int, tail: str = "") -> float:
    """A grade in nines as a percentage: 4N is 99.99, 4N5 is 99.995."""
    whole = 100 - 10.0 ** (2 - count)
    return round(whole + (int(tail) * 10.0 ** (1 - count) if tail else 0.0), 12)


def bounded(number: float, op: str) -> float | Interval:
    """A number with its sign of comparison, as a point or an interval."""
    op = op.casefold().strip()
    if op in AT_LEAST:
        return Interval(number, math.inf)
    if op in MORE_THAN:
        return Interval(number, math.inf, low_open=True)
    if op in AT_MOST:
        return Interval(-math.inf, number)
    if op in LESS_THAN:
        return Interval(-math.inf, number, high_open=True)
    return number


def number_of(text: str) -> float:
    """The number that digits with separators write."""
    return float(text.replace(",", "").replace(" ", ""))


@cache
def _by_name(which: str) -> dict[str, str]:
    table: dict[str, Form] = forms() if which == "form" else shapes()
    return {fold(name): form.id for form in table.values() for name in (form.id, *form.en, *form.zh)}


def read_value(name: str, raw: Any) -> Value | None:
    """One fact's value, in the unit that its name carries; ``None`` stays unknown.

    Raises
    ------
    BadInput
        When the value is not of the fact's form, out of its range, or in a unit of another quantity.
    """
    if raw is None:
        return None
    parameter = parameter_of(name)
    match parameter.type:
        case "kind":
            return kinds().resolve(str(raw)).id
        case "kinds":
            items = cast("Iterable[Any]", raw) if isinstance(raw, list | tuple) else [raw]
            return frozenset(kinds().resolve(str(item)).id for item in items)
        case "choice":
            return _choice(parameter, raw)
        case "yes_no":
            return yes_no(name, raw)
        case _:
            if _is_purity(name) and _is_fraction(raw):
                raise BadInput(
                    f"{float(raw):g} is a purity of at most one per cent",
                    where=f"field {name}",
                    expected="per cent, such as 99.99",
                    remedy="a fraction or a percent cell of Excel is written as 100 times its value",
                )
            return _in_range(parameter, _number(parameter, raw))


_BARE_FRACTION = re.compile(r"^\s*(?:0?\.\d+|1(?:\.0*)?)\s*$")


def _is_fraction(raw: Any) -> bool:
    """Whether a purity is given as a fraction of one, as a number or as bare digits."""
    if isinstance(raw, str):
        return _BARE_FRACTION.match(raw) is not None and float(raw) > 0
    return isinstance(raw, int | float) and not isinstance(raw, bool) and 0 < raw <= 1


def _is_purity(name: str) -> bool:
    return name.startswith("purity")


def yes_no(name: str, raw: Any) -> bool | None:
    """A yes or a no."""
    if raw is None or isinstance(raw, bool):
        return raw
    word = str(raw).strip().casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise BadInput(
        f"{raw!r} is neither yes nor no", where=f"field {name}", expected="true, false, or nothing when it is not known"
    )


def _choice(parameter: Parameter, raw: Any) -> Value:
    if isinstance(raw, list | tuple):
        return frozenset(str(_choice(parameter, item)) for item in cast("Iterable[Any]", raw))
    word = fold(str(raw))
    if parameter.name in {"form", "shape"}:
        found = _by_name(parameter.name).get(word)
        if found:
            return found
    for value, zh in zip(parameter.values, parameter.zh_values or parameter.values, strict=True):
        if word in {fold(value), fold(zh)}:
            return value
    raise BadInput(f"{raw!r} is no value of {parameter.name}", expected="one of " + ", ".join(parameter.values))


def _number(parameter: Parameter, raw: Any) -> float | Interval:
    if isinstance(raw, bool | date):
        raise BadInput(f"{raw!r} is no number", where=f"field {parameter.name}", expected=_expected(parameter))
    if isinstance(raw, int | float):
        if math.isnan(raw):
            raise BadInput("the value is not a number", where=f"field {parameter.name}", expected=_expected(parameter))
        return float(raw)
    if isinstance(raw, Interval):
        return raw
    if isinstance(raw, list | tuple):
        pair = [_number(parameter, item) for item in cast("Iterable[Any]", raw)]
        if len(pair) == 2 and isinstance(pair[0], float) and isinstance(pair[1], float) and pair[0] <= pair[1]:
            return Interval(pair[0], pair[1])
        raise BadInput(f"{raw!r} is no range", where=f"field {parameter.name}", expected="two numbers, the lower first")
    text = str(raw)
    if _DECIMAL_COMMA.match(text):
        raise BadInput(
            f"{text!r} has a decimal comma",
            where=f"field {parameter.name}",
            expected=f"a point: {text.replace(',', '.')}",
        )
    if parameter.unit == "%" and (grade := _NINES.match(text)):
        return Interval(nines(int(grade["nines"]), grade["tail"]), 100.0)
    match = _VALUE.match(text)
    if not match:
        raise BadInput(f"{text!r} is no number", where=f"field {parameter.name}", expected=_expected(parameter))
    unit = match["unit"]

    def converted(digits: str) -> float:
        if not unit:
            return number_of(digits)
        try:
            return to_unit(number_of(digits), unit, parameter.unit)
        except BadInput as error:
            raise error.at(f"field {parameter.name}") from None

    if match["upper"]:
        return Interval(converted(match["number"]), converted(match["upper"]))
    return bounded(converted(match["number"]), match["op"] or "")


def _expected(parameter: Parameter) -> str:
    return (
        f"a number in {parameter.unit}, or text with a unit such as '5 {parameter.unit}'"
        if parameter.unit
        else "a number"
    )


def _in_range(parameter: Parameter, value: float | Interval) -> float | Interval:
    low, high = (value.low, value.high) if isinstance(value, Interval) else (value, value)
    floor = -math.inf if "deg" in parameter.unit and "temperature" in parameter.name else 0.0
    share = parameter.unit == "%" and parameter.name not in {"elongation_pct", "tensile_strain_at_break_pct"}
    ceiling = 100.0 if share else math.inf
    if (low != -math.inf and low < floor) or (high != math.inf and high > ceiling):
        shown = value if isinstance(value, Interval) else f"{value:g}"
        bounds = "between 0 and 100" if share else "0 or more"
        raise BadInput(
            f"{shown} is out of range",
            where=f"field {parameter.name}",
            expected=f"{bounds} ({parameter.unit or 'a ratio'})",
        )
    if isinstance(value, Interval):
        return Interval(
            max(value.low, floor),
            min(value.high, ceiling),
            value.low_open and low != -math.inf,
            value.high_open and high != math.inf,
        )
    return value


def read_facts(raw: dict[str, Any]) -> dict[str, Value]:
    """Facts as given, by name, in the units of their names; what is null stays out.

    ``content_wt_pct`` may be a mapping of elements; ``content_wt_pct.W`` names one.

    Raises
    ------
    BadInput
        For an unknown fact, a wrong unit or a value out of range, naming the field.
    """
    facts: dict[str, Value] = {}
    numbers, words = _plain_numbers(), _plain_words()
    for name, value in raw.items():
        if value.__class__ is float:
            if name in numbers and 0.0 <= value <= 100.0 and (value > 1.0 or not _is_purity(name)):
                facts[name] = value
                continue
        elif value.__class__ is str:
            if name in words and value in words[name]:
                facts[name] = value
                continue
        elif value is None:
            continue
        elif name == "content_wt_pct" and isinstance(value, dict):
            facts |= _shares(cast("dict[str, Any]", value))
            continue
        try:
            got = read_value(name, value)
        except BadInput as error:
            raise error if error.where else error.at(f"field {name}") from None
        if got is not None:
            facts[name] = got
    return facts


def _shares(raw: dict[str, Any]) -> dict[str, Value]:
    """Shares of elements, by the names of their facts."""
    facts: dict[str, Value] = {}
    for element, share in raw.items():
        if element not in ELEMENTS:
            raise BadInput(
                f"{element!r} is no chemical element", where="field content_wt_pct", expected="a symbol such as W"
            )
        got = read_value(f"content_wt_pct.{element}", share)
        if got is not None:
            facts[f"content_wt_pct.{element}"] = got
    return facts


@cache
def _plain_words() -> dict[str, frozenset[str]]:
    """Facts whose words need no further reading: ids of kinds, values of choices."""
    from orepass.goods.parameters import parameters

    known: dict[str, frozenset[str]] = {}
    for parameter in parameters().values():
        if parameter.type == "kind":
            known[parameter.name] = frozenset(kinds().by_id)
        elif parameter.type == "choice":
            known[parameter.name] = frozenset(parameter.values)
    return known


@cache
def _plain_numbers() -> frozenset[str]:
    """Facts whose plain numbers from 0 to 100 need no further reading."""
    from orepass.goods.parameters import parameters

    return frozenset(p.name for p in parameters().values() if p.type == "number")
