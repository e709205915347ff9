"""What the law of one day would say of the trade of 2002 to 2024: the whole of BACI screened, with tables and a chart by year and mineral.

    python bench/baci.py [--date 2026-11-22] [--write]

Reads ../shared/data/baci_hs92_controlled_2002_2024.parquet (CEPII BACI, Etalab 2.0) and says so where it is not there. `--write` draws
`docs/baci.svg` and puts the tables into `docs/baci.md`. A six-digit number only points, so every row is screened twice: by its number
alone, and as if the goods were what the number's name says, where that name is one substance.
"""

from __future__ import annotations

import argparse
import colorsys
import re
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from orepass import Law, determine, screen, transaction
from orepass.determination.results import COLOURS
from orepass.goods.tariff import Step, concordance

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data" / "baci_hs92_controlled_2002_2024.parquet"
PAGE, CHART = ROOT / "docs" / "baci.md", ROOT / "docs" / "baci.svg"
ON = date(2026, 11, 22)
YEARS = range(2002, 2025)
CHINA = "CHN"
CODES = {"S19": "TWN", "SCG": "SRB", "ANT": "CUW"}
"""Codes of BACI that are no country of ISO 3166, as the country that today's law is asked about."""


class Number(NamedTuple):
    """A six-digit number of 1992: what its name says, and as which goods that is read; none where the name holds several substances."""

    name: str
    goods: dict[str, str]


NUMBERS = {
    "250410": Number("natural graphite in powder or flakes", {"substance": "natural-graphite"}),
    "250490": Number("natural graphite, other", {"substance": "natural-graphite"}),
    "261100": Number("tungsten ores and concentrates", {"substance": "tungsten-ore"}),
    "261390": Number("molybdenum ores and concentrates, not roasted", {"substance": "molybdenum-ore"}),
    "261710": Number("antimony ores and concentrates", {"substance": "antimony-ore"}),
    "280450": Number("boron; tellurium", {}),
    "280480": Number("arsenic", {"substance": "arsenic"}),
    "280490": Number("selenium", {"substance": "selenium"}),
    "280530": Number("rare-earth metals, scandium and yttrium", {}),
    "284610": Number("cerium compounds", {"substance": "cerium-compound"}),
    "284690": Number("other compounds of rare earths", {}),
    "810110": Number("tungsten powders", {"substance": "tungsten", "form": "powder"}),
    "810600": Number("bismuth and articles", {"substance": "bismuth"}),
    "810710": Number("cadmium, unwrought; scrap; powders", {"substance": "cadmium"}),
    "811211": Number("beryllium, unwrought; scrap; powders", {"substance": "beryllium"}),
    "811230": Number("germanium", {"substance": "germanium"}),
}


class Mineral(NamedTuple):
    """A row of the chart: its numbers, the entry whose first day is marked, and a remark."""

    name: str
    numbers: tuple[str, ...]
    entry: str
    remark: str


MINERALS = (
    Mineral("graphite", ("250410", "250490"), "1C108.c", "natural flake graphite"),
    Mineral("rare earths", ("280530", "284610", "284690"), "1C902.a.1", "seven of them"),
    Mineral("antimony ore", ("261710",), "3C003.a", "ore and raw materials"),
    Mineral("tungsten", ("261100", "810110"), "1C111.b.1.f", "fine powder"),
    Mineral("bismuth", ("810600",), "6C001.a", "metal and products"),
    Mineral("tellurium, boron", ("280450",), "6C002.a", "tellurium metal"),
    Mineral("germanium", ("811230",), "3C002.a", "metal"),
    Mineral("molybdenum ore", ("261390",), "", "no entry holds ore"),
    Mineral("beryllium", ("811211",), "1C230", "metal, scrap"),
    Mineral("arsenic, selenium, cadmium", ("280480", "280490", "810710"), "", "no entry holds these"),
)
OF_NUMBER = {number: mineral.name for mineral in MINERALS for number in mineral.numbers}

ALONE, NAMED = "alone", "named"
BAN = "!"
"""Ends the name of a bucket when the answer could still be prohibited."""
LABELS = {
    "prohibited": "prohibited",
    "refusal_presumed": "refused in principle",
    "licence_required": "licence required",
    "licence_required!": "licence required; could be prohibited (military use; US, Japan)",
    "law_unknown": "the law is open",
    "law_unknown!": "the law is open; could be prohibited",
    "needs_facts": "a fact is missing",
    "needs_facts!": "a fact is missing; could be prohibited (military use; US, Japan)",
    "exempt": "exempt",
    "not_controlled": "not controlled",
    "no_entry": "the number points to no entry: no release",
    "several": "the name holds several substances: not read",
    "unreadable": "row not read",
}


class Measured(NamedTuple):
    """What the screening of all rows adds up to; values are million USD.

    ``china`` is by number, year, side, bucket and destination (``USA``, ``JPN``, ``other``); ``every`` by side and outcome, for all
    exporters, with rows; ``world`` by number and year.
    """

    china: dict[tuple[str, int, str, str, str], float]
    every: dict[tuple[str, bool, str], tuple[int, float]]
    world: dict[tuple[str, int], float]
    answers: dict[tuple[str, str], set[str]]
    marks: dict[str, date]
    rows: int
    seconds: float
    recoded: int
    on: date
    read_to: date


def today(number: str) -> tuple[str, Step]:
    """The number of 2022 for one of 1992: the new one where there is one alone, else the old one."""
    step = concordance(number, 1992, 2022)
    return (step.numbers[0] if len(step.numbers) == 1 else number), step


def answers(table: Any, on: date, law: Law, named: bool) -> tuple[list[str], list[str]]:
    """Outcome and conditions of each row, by its number alone or as the goods that the number's name says."""
    numbers = table["hs92"].to_pylist()
    now = {number: today(number)[0] for number in NUMBERS}
    columns = {
        "hs": [now[number] for number in numbers],
        "from": [CODES.get(c, c) for c in table["exporter"].to_pylist()],
        "to": [CODES.get(c, c) for c in table["importer"].to_pylist()],
    }
    if named:
        columns |= {fact: [NUMBERS[n].goods.get(fact) for n in numbers] for fact in ("substance", "form")}
    found = screen(pa.table(columns), law, on=on).table
    outcome, conditions = found["outcome"].to_pylist(), found["conditions"].to_pylist()
    return [text or "unreadable" for text in outcome], [text or "" for text in conditions]


def bucket(number: str, outcome: str, conditions: str, ceiling: str, named: bool) -> str:
    """What a row is drawn and counted as."""
    if named and not NUMBERS[number].goods:
        return "several"
    if not named and outcome == "not_controlled" and "no_entry_found" in conditions:
        return "no_entry"
    higher = outcome in {"licence_required", "needs_facts", "law_unknown"} and ceiling == "prohibited"
    return outcome + BAN * higher


def ceiling_of(number: str, importer: str, on: date, law: Law, named: bool) -> tuple[str, str]:
    """Outcome and ceiling of one shipment from China, by the determination itself: the screening must agree."""
    line: dict[str, Any] = {"hs": today(number)[0]}
    if named and NUMBERS[number].goods:
        line["facts"] = NUMBERS[number].goods
    document = {"date": on, "from": "CN", "to": CODES.get(importer, importer), "lines": [line]}
    answer = determine(transaction(document), law)
    return answer.outcome, answer.lines[0].ceiling


def measure(on: date = ON, path: Path = DATA) -> Measured:
    """Screen every row twice and add up."""
    law = Law.load()
    table = pq.read_table(path)
    years, numbers = table["year"].to_pylist(), table["hs92"].to_pylist()
    exporters, importers = table["exporter"].to_pylist(), table["importer"].to_pylist()
    values = [value / 1000 for value in table["value_kusd"].to_pylist()]
    china: dict[tuple[str, int, str, str, str], float] = defaultdict(float)
    every: dict[tuple[str, bool, str], tuple[int, float]] = {}
    world: dict[tuple[str, int], float] = defaultdict(float)
    said: dict[tuple[str, str], set[str]] = defaultdict(set)
    for number, year, value in zip(numbers, years, values, strict=True):
        world[number, year] += value
    seconds = 0.0
    for side in (ALONE, NAMED):
        start = time.perf_counter()
        outcomes, conditions = answers(table, on, law, side == NAMED)
        seconds = seconds or time.perf_counter() - start
        tops: dict[tuple[str, str], tuple[str, str]] = {}
        for number, year, exporter, importer, value, outcome, told in zip(
            numbers, years, exporters, importers, values, outcomes, conditions, strict=True
        ):
            ours = exporter == CHINA
            count, total = every.get((side, ours, outcome), (0, 0.0))
            every[side, ours, outcome] = (count + 1, total + value)
            if not ours:
                continue
            top = tops.get((number, importer))
            if top is None:
                top = tops[number, importer] = ceiling_of(number, importer, on, law, side == NAMED)
                if top[0] != outcome:
                    raise AssertionError(f"{number} to {importer}: screened {outcome}, determined {top[0]}")
            where = importer if importer in {"USA", "JPN"} else "other"
            what = bucket(number, outcome, told, top[1], side == NAMED)
            china[number, year, side, what, where] += value
            said[number, side].add(what)
    recoded = sum(e in CODES or i in CODES for e, i in zip(exporters, importers, strict=True))
    marks = {m.name: first_day(law, m.entry) for m in MINERALS if m.entry}
    read_to = law.facts.read_to
    return Measured(dict(china), every, dict(world), dict(said), marks, len(numbers), seconds, recoded, on, read_to)


def first_day(law: Law, entry: str) -> date:
    """The first day of an entry, as far as its text was read."""
    return next(control.start for control in law.facts.entries[entry].control if not control.unread)


# --- tables --------------------------------------------------------------------------------------------------------------


def money(value: float) -> str:
    """Million USD."""
    return "0" if not value else f"{value:,.1f}" if value < 100 else f"{value:,.0f}"


def share(part: float, whole: float) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "-"


def lines_of(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    rows = [
        head,
        ["---"] + ["---:" if any(c.isdigit() for c in head_cells[-1][:1]) else "---" for head_cells in columns[1:]],
        *body,
    ]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def china_sum(m: Measured, side: str = ALONE, **want: Any) -> float:
    """China's exports of some numbers, years, buckets and destinations."""
    return sum(
        value
        for (number, year, at, what, where), value in m.china.items()
        if at == side
        and number in want.get("numbers", NUMBERS)
        and year in want.get("years", YEARS)
        and what in want.get("buckets", LABELS)
        and where == want.get("where", where)
    )


def world_sum(m: Measured, numbers: Sequence[str], years: Sequence[int]) -> float:
    return sum(value for (number, year), value in m.world.items() if number in numbers and year in years)


def words(buckets: set[str]) -> str:
    """Buckets in words, the higher ceiling of some destinations left to its own table."""
    plain = [name for name in LABELS if name in {b.removesuffix(BAN) for b in buckets}]
    return "; ".join(LABELS[name].partition(":")[0] for name in plain)


def table_numbers(m: Measured) -> str:
    body: list[list[str]] = []
    for number, (name, _) in NUMBERS.items():
        taken, step = today(number)
        became = taken if taken != number or step.relation == "1:1" else f"kept: now {len(step.numbers)} numbers"
        ours, world = china_sum(m, numbers=(number,)), world_sum(m, (number,), YEARS)
        body.append(
            [f"{number} {name}", became, money(ours), share(ours, world)]
            + [words(m.answers.get((number, side), set())) for side in (ALONE, NAMED)]
        )
    return lines_of(
        ("number of 1992", "number of 2022", "from China", "of world", "the number alone", "as named"), body
    )


def table_years(m: Measured) -> str:
    body = [
        [str(year)]
        + [money(china_sum(m, numbers=x.numbers, years=(year,))) for x in MINERALS]
        + [
            money(china_sum(m, years=(year,))),
            share(china_sum(m, years=(year,)), world_sum(m, tuple(NUMBERS), (year,))),
        ]
        for year in YEARS
    ]
    body.append(
        ["all"]
        + [money(china_sum(m, numbers=x.numbers)) for x in MINERALS]
        + [money(china_sum(m)), share(china_sum(m), world_sum(m, tuple(NUMBERS), YEARS))]
    )
    return lines_of(["year", *(x.name for x in MINERALS), "together", "of world"], body)


def table_parted(m: Measured) -> str:
    """What the new numbers say of a shipment to Germany where one number became several."""
    body: list[list[str]] = []
    for number, (name, _) in NUMBERS.items():
        taken, step = today(number)
        said: dict[str, list[str]] = defaultdict(list)
        for new in step.numbers if taken == number and step.relation != "1:1" else ():
            given = {"date": m.on, "from": "CN", "to": "DE", "lines": [{"hs": new}]}
            entries = determine(transaction(given), Law.load()).to_dict()["lines"][0]["candidates"]
            said["; ".join(entry["code"] for entry in entries) or "no entry"].append(new)
        for codes, new in said.items():
            body.append([f"{number} {name}", ", ".join(new) if len(new) < 7 else f"{len(new)} others", codes])
    return lines_of(("number of 1992", "numbers of 2022", "point to"), body)


def table_destinations(m: Measured) -> str:
    body: list[list[str]] = []
    for side, heading in ((ALONE, "the number alone"), (NAMED, "as named")):
        for what, label in LABELS.items():
            cells = [china_sum(m, side, years=(2024,), buckets=(what,), where=at) for at in ("USA", "JPN", "other")]
            if any(cells):
                body.append([f"{heading}: {label.partition(' (')[0]}", *map(money, cells), money(sum(cells))])
    return lines_of(("what the law says", "United States", "Japan", "others", "together"), body)


def table_every(m: Measured) -> str:
    body: list[list[str]] = []
    for ours, who in ((True, "from China"), (False, "from elsewhere")):
        for outcome in dict.fromkeys(name.removesuffix(BAN) for name in LABELS):
            alone, named = (m.every.get((side, ours, outcome), (0, 0.0)) for side in (ALONE, NAMED))
            if alone[0] or named[0]:
                body.append([f"{who}: `{outcome}`", f"{alone[0]:,}", money(alone[1]), f"{named[0]:,}", money(named[1])])
    return lines_of(("outcome", "rows, number alone", "million USD", "rows, as named", "million USD"), body)


TABLES = {
    "numbers": table_numbers,
    "parted": table_parted,
    "years": table_years,
    "destinations": table_destinations,
    "every": table_every,
}


def filled(page: str, m: Measured) -> str:
    """The page with its tables as measured; each stands between two marks."""
    for name, make in TABLES.items():
        page = re.sub(
            rf"(<!-- {name} -->\n).*?(\n<!-- /{name} -->)",
            lambda found, text=make(m): found[1] + text + found[2],
            page,
            flags=re.DOTALL,
        )
    return page


# --- chart ---------------------------------------------------------------------------------------------------------------

WIDTH, LEFT, GAP, PANEL, TOP, ROW, BARS = 1140, 238, 44, 408, 182, 104, 70
FIRST, LAST = 2002, 2027
SLOT = PANEL / (LAST - FIRST)


def shade(outcome: str) -> str:
    """The colour of an outcome, strong enough to be told from white."""
    red, green, blue = (int(COLOURS[outcome][i : i + 2], 16) / 255 for i in (1, 3, 5))
    hue, light, strong = colorsys.rgb_to_hls(red, green, blue)
    light, strong = light - 0.24, max(min(strong, 0.68), 0.45)
    return "#" + "".join(f"{round(255 * part):02X}" for part in colorsys.hls_to_rgb(hue, light, strong))


def fills() -> tuple[dict[str, str], list[str]]:
    """Fill of each bucket, and the patterns for them."""
    fill: dict[str, str] = {"no_entry": "#FFFFFF", "several": "url(#several)", "unreadable": "#000000"}
    patterns = [hatch("several", "#FFFFFF", "#B5B5B5")]
    for name in LABELS:
        if name in COLOURS:
            fill[name] = shade(name)
        elif name.endswith(BAN):
            key = name.removesuffix(BAN)
            fill[name] = f"url(#{key}-ban)"
            patterns.append(hatch(f"{key}-ban", shade(key), "#B3261E"))
    return fill, patterns


def hatch(name: str, ground: str, line: str) -> str:
    return (
        f'<pattern id="{name}" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        f'<rect width="5" height="5" fill="{ground}"/><rect width="1.7" height="5" fill="{line}"/></pattern>'
    )


def text(x: float, y: float, words: str, style: str = "small", anchor: str = "start") -> str:
    return f'<text class="{style}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, style: str) -> str:
    return f'<line class="{style}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def round_peak(peak: float) -> float:
    """The next round number above."""
    size = 10.0 ** (len(str(int(peak))) - 1)
    return next(step * size for step in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if step * size >= peak)


def year_x(left: float, day: date) -> float:
    return left + SLOT * (day.year - FIRST + (day.timetuple().tm_yday - 1) / 365)


def panel(m: Measured, mineral: Mineral, side: str, left: float, top: float, peak: float) -> list[str]:
    """Stacked bars by year, with the first day of control."""
    fill, _ = fills()
    floor = top + BARS
    parts = [line(left, floor - BARS * part, left + PANEL, floor - BARS * part, "grid") for part in (0.5, 1)]
    shapes: dict[str, list[str]] = defaultdict(list)
    for year in YEARS:
        height = 0.0
        for what in LABELS:
            value = china_sum(m, side, numbers=mineral.numbers, years=(year,), buckets=(what,))
            size = BARS * value / peak
            if size >= 0.05:
                x, y = left + SLOT * (year - FIRST) + 1.5, floor - height - size
                shapes[what].append(f"M{x:.1f} {y:.1f}h{SLOT - 3:.1f}v{size:.1f}h-{SLOT - 3:.1f}z")
                height += size
    for what, paths in shapes.items():
        edge = ' stroke="#8A8A8A" stroke-width="0.8"' if what in {"no_entry", "several"} else ""
        parts.append(f'<path fill="{fill[what]}"{edge} d="{"".join(paths)}"/>')
    parts.append(line(left, floor, left + PANEL, floor, "axis"))
    if mineral.name in m.marks:
        x = year_x(left, m.marks[mineral.name])
        parts.append(line(x, top - 8, x, floor, "mark"))
    return parts


def legend(m: Measured) -> list[str]:
    """The colours that occur, under the heading of the side where they do."""
    fill, _ = fills()
    parts: list[str] = []
    for side, left, heading in (
        (ALONE, LEFT, "What the law says of the customs number alone"),
        (NAMED, LEFT + PANEL + GAP, "If the goods are what the number's name says"),
    ):
        parts.append(text(left, 76, heading, "head"))
        used = {what for (_, at), said in m.answers.items() if at == side for what in said}
        for place, what in enumerate(what for what in LABELS if what in used):
            y = 84 + 16 * place
            parts.append(
                f'<rect x="{left}" y="{y}" width="22" height="11" fill="{fill[what]}" stroke="#8A8A8A" stroke-width="0.8"/>'
            )
            parts.append(text(left + 29, y + 9.5, LABELS[what]))
    return parts


def chart(m: Measured) -> str:
    """The whole chart."""
    height = TOP + ROW * len(MINERALS) + 34
    _, patterns = fills()
    title = f"China's exports 2002 to 2024 as the law of {m.on} would answer them"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" '
        f'aria-label="{escape(title)}">',
        "<style>text{font-family:Helvetica,Arial,'Liberation Sans',sans-serif;fill:#222}.title{font-size:21px;font-weight:700}"
        ".head{font-size:14px;font-weight:700}.name{font-size:14px;font-weight:700}.small{font-size:11.5px;fill:#444}"
        ".mark-text{font-size:11.5px;fill:#7A1FA2}.grid{stroke:#E3E3E3}.axis{stroke:#555}.mark{stroke:#7A1FA2;stroke-width:1.6}</style>",
        f"<defs>{''.join(patterns)}</defs>",
        f'<rect width="{WIDTH}" height="{height}" fill="#FFFFFF"/>',
        text(20, 30, title, "title"),
        text(
            20,
            49,
            "Million USD a year, all destinations; each row has its own scale. Violet: the day from which the named entry binds.",
        ),
        *legend(m),
    ]
    for place, mineral in enumerate(MINERALS):
        top = TOP + ROW * place + 18
        sums = [china_sum(m, numbers=mineral.numbers, years=(year,)) for year in YEARS]
        peak = round_peak(max(sums))
        parts += [
            text(20, top + 8, mineral.name, "name"),
            text(20, top + 24, ", ".join(mineral.numbers)),
            text(20, top + 39, f"2024: {money(sums[-1])}" if sums[-1] else "no trade under it in 2024"),
            text(20, top + 54, f"{share(sum(sums), world_sum(m, mineral.numbers, YEARS))} of world, all years"),
            text(LEFT - 6, top + 4, f"{peak:,.0f}", anchor="end"),
            text(LEFT - 6, top + BARS / 2 + 4, f"{peak / 2:,g}", anchor="end"),
            text(LEFT - 6, top + BARS + 1, "0", anchor="end"),
        ]
        for left, side in ((LEFT, ALONE), (LEFT + PANEL + GAP, NAMED)):
            parts += panel(m, mineral, side, left, top, peak)
            note, at = mineral.remark, left + PANEL
            if mineral.name in m.marks:
                day = m.marks[mineral.name]
                note, at = f"{mineral.entry}, {mineral.remark}: {day}", year_x(left, day) - 5
            parts.append(text(at, top - 3, note, "mark-text" if mineral.name in m.marks else "small", "end"))
            if place in {len(MINERALS) - 1, len(MINERALS) // 2 - 1}:
                parts += [
                    text(left + SLOT * (y - FIRST + 0.5), top + BARS + 13, str(y), anchor="middle")
                    for y in range(2002, 2027, 4)
                ]
    parts.append(text(20, height - 12, f"CEPII BACI (Etalab 2.0), HS92; law as of {m.on}, read to {m.read_to}"))
    return "\n".join([*parts, "</svg>", ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--date", type=date.fromisoformat, default=ON, help="the day of the law")
    parser.add_argument("--write", action="store_true", help="write docs/baci.svg and the tables of docs/baci.md")
    given = parser.parse_args()
    if not DATA.exists():
        print(f"{DATA} is not here; nothing screened")
        return
    m = measure(given.date)
    print(
        f"{m.rows:,} rows screened in {m.seconds:.1f} s ({m.rows / m.seconds:,.0f} a second); {m.recoded:,} rows with other codes"
    )
    for name, make in TABLES.items():
        print(f"\n{name}\n\n{make(m)}")
    if given.write:
        CHART.write_text(chart(m), encoding="utf-8")
        PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), m), encoding="utf-8")


if __name__ == "__main__":
    main()
