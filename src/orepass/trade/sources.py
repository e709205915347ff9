"""Trade figures that the project carries: months, numbers, kilograms of Chinese origin. Blank in the source stays ``None``."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from orepass.factfiles import FACTS, read_records, read_table


class Arrival(NamedTuple):
    """US general imports of one number in one month."""

    month: str
    hts10: str
    china_kg: float | None
    china_usd: float | None
    all_kg: float | None


class Commodity(NamedTuple):
    """What an import number covers, as facts on a shipment."""

    hts10: str
    name: str
    covers: str
    zh: str
    facts: dict[str, Any]
    china_split: bool
    source: str


def _number(text: str) -> float | None:
    return float(text) if text else None


@cache
def us_imports() -> tuple[Arrival, ...]:
    """Monthly US imports, 2023 to 2025 (US Census Bureau)."""
    return tuple(
        Arrival(row["month"], row["hts10"], _number(row["china_kg"]), _number(row["china_usd"]), _number(row["all_kg"]))
        for row in read_table(FACTS / "trade" / "us_imports_china_origin.csv")
    )


@cache
def commodities() -> tuple[Commodity, ...]:
    """The numbers that the figures hold."""
    return tuple(
        Commodity(
            r["hts10"], r["name"], r["covers"]["en"], r["covers"]["zh"], r["facts"], r["china_split"], r["source"]
        )
        for r in read_records(FACTS / "trade" / "commodities.yaml")
    )
