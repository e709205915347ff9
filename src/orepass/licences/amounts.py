"""Quantities in exact decimals, and one unit turned into another."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from functools import cache

from orepass.goods.parameters import units

_PLACES = Decimal("0.000001")
_PIECES: dict[str, str] = {name: "pcs" for name in ("pcs", "pc", "piece", "pieces", "unit", "units", "件", "台", "个")}  # noqa: C420
_SETS: dict[str, str] = {name: "set" for name in ("set", "sets", "套")}  # noqa: C420
_COUNTED = _PIECES | _SETS
"""A set is no piece: nobody says how many it holds."""
_UPPER = {"KG": "kg", "T": "t", "L": "l"}


@cache
def _factors() -> dict[str, dict[str, Decimal]]:
    """For each measure (kg, l, m ...) what one unit as it is written is worth of it."""
    found: dict[str, dict[str, Decimal]] = {}
    for unit in units():
        for written in unit.write:
            found.setdefault(unit.of, {})[written] = Decimal(str(unit.factor))
    return found


_MEASURES = ("kg", "l", "m3", "m", "mm", "cm2")


def converted(quantity: Decimal, unit: str, into: str) -> Decimal | None:
    """A quantity in another unit, rounded up to a millionth; ``None`` where the two do not measure the same thing.

    Rounding up never lets more leave than a licence holds.
    """
    unit, into = _UPPER.get(unit, unit), _UPPER.get(into, into)
    if unit == into:
        return quantity
    if unit in _COUNTED or into in _COUNTED:
        return quantity if _COUNTED.get(unit) == _COUNTED.get(into) else None
    for measure in _MEASURES:
        factors = _factors().get(measure, {})
        if unit in factors and into in factors:
            worth = quantity * factors[unit] / factors[into]
            return worth.quantize(_PLACES, rounding=ROUND_CEILING)
    return None
