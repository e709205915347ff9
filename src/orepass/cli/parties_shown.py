"""One listing as ``orepass parties show`` tells it: found by its id or by a name, with its state, its history and what was cleared."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from orepass.errors import BadInput

if TYPE_CHECKING:
    from orepass.law.timeline import Law
    from orepass.parties.listed import ListedParty


class Shown(NamedTuple):
    """A listing that was asked for; ``law`` where it is one of the law."""

    party: ListedParty
    law: Law | None


def resolve(what: str, day: date, known: date | None) -> list[Shown]:
    """The listing of an id, else every listing of a name."""
    exact = by_id(what, day, known)
    return [exact] if exact else _by_name(what, day, known)


def by_id(what: str, day: date, known: date | None) -> Shown | None:
    """The listing of an id such as ``my-list/17`` or ``CN-2025-01/1``; of a list of the user also one that is no longer on it."""
    from orepass.determination.listed_by_law import LISTS, law_parties
    from orepass.law.timeline import Law
    from orepass.parties import shelf

    head, slash, tail = what.strip().partition("/")
    if slash and head in shelf.lists():
        for party in shelf.parties([head], None, known):
            if party.id == tail:
                return Shown(party, None)
        past = [seen.party for seen in shelf.history(head, tail) if known is None or seen.since <= known]
        last = next((party for party in reversed(past) if party), None)
        return Shown(last, None) if last else None
    law = Law.load()
    key = tail if slash and head in LISTS else what.strip()
    party = next((party for party in law_parties(law, day, known) if party.id.casefold() == key.casefold()), None)
    return Shown(party, law) if party else None


def _by_name(name: str, day: date, known: date | None) -> list[Shown]:
    from orepass.determination.listed_by_law import law_parties
    from orepass.law.timeline import Law
    from orepass.parties import shelf
    from orepass.parties.cleared import fold

    law = Law.load()
    of_law = law_parties(law, day, known)
    every = [Shown(party, law) for party in of_law]
    every += [Shown(party, None) for party in shelf.parties(None, None, known)]
    asked = fold(name)
    same = [listing for listing in every if any(fold(own) == asked for own in listing.party.names)]
    if same:
        return same
    within = [listing for listing in every if asked and any(asked in fold(own) for own in listing.party.names)]
    if within:
        return within
    from orepass.parties.register import Register

    register = Register([(party, party.names) for party in of_law])
    if found := list(dict.fromkeys(match.party for match in register.find(name))):
        return [Shown(party, law) for party in found]
    near = ", ".join(f"{each.listed} ({each.party.id})" for each in register.search(name, most=3))
    raise BadInput(
        f"no listing has the id or the name {name!r}",
        expected="LIST/ID such as CN-2025-01/1, or a name",
        remedy=f"did you mean {near}" if near else "see `orepass parties list`",
    )


def record(listing: Shown, day: date) -> dict[str, Any]:
    """All that is known of a listing."""
    from orepass.parties import cleared

    party = listing.party
    holding = [line for line in cleared.every() if (line.list, line.entry) == (party.list, party.id)]
    return {
        "listing": f"{party.list}/{party.id}",
        "names": list(party.names),
        "kind": party.kind,
        "countries": list(party.countries),
        "identifiers": [f"{number.kind}: {number.value}" for number in party.identifiers],
        "addresses": list(party.addresses),
        "notice": party.notice,
        "bars": party.bars,
        "from": party.from_,
        "to (first day it no longer holds)": party.to,
        "known from": party.known_from,
        f"state on {day}": _state(listing, day),
        "source": party.source,
        "note": party.note,
        "history": _history(listing),
        "cleared hits": [
            f"{line.on} {'cleared' if line.deed == 'clear' else 'reopened'} by {line.by}: {line.party['name']}"
            f"{' (' + line.party['country'] + ')' if line.party['country'] else ''}: {line.why}"
            for line in holding
        ],
    }


def _state(listing: Shown, day: date) -> str:
    party = listing.party
    if listing.law is not None:
        return next(part for part in party.note.split("; ") if part.startswith("state: ")).removeprefix("state: ")
    if party.from_ and day < party.from_:
        return f"begins on {party.from_}"
    if party.to and day >= party.to:
        return f"ended; the last day was before {party.to}"
    from orepass.parties import shelf

    current = shelf.version_known(party.list)
    if current and all(each.id != party.id for each in shelf.of_version(party.list, current.id)):
        return "no longer on the list"
    return "holds" if party.from_ else "holds, since when is not stated"


def _history(listing: Shown) -> list[str]:
    party = listing.party
    if listing.law is None:
        from orepass.parties import shelf

        return [
            f"known since {seen.since}, version {seen.version.id}: "
            + (", ".join(seen.changed) if seen.changed else "as before" if seen.party else "not on the list")
            for seen in shelf.history(party.list, party.id)
        ]
    from orepass.determination.listed_by_law import state_in_words
    from orepass.law.model import State

    of = next(each for each in listing.law.facts.listings if each.id == party.id)
    out: list[str] = []
    before = (State.ABSENT, "")
    for boundary in listing.law.boundaries:
        standing = listing.law.windows.of_listing(of, boundary, date.max)
        if (standing.state, standing.by) != before:
            out.append(f"from {boundary}: {state_in_words(standing)}")
            before = (standing.state, standing.by)
    return out
