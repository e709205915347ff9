"""Finding known names in a text: longest first, English by words, Chinese by characters."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from orepass.factfiles import FACTS, Record, read_records
from orepass.goods.kinds import kinds
from orepass.goods.elements import ELEMENTS
from orepass.goods.parameters import forms, shapes

_WORD = re.compile(r"[A-Za-z0-9'.]*[A-Za-z0-9]|[^\sA-Za-z0-9]")
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d+\s*%)")
_HAN = re.compile(r"[㐀-鿿]")
_WIDTH = str.maketrans("％：，；（）＞＜＝～×＊－Φφ", "%:,;()><=~xx-ΦΦ")


class Hit(NamedTuple):
    """A known name found in a text, and the characters it stands on."""

    what: str
    id: str
    start: int
    end: int
    text: str


def even_width(text: str) -> str:
    """The text with full-width signs made half-width and decimal commas of percentages made points; places stay the same."""
    return _DECIMAL_COMMA.sub(".", text.translate(_WIDTH))


class Word(NamedTuple):
    """One word of a text."""

    folded: str
    text: str
    start: int
    end: int


def words(text: str) -> list[Word]:
    """The words of a text; hyphens, commas and the like are no words."""
    return [
        Word(found.group().casefold(), found.group(), found.start(), found.end())
        for found in _WORD.finditer(text)
        if found.group()[0].isalnum()
    ]


class Names(NamedTuple):
    """Names indexed for the search: by first word, and by first character for Chinese."""

    english: dict[str, list[tuple[tuple[str, ...], str, str, str]]]
    chinese: dict[str, list[tuple[str, str, str]]]


def _index(named: Iterable[tuple[str, str, Iterable[str]]]) -> Names:
    english: dict[str, list[tuple[tuple[str, ...], str, str, str]]] = {}
    chinese: dict[str, list[tuple[str, str, str]]] = {}
    for what, key, names in named:
        for name in names:
            if _HAN.search(name):
                chinese.setdefault(name[0], []).append((name, what, key))
            else:
                parts = tuple(word.folded for word in words(name))
                if parts:
                    english.setdefault(parts[0], []).append((parts, what, key, name))
    for group in english.values():
        group.sort(key=lambda row: (-len(row[0]), row[1]))
    for group in chinese.values():
        group.sort(key=lambda row: (-len(row[0]), row[1]))
    return Names(english, chinese)


@cache
def uses() -> list[Record]:
    """What papers say of use, and the small words that turn a statement."""
    return read_records(FACTS / "goods" / "uses.yaml")


@cache
def names() -> Names:
    """Every name that the goods facts know: kinds, forms, shapes, uses, small words."""
    rows: list[tuple[str, str, Iterable[str]]] = []
    for kind in kinds().by_id.values():
        if kind.id not in {"substance", "article", "product", "technology", "part", "equipment", "compound"}:
            symbol = (f"{kind.element} metal",) if kind.element else ()
            rows.append(("kind", kind.id, (*kind.names, *kind.zh, *symbol)))
    rows += [("form", form.id, (*form.en, *form.zh)) for form in forms().values() if form.en != (form.id,) or form.zh]
    rows += [("shape", form.id, (*form.en, *form.zh)) for form in shapes().values() if form.id != "particles"]
    for number, record in enumerate(uses()):
        if record.get("anywhere"):
            continue
        what = next(
            (key for key in ("negation", "holding", "purpose_clause", "technology", "software") if key in record), "use"
        )
        rows.append((what, str(number), (*record.get("en", ()), *record.get("zh", ()))))
    return _index(rows)


def _short_formula(name: str) -> bool:
    """Names that only count in the case in which chemists write them: APT, InP, WC."""
    return (len(name) <= 5 and any(letter.isupper() for letter in name[1:])) or (len(name) <= 3 and name.isupper())


def _agrees(parts: tuple[str, ...], found: list[Word], name: str) -> bool:
    if len(found) < len(parts):
        return False
    for want, word in zip(parts, found, strict=False):
        if word.folded != want and not (len(want) > 2 and word.folded.removesuffix("s") == want):
            return False
    if _short_formula(name) and len(parts) == 1:
        return found[0].text == name or (len(name) > 3 and found[0].text == name.upper())
    return True


def find_names(text: str) -> list[Hit]:
    """Known names in the text, longest first, none inside another; a form and a kind may share their characters."""
    table = names()
    tokens = words(text)
    hits: list[Hit] = []
    position = 0
    while position < len(tokens):
        rest = tokens[position:]
        taken = 0
        for parts, what, key, name in table.english.get(rest[0].folded, []) + table.english.get(
            rest[0].folded.removesuffix("s"), []
        ):
            if len(parts) >= max(taken, 1) and _agrees(parts, rest, name) and _same_clause(text, rest[: len(parts)]):
                start, end = rest[0].start, rest[len(parts) - 1].end
                if taken and not _may_share(hits, start, end, what):
                    continue
                hits.append(Hit(what, key, start, end, text[start:end]))
                taken = len(parts)
        position += max(taken, 1)
    hits += _chinese(text, table)
    return sorted(hits, key=lambda hit: (hit.start, -hit.end))


def _same_clause(text: str, found: list[Word]) -> bool:
    """Words of one name are not parted by a comma or a bracket that closes."""
    return all(
        not set(text[left.end : right.start]) & set(",;:)") for left, right in zip(found, found[1:], strict=False)
    )


def _may_share(hits: list[Hit], start: int, end: int, what: str) -> bool:
    return what == "use" or all(hit.what != what for hit in hits if hit.start == start and hit.end == end)


def _chinese(text: str, table: Names) -> list[Hit]:
    hits: list[Hit] = []
    position = 0
    while position < len(text):
        taken = 0
        for name, what, key in table.chinese.get(text[position], ()):
            if len(name) >= max(taken, 1) and text.startswith(name, position):
                if taken and not _may_share(hits, position, position + len(name), what):
                    continue
                hits.append(Hit(what, key, position, position + len(name), name))
                taken = len(name)
        position += max(taken, 1)
    return hits


_ELEMENT = re.compile(r"(?<![A-Za-z0-9])([A-Z][a-z]?)(?![a-z])")


def find_elements(text: str) -> list[Hit]:
    """Symbols of elements that stand as words of their own or in a chain such as W-Ni-Fe."""
    return [
        Hit("element", found.group(1), found.start(1), found.end(1), found.group(1))
        for found in _ELEMENT.finditer(text)
        if found.group(1) in ELEMENTS and not (text[found.end(1) : found.end(1) + 1].isupper())
    ]
