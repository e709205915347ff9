"""Goods: kinds and their names, facts and their units, shapes, customs numbers, and the reading of descriptions.

``goods.read(text)`` is the door: facts with the characters they were read from, headings, and red flags on a declared number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orepass.goods.reader import Reading


def read(text: str, hs: str | None = None, year: int | None = None) -> Reading:
    """Read what papers say of goods; see :func:`orepass.goods.reader.read_goods`."""
    from orepass.goods.reader import read_goods

    return read_goods(text, hs, year)
