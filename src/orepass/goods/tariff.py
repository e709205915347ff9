"""Customs numbers: whether one can exist. They point to entries; they never decide."""

from __future__ import annotations

import re
from functools import cache

from orepass.errors import BadInput
from orepass.factfiles import FACTS


@cache
def six_digit_numbers() -> frozenset[str]:
    """Every six-digit number of the Harmonized System, editions 1992 to 2022."""
    numbers: set[str] = set()
    for line in (FACTS / "goods" / "hs6.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            heading, *tails = line.split()
            numbers.update(heading + tail for tail in tails)
    return frozenset(numbers)


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
    if number[:6] not in six_digit_numbers():
        raise BadInput(
            f"customs number {number!r} does not exist: no number of the Harmonized System begins {number[:6]}",
            expected="a number whose first six digits stand in an edition from 1992 to 2022",
            remedy="check the digits, or leave the number out: the description decides",
        )
    return number
