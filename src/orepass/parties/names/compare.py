"""Two names laid side by side, whatever their scripts: the parts that agree, what is left of each, and a number to rank by."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from rapidfuzz.distance import LCSseq

from orepass.parties.names.across import across
from orepass.parties.names.latin import beside
from orepass.parties.names.name import BREAK, Name, Word, read_name
from orepass.parties.names.parts import SAME, Comparison, Open, Part
from orepass.parties.names.vocabulary import LINK


def compare(one: str | Name, other: str | Name) -> Comparison:
    """Lay two names side by side.

    Parameters
    ----------
    one, other
        Names in any script; only what the names themselves say is used, no list and no register.
    """
    left = read_name(one) if isinstance(one, str) else one
    right = read_name(other) if isinstance(other, str) else other
    parts, left_words, right_words = beside(left.words, right.words, bool(left.forms), bool(right.forms))
    left_characters, right_characters = [False] * len(left.han), [False] * len(right.han)
    if left.han and right.han:
        parts += _characters(left, right, left_characters, right_characters)
    if left.han and len(right_words) < len(right.words):
        parts += _crosswise(left, left_characters, left_words, right, right_words)
    if right.han and len(left_words) < len(left.words):
        parts += [
            part._replace(left=part.right, right=part.left, left_bits=part.right_bits, right_bits=part.left_bits)
            for part in _crosswise(right, right_characters, right_words, left, left_words)
        ]
    left_only, right_only = _open(left, left_words, left_characters), _open(right, right_words, right_characters)
    if not all(any(part.kind == LINK for part in only) for only in (left_only, right_only)):
        left_only, right_only = _without_links(left_only), _without_links(right_only)
    return Comparison(
        tuple(parts),
        left_only,
        right_only,
        left.bits,
        right.bits,
        _forms_differ(left.forms, right.forms),
    )


def _without_links(only: tuple[Open, ...]) -> tuple[Open, ...]:
    return tuple(part for part in only if part.kind != LINK)


def _forms_differ(left: Sequence[str], right: Sequence[str]) -> bool:
    """Whether two legal forms cannot be those of one organisation: an AG is no GmbH; forms of other countries may be translations."""
    if not left or not right or set(left) & set(right):
        return False
    return (
        {form.partition("-")[0] for form in left if "-" in form}
        == {form.partition("-")[0] for form in right if "-" in form}
        != set()
    )


def _crosswise(name: Name, used: list[bool], own_words: set[int], other: Name, used_words: set[int]) -> list[Part]:
    """Characters of one name beside the Latin words of the other that are still open."""
    places = [place for place, word in enumerate(other.words) if place not in used_words and word.kind != LINK]
    masked = name
    if any(used):
        han = "".join(BREAK if taken else c for c, taken in zip(name.han, used, strict=True))
        masked = name._replace(han=han)
    open_words = [other.words[place] for place in places]
    begun = {place: own for place, word in enumerate(open_words) if (own := _beginning(name, word)) is not None}
    for place, own in begun.items():
        open_words[place] = _after(name.words[own], open_words[place])
    parts, words, characters = across(masked, open_words)
    used_words.update(places[word] for word in words)
    for place in words & begun.keys():
        if begun[place] not in own_words:
            own = name.words[begun[place]]
            own_words.add(begun[place])
            parts.append(Part(SAME, own.text, own.text, own.bits, 0.0, 1.0))
    for place, taken in enumerate(characters):
        used[place] = used[place] or taken
    return parts


def _beginning(name: Name, word: Word) -> int | None:
    """Letters of the name with which a word of the other begins, the rest being in characters: *L3* of *L3Harris* in L3哈里斯."""
    for place, own in enumerate(name.words):
        if len(own.text) > 1 and word.text.startswith(own.text) and own.text != word.text:
            return place
    return None


def _after(beginning: Word, word: Word) -> Word:
    rest = word.text.removeprefix(beginning.text)
    return word._replace(text=rest, plain=rest)


def _characters(left: Name, right: Name, left_used: list[bool], right_used: list[bool]) -> list[Part]:
    """Characters that two names share, in order first, then what moved."""
    parts: list[Part] = []
    left_bits, right_bits = _bits(left), _bits(right)
    for least in (1, 2):
        a = "".join("\x01" if taken or c == BREAK else c for c, taken in zip(left.han, left_used, strict=True))
        b = "".join("\x02" if taken or c == BREAK else c for c, taken in zip(right.han, right_used, strict=True))
        for block in LCSseq.opcodes(a, b):
            if block.tag == "equal" and block.src_end - block.src_start >= least:
                parts.append(
                    Part(
                        SAME,
                        left.han[block.src_start : block.src_end],
                        right.han[block.dest_start : block.dest_end],
                        sum(left_bits[block.src_start : block.src_end]),
                        sum(right_bits[block.dest_start : block.dest_end]),
                        1.0,
                    )
                )
                left_used[block.src_start : block.src_end] = [True] * (block.src_end - block.src_start)
                right_used[block.dest_start : block.dest_end] = [True] * (block.dest_end - block.dest_start)
    return parts


def _bits(name: Name) -> list[float]:
    bits = [0.0] * len(name.han)
    for segment in name.segments:
        for place in range(segment.start, segment.end):
            bits[place] = segment.bits / (segment.end - segment.start)
    return bits


def _open(name: Name, words: set[int], characters: Sequence[bool]) -> tuple[Open, ...]:
    """What no part explains."""
    left = [Open(word.text, word.kind, word.bits) for place, word in enumerate(name.words) if place not in words]
    if not name.han:
        return tuple(left)
    weight = _bits(name)
    for segment in name.segments:
        start = segment.start
        for taken, places in groupby(range(start, segment.end), key=lambda place: characters[place]):
            stretch = list(places)
            text = name.han[stretch[0] : stretch[-1] + 1].strip(BREAK)
            if text and not taken:
                descriptive = segment.kind == "country" and start == 0
                left.append(Open(text, LINK if descriptive else segment.kind, sum(weight[place] for place in stretch)))
    return tuple(left)


def rank(found: Comparison) -> float:
    """A number to sort by, from 0 to 1: how much of what the two names tell is the same, less where each tells something else.

    Names that only share words that say little stay low; a name that is wholly held in a longer one stays below one that agrees in full.
    """
    total = found.left_bits + found.right_bits
    if not total:
        return 0.0
    share = (found.left_matched + found.right_matched) / total
    left_open, right_open = sum(o.bits for o in found.left_only), sum(o.bits for o in found.right_only)
    value = share - WEIGHTS["conflict"] * 2 * min(left_open, right_open) / total
    left_other, right_other = (any(o.kind not in _LITTLE for o in only) for only in (found.left_only, found.right_only))
    if found.left_only and found.right_only:
        value -= WEIGHTS["both"]
    elif left_other or right_other:
        value -= WEIGHTS["more"]
    for kinds, weight in ((_PLACES, WEIGHTS["place"]), (_NUMBERS, WEIGHTS["number"])):
        if all(any(o.kind in kinds for o in only) for only in (found.left_only, found.right_only)):
            value -= weight
    if found.forms_differ:
        value -= WEIGHTS["form"]
    return max(0.0, (1.0 + value) / 2.0)


_LITTLE = frozenset({"generic", "link"})
_PLACES, _NUMBERS = frozenset({"place", "country"}), frozenset({"number"})
WEIGHTS = {"conflict": 0.7, "both": 0.2, "more": 0.3, "place": 0.4, "number": 0.2, "form": 0.3}
