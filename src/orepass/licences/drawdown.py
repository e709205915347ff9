"""Draw-down: what a release takes from a licence, what a hold reserves on it, and giving back.

Exact decimals; a licence never goes below zero.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Literal

from orepass.licences.declaration import Drawn
from orepass.licences.licence import Allowance, Licence

Hold = Literal["drawn", "reserved"]


class OverdrawnError(ValueError):
    """More would be drawn than is left: a fault of the program, since the gate has looked before."""


def draw(licence: Licence, drawn: Iterable[Drawn], how: Hold, declaration: str, *, first: bool, day: date) -> Licence:
    """Take amounts from a licence, or reserve them.

    ``first``: the declaration is not on the licence yet, so that it counts as one export. It does so also while held: a single licence
    is for one lot.
    """
    allowances = {part.line: part for part in licence.allowances}
    registered = {export.id: export for export in licence.registered}
    for part in drawn:
        allowances[part.allowance] = _take(allowances[part.allowance], part.quantity, part.value or Decimal(0), how)
        if part.registered is not None:
            export = registered[part.registered]
            registered[part.registered] = export.model_copy(update={"used_by": declaration})
    return licence.with_(
        allowances=tuple(allowances.values()),
        registered=tuple(registered.values()),
        exports=licence.exports + (1 if first else 0),
        last_export=max(day, licence.last_export) if licence.last_export else day,
    )


def give_back(licence: Licence, drawn: Iterable[Drawn], how: Hold, declaration: str, *, last: bool) -> Licence:
    """Give amounts back to a licence. ``last``: nothing of the declaration stays on it."""
    allowances = {part.line: part for part in licence.allowances}
    registered = {export.id: export for export in licence.registered}
    for part in drawn:
        allowances[part.allowance] = _take(allowances[part.allowance], -part.quantity, -(part.value or Decimal(0)), how)
        if last and part.registered is not None and registered[part.registered].used_by == declaration:
            export = registered[part.registered]
            registered[part.registered] = export.model_copy(update={"used_by": None})
    return licence.with_(
        allowances=tuple(allowances.values()),
        registered=tuple(registered.values()),
        exports=licence.exports - (1 if last else 0),
    )


def _take(allowance: Allowance, quantity: Decimal, value: Decimal, how: Hold) -> Allowance:
    field = f"{how}_value"
    amount: Decimal = getattr(allowance, how) + quantity
    worth: Decimal = getattr(allowance, field) + value
    taken = allowance.model_copy(update={how: amount, field: worth})
    left, left_value = taken.left, taken.left_value
    over = amount < 0 or worth < 0
    if quantity > 0:
        over = over or (left is not None and left < 0) or (left_value is not None and left_value < 0)
    if over:
        raise OverdrawnError(f"good {allowance.line}: {quantity} of {left}")
    return taken
