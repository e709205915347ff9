"""The chemical elements: symbols, names in English and Chinese, standard atomic weights."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from orepass.factfiles import FACTS, read_table


class Element(NamedTuple):
    """One element; ``weight`` is its standard atomic weight in g/mol."""

    symbol: str
    en: str
    zh: str
    weight: float


@cache
def elements() -> dict[str, Element]:
    """Every element by its symbol."""
    rows = read_table(FACTS / "goods" / "elements.csv")
    return {row["symbol"]: Element(row["symbol"], row["en"], row["zh"], float(row["weight"])) for row in rows}


@cache
def weights() -> dict[str, float]:
    """Standard atomic weights by symbol, g/mol."""
    return {symbol: element.weight for symbol, element in elements().items()}


ELEMENTS = frozenset(elements())
"""Symbols of the chemical elements."""
