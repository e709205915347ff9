"""Routes about the law: check, classify, entries, changes, parties. Nothing here is stored, unless a check is to be kept."""

from __future__ import annotations

from collections import OrderedDict
from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import ValidationError
from pydantic_core import to_json
from starlette.concurrency import run_in_threadpool

from orepass.determination.classify import classify
from orepass.determination.determine import determine
from orepass.determination.listed_by_law import law_parties
from orepass.determination.schema import determination_schema
from orepass.determination.transaction import a_day, transaction
from orepass.errors import BadInput, NotFound
from orepass.law.shown import change_shown, entry_in_list, entry_shown, event_shown, instrument_shown, rule_shown
from orepass.law.timeline import Law
from orepass.licences.case import Check
from orepass.licences.facts import china_day
from orepass.licences.types import DAY
from orepass.parties.listed import Asked
from orepass.parties.matching import PartyRegister
from orepass.web.answers import AgainShown, DescriptionAsked, PartyAsked, PartyHit, PartyHits, TransactionAsked
from orepass.web.guarding import Asking, AskingOrOpen, Bearer, Number, Shared, asking_or_open

router = APIRouter()
_SHORT = 400
"""Characters of descriptions up to which a check is made at once; longer ones do not hold up the others."""
OnDay = Annotated[str | None, Query(pattern=DAY, description="The law on that day; today unless named.")]
KnownBy = Annotated[str | None, Query(pattern=DAY, description="The law as published by that day.")]


def _day(text: str | None, name: str) -> date | None:
    return a_day(text, name) if text else None


def _answer(document: dict[str, Any]) -> JSONResponse:
    return JSONResponse(jsonable_encoder(document))


def _horizon(law: Law) -> dict[str, Any]:
    """How far the law was read, and by which rule book this was answered."""
    return {"read_to": law.facts.read_to, "rulebook": law.version}


def today() -> date:
    """Today in China."""
    return china_day(datetime.now(UTC))


_BODY = {
    "required": True,
    "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{TransactionAsked.__name__}"}}},
}


@router.post(
    "/check",
    summary="Determine one transaction",
    responses={
        200: {"description": "The determination", "content": {"application/json": {"schema": determination_schema()}}}
    },
    response_class=JSONResponse,
    tags=["law"],
    openapi_extra={"requestBody": _BODY},
)
async def check(request: Request, bearer: Bearer) -> Response:
    """What the law asks of one transaction: outcome, why, papers, questions. Nothing is stored."""
    await asking_or_open(request, bearer)
    asked = await _asked(request)
    document, law = asked.document(), request.app.state.law
    if sum(len(line.description) for line in asked.lines) <= _SHORT:
        return _json(_determined(document, law))
    return _json(await run_in_threadpool(_determined, document, law))


async def _asked(request: Request) -> TransactionAsked:
    """The transaction of a request, read in one step: the framework's own way of reading a body takes as long as a determination."""
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise BadInput("the body is not JSON", where="header content-type", expected="application/json")
    try:
        return TransactionAsked.model_validate_json(await request.body())
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_url=False)) from None


def _json(document: dict[str, Any]) -> Response:
    return Response(to_json(document), media_type="application/json")


def _determined(document: dict[str, Any], law: Law) -> dict[str, Any]:
    return determine(transaction(document), law).to_dict()


@router.post("/checks", status_code=201, summary="Determine a transaction and keep the determination", tags=["law"])
def keep_check(asked: TransactionAsked, shared: Shared, caller: Asking) -> Check:
    """A determination that is kept in the journal, so that it can be made again."""
    return shared.desk.keep_check(caller, asked.document())


@router.post("/checks/{number}/again", summary="Make a kept determination again", tags=["law"])
def check_again(number: Number, shared: Shared, caller: Asking) -> AgainShown:
    """The determination of then, the same made now with the law as it was known then, and whether they agree."""
    return AgainShown(**shared.desk.check_again(caller, number)._asdict())


@router.post("/classify", summary="Read a description of goods", tags=["law"], response_class=JSONResponse)
def read_description(asked: DescriptionAsked, shared: Shared, caller: AskingOrOpen) -> JSONResponse:
    """What a description says, the entries that may hold the goods, headings, questions."""
    found = classify(asked.text, shared.law, asked.hs, asked.date or today())
    return JSONResponse(found.to_dict())


@router.get("/law/entries", summary="The control list as of a day", tags=["law"], response_class=JSONResponse)
def entries(
    shared: Shared,
    caller: AskingOrOpen,
    on: OnDay = None,
    known: KnownBy = None,
    family: Annotated[str | None, Query(max_length=40)] = None,
    q: Annotated[
        str | None, Query(max_length=100, description="Words of a name, in English or Chinese, or a code.")
    ] = None,
) -> JSONResponse:
    """Entries with their state on the day."""
    law: Law = shared.law
    there = law.as_of(_day(on, "on") or today(), _day(known, "known"))
    wanted = (q or "").casefold()
    found = [
        entry_in_list(entry)
        for entry in there.entries.values()
        if (family is None or family in entry.entry.families)
        and (wanted in f"{entry.entry.code} {entry.entry.name.en} {entry.entry.name.zh}".casefold())
    ]
    return _answer({"entries": found, **_horizon(law)})


@router.get("/law/timeline", summary="Dated changes and facts", tags=["law"], response_class=JSONResponse)
def timeline(
    shared: Shared,
    caller: AskingOrOpen,
    first: Annotated[str | None, Query(alias="from", pattern=DAY)] = None,
    last: Annotated[str | None, Query(alias="to", pattern=DAY)] = None,
    known: KnownBy = None,
) -> JSONResponse:
    """Changes of state, computed from the records, and dated facts, in order."""
    law: Law = shared.law
    events = law.timeline(_day(first, "from"), _day(last, "to"), _day(known, "known"))
    return _answer({"events": [event_shown(event) for event in events], **_horizon(law)})


@router.get("/law/diff", summary="What stands differently on two days", tags=["law"], response_class=JSONResponse)
def difference(
    shared: Shared,
    caller: AskingOrOpen,
    before: Annotated[str, Query(pattern=DAY)],
    after: Annotated[str, Query(pattern=DAY)],
    known: KnownBy = None,
) -> JSONResponse:
    """Entries, rules and listings whose state differs."""
    law: Law = shared.law
    first, second = _day(before, "before"), _day(after, "after")
    assert first is not None and second is not None
    changes = [change_shown(change) for change in law.diff(first, second, _day(known, "known"))]
    return _answer({"changes": changes, **_horizon(law)})


@router.get("/law/{name}", summary="An entry, a rule or an instrument", tags=["law"], response_class=JSONResponse)
def one_of_the_law(
    name: Annotated[str, Path(max_length=64)],
    shared: Shared,
    caller: AskingOrOpen,
    on: OnDay = None,
    known: KnownBy = None,
) -> JSONResponse:
    """How it stands on a day, with its sources."""
    law: Law = shared.law
    there = law.as_of(_day(on, "on") or today(), _day(known, "known"))
    if name in there.entries:
        return _answer(
            {"entry": entry_shown(there.entries[name].entry, there.entries[name].standing, law), **_horizon(law)}
        )
    if name in there.rules:
        return _answer({"rule": rule_shown(there.rules[name].rule, there.rules[name].standing), **_horizon(law)})
    if name in law.facts.instruments:
        return _answer({"instrument": instrument_shown(law.facts.instruments[name], law), **_horizon(law)})
    raise NotFound(f"The law holds nothing of the name {name!r}; look in /api/law/entries.")


@router.post("/parties/match", summary="Listed parties that a party may be", tags=["parties"])
def match_party(asked: PartyAsked, shared: Shared, caller: AskingOrOpen) -> PartyHits:
    """Listed parties of China's notices behind a name, each with its evidence."""
    register = register_of(shared.law, asked.on or today(), asked.known)
    hits = register.match(Asked(asked.name, country=asked.country, address=asked.address))
    return PartyHits(
        hits=tuple(
            PartyHit(
                list=hit.party.list,
                id=hit.party.id,
                listed_name=hit.listed_name,
                level=hit.evidence.level.name.lower(),
                rank=round(hit.evidence.rank, 3),
                evidence=hit.evidence.in_words("en"),
                evidence_zh=hit.evidence.in_words("zh"),
                bars=hit.party.bars,
            )
            for hit in hits
        )
    )


_registers: OrderedDict[tuple[str, date, date | None], PartyRegister] = OrderedDict()
_MOST_REGISTERS = 8


def register_of(law: Law, on: date, known: date | None) -> PartyRegister:
    """The register of a day; those of the last few days asked for are kept."""
    key = law.version, on, known
    found = _registers.get(key)
    if found is None:
        found = _registers[key] = PartyRegister(law_parties(law, on, known))
        while len(_registers) > _MOST_REGISTERS:
            _registers.popitem(last=False)
    return found
