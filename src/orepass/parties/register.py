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
def _legal_forms() -> tuple[tuple[str, ...], tuple[str, ...]]:
    data = read_yaml(FACTS / "parties" / "legal_forms.yaml")
    by_length = [tuple(sorted(data[key], key=len, reverse=True)) for key in ("en", "zh")]
    return by_length[0], by_length[1]


@cache
def fold_name(name: str) -> str:
    """A party's name without case, width, punctuation and legal form."""
    text = unicodedata.normalize("NFKC", name).casefold()
    text = re.sub(r"[\s·・・.,'’\"“”()（）&/_-]+", " ", text).strip()
    latin, chinese = _legal_forms()
    text = text.replace(" ", "") if re.search(r"[一-鿿]", text) else text
    changed = True
    while changed and text:
        changed = False
        for form in latin:
            candidate = text.removesuffix(f" {form}").strip()
            if candidate != text and candidate:
                text, changed = candidate, True
        for form in chinese:
            candidate = text.removesuffix(form)
            if candidate != text and len(candidate) > 1:
                text, changed = candidate, True
    return text.removeprefix("the ")


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

    def find(self, name: str) -> list[Match[T]]:
        """Every listing whose name agrees with the name asked."""
        return [Match(party, name, listed) for party, listed in self._index.get(fold_name(name), ())]
