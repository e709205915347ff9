"""Listings of the law as listed parties, beside those of the lists that a user brings: the same type for one search over both."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import NamedTuple, cast

from orepass.factfiles import FACTS, read_records
from orepass.law.model import LawFacts, Listing, State
from orepass.law.timeline import Law
from orepass.law.windows import Standing
from orepass.parties.listed import ListedParty

LISTS = {
    "control": "dual-use control list (管控名单)",
    "watch": "dual-use watch list (关注名单)",
    "unreliable": "unreliable-entity list (不可靠实体清单)",
}


class Bar(NamedTuple):
    """What a listing bars, in words, and how well that is known."""

    code: str
    en: str
    zh: str
    regime: str
    sources: tuple[str, ...]
    grade: str


@cache
def bars() -> dict[str, Bar]:
    """What listings bar, by the code in the fact file of listings."""
    return {
        record["code"]: Bar(
            record["code"],
            record["en"],
            record["zh"],
            record["regime"],
            tuple(cast("list[str]", record["source"])),
            record["grade"],
        )
        for record in read_records(FACTS / "parties" / "bars.yaml")
    }


def state_in_words(standing: Standing) -> str:
    """How a listing stands, with the day until which it does and the text that says so."""
    text = standing.state.value.replace("_", " ")
    if standing.state in {State.SUSPENDED, State.ANNOUNCED} and standing.until:
        text += f" {'to' if standing.state is State.SUSPENDED else 'for'} {standing.until}"
    return text + (f" by {standing.by}" if standing.by else "")


def of_law(listing: Listing, standing: Standing, facts: LawFacts) -> ListedParty:
    """A listing of the law as a listed party.

    Parameters
    ----------
    listing, standing
        The listing and how it stands on a day (:attr:`~orepass.law.timeline.LawOn.listings`).
    facts
        The law, for the notice and its days.

    Returns
    -------
    ListedParty
        In the list ``control``, ``watch`` or ``unreliable``, under an id such as ``CN-2025-01/1``. ``from_`` and ``to`` are those of the
        notice; that it is suspended, stopped or unknown on the day is no end of it and stands in ``note``. Whether it operates on a day is
        said by the standing.
    """
    act = facts.instruments[listing.instrument]
    bar = bars()[listing.bars]
    said = [f"state: {state_in_words(standing)}"]
    if standing.note:
        said.append(standing.note)
    if standing.policy_intent:
        said.append(f"policy intent: {standing.policy_intent}")
    names = dict.fromkeys(name for name in (listing.name.en, listing.name.zh, *listing.aliases) if name)
    sources = listing.provenance.sources
    return ListedParty(
        listing.list,
        listing.id,
        tuple(names),
        (listing.country,) if listing.country else (),
        notice=f"{act.number}, {act.issuer}: {act.title}",
        bars=f"{bar.en} / {bar.zh}",
        from_=act.effective,
        to=_end(listing, standing, facts),
        known_from=act.published,
        source="; ".join(f"{facts.sources[key].title} ({listing.provenance.grade})" for key in sources),
        note="; ".join(said),
    )


def _end(listing: Listing, standing: Standing, facts: LawFacts) -> date | None:
    """The first day on which the notice no longer holds: by its own end, or by a repeal that the standing knows of."""
    act = facts.instruments[listing.instrument]
    ends = [act.until + timedelta(days=1)] if act.until else []
    if standing.state is State.REPEALED:
        ends += [e.start for e in facts.endings if e.target == listing.instrument and e.state is State.REPEALED]
    return min(ends, default=None)


def law_parties(law: Law, day: date, known: date | None = None) -> tuple[ListedParty, ...]:
    """Every listing that could be known by a day, as it stands on another; also those that are suspended or stopped."""
    return tuple(
        of_law(on_day.listing, on_day.standing, law.facts)
        for on_day in law.as_of(day, known).listings
        if on_day.standing.state is not State.ABSENT
    )
