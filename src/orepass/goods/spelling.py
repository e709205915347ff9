"""Names that are written wrongly: one letter off, a Chinese name in Latin letters, a character for another that sounds alike.

It is asked only where no name was found as written. What it finds is marked as guessed. A guess is given up when two names fit.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from orepass.goods.elements import elements
from orepass.goods.kinds import kinds
from orepass.goods.vocabulary import PLAIN_ROOTS, Hit, find_names, lowered

_LATIN = re.compile(r"[a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü']+", re.IGNORECASE)
_HAN_RUN = re.compile(r"[㐀-鿿]{2,}")
_SHORTEST = 6
"""A shorter English word is not corrected: too many words stand one letter away."""
_LONG_WORD = re.compile(rf"[A-Za-z]{{{_SHORTEST},}}")
_TONES = str.maketrans("āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü", "aaaaeeeeiiiioooouuuuvvvvv")


def find_misspelt(text: str) -> list[Hit]:
    """Names that the text means without writing them as they are written."""
    found = _english(text)
    if not found:
        found = _latin_chinese(text)
    if not found and not text.isascii():
        found = _chinese(text)
    return found


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
    if len(word) < _SHORTEST or word in known or word.removesuffix("s") in known:
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


def _english(text: str) -> list[Hit]:
    """Names found once misspelt words are put right; places are those of the words as written."""
    pieces: list[str] = []
    places: list[int] = []
    changed = False
    last = 0
    for m in _LONG_WORD.finditer(text):
        meant = corrected(m.group().lower())
        if meant == m.group().lower():
            continue
        changed = True
        pieces += [text[last : m.start()], meant]
        places += [*range(last, m.start()), *(_spread(m.start(), m.end(), len(meant)))]
        last = m.end()
    if not changed:
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


@cache
def _syllables() -> dict[str, str]:
    """Chinese names of goods in Latin letters without tones -> the name as written; names that sound alike are left out."""
    from pypinyin import lazy_pinyin

    table: dict[str, str] = {}
    doubtful: set[str] = set()
    for name, _ in _chinese_names():
        sound = "".join(lazy_pinyin(name)).replace("ü", "v")
        if len(name) < 2 or len(sound) < _SHORTEST:
            continue
        before = table.setdefault(sound, name)
        if before != name and kinds().names().get(before) != kinds().names().get(name):
            doubtful.add(sound)
    for sound in doubtful:
        del table[sound]
    return table


@cache
def _chinese_names() -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, kind.id)
        for kind in kinds().by_id.values()
        if kind.id not in PLAIN_ROOTS
        for name in kind.zh
        if re.fullmatch(r"[㐀-鿿]+", name)
    )


_SOUND = re.compile(
    r"(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|ei|ao|ou|an|en|in|un|ia|ie|iu|ua|ui|uo|ue|ve|er|[aeiouv])(?:r|n|ng)?"
)


@lru_cache(maxsize=65536)
def _sounds_chinese(word: str) -> bool:
    """Whether a word of Latin letters could be Chinese syllables."""
    return bool(re.fullmatch(rf"(?:{_SOUND.pattern})+", word))


def _latin_chinese(text: str) -> list[Hit]:
    """Chinese names in Latin letters: ``sanyanghuaerti``, ``zhong wu suan an``."""
    run: list[tuple[str, int, int]] = []
    found: list[Hit] = []
    for m in [*_LATIN.finditer(text), None]:
        word = lowered(m.group()).translate(_TONES).replace("'", "") if m else ""
        if m and _sounds_chinese(word) and (not run or m.start() - run[-1][2] <= 2):
            run.append((word, m.start(), m.end()))
            continue
        found += _in_run(run)
        run = [(word, m.start(), m.end())] if m and _sounds_chinese(word) else []
    return found


def _in_run(run: list[tuple[str, int, int]]) -> list[Hit]:
    """Names among syllables that stand together: the longest first."""
    found: list[Hit] = []
    position = 0
    while position < len(run):
        for count in range(min(8, len(run) - position), 0, -1):
            part = run[position : position + count]
            name = _syllables().get("".join(word for word, _, _ in part))
            if name is not None and (count > 1 or len(part[0][0]) >= _SHORTEST):
                found += [
                    hit._replace(start=part[0][1], end=part[-1][2])
                    for hit in find_names(name)
                    if hit.what in {"kind", "form"}
                ]
                position += count - 1
                break
        position += 1
    return found


@cache
def _by_sound() -> dict[tuple[str, ...], str]:
    """Chinese names of goods by how their characters sound; names that sound alike are left out."""
    from pypinyin import lazy_pinyin

    table: dict[tuple[str, ...], str] = {}
    doubtful: set[tuple[str, ...]] = set()
    for name, key in _chinese_names():
        if len(name) < 3:
            continue
        sound = tuple(lazy_pinyin(list(name)))
        before = table.setdefault(sound, name)
        if before != name and kinds().names().get(before) != key:
            doubtful.add(sound)
    for sound in doubtful:
        del table[sound]
    return table


@cache
def _by_gap() -> dict[str, str]:
    """Chinese names of four characters or more with one character left open or left out -> the name, where only one fits."""
    table: dict[str, str] = {}
    doubtful: set[str] = set()
    for name, key in _chinese_names():
        if len(name) < 4:
            continue
        for i in range(len(name)):
            for gap in (name[:i] + "?" + name[i + 1 :], name[:i] + name[i + 1 :]):
                before = table.setdefault(gap, name)
                if before != name and kinds().names().get(before) != key:
                    doubtful.add(gap)
    for gap in doubtful:
        del table[gap]
    return table


@cache
def _element_characters() -> frozenset[str]:
    return frozenset(element.zh for element in elements().values())


def _chinese(text: str) -> list[Hit]:
    """Names with a character that sounds alike, is wrong, missing, doubled or swapped."""
    from pypinyin import lazy_pinyin

    found: list[Hit] = []
    longest = 10
    for run in _HAN_RUN.finditer(text):
        word = run.group()
        sounds = lazy_pinyin(list(word))
        position = 0
        while position < len(word):
            name, count = "", 0
            for size in range(min(longest, len(word) - position), 2, -1):
                part = word[position : position + size]
                name = _by_sound().get(tuple(sounds[position : position + size]), "") or _mended(part)
                if name:
                    count = size
                    break
            if name:
                start = run.start() + position
                found += [
                    hit._replace(start=start, end=start + count) for hit in find_names(name) if hit.what == "kind"
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
            if len(short) >= 3 and short in known and _chinese_only(short):
                return short
        if i + 1 < len(part):
            swapped = part[:i] + part[i + 1] + part[i] + part[i + 2 :]
            if swapped != part and len(swapped) >= 3 and swapped in known and _chinese_only(swapped):
                return swapped
    return table.get(part, "") if len(part) >= 3 else ""


def _chinese_only(name: str) -> bool:
    return bool(_HAN_RUN.fullmatch(name))
