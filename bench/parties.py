"""What Orepass tells of names, measured: pairs of Chinese and English names, names in Latin letters beside nomenklatura, aliases searched.

Run with ``python bench/parties.py DATA [--screen]``, where DATA is the folder with the pair files. Each file is split in halves by a
seed, by organisation: what the comparison was chosen on (the development half of seed 1) is never what a figure is reported for,
except where the page says so. nomenklatura is run in the same script where it is installed.
"""

from __future__ import annotations

import argparse
import csv
import random
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from orepass.parties.evidence import weigh
from orepass.parties.register import Register

HERE = Path(__file__).parent
SEEDS = (1, 2, 3, 4, 5)
Scored = list[tuple[float, bool]]


class Pair(NamedTuple):
    """Two names, and whether they are those of one organisation."""

    left: str
    right: str
    match: bool
    kind: str
    group: str


def read(
    path: Path, left: str, right: str, kind: str, keep: Callable[[dict[str, str]], bool] = lambda _: True
) -> list[Pair]:
    with path.open(encoding="utf-8", newline="") as handle:
        return [
            Pair(row[left], row[right], row["is_match"] == "true", row.get(kind, ""), row[left])
            for row in csv.DictReader(handle)
            if keep(row)
        ]


def halves(pairs: Sequence[Pair], seed: int, among: Iterable[str] | None = None) -> tuple[list[Pair], list[Pair]]:
    """The development half and the reported half, cut by organisation."""
    groups = sorted(set(among) if among is not None else {pair.group for pair in pairs})
    random.Random(seed).shuffle(groups)
    first = set(groups[: len(groups) // 2])
    return [p for p in pairs if p.group in first], [p for p in pairs if p.group not in first]


def steps(scored: Scored) -> Iterable[tuple[float, int, int]]:
    """Threshold, true positives and all positives, going down; equal scores are one step."""
    ordered = sorted(scored, key=lambda pair: -pair[0])
    hits = 0
    for place, (score, match) in enumerate(ordered, 1):
        hits += match
        if place == len(ordered) or ordered[place][0] != score:
            yield score, hits, place


def average_precision(scored: Scored) -> float:
    matches = sum(match for _, match in scored)
    found = before = 0.0
    for _, hits, count in steps(scored):
        found += (hits - before) * hits / count
        before = hits
    return found / matches


def recall_at(scored: Scored, precision: float) -> float:
    matches = sum(match for _, match in scored)
    return max((hits / matches for _, hits, count in steps(scored) if hits / count >= precision), default=0.0)


def f1_at(scored: Scored, threshold: float) -> float:
    hits = sum(match for score, match in scored if score >= threshold)
    named = sum(score >= threshold for score, _ in scored)
    return 2 * hits / max(named + sum(match for _, match in scored), 1)


def best_threshold(scored: Scored) -> float:
    return max((f1_at(scored, score), score) for score, _, _ in steps(scored))[1]


def interval(figures: Sequence[float]) -> str:
    return f"{statistics.mean(figures):.3f} [{min(figures):.3f}, {max(figures):.3f}]"


def scored(pairs: Sequence[Pair]) -> Scored:
    return [(weigh(pair.left, pair.right).rank, pair.match) for pair in pairs]


def chinese_english(data: Path) -> None:
    pairs = read(data / "pairs_mofcom_zh_en.csv", "name1", "name2", "category")
    print(f"\nChinese and English names of notices: {len(pairs)} pairs")
    figures = {name: list[float]() for name in ("AP", "recall at 95 %")}
    for seed in SEEDS:
        _, held = halves(pairs, seed)
        found = scored(held)
        figures["AP"].append(average_precision(found))
        figures["recall at 95 %"].append(recall_at(found, 0.95))
        print(
            f"  seed {seed}: AP {figures['AP'][-1]:.3f}, recall at 95 % precision {figures['recall at 95 %'][-1]:.3f}"
        )
    for name, values in figures.items():
        print(f"  {name}, five splits: {interval(values)}")
    print(
        f"  the half that nobody looked at (seed 1): AP {figures['AP'][0]:.3f}, recall {figures['recall at 95 %'][0]:.3f}"
    )


def blind() -> None:
    pairs = read(HERE / "parties_blind.csv", "left", "right", "kind")
    found = scored(pairs)
    print(f"\nBlind pairs of a drafter who saw nothing of this: {len(pairs)}")
    print(f"  all: AP {average_precision(found):.3f}, recall at 95 % precision {recall_at(found, 0.95):.3f}")
    for kind in sorted({pair.kind for pair in pairs}):
        some = [score for score, pair in zip(found, pairs, strict=True) if pair.kind == kind]
        print(f"  {kind}: AP {average_precision(some):.3f}, recall at 95 % {recall_at(some, 0.95):.3f}")


def organisations(data: Path) -> None:
    keep = {"Company", "Organization", "LegalEntity"}
    pairs = read(
        data / "nomenklatura_name_bench_cases.csv", "name1", "name2", "category", lambda row: row["schema"] in keep
    )
    cases = [pair._replace(group=str(place)) for place, pair in enumerate(pairs)]
    order = list(range(len(cases)))
    random.Random(1).shuffle(order)
    first = set(order[: len(order) // 2])
    print(f"\nOrganisations in Latin letters: {len(cases)} pairs, half held out")
    for name, score in {"orepass": lambda p: weigh(p.left, p.right).rank, **nomenklatura()}.items():
        start = time.perf_counter()
        every = [(score(pair), pair.match) for pair in cases]
        spent = (time.perf_counter() - start) / len(cases)
        tuned = [found for place, found in enumerate(every) if place in first]
        held = [found for place, found in enumerate(every) if place not in first]
        threshold = best_threshold(tuned)
        print(
            f"  {name:14} held out: F1 {f1_at(held, threshold):.3f} (threshold of the other half), AP {average_precision(held):.3f}; "
            f"all: F1 {f1_at(every, best_threshold(every)):.3f}, AP {average_precision(every):.3f}; {spent * 1e6:,.0f} µs a pair"
        )


def nomenklatura() -> dict[str, Callable[[Pair], float]]:
    """The matchers of nomenklatura, where it is installed."""
    try:
        from followthemoney import model  # pyright: ignore[reportMissingImports]
        from nomenklatura.matching import ALGORITHMS  # pyright: ignore[reportMissingImports]
    except ImportError:
        print("  (nomenklatura is not installed: pip install nomenklatura; it needs libicu-dev and g++)")
        return {}

    def entity(name: str, place: str) -> Any:
        made = model.make_entity("Company")
        made.id = place
        made.add("name", name)
        return made

    def by(algorithm: Any) -> Callable[[Pair], float]:
        config = algorithm.default_config()
        return lambda pair: float(algorithm.compare(entity(pair.left, "a"), entity(pair.right, "b"), config).score)

    return {algorithm.NAME: by(algorithm) for algorithm in ALGORITHMS}


def aliases(data: Path) -> None:
    with (data / "csl_china_names.csv").open(encoding="utf-8", newline="") as handle:
        names = [row["name"] for row in csv.DictReader(handle)]
    pairs = [p for p in read(data / "pairs_csl_china.csv", "name1", "name2", "category") if p.match]
    register = Register([(name, (name,)) for name in names])
    start = time.perf_counter()
    found = {p: [near.party for near in register.search(p.right, most=5, least=0, compared=40)] for p in pairs}  # type: ignore[arg-type]
    spent = (time.perf_counter() - start) / len(pairs)
    grams = by_character_ngrams(names)
    baseline = {p: grams(p.right) for p in pairs}
    _, held = halves(pairs, 1)
    print(
        f"\nAliases of the US list searched among {len(names):,} primary names, within the first five ({spent * 1e3:.1f} ms a search)"
    )
    for title, some in (("all", pairs), ("held out", held)):
        ours = sum(p.left in found[p] for p in some) / len(some)
        theirs = sum(p.left in baseline[p] for p in some) / len(some)
        print(f"  {title}: {ours:.3f} of {len(some)}; character n-grams {theirs:.3f}")
    for kind in sorted({p.kind for p in pairs}):
        some = [p for p in pairs if p.kind == kind]
        print(f"  {kind}: {sum(p.left in found[p] for p in some) / len(some):.3f} of {len(some)}")


def by_character_ngrams(names: Sequence[str]) -> Callable[[str], list[str]]:
    """The baseline: cosine of counts of three letters, weighted by rarity."""
    import math
    from collections import Counter

    def grams(name: str) -> Counter[str]:
        text = f" {name.casefold()} "
        return Counter(text[place : place + 3] for place in range(len(text) - 2))

    counted = [grams(name) for name in names]
    rare = {g: math.log(len(names) / n) for g, n in Counter(g for count in counted for g in count).items()}

    def vector(count: Counter[str]) -> dict[str, float]:
        weights = {g: n * rare.get(g, 0.0) for g, n in count.items()}
        size = math.sqrt(sum(w * w for w in weights.values())) or 1.0
        return {g: w / size for g, w in weights.items()}

    vectors = [vector(count) for count in counted]

    def search(name: str) -> list[str]:
        asked = vector(grams(name))
        best = sorted(range(len(names)), key=lambda i: -sum(w * vectors[i].get(g, 0.0) for g, w in asked.items()))
        return [names[place] for place in best[:5]]

    return search


def speed(data: Path) -> None:
    """Microseconds a pair, nothing kept from one run to the next: names are read anew."""
    from orepass.parties.names import across, latin, name

    sets = {
        "Chinese and English": read(data / "pairs_mofcom_zh_en.csv", "name1", "name2", "category"),
        "blind, Chinese and English": read(HERE / "parties_blind.csv", "left", "right", "kind"),
        "Latin letters": read(data / "pairs_csl_china.csv", "name1", "name2", "category"),
    }
    print("\nA scored pair, on one core")
    weigh("三菱 example", "Mitsubishi 示例")
    for title, pairs in sets.items():
        for kept in (across.sounded, across._words_in, across._initials_of, name.read_name, latin.pinyins):  # pyright: ignore[reportPrivateUsage]
            kept.cache_clear()
        start = time.perf_counter()
        scored(pairs)
        print(f"  {title}: {(time.perf_counter() - start) / len(pairs) * 1e6:,.0f} µs")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, nargs="?", default=HERE.parents[1] / "shared" / "data")
    parser.add_argument("--screen", action="store_true", help="also 200,000 consignees against 20,000 listed names")
    given = parser.parse_args()
    if not given.data.is_dir():
        raise SystemExit(f"{given.data}: there is no such folder; expected the one with the pair files")
    chinese_english(given.data)
    blind()
    organisations(given.data)
    aliases(given.data)
    speed(given.data)
    if given.screen:
        from parties_screen import screen

        screen(given.data)


if __name__ == "__main__":
    main()
