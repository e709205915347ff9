"""What a text names: goods by word, by class, by formula, by CAS number, or by a name that is written wrongly.

This is the first of the reader's two steps; what the names amount to is settled in the second.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from orepass.goods.alloys import Tag, find_tags
from orepass.goods.formula import Formula
from orepass.goods.formula_words import formula_in
from orepass.goods.halocarbons import find_halocarbons
from orepass.goods.kinds import kinds
from orepass.goods.measures import Measure, find_ratios
from orepass.goods.packing import is_packaging
from orepass.goods.spans import Spans
from orepass.goods.spelling import find_misspelt
from orepass.goods.vocabulary import Hit, find_classes, find_names, lowered, tokens_of

_CAS = re.compile(r"(?<![\d-])(\d{2,7}-\d{2}-\d)(?![\d-])")
_HS = re.compile(
    r"(?:\bh\.?s\.?(?: ?code| ?no\.?)?|\bhts(?:us)?|\btariff(?: ?code| ?no\.?)?|\bcustoms (?:code|number|no\.?)"
    r"|税则号列?|税号|商品编码|商品编号|海关编码|海关编号)"
    r"\s{0,2}[:.#]?\s{0,2}(\d[\d. ]{3,13}\d)"
)
_HS_SIGNS = ("hs", "h.s", "tariff", "customs", "税", "编码", "编号")
_FORMULA = re.compile(r"(?<![A-Za-z0-9])[A-Z(\[][A-Za-z0-9()\[\],.·:/+\-–~δ]{1,80}")
_CHEMICAL = re.compile(r"[A-Z][a-z]?\s?\d|\d[A-Z]|[A-Z][a-z]?[A-Z(]|[A-Z]-[A-Z\d]|:")
_BINDING = re.compile(r"\(?\s?([xyz])\s?=\s?(\d(?:\.\d+)?)")
_LEAVING = ("除", "other than", "except", "excluding")
_LEFT_OUT = re.compile(
    r"[(,;、。][^(,;。]{0,60}除外\)?|除[^,;。)]{1,30}?(?:以外|之外|外)|\b(?:other than|except(?: for)?|excluding)\s[^,;()]{1,60}",
    re.IGNORECASE,
)
DIGIT = re.compile(r"\d")


class Named(NamedTuple):
    """Everything that a text names.

    ``hits`` by their place; ``formulas`` with their characters; ``guessed`` the characters of names that are written wrongly; ``low``
    is the text in lower case, ``digits`` whether any number stands in it.
    """

    text: str
    low: str
    hits: list[Hit]
    formulas: list[tuple[Formula, int, int]]
    tags: list[Tag]
    ratios: list[Measure]
    guessed: frozenset[tuple[int, int]]
    hs: str
    cas: str
    digits: bool


def find_goods(text: str) -> Named:
    """Everything that the text names, in one pass over its words and one over its formulas."""
    low = lowered(text)
    tokens = tokens_of(low)
    hits = find_names(text, low, tokens)
    digits = DIGIT.search(text) is not None
    ratios = find_ratios(text) if digits and ("铪" in text or "hafnium" in low or "Hf" in text) else []
    hits = _without_what_is_left_out(text, low, hits, ratios)
    hits = _with_classes(text, low, hits)
    hs = cas = ""
    if digits:
        cas, hits = _with_cas_numbers(text, hits)
        hs, hits = _with_customs_number(low, text, hits)
    formulas: list[tuple[Formula, int, int]] = []
    tags: list[Tag] = []
    guessed: frozenset[tuple[int, int]] = frozenset()
    if _CHEMICAL.search(text):
        formulas, hits = _with_formulas(text, hits)
        tags = find_tags(text)
    if not formulas and not cas:
        guessed, hits = _with_guesses(text, tokens, hits)
    return Named(text, low, hits, formulas, tags, ratios, guessed, hs, cas, digits)


def _place(hit: Hit) -> tuple[int, int]:
    return hit.start, -hit.end


@cache
def element_kinds() -> frozenset[str]:
    """Kinds that are a metal or another element as such."""
    return frozenset(kinds().by_element.values())


def _without_what_is_left_out(text: str, low: str, hits: list[Hit], ratios: list[Measure]) -> list[Hit]:
    """What the text leaves out counts for nothing: （氧化铈除外）, *other than cerium oxide*."""
    left_out = [(measure.start, measure.end) for measure in ratios]
    for sign in _LEAVING:
        if sign in low:
            left_out += [m.span() for m in _LEFT_OUT.finditer(text)]
            break
    if not left_out:
        return hits
    return [hit for hit in hits if not any(a <= hit.start < b for a, b in left_out[:16])]


def _with_classes(text: str, low: str, hits: list[Hit]) -> list[Hit]:
    """Compounds named by their class, and halogenated alkanes by their parts, before the elements within them."""
    elements = element_kinds()
    wider: list[Hit] = []
    for hit in hits:
        if hit.what == "element_name" or (hit.what == "kind" and hit.id in elements):
            wider = find_classes(text, hits)
            break
    if "烷" in text or "ane" in low:
        wider += find_halocarbons(text)
    if not wider:
        return hits
    named = Spans((hit.start, hit.end) for hit in hits if hit.what == "kind")
    wider = [a for a in wider if not named.holds(a.start, a.end)]
    over = Spans((a.start, a.end) for a in wider)
    kept = [hit for hit in hits if hit.what not in {"kind", "element_name"} or not over.holds(hit.start, hit.end)]
    return sorted([*kept, *wider], key=_place)


def _with_cas_numbers(text: str, hits: list[Hit]) -> tuple[str, list[Hit]]:
    """CAS numbers whose check digit is right; those of a kind that we know are names."""
    if "-" not in text:
        return "", hits
    first = ""
    found: list[Hit] = []
    for m in _CAS.finditer(text):
        kind = kinds().by_cas.get(m[1])
        if kind is not None:
            found.append(Hit("cas", kind, m.start(1), m.end(1), m[1]))
        if kind is not None or cas_is_sound(m[1]):
            first = first or m[1]
            found.append(Hit("code", m[1], m.start(1), m.end(1), m[1]))
    return first, sorted([*hits, *found], key=_place) if found else hits


def _with_customs_number(low: str, text: str, hits: list[Hit]) -> tuple[str, list[Hit]]:
    """A customs number that the text itself states."""
    for sign in _HS_SIGNS:
        if sign in low:
            m = _HS.search(low)
            if m:
                number = re.sub(r"[.\s]", "", m[1])[:10]
                return number, sorted(
                    [*hits, Hit("code", number, m.start(), m.end(), text[m.start() : m.end()])], key=_place
                )
            break
    return "", hits


def _with_formulas(text: str, hits: list[Hit]) -> tuple[list[tuple[Formula, int, int]], list[Hit]]:
    """Formulas in the text; one of a kind that we know is a name of it."""
    found: list[tuple[Formula, int, int]] = []
    named = {(hit.start, hit.end) for hit in hits if hit.what == "kind"}
    by_formula = kinds().by_formula
    known_hits: list[Hit] = []
    for m in _FORMULA.finditer(text):
        token, start = _trimmed(m.group(), m.start())
        formula = formula_in(token)
        if formula is None and ("/" in token or "," in token):
            token = re.split(r"[/,]", token, maxsplit=1)[0].rstrip(".:-+")
            formula = formula_in(token)
        if formula is None:
            continue
        end = start + len(token)
        if not formula.key:
            bound = tuple((b[1], float(b[2])) for b in _BINDING.finditer(text, end, min(len(text), end + 40)))
            formula = (formula_in(token, bound) or formula) if bound else formula
        known = by_formula.get(formula.key) if formula.key else None
        if known and (start, end) not in named:
            known_hits.append(Hit("kind", known, start, end, token))
        found.append((formula, start, end))
    return found, sorted([*hits, *known_hits], key=_place) if known_hits else hits


def _trimmed(token: str, start: int) -> tuple[str, int]:
    """A token without the signs and brackets that only stand around it."""
    token = token.rstrip(".,:-/+–~")
    while token.endswith((")", "]")) and token.count(")") + token.count("]") > token.count("(") + token.count("["):
        token = token[:-1]
    if token[:1] in "([" and token[-1:] in {")", "]"} and _one_bracket(token):
        return token[1:-1], start + 1
    return token, start


def _one_bracket(token: str) -> bool:
    """Whether the first bracket closes only at the end."""
    depth = 0
    for position, char in enumerate(token):
        depth += char in "(["
        depth -= char in ")]"
        if depth == 0 and position < len(token) - 1:
            return False
    return True


def _with_guesses(
    text: str, tokens: list[tuple[str, int, int]], hits: list[Hit]
) -> tuple[frozenset[tuple[int, int]], list[Hit]]:
    """Where no goods are named, or only an element amid characters that say nothing, a name that is written wrongly."""
    elements = element_kinds()
    named: list[Hit] = []
    for hit in hits:
        if hit.what == "kind":
            if hit.id not in elements or (len(hit.text) > 1 and not hit.text.isascii()):
                if not is_packaging(text, hit):
                    return frozenset(), hits
                continue
            named.append(hit)
    guessed = find_misspelt(text, tokens, bool(named))
    if named and guessed:
        ends = {h.start: h.end for h in named}
        guessed = [a for a in guessed if ends.get(a.start, -1) < a.end]
    if not guessed:
        return frozenset(), hits
    over = Spans((a.start, a.end) for a in guessed)
    kept = [h for h in hits if not over.holds(h.start, h.end)]
    return frozenset((hit.start, hit.end) for hit in guessed), sorted([*kept, *guessed], key=_place)


def cas_is_sound(number: str) -> bool:
    """Whether the check digit of a CAS number is right."""
    digits = number.replace("-", "")
    total = sum(place * int(digit) for place, digit in enumerate(reversed(digits[:-1]), 1))
    return total % 10 == int(digits[-1])
