"""What stands before every route: sizes, headers, the access log, who is asking, and how often."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, Any

import structlog
from fastapi import Depends, Path, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from orepass.desk.accounts import Accounts, NotKnown, TooMany
from orepass.errors import NotAllowed
from orepass.licences.case import Actor
from orepass.store.records import Token

log = structlog.get_logger("orepass.web")
LARGEST_DOCUMENT = 1_000_000
"""Bytes of a JSON body; uploads have a limit of their own."""
UPLOADS = ("/screen", "/papers")
"""How the paths end to which files are sent."""
REMEMBERED = 5.0
"""For so many seconds a token that was looked up is believed; one revoked at another server is refused after that."""
MOST_REMEMBERED = 10_000
_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
_NOT_KEPT = (b"cache-control", b"no-store")
_OF_API = [
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
]
_OF_PAGES = [
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        b"form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (b"referrer-policy", b"same-origin"),
]
"""Nothing from elsewhere, nothing inline, no frame around us."""


class Guarded:
    """ASGI: refuses bodies that are too large, adds headers, answers faults, logs each request without query, body or credentials."""

    def __init__(self, app: ASGIApp, upload_bytes: int) -> None:
        self._app = app
        self._upload_bytes = upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = self._upload_bytes if _is_upload(scope) else LARGEST_DOCUMENT
        begun, status, taken = time.perf_counter(), 0, 0

        async def receiving() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > most:
                raise _too_large(most)
            return message

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = _with_headers(message.get("headers", []), scope["path"])
            await send(message)

        declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        try:
            if declared.isdigit() and int(declared) > most:
                await _refuse(sending, 413, _sentence(most))
            else:
                await self._app(scope, receiving, sending)
        except Exception as error:
            log.error("fault", kind=type(error).__name__)
            if not status:
                await _refuse(sending, 500, "A fault of ours; it is in the log.")
            raise
        finally:
            log.info(
                "request",
                method=scope["method"],
                path=scope["path"][:200],
                status=status,
                ms=round((time.perf_counter() - begun) * 1000, 1),
                account=scope.get("state", {}).get("account", ""),
            )


def _with_headers(headers: list[tuple[bytes, bytes]], path: str) -> list[tuple[bytes, bytes]]:
    """The headers of an answer and those that every answer has."""
    more = [*_HEADERS, *(_OF_API if path.startswith("/api/") else _OF_PAGES)]
    if not any(name == b"cache-control" for name, _ in headers):
        more.append(_NOT_KEPT)
    return [*headers, *more]


def _is_upload(scope: Scope) -> bool:
    multipart = any(name == b"content-type" and value.startswith(b"multipart/") for name, value in scope["headers"])
    # a body is read before anybody asks who it is from: at the least it has to say so
    known = any(name in {b"authorization", b"cookie"} for name, _ in scope["headers"])
    return multipart and known and scope["path"].endswith(UPLOADS)


def _sentence(most: int) -> str:
    return f"The request holds more than {most:,} bytes, the most that is taken here."


def _too_large(most: int) -> HTTPException:
    return HTTPException(413, _sentence(most))


async def _refuse(send: Callable[[Message], Awaitable[None]], status: int, sentence: str) -> None:
    import json

    body = json.dumps({"error": sentence}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, (b"connection", b"close")]})
    await send({"type": "http.response.body", "body": body})


class Callers:
    """Who asks, by token, and how often each may."""

    def __init__(self, accounts: Accounts, rate_per_minute: int) -> None:
        self._accounts = accounts
        self._known: dict[str, tuple[float, Actor, Token]] = {}
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self._rate = RateLimitItemPerMinute(rate_per_minute) if rate_per_minute else None

    async def of(self, text: str) -> tuple[Actor, Token]:
        """The account behind a token.

        Raises
        ------
        NotKnown
            When the token opens nothing.
        """
        now = time.monotonic()
        found = self._known.get(text)
        if found is not None and found[0] > now and found[2].expires_at > datetime.now(UTC):
            return found[1], found[2]
        actor, token = await run_in_threadpool(self._accounts.of_token, text)
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[text] = (now + REMEMBERED, actor, token)
        return actor, token

    def forget(self) -> None:
        """Look every token up again."""
        self._known.clear()

    def count(self, who: str) -> None:
        """Count a request.

        Raises
        ------
        TooMany
            When there were too many in this minute.
        """
        if self._rate is not None and not self._limiter.hit(self._rate, who):
            reset = self._limiter.get_window_stats(self._rate, who).reset_time
            seconds = max(1, int(reset - time.time()) + 1)
            raise TooMany(f"Too many requests; go on in {seconds} seconds.", seconds)


_bearer = HTTPBearer(auto_error=False, description="A token of POST /api/sessions or POST /api/tokens.")
Bearer = Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]


def address_of(request: Request) -> str:
    """Where a request comes from."""
    return request.client.host if request.client else "unknown"


async def asking(request: Request, bearer: Bearer) -> Actor:
    """The account that asks.

    Raises
    ------
    NotKnown
        Without a valid token.
    """
    callers: Callers = request.app.state.callers
    if bearer is None:
        callers.count(f"address:{address_of(request)}")
        raise NotKnown("No token was shown; send Authorization: Bearer with a token of POST /api/sessions.")
    try:
        actor, _ = await callers.of(bearer.credentials)
    except NotKnown:
        callers.count(f"address:{address_of(request)}")
        raise
    callers.count(f"account:{actor.account}")
    request.state.account = actor.account
    return actor


async def asking_or_open(request: Request, bearer: Bearer) -> Actor | None:
    """The account that asks; nobody where the desk answers without accounts."""
    if bearer is None and request.app.state.settings.open_check:
        request.app.state.callers.count(f"address:{address_of(request)}")
        return None
    return await asking(request, bearer)


Asking = Annotated[Actor, Depends(asking)]
AskingOrOpen = Annotated[Actor | None, Depends(asking_or_open)]


def takes(actor: Actor, *roles: str) -> None:
    """See that an account has one of some roles.

    Raises
    ------
    NotAllowed
        When it has none of them.
    """
    if actor.roles.isdisjoint(roles):
        raise NotAllowed(
            f"This takes the role {' or '.join(roles)}; {actor.account} is {', '.join(sorted(actor.roles))}."
        )


async def state_of(request: Request) -> Any:
    """What the routes share: desk, gate, accounts, jobs, settings."""
    return request.app.state


Shared = Annotated[Any, Depends(state_of)]
Number = Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
