"""The demo's chart as SVG: a strip of months for each commodity, bars for what arrived, colours for what the law said."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import groupby

from orepass.demo.replay import CHANGED, Cell

LABELS = {
    "prohibited": "prohibited",
    "refusal_presumed": "refused in principle",
    "licence_required": "licence required",
    "law_unknown": "law of that time not read",
    "needs_facts": "depends on a fact that the figures lack",
    "exempt": "exempt",
    "not_controlled": "not controlled",
    CHANGED: "the law changed within the month",
}
WIDTH, LEFT, RIGHT, TOP = 1080, 228, 84, 26
ROW, BAR = 62, 44


def kilograms(amount: float | None) -> str:
    """An amount as people say it."""
    if amount is None:
        return "not in the source"
    if amount >= 1_000_000:
        return f"{amount / 1_000_000:,.1f} kt"
    if amount >= 10_000:
        return f"{amount / 1000:,.0f} t"
    return f"{amount / 1000:,.1f} t" if amount >= 1000 else f"{amount:,.0f} kg"


def _row(cells: Sequence[Cell], top: float, step: float) -> list[str]:
    name = cells[0].commodity.name
    known = [c.arrival.china_kg for c in cells if c.arrival.china_kg is not None]
    peak = max(known, default=0.0)
    parts = [
        f'<text class="name" x="{LEFT - 12}" y="{top + BAR - 14:.0f}" text-anchor="end">{escape(name)}</text>',
        f'<text class="small" x="{LEFT - 12}" y="{top + BAR + 2:.0f}" text-anchor="end">'
        f"{'peak month ' + kilograms(peak) if peak else 'no split by origin'}</text>",
    ]
    for place, cell in enumerate(cells):
        x = LEFT + place * step
        amount = cell.arrival.china_kg
        said = "; ".join(
            f"from {v.since}: {LABELS[v.outcome]}"
            + (f" ({', '.join(v.conditions).replace('_', ' ')})" if v.conditions else "")
            for v in cell.verdicts
        )
        tip = escape(f"{name}, {cell.month}: {kilograms(amount)} of Chinese origin. {said}")
        height = BAR * amount / peak if amount and peak else 0.0
        parts.append(
            f'<g><title>{tip}</title><rect class="band o-{cell.outcome}" x="{x:.1f}" y="{top:.1f}" width="{step:.2f}" height="{BAR}"/>'
            f'<rect class="bar o-{cell.outcome}" x="{x + 1.5:.1f}" y="{top + BAR - height:.1f}" width="{step - 3:.1f}" '
            f'height="{height:.1f}"/></g>'
        )
    last = next((c for c in reversed(cells) if c.arrival.china_kg is not None), None)
    if last is not None:
        parts.append(
            f'<text class="small" x="{LEFT + len(cells) * step + 8:.0f}" y="{top + BAR - 2:.0f}">{kilograms(last.arrival.china_kg)}</text>'
        )
    return parts


def chart(cells: Sequence[Cell]) -> str:
    """The whole chart."""
    rows = [list(group) for _, group in groupby(cells, key=lambda cell: cell.commodity.hts10)]
    months = [cell.month for cell in rows[0]]
    step = (WIDTH - LEFT - RIGHT) / len(months)
    height = TOP + len(rows) * ROW + 24
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="Kilograms of Chinese origin that arrived in the United '
        f'States by month, coloured by what Chinese law said of such a shipment">',
        f'<text class="small" x="{LEFT + len(months) * step + 8:.0f}" y="{TOP - 8}">in {months[-1]}</text>',
    ]
    for place, month in enumerate(months):
        if month.endswith("-01"):
            x = LEFT + place * step
            parts.append(f'<line class="year" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 18}" y2="{height - 18}"/>')
            parts.append(f'<text class="small" x="{x + 4:.1f}" y="{TOP - 8}">{month[:4]}</text>')
    for number, row in enumerate(rows):
        parts += _row(row, TOP + number * ROW, step)
    parts.append("</svg>")
    return "\n".join(parts)
