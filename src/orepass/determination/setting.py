"""What the lines of a transaction have in common: the movement in the sense of the law, the destination, the parties, the use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from orepass.determination.logic import OPEN_FACT
from orepass.determination.owned import FACT, Owned, unknown_listing
from orepass.determination.owned import fact as share_of
from orepass.determination.owned import owned as owners_of
from orepass.determination.rulebook import NOBODY_LISTED, Route, Rulebook
from orepass.determination.transaction import NOTHING_SAID, RECEIVING_ROLES, EndUse, Party, Transaction
from orepass.errors import BadInput
from orepass.goods.describe import describe
from orepass.law.model import Listing, State
from orepass.law.windows import Standing
from orepass.parties.evidence import NameEvidence
from orepass.parties.register import Register
from orepass.places import MAINLAND, country_code

CONTROLLED_ACTS = {
    "export": "leaves_china",
    "out_of_bonded": "leaves_china",
    "return_after_repair": "leaves_china",
    "return_after_exhibition": "leaves_china",
    "transit": "leaves_china",
    "transshipment": "leaves_china",
    "transfer_inside": "given_in_china",
    "into_bonded": "into_bonded",
    "between_bonded": "into_bonded",
    "import": "into_china",
}
PLAIN_ACTS = {
    "leaves_china": "export",
    "given_in_china": "transfer_inside",
    "into_bonded": "into_bonded",
    "between_foreign": "re_export",
    "into_china": "import",
    "inside_china": "domestic",
}
TRADE_BARS = frozenset({"trade_and_investment", "trade_investment_and_dealings"})


class Listed(NamedTuple):
    """A party of the transaction found on a list."""

    party: Party
    listing: Listing
    standing: Standing
    asked: str


class Likely(NamedTuple):
    """A party of the transaction that is probably a listed one under another spelling or in another language: to be asked."""

    party: Party
    listing: Listing
    standing: Standing
    evidence: NameEvidence


class Setting(NamedTuple):
    """What the lines of a transaction have in common: the route, facts on parties and use, what was assumed."""

    route: Route
    facts: dict[str, Any]
    said: dict[str, Any]
    listed: tuple[Listed, ...]
    assumed: tuple[str, ...]
    likely: tuple[Likely, ...] = ()
    owned: tuple[Owned, ...] = ()


def movement_of(transaction: Transaction) -> tuple[str, tuple[str, ...]]:
    """The movement in the sense of the law, and what was assumed to tell it.

    Raises
    ------
    BadInput
        When act and route contradict each other.
    """
    act, start, to = transaction.act, transaction.from_, transaction.to
    assumed: list[str] = []
    if start is None:
        if act == "re_export":
            start = "abroad"
        elif transaction.origin not in (None, MAINLAND):
            start = transaction.origin
            assumed.append(f"the goods leave from {start}, where they were made: no customs territory was given")
        else:
            start = MAINLAND
            if act is None:
                assumed.append("export from China: no route was given")
    if act in CONTROLLED_ACTS:
        movement = CONTROLLED_ACTS[act]
        if movement != "into_china" and start != MAINLAND and act not in {"transit", "transshipment"}:
            raise BadInput(
                f"act {act!r} happens in China, but the goods leave from {start}",
                where="field act",
                expected="re_export, or from: CN",
            )
        return movement, tuple(assumed)
    if start == MAINLAND:
        if act == "re_export":
            raise BadInput(
                "act 're_export' starts outside China, but from is CN",
                where="field act",
                expected="export, or another from",
            )
        return ("inside_china" if to == MAINLAND else "leaves_china"), tuple(assumed)
    return ("into_china" if to == MAINLAND else "between_foreign"), tuple(assumed)


def destination_of(transaction: Transaction) -> str | None:
    """The country that destination rules look at: the end user's first, then the destination."""
    for party in transaction.parties:
        if party.role == "end_user" and party.country:
            return party.country
    return transaction.to


def setting_of(transaction: Transaction, book: Rulebook) -> Setting:
    """Route, facts on parties and use, and what was assumed of the route."""
    movement, assumed = movement_of(transaction)
    foreign_made: bool | None = False
    if movement == "between_foreign":
        origin, more = _origin(transaction)
        foreign_made = None if origin is None else origin != MAINLAND
        assumed += more
    said: dict[str, Any] = {}
    if transaction.end_use is not NOTHING_SAID:
        _end_use_facts(transaction.end_use, said)
    listed: tuple[Listed, ...] = ()
    likely: tuple[Likely, ...] = ()
    held: tuple[Owned, ...] = ()
    parties = transaction.parties or _recipients_in_words(transaction, book)
    if parties:
        listed, likely, held = _party_facts(parties, book, said)
    nobody_listed = not listed and not likely and not said.get(FACT)
    act = transaction.act or PLAIN_ACTS[movement]
    route = Route(movement, destination_of(transaction), foreign_made, act, nobody_listed, not said)
    return Setting(route, book.facts_of_route(route), said, listed, assumed, likely, held)


_MADE_IN = re.compile(r"\b(?:made|manufactured|produced) in (?P<country>[A-Z][a-z]+(?: [A-Z][a-z]+)?)")
_FROM_CHINA = re.compile(r"\bChina[- ]origin|\bof Chinese origin|原产于中国|中国原产", re.IGNORECASE)
_RECIPIENT = re.compile(r"\bto (?P<name>[A-Z][\w&.'-]*(?: [A-Z][\w&.'-]*)*)")


def speaks_of_origin(text: str) -> bool:
    """Whether a description may say where the goods were made."""
    return _MADE_IN.search(text) is not None or _FROM_CHINA.search(text) is not None


def speaks_of_recipient(text: str, register: Register[Any]) -> bool:
    """Whether a description may name a listed party to whom the goods go."""
    return any(_named_after_to(text, register))


def _named_after_to(text: str, register: Register[Any]) -> Iterator[str]:
    """Each name after the word *to* that the register holds, the longest first."""
    for match in _RECIPIENT.finditer(text):
        words = match["name"].split()
        names = (" ".join(words[:count]) for count in range(len(words), 0, -1))
        yield from islice((name for name in names if register.find(name)), 1)


def _origin(transaction: Transaction) -> tuple[str | None, tuple[str, ...]]:
    """Where goods that move between foreign countries come from: as given, as the description says, or by the word re-export."""
    if transaction.origin is not None:
        return transaction.origin, ()
    for line in transaction.lines:
        made = _MADE_IN.search(line.description)
        if made:
            try:
                origin = country_code(made["country"])
            except BadInput:
                continue
            return origin, (f"origin {origin}: the description says {made.group()}",)
        if _FROM_CHINA.search(line.description):
            return MAINLAND, ("origin China: the description says so",)
    if transaction.act == "re_export":
        return MAINLAND, ("origin China: goods that are re-exported came from there",)
    return None, ()


def _recipients_in_words(transaction: Transaction, book: Rulebook) -> tuple[Party, ...]:
    """A listed party to whom a description says that the goods go. What tells against the goods is taken as said."""
    return tuple(
        Party("end_user", name)
        for line in transaction.lines
        for name in _named_after_to(line.description, book.register)
    )


def _end_use_facts(end_use: EndUse, facts: dict[str, Any]) -> None:
    for name, value in zip(EndUse._fields, end_use, strict=True):
        if name != "text" and value is not None:
            facts["purpose" if name == "purpose" else f"end_use.{name}"] = value
    if end_use.text:
        for name, value in describe(end_use.text).of_transaction().items():
            facts.setdefault(name, value)


def _party_facts(
    parties: tuple[Party, ...], book: Rulebook, facts: dict[str, Any]
) -> tuple[tuple[Listed, ...], tuple[Likely, ...], tuple[Owned, ...]]:
    """Facts on the parties, those that are listed and those that probably are, and those of whom owners are stated."""
    listed: list[Listed] = []
    likely: list[Likely] = []
    military: bool | None = None
    held: list[Owned] = []
    for party in parties:
        if party.military is not None and party.role == "end_user":
            military = military or party.military
        if party.role not in RECEIVING_ROLES:
            continue
        if party.name:
            listed += _listings_of(party, book)
            likely += likely_listings(party, book)
        if owned := owners_of(party, book):
            held.append(owned)
    if military is not None:
        facts["end_user.military"] = military
    share = share_of(held) if held else None
    if listed or likely or share is not None:
        facts |= NOBODY_LISTED
        for hit in listed:
            _note_listing(hit, facts)
        for name in {name for hit in likely for name in _facts_of(hit.listing, hit.standing.state)}:
            if facts[name] is False:
                del facts[name]  # not known: it hangs on whether the party is the listed one
    if share is not None:
        facts[FACT] = share
    return tuple(listed), tuple(likely), tuple(held)


def _listings_of(party: Party, book: Rulebook) -> list[Listed]:
    """The listings of a party: those of its name, and those of which somebody says that they mean it."""
    found = [
        Listed(party, *match.party, match.asked)
        for match in book.register.find(party.name)
        if match.party[0].id not in party.is_not_listed_as
    ]
    known = {hit.listing.id for hit in found}
    for name in party.is_listed_as:
        if name not in book.listings:
            raise unknown_listing(name, f"party {party.name}", party.name)
        if name not in known:
            found.append(Listed(party, *book.listings[name], party.name))
    return found


def likely_listings(party: Party, book: Rulebook) -> list[Likely]:
    """Listings that a party's name probably means under another spelling or in another language, and of which nobody has said yes or no."""
    answered = {*party.is_listed_as, *party.is_not_listed_as}
    found: list[Likely] = []
    for near in book.register.likely(party.name):
        listing, standing = near.party
        other_country = party.country and listing.country and party.country != listing.country
        if listing.id not in answered and not other_country and standing.state is not State.REPEALED:
            found.append(Likely(party, listing, standing, near.evidence))
    return found


def _facts_of(listing: Listing, state: State) -> list[str]:
    """The facts that a listing makes true while it is in force; the one of a paused measure while it is not."""
    if state in {State.SUSPENDED, State.STOPPED, State.REPEALED}:
        return ["listed.paused"] if listing.list == "control" and state is not State.REPEALED else []
    names = {"control": ["listed.control"], "watch": ["listed.watch"], "unreliable": []}[listing.list]
    if listing.bars == "export_and_transfer":
        names = [*names, "listed.control_transfer"]
    if listing.bars in TRADE_BARS:
        names = [*names, "listed.unreliable"]
    return names


def _note_listing(hit: Listed, facts: dict[str, Any]) -> None:
    state, listing = hit.standing.state, hit.listing
    if state in {State.SUSPENDED, State.STOPPED, State.REPEALED}:
        if listing.list == "control" and state is not State.REPEALED:
            facts["listed.paused"] = True
        return
    for name in _facts_of(listing, state):
        if state is State.IN_FORCE:
            facts[name] = True
        elif facts[name] is False:
            facts[name] = OPEN_FACT
            if listing.list == "control":
                facts["listed.paused"] = True
