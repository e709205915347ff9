"""A name taken apart: its words, its Chinese characters, its legal form, and how much each part tells."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import NamedTuple

from orepass.parties.names.script import HAN, plain_latin, runs, simplified
from orepass.parties.names.vocabulary import FORM, LINK, UNKNOWN, Vocabulary, lemma, phrases, vocabulary

BREAK = "·"
"""Stands between runs of characters that do not touch."""


class Word(NamedTuple):
    """A word in Latin letters: as written, what it is, of what kind, and how many bits it tells."""

    text: str
    plain: str
    kind: str
    bits: float


class Segment(NamedTuple):
    """A stretch of Chinese characters: a known word, or characters that no table of words holds."""

    start: int
    end: int
    kind: str
    bits: float


class Name(NamedTuple):
    """A name taken apart.

    ``words`` are those in Latin letters and ``han`` the characters, in simplified form, both without legal forms; ``segments`` cut ``han``
    into words; ``bits`` is what the whole tells.
    """

    given: str
    words: tuple[Word, ...]
    han: str
    segments: tuple[Segment, ...]
    forms: tuple[str, ...]
    bits: float


@lru_cache(maxsize=10_000)
def read_name(text: str) -> Name:
    """Take a name apart.

    Parameters
    ----------
    text
        A name as written, in any script.
    """
    words = vocabulary()
    if HAN.search(text) is None:
        latin, forms = _latin_words(text, words)
        return _name(text, latin, "", forms, words)
    pieces = runs(_numbered(_BRACKETED_FORM.sub(_form_in_full, simplified(text))))
    kept: list[str] = []
    latin_parts: list[str] = []
    forms: list[str] = []
    for number, piece in enumerate(pieces):
        if number % 2:
            han, found = _without_han_forms(piece)
            forms += found
            if han:
                kept.append(han)
        else:
            latin_parts.append(piece)
    latin, more = _latin_words(" ".join(latin_parts), words)
    if not kept and not latin:
        kept = [piece for number, piece in enumerate(pieces) if number % 2]
    return _name(text, latin, BREAK.join(kept), [*forms, *more], words)


def _name(text: str, latin: list[Word], han: str, forms: list[str], vocabulary: Vocabulary) -> Name:
    segments = tuple(_segments(han, vocabulary))
    bits = sum(word.bits for word in latin) + sum(segment.bits for segment in segments)
    return Name(text, tuple(latin), han, segments, tuple(dict.fromkeys(forms)), bits)


_NUMBER = re.compile(
    "第([〇零一二三四五六七八九十百0-9]+)|([〇零一二三四五六七八九十百]{2,})(?=研究|所|院|厂|工厂|部队|设计)"
)
_DIGITS = {"〇": 0, "零": 0, **{digit: value for value, digit in enumerate("一二三四五六七八九", 1)}}
_UNITS = {"十": 10, "百": 100}


def _numbered(text: str) -> str:
    """A text with the numbers of institutes and plants in digits: 第七〇一研究所 as 701 研究所."""
    return _NUMBER.sub(lambda match: f" {_number(match[1] or match[2])} ", text)


def _number(written: str) -> str:
    if written.isdigit() and written.isascii():
        return written
    if not _UNITS.keys() & set(written):
        return "".join(str(_DIGITS.get(digit, digit)) for digit in written)
    total = digit = 0
    for sign in written:
        if sign in _UNITS:
            total += max(digit, 1) * _UNITS[sign]
            digit = 0
        else:
            digit = _DIGITS[sign] if sign in _DIGITS else int(sign)
    return str(total + digit)


_IN_FULL = {"株": "株式会社", "有": "有限会社", "合": "合同会社"}
_BRACKETED_FORM = re.compile(r"\((株|有|合)\)")


def _form_in_full(match: re.Match[str]) -> str:
    return _IN_FULL[match[1]]


_ORDINAL = re.compile(r"^(\d+)(?:st|nd|rd|th)$")


def _latin_words(text: str, words: Vocabulary) -> tuple[list[Word], list[str]]:
    """The words of a text in Latin letters without legal forms and links, and the classes of its forms."""
    written = plain_latin(text).split()
    written, forms = _without_forms(written, words)
    found = [_word(part, words) for part in phrases(written)]
    if len(found) > 1 and found[-1].text in _ROMAN:
        found[-1] = Word(found[-1].text, _ROMAN[found[-1].text], "number", words.bits["number"])
    kept = [word for word in found if word.text != _ARTICLE] or found
    return _numbers_joined(kept), forms


_ARTICLE = "the"
_ROMAN = {"i": "1", "v": "5", "x": "10"}
"""One letter at the end of a name is a number; elsewhere it is a letter."""


_TENS, _HUNDRED = 10, 100


def _numbers_joined(found: list[Word]) -> list[Word]:
    """Two words of one number as one: *forty-four* is 44."""
    kept: list[Word] = []
    for word in found:
        before = kept[-1] if kept else None
        if before and before.kind == word.kind == "number" and before.plain.isdigit() and word.plain.isdigit():
            tens, ones = int(before.plain), int(word.plain)
            if tens % _TENS == 0 and _TENS < tens < _HUNDRED and 0 < ones < _TENS:
                kept[-1] = before._replace(text=f"{before.text} {word.text}", plain=str(tens + ones))
                continue
        kept.append(word)
    return kept


def _word(text: str, words: Vocabulary) -> Word:
    ordinal = _ORDINAL.match(text)
    plain, kind = lemma(ordinal[1] if ordinal else text)
    if kind == UNKNOWN:
        if plain.isdigit():
            return Word(text, plain.lstrip("0") or "0", "number", words.bits["number"])
        bits = words.bits["unknown_base"] + words.bits["unknown_letter"] * len(plain)
        return Word(text, plain, kind, min(bits, words.bits["unknown_most"]))
    return Word(text, plain, kind, words.bits[kind])


_INSIDE = 2
"""A legal form of so many words is one inside a name too: *Co., Ltd. Maintenance Center*."""


def _without_forms(written: list[str], words: Vocabulary) -> tuple[list[str], list[str]]:
    """A name's words without the legal forms at its end, at its beginning, and unmistakable ones inside."""
    forms = words.forms
    found: list[str] = []

    def at(start: int, end: int) -> str | None:
        return forms.get(tuple(written[start:end]))

    cut = True
    while cut and len(written) > 1:
        cut = False
        for count in range(min(words.longest_form, len(written) - 1), 0, -1):
            if form := at(len(written) - count, len(written)):
                found.append(form)
                written = written[:-count]
                cut = True
                break
    if len(written) > 1:
        for count in range(min(words.longest_form, len(written) - 1), 0, -1):
            if (form := at(0, count)) and (count > 1 or (form not in _ONLY_AT_END and _may_lead(written[0], words))):
                found.append(form)
                written = written[count:]
                break
    start = 1
    while start < len(written):
        for count in range(min(words.longest_form, len(written) - start), 0, -1):
            form = at(start, start + count)
            if form and (count >= _INSIDE or written[start] in _SURE_INSIDE):
                found.append(form)
                del written[start : start + count]
                break
        else:
            start += 1
    return written, found


def _may_lead(form: str, words: Vocabulary) -> bool:
    """Whether one word can be a legal form in front of a name; most short ones are words or initials there."""
    return len(form) > _SHORT_FORM or form in words.leading


_SHORT_FORM = 3
_ONLY_AT_END = frozenset({"co", "corp", "inc"})
_SURE_INSIDE = frozenset({"ltd", "limited", "gmbh", "inc", "llc", "corporation", "corp", "company", "co", "plc", "jsc"})


def _without_han_forms(piece: str) -> tuple[str, list[str]]:
    """Characters without the legal forms among them."""
    pattern, classes = _han_forms()
    found = [classes[match[0]] for match in pattern.finditer(piece)]
    if not found:
        return piece, found
    return pattern.sub(BREAK, piece).strip(BREAK), found


@cache
def _han_forms() -> tuple[re.Pattern[str], dict[str, str]]:
    """The legal forms in characters as one pattern, the longest first, and the class of each."""
    forms = vocabulary().han_forms
    return re.compile("|".join(re.escape(form) for form, _ in forms)), dict(forms)


def _segments(han: str, words: Vocabulary) -> list[Segment]:
    """Characters cut into as few pieces as the words of the table allow; a character of no word costs most."""
    if not han:
        return []
    bits, longest = words.bits, words.longest_word
    best: list[tuple[float, Segment | None]] = [(0.0, None)]
    for end in range(1, len(han) + 1):
        if han[end - 1] == BREAK:
            best.append((best[-1][0], Segment(end - 1, end, LINK, 0.0)))
            continue
        cost = best[-1][0] + 4.0
        choice = Segment(end - 1, end, UNKNOWN, bits["han_character"])
        for start in range(max(0, end - longest), end):
            meanings = words.han.get(han[start:end])
            if meanings:
                this = best[start][0] + 1.0 + (1.0 if end - start == 1 else 0.0)
                if this < cost:
                    kind = meanings[0].kind
                    telling = bits[kind] if end - start > 1 else max(bits[kind], bits["han_character"])
                    cost, choice = this, Segment(start, end, kind, telling)
        best.append((cost, choice))
    found: list[Segment] = []
    end = len(han)
    while end:
        segment = best[end][1]
        assert segment is not None
        found.append(segment)
        end = segment.start
    return found[::-1]


__all__ = ["BREAK", "FORM", "Name", "Segment", "Word", "read_name"]
