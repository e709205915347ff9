"""Declarations drawn with a seed: partners and years as often as in BACI, hits from its codes, the rest from the whole tariff."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
LATER = 2
"""BACI ends two years before the last texts of the law: each of its years stands for one two years later."""
FIRST = 2022
"""Earlier years of BACI are left out: nothing was under control then."""

HITS: dict[str, list[tuple[str, str, str]]] = {
    "250410": [
        ("natural-flake-graphite", "natural flake graphite", "天然鳞片石墨"),
        ("graphite", "graphite powder", "石墨粉"),
    ],
    "250490": [("graphite", "graphite lumps", "石墨块"), ("spherical-graphite", "spherical graphite", "球化石墨")],
    "261710": [("antimony-ore", "antimony ore concentrate", "锑精矿")],
    "280450": [("tellurium", "tellurium ingots", "碲锭"), ("tellurium", "tellurium powder", "碲粉")],
    "280530": [
        ("dysprosium", "dysprosium metal", "金属镝"),
        ("terbium", "terbium metal", "金属铽"),
        ("samarium", "samarium metal", "金属钐"),
        ("yttrium", "yttrium metal", "金属钇"),
    ],
    "284690": [
        ("dysprosium-oxide", "dysprosium oxide", "氧化镝"),
        ("terbium-oxide", "terbium oxide", "氧化铽"),
        ("yttrium-oxide", "yttrium oxide", "氧化钇"),
        ("gadolinium-oxide", "gadolinium oxide", "氧化钆"),
    ],
    "810110": [("tungsten", "tungsten powder", "钨粉")],
    "810600": [("bismuth", "bismuth ingots", "铋锭"), ("bismuth", "bismuth shot", "铋粒")],
    "811230": [("germanium", "germanium ingots", "锗锭"), ("germanium-dioxide", "germanium dioxide", "二氧化锗")],
}
PURITIES = (90.0, 94.5, 99.0, 99.5, 99.65, 99.9, 99.95, 99.99, 99.995, 99.999, 99.9999)
FORMS = ("", ", powder", ", in drums of 250 kg", ", lump 10-50 mm", ", HS as declared", "，吨袋包装")


def _described(rng: np.random.Generator, count: int) -> dict[str, np.ndarray]:
    """Goods of a hit: code, substance, purity, description; the description is one of some thousands, as order books have them."""
    goods = [(hs, *names) for hs, group in HITS.items() for names in group]
    pick = rng.integers(0, len(goods), count)
    purity = rng.choice(np.array(PURITIES), count)
    form = rng.integers(0, len(FORMS), count)
    lot = rng.integers(0, 6, count)
    chinese = rng.random(count) < 0.5
    table: dict[tuple[int, ...], str] = {}
    for g, (_, _, en, zh) in enumerate(goods):
        for p, share in enumerate(PURITIES):
            for f, more in enumerate(FORMS):
                for k in range(6):
                    for z, name in enumerate((en, zh)):
                        table[g, p, f, k, z] = f"{name} {share:g}%{more}" + (f" lot {k}" if k else "")
    shape = (len(goods), len(PURITIES), len(FORMS), 6, 2)
    texts = np.array([table[key] for key in np.ndindex(shape)], dtype=object)
    where = np.ravel_multi_index(
        (pick, np.searchsorted(np.array(PURITIES), purity), form, lot, chinese.astype(int)), shape
    )
    return {
        "hs": np.array([g[0] for g in goods], dtype=object)[pick],
        "substance": np.array([g[1] for g in goods], dtype=object)[pick],
        "purity_pct": purity,
        "text": texts[where],
    }


def draw(rows: int, hit_rate: float, seed: int, chunk: int = 1_000_000) -> Iterator[pa.Table]:
    """Declarations in chunks: the same seed gives the same rows.

    Parameters
    ----------
    rows
        How many.
    hit_rate
        Share of rows whose goods are of a listed kind.
    seed
        Of the generator.
    chunk
        Rows in one table.
    """
    baci = pq.read_table(SHARED / "baci_hs92_controlled_2002_2024.parquet").to_pandas()
    china = baci[(baci["exporter"] == "CHN") & (baci["year"] >= FIRST)]
    iso = _two_letters()
    partners = china["importer"].map(iso).dropna().value_counts()
    years = (china["year"] + LATER).value_counts().sort_index()
    clean = _nomenclature()
    rng = np.random.default_rng(seed)
    done = 0
    while done < rows:
        count = min(chunk, rows - done)
        hit = rng.random(count) < hit_rate
        year = rng.choice(years.index.to_numpy(), count, p=(years / years.sum()).to_numpy())
        start = np.array([(date(int(y), 1, 1) - date(1970, 1, 1)).days for y in years.index])
        day = start[np.searchsorted(years.index.to_numpy(), year)] + rng.integers(0, 365, count)
        goods = _described(rng, count)
        described = hit & (rng.random(count) < 0.1)
        mask = ~hit
        yield pa.table(
            {
                "declaration": pa.array(np.arange(done, done + count)),
                "date": pa.array(day.astype("int32"), pa.int32()).cast(pa.date32()),
                "from": pa.array(np.full(count, "CN", dtype=object), pa.string()),
                "to": pa.array(
                    rng.choice(partners.index.to_numpy(dtype=object), count, p=(partners / partners.sum()).to_numpy()),
                    pa.string(),
                ),
                "hs": pa.array(np.where(hit, goods["hs"], rng.choice(clean, count)), pa.string()),
                "description": pa.array(goods["text"], pa.string(), mask=~described),
                "substance": pa.array(goods["substance"], pa.string(), mask=mask),
                "purity_pct": pa.array(goods["purity_pct"], pa.float64(), mask=mask),
                "consignee": pa.array(_names("Consignee", rng, count), pa.string()),
                "quantity": pa.array(np.round(rng.lognormal(6, 2, count), 1)),
                "unit": pa.array(np.full(count, "kg", dtype=object), pa.string()),
                "value": pa.array(np.round(rng.lognormal(9, 2, count), 2)),
                "currency": pa.array(np.full(count, "USD", dtype=object), pa.string()),
            }
        )
        done += count


_POOL = 20_000


def _names(word: str, rng: np.random.Generator, count: int) -> np.ndarray:
    pool = np.array([f"{word} {number:05d} Trading Ltd" for number in range(_POOL)], dtype=object)
    return pool[rng.integers(0, _POOL, count)]


def _nomenclature() -> np.ndarray:
    import csv

    with (SHARED / "ref_hs2022_nomenclature.csv").open(encoding="utf-8") as handle:
        codes = [row["hscode"] for row in csv.DictReader(handle) if row["level"] == "6" and len(row["hscode"]) == 6]
    return np.array(sorted(code for code in codes if code[:4] not in {hs[:4] for hs in HITS}), dtype=object)


def _two_letters() -> dict[str, str]:
    import csv

    with (SHARED / "ref_country_codes.csv").open(encoding="utf-8") as handle:
        return {
            row["ISO3166-1-Alpha-3"]: row["ISO3166-1-Alpha-2"]
            for row in csv.DictReader(handle)
            if row["ISO3166-1-Alpha-2"] and row["ISO3166-1-Alpha-2"] != "CN"
        }


def write(path: Path, rows: int, hit_rate: float, seed: int = 4) -> Path:
    """Write drawn declarations to a Parquet file, unless it is there already."""
    if not path.exists():
        part = path.with_suffix(".part")
        writer: Any = None
        for table in draw(rows, hit_rate, seed):
            writer = writer or pq.ParquetWriter(part, table.schema)
            writer.write_table(table, row_group_size=122_880)
        writer.close()
        part.replace(path)
    return path
