"""Names that are written wrongly: one letter off, a Chinese name in Latin letters, a character for another that sounds alike.

It is asked only where no name was found as written. What it finds is marked as guessed. A guess is given up when two names fit.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import product
from math import prod
from typing import NamedTuple

from orepass.factcache import cached
from orepass.factfiles import FACTS, content_hash
from orepass.goods.elements import elements
from orepass.goods.kinds import kinds
from orepass.goods.parameters import forms
from orepass.goods.vocabulary import PLAIN_ROOTS, Hit, Token, find_names, lowered

_LATIN = re.compile(r"[a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü']+", re.IGNORECASE)
_HAN_RUN = re.compile(r"[㐀-鿿]{2,}")
_HAN_ONLY = re.compile(r"[㐀-鿿]+")
_MOST_WAYS = 8
"""A name that can be said in more ways is heard in its usual one."""
_LONGEST = 40
"""A longer word is no name."""
_SHORTEST = 6
"""A shorter English word is not corrected: too many words stand one letter away."""
_TONES = str.maketrans("āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü", "aaaaeeeeiiiioooouuuuvvvvv")


def find_misspelt(text: str, tokens: list[Token], element_named: bool = False) -> list[Hit]:
    """Names that the text means without writing them as they are written.

    With ``element_named`` an element stands in the text, and only a longer name around it is looked for.
    """
    latin = text.isascii()
    found = _english(text, tokens) if not latin or _may_be_misspelt(tokens) else []
    if not found and not element_named and (not latin or _sounds_chinese(tokens)):
        found = _latin_chinese(text, tokens)
    if not found and not text.isascii():
        found = _chinese(text)
    return found


_EVEN_WORDS: set[str] = set()
"""Words met before that are no misspelt names."""
_MOST_WORDS = 200_000


def _may_be_misspelt(tokens: list[Token]) -> bool:
    """Whether any word could be a misspelt name."""
    for word in {word for word, _, _ in tokens} - _EVEN_WORDS:
        if corrected(word) != word:
            return True
        if len(_EVEN_WORDS) < _MOST_WORDS:
            _EVEN_WORDS.add(word)
    return False


def _sounds_chinese(tokens: list[Token]) -> bool:
    """Whether three syllables of Chinese stand together, or two where there is hardly more; English has words that sound so."""
    run = 0
    for word, _, _ in tokens:
        parts = _in_syllables(word)
        if parts:
            run += len(parts)
            if run > 2 or (run == 2 and len(tokens) <= _FEW_WORDS):
                return True
        else:
            run = 0
    return False


_FEW_WORDS = 4


@cache
def _words() -> dict[str, str]:
    """Words of names with one letter left out -> the word; words that two names could mean are left out."""
    table: dict[str, str] = {}
    doubtful: set[str] = set()
    for word in _name_words():
        for short in {word[:i] + word[i + 1 :] for i in range(len(word))}:
            if table.setdefault(short, word) != word:
                doubtful.add(short)
    for short in doubtful:
        del table[short]
    return table


@cache
def _name_words() -> frozenset[str]:
    """Words of the names of goods that are long enough to be known again."""
    return frozenset(
        word
        for kind in kinds().by_id.values()
        if kind.id not in PLAIN_ROOTS
        for name in kind.names
        if name.isascii()
        for word in re.findall(r"[a-z]+", name.lower())
        if len(word) >= _SHORTEST
    )


@lru_cache(maxsize=65536)
def corrected(word: str) -> str:
    """The word of a name that stands one letter away, or the word itself."""
    known = _name_words()
    if len(word) > _LONGEST or word in known or word.removesuffix("s") in known or not word.isalpha():
        return word
    table = _words()
    near = {word: 0}
    if word in table:
        near[table[word]] = 1
    for i in range(len(word)):
        short = word[:i] + word[i + 1 :]
        if short in known and len(short) >= _SHORTEST:
            near[short] = 1
        meant = table.get(short)
        if meant is not None and _one_away(word, meant):
            near[meant] = 1
    del near[word]
    return next(iter(near)) if len(near) == 1 else word


def _one_away(word: str, meant: str) -> bool:
    """Whether one letter differs, or two neighbours are swapped."""
    if len(word) != len(meant):
        return abs(len(word) - len(meant)) == 1
    wrong = [i for i, (a, b) in enumerate(zip(word, meant, strict=True)) if a != b]
    swapped = (
        len(wrong) == 2
        and wrong[1] == wrong[0] + 1
        and word[wrong[0]] == meant[wrong[1]]
        and word[wrong[1]] == meant[wrong[0]]
    )
    return len(wrong) == 1 or swapped


def _english(text: str, tokens: list[Token]) -> list[Hit]:
    """Names found once misspelt words are put right; places are those of the words as written."""
    pieces: list[str] = []
    places: list[int] = []
    last = 0
    for word, start, end in tokens:
        if end - start < _SHORTEST:
            continue
        meant = corrected(word)
        if meant == word:
            continue
        pieces += [text[last:start], meant]
        places += [*range(last, start), *(_spread(start, end, len(meant)))]
        last = end
    if not last:
        return []
    pieces.append(text[last:])
    places += [*range(last, len(text) + 1)]
    return _found_in("".join(pieces), places)


def _spread(start: int, end: int, count: int) -> list[int]:
    return [min(start + i, end - 1) for i in range(count)]


def _found_in(text: str, places: list[int]) -> list[Hit]:
    return [
        hit._replace(start=places[hit.start], end=places[hit.end - 1] + 1)
        for hit in find_names(text)
        if hit.what == "kind"
    ]


class _Sounds(NamedTuple):
    """Names by how they sound, syllable by syllable without tones; names that sound alike are left out."""

    names: dict[tuple[str, ...], tuple[str, str]]
    longest: int


@cache
def _chinese_names() -> tuple[tuple[str, str, str], ...]:
    """Chinese names of goods and forms: name, what it names, id."""
    found = [
        (name, "kind", kind.id)
        for kind in kinds().by_id.values()
        if kind.id not in PLAIN_ROOTS
        for name in kind.zh
        if _HAN_ONLY.fullmatch(name)
    ]
    found += [(name, "form", form.id) for form in forms().values() for name in form.zh if len(name) > 1]
    return tuple(found)


@cache
def _by_sound() -> _Sounds:
    state = f"sounds {content_hash(FACTS / 'goods')}"
    table = {tuple(sound): (name, key) for *sound, name, key in cached(state.encode(), _sounds)}
    return _Sounds(table, max(map(len, table)))


def _sounds() -> list[list[str]]:
    """Each way to say a Chinese name, syllable by syllable, with the name and what it names; ways that name two things are left out."""
    from pypinyin import Style, lazy_pinyin, pinyin

    table: dict[tuple[str, ...], tuple[str, str]] = {}
    doubtful: set[tuple[str, ...]] = set()
    for name, _, key in _chinese_names():
        ways = [
            {_plain_sound(way) for way in heard} for heard in pinyin(list(name), heteronym=True, style=Style.NORMAL)
        ]
        usual = tuple(_plain_sound(part) for part in lazy_pinyin(list(name)))
        for sound in product(*ways) if prod(map(len, ways)) <= _MOST_WAYS else (usual,):
            before = table.setdefault(sound, (name, key))
            if before[1] != key:
                doubtful.add(sound)
    return [[*sound, *named] for sound, named in table.items() if sound not in doubtful]


def _plain_sound(syllable: str) -> str:
    return syllable.translate(_TONES).replace("v", "u").replace("'", "")


def _latin_chinese(text: str, tokens: list[Token]) -> list[Hit]:
    """Chinese names in Latin letters: ``sanyanghuaerti``, ``zhong wu suan an``, ``wèi duàn zhá tī``."""
    if not text.isascii():
        tokens = [(m.group(), *m.span()) for m in _LATIN.finditer(lowered(text).translate(_TONES))]
    found: list[Hit] = []
    run: list[tuple[str, int, int]] = []
    last = -9
    for word, start, end in tokens:
        parts = _in_syllables(word)
        if run and (not parts or start - last > 2):
            if len(run) > 1:
                found += _heard(run)
            run = []
        if parts:
            place = start
            for part in parts:
                run.append((_plain_sound(part), place, place + len(part)))
                place += len(part)
            last = end
    return found + _heard(run)


_ONSET = r"(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?"
_RIME = r"(?:iang|iong|uang|ang|eng|ing|ong|iao|uai|ian|uan|van|ai|ei|ao|ou|an|en|in|un|vn|ia|ie|iu|ua|ui|uo|ue|ve|er|[aeiouv])"
_SYLLABLE = re.compile(_ONSET + _RIME)
_ONE = re.compile(rf"(?:{_ONSET}{_RIME})+")


@lru_cache(maxsize=65536)
def _in_syllables(word: str) -> tuple[str, ...]:
    """A word of Latin letters in Chinese syllables, the longest first with one step back; nothing where it cannot be one."""
    word = word.replace("'", "")
    if len(word) > _LONGEST or not _ONE.fullmatch(word):
        return ()
    parts: list[str] = []
    rest = word
    while rest:
        m = _SYLLABLE.match(rest)
        if m is None:
            return ()
        part: str = m.group()
        while part and len(part) < len(rest) and not _ONE.fullmatch(rest[len(part) :]):
            part = _shorter(part)
        if not part:
            return ()
        parts.append(part)
        rest = rest[len(part) :]
    return tuple(parts)


@cache
def _hits_of(name: str) -> tuple[Hit, ...]:
    """What a known name stands for."""
    return tuple(find_names(name))


def _shorter(part: str) -> str:
    """The next shorter beginning of a syllable that is one itself."""
    for size in range(len(part) - 1, 0, -1):
        if _SYLLABLE.fullmatch(part[:size]):
            return part[:size]
    return ""


def _heard(run: list[tuple[str, int, int]]) -> list[Hit]:
    """Names among syllables that stand together, the longest first. One of a single syllable counts only beside another."""
    if len(run) < 2:
        return []
    table, longest = _by_sound()
    found: list[tuple[int, Hit]] = []
    position = 0
    while position < len(run):
        step = 1
        for count in range(min(longest, len(run) - position), 0, -1):
            part = run[position : position + count]
            heard = table.get(tuple(sound for sound, _, _ in part))
            if heard is not None and (count > _FEW or count == len(run) or (count == 1 and len(run) <= _SHORT_RUN)):
                start, end = part[0][1], part[-1][2]
                found += [
                    (count, hit._replace(start=start, end=end))
                    for hit in _hits_of(heard[0])
                    if hit.what in {"kind", "form"} and hit.start == 0
                ]
                step = count
                break
        position += step
    if all(count == 1 for count, _ in found):
        return []
    return [hit for _, hit in found]


_FEW = 2
"""So few syllables are a name only where nothing else stands beside them."""
_SHORT_RUN = 12
"""In a longer run of syllables a single one is no name."""


@cache
def _by_gap() -> dict[str, str]:
    """Chinese names of four characters or more with one character left open or left out -> the name, where only one fits."""
    table: dict[str, tuple[str, str]] = {}
    doubtful: set[str] = set()
    for name, what, key in _chinese_names():
        if len(name) < 4 or what != "kind":
            continue
        for i in range(len(name)):
            if name[i] in _element_characters():
                continue  # which element it is cannot be guessed
            for gap in (name[:i] + "?" + name[i + 1 :], name[:i] + name[i + 1 :]):
                before = table.setdefault(gap, (name, key))
                if before[1] != key:
                    doubtful.add(gap)
    for gap in doubtful:
        del table[gap]
    return {gap: name for gap, (name, _) in table.items()}


@cache
def _element_characters() -> frozenset[str]:
    return frozenset(element.zh for element in elements().values())


def _chinese(text: str) -> list[Hit]:
    """Names with a character that sounds alike, is wrong, missing, doubled or swapped."""
    from pypinyin import lazy_pinyin

    found: list[Hit] = []
    table, longest = _by_sound()
    for run in _HAN_RUN.finditer(text):
        word = run.group()
        if len(word) < 3:
            continue
        sounds = [_plain_sound(part) for part in lazy_pinyin(list(word))]
        position = 0
        while position < len(word):
            name, count = "", 0
            for size in range(min(longest, len(word) - position), 2, -1):
                part = word[position : position + size]
                heard = table.get(tuple(sounds[position : position + size]))
                name = heard[0] if heard else _mended(part)
                if name and part != name:
                    count = size
                    break
                name = ""
            if name:
                start = run.start() + position
                found += [
                    hit._replace(start=start, end=start + count)
                    for hit in _hits_of(name)
                    if hit.what in {"kind", "form"} and hit.start == 0
                ]
            position += count or 1
    return found


@lru_cache(maxsize=65536)
def _mended(part: str) -> str:
    """The name that a stretch of characters means when one is wrong, missing, too many, or two are swapped."""
    table = _by_gap()
    known = kinds().names()
    for i in range(len(part)):
        if part[i] not in _element_characters():
            name = table.get(part[:i] + "?" + part[i + 1 :])
            if name:
                return name
            short = part[:i] + part[i + 1 :]
            if len(short) >= 3 and short in known and _HAN_ONLY.fullmatch(short):
                return short
        if i + 1 < len(part):
            swapped = part[:i] + part[i + 1] + part[i] + part[i + 2 :]
            if swapped != part and len(swapped) >= 3 and swapped in known and _HAN_ONLY.fullmatch(swapped):
                return swapped
    return table.get(part, "") if len(part) >= 3 else ""
