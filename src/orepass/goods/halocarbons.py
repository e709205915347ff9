"""Halogenated alkanes by the parts of their names, in any order: 三氟一溴甲烷, ``dichlorodifluoromethane``, ``甲烷，一氟三氯``.

Papers write these refrigerants in every order; the counts of atoms tell them. Isomers share a formula and a heading.
"""

from __future__ import annotations

import re
from functools import cache

from orepass.goods.formula import NotAFormula, parse, reduced
from orepass.goods.kinds import kinds
from orepass.goods.vocabulary import Hit, lowered

_COUNTS = {c: n for n, c in enumerate("一二三四五六七八九十", 1)}
_CHAIN = {"甲": 1, "乙": 2, "丙": 3, "丁": 4, "戊": 5, "meth": 1, "eth": 2, "prop": 3, "but": 4, "pent": 5}
_HALOGENS = {"氟": "F", "氯": "Cl", "溴": "Br", "碘": "I", "fluoro": "F", "chloro": "Cl", "bromo": "Br", "iodo": "I"}
_MANY = {
    "": 1,
    "mono": 1,
    "di": 2,
    "tri": 3,
    "tetra": 4,
    "penta": 5,
    "hexa": 6,
    "hepta": 7,
    "octa": 8,
    "nona": 9,
    "deca": 10,
}
_PART = r"[一二三四五六七八九十]?[氟氯溴碘]代?"
_CHINESE = re.compile(rf"(?:{_PART})+[甲乙丙丁戊]烷|[甲乙丙丁戊]烷[\s,(（]{{1,2}}(?:{_PART})+")
_CHINESE_PART = re.compile(r"([一二三四五六七八九十]?)([氟氯溴碘])")
_PREFIX = r"(?:mono|di|tri|tetra|penta|hexa|hepta|octa|nona|deca)?(?:fluoro|chloro|bromo|iodo)"
_ENGLISH = re.compile(rf"(?<![a-z])(?:[\d,]*-?{_PREFIX}-?[\d,]*-?)+(meth|eth|prop|but|pent)ane(?![a-z])")
_ENGLISH_PART = re.compile(r"(mono|di|tri|tetra|penta|hexa|hepta|octa|nona|deca)?(fluoro|chloro|bromo|iodo)")


def find_halocarbons(text: str) -> list[Hit]:
    """Halogenated alkanes that the facts know, by their composition."""
    found: list[Hit] = []
    if "烷" in text:
        for m in _CHINESE.finditer(text):
            chain = next(_CHAIN[c] for c in m.group() if c in _CHAIN)
            counts: dict[str, int] = {}
            for count, halogen in _CHINESE_PART.findall(m.group()):
                symbol = _HALOGENS[halogen]
                counts[symbol] = counts.get(symbol, 0) + (_COUNTS[count] if count else 1)
            found += _hit(chain, counts, m)
    low = lowered(text)
    if "ane" in low and any(halogen in low for halogen in ("fluoro", "chloro", "bromo")):
        for m in _ENGLISH.finditer(low):
            counts = {}
            for count, halogen in _ENGLISH_PART.findall(m.group()):
                symbol = _HALOGENS[halogen]
                counts[symbol] = counts.get(symbol, 0) + _MANY[count]
            found += _hit(_CHAIN[m[1]], counts, m)
    return found


def _hit(chain: int, counts: dict[str, int], m: re.Match[str]) -> list[Hit]:
    hydrogen = 2 * chain + 2 - sum(counts.values())
    if hydrogen < 0:
        return []
    key = reduced({"C": chain, "H": hydrogen, **counts})
    kind = _by_composition().get(key)
    return [Hit("kind", kind, m.start(), m.end(), m.group())] if kind else []


@cache
def _by_composition() -> dict[tuple[tuple[str, float], ...], str]:
    """The first kind of each composition of carbon, hydrogen and halogens."""
    table: dict[tuple[tuple[str, float], ...], str] = {}
    halogens = set(_HALOGENS.values())
    for kind in kinds().by_id.values():
        if kind.formula and "C" in kind.holds and kind.holds <= halogens | {"C", "H"} and kind.holds & halogens:
            try:
                table.setdefault(parse(kind.formula).key, kind.id)
            except NotAFormula:
                continue
    return table
