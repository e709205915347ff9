"""Which listed names are worth a comparison: those that share telling keys with the name asked, in any script.

A key is a word, a run of three letters of a word that no table holds, two characters, the consonants of two syllables, or initials. A key
counts the more, the fewer listed names have it. What this misses is missed for good, so it is counted in every figure of recall.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np

from orepass.parties.names.latin import initials_of, pinyins
from orepass.parties.names.name import BREAK, Name
from orepass.parties.names.sounds import FOREIGN, JAPANESE, PINYIN, sounds, spellings
from orepass.parties.names.vocabulary import LINK, UNKNOWN, lemma, translations_of_pinyin, vocabulary

_CLASS = str.maketrans(
    {
        **dict.fromkeys("bpfvw", "P"),
        **dict.fromkeys("dt", "T"),
        **dict.fromkeys("gkqc", "K"),
        **dict.fromkeys("jzs", "S"),
        "x": "KS",
        **dict.fromkeys("lr", "L"),
        **dict.fromkeys("mn", "N"),
        **dict.fromkeys("aeiouyh", ""),
    }
)


def skeleton(letters: str) -> str:
    """The classes of a word's consonants, doubled ones once: ``rheinmetall`` → ``LNNTL``."""
    found = letters.replace("sch", "s").replace("sh", "s").replace("ch", "s").translate(_CLASS)
    return "".join(c for place, c in enumerate(found) if place == 0 or c != found[place - 1])


def keys(name: Name) -> set[str]:
    """The keys under which a name is found."""
    return {*_latin_keys(name), *_han_keys(name)} if name.han else set(_latin_keys(name))


def _bone_keys(bones: str) -> Iterator[str]:
    """Consonants two by two, also with one between them, and the first and the last three."""
    for place in range(len(bones) - 1):
        yield "k" + bones[place : place + 2]
        if place + 2 < len(bones):
            yield "k" + bones[place] + bones[place + 2]
    if len(bones) >= 3:
        yield "b" + bones[:3]
        yield "b" + bones[-3:]


def _trigrams(text: str) -> Iterator[str]:
    for place in range(len(text) - 2):
        yield "g" + text[place : place + 3]


def _latin_keys(name: Name) -> Iterator[str]:
    texts = [word.text.replace(" ", "") for word in name.words]
    for word, text in zip(name.words, texts, strict=True):
        yield "w" + word.plain
        if word.kind == UNKNOWN or word.kind == "plain":
            if len(text) <= 7:
                yield "i" + text
            yield "p" + text[:4]
            yield from _trigrams(text)
            if _SHORT < len(text) <= _LONG:
                yield "d" + text
                for place in range(len(text)):
                    yield "d" + text[:place] + text[place + 1 :]
            if word.kind == UNKNOWN:
                for syllables in _pinyin_pieces(text):
                    yield "y" + syllables
            yield from _bone_keys(skeleton(text))
            for place in range(_SHORT + 1, len(text) - _SHORT):
                for part in (text[:place], text[place:]):
                    if len(part) > _SHORT and lemma(part)[1] != UNKNOWN:
                        yield "w" + lemma(part)[0]
        elif len(text) <= 5:
            yield "i" + text
        if word.kind != UNKNOWN:
            for pinyin in pinyins(word.plain)[:12]:
                yield "y" + pinyin
    initials = "".join(initials_of(word.text) for word in name.words if word.kind != LINK)
    for short in _abbreviations(initials, bool(name.forms)):
        yield "a" + short
    if len(name.words) == 1 and len(texts[0]) <= 7:
        yield "a" + texts[0]
    for start in range(len(initials)):
        for end in range(start + 2, min(len(initials), start + 7) + 1):
            run = initials[start:end]
            yield "i" + run
            if name.forms:
                yield "i" + run + "c"
    for one, other in zip(texts, texts[1:], strict=False):
        yield "p" + (one + other)[:4]
        yield from _trigrams(one[-2:] + other[:2])


def _abbreviations(initials: str, has_form: bool) -> Iterator[str]:
    """What a whole name may be shortened to: its initials, one left out, with those of *Company* or *Co*."""
    if 2 <= len(initials) <= 8:
        for short in (initials, *(initials[:place] + initials[place + 1 :] for place in range(1, len(initials)))):
            if len(short) > 1:
                yield short
                if has_form:
                    yield short + "c"
                    yield short + "co"


_SHORT, _LONG = 3, 10


@lru_cache(maxsize=20_000)
def _pinyin_pieces(text: str) -> tuple[str, ...]:
    """A word as pinyin, whole and cut in two, where words of the vocabulary are spelt so."""
    known = translations_of_pinyin()
    found = [text] if text in known else []
    for cut in range(2, len(text) - 1):
        if text[:cut] in known and text[cut:] in known:
            found += [text[:cut], text[cut:]]
    return tuple(found[:8])


def _han_keys(name: Name) -> Iterator[str]:
    han, words = name.han, vocabulary().han
    for one, other in zip(han, han[1:], strict=False):
        if BREAK not in (one, other):
            yield "h" + one + other
    run: list[str] = []
    for segment in (*name.segments, None):
        if segment is not None:
            piece = han[segment.start : segment.end]
            for meaning in words.get(piece, ()):
                yield "w" + meaning.english[0]
            if segment.kind not in {"generic", "organ", "trade", "link", "country"}:
                run.append(piece)
                continue
        if run:
            yield from _sound_keys("".join(run))
            run = []


def _sound_keys(run: str) -> Iterator[str]:
    spelt = sounds()
    pinyin = [_readings(spellings(c), PINYIN, 1) for c in run]
    yield from _trigrams("".join(reading[0] for reading in pinyin if reading))
    japanese = [_readings(spellings(c), JAPANESE, 3) for c in run]
    foreign = [_readings(spellings(c), FOREIGN, 3) for c in run]
    yield from _bone_keys(skeleton("".join((r or p or [""])[0] for r, p in zip(foreign, pinyin, strict=True))))
    yield from _bone_keys(skeleton("".join(reading[0] for reading in pinyin if reading)))
    for readings in (japanese, foreign):
        for one, other in zip(readings, readings[1:], strict=False):
            for a in one:
                for b in other:
                    yield from _trigrams(a[-2:] + b[:2])
                    yield "p" + (a + b)[:4]
                    yield from _bone_keys(skeleton(a + b))
    for start in range(len(run)):
        for count in range(2, spelt.longest_from.get(run[start], 0) + 1):
            for letters, _, _ in spelt.units.get(run[start : start + count], ()):
                yield from _trigrams(letters)
                yield "p" + letters[:4]


def _readings(spellings: Sequence[tuple[str, int, float]], tradition: int, most: int) -> list[str]:
    return [letters for letters, known, _ in spellings if known == tradition][:most]


class Blocks:
    """Names by their keys.

    Parameters
    ----------
    names
        The listed names; their places in this row are what :meth:`nearest` gives.
    """

    def __init__(self, names: Sequence[Name]) -> None:
        places: dict[str, list[int]] = {}
        for place, name in enumerate(names):
            for key in keys(name):
                places.setdefault(key, []).append(place)
        self.size = len(names)
        self._places = {key: np.asarray(found, dtype=np.int32) for key, found in places.items()}
        weights = np.zeros(self.size)
        self._weight = {key: _KIND[key[0]] * math.log(1 + self.size / len(found)) for key, found in places.items()}
        for key, found in self._places.items():
            weights[found] += self._weight[key]
        self._sizes = np.maximum(weights, 1.0)

    def may_hold(self, name: Name) -> bool:
        """Whether the most telling word of a name in Latin letters is like a word of any listed name; quick, and never wrong about a no
        that matters: a name whose most telling word nothing resembles is not likely any of them.
        """
        if name.han or not name.words:
            return True
        word = max(name.words, key=lambda word: word.bits)
        text = word.text.replace(" ", "")
        if any(key in self._places for key in ("w" + word.plain, "d" + text, "i" + text, "a" + text, "p" + text[:4])):
            return True
        return any("d" + text[:place] + text[place + 1 :] in self._places for place in range(len(text)))

    def nearest(self, name: Name, most: int) -> list[tuple[int, float]]:
        """The places of at most so many names that share most with this one, the best first, and what each shares beside the best."""
        known = [(self._places[key], self._weight[key]) for key in keys(name) if key in self._places]
        if not known:
            return []
        known.sort(key=lambda pair: -pair[1])
        lists = [found for found, _ in known]
        weights = np.repeat([weight for _, weight in known], [len(found) for found in lists])
        total = np.bincount(np.concatenate(lists), weights=weights, minlength=self.size)
        total *= 1.0 + sum(weight for _, weight in known) / self._sizes
        count = min(most, int(np.count_nonzero(total)))
        if count == 0:
            return []
        best = np.argpartition(-total, count - 1)[:count]
        best = best[np.argsort(-total[best], kind="stable")]
        return [(int(place), float(total[place] / total[best[0]])) for place in best]


_KIND = {"a": 3.0, "d": 0.8, "y": 0.7, "w": 2.0, "i": 0.8, "p": 1.0, "g": 0.6, "k": 0.4, "b": 0.9, "h": 1.2}
"""How much a key of each kind counts beside its rarity."""
