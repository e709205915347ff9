"""Finding measures in a text: sizes, shares, purities and parameters with their units, each with the characters it was read from."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from orepass.goods.elements import ELEMENTS
from orepass.goods.parameters import Interval, Parameter, factors, parameters, units
from orepass.goods.values import bounded, nines, number_of

_NUM = r"\d+(?:,\d{3})*(?:\.\d+)?(?:[eE][-+]?\d+)?"
_OP = r">=|≥|<=|≤|>|<|≈|~|min\.?|max\.?|at least|at most|more than|less than|不低于|不小于|不高于|不大于|大于|小于"


class Measure(NamedTuple):
    """A number with what is known of it: the fact it belongs to, or none yet."""

    fact: str
    value: float | Interval
    start: int
    end: int
    sure: bool = True


@cache
def _unit_pattern() -> str:
    written = {way for unit in units() for way in unit.write}
    return "|".join(re.escape(way) for way in sorted(written, key=len, reverse=True))


@cache
def _measure() -> re.Pattern[str]:
    return re.compile(
        rf"(?P<op>{_OP})?\s*(?<![A-Za-z0-9.])(?P<number>{_NUM})\s*(?:%?\s*(?:-|–|~|to|至)\s*(?P<upper>{_NUM})\s*)?"
        rf"(?P<unit>{_unit_pattern()})(?![A-Za-z])\s*(?P<after>min\.?|max\.?|以上|以下|及以上)?",
        re.IGNORECASE,
    )


_AFTER = {"min": ">=", "min.": ">=", "max": "<=", "max.": "<=", "以上": ">=", "及以上": ">=", "以下": "<="}
_GRADE = re.compile(r"(?<![A-Za-z0-9.])([2-9])N(\d?)\+?(?![A-Za-z0-9])")
_SIZES = re.compile(
    rf"(?P<phi>[ΦØ⌀]|dia\.?\s*|diameter\s*)?\s*(?<![\d.])(?P<a>{_NUM})\s*(?:mm|cm|m)?\s*[xX*]\s*(?:L\s*)?(?P<b>{_NUM})\s*"
    rf"(?:(?:mm|cm|m)?\s*[xX*]\s*(?P<c>{_NUM})\s*)?(?P<unit>mm|cm|m|inch|in|毫米|厘米|米)(?![A-Za-z])",
    re.IGNORECASE,
)
_PHI = re.compile(rf"[ΦØ⌀]\s*(?P<number>{_NUM})\s*(?P<unit>mm|cm|m|inch|毫米|厘米)?(?![A-Za-z])")
_SHARE_BEFORE = re.compile(
    rf"(?P<op>{_OP})?\s*(?<![A-Za-z0-9.])(?P<number>{_NUM})\s*(?P<unit>wt\.?\s*%|%\s*wt|%|ppm)\s*"
    r"(?:by weight\s*)?(?:of\s+)?(?P<element>[A-Z][a-z]?)(?![A-Za-z0-9])(?!\s*[<>=≤≥:])"
)
_SHARE_AFTER = re.compile(
    rf"(?<![A-Za-z0-9-])(?P<element>[A-Z][a-z]?)\s*(?:content|含量)?\s*[:=]?\s*(?P<op>{_OP})?\s*(?P<number>{_NUM})\s*(?P<unit>wt\.?\s*%|%|ppm)"
)
_FORMULA = re.compile(r"(?<![A-Za-z0-9])(?:[A-Z][a-z]?\s?\d+(?:\.\d+)?[\s-]*){2,}(?![a-z])")
_FORMULA_PART = re.compile(r"([A-Z][a-z]?)\s?(\d+(?:\.\d+)?)")
_CHAIN = re.compile(r"(?<![A-Za-z0-9])(\d{2}(?:\.\d+)?)\s?(W)(?![A-Za-z0-9/])")
_DILUTED = re.compile(
    r"\s*(?:in|/)\s*(?:hydrogen|H2|argon|Ar|nitrogen|N2|helium|He|inert gas|氢气|氩气|氮气)", re.IGNORECASE
)
_SYMBOL_GRADE = re.compile(r"(?<![A-Za-z0-9-])([A-Z][a-z]?)(9\d\.\d+)(?![\d%])")
_TUNGSTEN = re.compile(r"tungsten|wolfram|W-|钨", re.IGNORECASE)
_UNITLESS = re.compile(rf"(?:density|密度)\s*[:=]?\s*(?P<number>{_NUM})(?!\s*(?:g|kg|[\d.]|[%％]))", re.IGNORECASE)
_BY_VALUE = re.compile(r"\s*(?:by value|of (?:the )?value|价值)", re.IGNORECASE)


def _share(op: str | None, number: str, unit: str) -> float | Interval:
    share = number_of(number) * (0.0001 if unit.casefold() == "ppm" else 1.0)
    return _percent(bounded(share, op or ""))


def _percent(value: float | Interval) -> float | Interval:
    if isinstance(value, Interval):
        return Interval(
            max(value.low, 0.0),
            min(value.high, 100.0),
            value.low_open and value.low >= 0,
            value.high_open and value.high <= 100,
        )
    return value


def find_shares(text: str) -> list[Measure]:
    """Shares of elements by weight: ``93% W``, ``Sm 50 %``, ``Al98Sc2``, ``93W``."""
    found: list[Measure] = []
    for pattern in (_SHARE_BEFORE, _SHARE_AFTER):
        for m in pattern.finditer(text):
            if m["element"] in ELEMENTS and not any(f.start < m.end() and m.start() < f.end for f in found):
                start = min(m.start("number"), m.start("element"), m.start("op") if m["op"] else m.start("number"))
                found.append(
                    Measure(f"content_wt_pct.{m['element']}", _share(m["op"], m["number"], m["unit"]), start, m.end())
                )
    for m in _FORMULA.finditer(text):
        parts = [(element, float(number)) for element, number in _FORMULA_PART.findall(m.group())]
        total = sum(number for _, number in parts)
        if all(element in ELEMENTS for element, _ in parts) and 94 <= total <= 101:
            found += [Measure(f"content_wt_pct.{element}", number, m.start(), m.end()) for element, number in parts]
    for m in _SYMBOL_GRADE.finditer(text):
        if m[1] in ELEMENTS and not any(f.start < m.end() and m.start() < f.end for f in found):
            found.append(Measure(f"content_wt_pct.{m[1]}", float(m[2]), m.start(), m.end()))
    for m in _CHAIN.finditer(text) if _TUNGSTEN.search(text) else ():
        found.append(Measure(f"content_wt_pct.{m[2]}", float(m[1]), m.start(), m.end(), sure=False))
    return found


_AFTER_NAME = re.compile(
    rf"\s*(?:content|含量)?\s*[:=]?\s*(?P<op>{_OP})?\s*(?P<number>{_NUM})\s*(?P<unit>wt\.?\s*%|%|ppm)"
)
_BEFORE_NAME = re.compile(
    rf"(?P<op>{_OP})?\s*(?<![A-Za-z0-9.])(?P<number>{_NUM})\s*(?P<unit>wt\.?\s*%|%|ppm)\s*(?:of\s+)?$"
)


def share_beside(text: str, start: int, end: int) -> Measure | None:
    """The share that stands right after a name, or right before it."""
    m = _AFTER_NAME.match(text, end)
    if m:
        return Measure("", _share(m["op"], m["number"], m["unit"]), start, m.end())
    m = _BEFORE_NAME.search(text[:start])
    return Measure("", _share(m["op"], m["number"], m["unit"]), m.start("number"), end) if m else None


def find_sizes(text: str) -> list[Measure]:
    """Sizes of a piece: ``150x150x60 mm``, ``Φ120 x 50 mm``, ``Φ120``."""
    found: list[Measure] = []
    for m in _SIZES.finditer(text):
        factor = factors("mm")[m["unit"].casefold()]
        a, b = number_of(m["a"]) * factor, number_of(m["b"]) * factor
        if m["phi"]:
            pairs = [("diameter_mm", a), ("length_mm", b)]
        elif m["c"]:
            pairs = [("length_mm", a), ("width_mm", b), ("thickness_mm", number_of(m["c"]) * factor)]
        else:
            pairs = [("length_mm", a), ("width_mm", b)]
        found += [Measure(fact, value, m.start(), m.end()) for fact, value in pairs]
    for m in _PHI.finditer(text):
        if not any(f.start <= m.start() < f.end for f in found):
            factor = factors("mm").get((m["unit"] or "mm").casefold(), 1.0)
            found.append(Measure("diameter_mm", number_of(m["number"]) * factor, m.start(), m.end()))
    return found


def find_grades(text: str) -> list[Measure]:
    """Grades in nines: ``5N``, ``4N5``."""
    return [
        Measure("purity_pct", Interval(nines(int(m[1]), m[2]), 100.0), m.start(), m.end())
        for m in _GRADE.finditer(text)
    ]


PURE = 50.0
"""A bare percentage below this is a share of something, not the purity of the goods."""


WHOLE = 100.0
"""No share is larger."""


class Context(NamedTuple):
    """What the reader already knows when it gives numbers their fact."""

    article: str | None
    form: str | None
    has_substance: bool


@cache
def _keywords() -> list[tuple[str, str]]:
    """Words beside a number that tell which fact it belongs to, folded."""
    return [
        (word.casefold(), parameter.name)
        for parameter in parameters().values()
        if parameter.type == "number"
        for word in (*parameter.words, *parameter.zwords)
    ]


def _marks(text: str) -> list[tuple[int, int, str, int]]:
    """Where such words stand: start, end, fact, length of the word."""
    folded = text.lower()
    marks: list[tuple[int, int, str, int]] = []
    for word, name in _keywords():
        start = folded.find(word)
        while start >= 0:
            end = start + len(word)
            if not (_joins(folded, start - 1, word[0]) or _joins(folded, end, word[-1])):
                marks.append((start, end, name, len(word)))
            start = folded.find(word, end)
    return marks


def _joins(text: str, place: int, edge: str) -> bool:
    """Whether a letter stands there that would make the word part of a longer one."""
    return 0 <= place < len(text) and edge.isascii() and text[place].isascii() and text[place].isalpha()


def find_measures(text: str, context: Context, taken: list[tuple[int, int]]) -> list[Measure]:
    """Numbers with a unit that belong to a fact, by the words beside them or by the goods they speak of.

    Parameters
    ----------
    text
        The description.
    context
        What the goods are, as far as it was read.
    taken
        Characters that other readers have used already.
    """
    marks = _marks(text)
    found: list[Measure] = []
    for m in _measure().finditer(text):
        start, end = m.start("number"), m.end("unit")
        if any(left < end and start < right for left, right in taken):
            continue
        fact, sure = _fact_for(text, m, marks, context)
        if fact is None:
            continue
        parameter = parameters()[fact]
        factor = factors(parameter.unit).get(m["unit"]) or factors(parameter.unit).get(m["unit"].lower())
        if factor is None:
            continue
        value = round(number_of(m["number"]) * factor, 12)
        if parameter.unit == "%" and value > WHOLE:
            continue
        op = m["op"] or _AFTER.get((m["after"] or "").casefold(), "")
        whole = Interval(value, number_of(m["upper"]) * factor) if m["upper"] else bounded(value, op)
        if parameter.unit == "%":
            whole = _percent(whole)
        elif isinstance(whole, Interval) and whole.low < 0:
            whole = Interval(0.0, whole.high, False, whole.high_open)
        found.append(Measure(fact, whole, m.start("op") if m["op"] else start, m.end(), sure))
    return found


def _fits_unit(parameter: Parameter, unit: str) -> bool:
    table = factors(parameter.unit)
    return unit in table or unit.lower() in table


def _fact_for(
    text: str, m: re.Match[str], marks: list[tuple[int, int, str, int]], context: Context
) -> tuple[str | None, bool]:
    unit = m["unit"]
    if unit in {"%", "ppm"} and _DILUTED.match(text, m.end("unit")):
        return None, False
    if unit == "%" and _BY_VALUE.match(text, m.end("unit")):
        return "china_content_value_pct", True
    table = parameters()
    before: tuple[float, str] | None = None
    after: tuple[float, str] | None = None
    for left, right, name, weight in marks:
        parameter = table[name]
        if not _fits_unit(parameter, unit):
            continue
        if parameter.of_article and context.article not in parameter.of_article:
            continue
        bonus = weight + (5 if parameter.of_article else 0)
        if right <= m.start("number"):
            between = text[right : m.start("number")]
            score = bonus - len(between) / 4
            if (
                len(between) <= 24
                and not re.search(r"[,;，；、]|\d", between)
                and (before is None or score > before[0])
            ):
                before = (score, name)
        elif left >= m.end("unit"):
            between = text[m.end("unit") : left]
            score = bonus - len(between) / 4
            if len(between) <= 8 and not re.search(r"[,;，；、.]|\d", between) and (after is None or score > after[0]):
                after = (score, name)
    best = before or after
    if best:
        return best[1], True
    return _by_unit(unit, context, table, number_of(m["number"])), False


def _by_unit(unit: str, context: Context, table: dict[str, Parameter], number: float) -> str | None:
    """The fact that a bare number means for these goods."""
    for parameter in table.values():
        if parameter.of_article and context.article in parameter.of_article and _fits_unit(parameter, unit):
            return parameter.name
    if context.article is None or context.has_substance:
        if unit in {"%", "％"} and context.has_substance and number >= PURE:
            return "purity_pct"
        for parameter in table.values():
            if (
                parameter.of_form
                and context.form in parameter.of_form
                and unit in factors(parameter.unit)
                and unit != "mm"
            ):
                return parameter.name
        for parameter in table.values():
            if parameter.bare and _fits_unit(parameter, unit):
                return parameter.name
    return None


def find_unitless(text: str) -> list[Measure]:
    """A density without its unit, which for solids can only be grams per cubic centimetre: ``density 1.85``."""
    return [
        Measure("density_g_cm3", number_of(m["number"]), m.start("number"), m.end("number"), sure=False)
        for m in _UNITLESS.finditer(text)
        if number_of(m["number"]) < HEAVIEST
    ]


HEAVIEST = 25.0
"""No solid is heavier than so many grams per cubic centimetre."""


def find_layers(text: str) -> list[Measure]:
    """Memory layers and the like, which carry no unit: ``256 layers``."""
    return [
        Measure("memory_layers", number_of(m["number"]), m.start(), m.end())
        for m in re.finditer(rf"(?P<number>{_NUM})[\s-]*(?:layers?|层)(?:\s+(?:memory|NAND|storage))?", text)
    ]
