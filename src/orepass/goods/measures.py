"""What numbers in a text measure: sizes, grades, sieves and parameters, each with the characters it was read from.

What a number belongs to is told by the word beside it, else by the goods.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from functools import cache
from typing import NamedTuple

from orepass.goods.numbers import NUM, Number, percent
from orepass.goods.parameters import Interval, Parameter, factors, parameters, reading
from orepass.goods.values import nines, number_of
from orepass.goods.vocabulary import Hit

_GRADE = re.compile(r"(?<![A-Za-z0-9.])([2-9])N(\d?)\+?(?![A-Za-z0-9])")
_SIZES = re.compile(
    rf"(?P<phi>[ΦØ⌀]|dia\.?\s?|diameter\s|OD\s?)?\s?(?<![\d.])(?P<a>{NUM})\s?(?:mm|cm|m)?\s?[xX*]\s?(?:L\s?)?(?P<b>{NUM})\s?"
    rf"(?:(?:mm|cm|m)?\s?[xX*]\s?(?:L\s?)?(?P<c>{NUM})\s?)?(?P<unit>mm|cm|m|inch|in|毫米|厘米|米)?(?![A-Za-z\d])",
    re.IGNORECASE,
)
_PHI = re.compile(rf"[ΦØ⌀]\s?(?P<number>{NUM})\s?(?P<unit>mm|cm|m|inch|毫米|厘米)?(?![A-WYZa-wyz\d])")
_TUBE = re.compile(r"tube|tubing|pipe|管", re.IGNORECASE)
_MESH = re.compile(
    r"(?<![A-Za-z0-9.])(?P<sign>[-+])?\s?(?P<number>\d{2,5})(?:\s?[/~-]\s?[-+]?(?P<upper>\d{2,5}))?\s?(?:mesh\b|目)",
    re.IGNORECASE,
)
_DILUTED = re.compile(
    r"\s*(?:in|/)\s*(?:hydrogen|H2|argon|Ar|nitrogen|N2|helium|He|inert gas|氢气|氩气|氮气)", re.IGNORECASE
)
_UNITLESS = re.compile(
    rf"(?:density|密度)\s{{0,2}}[:=]?\s{{0,2}}(?P<number>{NUM})(?!\s?(?:g|kg|[\d.]|[%％]|克|公斤))", re.IGNORECASE
)
_LAYERS = re.compile(rf"(?<![A-Za-z0-9.])(?P<number>{NUM})[\s-]?(?:layers?|层)(?:\s(?:memory|NAND|storage))?")
_RATIO = re.compile(
    rf"(?:铪|hafnium|Hf)\s?(?:[与和对/]|to)?\s?(?:锆|zirconium|Zr)(?P<op>[^\d，,;；]{{0,14}}?)\s?"
    rf"(?P<one>{NUM})\s?(?::|比|/|to)\s?(?P<other>{NUM})"
    rf"|(?P<operator>less than|under|more than|over|<|>)?\s?(?P<first>{NUM}) parts?(?P<more> or more)?(?: by weight)?(?: of)? "
    rf"(?:hafnium|Hf) to (?P<second>{NUM})(?: parts?(?: of)? (?:zir\w+|Zr))?",
    re.IGNORECASE,
)
_BY_VALUE = re.compile(r"\s*(?:by value|of (?:the )?value|价值)", re.IGNORECASE)
_PART_STOPS = re.compile(r"[,;、。]|\d")


class Measure(NamedTuple):
    """A number with the fact that it belongs to."""

    fact: str
    value: float | Interval
    start: int
    end: int
    sure: bool = True


class Context(NamedTuple):
    """What the reader already knows when it gives numbers their fact."""

    article: str | None
    form: str | None
    has_substance: bool


def find_sizes(text: str) -> list[Measure]:
    """Sizes of a piece: ``150x150x60 mm``, ``Φ120 x 50 mm``, ``Φ120``. Without a unit, millimetres are meant; of a tube, the wall."""
    found: list[Measure] = []
    tube = _TUBE.search(text) is not None
    for m in _SIZES.finditer(text):
        if not m["unit"] and not m["phi"] and not m["c"]:
            continue
        factor = factors("mm")[(m["unit"] or "mm").casefold()]
        a, b = number_of(m["a"]) * factor, number_of(m["b"]) * factor
        third = number_of(m["c"]) * factor if m["c"] else None
        if m["phi"] and tube and b < a / 2:
            pairs = [("outer_diameter_mm", a), ("wall_mm", b), *([("length_mm", third)] if third else [])]
        elif m["phi"]:
            pairs = [("diameter_mm", a), ("length_mm", b)]
        elif third is not None:
            pairs = [("length_mm", a), ("width_mm", b), ("thickness_mm", third)]
        else:
            pairs = [("length_mm", a), ("width_mm", b)]
        found += [Measure(fact, value, m.start(), m.end(), sure=bool(m["unit"])) for fact, value in pairs]
    for m in _PHI.finditer(text):
        if not any(f.start <= m.start() < f.end for f in found[:64]):
            factor = factors("mm").get((m["unit"] or "mm").casefold(), 1.0)
            found.append(Measure("diameter_mm", number_of(m["number"]) * factor, m.start(), m.end()))
    return found


def find_grades(text: str) -> list[Measure]:
    """Grades in nines: ``5N``, ``4N5``."""
    return [
        Measure("purity_pct", Interval(nines(int(m[1]), m[2]), 100.0), m.start(), m.end())
        for m in _GRADE.finditer(text)
    ]


def find_mesh(text: str) -> list[Measure]:
    """Particle size by sieve: ``-325 mesh`` is what passes that sieve, ``100-200 目`` what lies between two.

    A bare ``325 mesh`` is taken as what passes, which trade means by it; the sieve openings are facts.
    """
    openings = reading().sieves
    found: list[Measure] = []
    for m in _MESH.finditer(text):
        first = _opening(int(m["number"]), openings)
        second = _opening(int(m["upper"]), openings) if m["upper"] else None
        if first is None or (m["upper"] and second is None):
            continue
        if second is not None:
            value = Interval(min(first[0], second[0]), max(first[1], second[1]))
        elif m["sign"] == "+":
            value = Interval(first[0], float("inf"))
        else:
            value = Interval(0.0, first[1], low_open=True)
        found.append(Measure("particle_size_um", value, m.start(), m.end(), sure=bool(m["sign"] or m["upper"])))
    return found


def _opening(mesh: int, openings: dict[int, float]) -> tuple[float, float] | None:
    """The opening of a sieve in micrometres, between those of the neighbours where the number is no standard one."""
    if mesh in openings:
        return openings[mesh], openings[mesh]
    finer = [o for n, o in openings.items() if n > mesh]
    coarser = [o for n, o in openings.items() if n < mesh]
    return (max(finer), min(coarser)) if finer and coarser else None


@cache
def _facts_by_unit() -> dict[str, tuple[Parameter, ...]]:
    """Which facts a number with a unit can belong to."""
    table: dict[str, list[Parameter]] = {}
    for parameter in parameters().values():
        if parameter.type != "number" and parameter.type != "composition":
            continue
        for written in factors(parameter.unit):
            table.setdefault(written, []).append(parameter)
    return {written: tuple(found) for written, found in table.items()}


def _facts_of(unit: str) -> tuple[Parameter, ...]:
    table = _facts_by_unit()
    return table.get(unit) or table.get(unit.lower()) or ()


def find_measures(
    text: str, numbers: list[Number], marks: list[Hit], context: Context, taken: list[tuple[int, int]]
) -> list[Measure]:
    """Numbers with a unit that belong to a fact, by the words beside them or by the goods they speak of.

    Parameters
    ----------
    text
        The description.
    numbers
        The numbers in it.
    marks
        The words in it that name a fact, in their order.
    context
        What the goods are, as far as it was read.
    taken
        Characters that other readers have used already, in their order.
    """
    found: list[Measure] = []
    starts = [mark.start for mark in marks]
    position = 0
    reach = 0
    for number in numbers:
        if not number.unit:
            continue
        while position < len(taken) and taken[position][0] < number.end:
            reach = max(reach, taken[position][1])
            position += 1
        if reach > number.digits:
            continue
        fact, sure = _fact_for(text, number, marks, starts, context)
        if fact is None:
            continue
        parameter = parameters()[fact]
        table = factors(parameter.unit)
        factor = table.get(number.unit) or table.get(number.unit.lower())
        if factor is None:
            continue
        value = number.value(factor)
        if parameter.unit == "%":
            value = percent(value)
            if (value.low if isinstance(value, Interval) else value) > 100.0:
                continue
        elif isinstance(value, Interval) and value.low < 0:
            value = Interval(0.0, value.high, False, value.high_open)
        found.append(Measure(fact, value, number.start, number.end, sure))
    return found


def _fact_for(
    text: str, number: Number, marks: list[Hit], starts: list[int], context: Context
) -> tuple[str | None, bool]:
    unit = number.unit
    if unit in {"%", "ppm"} and _DILUTED.match(text, number.end):
        return None, False
    if unit == "%" and _BY_VALUE.match(text, number.end):
        return "china_content_value_pct", True
    possible = _facts_of(unit)
    if not possible:
        return None, False
    if marks:
        table = {parameter.name: parameter for parameter in possible}
        best = _before(text, number, marks, starts, table, context) or _behind(
            text, number, marks, starts, table, context
        )
        if best:
            return best, True
    return _by_unit(possible, context, number), False


def _weight(mark: Hit, parameter: Parameter, context: Context) -> float | None:
    if parameter.of_article and context.article not in parameter.of_article:
        return None
    return len(mark.text) + (5 if parameter.of_article else 0)


def _before(
    text: str, number: Number, marks: list[Hit], starts: list[int], table: dict[str, Parameter], context: Context
) -> str | None:
    best: tuple[float, str] | None = None
    place = bisect_left(starts, number.digits) - 1
    while place >= 0 and number.digits - marks[place].start <= 64:
        mark = marks[place]
        place -= 1
        if mark.id not in table or mark.end > number.digits or number.digits - mark.end > 24:
            continue
        weight = _weight(mark, table[mark.id], context)
        between = text[mark.end : number.digits]
        if weight is None or _PART_STOPS.search(between):
            continue
        score = weight - len(between) / 4
        if best is None or score > best[0] or (score == best[0] and mark.id not in table):
            best = (score, mark.id)
    return best[1] if best else None


def _behind(
    text: str, number: Number, marks: list[Hit], starts: list[int], table: dict[str, Parameter], context: Context
) -> str | None:
    best: tuple[float, str] | None = None
    place = bisect_left(starts, number.digits_end)
    while place < len(marks) and marks[place].start - number.end <= 8:
        mark = marks[place]
        place += 1
        if mark.id not in table or mark.start < number.digits_end:
            continue
        weight = _weight(mark, table[mark.id], context)
        between = text[number.end : mark.start]
        if weight is None or _PART_STOPS.search(between) or "." in between:
            continue
        score = weight - len(between) / 4
        if best is None or score > best[0]:
            best = (score, mark.id)
    return best[1] if best else None


def _by_unit(possible: tuple[Parameter, ...], context: Context, number: Number) -> str | None:
    """The fact that a bare number means for these goods."""
    for parameter in possible:
        if parameter.of_article and context.article in parameter.of_article:
            return parameter.name
    if context.form in _WAFERS and number.unit.lower() in _INCHES:
        return "diameter_mm"
    if context.article is None or context.has_substance:
        if number.unit in factors("%") and number.unit not in {"ppm", "ppb"}:
            if context.has_substance and number_of(number.number) >= reading().purity_from_pct:
                return "purity_pct"
        elif context.form and number.unit.lower() != "mm":
            for parameter in possible:
                if context.form in parameter.of_form and number.unit in factors(parameter.unit):
                    return parameter.name
        for parameter in possible:
            if parameter.bare:
                return parameter.name
    return None


_WAFERS = frozenset({"wafer", "epiwafer", "substrate"})
_INCHES = frozenset({"inch", "inches", "英寸"})


def find_unitless(text: str) -> list[Measure]:
    """A density without its unit, which for solids can only be grams per cubic centimetre: ``density 1.85``."""
    return [
        Measure("density_g_cm3", number_of(m["number"]), m.start("number"), m.end("number"), sure=False)
        for m in _UNITLESS.finditer(text)
        if number_of(m["number"]) < reading().densest_g_cm3
    ]


def find_ratios(text: str) -> list[Measure]:
    """Hafnium to zirconium by weight, as the tariff words it: ``铪与锆之比低于1:500``, ``1 part or more hafnium to 500 parts``."""
    found: list[Measure] = []
    for m in _RATIO.finditer(text):
        value = number_of(m["one"] or m["first"]) / number_of(m["other"] or m["second"])
        word = (m["op"] or m["operator"] or "").strip().casefold()
        more = bool(m["more"]) or any(w in word for w in _MORE_WORDS)
        less = not more and any(w in word for w in _LESS_WORDS)
        interval = Interval(0.0, value, False, True) if less else Interval(value, math.inf) if more else value
        found.append(Measure("hafnium_to_zirconium_ratio", interval, m.start(), m.end()))
    return found


_MORE_WORDS = ("不低于", "不小于", ">", "≥", "more", "over", "大于", "高于")
_LESS_WORDS = ("低于", "小于", "不足", "<", "less", "under")


def find_layers(text: str) -> list[Measure]:
    """Memory layers and the like, which carry no unit: ``256 layers``."""
    return [Measure("memory_layers", number_of(m["number"]), m.start(), m.end()) for m in _LAYERS.finditer(text)]
