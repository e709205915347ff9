"""Login by OpenID Connect, whole: the desk, a provider on this machine, and a browser between them."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import structlog
from fastapi import FastAPI
from fastapi.testclient import TestClient
from joserfc import jwt
from joserfc.jwk import OctKey
from pydantic import SecretStr

import oidc_provider
from oidc_provider import CLIENT, SECRET, Issuer, Knobs
from orepass.desk.settings import Settings
from orepass.law.timeline import Law
from orepass.web.app import create_app
from orepass.web.oidc import COOKIE, Provider, names

LOGIN, CALLBACK = "/api/oidc/login", "/api/oidc/callback"
BASE = "http://testserver"


class Desk(NamedTuple):
    """The application, a browser at it, and the provider."""

    app: FastAPI
    browser: TestClient
    issuer: Issuer

    def begin(self) -> str:
        """Begin a login; where the provider sends the browser back to."""
        begun = self.browser.get(LOGIN)
        assert begun.status_code == 302, begun.text
        back = httpx.get(begun.headers["location"])
        assert back.status_code == 302
        return back.headers["location"]

    def log_in(self) -> httpx.Response:
        """The whole way."""
        return self.browser.get(self.begin())


Making = Callable[..., TestClient]


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with oidc_provider.running() as made:
        yield made


@pytest.fixture
def making(tmp_path: Path, law: Law) -> Iterator[Making]:
    """Make a desk with some settings, where one exporter and one mail address are entered."""
    opened: list[TestClient] = []

    def make(base: str = BASE, **settings: Any) -> TestClient:
        folder = tmp_path / str(len(opened))
        folder.mkdir()
        chosen = Settings(database=f"sqlite:///{folder / 'desk.db'}", key_file=folder / "desk.key", **settings)
        app = create_app(chosen, law)
        app.state.accounts.add_organisation("FIRM-A", "Firm A")
        for name in ("exporter", "li@firm.example", "248289761001"):
            app.state.accounts.add(name, "FIRM-A", ["exporter"], None)
        client = TestClient(app, base_url=base, follow_redirects=False, raise_server_exceptions=False)
        opened.append(client.__enter__())
        return client

    yield make
    for client in opened:
        client.__exit__(None, None, None)


@pytest.fixture
def desk(making: Making, issuer: Issuer) -> Desk:
    issuer.knobs = Knobs()
    issuer.asked.clear()
    browser = making(**_settings(issuer.url))
    assert isinstance(browser.app, FastAPI)
    return Desk(browser.app, browser, issuer)


def _settings(issuer: str, base: str = BASE) -> dict[str, Any]:
    return {
        "oidc_issuer": issuer,
        "oidc_client": CLIENT,
        "oidc_secret": SecretStr(SECRET),
        "oidc_redirect": f"{base}{CALLBACK}",
    }


def _refused(answer: httpx.Response, status: int, words: str) -> None:
    assert answer.status_code == status, answer.text
    document = answer.json()
    assert list(document) == ["error"]
    assert words in document["error"]
    assert document["error"].endswith(".")


def _account(desk: Desk, answer: httpx.Response) -> str:
    """Whose token it is."""
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == {"token", "id", "expires_at"}
    me = desk.browser.get("/api/me", headers={"Authorization": f"Bearer {answer.json()['token']}"})
    return me.json()["account"]


# it goes well


def test_a_login_gives_a_token_of_the_account(desk: Desk) -> None:
    assert _account(desk, desk.log_in()) == "exporter"


def test_the_token_is_noted_as_one_of_openid_connect_and_the_cookie_is_gone(desk: Desk) -> None:
    answer = desk.log_in()
    actor, token = desk.app.state.accounts.of_token(answer.json()["token"])
    assert (actor.organisation, token.note) == ("FIRM-A", "oidc")
    assert COOKIE not in desk.browser.cookies
    assert "Max-Age=0" in answer.headers["set-cookie"]


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
def test_each_signature_of_a_key_pair_is_read(desk: Desk, algorithm: str) -> None:
    desk.issuer.knobs.algorithm = algorithm
    assert _account(desk, desk.log_in()) == "exporter"


def test_the_secret_goes_in_the_form_where_the_provider_wants_it_there(desk: Desk) -> None:
    desk.issuer.knobs.discovery["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    assert _account(desk, desk.log_in()) == "exporter"


def test_one_may_log_in_again_and_discovery_is_read_once(desk: Desk) -> None:
    first, second = desk.log_in(), desk.log_in()
    assert first.json()["token"] != second.json()["token"]
    assert desk.issuer.asked["/.well-known/openid-configuration"] == 1


def test_the_cookie_is_short_lived_and_for_these_routes_alone(desk: Desk) -> None:
    told = {part.strip().lower() for part in desk.browser.get(LOGIN).headers["set-cookie"].split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/api/oidc", "max-age=600"} <= told
    assert "secure" not in told


def test_the_cookie_is_secure_where_the_redirect_is_https(making: Making, issuer: Issuer) -> None:
    issuer.knobs = Knobs()
    browser = making("https://testserver", **_settings(issuer.url, "https://testserver"))
    assert "secure" in browser.get(LOGIN).headers["set-cookie"].lower()


def test_the_redirect_asks_for_a_code_with_pkce_and_keeps_the_verifier_from_the_provider(desk: Desk) -> None:
    begun = desk.browser.get(LOGIN)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(begun.headers["location"]).query).items()}
    assert asked["redirect_uri"] == f"{BASE}{CALLBACK}"
    assert (asked["response_type"], asked["client_id"], asked["code_challenge_method"]) == ("code", CLIENT, "S256")
    assert set(asked) == {
        *("tenant", "response_type", "client_id", "redirect_uri", "scope", "state", "nonce"),
        *("code_challenge", "code_challenge_method"),
    }


def test_extra_members_in_the_header_of_an_id_token_are_no_fault(desk: Desk) -> None:
    desk.issuer.knobs.header = {"pi.atm": "1"}
    assert desk.log_in().status_code == 200


def test_a_key_that_cannot_be_read_does_not_spoil_the_others(desk: Desk) -> None:
    right = [key.as_dict(private=False) for key in oidc_provider.KEYS.values()]
    desk.issuer.knobs.keys = [{"kty": "PQ"}, {"kty": "EC", "crv": "none"}, {"kty": "RSA"}, 7, None, *right]
    assert desk.log_in().status_code == 200


# who it is


def test_a_verified_mail_address_names_an_account(desk: Desk) -> None:
    desk.issuer.knobs.who = {"sub": "9", "preferred_username": "li", "email": "li@firm.example", "email_verified": True}
    assert _account(desk, desk.log_in()) == "li@firm.example"


@pytest.mark.parametrize("said", [{}, {"email_verified": False}, {"email_verified": "true"}, {"email_verified": 1}])
def test_a_mail_address_that_is_not_verified_names_no_account(desk: Desk, said: dict[str, Any]) -> None:
    desk.issuer.knobs.who = {"sub": "9", "email": "li@firm.example", **said}
    _refused(desk.log_in(), 403, "not entered at this desk")


def test_the_subject_names_an_account_where_nothing_else_does(desk: Desk) -> None:
    desk.issuer.knobs.who = {"sub": "248289761001"}
    assert _account(desk, desk.log_in()) == "248289761001"


def test_somebody_who_is_not_entered_is_refused_by_name(desk: Desk) -> None:
    desk.issuer.knobs.who = {"sub": "9", "preferred_username": "stranger"}
    _refused(desk.log_in(), 403, "the account 'stranger' is not entered at this desk")


def test_a_closed_account_is_refused(desk: Desk) -> None:
    desk.app.state.accounts.close("exporter")
    desk.issuer.knobs.who["sub"] = "9"
    _refused(desk.log_in(), 403, "not entered at this desk")


@pytest.mark.parametrize("name", ["\x00", "\ud800", "exporter\n", "x" * 5000, "", 7, ["exporter"], {"a": 1}, None])
def test_a_name_that_cannot_be_is_refused_and_nothing_breaks(desk: Desk, name: Any) -> None:
    desk.issuer.knobs.who = {"sub": "no such", "preferred_username": name}
    _refused(desk.log_in(), 403, "your account is not entered at this desk")


def test_names_are_tried_in_order_and_an_unverified_address_counts_by_no_claim() -> None:
    said = {"preferred_username": "a", "email": "b@x", "sub": "c"}
    assert names(said | {"email_verified": True}) == ["a", "b@x", "c"]
    assert names(said) == ["a", "c"]
    assert names({**said, "preferred_username": "b@x", "email_verified": False}) == ["c"]
    assert names({"preferred_username": "b@x", "email": "b@x", "sub": "c"}) == ["b@x", "c"]
    assert names({}) == []


# an ID token that is not right

BAD_CLAIMS: dict[str, dict[str, Any]] = {
    "another nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "another audience": {"aud": "another desk"},
    "another audience by our wish": {"aud": "another desk", "azp": CLIENT},
    "no audience": {"aud": None},
    "two audiences and no party": {"aud": [CLIENT, "another desk"]},
    "another party": {"azp": "another desk"},
    "expired": {"iat": 1_700_000_000, "exp": 1_700_000_300},
    "without end": {"exp": None},
    "an end that is a word": {"exp": "tomorrow"},
    "an end that is no number": {"exp": float("nan")},
    "not yet issued": {"iat": int(time.time()) + 86_400},
    "another issuer": {"iss": "https://another.example"},
    "no issuer": {"iss": None},
    "no subject": {"sub": None},
    "a subject that is a number": {"sub": 7},
}


@pytest.mark.parametrize("said", BAD_CLAIMS.values(), ids=BAD_CLAIMS.keys())
def test_an_id_token_for_another_login_is_refused(desk: Desk, said: dict[str, Any]) -> None:
    desk.issuer.knobs.changed = said
    _refused(desk.log_in(), 401, "ID token of the provider is not valid")


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_an_id_token_that_anybody_could_write_is_refused(desk: Desk, algorithm: str) -> None:
    desk.issuer.knobs.algorithm = algorithm
    _refused(desk.log_in(), 401, "ID token of the provider is not valid")


@pytest.mark.parametrize("key", [oidc_provider.FOREIGN, oidc_provider.UNKNOWN], ids=["same kid", "unknown kid"])
def test_an_id_token_under_another_key_is_refused(desk: Desk, key: Any) -> None:
    desk.issuer.knobs.key = key
    _refused(desk.log_in(), 401, "ID token of the provider is not valid")


def test_an_id_token_that_brings_its_own_key_is_refused(desk: Desk) -> None:
    desk.issuer.knobs.key = oidc_provider.FOREIGN
    desk.issuer.knobs.header = {"jwk": oidc_provider.FOREIGN.as_dict(private=False)}
    _refused(desk.log_in(), 401, "ID token of the provider is not valid")


@pytest.mark.parametrize("header", [{"crit": ["b64"], "b64": False}, {"crit": ["x"], "x": 1}])
def test_an_id_token_with_a_critical_header_that_we_do_not_know_is_refused(desk: Desk, header: dict[str, Any]) -> None:
    token = f"{oidc_provider.part({'alg': 'RS256', 'kid': 'rsa', **header})}.e30.AAAA"
    desk.issuer.knobs.token = {"id_token": token}
    _refused(desk.log_in(), 401, "ID token of the provider is not valid")


@pytest.mark.parametrize("token", ["", "a", "a.b.c", "....", "é", "\x00", "[" * 200_000])
def test_an_id_token_that_is_none_is_refused(desk: Desk, token: str) -> None:
    desk.issuer.knobs.token = {"id_token": token}
    _refused(desk.log_in(), 401, "ID token of the provider is not valid")


# a callback that is not right


def test_a_callback_does_not_work_twice(desk: Desk) -> None:
    back = desk.begin()
    cookie = desk.browser.cookies[COOKIE]
    assert desk.browser.get(back).status_code == 200
    _refused(desk.browser.get(back), 401, "not begun here")
    desk.browser.cookies.set(COOKIE, cookie)
    _refused(desk.browser.get(back), 401, "ended already")
    assert desk.issuer.asked["/token"] == 1


def test_a_login_that_failed_cannot_be_ended_again(desk: Desk) -> None:
    back = desk.begin()
    state = parse_qs(urlsplit(back).query)["state"][0]
    refused = desk.browser.get(CALLBACK, params={"error": "access_denied", "state": state})
    _refused(refused, 401, "did not log you in")
    _refused(desk.browser.get(back), 401, "ended already")


def test_a_callback_without_the_cookie_is_refused(desk: Desk) -> None:
    back = desk.begin()
    desk.browser.cookies.clear()
    _refused(desk.browser.get(back), 401, "not begun here")
    assert "/token" not in desk.issuer.asked


def test_the_state_of_another_browser_is_refused(desk: Desk) -> None:
    theirs = desk.begin()
    desk.browser.cookies.clear()
    desk.begin()
    _refused(desk.browser.get(theirs), 401, "not the login that was begun here")
    assert "/token" not in desk.issuer.asked


@pytest.mark.parametrize("state", ["", "another", "é", "\x00", "%ff"])
def test_another_state_is_refused(desk: Desk, state: str) -> None:
    desk.begin()
    _refused(desk.browser.get(CALLBACK, params={"code": "c", "state": state}), 401, "not the login")


@pytest.mark.parametrize("cookie", ["x", "a.b.c", "e30.e30.", "." * 5000, "eyJhbGciOiJub25lIn0.e30."])
def test_a_cookie_that_is_none_is_refused(desk: Desk, cookie: str) -> None:
    answer = desk.browser.get(CALLBACK, params={"code": "c", "state": "s"}, headers={"Cookie": f"{COOKIE}={cookie}"})
    _refused(answer, 401, "not begun here")


def test_a_cookie_signed_by_somebody_else_is_refused(desk: Desk) -> None:
    kept = {"state": "s", "nonce": "n", "verifier": "v", "exp": int(time.time()) + 600}
    desk.browser.cookies.set(COOKIE, jwt.encode({"alg": "HS256"}, kept, OctKey.generate_key(256)))
    _refused(desk.browser.get(CALLBACK, params={"code": "c", "state": "s"}), 401, "not begun here")


@pytest.mark.parametrize(("seconds", "status"), [(599, 200), (600, 401)])
def test_a_login_holds_for_ten_minutes(desk: Desk, seconds: int, status: int) -> None:
    ahead = 0
    desk.app.state.oidc = Provider(desk.app.state.settings, lambda: time.time() // 600 * 600 + ahead)
    desk.issuer.knobs.changed = {"iat": 1_700_000_000, "exp": 9_000_000_000}
    back = desk.begin()
    ahead = seconds
    assert desk.browser.get(back).status_code == status


def test_a_code_that_the_provider_did_not_give_is_refused(desk: Desk) -> None:
    state = parse_qs(urlsplit(desk.begin()).query)["state"][0]
    answer = desk.browser.get(CALLBACK, params={"code": "guessed", "state": state})
    _refused(answer, 401, "does not take the code")


def test_a_code_of_another_login_is_refused_as_its_verifier_is_another(desk: Desk) -> None:
    stolen = parse_qs(urlsplit(desk.begin()).query)["code"][0]
    state = parse_qs(urlsplit(desk.begin()).query)["state"][0]
    _refused(desk.browser.get(CALLBACK, params={"code": stolen, "state": state}), 401, "does not take the code")


def test_a_callback_without_a_code_is_refused(desk: Desk) -> None:
    state = parse_qs(urlsplit(desk.begin()).query)["state"][0]
    _refused(desk.browser.get(CALLBACK, params={"state": state}), 401, "did not log you in")


# a provider that is not right


def test_a_desk_without_a_provider_says_so(making: Making) -> None:
    browser = making(oidc_issuer="")
    for path in (LOGIN, CALLBACK):
        _refused(browser.get(path), 404, "OREPASS_OIDC_ISSUER is not set")


@pytest.mark.parametrize("missing", ["oidc_client", "oidc_redirect"])
def test_a_desk_with_half_the_settings_says_which_is_missing(making: Making, missing: str) -> None:
    browser = making(**{**_settings("https://login.example"), missing: ""})
    _refused(browser.get(LOGIN), 404, f"OREPASS_{missing.upper()} is not set")


def test_a_provider_that_is_down_is_told_and_is_asked_again_later(making: Making) -> None:
    with oidc_provider.running() as gone:
        url = gone.url
    browser = making(**_settings(url))
    answer = browser.get(LOGIN)
    _refused(answer, 503, "does not answer")
    assert answer.headers["retry-after"] == "5"
    assert "set-cookie" not in answer.headers


def test_a_provider_that_goes_down_between_is_told(making: Making) -> None:
    with oidc_provider.running() as gone:
        browser = making(**_settings(gone.url))
        begun = browser.get(LOGIN)
    state = parse_qs(urlsplit(begun.headers["location"]).query)["state"][0]
    _refused(browser.get(CALLBACK, params={"code": "c", "state": state}), 503, "does not answer")


@pytest.mark.parametrize("issuer", ["http://login.example", "login.example", "ftp://127.0.0.1", "https://", "http://["])
def test_an_issuer_that_is_not_safe_is_not_asked(making: Making, issuer: str) -> None:
    _refused(making(**_settings(issuer)).get(LOGIN), 503, "neither https nor of this machine")


NONSENSE: dict[str, tuple[int, bytes]] = {
    "a page": (200, b"<html>"),
    "a list": (200, b"[]"),
    "nothing": (200, b""),
    "an empty object": (200, b"{}"),
    "bytes": (200, b"\xff\xfe\x00"),
    "depth": (200, b"[" * 200_000),
    "length": (200, b" " * 1_100_000 + b"{}"),
    "a fault": (500, b"{}"),
    "somewhere else": (302, b"{}"),
}


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token", "/jwks"])
@pytest.mark.parametrize("nonsense", NONSENSE.values(), ids=NONSENSE.keys())
def test_a_provider_that_talks_nonsense_is_told(desk: Desk, path: str, nonsense: tuple[int, bytes]) -> None:
    desk.issuer.knobs.answers[path] = nonsense
    answer = desk.browser.get(LOGIN) if path.startswith("/.well") else desk.log_in()
    _refused(answer, 503, "The login provider")


@pytest.mark.parametrize(
    "said",
    [
        {"issuer": "https://another.example"},
        {"token_endpoint": "http://login.example/token"},
        {"jwks_uri": None},
        {"authorization_endpoint": 7},
    ],
)
def test_a_discovery_document_that_is_not_safe_is_refused(desk: Desk, said: dict[str, Any]) -> None:
    desk.issuer.knobs.discovery = said
    _refused(desk.browser.get(LOGIN), 503, "The login provider")


def test_a_discovery_document_that_was_refused_is_not_kept(desk: Desk) -> None:
    desk.issuer.knobs.discovery = {"issuer": "https://another.example"}
    assert desk.browser.get(LOGIN).status_code == 503
    desk.issuer.knobs.discovery = {}
    assert desk.log_in().status_code == 200


def test_a_provider_that_refuses_the_desk_itself_is_a_fault_of_the_settings(making: Making, issuer: Issuer) -> None:
    issuer.knobs = Knobs()
    browser = making(**{**_settings(issuer.url), "oidc_secret": SecretStr("wrong")})
    assert isinstance(browser.app, FastAPI)
    _refused(Desk(browser.app, browser, issuer).log_in(), 503, "client id and the secret")


@pytest.mark.parametrize("token", [{}, {"id_token": None}, {"id_token": ["a"]}])
def test_a_provider_that_gives_no_id_token_is_told(desk: Desk, token: dict[str, Any]) -> None:
    desk.issuer.knobs.token = token
    _refused(desk.log_in(), 503, "gave no ID token")


# all of it


class Kept(logging.Handler):
    """Every line that any library logs, kept."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


@pytest.fixture
def kept() -> Iterator[Kept]:
    root, handler = logging.getLogger(), Kept()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.removeHandler(handler)
    root.setLevel(before)


def test_nothing_secret_is_logged(desk: Desk, kept: Kept, capfd: Any) -> None:
    with structlog.testing.capture_logs() as told:
        good = desk.log_in()
        desk.issuer.knobs.changed = {"nonce": "another"}
        desk.log_in()
        desk.issuer.knobs.answers["/token"] = (500, b"{}")
        desk.log_in()
    ours = [
        line for line in kept.lines if "testserver" not in line and "/authorize" not in line
    ]  # the browser's left out
    assert any("/token" in line for line in ours), kept.lines
    logged = f"{told}{ours}{''.join(capfd.readouterr())}"
    assert [each["status"] for each in told if each["event"] == "request"] == [302, 200, 302, 401, 302, 503]
    assert next(each["account"] for each in told if each.get("status") == 200) == "exporter"
    for secret in (SECRET, good.json()["token"], *desk.issuer.told):
        assert secret not in logged


def test_logins_are_counted_by_address(making: Making, issuer: Issuer) -> None:
    issuer.knobs = Knobs()
    browser = making(**_settings(issuer.url), rate_per_minute=2)
    assert [browser.get(LOGIN).status_code for _ in range(3)].count(429) >= 1


def test_the_description_of_the_api_tells_the_redirect_and_the_token(desk: Desk) -> None:
    paths = desk.browser.get("/api/openapi.json").json()["paths"]
    login, callback = paths[LOGIN]["get"]["responses"], paths[CALLBACK]["get"]["responses"]
    assert "content" not in login["302"]
    assert "200" not in login
    assert "Location" in login["302"]["headers"]
    assert callback["200"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/TokenOpened"}
    for responses in (login, callback):
        assert "provider" in responses["503"]["description"]
