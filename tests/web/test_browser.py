"""The pages in a real browser: whole errands in both languages, looked over by axe, with every request watched.

A picture of each page is kept in the folder that pytest keeps of the run, or in ``OREPASS_SCREENSHOTS=folder``.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed")

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
REFUSED = {"en": "This needs a licence, and in principle none is given.", "zh": "需要许可，且原则上不予许可。"}
COLUMNS = {"en": "What do the columns mean?", "zh": "各列是什么意思？"}
ANSWERS = {"en": "Take the answers away", "zh": "下载答案"}
SERIOUS = {"serious", "critical"}


class Site:
    """A server in a process of its own, with demo cases and the passwords that it told."""

    def __init__(self, address: str, passwords: dict[str, str], pictures: Path) -> None:
        self.address, self.passwords, self.pictures = address, passwords, pictures


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    told = tmp_path_factory.mktemp("site") / "told.txt"
    environment = {**os.environ, "OREPASS_DATA": str(told.parent / "data"), "OREPASS_RATE_PER_MINUTE": "0"}
    command = [sys.executable, "-m", "orepass.cli.main", "serve", "--demo", "--port", str(port)]
    with told.open("w") as out, subprocess.Popen(command, stdout=out, stderr=out, env=environment) as process:
        try:
            for _ in range(600):
                if "Orepass on" in told.read_text() and _answers(port):
                    break
                assert process.poll() is None, told.read_text()
                time.sleep(0.1)
            passwords = dict(re.findall(r"^  (\S+) +(\S+)$", told.read_text(), re.MULTILINE))
            pictures = Path(os.environ.get("OREPASS_SCREENSHOTS") or tmp_path_factory.mktemp("pictures"))
            pictures.mkdir(parents=True, exist_ok=True)
            yield Site(f"http://127.0.0.1:{port}", passwords, pictures)
        finally:
            process.terminate()


def _answers(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


class Tab:
    """A page of the browser that notes what goes elsewhere, what a script complains of, and what axe finds."""

    def __init__(self, page: Any, site: Site, language: str) -> None:
        self.page, self.site, self.language = page, site, language
        self.elsewhere: list[str] = []
        self.complaints: list[str] = []
        page.on("request", self._look)
        page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _look(self, request: Any) -> None:
        if not request.url.startswith((self.site.address, "data:")):
            self.elsewhere.append(request.url)

    def go(self, path: str) -> None:
        self.page.goto(f"{self.site.address}{path}")

    def look(self, name: str) -> None:
        """See that nothing serious stands against people who see, hear or move otherwise; keep a picture."""
        found = axe.Axe().run(self.page)
        serious = [
            (violation["id"], [node["html"][:200] for node in violation["nodes"][:3]])
            for violation in found.response["violations"]
            if violation["impact"] in SERIOUS
        ]
        assert serious == [], f"{name}: {serious}"
        self.page.screenshot(path=self.site.pictures / f"{name}-{self.language}.png", full_page=True)

    def log_in(self, who: str) -> None:
        self.page.context.clear_cookies(name="orepass_session")
        self.go("/login")
        self.page.fill("#account", who)
        self.page.fill("#password", self.site.passwords[who])
        self.page.click("main button")
        self.page.wait_for_url("**/desk")

    def press(self, fold: str, button: int = 0) -> None:
        """Open a fold of a case and send its form."""
        self.page.click(f"#do-{fold} > summary")
        self.page.click(f"#do-{fold} form button")
        self.page.wait_for_load_state()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def opened(chromium: Any, site: Site, language: str, **wishes: Any) -> Iterator[Tab]:
    locale = "zh-CN" if language == "zh" else "en-GB"
    context = chromium.new_context(
        locale=locale, viewport={"width": 1200, "height": 900}, accept_downloads=True, **wishes
    )
    tab = Tab(context.new_page(), site, language)
    try:
        yield tab
        assert tab.elsewhere == []
        assert [line for line in tab.complaints if "status of 4" not in line] == []
    finally:
        context.close()


BOTH = pytest.mark.parametrize("language", ["en", "zh"])


@BOTH
def test_a_first_check_goes_from_the_front_page_to_a_pdf(
    language: str, site: Site, chromium: Any, tmp_path: Path
) -> None:
    with opened(chromium, site, language) as tab:
        page = tab.page
        tab.go("/")
        tab.look("front")
        page.fill("#description", "antimony ingot 99.65% 20 t")
        page.click("main form button")
        tab.look("answer-without-country")
        page.click("main details.fold:last-of-type > summary")
        page.fill("#to", "US")
        page.fill("#on", "2025-01-20")
        page.fill("#end_user", "Example Metals")
        page.click("main details.fold:last-of-type button")
        assert page.inner_text("h1") == REFUSED[language]
        page.click("details.reason:nth-of-type(2) > summary")
        tab.look("answer")
        with page.expect_download() as saving:
            page.evaluate("document.querySelector('a[href^=\"/check.pdf\"]').setAttribute('download', '')")
            page.click('a[href^="/check.pdf"]')
        saving.value.save_as(tmp_path / "answer.pdf")
        assert (tmp_path / "answer.pdf").read_bytes().startswith(b"%PDF-")
        tab.go("/check?description=graphite&to=KR&on=2025-06-01")
        tab.look("question")
        page.check("#ask-2")
        page.click("section.ask button")
        assert "fact.substance=" in page.url
        tab.look("question-answered")


@BOTH
def test_the_law_of_two_days_is_compared(language: str, site: Site, chromium: Any) -> None:
    with opened(chromium, site, language) as tab:
        page = tab.page
        tab.go("/law")
        page.fill("#q", "锑" if language == "zh" else "antimony")
        page.fill("#on", "2025-01-20")
        page.click("main form button")
        tab.look("law")
        page.click("tbody tr:first-child a")
        tab.look("entry")
        tab.go("/law/changes")
        page.fill("#before", "2024-11-30")
        page.fill("#after", "2025-04-05")
        page.click("main form button")
        shown = page.inner_text("main")
        for code in ("US-46-P2", "1C117.d.3", "CN-2025-10"):
            assert code in shown
        tab.look("changes")
        for name in ("timeline", "horizon", "CN-2025-10", "US-46-P2"):
            tab.go(f"/law/{name}")
            tab.look(f"law-{name}")


@BOTH
def test_parties_and_what_orepass_is(language: str, site: Site, chromium: Any) -> None:
    with opened(chromium, site, language) as tab:
        page = tab.page
        tab.go("/parties")
        page.fill("#name", "洛克希德马丁" if language == "zh" else "Lockheed Martin")
        page.click("main form button")
        assert "CN-2025-01/6" in page.inner_text("main")
        tab.look("parties")
        page.click("section.box a")
        tab.look("listing")
        tab.go("/parties/ownership")
        page.click("main form button")
        assert page.is_visible("main svg")
        tab.look("ownership")
        for name in ("about", "login", "nowhere"):
            tab.go(f"/{name}")
            tab.look(name)


ROWS = 10_000


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import xlsxwriter

    path = tmp_path_factory.mktemp("book") / "orders.xlsx"
    goods = [
        "antimony ingot 99.65%",
        "tungsten carbide powder",
        "graphite",
        "copper cathode",
        "镓 99.99%",
        "NdFeB magnet N42",
        "bismuth",
    ]
    places = ["US", "DE", "KR", "JP", "VN"]
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["Order", "Product", "Ship to", "Decl. date"])
    for row in range(1, ROWS + 1):
        cells = [f"O-{row}", f"{goods[row % 7]} lot {row % 400}", places[row % 5], f"2025-{1 + row % 9:02}-15"]
        sheet.write_row(row, 0, cells)
    book.close()
    return path


@BOTH
def test_ten_thousand_rows_go_from_a_workbook_to_a_coloured_one(
    language: str, site: Site, chromium: Any, workbook: Path, tmp_path: Path
) -> None:
    with opened(chromium, site, language) as tab:
        page = tab.page
        tab.log_in("exporter")
        tab.go("/screen")
        tab.look("screen")
        page.set_input_files("#file", workbook)
        page.click("main form button")
        page.get_by_text(COLUMNS[language]).wait_for(timeout=60_000)
        page.select_option("#column-1", "description")
        page.select_option("#column-2", "to")
        page.select_option("#column-3", "date")
        tab.look("columns")
        page.click("main form button")
        page.get_by_text(ANSWERS[language]).wait_for(timeout=120_000)
        tab.look("answers")
        page.select_option("#outcome", "needs_facts")
        page.click('form[method="get"] button')
        assert "outcome=needs_facts" in page.url
        assert "graphite" in page.inner_text("#rows ~ .wide")
        with page.expect_download() as saving:
            page.click('a[href$="/answers"]')
        assert saving.value.suggested_filename == "orders - answers.xlsx"
        saving.value.save_as(tmp_path / "answers.xlsx")
        from python_calamine import load_workbook

        assert len(load_workbook(tmp_path / "answers.xlsx").get_sheet_by_index(0).to_python()) == ROWS + 1
        with zipfile.ZipFile(tmp_path / "answers.xlsx") as book:
            assert b"patternFill" in book.read("xl/styles.xml")


@BOTH
def test_a_case_goes_from_an_answer_to_release_by_four_roles(
    language: str, site: Site, chromium: Any, tmp_path: Path
) -> None:
    paper = tmp_path / "paper.txt"
    paper.write_text("a paper")
    with opened(chromium, site, language) as tab:
        page = tab.page
        tab.log_in("exporter")
        tab.go(
            "/check?description=germanium+dioxide+powder+99.999%25&to=DE&end_user=Example+Optics&end_use=infrared+lenses&quantity=500&unit=kg"
        )
        page.click('a[href^="/desk/apply"]')
        tab.look("apply")
        page.fill('[id="goods.1.quantity"]', "500")
        page.fill('[id="goods.1.unit"]', "kg")
        page.fill("#end_user_country", "DE")
        page.check('input[name="end_user_military"][value="no"]')
        page.fill("#consignee", "Example Optics Trading")
        page.fill("#consignee_country", "Germany")
        page.fill("#contract", "C-1")
        page.check('input[name="end_use.military"][value="no"]')
        page.click("main > form > button")
        case = page.url
        tab.look("draft")
        while page.locator("section.ask").count():
            for kind in page.eval_on_selector_all("#kind option", "all => all.map(one => one.value)"):
                if kind == "other":
                    continue
                page.select_option("#kind", kind)
                if page.locator("#party option").count() > 1:
                    page.select_option("#party", index=2 if kind == "end_user_certificate" else 0)
                page.set_input_files("#file", paper)
                page.click('form[action$="/papers"] button')
                page.wait_for_load_state()
            break
        page.click('form[action$="/moves/submit"] button')
        if page.locator("section.ask").count() or page.locator("[role=alert]").count():
            tab.look("missing")
        assert "submitted" in page.locator("h1 .tag").get_attribute("class")
        tab.log_in("officer")
        tab.look("queue")
        page.goto(case)
        page.click('form[action$="/moves/accept"] button')
        page.click("#do-advise > summary")
        page.fill("#do-advise textarea", "Nothing speaks against it.")
        page.click("#do-advise form button")
        tab.log_in("countersigner")
        page.goto(case)
        tab.press("countersign")
        tab.log_in("officer")
        page.goto(case)
        tab.look("case-advised")
        tab.press("grant")
        assert "granted" in page.locator("h1 .tag").get_attribute("class")
        tab.look("case-granted")
        page.click('section.done a[href^="/desk/licences/"]')
        licence = urlsplit(page.url).path.rpartition("/")[2]
        tab.look("licence")
        with page.expect_download() as saving:
            page.click('a[href$=".pdf"]')
        saving.value.save_as(tmp_path / "licence.pdf")
        assert (tmp_path / "licence.pdf").read_bytes().startswith(b"%PDF-")
        tab.log_in("customs")
        tab.go("/desk/clearance")
        tab.look("clearance")
        page.click("details.fold > summary")
        number = f"5301{language}0001"
        told = {
            "number": number, "exporter": "DEMO-EXPORTER", "licence": licence, "description": "germanium dioxide powder 99.999%",
            "quantity": "500", "unit": "kg", "consignee": "Example Optics Trading", "consignee_country": "DE",
            "end_user": "Example Optics", "end_user_country": "DE", "to": "DE", "end_use": "infrared lenses",
        }  # fmt: skip
        for name, text in told.items():
            page.fill(f"#{name}", text)
        page.check('input[name="end_user_military"][value="no"]')
        page.check('input[name="end_use.military"][value="no"]')
        page.click("details.fold form button")
        assert "released" in page.locator("h1 .tag").get_attribute("class"), page.inner_text("main")
        tab.look("released")
        tab.log_in("auditor")
        tab.go("/journal")
        tab.look("journal")
        page.click('form[action="/journal/verify"] button')
        assert page.locator("section.done").count() == 1
        tab.log_in("exporter")
        tab.look("desk")
        tab.go("/account")
        tab.look("account")


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (360, "dark"), (1200, "dark")])
def test_pages_fit_a_phone_and_are_readable_in_the_dark(width: int, scheme: Any, site: Site, chromium: Any) -> None:
    with opened(chromium, site, "en", color_scheme=scheme) as tab:
        tab.page.set_viewport_size({"width": width, "height": 800})
        for name, path in (
            ("front", "/"),
            ("check", "/check"),
            ("answer", "/check?description=antimony+ingot+99.65%25&to=US&on=2025-01-20"),
            ("law", "/law?q=tungsten"),
            ("entry", "/law/1C117.d.3"),
            ("parties", "/parties?name=Lockheed"),
        ):
            tab.go(path)
            assert tab.page.evaluate("document.documentElement.scrollWidth") <= width, path
            tab.look(f"{name}-{width}-{scheme}")


def test_a_person_without_scripts_checks_screens_and_reads(site: Site, chromium: Any, workbook: Path) -> None:
    with opened(chromium, site, "en", java_script_enabled=False) as tab:
        page = tab.page
        tab.go("/")
        page.fill("#description", "graphite")
        page.click("main form button")
        page.check("#ask-2")
        page.click("section.ask button")
        assert "fact.substance=" in page.url
        tab.go("/login")
        page.fill("#account", "exporter")
        page.fill("#password", site.passwords["exporter"])
        page.click("main button")
        tab.go("/screen")
        page.set_input_files("#file", workbook)
        page.click("main form button")
        page.get_by_text(COLUMNS["en"]).wait_for(timeout=60_000)
        page.select_option("#column-1", "description")
        page.click("main form button")
        page.get_by_text(ANSWERS["en"]).wait_for(timeout=120_000)


def test_the_keyboard_reaches_the_content_first_and_every_control(site: Site, chromium: Any) -> None:
    with opened(chromium, site, "en") as tab:
        tab.go("/check")
        tab.page.keyboard.press("Tab")
        assert tab.page.evaluate("document.activeElement.className") == "skip"
        tab.page.keyboard.press("Enter")
        tab.page.keyboard.press("Tab")
        assert tab.page.evaluate("document.activeElement.id") == "description"
        tab.page.keyboard.type("gallium metal")
        for _ in range(12):
            tab.page.keyboard.press("Tab")
            if tab.page.evaluate("document.activeElement.tagName") == "BUTTON":
                break
        tab.page.keyboard.press("Enter")
        tab.page.wait_for_url("**description=gallium*")
