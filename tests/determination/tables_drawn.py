"""Random tables for the tests of screening: missing facts, edges of windows, all countries, words that cannot be read."""

from __future__ import annotations

import random
from datetime import date, timedelta
from functools import cache
from typing import Any

import pyarrow as pa

from orepass.law.timeline import Law
from orepass.places import codes


@cache
def law() -> Law:
    """The packaged law, read once."""
    return Law.load()


@cache
def _days() -> list[date]:
    edges = [b + timedelta(days=step) for b in law().boundaries for step in (-1, 0, 1)]
    horizon = [law().facts.read_from, law().facts.read_to, date(2026, 11, 22), date(2028, 2, 29), date(1999, 12, 31)]
    return [day for day in (*edges, *horizon) if day > date(1990, 1, 1)]


@cache
def _listed() -> list[str]:
    return [name for listing in law().facts.listings for name in (listing.name.en, listing.name.zh) if name]


HS = ["8110101000", "811010", "2825800010", "7204100000", "850511", "2846901910", "8486100000", "0207140000", "380110",
      "2804.50", "811292", "11", "999999", "8112 92", "abc", "8541430000", "270900"]  # fmt: skip
DESCRIPTIONS = [
    "antimony ingot 99.65%", "gallium, 镓", "tungsten carbide powder 3 um", "钕铁硼磁体 Dy 2%", "steel bolts", "氧化镝 99.5%",
    "artificial graphite block 300x200x100 mm, 1.8 g/cm3", "graphite electrode to MP Materials", "W 60% Cu alloy rod",
    "lithium iron phosphate cathode material", "made in Japan, gallium arsenide wafer", "China-origin dysprosium metal",
    "indium phosphide wafers for military radar", "antimony trioxide 99.8% flame retardant", "???", "free of antimony", "Sb2O3 / Sb",
    "technology for rare earth smelting", "software for magnet design", "scrap", "bismuth or tellurium", "x" * 30, "  ",
    "tungsten 97% nickel 2% iron 1% rod diameter 130 mm length 200 mm", "98% molybdenum powder 20 micron", "TREO 99% Tb4O7",
]  # fmt: skip
SUBSTANCES = ["antimony", "锑", "Antimony trioxide", "gallium", "tungsten", "tungsten-alloy", "dysprosium-oxide", "ndfeb-magnet",
              "natural-flake-graphite", "artificial-graphite", "copper", "nosuchstuff", "synthetic-diamond", "bismuth", "zirconium",
              "molybdenum", "indium-phosphide", "tellurium", "dual-use-item"]  # fmt: skip
CHOICES: dict[str, list[Any]] = {
    "known": ["2024-01-01", "2025-02-03", "2025-11-10", "2026-11-20", "soon"],
    "act": ["export", "re_export", "transfer_inside", "into_bonded", "out_of_bonded", "transit", "domestic", "theft", "import"],
    "from": ["CN", "China", "HK", "JP", "MY", "中国", "nowhere", "US"],
    "origin": ["CN", "JP", "Japan", "US", "Elbonia"],
    "via": ["MX", "MX; VN", "Atlantis", "HK;TW"],
    "kind": ["goods", "technology", "software", "service", "thing"],
    "entry": ["3C003.b", "3C003", "1C111", "1C908.a.1", "9Z999", "3c003", "5A101"],
    "hs": HS,
    "unit": ["kg", "t", "pcs", "buckets"],
    "form": ["ingot", "powder", "粉末", "wafer", "block", "cloud"],
    "article": ["sputtering-target", "mpcvd-equipment", "lithium-ion-battery", "cubic-press"],
    "shape": ["block", "cylinder", "tube", "hollow-cylinder"],
    "consignee": ["Plain Buyer", "somebody", "TDK Corporation"],
    "end_user_military": ["yes", "no", "是", "maybe"],
    "end_user_owner": ["MP Materials", "Huntington Ingalls Industries", "Nobody Holding"],
    "end_user_owner_share": ["50%", "0.3-0.6", "0.5", "lots", "10-60%"],
    "end_use": ["flame retardant", "missile guidance", "军事用途", "for medical emergency", "weapons of mass destruction"],
    "end_use_military": ["yes", "no", "2"],
    "purpose": ["disaster_relief", "medical_emergency", "other", "fun"],
    "public_domain_technology": ["yes", "no"],
    "quantity": ["12", "-1", "1,000", "many", "3.5"],
}  # fmt: skip
NUMBERS: dict[str, list[float]] = {
    "purity_pct": [99.0, 99.65, 99.9, 99.95, 99.99, 99.999, 100.0, 0.9999, -4.0, 101.0, 90.0],
    "density_g_cm3": [1.6, 1.73, 1.8, 17.5, 18.0, -1.0],
    "particle_size_um": [5.0, 50.0, 60.0, 500.0, 1e9],
    "length_mm": [40.0, 120.0, 150.0, 200.0],
    "width_mm": [50.0, 120.0, 200.0],
    "thickness_mm": [49.0, 50.0, 120.0, 200.0],
    "diameter_mm": [76.2, 120.0, 130.0],
    "content_wt_pct.W": [60.0, 96.9, 97.0, 98.0],
    "content_wt_pct.Dy": [0.0, 0.5, 2.0],
    "content_wt_pct.Ni": [1.0, 2.0, 40.0],
    "flexural_strength_mpa": [20.0, 30.0, 35.0],
    "china_content_value_pct": [0.0, 0.09, 0.1, 0.11, 5.0],
    "logic_node_nm": [7.0, 14.0, 28.0],
    "design_pressure_gpa": [4.0, 5.0, 6.0],
    "value": [0.0, -3.0, 780000.0],
}


def _texts(seed: random.Random, column: str) -> list[Any]:
    if column in {"to", "end_user_country", "consignee_country"}:
        return [*sorted(codes()), "United States", "美国", "Narnia", "JP", "JP", "US", "US", "US", "CN", "HK"]
    if column == "end_user":
        return [*seed.sample(_listed(), 12), "Plain Buyer", "Another Buyer", "MP Materials", "TDK Corporation"]
    if column == "description":
        return DESCRIPTIONS
    if column == "substance":
        return SUBSTANCES
    return CHOICES[column]


COLUMNS = (*CHOICES, *NUMBERS, "to", "end_user", "end_user_country", "consignee_country", "description", "substance")


def drawn_table(seed: int, rows: int = 200) -> pa.Table:
    """A table with some of the columns; each column is empty for some of the rows, and some rows cannot be read.

    Parameters
    ----------
    seed
        The same seed gives the same table.
    rows
        How many.
    """
    draw = random.Random(seed)
    picked = draw.sample(COLUMNS, draw.randint(2, 12))
    picked += [
        name
        for name in ("to", "substance", "purity_pct", "description", "hs")
        if draw.random() < 0.6 and name not in picked
    ]
    columns: dict[str, Any] = {"id": pa.array(range(rows))}
    days = [draw.choice(_days()) for _ in range(rows)]
    if draw.random() < 0.2:
        columns["date"] = pa.array(
            [draw.choice([day.isoformat(), day.isoformat(), "2025-02-30", None]) for day in days]
        )
    else:
        columns["date"] = pa.array(days, pa.date32())
    for name in picked:
        missing = draw.choice([0.1, 0.5, 0.9])
        if name in NUMBERS:
            fine = draw.random() < 0.3
            pool = NUMBERS[name]
            cells = [
                None if draw.random() < missing else (draw.uniform(min(pool), max(pool)) if fine else draw.choice(pool))
                for _ in range(rows)
            ]
            if draw.random() < 0.25:
                columns[name] = pa.array(
                    [
                        None if cell is None else draw.choice([f"{cell}", f">= {cell}", f"{cell} ", "n/a"])
                        for cell in cells
                    ]
                )
            else:
                columns[name] = pa.array(cells, pa.float64())
        else:
            pool = _texts(draw, name)
            columns[name] = pa.array(
                [None if draw.random() < missing else draw.choice(pool) for _ in range(rows)], pa.string()
            )
    return pa.table(columns)
