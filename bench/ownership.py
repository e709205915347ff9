"""Shares of every company in a seeded graph of a million holdings, beside counting on for a fixed number of rounds with numpy.

python bench/ownership.py [holdings]
"""

from __future__ import annotations

import random
import resource
import sys
import time
from fractions import Fraction

import numpy as np

from orepass.parties.ownership.holdings import Holding
from orepass.parties.ownership.shares import Ownership

ROUNDS = 60


def drawn(count: int, seed: int = 7) -> tuple[list[Holding], list[str], list[str]]:
    """Holdings, listed parties and complete companies: chains, diamonds, circles of two to five, one share in five not known."""
    rng = random.Random(seed)
    shares = [Fraction(percent, 100) for percent in range(101)]
    holdings: list[Holding] = []
    complete: list[str] = []
    persons = max(10, count // 6)
    company = 0
    while len(holdings) < count:
        name = f"c{company}"
        owners = dict.fromkeys(_owner(rng, company, persons) for _ in range(rng.choice((1, 1, 2, 2, 3, 4))))
        left = 100
        known = True
        for owner in owners:
            if rng.random() < 0.2:
                known = False
                top = rng.randint(1, 100)
                holdings.append(Holding(owner, name, shares[0], shares[top if rng.random() < 0.5 else 100]))
            else:
                share = 50 if rng.random() < 0.1 and left >= 50 else rng.randint(0, left)
                left -= share
                holdings.append(Holding(owner, name, shares[share], shares[share]))
        if known and owners and left == 0:
            complete.append(name)
        if (
            company > 10 and left >= 10 and rng.random() < 0.05
        ):  # a younger company holds a little of this one: a circle
            back = f"c{company + rng.randint(1, 4)}"
            holdings.append(Holding(back, name, shares[5], shares[10]))
            holdings.append(Holding(name, back, shares[0], shares[20]))
        company += 1
    listed = [f"p{i}" for i in range(0, persons, 50)] + [f"c{i}" for i in range(0, company, 1000)]
    return holdings, listed, complete


def _owner(rng: random.Random, company: int, persons: int) -> str:
    if company == 0 or rng.random() < 0.4:
        return f"p{rng.randrange(persons)}"
    return f"c{rng.randrange(max(0, company - 5000), company)}" if rng.random() < 0.7 else f"c{company - 1}"


def rounds(graph: Ownership, listed: list[str]) -> np.ndarray:
    """The baseline: x = S x from below, a fixed number of rounds; only the lower bound, and no proof of it."""
    owners = [
        (v, u, float(low))
        for v, column in enumerate(graph.columns)
        for u, low in zip(column.owners, column.lows, strict=True)
    ]
    owned, owner = (np.array([row[side] for row in owners]) for side in (0, 1))
    share = np.array([row[2] for row in owners])
    fixed = [graph.index[name] for name in listed if name in graph.index]
    x = np.zeros(len(graph.names))
    for _ in range(ROUNDS):
        x[fixed] = 1
        x = np.bincount(owned, share * x[owner], len(x))
    x[fixed] = 1
    return x


def main(count: int) -> None:
    start = time.perf_counter()

    def told(what: str) -> None:
        nonlocal start
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(f"{what:<58}{time.perf_counter() - start:8.1f} s  peak {memory:5.2f} GB")
        start = time.perf_counter()

    holdings, listed, complete = drawn(count)
    told(f"drawn: {len(holdings):,} holdings, {len(listed):,} listed parties")
    graph = Ownership(holdings, complete)
    told(f"graph of {len(graph.names):,} parties, checked")
    shares = graph.shares_of_all(listed)
    told("least and greatest share of every party")
    answers = shares.answers(Fraction(1, 2))
    told("answers at 50 %, near ones counted again in fractions")
    simple = rounds(graph, listed)
    told(f"baseline: {ROUNDS} rounds with numpy, lower bound only")
    print({answer: answers.count(answer) for answer in ("yes", "no", "undetermined")})
    print(f"largest difference from the baseline {np.max(np.abs(simple - shares.lo)):.2g}")
    start = time.perf_counter()
    for name in random.Random(1).sample(graph.names, 5):
        graph.share(listed, name)
    told("5 single answers in fractions, most of the graph above each")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
