"""What the words of names mean: translations, places, legal forms, abbreviations, and how much each tells apart.

The tables lie under ``facts/parties``; they hold words of the two languages and no party.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from orepass.factcache import cached
from orepass.factfiles import FACTS, content_hash, read_table, read_yaml
from orepass.parties.names.script import plain_latin, simplified

PARTIES = FACTS / "parties"

LINK, FORM, GENERIC, UNKNOWN = "link", "form", "generic", "unknown"


class Meaning(NamedTuple):
    """What a Chinese word means: its words in English, and of what kind it is (``trade``, ``place``, ``plain`` …)."""

    english: tuple[str, ...]
    kind: str


class Vocabulary(NamedTuple):
    """The words of names.

    ``han`` holds the meanings of each Chinese word, ``latin`` the plain word and the kind behind each written form, ``forms`` the class of
    each legal form, ``pinyin`` the English words that a run of pinyin can mean, ``bits`` how much a word of a kind tells apart,
    ``leading`` the short legal forms that stand in front of a name.
    """

    han: dict[str, tuple[Meaning, ...]]
    latin: dict[str, tuple[str, str]]
    forms: dict[tuple[str, ...], str]
    han_forms: tuple[tuple[str, str], ...]
    country_of: dict[str, str]
    bits: dict[str, float]
    leading: frozenset[str]
    longest_word: int
    longest_form: int


@cache
def vocabulary() -> Vocabulary:
    """The words of names, read once."""
    parts = cached(f"vocabulary of names, 3, {content_hash(PARTIES)}".encode(), lambda: tuple(_read()))
    han, latin, forms, han_forms, country_of, comparison = parts
    return Vocabulary(
        {word: tuple(Meaning(*meaning) for meaning in meanings) for word, meanings in han.items()},
        latin,
        forms,
        tuple(sorted(han_forms, key=lambda pair: -len(pair[0]))),
        country_of,
        comparison["bits"],
        frozenset(comparison["leading"]),
        max(map(len, han)),
        max(map(len, forms)),
    )


def _read() -> Iterator[object]:
    latin: dict[str, tuple[str, str]] = {}
    for row in read_table(PARTIES / "latin_words.csv"):
        written = [plain_latin(row["canonical"]), *_alternatives(row["written"])]
        meant = next((digits[1] for form in written if (digits := _DIGITS.match(form))), written[0])
        for form in written:
            if len(form) > 1:
                latin.setdefault(form, (meant, row["kind"]))
    han: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    country_of: dict[str, str] = {}
    for zh, english, kind in _translations(country_of):
        for word in english:
            han.setdefault(zh, []).append(((word,), kind))
            if " " not in word or kind in {"place", "country"}:
                latin.setdefault(word, (word, kind))
    for zh, meanings in han.items():
        han[zh] = list(dict.fromkeys((_lemmas(phrase[0].split(), latin), kind) for phrase, kind in meanings))
    forms: dict[tuple[str, ...], str] = {}
    han_forms: list[tuple[str, str]] = []
    for row in read_table(PARTIES / "forms.csv"):
        if row["script"] in {"han", "hangul"} and not row["form"].isascii():
            han_forms.append((simplified(row["form"]), row["class"]))
        form = tuple(plain_latin(row["form"]).split()) if row["script"] != "han" else ()
        if form:
            forms.setdefault(form, row["class"])
    yield han
    yield latin
    yield forms
    yield han_forms
    yield country_of
    yield read_yaml(PARTIES / "comparison.yaml")


_DIGITS = re.compile(r"^(\d+)(?:st|nd|rd|th)?$")


def _alternatives(cell: str) -> list[str]:
    return [written for part in cell.split(";") if (written := plain_latin(part))]


def _translations(country_of: dict[str, str]) -> Iterator[tuple[str, list[str], str]]:
    for name in ("words_trade.csv", "words_plain.csv"):
        for row in read_table(PARTIES / name):
            yield simplified(row["zh"].strip()), _alternatives(row["en"]), row["kind"]
    for row in read_table(PARTIES / "places.csv"):
        english = _alternatives(row["en"])
        kind = "country" if row["kind"] == "country" else "place"
        if row["country"]:
            for word in english:
                country_of.setdefault(word, row["country"])
        for zh in row["zh"].split(";"):
            if zh.strip():
                yield simplified(zh.strip()), english, kind


def _lemma(word: str, latin: dict[str, tuple[str, str]]) -> str:
    known = latin.get(word)
    if known:
        return known[0]
    for ending, instead in (("ies", "y"), ("es", ""), ("s", "")):
        if word.endswith(ending) and len(word) > len(ending) + 3:
            known = latin.get(word.removesuffix(ending) + instead)
            if known:
                return known[0]
    return word


def _lemmas(words: list[str], latin: dict[str, tuple[str, str]]) -> tuple[str, ...]:
    found = [_lemma(" ".join(words[start:end]), latin) for start, end in _phrases(words, latin)]
    return tuple(word for word in found if latin.get(word, ("", ""))[1] != LINK) or tuple(found)


def _phrases(words: list[str], latin: dict[str, tuple[str, str]]) -> Iterator[tuple[int, int]]:
    """Where words stand that belong together, such as *hong kong*: the longest first."""
    start = 0
    while start < len(words):
        end = start + 1
        for longer in range(min(len(words), start + LONGEST_PHRASE), start + 1, -1):
            if latin.get(" ".join(words[start:longer]), ("", ""))[1] in _WHOLE:
                end = longer
                break
        yield start, end
        start = end


_WHOLE = frozenset({"place", "country", "number"})
LONGEST_PHRASE = 4
"""Words in the longest written form of the Latin table that is looked for as one."""


def phrases(words: list[str]) -> list[str]:
    """The words of a name, those that belong together joined by a space."""
    return [" ".join(words[start:end]) for start, end in _phrases(words, vocabulary().latin)]


@lru_cache(maxsize=30_000)
def lemma(word: str) -> tuple[str, str]:
    """The plain word behind a written one, and its kind: ``("technology", "generic")`` for *tech*; a word not known is itself."""
    latin = vocabulary().latin
    base = _lemma(word, latin)
    return latin.get(base, (base, UNKNOWN))


@cache
def translations_of_pinyin() -> dict[str, frozenset[str]]:
    """Pinyin without tones of each Chinese word, with the single English words that it can mean."""
    return {
        pinyin: frozenset(words)
        for pinyin, words in cached(
            f"pinyin of the vocabulary, 1, {content_hash(PARTIES)}".encode(), _pinyin_of_words
        ).items()
    }


def _pinyin_of_words() -> dict[str, tuple[str, ...]]:
    from pypinyin import lazy_pinyin

    found: dict[str, set[str]] = {}
    for zh, meanings in vocabulary().han.items():
        found.setdefault("".join(lazy_pinyin(zh)), set()).update(
            meaning.english[0] for meaning in meanings if len(meaning.english) == 1
        )
    return {pinyin: tuple(sorted(words)) for pinyin, words in found.items() if words}
