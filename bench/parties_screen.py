"""200,000 consignees against 20,000 listed names: seconds and memory, with known matches hidden among them to count what blocking loses.

Names are drawn by a seed from the vocabulary of the comparison and from syllables: no organisation is meant. The listed names hold the
primary names of the US list where the data folder has them. One consignee in fifty is a listed name written otherwise.
"""

from __future__ import annotations

import csv
import random
import resource
import sys
import time
from pathlib import Path

from orepass.parties.evidence import Level
from orepass.parties.listed import Asked, ListedParty
from orepass.parties.matching import match_all
from orepass.parties.names.vocabulary import vocabulary

LISTED, CONSIGNEES, HIDDEN_EVERY = 20_000, 200_000, 50
SYLLABLES = [
    "ka",
    "ro",
    "mi",
    "ta",
    "ven",
    "dor",
    "sil",
    "gra",
    "no",
    "bel",
    "tu",
    "ria",
    "zan",
    "per",
    "lo",
    "qui",
    "shen",
    "wo",
    "ha",
    "jin",
    "xi",
    "lan",
    "bo",
    "fei",
    "ni",
    "tra",
    "kos",
    "del",
    "mar",
    "vi",
]
SYLLABLES_ZH = [
    "鑫",
    "恒",
    "瑞",
    "腾",
    "博",
    "宏",
    "凯",
    "盛",
    "泰",
    "源",
    "晟",
    "邦",
    "铭",
    "伟",
    "嘉",
    "锦",
    "骏",
    "鸿",
    "润",
    "诚",
    "佳",
    "宝",
    "华",
    "达",
    "通",
    "兴",
    "隆",
    "昌",
    "茂",
    "祥",
]


def drawn(draw: random.Random, places: list[tuple[str, str]], trades: list[tuple[str, str]]) -> tuple[str, str]:
    """A name in Chinese and in English."""
    place, trade = draw.choice(places), draw.choice(trades)
    zh = "".join(draw.choice(SYLLABLES_ZH) for _ in range(draw.choice((2, 2, 3))))
    from pypinyin import lazy_pinyin

    brand = "".join(lazy_pinyin(zh)).title()
    return f"{place[0]}{zh}{trade[0]}有限公司", f"{place[1].title()} {brand} {trade[1].title()} Co., Ltd."


def western(draw: random.Random, trades: list[tuple[str, str]]) -> str:
    brand = "".join(draw.choice(SYLLABLES) for _ in range(draw.choice((2, 3, 3, 4)))).title()
    return (
        f"{brand} {draw.choice(trades)[1].title()} {draw.choice(('GmbH', 'Inc.', 'LLC', 'Ltd', 'S.A.', 'Corporation'))}"
    )


def otherwise(draw: random.Random, zh: str, en: str) -> str:
    """A listed name as somebody else writes it: in the other language, misspelt, without its form, or in capitals."""
    match draw.randrange(4):
        case 0:
            return zh
        case 1:
            at = draw.randrange(2, len(en) - 8)
            return en[:at] + en[at + 1 :]
        case 2:
            return en.rsplit(" Co.", 1)[0]
        case _:
            return en.upper().replace("CO., LTD.", "LIMITED")


def screen(data: Path) -> None:
    draw = random.Random(7)
    words = vocabulary()
    of_kind = [(zh, " ".join(m[0].english), m[0].kind) for zh, m in words.han.items() if len(zh) > 1]
    places = [(zh, en) for zh, en, kind in of_kind if kind == "place"]
    trades = [(zh, en) for zh, en, kind in of_kind if kind == "trade"]
    both = [drawn(draw, places, trades) for _ in range(LISTED * 2 // 3)]
    names: list[str] = [en for _, en in both]
    known = data / "csl_china_names.csv"
    if known.exists():
        with known.open(encoding="utf-8", newline="") as handle:
            names += [row["name"] for row in csv.DictReader(handle)]
    names += [western(draw, trades) for _ in range(LISTED - len(names))]
    listed = [ListedParty("bench", str(place), (name,)) for place, name in enumerate(names)]
    asked: list[Asked] = []
    hidden: dict[str, str] = {}
    while len(asked) < CONSIGNEES:
        if len(asked) % HIDDEN_EVERY == 0:
            place = draw.randrange(len(both))
            name = otherwise(draw, *both[place])
            hidden[name] = str(place)
        else:
            name = draw.choice(drawn(draw, places, trades)) if draw.random() < 0.6 else western(draw, trades)
        asked.append(Asked(name))
    distinct = len(set(asked))
    print(f"\n{len(asked):,} consignees ({distinct:,} distinct) against {len(listed):,} listed names")
    start = time.perf_counter()
    found = match_all(asked, listed)
    spent = time.perf_counter() - start
    memory = sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024
    right = sum(any(hit.party.id == place for hit in found[Asked(name)]) for name, place in hidden.items())
    first = sum(bool(found[Asked(n)]) and found[Asked(n)][0].party.id == place for n, place in hidden.items())
    others = [party for party in set(asked) if party.name not in hidden]
    likely = sum(any(hit.evidence.level >= Level.LIKELY for hit in found[party]) for party in others)
    print(
        f"  {spent:,.0f} s, {spent / distinct * 1e3:.2f} ms a distinct name; at most {memory:,.0f} MiB in both processes"
    )
    print(f"  of {len(hidden):,} hidden matches {right / len(hidden):.3f} found, {first / len(hidden):.3f} first")
    print(f"  of {len(others):,} others {likely / len(others):.4f} flagged as likely")


if __name__ == "__main__":
    screen(Path(sys.argv[1]) if len(sys.argv) > 1 else Path())
