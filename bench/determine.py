"""Determinations a second beside OpenFisca's traced single situation, and how quick the program starts. Prints ratios.

Both sides take distinct single cases one after another on one core, from the plain document to the answer with its reasons; nothing is kept
between cases. Rounds alternate, so that a busy moment of the machine meets both. OpenFisca is installed into ``.bench-openfisca`` (an
environment of its own; test-only) when it is not there yet.

    python bench/determine.py [--rounds 5] [--count 4000]
"""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from orepass import Law, determine, transaction

ROOT = Path(__file__).resolve().parents[1]
OTHER = ROOT / ".bench-openfisca"
VARIABLE = "income_tax"
"""A tax with one scale of rates: about the work of one control entry with its rules."""

GOODS: list[dict[str, Any]] = [
    {"substance": "antimony", "form": "ingot"},
    {"substance": "antimony-trioxide", "form": "powder"},
    {"substance": "gallium"},
    {"substance": "germanium-dioxide"},
    {"substance": "artificial-graphite", "form": "block", "flexural_strength_mpa": 35.0, "density_g_cm3": 1.8},
    {"substance": "natural-flake-graphite"},
    {"substance": "ndfeb-magnet", "content_wt_pct.Dy": 2.0, "content_wt_pct.Tb": 0.0},
    {"substance": "ndfeb-magnet"},
    {
        "substance": "tungsten",
        "form": "block",
        "shape": "block",
        "length_mm": 150.0,
        "width_mm": 150.0,
        "thickness_mm": 60.0,
    },
    {"substance": "tungsten-carbide", "form": "powder"},
    {"substance": "indium-phosphide", "form": "wafer"},
    {"article": "mpcvd-equipment", "microwave_power_kw": 12.0, "microwave_frequency_mhz": 915.0},
    {"substance": "copper", "form": "wire"},
    {"substance": "erbium"},
]


def documents(count: int, seed: int) -> list[dict[str, Any]]:
    """Distinct transactions with facts given, drawn with a seed: no two share date, goods, purity, route and party."""
    draw = random.Random(seed)
    out: list[dict[str, Any]] = []
    for number in range(count):
        facts = dict(draw.choice(GOODS))
        if "substance" in facts:
            facts["purity_pct"] = round(draw.uniform(95, 99.9999), 4)
        day = date(2023, 8, 1) + timedelta(days=draw.randrange(1200))
        country = draw.choice(["US", "DE", "JP", "KR", "VN", "MX", "NL"])
        buyer = {
            "role": "end_user",
            "name": f"Buyer {seed} {number}",
            "country": country,
            "military": draw.choice([None, False, True]),
        }
        line = {"facts": facts, "quantity": round(draw.uniform(1, 9000), 2), "unit": "kg"}
        out.append({"date": day.isoformat(), "from": "CN", "to": country, "lines": [line], "parties": [buyer]})
    return out


def ours(count: int, seed: int, law: Law, *, explained: bool) -> float:
    """Determinations a second: from the document to the outcome with its reasons, or to the whole explained document."""
    cases = documents(count, seed)
    start = time.perf_counter()
    if explained:
        for case in cases:
            determine(transaction(case), law).to_dict()
    else:
        for case in cases:
            answer = determine(transaction(case), law)
            assert answer.outcome and answer.reasons is not None
    return count / (time.perf_counter() - start)


def theirs(count: int) -> float:
    """Traced situations a second on the other side."""
    done = subprocess.run(
        [str(OTHER / "bin" / "python"), str(Path(__file__).with_name("openfisca_side.py")), str(count), VARIABLE],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout.strip().splitlines()[-1])


def install_other_side() -> None:
    if not (OTHER / "bin" / "python").exists():
        subprocess.run([sys.executable, "-m", "venv", str(OTHER)], check=True)
    pip = [
        str(OTHER / "bin" / "python"),
        "-m",
        "pip",
        "install",
        "--quiet",
        "openfisca-country-template==8.2.0",
        "openfisca-core==46.0.1",
    ]
    subprocess.run(pip, check=True)


def seconds(*words: str) -> float:
    """The best of seven runs of a command."""
    best = 9e9
    for _ in range(7):
        start = time.perf_counter()
        subprocess.run([sys.executable, *words], check=True, capture_output=True, cwd=ROOT)
        best = min(best, time.perf_counter() - start)
    return best


def starts() -> None:
    example = ROOT / "docs" / "examples" / "antimony.yaml"
    empty = seconds("-c", "pass")
    imported = seconds("-c", "import orepass")
    checked = seconds("-m", "orepass.cli.main", "check", str(example), "--json")
    print(f"python, nothing done         {empty:6.3f} s")
    print(f"import orepass               {imported:6.3f} s   (goal: under 0.3 s)")
    print(f"orepass check                {checked:6.3f} s   (goal: under 0.8 s)")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--count", type=int, default=4000)
    asked = options.parse_args()
    install_other_side()
    law = Law.load()
    ours(4000, 999, law, explained=False)  # compiles the rule book of each run of days
    plain: list[float] = []
    full: list[float] = []
    other: list[float] = []
    for number in range(asked.rounds):
        other.append(theirs(asked.count // 4))
        plain.append(ours(asked.count, number, law, explained=False))
        full.append(ours(asked.count // 4, 100 + number, law, explained=True))
    middle = statistics.median(other)
    ratios = sorted(a / b for a, b in zip(plain, other, strict=True))
    spread = f"rounds {ratios[0]:.1f} to {ratios[-1]:.1f}; goal 10 x"
    print(f"OpenFisca, traced situation  {middle:9,.0f} /s")
    print(
        f"determine, with reasons      {statistics.median(plain):9,.0f} /s   {statistics.median(ratios):5.1f} x ({spread})"
    )
    print(
        f"determine, whole document    {statistics.median(full):9,.0f} /s   {statistics.median(full) / middle:5.1f} x"
    )
    starts()


if __name__ == "__main__":
    main()
