"""A name in Chinese characters beside one in Latin letters: what is translated, what is written by its sound, what is left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from orepass.parties.names.name import Name, Word
from orepass.parties.names.parts import INITIALS, SOUNDED, TRANSLATED, Part
from orepass.parties.names.sounds import PINYIN, VOWELS, sounds, spellings, steps, unit_steps
from orepass.parties.names.vocabulary import Meaning, vocabulary

_NEVER_SOUNDED = frozenset({"generic", "organ", "link"})
_NO_TRADITION = -1
_LETTERS_SEEN = 7
_LEAST_BITS = 3.0
_LEAST_SHARE = 0.45
_SKIPS = 2
_SHORT_WORD = 3
_LETTER_BITS = 2.0
_COVERED = 1.0
_MOST_OF_A_WORD = 4.5
_ONE_CHARACTER = 0.5
_WEAK = 1.4


class Candidate(NamedTuple):
    """Characters ``start`` to ``end`` that may stand for the Latin words ``first`` to ``last``."""

    value: float
    start: int
    end: int
    first: int
    last: int
    how: str
    quality: float


def across(name: Name, words: Sequence[Word]) -> tuple[list[Part], set[int], list[bool]]:
    """The parts of a name in characters that stand for Latin words.

    Returns
    -------
    tuple
        The parts; the places of the Latin words that are explained; for each character whether it is.
    """
    han = name.han
    candidates = list(_translated(han, words))
    meant = {found.first for found in candidates if found.quality >= _SURELY}
    candidates += _sounded(han, words, meant)
    candidates += _initials(name, words)
    used_words: set[int] = set()
    used = [False] * len(han)
    parts: list[Part] = []
    weight = _character_bits(name)
    for found in _together(candidates):
        span = range(found.first, found.last)
        used[found.start : found.end] = [True] * (found.end - found.start)
        used_words.update(span)
        parts.append(
            Part(
                found.how,
                han[found.start : found.end],
                " ".join(words[place].text for place in span),
                sum(weight[found.start : found.end]),
                sum(words[place].bits for place in span),
                found.quality,
            )
        )
    return parts, used_words, used


_STATES = 6
"""How many ways of laying candidates side by side are followed at once."""


def _together(candidates: list[Candidate]) -> list[Candidate]:
    """The candidates that do not overlap and are worth most together."""
    best: dict[tuple[int, int, int, int], Candidate] = {}
    for found in candidates:
        span = found[1:5]
        if span not in best or best[span].value < found.value:
            best[span] = found
    states: list[tuple[float, int, int, tuple[Candidate, ...]]] = [(0.0, 0, 0, ())]
    for found in sorted(best.values(), key=lambda found: -found.value):
        characters = (1 << found.end) - (1 << found.start)
        words = (1 << found.last) - (1 << found.first)
        taken = [
            (total + found.value, a | characters, b | words, (*chosen, found))
            for total, a, b, chosen in states
            if not (a & characters or b & words)
        ]
        if taken:
            states = sorted([*states, *taken], key=lambda state: -state[0])[:_STATES]
    return list(states[0][3])


def _character_bits(name: Name) -> list[float]:
    """The bits of each character: those of its segment, shared out."""
    bits = [0.0] * len(name.han)
    for segment in name.segments:
        for place in range(segment.start, segment.end):
            bits[place] = segment.bits / (segment.end - segment.start)
    return bits


@lru_cache(maxsize=20_000)
def _words_in(han: str) -> tuple[tuple[tuple[int, tuple[Meaning, ...]], ...], ...]:
    """For each place in the characters the words that begin there: where they end, and what they mean."""
    words = vocabulary()
    return tuple(
        tuple(
            (end, words.han[han[start:end]])
            for end in range(start + 1, min(len(han), start + words.longest_word) + 1)
            if han[start:end] in words.han
        )
        for start in range(len(han))
    )


def alike(one: str, other: str) -> float:
    """How well two Latin words can be forms of one: 1 for the same, less for a common stem, 0 for none."""
    if one == other:
        return 1.0
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) < 4:
        return 0.0
    same = 0
    for a, b in zip(shorter, longer, strict=False):
        if a != b:
            break
        same += 1
    if same >= max(4, len(shorter) - 2) and same >= 0.65 * len(longer):
        return 0.9 if same >= len(shorter) - 1 else 0.75
    return 0.0


def _translated(han: str, words: Sequence[Word]) -> Iterator[Candidate]:
    by_start: dict[str, list[int]] = {}
    for place, word in enumerate(words):
        by_start.setdefault(word.plain[:3], []).append(place)
    bits = vocabulary().bits
    for start, ends in enumerate(_words_in(han)):
        for end, meanings in ends:
            for meaning in meanings:
                first, *rest = meaning.english
                for place in by_start.get(first[:3], ()):
                    quality = alike(first, words[place].plain)
                    last = place + 1
                    for more in rest:
                        if last >= len(words):
                            quality = 0.0
                            break
                        quality = min(quality, alike(more, words[last].plain))
                        last += 1
                    if quality:
                        worth = min(bits[meaning.kind], _MOST_OF_A_WORD) * (1.0 if end - start > 1 else _ONE_CHARACTER)
                        value = worth * len(meaning.english) * quality + _COVERED * (end - start)
                        yield Candidate(value, start, end, place, last, TRANSLATED, quality)


_SURELY = 0.9


def _sounded(han: str, words: Sequence[Word], meant: set[int]) -> Iterator[Candidate]:
    """Words that are read; one that is known, and surely the meaning of some characters, is not."""
    for place, word in enumerate(words):
        if word.kind not in _NEVER_SOUNDED and word.text.isalpha() and (word.kind == "unknown" or place not in meant):
            for start, end, bits, share in sounded(han, word.text):
                yield Candidate(
                    bits + _COVERED * (end - start), start, end, place, place + 1, SOUNDED, min(1.0, share * 1.15)
                )


def _most(text: str) -> float:
    """The bits of letters all of which agree."""
    vowels = sum(letter in VOWELS for letter in text)
    return 2.6 * (len(text) - vowels) + 1.3 * vowels


@lru_cache(maxsize=30_000)
def sounded(han: str, text: str) -> tuple[tuple[int, int, float, float], ...]:
    """Where characters can be read as a Latin word.

    Returns
    -------
    tuple
        Start and end of the characters, the bits, and the share of the word's bits that they are.
    """
    starts, weak = _words_in(han), sounds().weak
    found: list[tuple[int, int, float, float]] = []
    length, most = len(text), _most(text)
    ahead = [text[at : at + _LETTERS_SEEN] for at in range(length)]
    for start in range(len(han)):
        first = _readings(han, start, text, 0, ahead[0], starts)
        if not first:
            continue
        buckets: list[dict[_State, float]] = [{} for _ in range(length + 1)]
        for characters, letters, tradition, bits in first:
            _reach(buckets[letters], (start + characters, tradition, 0), bits)
        for at in range(1, length):
            if not buckets[at]:
                continue
            letter = text[at]
            silent = letter in VOWELS or letter == "h" or letter == text[at - 1]
            for (place, tradition, skips), bits in buckets[at].items():
                if place < len(han):
                    for characters, letters, other, more in _readings(han, place, text, at, ahead[at], starts):
                        if tradition == _NO_TRADITION or other in (_NO_TRADITION, tradition):
                            state = (place + characters, tradition if other == _NO_TRADITION else other, skips)
                            _reach(buckets[at + letters], state, bits + more)
                if silent or at >= length - _MUTE:
                    _reach(buckets[at + 1], (place, tradition, skips), bits - (_SILENT if silent else _MUTED))
                elif skips < _SKIPS:
                    _reach(buckets[at + 1], (place, tradition, skips + 1), bits - _UNHEARD)
        best: dict[int, float] = {}
        for (place, _, _), bits in buckets[length].items():
            best[place] = max(best.get(place, 0.0), bits)
        for place, bits in best.items():
            if bits >= _LEAST_BITS and bits >= _LEAST_SHARE * most:
                found.append((start, place, bits, bits / most))
                if place < len(han) and han[place] in weak:
                    found.append((start, place + 1, bits - _WEAK, bits / most))
    return tuple(found)


_State = tuple[int, int, int]
"""How many characters are read, in which tradition, and how many letters were left unheard."""
_Starts = tuple[tuple[tuple[int, tuple[Meaning, ...]], ...], ...]
_SILENT, _UNHEARD = 0.7, 2.6
_MUTE, _MUTED = 2, 1.2
"""So many letters at the end of a word may be mute, and what each costs: *Dassault*."""


def _readings(
    han: str, place: int, text: str, at: int, letters: str, starts: _Starts
) -> list[tuple[int, int, int, float]]:
    """Every way in which the characters from a place on can be the letters from ``at`` on."""
    character = han[place]
    found: list[tuple[int, int, int, float]] = list(steps(character, letters))
    tables = sounds()
    for count in range(2, tables.longest_from.get(character, 0) + 1):
        unit = han[place : place + count]
        if unit in tables.units:
            found += unit_steps(unit, letters)
    for end, meanings in starts[place]:
        for count, bits in _words_as_letters(meanings, text, at, end - place):
            found.append((end - place, count, _NO_TRADITION, bits))
    return found


def _reach(bucket: dict[_State, float], state: _State, bits: float) -> None:
    if bits > bucket.get(state, -4.0):
        bucket[state] = bits


def _words_as_letters(
    meanings: tuple[Meaning, ...], text: str, at: int, characters: int
) -> Iterator[tuple[int, float]]:
    """A translated word inside a longer Latin one: *metall* in *rheinmetall*, clipped at the end as in *maritech*."""
    for meaning in meanings:
        if len(meaning.english) != 1:
            continue
        english = meaning.english[0]
        if len(english) >= _SHORT_WORD and text.startswith(english[:_SHORT_WORD], at):
            same = 0
            for a, b in zip(english, text[at:], strict=False):
                if a != b:
                    break
                same += 1
            if same > _SHORT_WORD or (same == _SHORT_WORD and (same >= 0.5 * len(english) or at + same == len(text))):
                yield (
                    same,
                    _LETTER_BITS * same * (1.0 if characters > 1 else 0.8) * (1.0 if same == len(english) else 0.85),
                )


def _initials(name: Name, words: Sequence[Word]) -> Iterator[Candidate]:
    """Latin words of a few letters that are the initials of what the characters mean or how they sound."""
    for place, word in enumerate(words):
        if word.kind == "unknown" and 2 <= len(word.text) <= 6 and word.text.isalpha():
            for start, end, bits in _initials_of(name.han, word.text, bool(name.forms)):
                yield Candidate(bits + _COVERED * (end - start), start, end, place, place + 1, INITIALS, 0.8)


@lru_cache(maxsize=20_000)
def _initials_of(han: str, text: str, has_form: bool) -> tuple[tuple[int, int, float], ...]:
    starts = _words_in(han)
    units = sounds().units
    found: list[tuple[int, int, float]] = []
    for start in range(len(han)):
        reached: list[dict[int, float]] = [{} for _ in range(len(text) + 1)]
        reached[0][start] = 0.0
        for at, letter in enumerate(text):
            for place, bits in reached[at].items():
                if place >= len(han):
                    if has_form and letter == "c" and at == len(text) - 1:
                        _further(reached[at + 1], place, bits + 0.8)
                    continue
                for end, meanings in starts[place]:
                    for initials in {"".join(word[0] for word in " ".join(m.english).split()) for m in meanings}:
                        if text.startswith(initials, at):
                            worth = (1.9 if end - place > 1 else 1.5) * len(initials)
                            _further(reached[at + len(initials)], end, bits + worth)
                for count in (2, 3):
                    unit = han[place : place + count]
                    spelt = units.get(unit, ()) if len(unit) == count else ()
                    if any(letters.startswith(letter) for letters, _, _ in spelt):
                        _further(reached[at + 1], place + count, bits + 1.9)
                if any(s.startswith(letter) for s, tradition, _ in spellings(han[place]) if tradition == PINYIN):
                    _further(reached[at + 1], place + 1, bits + 1.2)
        found += [(start, place, bits) for place, bits in reached[-1].items() if bits >= _LEAST_INITIALS]
    return tuple(found)


_LEAST_INITIALS = 3.4


def _further(states: dict[int, float], place: int, bits: float) -> None:
    if bits > states.get(place, 0.0):
        states[place] = bits
