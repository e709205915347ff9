"""The pages as any browser gets them: what they say, who may see them, and what a hostile page or text cannot do."""

from __future__ import annotations

import io
import re
import time
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.routing import APIRoute
from httpx import Response
from web_world import PASSWORD, WHO, Served, served

from desk_world import EXPORTER, OFFICER
from orepass.law.timeline import Law
from orepass.web.app import PAGES
from orepass.web.pages.visiting import COOKIE, WORD, a_way_back, sent, sent_by_anybody

HERE = {"sec-fetch-site": "same-origin"}
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7*7 }}%(x)s"
FORMULA = '=HYPERLINK("http://evil.example","x")'


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, law: Law) -> Iterator[Served]:
    """A desk that answers anybody, with accounts that have a password."""
    folder = tmp_path_factory.mktemp("pages")
    with served(folder, law=law, works=True, password=PASSWORD, open_check=True, login_attempts=1000) as api:
        yield api


@pytest.fixture
def browser(desk: Served) -> Iterator[Browser]:
    found = Browser(desk)
    yield found
    desk.client.cookies.clear()


class Browser:
    """A browser of few means: it keeps cookies and sends forms."""

    def __init__(self, desk: Served) -> None:
        self.desk, self.client = desk, desk.client
        self.client.cookies.clear()

    def get(self, path: str, **headers: str) -> Response:
        return self.client.get(path, headers=headers, follow_redirects=False)

    def log_in(self, who: str = "exporter", to: str = "/desk") -> Response:
        account = {"account": WHO[who].account, "password": PASSWORD, "to": to}
        answer = self.client.post("/login", data=account, headers=HERE, follow_redirects=False)
        assert answer.status_code == 303
        return answer

    def word(self) -> str:
        found = re.search(rf'name="{WORD}" value="([0-9a-f]+)"', self.get("/account").text)
        assert found
        return found[1]

    def send(self, path: str, files: Any = None, **fields: str) -> Response:
        data = {WORD: self.word(), **{name.replace("__", "."): value for name, value in fields.items()}}
        return self.client.post(path, data=data, files=files, headers=HERE, follow_redirects=False)


class Elements(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


OPEN = [
    "/",
    "/check",
    "/check?description=antimony+ingot+99.65%25&to=US&on=2025-01-20",
    "/check?description=graphite&to=KR",
    "/law",
    "/law?q=锑&on=2025-01-20",
    "/law/3C003.b",
    "/law/US-46-P2",
    "/law/CN-2024-46",
    "/law/timeline",
    "/law/changes?before=2024-11-30&after=2025-04-05",
    "/law/horizon",
    "/parties?name=Lockheed+Martin",
    "/parties/CN-2025-01/6",
    "/parties/ownership?stakes=A;B;60&listed=A&target=B",
    "/about",
    "/login",
]


@pytest.mark.parametrize("path", OPEN)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_page_that_anybody_may_read_holds_nothing_inline_and_nothing_from_elsewhere(
    path: str, language: str, browser: Browser
) -> None:
    answer = browser.get(path, **{"accept-language": language})
    assert answer.status_code == 200, answer.text[-500:]
    page = Elements(answer.text)
    assert dict(page.found[0][1])["lang"] == ("zh-Hans" if language == "zh" else "en")
    for tag, attributes in page.found:
        assert not [name for name in attributes if name.startswith("on") or name == "style"], (tag, attributes)
        assert tag != "style"
        for name in ("src", "action", "formaction"):
            assert (attributes.get(name) or "/").startswith("/")
        if tag == "link":
            assert (attributes["href"] or "").startswith("/static/")
    assert answer.headers["content-security-policy"].startswith(
        "default-src 'none'; style-src 'self'; script-src 'self'"
    )
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "path", ["/desk", "/desk/apply", "/desk/licences", "/desk/clearance", "/screen", "/account", "/journal"]
)
def test_what_needs_an_account_asks_for_it_and_leads_back(path: str, browser: Browser) -> None:
    answer = browser.get(path)
    assert answer.status_code == 303
    assert parse_qs(urlsplit(answer.headers["location"]).query)["to"] == [path]
    assert browser.log_in("auditor", to=path).headers["location"] == path
    assert browser.get(path).status_code == 200


def test_a_desk_that_is_not_open_answers_nobody(tmp_path: Any, law: Law) -> None:
    with served(tmp_path, law=law, open_check=False) as closed:
        for path in ("/check?description=gallium", "/law", "/parties", "/check.pdf?description=gallium"):
            assert closed.client.get(path, follow_redirects=False).status_code == 303
        assert closed.client.get("/").status_code == closed.client.get("/about").status_code == 200


# The answer


def test_the_answer_comes_first_then_why_and_a_link_tells_the_whole_question(browser: Browser) -> None:
    page = browser.get("/check?description=antimony+ingot+99.65%25&to=US&on=2025-01-20&end_user=Example").text
    assert re.search(r"<h1>This needs a licence, and in principle none is given.</h1>", page)
    assert "So since December 3, 2024; before that: licence required." in page
    text = " ".join(Elements(page).text.split())
    assert "before that: licence required. (by 2024 No.46)" in text
    assert "From November 9, 2025: licence required. (by 2025 No.72)" in text
    assert "if the end user is a military user or the end use is military" in text
    link = re.search(r'href="(/check\?[^"]*known=[^"]*)"', page)
    assert link
    again = browser.get(link[1].replace("&amp;", "&")).text
    assert re.search(r"<h1>(.*?)</h1>", again)[1] == re.search(r"<h1>(.*?)</h1>", page)[1]  # type: ignore[index]
    assert parse_qs(urlsplit(link[1].replace("&amp;", "&")).query)["end_user"] == ["Example"]


def test_a_question_is_asked_inline_and_its_answer_settles(browser: Browser) -> None:
    page = browser.get("/check?description=graphite&to=KR&on=2025-06-01").text
    assert "What exactly are the goods" in page
    field = re.search(r'name="(fact\.[a-z_]+)" value="natural-flake-graphite"', page)
    assert field
    assert "fact missing" in page or "A fact is missing" in page
    settled = browser.get(f"/check?description=graphite&to=KR&on=2025-06-01&{field[1]}=natural-flake-graphite").text
    assert "What exactly are the goods" not in settled


def test_a_fact_that_a_person_gives_overrules_the_text(browser: Browser) -> None:
    asked = "/check?description=bismuth+ingot+99.99%25&to=DE&on=2025-06-01"
    page = browser.get(f"{asked}&new.1.name=purity_pct&new.1.value=99.5").text
    assert 'name="fact.purity_pct" value="99.5"' in page
    assert "the description says" in page


def test_the_same_question_stands_on_other_days(browser: Browser) -> None:
    page = browser.get("/check?description=gallium+metal&to=US&on=2023-07-01").text
    assert "The same question on other days" in page
    assert "The answer over time" in page
    assert re.findall(r'<li class="now" aria-current="date">', page) != []


def test_what_cannot_be_read_is_told_above_the_form_which_keeps_what_was_typed(browser: Browser) -> None:
    answer = browser.get("/check?description=gallium&to=Atlantis")
    assert answer.status_code == 422
    assert "is no country that we know" in answer.text
    assert 'value="Atlantis"' in answer.text
    assert "Describe the goods" in browser.get("/check?asked=1").text


@pytest.mark.parametrize(
    "path", ["/check.pdf?description=antimony+ingot&to=US&on=2025-01-20", "/check.pdf?description=锑锭&to=US&lang=zh"]
)
def test_the_answer_comes_as_pdf(path: str, browser: Browser) -> None:
    pytest.importorskip("typst", reason="the extra pdf is not installed")
    answer = browser.get(path)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert b"NotoSansCJK" in answer.content


def test_a_server_without_a_chinese_font_says_so_on_the_paper(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("typst", reason="the extra pdf is not installed")
    monkeypatch.setattr("orepass.web.pages.setting.chinese_family", lambda: "")
    monkeypatch.setattr("orepass.web.pages.setting.font_folders", lambda: ())
    answer = browser.get("/check.pdf?description=gallium&to=US&on=2025-01-20")
    assert answer.status_code == 200
    assert b"NotoSansCJK" not in answer.content


# Sessions


def test_a_session_is_a_cookie_that_no_script_reads_and_that_ends(browser: Browser) -> None:
    cookie = browser.log_in().headers["set-cookie"]
    assert COOKIE in cookie and "HttpOnly" in cookie and "SameSite=lax" in cookie
    kept = browser.client.cookies[COOKIE]
    assert browser.send("/logout").status_code == 303
    browser.client.cookies.set(COOKIE, kept)
    assert browser.get("/desk").status_code == 303


def test_a_login_never_takes_over_a_session_that_was_there(browser: Browser) -> None:
    planted = browser.desk.world.accounts.token(OFFICER, "planted", 1).text
    browser.client.cookies.set(COOKIE, planted, domain="testserver.local")
    word = re.search(rf'name="{WORD}" value="([0-9a-f]*)"', browser.get("/login").text)
    assert word
    data = {"account": "exporter", "password": PASSWORD, WORD: word[1]}
    answer = browser.client.post("/login", data=data, headers=HERE, follow_redirects=False)
    assert planted not in answer.headers["set-cookie"]
    browser.client.cookies.clear()
    browser.client.cookies.set(COOKIE, planted)
    assert browser.get("/desk").status_code == 303


def test_a_wrong_password_is_told_without_saying_which_was_wrong(browser: Browser) -> None:
    for account in ("exporter", "nobody"):
        data = {"account": account, "password": "wrong"}
        answer = browser.client.post("/login", data=data, headers=HERE, follow_redirects=False)
        assert answer.status_code == 401
        assert "The name or the password is not right." in answer.text


def test_the_word_of_a_form_is_no_part_of_the_token(browser: Browser) -> None:
    browser.log_in()
    assert browser.word() not in browser.client.cookies[COOKIE]


# What another site cannot do


def test_every_page_that_changes_something_reads_its_form_through_the_guard() -> None:
    routes = [route for pages in PAGES for route in pages.router.routes]
    assert len(routes) > 40
    for route in routes:
        if isinstance(route, APIRoute) and route.methods and not route.methods <= {"GET", "HEAD"}:
            calls = {dependency.call for dependency in route.dependant.dependencies}
            assert calls & {sent, sent_by_anybody}, route.path


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {},
    ],
)
def test_a_form_of_another_site_is_refused(headers: dict[str, str], browser: Browser) -> None:
    browser.log_in()
    data = {WORD: browser.word(), "kind": "single"}
    answer = browser.client.post("/desk/apply", data=data, headers=headers, follow_redirects=False)
    assert answer.status_code == 403
    assert browser.client.post("/login", data=data, headers=headers, follow_redirects=False).status_code == 403


@pytest.mark.parametrize("word", ["", "0" * 32, "é"])
def test_a_form_without_the_word_of_its_session_is_refused(word: str, browser: Browser) -> None:
    browser.log_in()
    answer = browser.client.post("/desk/apply", data={WORD: word, "kind": "single"}, headers=HERE)
    assert answer.status_code == 403


def test_the_api_takes_no_cookie(browser: Browser) -> None:
    browser.log_in()
    assert browser.get("/api/cases").status_code == 401
    assert browser.client.post("/api/cases", json={"kind": "single"}, headers=HERE).status_code == 401


@pytest.mark.parametrize(
    "to",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/\tevil",
        " //e",
        "/\r\nSet-Cookie: a=b",
    ],
)
def test_signing_in_leads_to_a_page_of_this_site_alone(to: str, browser: Browser) -> None:
    place = browser.log_in(to=to).headers["location"]
    assert place.startswith("/") and not place.startswith("//") and "\\" not in place
    assert a_way_back(to) == "/"


# What hostile texts cannot do

_FIELDS = (
    "description", "hs", "entry", "to", "from", "via", "origin", "act", "on", "known", "end_user", "consignee", "end_use",
    "end_user_country", "quantity", "unit", "fact.substance", "fact.purity_pct", "fact.nonsense", "listed.end_user.CN-1",
)  # fmt: skip


def _harmless(html: str) -> None:
    page = Elements(html)
    tags = [tag for tag, _ in page.found]
    assert tags.count("script") == 1 and "img" not in tags and "iframe" not in tags
    assert not [name for _, attributes in page.found for name in attributes if name.startswith("on")]
    assert "49%" not in page.text


@pytest.mark.parametrize("field", _FIELDS)
def test_html_in_a_field_of_the_check_stays_text(field: str, browser: Browser) -> None:
    answer = browser.client.get("/check", params={"description": "gallium metal", field: HOSTILE})
    assert answer.status_code in {200, 422}
    _harmless(answer.text)


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/law", ("q", "on", "known", "family")),
        ("/law/timeline", ("q",)),
        ("/law/changes", ("before", "after", "known")),
        ("/parties", ("name", "country", "address", "on")),
        ("/parties/ownership", ("stakes", "listed", "target")),
        ("/login", ("to",)),
    ],
)
def test_html_in_a_field_of_a_search_stays_text(path: str, fields: tuple[str, ...], browser: Browser) -> None:
    for field in fields:
        answer = browser.client.get(path, params={field: HOSTILE})
        assert answer.status_code in {200, 422}
        _harmless(answer.text)


def test_html_in_an_application_stays_text_through_its_whole_life(browser: Browser) -> None:
    browser.log_in()
    fields = {
        "kind": "single", "goods__1__description": f"gallium metal {HOSTILE}", "goods__1__quantity": "5", "goods__1__unit": "kg",
        "end_user": HOSTILE, "end_user_country": "KR", "consignee": HOSTILE, "to": "KR", "end_use": HOSTILE,
        "contract": HOSTILE, "why": HOSTILE,
    }  # fmt: skip
    made = browser.send("/desk/apply", **fields)
    assert made.status_code == 303
    place = made.headers["location"]
    named = {"file": (f"{HOSTILE}.txt", b"paper", "text/html")}
    assert browser.send(f"{place}/papers", files=named, kind="contract").status_code == 303
    for path in (place, f"{place}/change", "/desk"):
        _harmless(browser.get(path).text)
    paper = re.search(rf'href="({place}/papers/[0-9a-f]+)"', browser.get(place).text)
    assert paper
    file = browser.get(paper[1])
    assert file.headers["content-type"] == "application/octet-stream"
    assert file.headers["content-disposition"].startswith("attachment")
    wrong = browser.send("/desk/apply", **{**fields, "goods__1__quantity": HOSTILE})
    assert wrong.status_code == 422
    _harmless(wrong.text)


class Forms(HTMLParser):
    """The forms of a page that change something: where they go, and their fields with what a hostile hand types."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str], set[str]]] = []
        self._select = ""
        self._inside = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "form":
            self._inside = given.get("method") == "post"
            if self._inside:
                self.found.append((given["action"], {}, set()))
        if not self._inside or not self.found:
            return
        _, fields, typed = self.found[-1]
        if tag == "textarea" or (tag == "input" and given.get("type", "text") in {"text", "search", "password"}):
            fields[name] = HOSTILE
            typed.add(name)
        elif tag == "input" and given.get("type") in {"hidden", "radio", "date"}:
            fields.setdefault(name, given.get("value", ""))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            fields.setdefault(self._select, given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        if tag == "select":
            self._select = ""


def test_html_in_every_field_of_the_desk_stays_text(browser: Browser) -> None:
    world = browser.desk.world
    case, licence = world.accepted(), world.granted()
    world.do(OFFICER, case, "ask", text="which?")
    world.declare("D-1")
    pages = {
        "officer": [f"/desk/cases/{case.id}", f"/desk/licences/{licence.id}", "/desk/declarations/D-1"],
        "countersigner": [f"/desk/cases/{case.id}"],
        "customs": ["/desk/clearance", "/desk/declarations/D-1"],
        "exporter": [f"/desk/cases/{case.id}", f"/desk/licences/{licence.id}", "/account", "/desk/apply"],
        "auditor": ["/journal"],
    }
    sent: set[str] = set()
    for who, paths in pages.items():
        browser.client.cookies.clear()
        browser.log_in(who)
        for path in paths:
            for action, fields, typed in Forms(browser.get(path).text).found:
                if action == "/logout" or "/revoke" in action or action.endswith(("/withdraw", "/papers")):
                    continue
                for one in sorted(typed) or [""]:
                    plain = dict.fromkeys(typed - {one}, "text") | {"quantity": "1", "exported": "1"}
                    told = {
                        **fields,
                        **{name: value for name, value in plain.items() if name in fields and name != one},
                    }
                    answer = browser.client.post(action, data=told, headers=HERE, follow_redirects=True)
                    assert answer.status_code in {200, 403, 409, 422}, (action, told, answer.status_code)
                    _harmless(answer.text)
                    sent.add(f"{action.rpartition('/')[2]} {one}")
    assert len(sent) > 40, sorted(sent)
    for who, paths in pages.items():
        browser.client.cookies.clear()
        browser.log_in(who)
        for path in [*paths, "/desk", "/desk/licences", "/desk/clearance"]:
            _harmless(browser.get(path).text)


def _screened(browser: Browser, content: bytes, **columns: str) -> str:
    place = browser.send("/screen", files={"file": ("goods.csv", content)}).headers["location"]
    _wait(browser, place, "What do the columns mean")
    assert browser.send(f"{place}/columns", answer=columns.pop("answer", "xlsx"), **columns).status_code == 303
    _wait(browser, place, "Take the answers away")
    return place


def _wait(browser: Browser, place: str, for_: str) -> None:
    for _ in range(300):
        page = browser.get(place).text
        if for_ in page:
            return
        assert "could not be screened" not in page, page
        time.sleep(0.1)
    raise AssertionError(f"{place}: {for_} never came")


def test_a_table_is_looked_over_screened_filtered_and_taken_away(browser: Browser) -> None:
    browser.log_in()
    rows = ["Product,HS,Ship to,Date", "antimony ingot 99.65%,8110101000,US,2025-01-20", "graphite,,KR,2025-06-01"]
    rows += [
        f"{HOSTILE.replace(',', ' ').replace(chr(34), '')},,DE,2025-06-01",
        f"{FORMULA.replace(',', ' ').replace(chr(34), '')},,DE,2025-06-01",
    ]
    content = "\n".join(rows).encode()
    place = _screened(browser, content, column__0="description", column__1="hs", column__2="to", column__3="date")
    page = browser.get(place).text
    assert "4 rows of goods.csv" in page
    _harmless(page)
    assert "licence, refused in principle" in page
    only = browser.get(f"{place}?outcome=refusal_presumed").text
    assert "antimony ingot" in only and ">graphite<" not in only
    assert "graphite" in browser.get(f"{place}?fact=substance").text
    file = browser.get(f"{place}/answers")
    with zipfile.ZipFile(io.BytesIO(file.content)) as book:
        assert b"patternFill" in book.read("xl/styles.xml")
        assert not [name for name in book.namelist() if b"<f>" in book.read(name)]
    browser.client.cookies.clear()
    browser.log_in("other exporter")
    assert browser.get(place).status_code == browser.get(f"{place}/answers").status_code == 404


@pytest.mark.parametrize(("name", "says"), [("goods.exe", "is no kind of table"), ("", "Choose a table first")])
def test_what_is_no_table_is_told_above_the_form(name: str, says: str, browser: Browser) -> None:
    browser.log_in()
    answer = browser.send("/screen", files={"file": (name, b"x")})
    assert answer.status_code == 422
    assert says in answer.text


# Whose things


def test_an_organisation_does_not_see_the_pages_of_anothers_case(browser: Browser) -> None:
    browser.log_in()
    fields = {
        "kind": "single",
        "goods__1__description": "gallium",
        "to": "KR",
        "end_user": "Example",
        "end_use": "wafers",
    }
    place = browser.send("/desk/apply", **fields).headers["location"]
    browser.client.cookies.clear()
    browser.client.cookies.clear()
    browser.log_in("other exporter")
    assert browser.get(place).status_code == 404
    assert browser.send(f"{place}/moves/withdraw", reason="x").status_code == 404
    assert browser.send(f"{place}/change", **fields).status_code == 404


def test_a_move_that_the_table_does_not_allow_is_told_on_the_page(browser: Browser) -> None:
    case = browser.desk.world.accepted()
    browser.log_in("officer")
    answer = browser.send(f"/desk/cases/{case.id}/moves/grant")
    assert answer.status_code == 409
    assert "That was not done" in answer.text and "advice is missing" in answer.text
    assert browser.send(f"/desk/cases/{case.id}/moves/dance").status_code == 404
    assert EXPORTER.organisation in browser.get(f"/desk/cases/{case.id}").text
