"""Routes of OpenID Connect: to the provider, and back with a token."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from orepass.desk.accounts import Accounts, NotKnown
from orepass.errors import NotAllowed, NotFound
from orepass.licences.case import Actor
from orepass.web.answers import Error, TokenOpened
from orepass.web.guarding import Shared, address_of
from orepass.web.oidc import COOKIE, COOKIE_PATH, COOKIE_SECONDS, Provider, ProviderDown, names

router = APIRouter(tags=["desk"])
_DOWN: dict[int | str, dict[str, Any]] = {
    503: {"model": Error, "description": "The provider or the database does not answer; nothing was done"}
}
_SENT: dict[int | str, dict[str, Any]] = {
    302: {
        "description": f"To the provider, with the cookie {COOKIE}, which holds for ten minutes",
        "headers": {"Location": {"schema": {"type": "string", "format": "uri"}}},
    }
}
Word = Annotated[str, Query(max_length=200)]
LongWord = Annotated[str, Query(max_length=8000)]


async def provider_of(request: Request, shared: Shared) -> Provider:
    """The provider of this desk, made when it is first asked for; who asks is counted.

    Raises
    ------
    NotFound
        When the desk has none.
    TooMany
        When the address asked too often.
    """
    shared.callers.count(f"address:{address_of(request)}")
    if getattr(shared, "oidc", None) is None:
        shared.oidc = Provider(shared.settings)
    return shared.oidc


Asked = Annotated[Provider, Depends(provider_of)]


@router.get(
    "/oidc/login",
    status_code=302,
    response_class=RedirectResponse,
    responses=_SENT | _DOWN,
    summary="To the login of the OpenID Connect provider",
)
async def oidc_login(provider: Asked) -> Response:
    """A browser goes there and comes back to the callback."""
    try:
        address, cookie = await provider.start()
    except ProviderDown as error:
        return _unavailable(error)
    answer = RedirectResponse(address, 302)
    answer.set_cookie(
        COOKIE,
        cookie,
        max_age=COOKIE_SECONDS,
        path=COOKIE_PATH,
        secure=provider.secure,
        httponly=True,
        samesite="lax",
    )
    return answer


@router.get(
    "/oidc/callback",
    response_model=TokenOpened,
    responses=_DOWN,
    summary="Back from the OpenID Connect provider: a token",
)
async def oidc_callback(
    request: Request, shared: Shared, provider: Asked, state: Word = "", code: LongWord = "", error: Word = ""
) -> Response:
    """The account must be entered at this desk; the login ends here, whether it succeeds or not."""
    started = provider.started(request.cookies.get(COOKIE, ""), state)
    if error or not code:
        raise NotKnown("The provider did not log you in; begin again at /api/oidc/login.")
    try:
        claims = await provider.claims(code, started)
    except ProviderDown as down:
        return _unavailable(down)
    actor = await run_in_threadpool(_entered, shared.accounts, names(claims))
    request.state.account = actor.account
    opened = await run_in_threadpool(shared.accounts.token, actor, "oidc", shared.settings.token_hours)
    told = TokenOpened(token=opened.text, id=opened.token.id, expires_at=opened.token.expires_at)
    answer = JSONResponse(told.model_dump(mode="json"))
    answer.delete_cookie(COOKIE, path=COOKIE_PATH, secure=provider.secure, httponly=True, samesite="lax")
    return answer


def _entered(accounts: Accounts, meant: list[str]) -> Actor:
    """The first account of some names that is open at this desk."""
    for name in meant:
        try:
            return accounts.actor(name)
        except NotFound:
            continue
    who = f"the account {meant[0]!r}" if meant else "your account"
    raise NotAllowed(f"The provider knows you, but {who} is not entered at this desk; ask its operator.")


def _unavailable(error: ProviderDown) -> JSONResponse:
    return JSONResponse({"error": str(error)}, 503, {"Retry-After": "5"})
