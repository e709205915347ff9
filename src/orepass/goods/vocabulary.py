"""Finding known names in a text, in one pass: English by words, Chinese by characters, the longest name first.

Names live in two tries. A name counts once where it is longest; small words that stand inside a longer name are not seen, but for forms and
for the words that tell which fact a number belongs to. The pass is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, NamedTuple, cast

from orepass.factcache import cached
from orepass.factfiles import FACTS, Record, content_hash, read_records
from orepass.goods.elements import ELEMENTS, elements
from orepass.goods.kinds import fold, kinds
from orepass.goods.parameters import forms, parameters, reading, shapes
from orepass.goods.spans import Spans

_WORD = re.compile(r"[a-z0-9]+(?:['.][a-z0-9]+)*")
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d+\s*%)")
_HAN = re.compile(r"[㐀-鿿]")
_HAN_RUN = re.compile(r"[㐀-鿿]+")
_WIDTH = str.maketrans(
    "％：，；（）＞＜＝～×＊－＋／．Φφ₀₁₂₃₄₅₆₇₈₉０１２３４５６７８９", "%:,;()><=~xx-+/.ΦΦ01234567890123456789"
)
_CODE_NAME = re.compile(r"[A-Z]{1,4}-\d{1,4}[a-z]{0,3}")
"""Names such as R-22 or HFC-134a, which are also written without the hyphen."""
_VALENCES = frozenset({"i", "ii", "iii", "iv", "v", "vi"})
_BREAKS = frozenset(",;:)")
"""Signs that may part two words."""

PLAIN_ROOTS = frozenset({"substance", "article", "product", "technology", "part", "equipment", "compound"})
"""Kinds whose names say nothing of themselves."""


class Hit(NamedTuple):
    """A known name found in a text, and the characters it stands on."""

    what: str
    id: str
    start: int
    end: int
    text: str


_BESIDE = frozenset({"measure", "use", "anywhere", "form", "shape", "element_group"})
"""What counts beside a longer name that begins at the same place."""
_APART = frozenset({"measure", "use", "anywhere", "form", "shape", "element_name", "particle_form", "element_group"})
_INSIDE = frozenset({"form", "shape", "measure", "anywhere", "particle_form"})
"""What is still seen inside a longer name."""
_FLEETING = frozenset({"measure", "anywhere"})
"""What keeps no other name from its characters."""


_Name = tuple[str, str, tuple[str, ...], str, bool, bool]
"""The end of a name in a trie: what it names, its id, how it must be written where case decides, its channel, whether it counts inside a
longer name, whether beside one. A plain tuple, so that the tries can be kept."""


def _name(what: str, key: str, exact: tuple[str, ...] = ()) -> _Name:
    channel = what if what in _APART else "name"
    return what, key, exact, channel, what in _INSIDE, channel in _BESIDE


_Trie = dict[str, Any]
_END = ""


class Names(NamedTuple):
    """Every known name, ready for the search."""

    starts: dict[str, tuple[_Trie, ...]]
    chinese: _Trie
    first_letters: frozenset[str]


def even_width(text: str) -> str:
    """The text with full-width signs made half-width and decimal commas of percentages made points; places stay the same."""
    if not text.isascii():
        text = simplified(text.translate(_WIDTH))
    return _DECIMAL_COMMA.sub(".", text) if "," in text else text


class _Plain(dict[int, str]):
    """Characters with their simplified form, asked of OpenCC when they are first met."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if _HAN.match(char):
            converted = cast("str", _converter().convert(char))
            self[code] = converted if len(converted) == 1 else char
        else:
            self[code] = char
        return self[code]


_PLAIN = _Plain()


def simplified(text: str) -> str:
    """The text in simplified characters, one for one."""
    return text.translate(_PLAIN)


@cache
def _converter() -> Any:
    from opencc_purepy import OpenCC

    return OpenCC("t2s")


def lowered(text: str) -> str:
    """The text in lower case, with every character in its place."""
    low = text.lower()
    return low if len(low) == len(text) else "".join(c if len(c.lower()) != 1 else c.lower() for c in text)


@cache
def uses() -> list[Record]:
    """What papers say of use, and the small words that turn a statement."""
    return read_records(FACTS / "goods" / "uses.yaml")


def _named() -> Iterator[tuple[str, str, Iterable[str]]]:
    """Everything that has names: kinds, forms, shapes, uses, small words, and the words beside numbers."""
    for kind in kinds().by_id.values():
        if kind.id not in PLAIN_ROOTS:
            symbol = (f"{kind.element} metal",) if kind.element else ()
            yield "kind", kind.id, (*kind.names, *kind.zh, *symbol)
    for form in forms().values():
        if form.en != (form.id,) or form.zh:
            yield "form", form.id, (*form.en, *form.zh)
    for shape in shapes().values():
        if shape.id != "particles":
            yield "shape", shape.id, (*shape.en, *shape.zh)
    for names_of, elements_of in reading().element_groups:
        yield "element_group", ",".join(elements_of), names_of
    small = ("negation", "denied_after", "holding", "purpose_clause", "technology", "software")
    for number, record in enumerate(uses()):
        what = next((key for key in small if key in record), "anywhere" if record.get("anywhere") else "use")
        yield what, str(number), (*record.get("en", ()), *record.get("zh", ()))
    for parameter in parameters().values():
        if parameter.type == "number":
            yield "measure", parameter.name, (*parameter.words, *parameter.zwords)
        if parameter.name == "particle_form":
            for value in parameter.values:
                yield "particle_form", value, (value,)
    for symbol, element in elements().items():
        yield "element_name", symbol, (element.en, element.zh)


@cache
def names() -> Names:
    """Every name that the goods facts know; the tries are made once for each state of the facts."""
    english, chinese = cached(f"names {_TRIE_FORM} {content_hash(FACTS / 'goods')}".encode(), _tries)
    return Names(_with_plurals(english), chinese, frozenset(first for first in chinese if not _HAN.match(first)))


_TRIE_FORM = 1
"""Goes up when the tries are made otherwise."""


def _tries() -> tuple[_Trie, _Trie]:
    english: _Trie = {}
    chinese: _Trie = {}
    known: dict[str, str] = {}
    for what, key, group in _named():
        for name in group:
            folded = lowered(name)
            if what == "element_name" and known.get(folded) == "kind":
                continue
            known.setdefault(folded, what)
            if _HAN.search(name):
                _grow(chinese, simplified(folded).replace(" ", ""), _name(what, key))
                continue
            parts = _WORD.findall(folded)
            if _CODE_NAME.fullmatch(name):
                _grow(english, [folded.replace("-", "")], _name(what, key))
            if parts:
                exact = tuple(word for word in name.split() if _short_formula(word) or word in ELEMENTS)
                _grow(english, parts, _name(what, key, exact))
    return english, chinese


def _with_plurals(english: _Trie) -> dict[str, tuple[_Trie, ...]]:
    """Where a name can begin: each first word, and its plural."""
    starts: dict[str, tuple[_Trie, ...]] = {word: (node,) for word, node in english.items()}
    for word, node in english.items():
        if len(word) > 2:
            starts[word + "s"] = (*starts.get(word + "s", ()), node)
    return starts


def _grow(trie: _Trie, parts: Iterable[str], name: _Name) -> None:
    node = trie
    for part in parts:
        node = node.setdefault(part, {})
    ends = node.setdefault(_END, [])
    if name not in ends:
        ends.append(name)


def _short_formula(name: str) -> bool:
    """Names that only count in the case in which chemists write them: APT, InP, WC."""
    return (len(name) <= 5 and any(letter.isupper() for letter in name[1:])) or (len(name) <= 3 and name.isupper())


Token = tuple[str, int, int]
"""A word of a text in lower case, and its characters."""


def tokens_of(low: str) -> list[Token]:
    """The words of a text in lower case; hyphens, commas and the like are no words."""
    return [(m[0], m.start(), m.end()) for m in _WORD.finditer(low)]


def find_names(text: str, low: str = "", tokens: list[Token] | None = None) -> list[Hit]:
    """Known names in the text by their place, each the longest that begins there; a form and a kind may share their characters."""
    hits: list[Hit] = []
    table = names()
    low = low or lowered(text)
    _english(text, low, tokens_of(low) if tokens is None else tokens, table.starts, hits)
    if not text.isascii():
        _chinese(text, low, table.chinese, hits)
        hits.sort(key=_place)
    return hits


def _place(hit: Hit) -> tuple[int, int]:
    return hit.start, -hit.end


def _english(text: str, low: str, tokens: list[Token], starts: dict[str, tuple[_Trie, ...]], hits: list[Hit]) -> None:
    count = len(tokens)
    covered = 0
    for position, (word, start, end) in enumerate(tokens):
        nodes = starts.get(word)
        if nodes is None:
            continue
        found: list[tuple[int, list[_Name]]] = []
        for here in nodes:
            last, place = end, position
            while True:
                ends = here.get(_END)
                if ends:
                    found.append((last, ends))
                    if len(here) == 1:
                        break
                place += 1
                if place >= count:
                    break
                word, begins, ending = tokens[place]
                gap = low[last:begins]
                if gap != " " and gap != "-" and not _BREAKS.isdisjoint(gap) and _parted(gap, low, start, last):
                    break
                deeper = here.get(word)
                if deeper is None:
                    if gap == "-" and len(word) <= 3 and word.isdigit():
                        last = ending
                        continue  # lithium-7 hydroxide is lithium hydroxide
                    if gap == "(" and word in _VALENCES:
                        last = ending + 1 if low[ending : ending + 1] == ")" else ending
                        continue  # cobalt(II) carbonate is cobalt carbonate
                    if word[-1] == "s" and len(word) > 3:
                        deeper = here.get(word[:-1])
                    if deeper is None:
                        break
                here, last = deeper, ending
        if found:
            covered = _keep(text, start, found, covered, hits)


def _parted(gap: str, low: str, start: int, end: int) -> bool:
    """Whether the signs between two words keep them from being one name; a bracket that opened in the name may close in it."""
    if gap == "," and low[end - 1].isdigit() and low[end + 1 : end + 2].isdigit():
        return False
    if "," in gap or ";" in gap or (":" in gap and gap != ":"):
        return True
    return ")" in gap and low.count("(", start, end) <= low.count(")", start, end)


def _chinese(text: str, low: str, trie: _Trie, hits: list[Hit]) -> None:
    covered = 0
    length = len(low)
    for run in _HAN_RUN.finditer(low):
        # Names may begin with letters (CVD金刚石): their English half is looked for from the run's edge backwards.
        for start in range(run.start(), run.end()):
            node = trie.get(low[start])
            if node is None:
                continue
            found: list[tuple[int, list[_Name]]] = []
            place = start + 1
            while True:
                ends = node.get(_END)
                if ends:
                    found.append((place, ends))
                if place >= length:
                    break
                node = node.get(low[place])
                if node is None:
                    break
                place += 1
            if found:
                covered = _keep(text, start, found, covered, hits)
    _mixed(text, low, trie, hits)


def _mixed(text: str, low: str, trie: _Trie, hits: list[Hit]) -> None:
    """Names in both scripts that begin with a letter or a digit: ``CVD金刚石``."""
    covered = 0
    letters = names().first_letters
    for word in _WORD.finditer(low):
        if low[word.start()] not in letters:
            continue
        node: _Trie | None = trie
        place = word.start()
        found: list[tuple[int, list[_Name]]] = []
        while node is not None and place < len(low):
            node = node.get(low[place])
            place += 1
            if node and node.get(_END):
                found.append((place, node[_END]))
        if found:
            covered = _keep(text, word.start(), found, covered, hits)


def _keep(text: str, start: int, found: list[tuple[int, list[_Name]]], covered: int, hits: list[Hit]) -> int:
    """Of the names that begin here, the longest of each channel; inside a longer name only what may stand there."""
    if len(found) > 1:
        found.sort(key=_first, reverse=True)
    taken: dict[str, int] = {}
    longest = 0
    for end, ends in found:
        written = text[start:end]
        for what, key, exact, channel, inside, beside in ends:
            if (end <= covered and not inside) or (end < longest and not beside) or taken.get(channel, end) != end:
                continue
            if exact and not _as_chemists_write(exact, written):
                continue
            if channel == "form" and _in_longer_form(start, end, key, hits):
                continue
            taken[channel] = end
            if end > longest and channel not in _FLEETING:
                longest = end
            hits.append(Hit(what, key, start, end, written))
    return longest if longest > covered else covered


def _in_longer_form(start: int, end: int, key: str, hits: list[Hit]) -> bool:
    """Whether a form stands inside a longer one: 锻轧 in 未锻轧."""
    return any(h.what == "form" and h.start <= start and end <= h.end and h.id != key for h in hits[-6:])


def _as_chemists_write(exact: tuple[str, ...], written: str) -> bool:
    """Whether the short formulas of a name stand in it letter for letter, or in capitals throughout where they are not too short."""
    return all(part in written or (len(part) > 3 and part.upper() in written) for part in exact)


def _first(pair: tuple[int, list[_Name]]) -> int:
    return pair[0]


@cache
def _class_patterns() -> tuple[tuple[re.Pattern[str], dict[str, str], dict[str, str]], ...]:
    """Patterns for classes of compounds as the tariff words them: 锗的氧化物, ``oxides of germanium``."""
    chinese = {element.zh: element.zh for element in elements().values()}
    english = {element.en: element.en for element in elements().values()} | {"aluminum": "aluminium"}
    classes = reading().compound_classes
    by_zh = {c["zh"]: c["zh_name"] for c in classes}
    by_en = {c["en"]: c["name"] for c in classes} | {c["en"].replace("ph", "f"): c["name"] for c in classes}
    zh_class = "|".join(sorted(by_zh, key=len, reverse=True))
    en_class = "|".join(sorted(by_en, key=len, reverse=True))
    zh_element = "".join(chinese)
    en_single = "|".join(sorted({name.removesuffix("s") for name in by_en}, key=len, reverse=True))
    other = "(?:其他|其它|其它的|其他的)?"
    return (
        (
            re.compile(rf"(?P<element>[{zh_element}])(?:金属)?的?{other}[,，\s]{{0,2}}(?P<class>{zh_class})"),
            by_zh,
            chinese,
        ),
        (re.compile(rf"(?P<class>{zh_class})[,，(（\s]{{1,2}}{other}(?P<element>[{zh_element}])"), by_zh, chinese),
        (
            re.compile(
                rf"\b(?P<class>{en_single})s?(?: and \w+)?\s?[,;-]?\s(?:of )?(?P<element>{'|'.join(english)})\b"
                rf"(?!\s?[,;]?\s(?:{en_single}))",
                re.IGNORECASE,
            ),
            {c["en"].removesuffix("s"): c["name"] for c in classes}
            | {c["en"].removesuffix("s").replace("ph", "f"): c["name"] for c in classes},
            english,
        ),
        (
            re.compile(rf"\b(?P<element>{'|'.join(english)})[,;:]\s(?P<class>{en_single})s?\b", re.IGNORECASE),
            {c["en"].removesuffix("s"): c["name"] for c in classes}
            | {c["en"].removesuffix("s").replace("ph", "f"): c["name"] for c in classes},
            english,
        ),
        (
            re.compile(
                rf"(?P<class>{en_class})(?:,? (?:and|or) (?:{en_class}))? of (?P<element>{'|'.join(english)})\b",
                re.IGNORECASE,
            ),
            by_en,
            english,
        ),
    )


def find_classes(text: str, hits: list[Hit]) -> list[Hit]:
    """Compounds named by their class: each as the kind that bears the plain name, or the element's compound."""
    found: list[Hit] = []
    chinese = not text.isascii()
    compounds = Spans((hit.start, hit.end) for hit in hits if hit.what == "kind" and not kinds().by_id[hit.id].element)
    known = kinds().names()
    for place, (pattern, by_class, by_element) in enumerate(_class_patterns()):
        if (place < 2) != chinese and place < 2:
            continue
        for m in pattern.finditer(text):
            if compounds.meets(*m.span()) or (
                found and any(h.start < m.end() and m.start() < h.end for h in found[-8:])
            ):
                continue
            element = by_element[m["element"].lower()]
            wanted = by_class[m["class"].lower()].format(element)
            wide = ("{}化合物" if place < 2 else "{} compound").format(element)
            kind = known.get(fold(wanted)) or known.get(fold(wide)) or "compound"
            found.append(Hit("kind", kind, m.start(), m.end(), m.group()))
    return found


_ELEMENT = re.compile(r"(?<![A-Za-z0-9])([A-Z][a-z]?)(?![A-Za-z0-9])")


def find_elements(text: str) -> list[Hit]:
    """Symbols of elements that stand as words of their own or in a chain such as W-Ni-Fe."""
    return [
        Hit("element", symbol, found.start(1), found.end(1), symbol)
        for found in _ELEMENT.finditer(text)
        if (symbol := found.group(1)) in ELEMENTS
    ]
