"""Who looks at a page: the cookie of a session, the language, and the guards against requests that another site makes.

A session is a token of the desk, opened by a login and carried in a cookie that no script can read. Every form carries a second word, made
from the token; what changes something is refused without it, and whenever the browser says that another site asks.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated, NamedTuple
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from orepass.desk.accounts import NotKnown
from orepass.errors import NotAllowed
from orepass.licences.case import Actor
from orepass.web.guarding import Callers, address_of
from orepass.web.pages.catalogue import LANGUAGES, preferred

COOKIE = "orepass_session"
LANGUAGE = "orepass_language"
WORD = "csrf"
"""The field of a form that carries the second word of a session."""
MOST_FIELDS, MOST_FILES, LONGEST_FIELD = 400, 5, 100_000
_YEAR = 365 * 24 * 3600


class Visitor(NamedTuple):
    """Who looks: the account, if there is one, the token behind it, and the language of the pages."""

    actor: Actor | None
    token: str
    language: str

    @property
    def word(self) -> str:
        """What every form of this session carries."""
        return word_of(self.token)

    def has(self, *roles: str) -> bool:
        """Whether the account has one of some roles."""
        return self.actor is not None and not self.actor.roles.isdisjoint(roles)


def word_of(token: str) -> str:
    """The second word of a session; it tells nothing of the token."""
    return hashlib.sha256(f"orepass form {token}".encode()).hexdigest()[:32] if token else ""


async def visiting(request: Request) -> Visitor:
    """The visitor of a page; a cookie that opens nothing is nobody's."""
    callers: Callers = request.app.state.callers
    asked = request.query_params.get("lang", "")
    kept = request.cookies.get(LANGUAGE, "")
    language = next((one for one in (asked, kept) if one in LANGUAGES), None) or preferred(
        request.headers.get("accept-language", "")
    )
    token = request.cookies.get(COOKIE, "")
    if token:
        try:
            actor, _ = await callers.of(token)
        except NotKnown:
            token = ""
        else:
            callers.count(f"account:{actor.account}")
            request.state.account = actor.account
            return Visitor(actor, token, language)
    callers.count(f"address:{address_of(request)}")
    return Visitor(None, token, language)


Visiting = Annotated[Visitor, Depends(visiting)]


async def reading_law(request: Request, visitor: Visiting) -> Visitor:
    """A visitor who may check and read the law: anybody where the desk is open, else an account.

    Raises
    ------
    NotKnown
        When an account is needed.
    """
    if visitor.actor is None and not request.app.state.settings.open_check:
        raise NotKnown("Sign in to go on.")
    return visitor


async def signed_in(visitor: Visiting) -> Actor:
    """The account that looks.

    Raises
    ------
    NotKnown
        When nobody is signed in.
    """
    if visitor.actor is None:
        raise NotKnown("Sign in to go on.")
    return visitor.actor


Reading = Annotated[Visitor, Depends(reading_law)]
SignedIn = Annotated[Actor, Depends(signed_in)]


def from_here(request: Request) -> bool:
    """Whether a request that would change something comes from a page of this site, as far as the browser says."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == request.headers.get("host")


class Sent:
    """A form that was sent, by field: text without spaces around it, and files."""

    def __init__(self, form: FormData) -> None:
        self._form = form

    def text(self, name: str) -> str:
        """The text of a field; empty when it was not sent."""
        value = self._form.get(name, "")
        return value.strip() if isinstance(value, str) else ""

    def texts(self, name: str) -> list[str]:
        """Every text of a field that may be sent several times."""
        return [value.strip() for value in self._form.getlist(name) if isinstance(value, str)]

    def file(self, name: str) -> UploadFile | None:
        """The file of a field; nothing when none was chosen."""
        value = self._form.get(name)
        return value if isinstance(value, UploadFile) and value.filename else None

    def pairs(self) -> list[tuple[str, str]]:
        """Every field with its text, but for the session's word."""
        return [(name, value) for name, value in self._form.multi_items() if isinstance(value, str) and name != WORD]


async def sent_by_anybody(request: Request, visitor: Visiting) -> AsyncGenerator[Sent]:
    """A form that a page of ours sent.

    Raises
    ------
    NotAllowed
        When another site sent it, or it lacks the word of the session.
    """
    if not from_here(request):
        raise NotAllowed("This form was not sent from a page of this site; open the page and send it again.")
    async with request.form(max_fields=MOST_FIELDS, max_files=MOST_FILES, max_part_size=LONGEST_FIELD) as form:
        word = form.get(WORD, "")
        if visitor.token and not (isinstance(word, str) and hmac.compare_digest(word.encode(), visitor.word.encode())):
            raise NotAllowed("The form belongs to another session; open the page again and send it once more.")
        yield Sent(form)


async def sent(request: Request, visitor: Visiting, actor: SignedIn) -> AsyncGenerator[Sent]:
    """A form of an account; nobody else's is read.

    Raises
    ------
    NotKnown
        When nobody is signed in.
    """
    async with asynccontextmanager(sent_by_anybody)(request, visitor) as form:
        yield form


Form = Annotated[Sent, Depends(sent)]
OpenForm = Annotated[Sent, Depends(sent_by_anybody)]


def keep_language(response: Response, request: Request) -> None:
    """Remember a language that was chosen by hand."""
    asked = request.query_params.get("lang", "")
    if asked in LANGUAGES:
        response.set_cookie(LANGUAGE, asked, max_age=_YEAR, samesite="lax", secure=is_tls(request), httponly=True)


def open_session(response: Response, request: Request, token: str, hours: int) -> None:
    """Hand out the cookie of a session."""
    response.set_cookie(
        COOKIE, token, max_age=hours * 3600, path="/", samesite="lax", secure=is_tls(request), httponly=True
    )


def end_session(response: Response) -> None:
    """Take the cookie back."""
    response.delete_cookie(COOKIE, path="/")


def is_tls(request: Request) -> bool:
    """Whether the browser came by https."""
    return request.url.scheme == "https"


def a_way_back(path: str) -> str:
    """A path of this site to go on to; the front page for anything else.

    Examples
    --------
    >>> a_way_back("/desk?state=accepted"), a_way_back("//elsewhere"), a_way_back("https://elsewhere/")
    ('/desk?state=accepted', '/', '/')
    """
    plain = path.isascii() and path.isprintable() and "\\" not in path
    return path if plain and path.startswith("/") and not path.startswith("//") else "/"
