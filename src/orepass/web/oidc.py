"""Login by OpenID Connect: the code flow with PKCE, a provider's ID token, and the names it gives to an account."""

# Authlib says nothing of its types.
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false

from __future__ import annotations

import hmac
import json
import re
import secrets
import time
from collections.abc import Callable
from typing import Any, NamedTuple, cast
from urllib.parse import quote_plus

import anyio
import httpx
import structlog
from authlib.common.security import is_secure_transport
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key, KeySet, OctKey
from joserfc.jws import JWSRegistry

from orepass.desk.accounts import NotKnown
from orepass.desk.settings import Settings
from orepass.errors import NotFound, OrepassError

log = structlog.get_logger("orepass.web")
COOKIE = "orepass_oidc"
COOKIE_PATH = "/api/oidc"
COOKIE_SECONDS = 600
"""So long a login may take, from the first redirect to the callback."""
ALGORITHMS = ("RS256", "ES256", "EdDSA")
"""Signatures of an ID token that are believed; all are of a key pair."""
LEEWAY = 60
"""So many seconds the clock of the provider may be off."""
PATIENCE = 10.0
"""So many seconds an answer of the provider may take as a whole."""
LARGEST_ANSWER = 1_000_000
DISCOVERED_SECONDS = 3600.0
"""So long a discovery document is kept; the keys are read at every login, as a provider may change them any time."""
_NEEDED = ("oidc_issuer", "oidc_client", "oidc_redirect")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}")
_UNREADABLE = (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError)
Document = dict[str, Any]


class ProviderDown(OrepassError):
    """The provider does not answer, or not as OpenID Connect has it; nothing was done. It may be tried again."""


class Started(NamedTuple):
    """A login on its way: what the cookie holds, and nobody else knows."""

    state: str
    nonce: str
    verifier: str


class Endpoints(NamedTuple):
    """What the discovery document says."""

    authorize: str
    token: str
    keys: str
    secret_in_body: bool


class Provider:
    """The provider of the settings, and the logins that are on their way to it.

    Parameters
    ----------
    settings
        Issuer, client, secret and redirect address.
    now
        The clock, in seconds since 1970.

    Raises
    ------
    NotFound
        When the settings name no provider, or not all that it takes.
    """

    def __init__(self, settings: Settings, now: Callable[[], float] = time.time) -> None:
        missing = next((name for name in _NEEDED if not getattr(settings, name)), None)
        if missing is not None:
            raise NotFound(f"This desk has no login by OpenID Connect: OREPASS_{missing.upper()} is not set.")
        self._settings = settings
        self._now = now
        self._key = OctKey.generate_key(256)
        self._endpoints: tuple[float, Endpoints] | None = None
        self._used: dict[str, float] = {}
        self.secure = settings.oidc_redirect.startswith("https:")

    async def start(self) -> tuple[str, str]:
        """Where the browser goes, and the cookie that it takes along.

        Raises
        ------
        ProviderDown
            When the provider's discovery document cannot be read.
        """
        endpoints = await self._discovered()
        started = Started(*(secrets.token_urlsafe(32) for _ in Started._fields))
        sent = {
            "response_type": "code",
            "client_id": self._settings.oidc_client,
            "redirect_uri": self._settings.oidc_redirect,
            "scope": "openid profile email",
            "state": started.state,
            "nonce": started.nonce,
            "code_challenge": create_s256_code_challenge(started.verifier),
            "code_challenge_method": "S256",
        }
        kept = {**started._asdict(), "exp": int(self._now()) + COOKIE_SECONDS}
        return str(httpx.URL(endpoints.authorize).copy_merge_params(sent)), jwt.encode(
            {"alg": "HS256"}, kept, self._key
        )

    def started(self, cookie: str, state: str) -> Started:
        """The login that a callback ends; it can be ended once.

        Raises
        ------
        NotKnown
            When this browser did not begin it, it took too long, or it was ended before.
        """
        try:
            kept = jwt.decode(cookie, self._key, algorithms=["HS256"]).claims
            found, until = Started(kept["state"], kept["nonce"], kept["verifier"]), float(kept["exp"])
        except _UNREADABLE:
            raise NotKnown("This login was not begun here; begin it at /api/oidc/login.") from None
        if until <= self._now():
            raise NotKnown("The login took more than ten minutes; begin it again at /api/oidc/login.")
        if not hmac.compare_digest(found.state.encode(), state.encode()):
            raise NotKnown("This is not the login that was begun here; begin it again at /api/oidc/login.")
        if found.state in self._used:
            raise NotKnown("This login was ended already; begin another at /api/oidc/login.")
        self._used = {each: end for each, end in self._used.items() if end > self._now()} | {found.state: until}
        return found

    async def claims(self, code: str, started: Started) -> Document:
        """What the provider says of who logged in, for the code of a callback.

        Raises
        ------
        NotKnown
            When the code is not valid, or the ID token is not for this login.
        ProviderDown
            When the provider does not answer, or not as it should.
        """
        endpoints = await self._discovered()
        token = await self._exchanged(endpoints, code, started.verifier)
        keys = _keys(await _document(endpoints.keys))
        options = {
            "iss": {"essential": True, "value": self._settings.oidc_issuer},
            "aud": {"essential": True, "value": self._settings.oidc_client},
        }
        expected = {"nonce": started.nonce, "client_id": self._settings.oidc_client}
        try:
            read = jwt.decode(token, keys, registry=JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False))
            CodeIDToken(read.claims, read.header, options, expected).validate(int(self._now()), LEEWAY)
        except _UNREADABLE as error:
            log.warning("oidc", refused=getattr(error, "error", ""), kind=type(error).__name__)
            raise NotKnown("The ID token of the provider is not valid for this login; begin it again.") from None
        return read.claims

    async def _exchanged(self, endpoints: Endpoints, code: str, verifier: str) -> str:
        """The ID token for a code."""
        client, secret = self._settings.oidc_client, self._settings.oidc_secret.get_secret_value()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._settings.oidc_redirect,
            "code_verifier": verifier,
        }
        basic = bool(secret) and not endpoints.secret_in_body
        if not basic:
            form |= {"client_id": client, **({"client_secret": secret} if secret else {})}
        auth = httpx.BasicAuth(quote_plus(client), quote_plus(secret)) if basic else None
        status, answer = await _ask("POST", endpoints.token, data=form, auth=auth)
        if status == 400 and answer.get("error") not in ("invalid_client", "unauthorized_client"):
            raise NotKnown("The provider does not take the code of this login; begin it again at /api/oidc/login.")
        if status in (400, 401):
            raise _down("refuses this desk; its operator must look at the client id and the secret")
        if status != 200 or not isinstance(answer.get("id_token"), str):
            raise _down("gave no ID token")
        return cast(str, answer["id_token"])

    async def _discovered(self) -> Endpoints:
        if self._endpoints is not None and self._endpoints[0] > self._now():
            return self._endpoints[1]
        issuer = self._settings.oidc_issuer
        if not is_secure_transport(issuer):
            raise _down("has an address that is neither https nor of this machine")
        found = _endpoints(await _document(f"{issuer.rstrip('/')}/.well-known/openid-configuration"), issuer)
        self._endpoints = self._now() + DISCOVERED_SECONDS, found
        return found


def names(claims: Document) -> list[str]:
    """The accounts that an ID token may mean, the first first; an address that nobody verified names none."""
    mail, verified = claims.get("email"), claims.get("email_verified")
    doubtful = mail if verified is not True else None
    preferred = claims.get("preferred_username")
    if preferred == doubtful and verified is not None:
        preferred = None
    found = (preferred, mail if doubtful is None else None, claims.get("sub"))
    return [name for name in found if isinstance(name, str) and _NAME.fullmatch(name)]


def _down(what: str) -> ProviderDown:
    log.warning("oidc", provider=what)
    return ProviderDown(f"The login provider {what}.")


def _endpoints(document: Document, issuer: str) -> Endpoints:
    if document.get("issuer") != issuer:
        raise _down("calls itself by another issuer than OREPASS_OIDC_ISSUER")
    found = [document.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
    safe = [address for address in found if isinstance(address, str) and is_secure_transport(address)]
    if len(safe) < len(found):
        raise _down("has a discovery document without safe addresses")
    methods = document.get("token_endpoint_auth_methods_supported")
    in_body = isinstance(methods, list) and "client_secret_post" in methods and "client_secret_basic" not in methods
    return Endpoints(safe[0], safe[1], safe[2], in_body)


def _keys(document: Document) -> KeySet:
    """The keys of a JWKS that can be read; a key of a kind that is not known here does not spoil the others."""
    found: list[Key] = []
    listed = document.get("keys")
    for each in listed if isinstance(listed, list) else []:
        try:
            found.append(JWKRegistry.import_key(each))
        except _UNREADABLE:
            continue
    if not found:
        raise _down("shows no keys that can be read")
    return KeySet(found)


async def _document(address: str) -> Document:
    status, document = await _ask("GET", address)
    if status != 200:
        raise _down(f"answers {status} where it should tell of itself")
    return document


async def _ask(method: str, address: str, **sent: Any) -> tuple[int, Document]:
    """Status and JSON object of an answer; redirects are not followed."""
    body = b""
    try:
        with anyio.fail_after(PATIENCE):
            async with httpx.AsyncClient(timeout=PATIENCE) as client, client.stream(method, address, **sent) as answer:
                async for part in answer.aiter_bytes():
                    body += part
                    if len(body) > LARGEST_ANSWER:
                        raise _down("answers without end")
        document = json.loads(body)
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError):
        raise _down("does not answer; try again later") from None
    except (ValueError, RecursionError):
        raise _down("gave an answer that cannot be read") from None
    if not isinstance(document, dict):
        raise _down("gave an answer that cannot be read")
    return answer.status_code, cast(Document, document)
