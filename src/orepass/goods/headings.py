"""Which tariff headings hold goods of a description, and which cannot lawfully hold them.

Headings are facts: what kinds each holds, in which forms, from which purity. The notes are the tariff's own: a compound of a rare earth
stands in 2846 and nowhere else, an alloy goes with the metal that weighs most. A declared heading that a note closes to what the text says
is a red flag; one that is only unusual is said to be that.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple, cast

from orepass.factfiles import FACTS, read_records
from orepass.goods.description import Description, Read
from orepass.goods.kinds import Relation, kinds
from orepass.goods.line import follow
from orepass.goods.parameters import Interval, Value
from orepass.goods.vocabulary import lowered


class Heading(NamedTuple):
    """A six-digit subheading of the edition of 2022: what it holds, in which forms, from which purity."""

    hs: str
    en: str
    zh: str
    covers: tuple[str, ...]
    forms: frozenset[str]
    default: bool
    words: tuple[str, ...]
    limits: tuple[tuple[str, Interval], ...]


class Candidate(NamedTuple):
    """A subheading that may hold the goods, why, and whether the text settles it against its neighbours."""

    hs: str
    title: str
    title_zh: str
    why: str
    settled: bool


class Note(NamedTuple):
    """A legal note of the tariff."""

    id: str
    headings: tuple[str, ...]
    cannot_hold: tuple[str, ...]
    only: tuple[str, ...]
    predominant: str
    must_hold: tuple[str, float] | None
    en: str
    zh: str
    source: str
    grade: str


class Misplaced(NamedTuple):
    """A declared number that does not fit what the text says.

    ``unlawful``: a note of the tariff closes the heading to such goods; else it is only not a usual place for them.
    """

    hs: str
    note: str
    says: str
    zh: str
    unlawful: bool
    grade: str


@cache
def headings() -> tuple[Heading, ...]:
    """Every subheading that the facts know."""
    return tuple(_heading(record) for record in read_records(FACTS / "goods" / "headings.yaml"))


_BOUNDS: dict[str, Callable[[float], Interval]] = {
    "above": lambda limit: Interval(limit, math.inf, low_open=True),
    "from": lambda limit: Interval(limit, math.inf),
    "up_to": lambda limit: Interval(-math.inf, limit),
    "below": lambda limit: Interval(-math.inf, limit, high_open=True),
}


def _heading(r: dict[str, Any]) -> Heading:
    words = cast("dict[str, list[str]]", r.get("words", {}))
    return Heading(
        r["hs"],
        r["en"],
        r["zh"],
        tuple(r.get("covers", ())),
        frozenset(r.get("forms", ())),
        r.get("default", False),
        tuple(lowered(word) for word in (*words.get("en", ()), *words.get("zh", ()))),
        tuple((fact, bound(float(limit))) for key, bound in _BOUNDS.items() for fact, limit in r.get(key, {}).items()),
    )


@cache
def _titles() -> dict[str, Heading]:
    table: dict[str, Heading] = {}
    for heading in headings():
        table.setdefault(heading.hs, heading)
    return table


@cache
def _by_kind() -> dict[str, tuple[Heading, ...]]:
    table: dict[str, list[Heading]] = {}
    for heading in headings():
        for kind in heading.covers:
            table.setdefault(kind, []).append(heading)
    return {kind: tuple(found) for kind, found in table.items()}


@cache
def _lines(kind: str) -> tuple[tuple[str, tuple[Heading, ...]], ...]:
    """The headings of the narrowest kinds first: for the kind itself, else for the nearest wider ones."""
    net = kinds()
    above = sorted(net.ancestors(kind), key=lambda key: (-len(net.ancestors(key)), key))
    return tuple((key, _by_kind()[key]) for key in above if key in _by_kind())


_MOST = 5
"""So many candidates are told."""


def candidates(description: Description, facts: Mapping[str, Value] | None = None) -> tuple[Candidate, ...]:
    """The subheadings of 2022 that may hold the goods, the likeliest first; none where the text names no goods that we know."""
    values: dict[str, Any] = dict(description.facts) | dict(facts or {})
    follow(values)
    text = lowered(description.text)
    if text.startswith(_HOLDING) or not values.keys() & {"article", "substance", "technology"}:
        values.setdefault("form", "mixture")  # goods told only by what they hold
    ranked: list[tuple[tuple[float, ...], Candidate]] = []
    for order, key in enumerate(_named(values, description)):
        ranked += [((order, *score), candidate) for score, candidate in _of_kind(key, values, text)]
    ranked += _of_words(text) if not ranked else []
    ranked.sort(key=_score)
    kept: dict[str, Candidate] = {}
    for _, candidate in ranked:
        kept.setdefault(candidate.hs, candidate)
    return tuple(kept.values())[:_MOST]


_HOLDING = ("含", "containing ")


def _score(pair: tuple[tuple[float, ...], Candidate]) -> tuple[float, ...]:
    return pair[0]


def _named(values: Mapping[str, Any], description: Description) -> list[str]:
    """What the goods are called, the most telling first; where nothing is, what they hold."""
    found = [key for fact in ("article", "substance", "technology") if isinstance(key := values.get(fact), str)]
    if found:
        return found
    if "contains" in values:
        return sorted(values["contains"])
    elements = [kinds().by_element.get(read.fact.rpartition(".")[2]) for read in description.reads if _is_share(read)]
    return [*(key for key in elements if key), *description.also_named]


def _is_share(read: Read) -> bool:
    return read.fact.startswith("content_wt_pct.") and read.value != 0.0


def _of_kind(key: str, values: Mapping[str, Any], text: str) -> list[tuple[tuple[float, ...], Candidate]]:
    """The headings of one kind: of the narrowest kind that has any, those that its form and its figures allow."""
    net = kinds()
    depth = len(net.ancestors(key))
    form = values.get("form")
    lines = _lines(key)
    by_form = form is not None and any(form in h.forms and _within(h, values) for _, group in lines for h in group)
    found: list[tuple[tuple[float, ...], Candidate]] = []
    for covered, group in lines:
        far = float(depth - len(net.ancestors(covered)))
        allowed = [heading for heading in group if _within(heading, values)]
        formed = any(h.forms for h in allowed)
        named = form is not None and any(form in h.forms for h in allowed)
        several = len({h.hs for h in allowed}) > 1
        for heading in allowed:
            told = any(_stands(word, text) for word in heading.words)
            fit = _fit(heading, form, named, formed)
            why = net.by_id[covered].name + (f", {form}" if named and fit == 0 else "")
            measured = any(fact in values for fact, _ in heading.limits)
            settled = not several or (named and fit == 0) or told or measured
            score = (
                float(by_form and form not in heading.forms),
                far,
                fit if named else 0.0,
                -float(told),
                fit,
                float(not heading.default),
                -float(measured),
            )
            found.append((score, Candidate(heading.hs, heading.en, heading.zh, why, settled)))
    return found + _of_own_numbers(key, depth, lines, by_form)


def _fit(heading: Heading, form: Any, named: bool, formed: bool) -> float:
    """How well a heading suits a form: its own before the rest, the rest before another's."""
    if form is None:
        return 0.0 if heading.default else 1.0
    if form in heading.forms:
        return 0.0
    if heading.forms:
        return 3.0
    return 2.0 if named else 1.0 if formed else 0.0


def _of_own_numbers(
    key: str, depth: int, lines: tuple[tuple[str, tuple[Heading, ...]], ...], by_form: bool
) -> list[tuple[tuple[float, ...], Candidate]]:
    """The usual numbers that a kind itself states; where the headings part it by form, they come after those."""
    net = kinds()
    own = next(
        (k for k in sorted(net.ancestors(key), key=lambda k: -len(net.ancestors(k))) if net.by_id[k].own_hs), None
    )
    if own is None:
        return []
    far = float(depth - len(net.ancestors(own)))
    parted = any(k == own and any(h.forms or h.limits for h in group) for k, group in lines)
    found: list[tuple[tuple[float, ...], Candidate]] = []
    for place, hs in enumerate(net.by_id[key].hs):
        title = _titles().get(hs)
        candidate = Candidate(
            hs, title.en if title else "", title.zh if title else "", net.by_id[own].name, len(net.by_id[key].hs) == 1
        )
        score = (float(by_form), far, *((4.0, 0.0) if parted else (0.0, -0.5)), float(place))
        found.append((score, candidate))
    return found


def _stands(word: str, text: str) -> bool:
    """Whether a word of a heading stands in the text and is not denied there: 锻轧 is not in 未锻轧."""
    place = text.find(word)
    while place >= 0:
        if place == 0 or text[place - 1] not in "未非不无":
            return True
        place = text.find(word, place + 1)
    return False


def _within(heading: Heading, values: Mapping[str, Any]) -> bool:
    """Whether what was read leaves the goods within the limits of a heading."""
    for fact, limit in heading.limits:
        value = values.get(fact)
        if isinstance(value, float):
            value = Interval(value, value)
        if isinstance(value, Interval) and not _meet(value, limit):
            return False
    return True


def _meet(one: Interval, other: Interval) -> bool:
    """Whether two intervals have a number in common."""
    low, high = max(one.low, other.low), min(one.high, other.high)
    if low != high:
        return low < high
    open_low = any(i.low_open and i.low == low for i in (one, other))
    open_high = any(i.high_open and i.high == high for i in (one, other))
    return not (open_low or open_high)


def _of_words(text: str) -> list[tuple[tuple[float, ...], Candidate]]:
    """Headings whose own words stand in a text that names no goods that we know; never settled."""
    found: list[tuple[tuple[float, ...], Candidate]] = []
    for word, heading in _words():
        if _stands(word, text):
            candidate = Candidate(heading.hs, heading.en, heading.zh, f"the word {word}", False)
            found.append(((9.0, -float(len(word))), candidate))
    return found


@cache
def _words() -> tuple[tuple[str, Heading], ...]:
    """Words of headings that are long enough to mean something alone."""
    return tuple(
        (word, heading)
        for heading in headings()
        for word in heading.words
        if len(word) >= (_LEAST_LATIN if word.isascii() else _LEAST_CHINESE)
    )


_LEAST_LATIN = 6
_LEAST_CHINESE = 2


@cache
def notes() -> tuple[Note, ...]:
    """The legal notes of the tariff that the facts know."""
    return tuple(
        Note(
            r["id"],
            tuple(r["headings"]),
            tuple(r.get("cannot_hold", ())),
            tuple(r.get("only", ())),
            r.get("predominant", ""),
            (r["must_hold"]["element"], float(r["must_hold"]["at_least_wt_pct"])) if "must_hold" in r else None,
            r["says"]["en"],
            r["says"]["zh"],
            r["source"],
            r["grade"],
        )
        for r in read_records(FACTS / "goods" / "heading_notes.yaml")
    )


def misplaced(number: str, values: Mapping[str, Any]) -> tuple[Misplaced, ...]:
    """Why goods of these facts cannot lawfully be declared under a number, or that it is no usual place for them.

    Parameters
    ----------
    number
        The declared customs number.
    values
        What is known of the goods, as ``Description.facts`` gives it.
    """
    stated = [key for fact in ("article", "substance") if isinstance(key := values.get(fact), str)]
    shares = {name.rpartition(".")[2]: value for name, value in values.items() if name.startswith("content_wt_pct.")}
    found = [
        Misplaced(number, note.id, note.en, note.zh, True, note.grade)
        for note in notes()
        if number.startswith(note.headings) and _closes(note, stated, shares)
    ]
    if not found and stated and (usual := _usual(stated)) and number[:4] not in usual:
        names = kinds().by_id[stated[0]]
        says = f"{names.name} usually stands in {', '.join(sorted(usual))}, not in {number[:4]}"
        zh = f"{names.zh[0] if names.zh else names.name}通常归入{'、'.join(sorted(usual))}，而非{number[:4]}"
        found.append(Misplaced(number, "", says, zh, False, "general_knowledge"))
    return tuple(found)


def _closes(note: Note, stated: list[str], shares: Mapping[str, Any]) -> bool:
    net = kinds()
    if note.cannot_hold:
        return any(net.relation(key, barred) is Relation.IS for key in stated for barred in note.cannot_hold)
    if note.only:
        return bool(stated) and all(
            net.relation(key, held) is Relation.APART and net.relation(held, key) is Relation.APART
            for key in stated
            for held in note.only
        )
    if note.predominant:
        own = _high(shares.get(note.predominant, 0.0 if _pure_other(stated, note.predominant) else 100.0))
        return any(_low(value) > own for symbol, value in shares.items() if symbol != note.predominant) or _pure_other(
            stated, note.predominant
        )
    if note.must_hold and note.must_hold[0] in shares:
        return _high(shares[note.must_hold[0]]) < note.must_hold[1]
    return False


def _pure_other(stated: list[str], symbol: str) -> bool:
    """Whether the goods are another metal as such."""
    elements = [kinds().by_id[key].element for key in stated]
    return any(elements) and symbol not in elements


def _low(value: Any) -> float:
    return value.low if isinstance(value, Interval) else float(value)


def _high(value: Any) -> float:
    return value.high if isinstance(value, Interval) else float(value)


def _usual(stated: list[str]) -> frozenset[str]:
    """The four-digit headings in which such goods, or narrower ones, usually stand."""
    return frozenset(number for key in stated for number in _usual_of(key))


@cache
def _usual_of(key: str) -> frozenset[str]:
    net = kinds()
    found = {hs[:4] for hs in net.by_id[key].hs} | {h.hs[:4] for _, group in _lines(key)[:1] for h in group}
    for narrower in net.descendants(key):
        found |= {hs[:4] for hs in net.by_id[narrower].hs}
        found |= {h.hs[:4] for h in _by_kind().get(narrower, ())}
    return frozenset(found)
