"""The law replayed over real imports: what it said on each day of a month, and how much arrived in that month."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import groupby
from typing import NamedTuple

from orepass.determination.determine import determine
from orepass.determination.rulebook import OUTCOMES
from orepass.determination.transaction import transaction
from orepass.law.timeline import Law
from orepass.trade.sources import Arrival, Commodity, commodities, us_imports

CHANGED = "law_changed_in_month"
"""The figures are monthly: a month in which the law changed cannot be split, so it is told apart."""

TOLD = (*reversed(OUTCOMES), CHANGED)


class Verdict(NamedTuple):
    """What the law said of such a shipment from one day on."""

    since: date
    outcome: str
    conditions: tuple[str, ...]
    rules: tuple[str, ...]


class Cell(NamedTuple):
    """One commodity in one month."""

    commodity: Commodity
    month: str
    verdicts: tuple[Verdict, ...]
    arrival: Arrival

    @property
    def outcome(self) -> str:
        """The one outcome of the month, or that the law changed in it."""
        return self.verdicts[0].outcome if len({v.outcome for v in self.verdicts}) == 1 else CHANGED


class Span(NamedTuple):
    """Months in a row with the same answer."""

    commodity: Commodity
    first: str
    last: str
    outcome: str
    verdicts: tuple[Verdict, ...]
    kilograms: float | None
    months: int


def _month(text: str) -> tuple[date, date]:
    year, month = (int(part) for part in text.split("-"))
    first = date(year, month, 1)
    following = date(year + month // 12, month % 12 + 1, 1)
    return first, following - timedelta(days=1)


def verdicts(commodity: Commodity, first: date, last: date, law: Law) -> tuple[Verdict, ...]:
    """What the law said of a shipment from China to the United States on each day from first to last; runs of the same answer once."""
    found: list[Verdict] = []
    days = [first, *(b for b in law.boundaries if first < b <= last)]
    for day in days:
        document = {"date": day, "from": "CN", "to": "US", "lines": [{"facts": commodity.facts}]}
        answer = determine(transaction(document), law)
        conditions = tuple(c for c in answer.conditions if c != "no_entry_found")
        verdict = Verdict(day, answer.outcome, conditions, tuple(reason.rule for reason in answer.reasons))
        if not found or found[-1][1:3] != verdict[1:3]:
            found.append(verdict)
    return tuple(found)


def replay(law: Law) -> list[Cell]:
    """Every commodity and month of the figures, with what the law said."""
    names = {commodity.hts10: commodity for commodity in commodities()}
    return [
        Cell(names[arrival.hts10], arrival.month, verdicts(names[arrival.hts10], *_month(arrival.month), law), arrival)
        for arrival in us_imports()
    ]


def spans(cells: Iterable[Cell]) -> list[Span]:
    """Months in a row with the same answer, commodity by commodity."""
    out: list[Span] = []
    for _, group in groupby(
        cells, key=lambda cell: (cell.commodity.hts10, [verdict[1:3] for verdict in cell.verdicts])
    ):
        run = list(group)
        known = [cell.arrival.china_kg for cell in run if cell.arrival.china_kg is not None]
        first = run[0]
        total = sum(known) if known else None
        out.append(Span(first.commodity, first.month, run[-1].month, first.outcome, first.verdicts, total, len(run)))
    return out


def totals(cells: Iterable[Cell]) -> dict[str, dict[str, float]]:
    """Kilograms of Chinese origin by commodity and outcome."""
    table: dict[str, dict[str, float]] = {}
    for cell in cells:
        row = table.setdefault(cell.commodity.name, {})
        if cell.arrival.china_kg is not None:
            row[cell.outcome] = row.get(cell.outcome, 0.0) + cell.arrival.china_kg
    return table
