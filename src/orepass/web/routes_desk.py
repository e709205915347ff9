"""Routes of the desk itself: who one is, tokens, the journal, health."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from orepass.errors import NotFound
from orepass.licences.case import Actor
from orepass.store.records import ROLES, Role
from orepass.store.verifying import verify
from orepass.web.answers import (
    EntryShown,
    HeadShown,
    Health,
    LogIn,
    Me,
    TokenAsked,
    TokenOpened,
    TokenShown,
    VerifiedShown,
)
from orepass.web.guarding import Asking, Number, Shared, address_of, takes

router = APIRouter()


@router.get("/health", tags=["desk"], summary="Whether the desk answers")
def health(shared: Shared) -> Health:
    """The database was asked."""
    shared.desk.ledger.head  # noqa: B018  the question itself
    return Health(ok=True, rulebook=shared.law.version, read_to=shared.law.facts.read_to)


@router.post("/sessions", status_code=201, tags=["desk"], summary="A token for a name and a password")
def log_in(asked: LogIn, request: Request, shared: Shared) -> TokenOpened:
    """The token holds for some hours; after several wrong passwords the account waits."""
    shared.callers.count(f"address:{address_of(request)}")
    opened = shared.accounts.log_in(asked.account, asked.password, address_of(request), shared.settings.token_hours)
    return TokenOpened(token=opened.text, id=opened.token.id, expires_at=opened.token.expires_at)


@router.delete(
    "/sessions", status_code=204, tags=["desk"], summary="Revoke the token that is shown", response_class=Response
)
async def log_out(request: Request, shared: Shared, caller: Asking) -> Response:
    """The token opens nothing any more."""
    from starlette.concurrency import run_in_threadpool

    _, token = await shared.callers.of(request.headers["authorization"].partition(" ")[2])
    await run_in_threadpool(shared.accounts.revoke, caller, token.id)
    shared.callers.forget()
    return Response(status_code=204)


@router.get("/me", tags=["desk"], summary="Who one is")
def me(caller: Asking) -> Me:
    """Account, organisation, roles."""
    return Me(account=caller.account, organisation=caller.organisation, roles=_roles(caller))


def _roles(caller: Actor) -> tuple[Role, ...]:
    return tuple(role for role in ROLES if role in caller.roles)


@router.get("/tokens", tags=["desk"], summary="One's tokens")
def tokens(shared: Shared, caller: Asking) -> list[TokenShown]:
    """Without their secrets, which nobody keeps."""
    return [TokenShown.of(token) for token in shared.accounts.tokens(caller)]


@router.post("/tokens", status_code=201, tags=["desk"], summary="A token for a program")
def open_token(asked: TokenAsked, shared: Shared, caller: Asking) -> TokenOpened:
    """Its text is told once."""
    opened = shared.accounts.token(caller, asked.note, asked.hours)
    return TokenOpened(token=opened.text, id=opened.token.id, expires_at=opened.token.expires_at)


@router.delete("/tokens/{number}", status_code=204, tags=["desk"], summary="Revoke a token", response_class=Response)
def revoke_token(number: Number, shared: Shared, caller: Asking) -> Response:
    """It opens nothing any more."""
    shared.accounts.revoke(caller, number)
    shared.callers.forget()
    return Response(status_code=204)


@router.get("/journal", tags=["journal"], summary="Entries of the journal")
def journal(
    shared: Shared,
    caller: Asking,
    after: Annotated[int, Query(ge=0, le=2**53)] = 0,
    most: Annotated[int, Query(ge=1, le=1000)] = 100,
    subject: Annotated[str | None, Query(max_length=200, pattern=r"^[^\x00]*$")] = None,
) -> list[EntryShown]:
    """For auditors: every act in order, or those of one thing."""
    return [EntryShown.of(entry) for entry in shared.desk.journal(caller, after, most, subject)]


@router.get("/journal/head", tags=["journal"], summary="The signed end of the journal")
def head(shared: Shared, caller: Asking) -> HeadShown:
    """Kept elsewhere, it shows later that nothing before it was changed."""
    takes(caller, "auditor")
    found = shared.desk.ledger.head
    if found is None:
        raise NotFound("The journal is empty.")
    return HeadShown(**found._asdict())


@router.post("/journal/verify", tags=["journal"], summary="Check the store against its journal")
def verified(shared: Shared, caller: Asking) -> VerifiedShown:
    """Every row, record and paper; it takes a while on a large store."""
    takes(caller, "auditor")
    found = verify(shared.desk.ledger.engine)
    return VerifiedShown(
        holds=found.holds, entries=found.entries, records=found.records, papers=found.papers, faults=found.faults
    )
