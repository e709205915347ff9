"""Customs numbers: which can exist, in which edition, and what each was in another. They point to entries; they never decide."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from orepass.errors import BadInput
from orepass.factfiles import FACTS


class Editions(NamedTuple):
    """The first and the last edition of the Harmonized System in which a number stands without a break."""

    first: int
    last: int


class Step(NamedTuple):
    """A six-digit number taken to another edition.

    ``numbers`` are all that it became or was. ``relation`` is ``1:1``, ``1:n`` (it was parted, or it came from several), ``n:1`` (it was
    joined with others) or ``n:n``; only ``1:1`` may be read as the same goods.
    """

    number: str
    edition: int
    to: int
    numbers: tuple[str, ...]
    relation: str


@cache
def editions() -> dict[str, tuple[Editions, ...]]:
    """Every six-digit number of the Harmonized System with the editions in which it stands."""
    found: dict[str, tuple[Editions, ...]] = {}
    for line in (FACTS / "goods" / "hs6.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            years, heading, *tails = line.split()
            first, _, last = years.partition("-")
            span = Editions(int(first), int(last))
            for tail in tails:
                found[heading + tail] = (*found.get(heading + tail, ()), span)
    return found


@cache
def edition_years() -> tuple[int, ...]:
    """The editions, in order."""
    return tuple(sorted({year for spans in editions().values() for span in spans for year in span}))


def edition_in_force(year: int) -> int:
    """The edition that applied in a year; before the first edition, the first."""
    return max((edition for edition in edition_years() if edition <= year), default=edition_years()[0])


def stands_in(number: str, edition: int) -> bool:
    """Whether the first six digits stand in an edition."""
    return any(span.first <= edition <= span.last for span in editions().get(number[:6], ()))


@cache
def _before() -> dict[int, dict[str, tuple[str, ...]]]:
    """By edition: what each number was in the edition before, where that is not the same number alone."""
    table: dict[int, dict[str, tuple[str, ...]]] = {}
    for line in (FACTS / "goods" / "concordance.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            edition, number, *groups = line.split()
            was = tuple(
                heading + tail
                for group in groups
                for heading, _, tails in [group.partition(":")]
                for tail in tails.split(",")
            )
            table.setdefault(int(edition), {})[number] = was
    return table


@cache
def _after() -> dict[int, dict[str, tuple[str, ...]]]:
    """By edition: what each number of the edition before became in it, where that is not the same number alone."""
    table: dict[int, dict[str, tuple[str, ...]]] = {}
    for edition, numbers in _before().items():
        became: dict[str, list[str]] = {}
        for number, was in numbers.items():
            for old in was:
                became.setdefault(old, []).append(number)
        for old, new in became.items():
            if old not in numbers and old not in new and stands_in(old, edition):
                new.append(old)  # others took from it, and it went on
        table[edition] = {old: tuple(sorted(new)) for old, new in became.items()}
    return table


def concordance(number: str, edition: int, to: int) -> Step:
    """Take a six-digit number from one edition of the Harmonized System to another.

    Parameters
    ----------
    number
        Customs number; its first six digits count.
    edition, to
        Editions: 1992, 1996, 2002, 2007, 2012, 2017 or 2022.

    Raises
    ------
    BadInput
        When the number does not stand in the edition, or there is no such edition.

    Examples
    --------
    >>> concordance("810610", 2022, 2017).numbers
    ('810600',)
    """
    years = edition_years()
    for year in (edition, to):
        if year not in years:
            raise BadInput(
                f"there is no edition {year} of the Harmonized System", expected=f"one of {', '.join(map(str, years))}"
            )
    start = number[:6]
    if not stands_in(start, edition):
        raise BadInput(
            f"number {start} does not stand in the edition of {edition}",
            remedy=f"it stands in {', '.join(f'{s.first} to {s.last}' for s in editions()[start])}"
            if start in editions()
            else "check the digits",
        )
    numbers, back = _walk({start}, edition, to), set[str]()
    for found in numbers:
        back |= _walk({found}, to, edition)
    many, joined = len(numbers) > 1, len(back) > 1
    return Step(start, edition, to, tuple(sorted(numbers)), f"{'n' if joined else '1'}:{'n' if many else '1'}")


def _walk(numbers: set[str], edition: int, to: int) -> set[str]:
    years = edition_years()
    place, goal = years.index(edition), years.index(to)
    while place != goal:
        if place < goal:
            place += 1
            table = _after().get(years[place], {})
            whole = _before().get(years[place], {})
            numbers = {
                new
                for old in numbers
                for new in table.get(old, (old,) if old not in whole and stands_in(old, years[place]) else ())
            }
        else:
            table = _before().get(years[place], {})
            numbers = {old for new in numbers for old in table.get(new, (new,))}
            place -= 1
    return numbers


@cache
def numbers_now(number: str) -> tuple[str, ...]:
    """The six-digit numbers of the last edition under which goods of a number may stand now, within its chapter.

    A number that still stands is itself. Waste that was gathered under one number from every chapter is left out by keeping to the chapter.

    Examples
    --------
    >>> numbers_now("8106000000")
    ('810610', '810690')
    """
    start, last = number[:6], edition_years()[-1]
    if stands_in(start, last):
        return (start,)
    spans = editions().get(start)
    if not spans:
        return ()
    became = concordance(start, max(span.last for span in spans), last).numbers
    return tuple(new for new in became if new[:2] == start[:2])


def customs_number(text: str) -> str:
    """A customs number of 6 to 10 digits, without dots and blanks.

    Raises
    ------
    BadInput
        When it is not of that form, or no number of the Harmonized System begins so.
    """
    number = re.sub(r"[.\s]", "", text)
    if not number.isdigit() or not 6 <= len(number) <= 10:
        raise BadInput(
            f"{text!r} is no customs number", expected="6 to 10 digits, kept as text (a leading zero counts)"
        )
    if number[:6] not in editions():
        raise BadInput(
            f"customs number {number!r} does not exist: no number of the Harmonized System begins {number[:6]}",
            expected="a number whose first six digits stand in an edition from 1992 to 2022",
            remedy="check the digits, or leave the number out: the description decides",
        )
    return number
