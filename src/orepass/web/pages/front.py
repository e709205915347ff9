"""The first page, signing in and out, one's account, the files beside the pages, and what Orepass is."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import RedirectResponse, Response

from orepass.desk.accounts import Accounts, NotKnown, TooMany
from orepass.errors import NotFound
from orepass.store.records import ROLES
from orepass.web.guarding import address_of
from orepass.web.pages.catalogue import to_say
from orepass.web.pages.error_rates import error_rates
from orepass.web.pages.site import Site, static
from orepass.web.pages.visiting import Form, OpenForm, SignedIn, Visiting, a_way_back, end_session, open_session

router = APIRouter(include_in_schema=False)
WRONG = to_say("The name or the password is not right.")


@router.get("/")
async def first(request: Request, visitor: Visiting) -> Response:
    """What can be done here."""
    site: Site = request.app.state.site
    return site.page(request, visitor, "front.html")


@router.get("/static/{name}")
async def beside(name: Annotated[str, Path(max_length=64)]) -> Response:
    """A file beside the pages."""
    found = static(name)
    if found is None:
        raise NotFound("There is no such file.")
    return found


@router.get("/login")
async def log_in_page(
    request: Request, visitor: Visiting, to: Annotated[str, Query(max_length=8_000)] = "/desk"
) -> Response:
    """The form to sign in."""
    site: Site = request.app.state.site
    oidc = bool(request.app.state.settings.oidc_issuer)
    return site.page(request, visitor, "login.html", to=a_way_back(to), wrong="", account="", oidc=oidc)


@router.post("/login")
def log_in(request: Request, visitor: Visiting, form: OpenForm) -> Response:
    """Sign in: a new session, whatever cookie came along."""
    state = request.app.state
    site, accounts = state.site, state.accounts
    account, to = form.text("account"), a_way_back(form.text("to") or "/desk")
    state.callers.count(f"address:{address_of(request)}")
    try:
        opened = accounts.log_in(account, form.text("password"), address_of(request), state.settings.token_hours)
    except (NotKnown, TooMany) as error:
        status, wrong = (429, str(error)) if isinstance(error, TooMany) else (401, WRONG)
        oidc = bool(state.settings.oidc_issuer)
        return site.page(request, visitor, "login.html", status, to=to, wrong=wrong, account=account, oidc=oidc)
    _end(request, visitor.token)
    response = RedirectResponse(to, 303)
    open_session(response, request, opened.text, state.settings.token_hours)
    return response


@router.post("/logout")
def log_out(request: Request, visitor: Visiting, actor: SignedIn, form: Form) -> Response:
    """Sign out: the session opens nothing any more."""
    _end(request, visitor.token)
    response = RedirectResponse("/", 303)
    end_session(response)
    return response


def _end(request: Request, token: str) -> None:
    """Revoke the token of a session that was left."""
    accounts: Accounts = request.app.state.accounts
    if token:
        try:
            actor, found = accounts.of_token(token)
        except NotKnown:
            return
        accounts.revoke(actor, found.id)
        request.app.state.callers.forget()


@router.get("/account")
def account(request: Request, visitor: Visiting, actor: SignedIn) -> Response:
    """Who one is, and one's tokens."""
    site: Site = request.app.state.site
    tokens = request.app.state.accounts.tokens(actor)
    roles = [role for role in ROLES if role in actor.roles]
    return site.page(request, visitor, "account.html", actor=actor, roles=roles, tokens=tokens, opened="")


@router.post("/account/tokens")
def open_token(request: Request, visitor: Visiting, actor: SignedIn, form: Form) -> Response:
    """A token for a program; its text is shown once."""
    site: Site = request.app.state.site
    accounts: Accounts = request.app.state.accounts
    hours = form.text("hours")
    made = accounts.token(
        actor, form.text("note")[:200] or "from the page", int(hours) if hours.isdigit() and len(hours) < 6 else 24
    )
    roles = [role for role in ROLES if role in actor.roles]
    return site.page(
        request, visitor, "account.html", actor=actor, roles=roles, tokens=accounts.tokens(actor), opened=made.text
    )


@router.post("/account/tokens/{number}/revoke")
def revoke_token(request: Request, visitor: Visiting, actor: SignedIn, form: Form, number: str) -> Response:
    """A token opens nothing any more."""
    request.app.state.accounts.revoke(actor, number)
    request.app.state.callers.forget()
    return RedirectResponse("/account", 303)


@router.get("/about")
def about(request: Request, visitor: Visiting) -> Response:
    """Sources with their grades, error rates, limits."""
    site: Site = request.app.state.site
    sources = sorted(site.law.facts.sources.values(), key=lambda source: (source.grade, source.id))
    return site.page(request, visitor, "about.html", sources=sources, rates=error_rates(), version=site.law.version)
