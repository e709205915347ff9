"""Which tariff headings hold goods of a description, and which cannot lawfully hold them.

Headings are facts: what kinds each holds, in which forms, from which purity. The notes are the tariff's own: a compound of a rare earth
stands in 2846 and nowhere else, an alloy goes with the metal that weighs most. A declared heading that a note closes to what the text says
is a red flag; one that is only unusual is said to be that.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple, cast

from orepass.factfiles import FACTS, read_records
from orepass.goods.description import Description
from orepass.goods.kinds import Relation, kinds
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
    min_purity: float
    max_purity: float
    since: int


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
        r.get("min_purity_pct", 0.0),
        r.get("max_purity_pct", 100.0),
        r.get("since", 0),
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
    values = dict(description.facts) | dict(facts or {})
    text = lowered(description.text)
    ranked: list[tuple[tuple[float, ...], Candidate]] = []
    for order, fact in enumerate(("article", "substance", "technology")):
        key = values.get(fact)
        if isinstance(key, str):
            ranked += [((order, *score), candidate) for score, candidate in _of_kind(key, values, text)]
    ranked += _of_words(text) if not ranked else []
    ranked.sort(key=lambda pair: pair[0])
    kept: dict[str, Candidate] = {}
    for _, candidate in ranked:
        kept.setdefault(candidate.hs, candidate)
    return tuple(kept.values())[:_MOST]


def _of_kind(key: str, values: Mapping[str, Value], text: str) -> list[tuple[tuple[float, ...], Candidate]]:
    net = kinds()
    kind = net.by_id[key]
    form, purity = values.get("form"), values.get("purity_pct")
    found: list[tuple[tuple[float, ...], Candidate]] = []
    own = next(
        (k for k in sorted(net.ancestors(key), key=lambda k: -len(net.ancestors(k))) if net.by_id[k].own_hs), None
    )
    for distance, (covered, group) in enumerate(_lines(key)):
        far = len(net.ancestors(key)) - len(net.ancestors(covered))
        formed = any(h.forms for h in group)
        named = form is not None and any(form in h.forms for h in group)
        several = len({h.hs for h in group}) > 1
        for heading in group:
            if not _pure_enough(heading, purity):
                continue
            told = sum(word in text for word in heading.words)
            if form is None:
                fit = 0 if heading.default else 1
            elif form in heading.forms:
                fit = 0
            elif heading.forms:
                fit = 3
            else:
                fit = 2 if named else 1 if formed else 0
            settled = not several or (named and fit == 0) or told > 0
            why = f"{net.by_id[covered].name}" + (f", {form}" if fit == 0 and named else "")
            score = (
                float(far),
                -float(told > 0),
                float(fit),
                0.0 if heading.default else 1.0,
                -_nearness(heading, purity),
                float(distance),
            )
            found.append((score, Candidate(heading.hs, heading.en, heading.zh, why, settled)))
    if own is not None:
        far = len(net.ancestors(key)) - len(net.ancestors(own))
        formed = any(h.forms or h.min_purity for k, group in _lines(key)[:1] for h in group if k == own)
        for place, hs in enumerate(kind.hs):
            title = _titles().get(hs)
            score = (float(far), 0.0 if not formed else 1.0, -0.5 + place if not formed else 5.0, 0.0, 0.0, 0.0)
            found.append(
                (
                    score,
                    Candidate(
                        hs, title.en if title else "", title.zh if title else "", net.by_id[own].name, len(kind.hs) == 1
                    ),
                )
            )
    return found


def _pure_enough(heading: Heading, purity: Value | None) -> bool:
    if isinstance(purity, float):
        return heading.min_purity < purity <= heading.max_purity or (
            not heading.min_purity and heading.max_purity == 100.0
        )
    if isinstance(purity, Interval):
        return purity.high > heading.min_purity and purity.low <= heading.max_purity
    return True


def _nearness(heading: Heading, purity: Value | None) -> float:
    return float(purity is not None and (heading.min_purity > 0.0 or heading.max_purity < 100.0))


def _of_words(text: str) -> list[tuple[tuple[float, ...], Candidate]]:
    """Headings whose own words stand in a text that names no goods that we know; never settled."""
    found: list[tuple[tuple[float, ...], Candidate]] = []
    for word, heading in _words():
        if word in text:
            found.append(
                ((9.0, -float(len(word))), Candidate(heading.hs, heading.en, heading.zh, f"the word {word}", False))
            )
    return found


@cache
def _words() -> tuple[tuple[str, Heading], ...]:
    return tuple((word, heading) for heading in headings() for word in heading.words if len(word) > 2)


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
