"""An OpenID Connect provider on this machine: discovery, authorize, token, keys; and knobs to misbehave."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

from joserfc import jws
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

CLIENT, SECRET = "orepass desk", "s3cret/+~ of the desk"
RSA = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"})
KEYS: dict[str, Key] = {
    "RS256": RSA,
    "ES256": ECKey.generate_key("P-256", {"kid": "ec", "use": "sig"}),
    "EdDSA": OKPKey.generate_key("Ed25519", {"kid": "ed", "use": "sig"}),
}
FOREIGN = RSAKey.generate_key(2048, {"kid": "rsa"})
UNKNOWN = RSAKey.generate_key(2048, {"kid": "never published"})
WHO: dict[str, Any] = {"sub": "248289761001", "preferred_username": "exporter"}


@dataclass
class Knobs:
    """How the provider behaves; the default is well."""

    who: dict[str, Any] = field(default_factory=lambda: dict(WHO))
    """Claims of the user."""
    changed: dict[str, Any] = field(default_factory=dict)
    """Claims set at last, over the right ones; None takes one away."""
    algorithm: str = "RS256"
    key: Key | None = None
    """Signs instead of the right key."""
    header: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    """Path: what is answered there instead."""
    discovery: dict[str, Any] = field(default_factory=dict)
    """Members of the discovery document, over the right ones."""
    token: dict[str, Any] | None = None
    """The answer at the token endpoint, instead of the right one."""
    keys: list[Any] | None = None


class Issuer:
    """The provider; ``asked`` counts requests by path."""

    def __init__(self) -> None:
        self.knobs = Knobs()
        self.asked: dict[str, int] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.told: list[str] = []
        """Codes and ID tokens it gave out: nobody may log them."""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  its name there
                pass

            def do_GET(self) -> None:
                outer.answer(self, {})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", "0"))).decode()
                outer.answer(self, {name: values[0] for name, values in parse_qs(body).items()})

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, request: BaseHTTPRequestHandler, form: dict[str, str]) -> None:
        """Answer one request."""
        split = urlsplit(request.path)
        query = {name: values[0] for name, values in parse_qs(split.query).items()}
        self.asked[split.path] = self.asked.get(split.path, 0) + 1
        if split.path in self.knobs.answers:
            return _send(request, *self.knobs.answers[split.path])
        match split.path:
            case "/.well-known/openid-configuration":
                return _send(request, 200, json.dumps(self._discovery()).encode())
            case "/jwks":
                shown = [key.as_dict(private=False) for key in KEYS.values()]
                keys = self.knobs.keys if self.knobs.keys is not None else shown
                return _send(request, 200, json.dumps({"keys": keys}).encode())
            case "/authorize":
                return self._authorize(request, query)
            case "/token":
                status, document = self._token(form, request.headers.get("authorization", ""))
                return _send(request, status, json.dumps(document).encode())
            case _:
                return _send(request, 404, b"{}")

    def _discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize?tenant=1",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            **self.knobs.discovery,
        }

    def _authorize(self, request: BaseHTTPRequestHandler, query: dict[str, str]) -> None:
        right = query["response_type"] == "code" and query["client_id"] == CLIENT and query["tenant"] == "1"
        assert right and "openid" in query["scope"].split() and query["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        self.told.append(code)
        request.send_response(302)
        request.send_header(
            "location", f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state'], 'iss': self.url})}"
        )
        request.end_headers()

    def _token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        if not self._is_client(form, authorization):
            return 401, {"error": "invalid_client"}
        query = self.codes.pop(form["code"], None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=")
        if query is None or challenge.decode() != query["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        if form["redirect_uri"] != query["redirect_uri"] or form["grant_type"] != "authorization_code":
            return 400, {"error": "invalid_grant"}
        if self.knobs.token is not None:
            return 200, self.knobs.token
        token = self.id_token(query["nonce"])
        self.told.append(token)
        return 200, {"access_token": "a", "token_type": "Bearer", "id_token": token}

    def _is_client(self, form: dict[str, str], authorization: str) -> bool:
        if "token_endpoint_auth_methods_supported" in self.knobs.discovery:
            return (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET)
        kind, _, told = authorization.partition(" ")
        client, _, secret = base64.b64decode(told).decode().partition(":")
        return kind == "Basic" and (unquote_plus(client), unquote_plus(secret)) == (CLIENT, SECRET)

    def id_token(self, nonce: str) -> str:
        """An ID token, right or as the knobs say."""
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce}
        claims |= self.knobs.who | self.knobs.changed
        claims = {name: value for name, value in claims.items() if value is not None}
        algorithm = self.knobs.algorithm
        if algorithm == "none":
            return f"{part({'alg': 'none'})}.{part(claims)}."
        if algorithm == "HS256":
            return _signed_with_the_public_key(claims)
        key = self.knobs.key or KEYS[algorithm]
        header = {"alg": algorithm, "kid": key.kid, **self.knobs.header}
        registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
        return jws.serialize_compact(header, json.dumps(claims), key, registry=registry)


def _signed_with_the_public_key(claims: dict[str, Any]) -> str:
    """The published key in its PEM form taken for a secret, which everybody knows then."""
    signed = f"{part({'alg': 'HS256', 'kid': 'rsa'})}.{part(claims)}"
    secret = RSA.as_bytes(encoding="PEM", private=False)
    return f"{signed}.{_text(hmac.digest(secret, signed.encode(), 'sha256'))}"


def part(document: dict[str, Any]) -> str:
    """A part of a token."""
    return _text(json.dumps(document).encode())


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _send(request: BaseHTTPRequestHandler, status: int, body: bytes) -> None:
    request.send_response(status)
    request.send_header("content-type", "application/json")
    request.send_header("content-length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)


@contextmanager
def running() -> Iterator[Issuer]:
    """A provider that answers."""
    issuer = Issuer()
    thread = threading.Thread(target=issuer.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        issuer.server.shutdown()
        issuer.server.server_close()
        thread.join()
