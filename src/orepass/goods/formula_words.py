"""Which words of a text are formulas: ``USA``, ``PN16`` and ``AlSi10Mg`` are not, though letters would fit."""

from __future__ import annotations

import re
from functools import lru_cache

from orepass.goods.formula import Formula, NotAFormula, parse

ANIONS = frozenset({"O", "S", "F", "C", "N", "H", "P", "Se", "Te", "As", "Sb", "Si", "Cl", "Br", "I", "B", "Ge"})
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_PLURAL = re.compile(r"[A-Z]{1,3}s")
_RARE = frozenset({"Po", "At", "Rn", "Fr", "Ra", "Ac", "Pa", "Tc", "Pm"})
_SALTS = frozenset({"O", "S", "F", "N", "H", "Se", "Te", "As", "Sb", "Cl", "Br", "I"})
_FEW, _MANY = 6, 20
_WHOLE_NUMBER = re.compile(r"\d+")
_ALLOY_FROM = 20
"""Among metals alone a number from here on is a share in an alloy's tag, not a count of atoms."""
_SINGLE = frozenset({"H", "B", "C", "N", "O", "F", "P", "S", "K", "V", "Y", "I", "W", "U"})


@lru_cache(maxsize=65536)
def formula_in(token: str, bound: tuple[tuple[str, float], ...] = ()) -> Formula | None:
    """The formula that a word of a text is, or nothing: ``USA``, ``PN16`` and ``IP67`` are words and codes though letters would fit."""
    if len(token) < 3 or not any(c.isupper() for c in token[:4]):
        return None
    try:
        found = parse(token, bound)
    except (NotAFormula, ValueError, RecursionError):
        return None
    named = found.elements
    if len(named) < 2:
        return None
    numbers = [float(number) for number in _NUMBER.findall(token)]
    letters = re.sub(r"[^A-Za-z]", "", token)
    if letters.isupper() and all(symbol in _SINGLE for symbol in named):
        # Capitals alone: only a metal with an anion after it and small numbers is taken for a formula.
        if not numbers or letters[-1] not in "OFSHCNB" or not named & {"W", "Y", "B", "U", "V", "K"}:
            return None
        if letters[-1] in "BCN" and (len(named) > 2 or max(numbers) > _FEW):
            return None
        if max(numbers) > _MANY and not {"W", "O"} <= named:
            return None
    if not numbers and (_PLURAL.fullmatch(token) or named & _RARE):
        return None
    if named & {"Si", "P", "C"} and not named & _SALTS and "B" not in named and any(n >= _FEW + 2 for n in numbers):
        return None  # AlSi10Mg, CuSn8P: an alloy's tag
    if not named & ANIONS and (
        not any(c.isdigit() or c in "()[],:" for c in token)
        or any(int(n) >= _ALLOY_FROM for n in _WHOLE_NUMBER.findall(token))
    ):
        return None  # metals alone: an alloy's name or its tag, which are read elsewhere
    return found
