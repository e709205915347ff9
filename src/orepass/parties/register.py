"""The register of listed parties: who stands behind a name, in Chinese or in English, and on what evidence.

Two ways of asking. :meth:`Register.find` gives the listings whose name is the name asked, whatever its case, script variant, punctuation
and legal form: that is taken as the listed party. :meth:`Register.search` gives what a reviewer should look at, each with its evidence:
translations, names written by their sound, misspellings, initials. That is a question, never an answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Generic, NamedTuple, TypeVar

from orepass.parties.blocking import Blocks
from orepass.parties.evidence import Level, NameEvidence, weigh
from orepass.parties.names.name import Name, read_name

T = TypeVar("T")


class Match(NamedTuple, Generic[T]):
    """A listed party found behind a name, and the two names that agreed."""

    party: T
    asked: str
    listed: str


class Near(NamedTuple, Generic[T]):
    """A listed party whose name resembles the name asked, and how."""

    party: T
    asked: str
    listed: str
    evidence: NameEvidence


def fold_name(name: str) -> str:
    """What a name is apart from case, width, script variant, punctuation and legal form: equal for two names that are one."""
    read = read_name(name)
    return "".join(word.plain for word in read.words).replace(" ", "") + read.han


class Register(Generic[T]):
    """Parties by name.

    Parameters
    ----------
    parties
        Each party with its names.
    """

    def __init__(self, parties: Sequence[tuple[T, Iterable[str]]]) -> None:
        self._named = [(party, name) for party, names in parties for name in names if name]
        self._searched: dict[tuple[str, int, Level, int, float], list[Near[T]]] = {}

    @cached_property
    def _index(self) -> dict[str, list[tuple[T, str]]]:
        index: dict[str, list[tuple[T, str]]] = {}
        for party, name in self._named:
            index.setdefault(fold_name(name), []).append((party, name))
        return index

    @cached_property
    def _names(self) -> list[Name]:
        return [read_name(name) for _, name in self._named]

    @cached_property
    def _blocks(self) -> Blocks:
        return Blocks(self._names)

    def find(self, name: str) -> list[Match[T]]:
        """Every listing whose name agrees with the name asked."""
        return [Match(party, name, listed) for party, listed in self._index.get(fold_name(name), ())]

    def search(
        self,
        name: str,
        most: int = 10,
        least: Level = Level.POSSIBLE,
        compared: int = 25,
        least_shared: float = 0.0,
    ) -> list[Near[T]]:
        """Listings whose name may be the name asked, the strongest evidence first.

        Parameters
        ----------
        name
            The name asked, in any script.
        most
            At most so many listings.
        least
            The weakest evidence that is told.
        compared
            How many names that share telling keys are compared in full.
        least_shared
            Names whose keys are worth less than this share of the best one's are not compared, but for the first few.
        """
        key = (name, most, least, compared, least_shared)
        told = self._searched.get(key)
        if told is None:
            if len(self._searched) >= _REMEMBERED:
                self._searched.clear()
            told = self._searched[key] = self._search(*key)
        return list(told)

    def _search(self, name: str, most: int, least: Level, compared: int, least_shared: float) -> list[Near[T]]:
        asked = read_name(name)
        found: list[tuple[float, Near[T]]] = []
        for count, (place, shared) in enumerate(self._blocks.nearest(asked, compared)):
            if shared < least_shared and count >= _AT_LEAST:
                break
            party, listed = self._named[place]
            evidence = weigh(asked, self._names[place])
            if evidence.level >= least:
                found.append((evidence.rank + _RARITY * shared, Near(party, name, listed, evidence)))
        found.sort(key=lambda pair: -pair[0])
        return _once_each([near for _, near in found])[:most]

    def likely(self, name: str, compared: int = 8) -> list[Near[T]]:
        """Listings that the name asked probably means, where none has the very name: what has to be asked before an answer is sure."""
        if self.find(name) or not self._blocks.may_hold(read_name(name)):
            return []
        return self.search(name, least=Level.LIKELY, compared=compared)

    def hints(self, name: str) -> list[Near[T]]:
        """The two listings that a name comes nearest to, where its most telling word is like one of a listed name: for a person's look."""
        if not self._blocks.may_hold(read_name(name)):
            return []
        return self.search(name, most=2, compared=10)


_REMEMBERED = 5_000
"""So many searches are remembered: the same parties trade again and again."""
_AT_LEAST = 5
"""So many names are compared in any case."""
_RARITY = 0.2
"""How much it counts, in the order of hits, that the keys which two names share are rare in this register."""


def _once_each(found: list[Near[T]]) -> list[Near[T]]:
    """Each party once, by its best name."""
    seen: set[int] = set()
    kept: list[Near[T]] = []
    for near in found:
        if id(near.party) not in seen:
            seen.add(id(near.party))
            kept.append(near)
    return kept
