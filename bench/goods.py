"""What `docs/goods.md` claims of the goods reader, measured: headings, control, speed beside a plain regular-expression pass.

    python bench/goods.py [--seeds 1 2 3] [--errors tune|hs] [--only headings|control|speed]

Real data are taken from ../shared/data beside the project; without them the parts that need them say so. Nothing is tuned here: the
paraphrases come from rules and tables of their own (`goods_paraphrases.py`), the held-out lines were written by somebody who had not seen
the reader, and only their counts are printed.
"""

from __future__ import annotations

import argparse
import csv
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
SHARED = HERE.parent.parent / "shared" / "data"
NAMES = SHARED / "mofcom_licence_goods_minerals.csv"
NOMENCLATURE = SHARED / "ref_hs2022_nomenclature.csv"
ON = date(2026, 11, 22)
POSITIVE = {"controlled", "needs"}
FLAGGED = {"controlled", "needs_facts"}


class Line(NamedTuple):
    """One labelled line."""

    text: str
    label: str
    entry: str
    why: str


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"


# --- headings ------------------------------------------------------------------------------------------------------------


def headings(seeds: Sequence[int]) -> None:
    from goods_paraphrases import paraphrases
    from orepass.goods.describe import describe
    from orepass.goods.headings import candidates

    def top(text: str) -> list[str]:
        return [candidate.hs for candidate in candidates(describe(text))]

    if not NAMES.exists():
        print("headings: ../shared/data is not here; skipped")
        return
    names = [(row["hs10"], row["name_zh"]) for row in rows(NAMES)]
    first = sum(top(name)[:1] == [hs[:6]] for hs, name in names)
    third = sum(hs[:6] in top(name)[:3] for hs, name in names)
    silent = sum(not top(name) for _, name in names)
    print(
        f"official names: {len(names)}; rank 1 {percent(first, len(names))}; within 3 {percent(third, len(names))}; abstains {silent}"
    )
    twice = Counter(name for _, name in names)
    numbers: dict[str, set[str]] = {}
    for hs, name in names:
        numbers.setdefault(name, set()).add(hs[:6])
    shared_names = sum(twice[name] for name, found in numbers.items() if len(found) > 1)
    print(
        f"  of which {shared_names} rows bear a name that stands under two numbers: no reader can have more than half of them right"
    )
    shares: list[float] = []
    rules: dict[str, Counter[str]] = {}
    for seed in seeds:
        made = paraphrases(names, seed)
        good = abstained = 0
        for paraphrase in made:
            found = top(paraphrase.text)
            table = rules.setdefault(paraphrase.rule, Counter())
            table["all"] += 1
            good += found[:1] == [paraphrase.hs6]
            table["right"] += found[:1] == [paraphrase.hs6]
            abstained += not found
            table["abstains"] += not found
        shares.append(good / len(made))
        print(
            f"paraphrases, seed {seed}: {len(made)}; rank 1 {percent(good, len(made))}; abstains {percent(abstained, len(made))}"
        )
    print(f"  median {100 * statistics.median(shares):.1f} %, from {100 * min(shares):.1f} to {100 * max(shares):.1f}")
    for rule, table in sorted(rules.items(), key=lambda pair: pair[1]["right"] / pair[1]["all"]):
        print(
            f"  {rule:24} {percent(table['right'], table['all']):>8} of {table['all']:5}, abstains {table['abstains']}"
        )


# --- controlled or not ---------------------------------------------------------------------------------------------------


def labelled(which: str) -> list[Line]:
    return [Line(r["text"], r["label"], r["entry"], r["why"]) for r in rows(HERE / f"goods_labelled_{which}.csv")]


def nomenclature() -> list[Line]:
    """The six-digit lines of the nomenclature; those not in the label file are free, baskets and suspended notices are left out."""
    labels = {row["hs"]: row for row in rows(HERE / "goods_hs_labels.csv")}
    found: list[Line] = []
    for row in rows(NOMENCLATURE):
        if row["level"] != "6":
            continue
        label = labels.get(row["hscode"], {"label": "free", "why": "ordinary goods"})
        if label["label"] != "unclear" and "suspended" not in label["why"]:
            found.append(Line(row["description"], label["label"], "", label["why"]))
    return found


def control(show: str) -> None:
    from orepass.determination.classify import classify
    from orepass.law.timeline import Law

    law = Law.load()
    sets = [("tune", labelled("tune")), ("held", labelled("held"))]
    if NOMENCLATURE.exists():
        sets.append(("hs", nomenclature()))
    totals: Counter[tuple[str, str]] = Counter()
    for name, lines in sets:
        table: Counter[tuple[str, str]] = Counter()
        wrong: Counter[str] = Counter()
        for line in lines:
            found = classify(line.text, law, None, ON)
            table[line.label, found.controlled] += 1
            missed = line.label in POSITIVE and found.controlled not in FLAGGED | {"law_unknown"}
            false = line.label == "free" and found.controlled in FLAGGED
            if (missed or false) and name != "held":
                codes = sorted({entry.code for entry in found.entries if entry.in_force})
                wrong[("missed: " if missed else f"{', '.join(codes[:2])}: ") + line.why] += 1
                if show == name:
                    print(
                        f"  {'missed' if missed else 'false '} {line.text!r} ({line.why}) -> {found.controlled} {codes[:4]}"
                    )
        totals += table
        report(name, table)
        if wrong and name != "hs":
            print("  most frequent errors: " + "; ".join(f"{what} ({n})" for what, n in wrong.most_common(8)))
    report("labelled lines and nomenclature together", totals)


def report(name: str, table: Counter[tuple[str, str]]) -> None:
    answers = ("controlled", "needs_facts", "law_unknown", "free", "unknown")
    print(f"\n{name}: {sum(table.values())} lines")
    print("  label        " + "".join(f"{answer:>13}" for answer in answers))
    for label in ("controlled", "needs", "free"):
        print(f"  {label:13}" + "".join(f"{table[label, answer]:13}" for answer in answers))
    hit = sum(n for (label, answer), n in table.items() if label in POSITIVE and answer in FLAGGED)
    missed = sum(n for (label, answer), n in table.items() if label in POSITIVE and answer in {"free", "unknown"})
    false = sum(n for (label, answer), n in table.items() if label == "free" and answer in FLAGGED)
    opened = sum(n for (_, answer), n in table.items() if answer == "law_unknown")
    print(
        f"  recall {percent(hit, hit + missed)}, precision {percent(hit, hit + false)}; law open, set aside: {opened}"
    )
    open_hit = sum(n for (label, answer), n in table.items() if label in POSITIVE and answer == "law_unknown")
    print(
        f"  counted as flagged instead: recall {percent(hit + open_hit, hit + open_hit + missed)}, "
        f"precision {percent(hit + open_hit, hit + false + opened)}"
    )


# --- speed ---------------------------------------------------------------------------------------------------------------


def plain_pass() -> Callable[[str], int]:
    """What one would write first: every name in one alternation, and a number with a unit."""
    from orepass.goods.kinds import kinds

    names = {name for kind in kinds().by_id.values() for name in (*kind.names, *kind.zh)}
    pattern = re.compile("|".join(re.escape(name) for name in sorted(names, key=len, reverse=True)), re.IGNORECASE)
    number = re.compile(r"\d+(?:\.\d+)?\s*(?:%|mm|um|g/cm3|kg|ppm)")
    return lambda text: sum(1 for _ in pattern.finditer(text)) + sum(1 for _ in number.finditer(text))


def rate(read: Callable[[str], object], texts: Iterable[str], rounds: int = 5) -> list[float]:
    texts = list(texts)
    rates: list[float] = []
    for _ in range(rounds):
        begin = time.perf_counter()
        for text in texts:
            read(text)
        rates.append(len(texts) / (time.perf_counter() - begin))
    return rates


def speed() -> None:
    from orepass.goods.describe import read_text

    relevant = [line.text for line in labelled("tune")]
    loads = {"labelled lines (all name goods)": relevant}
    if NOMENCLATURE.exists():
        clean = [line.text for line in nomenclature()]
        loads["nomenclature lines"] = clean
        loads["a table: nine nomenclature lines to one labelled"] = [
            text for n, own in enumerate(relevant[:700]) for text in (*clean[n * 9 : n * 9 + 9], own)
        ]
    plain = plain_pass()
    print(
        "\ndescriptions a second on one core, distinct texts, nothing remembered; beside one plain regular expression"
    )
    for name, texts in loads.items():
        for text in texts:
            read_text(text)
        ours = rate(read_text, texts)
        theirs = rate(plain, texts[:300], 1)
        middle = statistics.median(ours)
        print(
            f"  {name}: {middle:,.0f} (best {max(ours):,.0f}); plain pass {theirs[0]:,.0f}: {middle / theirs[0]:.1f} x"
        )
    print("one long text, microseconds a character:")
    unit = "gallium 99.99% ingot 25 kg, no Dy; 氧化镓 4N; Sm2(Co,Fe,Cu,Zr)17 magnet, Ga content 0.5 wt%; "
    for size in (10_000, 100_000, 1_000_000):
        text = (unit * (size // len(unit) + 1))[:size]
        begin = time.perf_counter()
        read_text(text)
        spent = time.perf_counter() - begin
        print(f"  {size:9,}: {1e6 * spent / size:.2f} ({spent:.2f} s)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    parser.add_argument("--errors", choices=["tune", "hs"], default="")
    parser.add_argument("--only", choices=["headings", "control", "speed"], default="")
    chosen = parser.parse_args()
    if chosen.only in {"", "headings"}:
        headings(chosen.seeds)
    if chosen.only in {"", "control"}:
        control(chosen.errors)
    if chosen.only in {"", "speed"}:
        speed()


if __name__ == "__main__":
    main()
