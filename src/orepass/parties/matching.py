"""Parties beside listed parties: every kind of evidence by itself, ranked, and said in a sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz import fuzz

from orepass.beside import Beside
from orepass.parties.evidence import Level, NameEvidence, weigh
from orepass.parties.listed import Asked, Identifier, ListedParty
from orepass.parties.names.script import HAN, plain_latin, simplified
from orepass.parties.register import Register

AGREES, DIFFERS, UNKNOWN = "agrees", "differs", "unknown"


class Agreement(NamedTuple):
    """One kind of evidence beside the names: it ``agrees``, ``differs``, or is ``unknown`` on a side; and the values compared."""

    says: str
    detail: str = ""


class Evidence(NamedTuple):
    """What speaks for and against one party being the other: names, identifiers, countries, addresses, each by itself."""

    name: NameEvidence
    identifier: Agreement
    country: Agreement
    address: Agreement

    @property
    def rank(self) -> float:
        """A number to sort by: a shared identifier first, then the names; country and address only part equals."""
        swing = {AGREES: 1, UNKNOWN: 0, DIFFERS: -1}
        tie = 0.002 * swing[self.country.says] + 0.001 * swing[self.address.says]
        return (1.0 if self.identifier.says == AGREES else 0.0) + round(self.name.rank, 2) + tie

    @property
    def level(self) -> Level:
        """The level of the names, raised by a shared identifier and lowered where identifiers of one kind differ."""
        if self.identifier.says == AGREES:
            return Level.SAME
        if self.identifier.says == DIFFERS:
            return min(self.name.level, Level.POSSIBLE)
        return self.name.level

    def in_words(self, language: str = "en") -> str:
        """A sentence for each kind of evidence that is known."""
        said = [self.name.in_words(language)]
        for kind, agreement in zip(("identifier", "country", "address"), self[1:], strict=True):
            if agreement.says != UNKNOWN:
                said.append(_SAYS[language][kind, agreement.says].format(agreement.detail))
        return ("" if language == "zh" else " ").join(said)


_SAYS = {
    "en": {
        ("identifier", AGREES): "The identifier is the same: {}.",
        ("identifier", DIFFERS): "Identifiers of one kind differ: {}.",
        ("country", AGREES): "The country is the same: {}.",
        ("country", DIFFERS): "The countries differ: {}.",
        ("address", AGREES): "The addresses agree: {}.",
        ("address", DIFFERS): "The addresses differ: {}.",
    },
    "zh": {
        ("identifier", AGREES): "识别号相同：{}。",
        ("identifier", DIFFERS): "同类识别号不同：{}。",
        ("country", AGREES): "国家（地区）相同：{}。",
        ("country", DIFFERS): "国家（地区）不同：{}。",
        ("address", AGREES): "地址相符：{}。",
        ("address", DIFFERS): "地址不同：{}。",
    },
}


class Hit(NamedTuple):
    """A listed party that may be the party asked about."""

    party: ListedParty
    listed_name: str
    evidence: Evidence


ADDRESS_ALIKE = 85


def identifiers_beside(asked: Sequence[Identifier], listed: Sequence[Identifier]) -> Agreement:
    """Whether identifiers agree: one that is the same speaks louder than one that differs."""
    theirs = {(i.kind, bare(i.value)) for i in listed}
    for own in asked:
        if (own.kind, bare(own.value)) in theirs or (not own.kind and bare(own.value) in {v for _, v in theirs}):
            return Agreement(AGREES, f"{own.kind} {own.value}".strip())
    for own in asked:
        other = [i.value for i in listed if i.kind == own.kind]
        if own.kind and other:
            return Agreement(DIFFERS, f"{own.kind} {own.value} / {other[0]}")
    return Agreement(UNKNOWN)


def bare(value: str) -> str:
    """An identifier's letters and digits alone."""
    return re.sub(r"[^0-9A-Z]", "", value.upper())


def countries_beside(asked: str | None, listed: Sequence[str]) -> Agreement:
    """Whether a country is among those of a listed party."""
    if not asked or not listed:
        return Agreement(UNKNOWN)
    if asked in listed:
        return Agreement(AGREES, asked)
    return Agreement(DIFFERS, f"{asked} / {', '.join(listed)}")


@lru_cache(maxsize=50_000)
def _folded_address(address: str) -> str:
    return simplified(address).casefold() if HAN.search(address) else plain_latin(address)


def addresses_beside(asked: str, listed: Sequence[str]) -> Agreement:
    """Whether an address is one of a listed party's, its words in any order."""
    if not asked or not listed:
        return Agreement(UNKNOWN)
    own = _folded_address(asked)
    best = max(listed, key=lambda other: fuzz.token_set_ratio(own, _folded_address(other)))
    alike = fuzz.token_set_ratio(own, _folded_address(best)) >= ADDRESS_ALIKE
    return Agreement(AGREES if alike else DIFFERS, f"{asked} / {best}")


def compared(one: str, other: str, one_country: str | None = None, other_country: str | None = None) -> Evidence:
    """The evidence of two names and their countries, no list looked up.

    Parameters
    ----------
    one, other
        Names in any script.
    one_country, other_country
        ISO 3166 codes, or ``None`` where not known.
    """
    country = countries_beside(one_country, (other_country,) if other_country else ())
    return Evidence(weigh(one, other), Agreement(UNKNOWN), country, Agreement(UNKNOWN))


class PartyRegister:
    """Listed parties of any lists, searched by name and by identifier.

    Parameters
    ----------
    parties
        The listed parties.
    """

    def __init__(self, parties: Iterable[ListedParty]) -> None:
        self.parties = tuple(parties)
        self._names = Register([(party, party.names) for party in self.parties])
        self._by_identifier: dict[str, list[ListedParty]] = {}
        for party in self.parties:
            for identifier in party.identifiers:
                self._by_identifier.setdefault(bare(identifier.value), []).append(party)

    def match(
        self, asked: Asked, most: int = 5, least: Level = Level.POSSIBLE, compared: int = 25, least_shared: float = 0.0
    ) -> list[Hit]:
        """Listed parties that may be the party asked about, the strongest evidence first.

        Parameters
        ----------
        asked
            The party: its name, and what else is known.
        most
            At most so many.
        least
            The weakest evidence that is told.
        compared, least_shared
            Which names are compared in full: see :meth:`Register.search`.
        """
        found = {
            id(near.party): Hit(near.party, near.listed, self._evidence(asked, near.party, near.evidence))
            for near in self._names.search(
                asked.name, most=2 * most, least=least, compared=compared, least_shared=least_shared
            )
        }
        for identifier in asked.identifiers:
            for party in self._by_identifier.get(bare(identifier.value), ()):
                if id(party) not in found:
                    listed = max(party.names, key=lambda name: weigh(asked.name, name).rank)
                    evidence = self._evidence(asked, party, weigh(asked.name, listed))
                    if evidence.identifier.says == AGREES:
                        found[id(party)] = Hit(party, listed, evidence)
        hits = [hit for hit in found.values() if hit.evidence.level >= least]
        return sorted(hits, key=lambda hit: -hit.evidence.rank)[:most]

    @staticmethod
    def _evidence(asked: Asked, party: ListedParty, name: NameEvidence) -> Evidence:
        return Evidence(
            name,
            identifiers_beside(asked.identifiers, party.identifiers),
            countries_beside(asked.country, party.countries),
            addresses_beside(asked.address, party.addresses),
        )


_COMPARED_IN_BULK, _SHARED_IN_BULK = 12, 0.45


def matcher(parties: Sequence[ListedParty]) -> Callable[[Sequence[Asked]], list[list[Hit]]]:
    """The worker of :func:`match_all`: from the listed parties to the function that matches a batch."""
    register = PartyRegister(parties)
    return lambda batch: [
        register.match(asked, compared=_COMPARED_IN_BULK, least_shared=_SHARED_IN_BULK) for asked in batch
    ]


def match_all(
    asked: Sequence[Asked], parties: Sequence[ListedParty], processes: int | None = None
) -> dict[Asked, list[Hit]]:
    """Match many parties, each distinct one once, with every processor at hand.

    Parameters
    ----------
    asked
        The parties.
    parties
        The listed parties.
    processes
        How many processes may work beside this one; the number of further processors unless it is given.
    """
    beside: Beside[Asked, list[Hit]] = Beside("orepass.parties.matching:matcher", tuple(parties), processes, 2000, 100)
    try:
        return beside.answers(list(dict.fromkeys(asked)))
    finally:
        beside.close()
