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
from collections.abc import Sequence
from datetime import date
from functools import cache
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from orepass import Law, determine, screen, transaction
from orepass.determination.determine import LineAnswer
from orepass.determination.results import COLOURS
from orepass.goods.tariff import concordance

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data" / "baci_hs92_controlled_2002_2024.parquet"
PAGE, CHART = ROOT / "docs" / "baci.md", ROOT / "docs" / "baci.svg"
ON = date(2026, 11, 22)
YEARS = range(2002, 2025)
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

ALONE, NAMED, WORLD = "alone", "named", "world"
BAN, HIGHER = "!", ("licence_required", "law_unknown", "needs_facts")
"""Ends the name of a bucket when the answer could still be prohibited, and where that is said."""
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


class Key(NamedTuple):
    """What a value is summed under; ``where`` is ``USA``, ``JPN`` or ``other``, side ``world`` is every exporter, not screened."""

    number: str
    year: int
    side: str
    what: str
    where: str


class Measured(NamedTuple):
    """What the screening of all rows adds up to; values are million USD, ``every`` counts rows as well, by side, exporter and outcome."""

    values: dict[Key, float]
    every: dict[tuple[str, str, str], tuple[int, float]]
    marks: dict[str, date]
    rows: int
    recoded: int
    seconds: float
    on: date
    read_to: date

    def sum(self, side: str = ALONE, **want: Any) -> float:
        """The value of some numbers, years, answers (``what``) and destinations."""
        wanted = [(name, {taken} if isinstance(taken, str | int) else taken) for name, taken in want.items()]
        return sum(
            value
            for key, value in self.values.items()
            if key.side == side and all(getattr(key, name) in taken for name, taken in wanted)
        )

    def of_world(self, **want: Any) -> str:
        """China's share of what the world traded."""
        whole = self.sum(WORLD, **want)
        return f"{100 * self.sum(**want) / whole:.0f} %" if whole else "-"


@cache
def became(number: str) -> tuple[str, ...]:
    """What a number of 1992 is in 2022."""
    return concordance(number, 1992, 2022).numbers


def asked(number: str) -> str:
    """The number that is asked about: the new one where there is one alone, else the old one."""
    return number if len(became(number)) > 1 else became(number)[0]


def screened(columns: dict[str, list[Any]], on: date, law: Law, named: bool) -> tuple[list[str], list[str]]:
    """Outcome and conditions of each row, by its number alone or as the goods that the number's name says."""
    read = {"hs": [asked(number) for number in columns["hs92"]]}
    read |= {to: [CODES.get(c, c) for c in columns[name]] for to, name in (("from", "exporter"), ("to", "importer"))}
    if named:
        read |= {fact: [NUMBERS[n].goods.get(fact) for n in columns["hs92"]] for fact in ("substance", "form")}
    found = screen(pa.table(read), law, on=on).table
    return [o or "unreadable" for o in found["outcome"].to_pylist()], [c or "" for c in found["conditions"].to_pylist()]


def determined(number: str, importer: str, on: date, law: Law, named: bool = False) -> LineAnswer:
    """One shipment from China, by the determination itself: it tells what could still be, and the screening must agree."""
    line: dict[str, Any] = {"hs": asked(number)} if number in NUMBERS else {"hs": number}
    if named and NUMBERS[number].goods:
        line["facts"] = NUMBERS[number].goods
    document = {"date": on, "from": "CN", "to": CODES.get(importer, importer), "lines": [line]}
    return determine(transaction(document), law).lines[0]


def bucket(number: str, answer: LineAnswer, conditions: str, named: bool) -> str:
    """What a row is drawn and counted as."""
    if named and not NUMBERS[number].goods:
        return "several"
    if not named and answer.outcome == "not_controlled" and "no_entry_found" in conditions:
        return "no_entry"
    return answer.outcome + BAN * (answer.outcome in HIGHER and answer.ceiling == "prohibited")


def measure(on: date = ON, path: Path = DATA) -> Measured:
    """Screen every row twice and add up."""
    law = Law.load()
    columns = pq.read_table(path).to_pydict()
    rows = list(zip(*(columns[n] for n in ("year", "hs92", "exporter", "importer", "value_kusd")), strict=True))
    values: dict[Key, float] = defaultdict(float)
    every: dict[tuple[str, str, str], tuple[int, float]] = {}
    seconds = 0.0
    for side in (ALONE, NAMED):
        start = time.perf_counter()
        outcomes, conditions = screened(columns, on, law, side == NAMED)
        seconds = seconds or time.perf_counter() - start
        known: dict[tuple[str, str], LineAnswer] = {}
        for (year, number, exporter, importer, thousands), outcome, told in zip(
            rows, outcomes, conditions, strict=True
        ):
            who = "from China" if exporter == "CHN" else "from elsewhere"
            count, total = every.get((side, who, outcome), (0, 0.0))
            every[side, who, outcome] = (count + 1, total + thousands / 1000)
            where = importer if importer in {"USA", "JPN"} else "other"
            if side == ALONE:
                values[Key(number, year, WORLD, "", where)] += thousands / 1000
            if exporter == "CHN":
                answer = known.get((number, importer)) or determined(number, importer, on, law, side == NAMED)
                known[number, importer] = answer
                if answer.outcome != outcome:
                    raise AssertionError(f"{number} to {importer}: screened {outcome}, determined {answer.outcome}")
                values[Key(number, year, side, bucket(number, answer, told, side == NAMED), where)] += thousands / 1000
    recoded = sum(exporter in CODES or importer in CODES for _, _, exporter, importer, _ in rows)
    entries = law.facts.entries
    marks = {
        m.name: next(c.start for c in entries[m.entry].control if c.start and not c.unread) for m in MINERALS if m.entry
    }
    return Measured(dict(values), every, marks, len(rows), recoded, seconds, on, law.facts.read_to)


# --- tables --------------------------------------------------------------------------------------------------------------


def money(value: float) -> str:
    """Million USD."""
    return "0" if not value else f"{value:,.1f}" if value < 100 else f"{value:,.0f}"


def table(head: Sequence[str], body: list[list[str]]) -> str:
    """A Markdown table; columns of figures stand to the right."""
    figures = [all(re.fullmatch(r"[\d,.]+( %)?|-", cell) for cell in column) for column in zip(*body, strict=True)]
    ruler = ["---:" if right else "---" for right in figures]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, ruler, *body))


def said(m: Measured, number: str, side: str) -> str:
    """What was said of a number, in words; that some destinations could fare worse stands in a table of its own."""
    found = {key.what.removesuffix(BAN) for key in m.values if key.number == number and key.side == side}
    return "; ".join(label.partition(":")[0] for name, label in LABELS.items() if name in found)


def table_numbers(m: Measured) -> str:
    body: list[list[str]] = []
    for number, (name, _) in NUMBERS.items():
        new = became(number)
        now = f"old one kept: {len(new)} new ones" if len(new) > 1 else asked(number)
        ours = [money(m.sum(number=number)), m.of_world(number=number)]
        body.append([f"{number} {name}", now, *ours, said(m, number, ALONE), said(m, number, NAMED)])
    return table(["number of 1992", "number of 2022", "from China", "of world", "the number alone", "as named"], body)


def table_parted(m: Measured) -> str:
    """To which entries the new numbers point where one number became several."""
    body: list[list[str]] = []
    for number, (name, _) in NUMBERS.items():
        new = became(number)
        groups: dict[str, list[str]] = defaultdict(list)
        for each in (number, *new) if len(new) > 1 else ():
            hits = determined(each, "DEU", m.on, Law.load()).hits
            groups[", ".join(hit.entry.code for hit in hits) or "no entry"].append(each)
        for codes, each in groups.items():
            body.append([f"{number} {name}", ", ".join(each) if len(each) < 8 else f"{len(each)} numbers", codes])
    return table(["number of 1992", "asked as", "points to"], body)


def table_years(m: Measured) -> str:
    body: list[list[str]] = []
    for name, years in [*((str(year), [year]) for year in YEARS), ("all", [*YEARS])]:
        each = [money(m.sum(number=mineral.numbers, year=years)) for mineral in MINERALS]
        body.append([name, *each, money(m.sum(year=years)), m.of_world(year=years)])
    return table(["year", *(mineral.name for mineral in MINERALS), "together", "of world"], body)


def table_destinations(m: Measured) -> str:
    body: list[list[str]] = []
    for side, heading in ((ALONE, "the number alone"), (NAMED, "as named")):
        for what, label in LABELS.items():
            cells = [m.sum(side, year=2024, what=what, where=where) for where in ("USA", "JPN", "other")]
            if any(cells):
                body.append([f"{heading}: {label.partition(' (')[0]}", *map(money, cells), money(sum(cells))])
    return table(["what the law says", "United States", "Japan", "others", "together"], body)


def table_every(m: Measured) -> str:
    body: list[list[str]] = []
    found = {(who, outcome) for _, who, outcome in m.every}
    for who, outcome in sorted(found, key=lambda pair: (pair[0] != "from China", [*LABELS].index(pair[1]))):
        alone, named = (m.every.get((side, who, outcome), (0, 0.0)) for side in (ALONE, NAMED))
        body.append([f"{who}: `{outcome}`", f"{alone[0]:,}", money(alone[1]), f"{named[0]:,}", money(named[1])])
    return table(["outcome", "rows, number alone", "million USD", "rows, as named", "million USD"], body)


TABLES = (table_numbers, table_parted, table_years, table_destinations, table_every)


def filled(page: str, m: Measured) -> str:
    """The page with its tables as measured; each stands between two marks."""
    for make in TABLES:
        start, end = (f"<!-- {slash}{make.__name__} -->" for slash in ("", "/"))
        before, rest = page.split(start)
        page = f"{before}{start}\n{make(m)}\n{end}{rest.split(end)[1]}"
    return page


# --- chart ---------------------------------------------------------------------------------------------------------------

WIDTH, LEFT, GAP, PANEL, TOP, ROW, BARS = 1140, 238, 44, 408, 182, 104, 70
FIRST, LAST = 2002, 2027
SLOT = PANEL / (LAST - FIRST)
SOURCE = "CEPII BACI (Etalab 2.0), HS92; law as of {}, read to {}. * The number of 1992 became several: the old one is asked."


def shade(outcome: str) -> str:
    """The colour of an outcome, strong enough to be told from white."""
    red, green, blue = (int(COLOURS[outcome][i : i + 2], 16) / 255 for i in (1, 3, 5))
    hue, light, strong = colorsys.rgb_to_hls(red, green, blue)
    light, strong = light - 0.24, max(min(strong, 0.68), 0.45)
    return "#" + "".join(f"{round(255 * part):02X}" for part in colorsys.hls_to_rgb(hue, light, strong))


def fills() -> tuple[dict[str, str], list[str]]:
    """Fill of each bucket, and the patterns for them."""
    fill = {"no_entry": "#FFFFFF", "several": "url(#several)", "unreadable": "#000000"} | {o: shade(o) for o in COLOURS}
    fill |= {outcome + BAN: f"url(#{outcome}-ban)" for outcome in HIGHER}
    patterns = [hatch(f"{outcome}-ban", shade(outcome), "#B3261E") for outcome in HIGHER]
    return fill, [hatch("several", "#FFFFFF", "#B5B5B5"), *patterns]


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


def panel(m: Measured, mineral: Mineral, side: str, left: float, top: float, peak: float) -> list[str]:
    """Stacked bars by year, and the first day of the entry that is named."""
    fill, floor = fills()[0], top + BARS
    parts = [line(left, floor - BARS * part, left + PANEL, floor - BARS * part, "grid") for part in (0.5, 1)]
    shapes: dict[str, list[str]] = defaultdict(list)
    for year in YEARS:
        height = 0.0
        for what in LABELS:
            size = BARS * m.sum(side, number=mineral.numbers, year=year, what=what) / peak
            if size >= 0.05:
                x, y = left + SLOT * (year - FIRST) + 1.5, floor - height - size
                shapes[what].append(f"M{x:.1f} {y:.1f}h{SLOT - 3:.1f}v{size:.1f}h-{SLOT - 3:.1f}z")
                height += size
    for what, paths in shapes.items():
        edge = "edged" if what in {"no_entry", "several"} else "plain"
        parts.append(f'<path class="{edge}" fill="{fill[what]}" d="{"".join(paths)}"/>')
    parts.append(line(left, floor, left + PANEL, floor, "axis"))
    day = m.marks.get(mineral.name)
    if day is None:
        return [*parts, text(left + PANEL, top - 3, mineral.remark, anchor="end")]
    x = left + SLOT * (day.year - FIRST + (day.timetuple().tm_yday - 1) / 365)
    note = f"{mineral.entry}, {mineral.remark}: {day}"
    return [*parts, line(x, top - 12, x, floor, "mark"), text(x - 5, top - 4, note, "note", "end")]


def legend(m: Measured) -> list[str]:
    """The colours that occur, under the heading of the side where they do."""
    fill, parts = fills()[0], list[str]()
    for side, left, heading in (
        (ALONE, LEFT, "What the law says of the customs number alone"),
        (NAMED, LEFT + PANEL + GAP, "If the goods are what the number's name says"),
    ):
        parts.append(text(left, 76, heading, "head"))
        used = {key.what for key in m.values if key.side == side}
        for place, what in enumerate(what for what in LABELS if what in used):
            y = 84 + 16 * place
            parts.append(f'<rect class="edged" x="{left}" y="{y}" width="22" height="11" fill="{fill[what]}"/>')
            parts.append(text(left + 29, y + 9.5, LABELS[what]))
    return parts


def chart(m: Measured) -> str:
    """The whole chart."""
    height = TOP + ROW * len(MINERALS) + 34
    title = f"China's exports 2002 to 2024 as the law of {m.on} would answer them"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" '
        f'aria-label="{escape(title)}">',
        "<style>text{font-family:Helvetica,Arial,'Liberation Sans',sans-serif;fill:#222}.title{font-size:21px;font-weight:700}"
        ".head{font-size:14px;font-weight:700}.name{font-size:14px;font-weight:700}.small{font-size:11.5px;fill:#444}"
        ".edged{stroke:#8A8A8A;stroke-width:.8}.note{font-size:11.5px;fill:#7A1FA2}.grid{stroke:#E3E3E3}.axis{stroke:#555}.mark{stroke:#7A1FA2;stroke-width:1.6}</style>",
        f"<defs>{''.join(fills()[1])}</defs>",
        f'<rect width="{WIDTH}" height="{height}" fill="#FFFFFF"/>',
        text(20, 30, title, "title"),
        text(
            20, 49, "Million USD a year; each row has its own scale. Violet: the first day of the entry that is named."
        ),
        *legend(m),
    ]
    for place, mineral in enumerate(MINERALS):
        top = TOP + ROW * place + 18
        sums = [m.sum(number=mineral.numbers, year=year) for year in YEARS]
        peak = round_peak(max(sums))
        last = f"2024: {money(sums[-1])}" if sums[-1] else "no trade under it in 2024"
        under = [
            ", ".join(n + "*" * (len(became(n)) > 1) for n in mineral.numbers),
            last,
            f"{m.of_world(number=mineral.numbers)} of world, all years",
        ]
        parts.append(text(20, top + 8, mineral.name, "name"))
        parts += [text(20, top + 24 + 15 * row, words) for row, words in enumerate(under)]
        parts += [text(LEFT - 6, top + 4 + BARS * (1 - p), f"{peak * p:,g}", anchor="end") for p in (0, 0.5, 1)]
        for left, side in ((LEFT, ALONE), (LEFT + PANEL + GAP, NAMED)):
            parts += panel(m, mineral, side, left, top, peak)
            ticks = range(FIRST, LAST, 4) if place in {len(MINERALS) // 2 - 1, len(MINERALS) - 1} else ()
            parts += [text(left + SLOT * (y - FIRST + 0.5), top + BARS + 13, str(y), anchor="middle") for y in ticks]
    parts.append(text(20, height - 12, SOURCE.format(m.on, m.read_to)))
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
    print(f"{m.rows:,} rows screened in {m.seconds:.1f} s; {m.recoded:,} with codes that are no country's")
    for make in TABLES:
        print(f"\n{make(m)}")
    if given.write:
        CHART.write_text(chart(m), encoding="utf-8")
        PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), m), encoding="utf-8")


if __name__ == "__main__":
    main()
