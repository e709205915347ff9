"""What the name of a column means: names of trade papers from ``facts/goods/columns.yaml``, with units, remarks and symbols of elements."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from orepass.determination.rows import canonical, known_columns
from orepass.factfiles import FACTS, read_records
from orepass.goods.elements import ELEMENTS, elements
from orepass.goods.parameters import factors, parameters, units


class Meaning(NamedTuple):
    """What a name stands for; a name that is not ``plain`` is only a suggestion. ``bare``: it is plain once its unit is said."""

    name: str
    plain: bool
    bare: bool = False


class _Share(NamedTuple):
    """Elements for which a name with X is known."""

    of: frozenset[str]
    plain: bool


class _Names(NamedTuple):
    """What the fact file says, by folded name; the remarks, by whether a yes or a no is asked for."""

    of: dict[str, Meaning]
    shares: dict[str, list[_Share]]
    remarks: dict[bool, set[str]]


_DROPPED = re.compile(r"[\s_\-–—.:'\"’*?!()\[\]{}<>【】、·]+")


def fold_column(text: str) -> str:
    """A name without case, width, blanks, hyphens and brackets; ``#`` is *no*, ``%`` is *pct*. What parts two things stays."""
    text = unicodedata.normalize("NFKC", text).casefold()
    return _DROPPED.sub("", text.replace("#", " no ").replace("%", " pct ").replace("&", " and "))


def unit_of(name: str) -> str:
    """The unit of the fact of a name, or nothing."""
    table = parameters()
    fact = table.get(name) or table.get(name.partition(".")[0])
    return fact.unit if fact and fact.of == "line" else ""


@cache
def _names() -> _Names:
    of: dict[str, Meaning] = {}
    shares: dict[str, list[_Share]] = {}
    remarks: dict[bool, set[str]] = {False: set(), True: set()}
    for name in known_columns():
        unit = fold_column(unit_of(name))
        folded = fold_column(name)
        if unit and folded.endswith(unit):
            of.setdefault(folded.removesuffix(unit), Meaning(name, plain=True, bare=True))
        of[folded] = Meaning(name, plain=True)
    for record in read_records(FACTS / "goods" / "columns.yaml"):
        for answers in (True,) if record.get("of_answers") else (False, True):
            remarks[answers] |= {fold_column(remark) for remark in record.get("remarks", ())}
        name = record.get("column", "")
        bare = unit_of(name) not in {"", "%"}
        for key in ("ask", "en", "zh"):
            for written in record.get(key, ()):
                if name.endswith(".X"):
                    which = frozenset(record.get("of", ELEMENTS)) - frozenset(record.get("not_of", ()))
                    before, _, after = written.partition("X")
                    shares.setdefault(f"{fold_column(before)}X{fold_column(after)}", []).append(
                        _Share(which, key != "ask")
                    )
                else:
                    of[fold_column(written)] = Meaning(name, key != "ask", bare and key != "ask")
    return _Names(of, shares, remarks)


_TOKENS = re.compile(r"[A-Za-z]+|[㐀-鿿]|[^A-Za-z㐀-鿿]+")


@cache
def _symbols() -> dict[str, str]:
    """Symbols by the names of the elements."""
    return {name: element.symbol for element in elements().values() for name in (element.en, element.zh)}


def _share_of_element(text: str) -> Meaning | None:
    """The share of an element, written with its symbol or its name."""
    tokens = _TOKENS.findall(text)
    suggested: Meaning | None = None
    for place, token in enumerate(tokens):
        symbol = token if token in ELEMENTS else _symbols().get(token.casefold())
        if symbol is None:
            continue
        key = f"{fold_column(''.join(tokens[:place]))}X{fold_column(''.join(tokens[place + 1 :]))}"
        fitting = [share for share in _names().shares.get(key, ()) if symbol in share.of]
        if any(share.plain for share in fitting):
            return Meaning(f"content_wt_pct.{symbol}", plain=True)
        if fitting:
            suggested = Meaning(f"content_wt_pct.{symbol}", plain=False)
    return suggested


def meaning_of(column: str) -> Meaning | None:
    """What a column's name stands for. A fact whose unit is not said, or is another, comes back as a suggestion."""
    text = unicodedata.normalize("NFKC", column).strip()
    if not text.isascii():
        from orepass.goods.vocabulary import simplified

        text = simplified(text)
    head, _, element = canonical(text).partition(".")
    if head == "content_wt_pct" and element.capitalize() in ELEMENTS:
        return Meaning(f"{head}.{element.capitalize()}", plain=False)
    whole = _named(text)
    if whole and not whole.bare:
        return whole
    for base, tail, bracket in _without_unit(text):
        found = _named(base) or _by_parts(base)
        if found and (bracket or found.plain or "." not in found.name):  # P/N is no share of phosphorus
            unit = unit_of(found.name)
            if unit and _same_unit(tail, unit):
                return found._replace(bare=False)
            said = _by_parts(tail) or _named(tail) if bracket else None
            twice = bool(said and said.name == found.name)
            if twice or (bracket and fold_column(tail) in _names().remarks[found.name.endswith("_military")]):
                plain = found.plain or bool(twice and said and said.plain)
                return Meaning(found.name, plain and not found.bare)
            return Meaning(found.name, plain=False)
    found = whole or _by_parts(text) or _nearly(text)
    return found and Meaning(found.name, found.plain and not found.bare)


def _named(text: str) -> Meaning | None:
    return _names().of.get(fold_column(text)) or _share_of_element(text)


_PARTS = re.compile(r"[/|\n;,()\[\]]+|(?<=[㐀-鿿])\s*(?=[A-Za-z])|(?<=[A-Za-z.])\s*(?=[㐀-鿿])")


def _by_parts(text: str) -> Meaning | None:
    """The meaning of a name given twice, as in two languages: plain when every part means the same, and one is plain."""
    parts = [part for part in _PARTS.split(text) if part.strip()]
    if len(parts) < 2:
        return None
    found = [_named(part) for part in parts]
    known = [each for each in found if each and (each.plain or "." not in each.name)]
    if not known or len({each.name for each in known}) > 1:
        return None
    plain = len(known) == len(parts) and any(each.plain for each in known)
    return Meaning(known[0].name, plain, any(each.bare for each in known))


_BRACKET = re.compile(r"^(.*[^\s(\[{<【])\s*[(\[{<【](.+)[)\]}>】][\s*:?]*$", re.DOTALL)
_LEADING = re.compile(r"^(?:unit|units|in|单位)[\s:]+|^单位")
_LOOSE_END = re.compile(r"(?:[\s,/_\-:;]|\bin\s*$)+$")


def _without_unit(text: str) -> Iterator[tuple[str, str, bool]]:
    """Ways to part a name from what may be its unit: in a bracket, or at the end."""
    if match := _BRACKET.match(text):
        yield match[1], _LEADING.sub("", match[2].strip()), True
    low = text.casefold()
    for written in _written_units():
        base = text[: -len(written)]
        if low.endswith(written) and base and not (base[-1].isascii() and base[-1].isalnum()):
            yield _LOOSE_END.sub("", base), text[len(base) :], False


@cache
def _written_units() -> tuple[str, ...]:
    """Every way to write a unit, the longest first."""
    written = {unicodedata.normalize("NFKC", way).casefold() for unit in units() for way in (unit.unit, *unit.write)}
    return tuple(sorted(written, key=len, reverse=True))


def _same_unit(written: str, unit: str) -> bool:
    """Whether what is written is that unit itself, and no multiple of it."""
    known = {unicodedata.normalize("NFKC", way).casefold(): factor for way, factor in factors(unit).items()}
    return written.casefold() == unit.casefold() or known.get(written.casefold()) == 1


_NEAR = 0.85


def _nearly(text: str) -> Meaning | None:
    """What a misspelt name may mean, as a suggestion."""
    from difflib import get_close_matches

    near = get_close_matches(fold_column(text), _names().of, n=1, cutoff=_NEAR)
    return Meaning(_names().of[near[0]].name, plain=False) if near else None
