"""Where a text speaks against itself: the name says one thing, the formula, the CAS number or the figures another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orepass.goods.description import Conflict
from orepass.goods.formula import NotAFormula, parse
from orepass.goods.kinds import Kind, Relation, kinds
from orepass.goods.measures import Measure
from orepass.goods.parameters import Interval, Value, parameters, reading

if TYPE_CHECKING:
    from orepass.goods.describe import Reader

_SAID_OFTEN = 256
"""Of one text no more figures are compared."""


def find_conflicts(reader: Reader, shares: list[Measure]) -> list[Conflict]:
    """Everything in the text that cannot be so together."""
    found: list[Conflict] = []
    substance = next((read for read in reader.reads if read.fact == "substance"), None)
    if substance is not None:
        kind = kinds().by_id[str(substance.value)]
        place = (substance.start, substance.end)
        found += _by_cas(reader, kind, place)
        if kind.root == "substance" and reader.has("contains") is None:
            found += _by_shares(kind, place, shares[:_SAID_OFTEN])
    found += _too_much(shares[:_SAID_OFTEN])
    found += _twice(reader, shares[:_SAID_OFTEN])
    return found


def _by_cas(reader: Reader, kind: Kind, place: tuple[int, int]) -> list[Conflict]:
    """A CAS number of another substance than the name's."""
    net = kinds()
    return [
        Conflict(
            "substance",
            f"the text names {kind.name}, and CAS number {hit.text} is that of {net.by_id[hit.id].name}",
            place,
            (hit.start, hit.end),
        )
        for hit in reader.group("cas")[:8]
        if net.relation(hit.id, kind.id) is Relation.APART and net.relation(kind.id, hit.id) is Relation.APART
    ]


def _pure(kind: Kind) -> dict[str, tuple[float, float]]:
    """The share of each element in the pure substance: lowest and highest."""
    if kind.element:
        return {kind.element: (100.0, 100.0)}
    try:
        shares = parse(kind.formula).shares if kind.formula else {}
    except NotAFormula:
        return {}
    return {s: (v.low, v.high) if isinstance(v, Interval) else (v, v) for s, v in shares.items()}


def _by_shares(kind: Kind, place: tuple[int, int], shares: list[Measure]) -> list[Conflict]:
    """Figures that goods of that name cannot have: much of an element that it does not hold, or more of one than it can hold."""
    pure = _pure(kind)
    if not pure or kind.composition == "open" or {"alloy", "ore"} & kinds().ancestors(kind.id):
        return []
    found: list[Conflict] = []
    for measure in shares:
        symbol = measure.fact.rpartition(".")[2]
        low = measure.value.low if isinstance(measure.value, Interval) else float(measure.value)
        if symbol not in pure and symbol not in kind.may_hold and low > reading().foreign_share_pct:
            says = f"the text names {kind.name}, which holds no {symbol}, and says {_shown(measure.value)} {symbol}"
            found.append(Conflict("substance", says, place, (measure.start, measure.end)))
        elif symbol in pure and not kind.element and low > pure[symbol][1] + 1.0:
            says = f"the text says {_shown(measure.value)} {symbol}, and pure {kind.name} holds no more than {pure[symbol][1]:.1f} %"
            found.append(Conflict(measure.fact, says, place, (measure.start, measure.end)))
    return found


def _shown(value: Value) -> str:
    return f"{value} %" if isinstance(value, Interval) else f"{value:g} %"


def _too_much(shares: list[Measure]) -> list[Conflict]:
    """Shares that add up to more than the whole."""
    lowest: dict[str, tuple[float, Measure]] = {}
    for measure in shares:
        low = measure.value.low if isinstance(measure.value, Interval) else float(measure.value)
        lowest.setdefault(measure.fact, (low, measure))
    total = sum(low for low, _ in lowest.values())
    if total <= 101.0 or len(lowest) < 2:
        return []
    first, last = next(iter(lowest.values()))[1], list(lowest.values())[-1][1]
    says = f"the shares of {', '.join(fact.rpartition('.')[2] for fact in lowest)} add up to {total:g} %"
    return [Conflict("content_wt_pct", says, (first.start, first.end), (last.start, last.end))]


def _twice(reader: Reader, shares: list[Measure]) -> list[Conflict]:
    """The same share said twice with figures that do not meet."""
    found: list[Conflict] = []
    first: dict[str, Measure] = {}
    for measure in shares:
        before = first.setdefault(measure.fact, measure)
        if before is not measure and not _meet(before.value, measure.value):
            name = measure.fact.rpartition(".")[2]
            says = f"the text says {_shown(before.value)} {name} and {_shown(measure.value)} {name}"
            found.append(Conflict(measure.fact, says, (before.start, before.end), (measure.start, measure.end)))
    for fact, one, other in reader.repeated:
        if not _meet(one.value, other.value):
            label = parameters()[fact].en
            says = f"the text says {label} {_plain(fact, one.value)} and {_plain(fact, other.value)}"
            found.append(Conflict(fact, says, (one.start, one.end), (other.start, other.end)))
    return found


def _plain(fact: str, value: Value) -> str:
    return f"{value if isinstance(value, Interval | str) else f'{value:g}'} {parameters()[fact].unit}".strip()


def _meet(one: Value, other: Value) -> bool:
    """Whether two figures can both be so."""
    if not isinstance(one, float | Interval) or not isinstance(other, float | Interval):
        return one == other
    low, high = (one.low, one.high) if isinstance(one, Interval) else (one, one)
    lower, higher = (other.low, other.high) if isinstance(other, Interval) else (other, other)
    return low <= higher and lower <= high
