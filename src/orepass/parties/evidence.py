"""How two names agree, weighed and put in words: a level, a number to rank by, and a sentence that a reviewer can act on."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from orepass.parties.names.compare import compare, rank
from orepass.parties.names.name import Name
from orepass.parties.names.parts import INITIALS, JOINED, SAME, SOUNDED, SPELT, TRANSLATED, Comparison, Part


class Level(IntEnum):
    """How far two names agree.

    ``SAME``: in every word, legal form apart. ``LIKELY``: in every telling part, translated, sounded or misspelt. ``POSSIBLE``: in part,
    worth a look. ``UNLIKE``: no more than words that many names share.
    """

    UNLIKE = 0
    POSSIBLE = 1
    LIKELY = 2
    SAME = 3


class NameEvidence(NamedTuple):
    """The evidence of two names alone."""

    level: Level
    rank: float
    comparison: Comparison

    def in_words(self, language: str = "en") -> str:
        """One sentence: what agrees and how, and what is left on either side."""
        return _SENTENCES[language](self)


LIKELY_RANK = 0.90
POSSIBLE_RANK = 0.75
_CERTAIN = 0.999
_TELLING = 5.0
"""Parts that agree must be worth so many bits together: words that many names share are no sign of one organisation."""


def weigh(one: str | Name, other: str | Name) -> NameEvidence:
    """The evidence of two names.

    Parameters
    ----------
    one, other
        Names in any script.
    """
    found = compare(one, other)
    value = rank(found)
    told = min(found.left_matched, found.right_matched)
    plain = all(part.how in {SAME, JOINED} for part in found.parts)
    if plain and value >= _CERTAIN and not found.left_only and not found.right_only:
        level = Level.SAME
    elif value >= LIKELY_RANK and told >= _TELLING:
        level = Level.LIKELY
    else:
        level = Level.POSSIBLE if value >= POSSIBLE_RANK else Level.UNLIKE
    return NameEvidence(level, value, found)


_HOW = {
    SPELT: ("{} is spelt nearly like {}", "“{}”与“{}”拼写相近"),
    JOINED: ("{} is {} written otherwise", "“{}”与“{}”只是分写不同"),
    TRANSLATED: ("{} means {}", "“{}”意为“{}”"),
    SOUNDED: ("{} is read {}", "“{}”读作“{}”"),
    INITIALS: ("{} shortens {}", "“{}”是“{}”的缩写"),
}


def _told(part: Part, language: int) -> str:
    left, right = part.left, part.right
    if part.how == INITIALS and len(left) > len(right):
        left, right = right, left
    return _HOW[part.how][language].format(left, right)


def _holds(found: Comparison) -> bool:
    """Whether every part of one name stands in the other, which says more: a branch, a subsidiary, a sister."""
    return bool(found.left_only) != bool(found.right_only) and min(found.left_matched, found.right_matched) >= _TELLING


def _in_english(evidence: NameEvidence) -> str:
    found = evidence.comparison
    if evidence.level is Level.SAME:
        return "The names are the same, legal form apart."
    if not found.parts:
        return "The names share nothing."
    said: list[str] = []
    same = [part.left for part in found.parts if part.how == SAME]
    if same:
        said.append(f"both say {', '.join(same)}")
    said += [_told(part, 0) for part in found.parts if part.how != SAME]
    left = [
        f"{', '.join(part.text for part in only)} stands in the {side} name only"
        for only, side in ((found.left_only, "first"), (found.right_only, "second"))
        if only
    ]
    head = {
        Level.LIKELY: "Probably one name",
        Level.POSSIBLE: "Possibly one name",
        Level.UNLIKE: "One name holds the other" if _holds(found) else "Little in common",
    }[evidence.level]
    if found.forms_differ:
        left.append("the legal forms differ")
    return f"{head}: {'; '.join(said)}{'; but ' + ', and '.join(left) if left else ''}."


def _in_chinese(evidence: NameEvidence) -> str:
    found = evidence.comparison
    if evidence.level is Level.SAME:
        return "除法律形式外，名称相同。"
    if not found.parts:
        return "两个名称没有共同之处。"
    said: list[str] = []
    same = [part.left for part in found.parts if part.how == SAME]
    if same:
        said.append(f"均含“{'、'.join(same)}”")
    said += [_told(part, 1) for part in found.parts if part.how != SAME]
    left = [
        f"“{'、'.join(part.text for part in only)}”仅见于{side}"
        for only, side in ((found.left_only, "前者"), (found.right_only, "后者"))
        if only
    ]
    head = {
        Level.LIKELY: "很可能为同一名称",
        Level.POSSIBLE: "可能为同一名称",
        Level.UNLIKE: "一个名称包含另一个" if _holds(found) else "共同点很少",
    }[evidence.level]
    if found.forms_differ:
        left.append("法律形式不同")
    return f"{head}：{'；'.join(said)}{'；但' + '，'.join(left) if left else ''}。"


_SENTENCES = {"en": _in_english, "zh": _in_chinese}
