"""Pictures drawn as SVG: spells of days as a strip, counts as a bar, owners as a tree; the sheet colours them by class."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from markupsafe import Markup, escape

WIDTH, STRIP, TICK = 960, 34, 20
_LETTER = 7.3


class Part(NamedTuple):
    """A part of a strip: from a day to the day before the next part, its class, what it is called."""

    first: date
    after: date
    kind: str
    name: str


def strip(parts: Sequence[Part], title: str, here: date | None = None) -> Markup:
    """Spells of days side by side, with the years below; the place of a day is framed.

    Parameters
    ----------
    parts
        The spells in order, without gaps.
    title
        What the picture says, for those who do not see it.
    here
        A day to be marked.
    """
    if not parts:
        return Markup("")
    start, end = parts[0].first, parts[-1].after
    days = max((end - start).days, 1)

    def x(day: date) -> float:
        return round(WIDTH * (day - start).days / days, 1)

    drawn: list[str] = []
    for part in parts:
        left, width = x(part.first), max(x(part.after) - x(part.first), 1.0)
        drawn.append(
            f'<rect class="f-{escape(part.kind)}" x="{left}" y="4" width="{width}" height="{STRIP - 8}">'
            f"<title>{escape(part.name)}</title></rect>"
        )
    for year in range(start.year + 1, end.year + 1):
        place = x(date(year, 1, 1))
        drawn.append(f'<line class="line" x1="{place}" y1="0" x2="{place}" y2="{STRIP + 5}"/>')
        if place + 40 < WIDTH:
            drawn.append(f'<text class="soft" x="{place + 4}" y="{STRIP + 15}">{year}</text>')
    if here is not None and start <= here <= end:
        drawn.append(f'<rect class="here" x="{max(x(here) - 2, 1)}" y="1" width="5" height="{STRIP - 2}"/>')
    return Markup(
        f'<svg viewBox="0 0 {WIDTH} {STRIP + TICK}" role="img" aria-label="{escape(title)}">{"".join(drawn)}</svg>'
    )


def swatch(kind: str) -> Markup:
    """A little square of a colour, for a key."""
    return Markup(
        f'<svg width="14" height="14" aria-hidden="true"><rect class="f-{escape(kind)}" width="14" height="14"/></svg>'
    )


def bar(share: float) -> Markup:
    """A bar of a share between 0 and 1."""
    length = round(100 * min(max(share, 0.0), 1.0), 2)
    return Markup(
        '<svg width="112" height="10" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="f-absent" width="100" height="10"/><rect class="f-bar" width="{length}" height="10"/></svg>'
    )


class Holds(NamedTuple):
    """One holding as the picture of owners shows it."""

    owner: str
    owned: str
    share: str


_BOX, _HIGH, _GAP, _ROW = 176, 40, 24, 96
_FITS = 21


def owners_picture(links: Sequence[Holds], listed: frozenset[str], company: str) -> Markup:
    """Owners above what they own: a party stands as many rows up as the longest chain from it down, the listed ones framed."""
    rows = _rows(links)
    places: dict[str, tuple[float, float]] = {}
    widest = max(len(row) for row in rows)
    width = max(widest * (_BOX + _GAP) + _GAP, 2 * _BOX)
    for level, row in enumerate(rows):
        left = (width - len(row) * (_BOX + _GAP) + _GAP) / 2
        for at, name in enumerate(row):
            places[name] = (left + at * (_BOX + _GAP), 8 + level * _ROW)
    drawn: list[str] = []
    for link in links:
        (x1, y1), (x2, y2) = places[link.owner], places[link.owned]
        x1, x2, y1 = x1 + _BOX / 2, x2 + _BOX / 2, y1 + _HIGH
        drawn.append(f'<line class="edge" x1="{x1:.0f}" y1="{y1:.0f}" x2="{x2:.0f}" y2="{y2:.0f}"/>')
        at = 0.4
        x, y = x1 + (x2 - x1) * at, y1 + (y2 - y1) * at
        drawn.append(f'<text class="soft" x="{x + 5:.0f}" y="{y + 4:.0f}">{escape(link.share or "?")}</text>')
    for name, (x, y) in places.items():
        kind = "f-prohibited" if name in listed else "f-bar" if name == company else "f-absent"
        short = name if len(name) <= _FITS else f"{name[: _FITS - 1]}…"
        drawn.append(
            f'<g><title>{escape(name)}</title><rect class="card" x="{x:.0f}" y="{y:.0f}" width="{_BOX}" height="{_HIGH}" rx="3"/>'
            f'<rect class="{kind}" x="{x:.0f}" y="{y:.0f}" width="6" height="{_HIGH}"/>'
            f'<text x="{x + 14:.0f}" y="{y + 25:.0f}">{escape(short)}</text></g>'
        )
    height = 16 + (len(rows) - 1) * _ROW + _HIGH
    title = "; ".join(f"{link.owner} {link.share or '?'} {link.owned}" for link in links)
    return Markup(
        f'<svg viewBox="0 0 {width:.0f} {height}" width="{width:.0f}" role="img" aria-label="{escape(title)}">{"".join(drawn)}</svg>'
    )


def _rows(links: Sequence[Holds]) -> list[list[str]]:
    """Parties by row, owners first; a circle stays on the rows that its first links gave it."""
    names = list(dict.fromkeys(name for link in links for name in (link.owner, link.owned)))
    depth = dict.fromkeys(names, 0)
    for _ in range(min(len(names), 12)):
        for link in links:
            if depth[link.owned] <= depth[link.owner] < len(names):
                depth[link.owned] = min(depth[link.owner] + 1, 11)
    levels = sorted(set(depth.values()))
    return [[name for name in names if depth[name] == level] for level in levels]
