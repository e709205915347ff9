"""The application: routes, errors as one sentence, what all routes share."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from orepass import __version__
from orepass.desk.accounts import Accounts, NotKnown, TooMany
from orepass.desk.desk import Desk
from orepass.desk.gate import Gate
from orepass.desk.settings import Settings
from orepass.errors import BadInput, NotAllowed, NotFound, NotPossible, OrepassError
from orepass.law.timeline import Law
from orepass.store.database import StoreDown, migrate, open_database
from orepass.store.keys import signing_key
from orepass.store.ledger import Ledger
from orepass.web import routes_cases, routes_desk, routes_law, routes_oidc, routes_screen
from orepass.web.answers import Error
from orepass.web.guarding import Callers, Guarded
from orepass.web.jobs import Jobs
from orepass.web.pages import answer_sheet, check, customs, front, screen
from orepass.web.pages import desk as desk_pages
from orepass.web.pages import journal as journal_pages
from orepass.web.pages import law as law_pages
from orepass.web.pages import parties as party_pages
from orepass.web.pages.site import Site
from orepass.web.pages.visiting import Visitor, visiting

PAGES = (front, check, answer_sheet, screen, law_pages, party_pages, customs, desk_pages, journal_pages)
THREADS = 64
"""So many requests may wait for the database at once."""
_STATUS: list[tuple[type[OrepassError], int]] = [
    (BadInput, 422),
    (NotFound, 404),
    (NotAllowed, 403),
    (NotPossible, 409),
    (NotKnown, 401),
    (TooMany, 429),
    (StoreDown, 503),
]
_ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"model": Error, "description": "The request is no request that we understand"},
    401: {"model": Error, "description": "Nobody, or a token that is not valid"},
    403: {"model": Error, "description": "Not for this account"},
    404: {"model": Error, "description": "Not there, or somebody else's"},
    409: {"model": Error, "description": "The state of things stands against it"},
    413: {"model": Error, "description": "Too large"},
    422: {"model": Error, "description": "It cannot be read; the sentence names the field"},
    429: {"model": Error, "description": "Too often"},
    503: {"model": Error, "description": "The database does not answer; nothing was done"},
}


def create_app(settings: Settings | None = None, law: Law | None = None) -> FastAPI:
    """The application over the database of the settings, which is brought to the newest schema.

    Raises
    ------
    BadInput
        When a setting is wrong, or the database cannot be opened.
    """
    chosen = settings or Settings()
    engine = open_database(chosen.database_url)
    migrate(engine)
    ledger = Ledger(engine, signing_key(chosen.key_path))
    rules = law or Law.load()
    jobs = Jobs(engine, chosen)

    @asynccontextmanager
    async def living(app: FastAPI) -> AsyncGenerator[None, None]:
        from anyio.to_thread import current_default_thread_limiter

        current_default_thread_limiter().total_tokens = THREADS
        jobs.start()
        yield
        jobs.stop()
        ledger.close()
        engine.dispose()

    app = FastAPI(
        title="Orepass",
        version=__version__,
        summary="China's export controls on strategic minerals: check, screen, the law, parties, licence cases, clearance, journal.",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=living,
        responses=_ERRORS,
    )
    app.state.settings = chosen
    app.state.law = rules
    app.state.desk = Desk(ledger, rules)
    app.state.gate = Gate(ledger, rules)
    app.state.accounts = Accounts(ledger, chosen.login_attempts, chosen.login_minutes)
    app.state.callers = Callers(app.state.accounts, chosen.rate_per_minute)
    app.state.jobs = jobs
    for routes in (routes_law, routes_screen, routes_cases, routes_desk, routes_oidc):
        app.include_router(routes.router, prefix="/api")
    app.state.site = Site(rules, chosen.open_check)
    for pages in PAGES:
        app.include_router(pages.router)
    _answer_errors(app)
    app.add_middleware(Guarded, upload_bytes=chosen.upload_megabytes * 1_000_000)
    return app


def _answer_errors(app: FastAPI) -> None:
    async def refused(request: Request, error: Exception) -> Response:
        status = next(status for type_, status in _STATUS if isinstance(error, type_))
        if not _is_page(request):
            return _error(status, str(error), error)
        if status == 401:
            return _to_login(request)
        return await _page_of_error(request, status, _ended(str(error)))

    for type_, _ in _STATUS:
        app.add_exception_handler(type_, refused)

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        if _is_page(request):
            return await _page_of_error(request, 422, _ended(_sentence(error)))
        return _error(422, _sentence(error), error)

    async def known(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if _is_page(request):
            return await _page_of_error(request, error.status_code, _ended(str(error.detail)))
        return JSONResponse({"error": _ended(str(error.detail))}, error.status_code, dict(error.headers or {}))

    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, known)


def _is_page(request: Request) -> bool:
    return not request.url.path.startswith("/api/")


def _to_login(request: Request) -> Response:
    """To the form to sign in, and back again afterwards; what a form sent is not sent twice."""
    back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    to = back if request.method == "GET" else "/desk"
    return RedirectResponse(f"/login?{urlencode({'to': to[:8_000]})}", 303)


async def _page_of_error(request: Request, status: int, sentence: str) -> Response:
    """The page that says why; when even the visitor cannot be looked up, for nobody."""
    site: Site = request.app.state.site
    try:
        visitor = await visiting(request)
    except OrepassError:
        visitor = Visitor(None, "", "en")
    return site.refused(request, visitor, status, sentence)


def _error(status: int, sentence: str, error: Exception) -> JSONResponse:
    headers: dict[str, str] = {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(error.seconds)
    if isinstance(error, StoreDown):
        headers["Retry-After"] = "5"
    return JSONResponse({"error": _ended(sentence)}, status, headers)


def _sentence(error: RequestValidationError) -> str:
    """The first thing that cannot be read, with its place."""
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"] if part != "body") or "body"
    problem = str(first["msg"]).removeprefix("Value error, ").removeprefix("Input ").strip()
    more = len(error.errors()) - 1
    rest = f", and {more} more" if more else ""
    return f"field {where}: {problem[:1].lower()}{problem[1:]}{rest}"[:600]


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith(".") else f"{sentence}."
