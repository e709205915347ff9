"""Parties: who on the lists of China's notices a name may mean and why, the history of a listing, and who owns whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from markupsafe import Markup

from orepass.errors import BadInput, NotFound
from orepass.law.model import Listing, State, Text
from orepass.law.timeline import Law
from orepass.law.windows import Standing
from orepass.parties.listed import Asked
from orepass.parties.ownership import Ownership, Verdict, decide, holdings_from, ownership_tests
from orepass.parties.ownership.sentences import sentence
from orepass.places import codes, country_code, every_country
from orepass.web.pages.law import days_asked, windows_picture
from orepass.web.pages.pictures import Holds, owners_picture
from orepass.web.pages.site import Site
from orepass.web.pages.visiting import Reading
from orepass.web.routes_law import register_of

router = APIRouter(include_in_schema=False)
Typed = Annotated[str, Query(max_length=300)]
MOST_HOLDINGS = 60


class Hit(NamedTuple):
    """A listed party that a name may mean, with the evidence."""

    listing: Listing
    standing: Standing
    listed_name: str
    level: str
    evidence: Text


@router.get("/parties")
def search(
    request: Request,
    visitor: Reading,
    name: Typed = "",
    country: Typed = "",
    address: Typed = "",
    on: Typed = "",
    known: Typed = "",
) -> Response:
    """Search the lists."""
    site: Site = request.app.state.site
    days = days_asked(on, known)
    wrong, hits = days.wrong, list[Hit]()
    if name.strip() and not wrong:
        try:
            code = _country(country)
            hits = found(site.law, Asked(name.strip(), country=code, address=address.strip()), days.on, days.known)
        except BadInput as error:
            wrong = error.sentence
    shown = {"name": name, "country": country, "address": address, "days": days, "hits": hits, "wrong": wrong}
    listings = site.law.as_of(days.on, days.known).listings
    counts = {
        kind: sum(on.listing.list == kind and on.standing.state is State.IN_FORCE for on in listings)
        for kind in ("control", "watch", "unreliable")
    }
    return site.page(
        request, visitor, "parties.html", 422 if wrong else 200, counts=counts, countries=every_country(), **shown
    )


def _country(text: str) -> str | None:
    wanted = text.strip()
    if not wanted:
        return None
    return wanted if wanted in codes() else country_code(wanted)


def found(law: Law, asked: Asked, on: date, known: date | None) -> list[Hit]:
    """Listed parties that a party may be, the likeliest first."""
    standings = {each.listing.id: each for each in law.as_of(on, known).listings}
    return [
        Hit(
            standings[hit.party.id].listing,
            standings[hit.party.id].standing,
            hit.listed_name,
            hit.evidence.level.name.lower(),
            Text(hit.evidence.in_words("en"), hit.evidence.in_words("zh")),
        )
        for hit in register_of(law, on, known).match(asked)
        if hit.party.id in standings
    ]


STAKES = """owner; owned; share
Listed Group; Holding One; 60
Listed Group; Holding Two; 25-35
Holding One; Trading Company; 50
Holding Two; Trading Company; 40"""
"""What the page shows before anything was typed: names of nobody."""


@router.get("/parties/ownership")
def ownership(
    request: Request,
    visitor: Reading,
    stakes: Annotated[str, Query(max_length=8_000)] = "",
    listed: Annotated[str, Query(max_length=2_000)] = "",
    target: Typed = "",
) -> Response:
    """The share of a company that listed parties hold, through chains, as an interval."""
    site: Site = request.app.state.site
    wrong, verdicts, picture = "", list[Verdict](), Markup("")
    if stakes.strip():
        try:
            graph, links = stakes_of(stakes)
            names = [_named(name, graph, "listed parties") for name in listed.split(";") if name.strip()]
            if not names:
                raise BadInput(
                    "nobody is listed", where="listed parties", expected="names as they stand in the holdings"
                )
            company = _named(target, graph, "company") if target.strip() else links[-1].owned
            verdicts = [decide(graph, frozenset(names), company, test) for test in ownership_tests().values()]
            picture = owners_picture(links, frozenset(names), company)
        except BadInput as error:
            wrong = error.sentence
    return site.page(
        request,
        visitor,
        "ownership.html",
        422 if wrong else 200,
        stakes=stakes or STAKES,
        listed=listed or ("" if stakes else "Listed Group"),
        target=target or ("" if stakes else "Trading Company"),
        wrong=wrong,
        picture=picture,
        verdicts=[(verdict.test, verdict.answer, sentence(verdict, visitor.language)) for verdict in verdicts],
    )


def stakes_of(text: str) -> tuple[Ownership, list[Holds]]:
    """Holdings from lines of ``owner; owned; share``.

    Raises
    ------
    BadInput
        Naming the line.
    """
    rows: list[Mapping[str, Any]] = []
    for number, line in enumerate(text.splitlines(), 1):
        parts = [part.strip() for part in line.replace("；", ";").split(";")]
        if not any(parts) or [part.casefold() for part in parts[:2]] == ["owner", "owned"]:
            continue
        if len(parts) < 2 or not (parts[0] and parts[1]):
            raise BadInput("the line is no holding", where=f"line {number}", expected="owner; owned; share")
        share = parts[2] if len(parts) > 2 else ""
        rows.append(
            {"owner": parts[0], "owned": parts[1], "share": f"{share}%" if share and "%" not in share else share}
        )
    if not rows:
        raise BadInput("no holding is stated", where="holdings", expected="lines with owner; owned; share")
    if len(rows) > MOST_HOLDINGS:
        raise BadInput(
            f"there are {len(rows)} holdings",
            where="holdings",
            expected=f"at most {MOST_HOLDINGS} here",
            remedy="use orepass parties owners for a larger graph",
        )
    stated = holdings_from(rows)
    graph = Ownership(stated.holdings, stated.complete, stated.companies)
    return graph, [Holds(row["owner"], row["owned"], row["share"].replace("-", "–")) for row in rows]


def _named(name: str, graph: Ownership, field: str) -> str:
    """A party as the holdings call it."""
    wanted = name.strip().casefold()
    for known in graph.names:
        if known.casefold() == wanted:
            return known
    raise BadInput(
        f"the holdings name no party {name.strip()!r}",
        where=field,
        expected="a name that stands there as owner or owned",
    )


@router.get("/parties/{number:path}")
def listing(
    request: Request, visitor: Reading, number: Annotated[str, Path(max_length=64)], on: Typed = "", known: Typed = ""
) -> Response:
    """A listing: who, by which notice, and how it stood over time."""
    site: Site = request.app.state.site
    law = site.law
    entry = next((each for each in law.facts.listings if each.id == number), None)
    if entry is None:
        raise NotFound(f"There is no listing {number!r}; search for the party.")
    days = days_asked(on, known)
    windows = listing_windows(entry, law)
    return site.page(
        request,
        visitor,
        "listing.html",
        entry=entry,
        days=days,
        standing=law.windows.of_listing(entry, days.on, days.known or date.max),
        windows=windows,
        picture=windows_picture(windows, entry.name.en or entry.name.zh, days.on, law, visitor.language),
        act=law.facts.instruments.get(entry.instrument),
        others=_same_party(entry, law.facts.listings),
        instruments=law.facts.instruments,
        sources=[law.facts.sources[key] for key in entry.provenance.sources if key in law.facts.sources],
    )


def listing_windows(entry: Listing, law: Law) -> list[tuple[date, Standing]]:
    """Since when a listing stands how."""
    windows: list[tuple[date, Standing]] = []
    for boundary in law.boundaries:
        standing = law.windows.of_listing(entry, boundary, date.max)
        if (standing.state is not windows[-1][1].state) if windows else (standing.state is not State.ABSENT):
            windows.append((boundary, standing))
    return windows


def _same_party(entry: Listing, listings: Iterable[Listing]) -> Sequence[Listing]:
    """Other listings under the same name."""
    names = {name.casefold() for name in (entry.name.en, entry.name.zh, *entry.aliases) if name}
    return [
        other
        for other in listings
        if other.id != entry.id
        and not names.isdisjoint(name.casefold() for name in (other.name.en, other.name.zh, *other.aliases) if name)
    ]
