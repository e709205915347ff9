"""The register of listed parties: which notice lists a name, in English or Chinese.

Names are compared after folding case, width, punctuation and legal forms. Spelling variants, transliterations and ownership chains are not
read here: a name that is not found is *not found by this comparison*, and the answer says so.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Generic, NamedTuple, TypeVar

from orepass.factfiles import FACTS, read_yaml

T = TypeVar("T")


class Match(NamedTuple, Generic[T]):
    """A listed party found behind a name, and the two names that agreed."""

    party: T
    asked: str
    listed: str


@cache
def _legal_forms() -> tuple[frozenset[tuple[str, ...]], int, tuple[str, ...]]:
    data = read_yaml(FACTS / "parties" / "legal_forms.yaml")
    latin = frozenset(tuple(form.split()) for form in data["en"])
    return latin, max(len(form) for form in latin), tuple(sorted(data["zh"], key=len, reverse=True))


_SEPARATORS = str.maketrans({"&": " and "} | dict.fromkeys("\t\n·・.,'’\"“”()（）/_-", " "))
_HAN = re.compile(r"[\u3400-\u9fff]")


def fold_name(name: str) -> str:
    """A party's name without case, width, punctuation and legal form."""
    latin, longest, chinese = _legal_forms()
    if not name.isascii():
        name = unicodedata.normalize("NFKC", name)
        if _HAN.search(name):
            text = "".join(name.casefold().translate(_SEPARATORS).split())
            for form in chinese:
                if text.endswith(form) and len(text) > len(form) + 1:
                    text = text.removesuffix(form)
            return text
    words = name.casefold().translate(_SEPARATORS).split()
    while True:
        for count in range(min(longest, len(words) - 1), 0, -1):
            if tuple(words[-count:]) in latin:
                del words[-count:]
                break
        else:
            break
    return " ".join(words).removeprefix("the ")


def _starts(folded: str) -> list[str]:
    """The beginnings of a name's words, by which names that resemble each other are found."""
    return [word[:4] for word in folded.split()] or [folded]


class Register(Generic[T]):
    """Parties by folded name.

    Parameters
    ----------
    parties
        Each party with its names.
    """

    def __init__(self, parties: Sequence[tuple[T, Iterable[str]]]) -> None:
        self._index: dict[str, list[tuple[T, str]]] = {}
        for party, names in parties:
            for name in names:
                if name:
                    self._index.setdefault(fold_name(name), []).append((party, name))
        self._by_start: dict[str, list[str]] = {}
        for key in self._index:
            for start in _starts(key):
                self._by_start.setdefault(start, []).append(key)

    def near(self, name: str) -> str:
        """A listed name that resembles the name asked, or nothing: close in spelling, or holding all its words."""
        from difflib import get_close_matches

        asked = fold_name(name)
        words = set(asked.split())
        alike = list(dict.fromkeys(key for start in _starts(asked) for key in self._by_start.get(start, ())))
        close = get_close_matches(asked, alike, n=1, cutoff=0.85)
        if not close and len(words) > 1:
            close = [key for key in alike if words <= set(key.split())][:1]
        return self._index[close[0]][0][1] if close else ""

    def find(self, name: str) -> list[Match[T]]:
        """Every listing whose name agrees with the name asked."""
        return [Match(party, name, listed) for party, listed in self._index.get(fold_name(name), ())]
