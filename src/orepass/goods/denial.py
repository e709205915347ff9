"""What a text denies: ``no X``, ``X-free``, *X not detected*, and the rest of a list that is denied: ``without Dy, Tb and Ho``."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from orepass.goods.elements import elements
from orepass.goods.kinds import kinds
from orepass.goods.spans import last_before
from orepass.goods.vocabulary import Hit

if TYPE_CHECKING:
    from orepass.goods.describe import Reader

_LIST_OF_SYMBOLS = re.compile(
    rf"(?:\s?(?:,|/|、|&|and|or|及|和)?\s?[A-Z][a-z]?\b|[{''.join(e.zh for e in elements().values())}、和及\s])*\s?"
    r"(?:were |was |is |are |:|均)?\s?"
)
_LIST_GAPS = frozenset({"", "and", "or"})


def mark_denied(reader: Reader) -> None:
    """Find what the text denies: ``no X``, ``X-free``, or later in a list that is denied: ``without Dy, Tb and Ho``."""
    if not reader.denies:
        return
    denied: set[tuple[int, int]] = set()
    before: Hit | None = None
    net = kinds()
    named = [hit for hit in reader.hits if hit.what in {"kind", "element_name", "element_group"}]
    for hit in sorted([*named, *reader.symbols], key=lambda hit: hit.start):
        place = (hit.start, hit.end)
        in_list = (
            before is not None
            and (before.start, before.end) in denied
            and _listed(reader.text, before.end, hit.start)
            and (hit.what != "kind" or bool(net.by_id[hit.id].element) or before.end < hit.start)
        )
        if in_list or is_denied(reader, hit):
            denied.add(place)
        before = hit
    reader.denied = frozenset(denied)


def is_denied(reader: Reader, hit: Hit) -> bool:
    """Whether a small word denies it right before, or ``-free`` or *not detected* right after it or its list."""
    if not reader.denies:
        return False
    if reader.low[hit.end : hit.end + 5] in {"-free", " free"}:
        return True
    after = reader.group("denied_after")
    if after and not (hit.what == "kind" and not kinds().by_id[hit.id].element):
        place = bisect_left([denial.start for denial in after], hit.end) if len(after) > 1 else 0
        if place < len(after) and 0 <= after[place].start - hit.end <= 40:
            return bool(_LIST_OF_SYMBOLS.fullmatch(reader.text[hit.end : after[place].start])) or _is_led(reader, hit)
    return _is_led(reader, hit)


def _is_led(reader: Reader, hit: Hit) -> bool:
    """Whether the last negation before leads to it."""
    place = last_before(reader.negation_ends, hit.start)
    if place >= 0 and reader.low[: reader.negations[place].start].endswith("-"):
        return False  # selenium-free bismuth: the word belongs to what stands before
    return place >= 0 and hit.start - reader.negation_ends[place] <= 40 and _leads(reader, reader.negations[place], hit)


def _listed(text: str, end: int, start: int) -> bool:
    """Whether only a comma or an *and* stands between two names."""
    return end <= start <= end + 8 and text[end:start].casefold().strip(" ,/、和及或") in _LIST_GAPS


def _leads(reader: Reader, negation: Hit, hit: Hit) -> bool:
    """Whether a small word such as *not* stands right before, or before *for*: ``not for military use``."""
    between = reader.text[negation.end : hit.start].replace("-", " ")
    if between.strip() and reader.group("purpose_clause"):
        for word in reader.group("purpose_clause"):
            if negation.end <= word.start < hit.start:
                between = between.replace(word.text, "")
    return not between.strip()
