"""How Chinese characters sound in Latin letters: pinyin, transliteration of foreign names, Japanese, Cantonese, Korean, Wade-Giles.

A character stands for a few letters, and for which it stands depends on the tradition in which the name was written; within one word the
tradition does not change. Each match of a character with letters is worth bits: how unlikely it would be by chance.
"""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache
from typing import Any, NamedTuple

from orepass.factcache import cached
from orepass.factfiles import content_hash, read_table, read_yaml
from orepass.parties.names.script import simplified
from orepass.parties.names.vocabulary import PARTIES

PINYIN, FOREIGN, JAPANESE, CANTONESE, KOREAN, WADE = range(6)
_FILES = {FOREIGN: "transliteration.csv", JAPANESE: "japanese.csv", CANTONESE: "cantonese.csv", KOREAN: "korean.csv"}

VOWELS = frozenset("aeiouyw")


class Step(NamedTuple):
    """Characters heard as letters: how many of each, in which tradition, and the bits that it is worth."""

    characters: int
    letters: int
    tradition: int
    bits: float


class Sounds(NamedTuple):
    """What the tables say.

    ``characters``: spellings by character, ``{character: ((letters, tradition, bits), …)}``; ``units``: those of several characters, and
    ``longest_from`` the longest by its first one; ``weak`` characters stand for a single consonant, which may be written twice or not at
    all; ``wade_giles``: other spellings of a syllable of pinyin.
    """

    characters: dict[str, tuple[tuple[str, int, float], ...]]
    units: dict[str, tuple[tuple[str, int, float], ...]]
    longest_from: dict[str, int]
    weak: frozenset[str]
    wade_giles: dict[str, tuple[str, ...]]


@cache
def sounds() -> Sounds:
    """All spellings, read once."""
    characters, units, wade_giles = cached(f"sounds, 5, {content_hash(PARTIES)}".encode(), _read)
    longest: dict[str, int] = {}
    for unit in units:
        longest[unit[0]] = max(len(unit), longest.get(unit[0], 0))
    return Sounds(characters, units, longest, frozenset(_initials()["weak"]), wade_giles)


def _value(letters: str, tradition: int) -> float:
    consonants = sum(letter not in VOWELS for letter in letters)
    worth = 2.6 * consonants + 1.3 * (len(letters) - consonants)
    return worth - (0.0 if tradition == PINYIN else 0.8)


def _read() -> tuple[
    dict[str, tuple[tuple[str, int, float], ...]],
    dict[str, tuple[tuple[str, int, float], ...]],
    dict[str, tuple[str, ...]],
]:
    found: dict[str, dict[tuple[str, int], float]] = {}
    for tradition, name in _FILES.items():
        for row in read_table(PARTIES / "readings" / name):
            for letters in row["latin"].split(";"):
                if letters:
                    found.setdefault(simplified(row["zh"]), {}).setdefault(
                        (letters, tradition), _value(letters, tradition)
                    )
    flat = {
        characters: tuple((letters, tradition, value) for (letters, tradition), value in known.items())
        for characters, known in found.items()
    }
    other = {
        row["pinyin"]: tuple(row["latin"].split(";")) for row in read_table(PARTIES / "readings" / "wade_giles.csv")
    }
    return ({c: s for c, s in flat.items() if len(c) == 1}, {c: s for c, s in flat.items() if len(c) > 1}, other)


_MOST_READINGS = 4


@lru_cache(maxsize=30_000)
def spellings(character: str) -> tuple[tuple[str, int, float], ...]:
    """The letters for which a character can stand, each with its tradition and its bits."""
    from pypinyin.constants import PINYIN_DICT

    tables = sounds()
    found: dict[tuple[str, int], float] = {}
    for reading in PINYIN_DICT.get(ord(character), "").split(",")[:_MOST_READINGS]:
        plain = toneless(reading)
        if plain:
            found.setdefault((plain, PINYIN), _value(plain, PINYIN))
            for spelling in (plain, *tables.wade_giles.get(plain, ())):
                found.setdefault((spelling, WADE), _value(spelling, WADE))
    own = tuple((letters, tradition, bits) for (letters, tradition), bits in found.items())
    return own + tables.characters.get(character, ())


def toneless(reading: str) -> str:
    """Pinyin without its tone, ü as u: ``lǜ`` → ``lu``."""
    return "".join(c for c in unicodedata.normalize("NFKD", reading) if c.isascii() and c.isalpha())


@cache
def _initials() -> dict[str, Any]:
    return read_yaml(PARTIES / "readings" / "initials.yaml")


@cache
def _loose() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Initials of pinyin, the longest first, with the consonants that they can stand for in foreign words."""
    data: dict[str, str] = _initials()["initials"]
    return tuple(
        (initial, tuple(sorted(letters.split(), key=len, reverse=True)))
        for initial, letters in sorted(data.items(), key=lambda pair: -len(pair[0]))
    )


@lru_cache(maxsize=20_000)
def _by_first_letter(character: str) -> dict[str, list[tuple[str, int, float]]]:
    """The spellings of a character by their first letter; under no letter its pinyin."""
    found: dict[str, list[tuple[str, int, float]]] = {}
    for spelt in spellings(character):
        found.setdefault(spelt[0][0], []).append(spelt)
        if spelt[1] == PINYIN:
            found.setdefault("", []).append(spelt)
    return found


MOST_VOWELS = 3


@lru_cache(maxsize=50_000)
def steps(character: str, letters: str) -> tuple[Step, ...]:
    """Every way in which a character can be the beginning of these letters.

    Parameters
    ----------
    character
        One simplified character.
    letters
        The letters that follow, at most seven of them.
    """
    found: dict[tuple[int, int], float] = {}
    spelt = _by_first_letter(character)
    for spelling, tradition, bits in spelt.get(letters[:1], ()):
        if letters.startswith(spelling):
            key = (len(spelling), tradition)
            found[key] = max(bits, found.get(key, 0.0))
    for spelling, _, _ in spelt.get("", ()):
        for count, bits in _loosely(spelling, letters):
            key = (count, FOREIGN)
            if bits > found.get(key, 0.0):
                found[key] = bits
    return tuple(Step(1, count, tradition, bits) for (count, tradition), bits in found.items())


@lru_cache(maxsize=1000)
def _consonants(pinyin: str) -> tuple[str, tuple[str, ...]]:
    """The initial of a syllable, and the consonants for which it can stand."""
    return next(((known, options) for known, options in _loose() if pinyin.startswith(known)), ("", ("",)))


def _loosely(pinyin: str, letters: str) -> list[tuple[int, float]]:
    """Letters that a syllable can stand for by its consonants alone: ``lai`` for *rhei*, ``shi`` for *sch*."""
    initial, options = _consonants(pinyin)
    nasal = pinyin.endswith(("n", "ng"))
    found: list[tuple[int, float]] = []
    for consonant in options:
        if not letters.startswith(consonant):
            continue
        found += _vowels_after(letters, len(consonant), 1.7 * bool(initial), nasal)
        behind = letters[len(consonant) : len(consonant) + 1]
        if initial and behind and behind in "hrl" and consonant[-1] != behind:
            found += _vowels_after(letters, len(consonant) + 1, 1.7 - 0.6 * (behind != "h"), nasal)
        if not nasal:
            break
    return found


def _vowels_after(letters: str, at: int, worth: float, nasal: bool) -> list[tuple[int, float]]:
    """The rest of a syllable behind its consonants: vowels, and a nasal, which the next character may share: 昂纳 for *ona*."""
    end = at
    while end < len(letters) and end - at < MOST_VOWELS and letters[end] in VOWELS:
        end += 1
    if end == at and not worth:
        return []
    worth += 0.4 * (end > at)
    if nasal:
        if end >= len(letters) or letters[end] not in "nm":
            return []
        found = [(end + 1, worth + 1.3)]
        if end > at:
            found.append((end, worth))
        if letters[end + 1 : end + 2] in ("g", "n", "m"):
            found.append((end + 2, worth + 1.3))
        return found
    found = [(end, worth)]
    if end > at and end < len(letters) and letters[end] == "h":
        found.append((end + 1, worth))
    if end - at > 1:
        found.append((end - 1, worth - 0.2))
    return found


def unit_steps(characters: str, letters: str) -> list[Step]:
    """Ways in which a fixed group of characters, such as 长谷川, is the beginning of these letters."""
    return [
        Step(len(characters), len(spelling), tradition, bits)
        for spelling, tradition, bits in sounds().units.get(characters, ())
        if letters.startswith(spelling)
    ]
