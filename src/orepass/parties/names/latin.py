"""Two rows of Latin words side by side: the same words, misspelt ones, words joined or cut, initials, pinyin beside its meaning."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache, lru_cache

from rapidfuzz.distance import OSA

from orepass.parties.names.across import Candidate, alike
from orepass.parties.names.name import Word
from orepass.parties.names.parts import INITIALS, JOINED, SAME, SPELT, TRANSLATED, Part
from orepass.parties.names.vocabulary import LINK, UNKNOWN, lemma, translations_of_pinyin

_FORM_INITIALS = frozenset("cl")


def beside(
    left: Sequence[Word], right: Sequence[Word], left_has_form: bool = False, right_has_form: bool = False
) -> tuple[list[Part], set[int], set[int]]:
    """The parts that two rows of words have in common, and the places of the words in them."""
    used_left: set[int] = set()
    used_right: set[int] = set()
    parts: list[Part] = []

    def take(how: str, lefts: Sequence[int], rights: Sequence[int], quality: float) -> None:
        if any(place in used_left for place in lefts) or any(place in used_right for place in rights):
            return
        used_left.update(lefts)
        used_right.update(rights)
        parts.append(
            Part(
                how,
                " ".join(left[place].text for place in lefts),
                " ".join(right[place].text for place in rights),
                sum(left[place].bits for place in lefts),
                sum(right[place].bits for place in rights),
                quality,
            )
        )

    places: dict[str, list[int]] = {}
    for place, word in enumerate(right):
        places.setdefault(word.plain, []).append(place)
    for place, word in enumerate(left):
        for other in places.get(word.plain, ()):
            if other not in used_right:
                take(SAME, (place,), (other,), 1.0)
                break
    if len(used_left) < len(left) and len(used_right) < len(right):
        for how, lefts, rights, quality in sorted(
            _nearly(left, right, used_left, used_right, left_has_form, right_has_form), key=lambda found: -found[3]
        ):
            take(how, lefts, rights, quality)
    return parts, used_left, used_right


_Pairing = tuple[str, Sequence[int], Sequence[int], float]


def _nearly(
    left: Sequence[Word],
    right: Sequence[Word],
    used_left: set[int],
    used_right: set[int],
    left_has_form: bool,
    right_has_form: bool,
) -> Iterator[_Pairing]:
    lefts = [place for place in range(len(left)) if place not in used_left]
    rights = [place for place in range(len(right)) if place not in used_right]
    yield from _joined(left, right, lefts, rights)
    for one in lefts:
        for other in rights:
            quality = spelt_alike(left[one], right[other])
            if quality:
                yield SPELT, (one,), (other,), quality
    for one in lefts:
        for places, quality in _initials(left[one], right, used_right, right_has_form):
            yield INITIALS, (one,), places, quality
        for places, quality in _meant(left[one], right, rights):
            yield TRANSLATED, (one,), places, quality
    for other in rights:
        for places, quality in _initials(right[other], left, used_left, left_has_form):
            yield INITIALS, places, (other,), quality
        for places, quality in _meant(right[other], left, lefts):
            yield TRANSLATED, places, (other,), quality


_SHORT = 4


def spelt_alike(one: Word, other: Word) -> float:
    """How well two words can be one word misspelt: 0 where both are known words that differ; a digit may be misread."""
    if one.kind == other.kind == "number":
        return 0.4 * (one.text.isdigit() == other.text.isdigit() and OSA.distance(one.text, other.text) == 1)
    if one.kind != UNKNOWN and other.kind != UNKNOWN:
        if alike(one.plain, other.plain) == 0.9:
            return 0.9
        slip = min(len(one.text), len(other.text)) > _SHORT and OSA.distance(one.text, other.text, score_cutoff=1) == 1
        return 0.55 * slip
    a, b = one.text, other.text
    if a.isdigit() or b.isdigit():
        return 0.0
    stem = alike(a, b)
    begun = 0.7 if stem and min(len(a), len(b)) > _SHORT else 0.0
    if not begun and min(len(a), len(b)) >= _SHORT and (a.startswith(b) or b.startswith(a)):
        begun = 0.6 * (2 * min(len(a), len(b)) >= max(len(a), len(b)))
    longest = max(len(a), len(b))
    if longest < 3 or abs(len(a) - len(b)) > 3:
        return begun
    most = 1 if longest < 7 else 2 if longest < 11 else 3
    distance = OSA.distance(a, b, score_cutoff=most)
    if distance > most:
        return begun
    return max(begun, 1.0 - 1.2 * distance / longest)


def _joined(left: Sequence[Word], right: Sequence[Word], lefts: list[int], rights: list[int]) -> Iterator[_Pairing]:
    """Words written as one on one side and as several on the other: *Good Will*, *Goodwill*."""
    if len(left) == len(lefts) == 1 == len(rights):
        return
    by_start: dict[str, list[tuple[tuple[int, ...], str]]] = {}
    for other in _stretches(rights):
        text = "".join(right[place].text for place in other).replace(" ", "")
        by_start.setdefault(text[:3], []).append((other, text))
    for one in _stretches(lefts):
        text = "".join(left[place].text for place in one).replace(" ", "")
        for other, beside_it in by_start.get(text[:3], ()):
            if len(one) == len(other) == 1 or abs(len(text) - len(beside_it)) > 1:
                continue
            if text == beside_it:
                yield JOINED, one, other, 1.0 - 0.001 * (len(one) + len(other))
            elif len(text) > 7 and (len(one) == 1 or len(other) == 1) and OSA.distance(text, beside_it) == 1:
                yield JOINED, one, other, 0.85


def _stretches(places: list[int]) -> Iterator[tuple[int, ...]]:
    for at, start in enumerate(places):
        for count in range(1, 5):
            stretch = tuple(places[at : at + count])
            if len(stretch) == count and stretch[-1] - start == count - 1:
                yield stretch


def _initials(
    word: Word, others: Sequence[Word], used: set[int], has_form: bool
) -> Iterator[tuple[tuple[int, ...], float]]:
    """Words of which a short word is the initials: *NIAOT*, *CETC* with a word left out, *ACMSH* with two letters of one."""
    text = word.text
    if word.kind == LINK or not 2 <= len(text) <= (7 if word.kind == UNKNOWN else 5) or not text.isalpha():
        return
    open_places = [place for place, other in enumerate(others) if place not in used and other.kind != LINK]
    if len(open_places) < 2:
        return
    best: tuple[float, tuple[int, ...]] | None = None
    for begin in range(len(open_places)):
        states: list[tuple[int, int, int, tuple[int, ...]]] = [(0, begin, 0, ())]
        while states:
            at, index, skipped, taken = states.pop()
            rest = len(text) - at
            if rest == 0 or (rest == 1 and has_form and text[at] in _FORM_INITIALS):
                if len(taken) >= 2 or (taken and rest):
                    left = len(open_places) - len(taken) - skipped
                    short = 0.15 if len(text) < 3 else 0.0
                    quality = 0.9 - 0.12 * skipped - (0.1 if left else 0.0) - short
                    if best is None or quality > best[0]:
                        best = (quality, taken)
                if rest == 0:
                    continue
            if index >= len(open_places):
                continue
            place = open_places[index]
            initials = initials_of(others[place].text)
            if text.startswith(initials, at):
                states.append((at + len(initials), index + 1, skipped, (*taken, place)))
            if taken and rest > 1 and others[place].text[:2] == text[at : at + 2]:
                states.append((at + 2, index + 1, skipped, (*taken, place)))
            if taken and skipped < _LEFT_OUT:
                states.append((at, index + 1, skipped + 1, taken))
    if best:
        yield best[1], best[0]


@lru_cache(maxsize=20_000)
def initials_of(text: str) -> str:
    """The first letters of the words of a text, but for those that link: *science and technology* gives *st*."""
    return "".join(part[0] for part in text.split() if lemma(part)[1] != LINK) or text[0]


_LEFT_OUT = 2
"""So many words may have no letter in an abbreviation."""


@cache
def _pinyin_of() -> dict[str, tuple[str, ...]]:
    """The pinyin of the Chinese words that an English word translates."""
    found: dict[str, list[str]] = {}
    for pinyin, meanings in translations_of_pinyin().items():
        for meaning in meanings:
            found.setdefault(meaning, []).append(pinyin)
    return {english: tuple(sorted(pinyins, key=len, reverse=True)) for english, pinyins in found.items()}


def _meant(word: Word, others: Sequence[Word], places: list[int]) -> Iterator[tuple[tuple[int, ...], float]]:
    """Words that a word of pinyin means: *Skyeye* beside *Tianyan*, *Small Leopard* beside *Xiaobao*."""
    if word.kind != UNKNOWN or len(word.text) < 4 or not word.text.isalpha():
        return
    pieces = [(place, pinyins(others[place].plain)) for place in places]
    found = _spelt_out(word.text, tuple((place, pinyins) for place, pinyins in pieces if pinyins), 0)
    if found:
        yield found, 0.8 if len(word.text) > 5 else 0.65


@lru_cache(maxsize=20_000)
def pinyins(plain: str) -> tuple[str, ...]:
    known = _pinyin_of().get(plain, ())
    if known or len(plain) < 6:
        return known
    return tuple(
        a + b
        for cut in range(3, len(plain) - 2)
        for a in _pinyin_of().get(plain[:cut], ())
        for b in _pinyin_of().get(plain[cut:], ())
    )[:60]


def _spelt_out(text: str, pieces: tuple[tuple[int, tuple[str, ...]], ...], depth: int) -> tuple[int, ...] | None:
    if not text:
        return ()
    if depth == 3:
        return None
    for number, (place, pinyins) in enumerate(pieces):
        for pinyin in pinyins:
            if text.startswith(pinyin):
                rest = _spelt_out(text[len(pinyin) :], pieces[:number] + pieces[number + 1 :], depth + 1)
                if rest is not None:
                    return tuple(sorted((place, *rest)))
    return None


__all__ = ["Candidate", "beside", "spelt_alike"]
