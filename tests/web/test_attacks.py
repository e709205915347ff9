"""Attacks on the API: too much, too often, in disguise, and what the log and the answers give away."""

from __future__ import annotations

import csv
import io
import json
import logging
import re
import socket
import struct
import time
import zipfile
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import structlog
import time_machine
from argon2 import PasswordHasher
from fastapi.testclient import TestClient
from web_world import PASSWORD, Served, served

from desk_world import EXPORTER, FIRM, OFFICER, application
from orepass.desk.accounts import Accounts
from orepass.law.timeline import Law
from orepass.web.guarding import LARGEST_DOCUMENT

MEGABYTE = 1_000_000
HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory, law: Law) -> Iterator[Served]:
    with served(
        tmp_path_factory.mktemp("attacks"), law=law, works=True, upload_megabytes=8, table_megabytes=20
    ) as found:
        yield found


@pytest.fixture(scope="module")
def draft(api: Served) -> str:
    return api.world.desk.open_case(EXPORTER, application()).id


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def on_each_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, law: Law
) -> Iterator[Served]:
    """An application on SQLite and on PostgreSQL."""
    folder = tmp_path_factory.mktemp("each")
    with ExitStack() as stack:
        postgresql = request.param == "postgresql"
        url = stack.enter_context(request.getfixturevalue("postgres_server").database()) if postgresql else None
        yield stack.enter_context(served(folder, url, law=law, login_attempts=1000))


# Too large


def test_an_upload_that_is_too_large_is_refused(api: Served) -> None:
    answer = api.screen("orders.csv", b"description\n" + b"gallium\n" * (9 * MEGABYTE // 8))
    assert answer.status_code == 413
    assert answer.json() == {"error": "The request holds more than 8,000,000 bytes, the most that is taken here."}


def _in_chunks(content: bytes, size: int = 65_536) -> Iterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


@pytest.mark.parametrize("path", ["/screen", "/cases/{draft}/papers"])
def test_an_upload_that_does_not_say_its_length_is_refused_when_it_grows_too_large(
    path: str, api: Served, draft: str
) -> None:
    before = set(api.jobs_folder.iterdir()) if api.jobs_folder.exists() else set()
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="x.csv"\r\n\r\n'
    kind = b'\r\n--b\r\nContent-Disposition: form-data; name="kind"\r\n\r\nother\r\n--b--\r\n'
    content = head + b"x" * (9 * MEGABYTE) + kind
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = api.ask("exporter", "POST", path.format(draft=draft), content=_in_chunks(content), headers=headers)
    assert "content-length" not in answer.request.headers
    assert answer.status_code == 413, answer.text
    assert answer.json()["error"].startswith("The request holds more than 8,000,000 bytes")
    assert (set(api.jobs_folder.iterdir()) if api.jobs_folder.exists() else set()) == before


@pytest.mark.parametrize("whole", [True, False])
def test_a_document_of_more_than_a_megabyte_is_refused(whole: bool, api: Served) -> None:
    content = json.dumps({"text": "x" * LARGEST_DOCUMENT}).encode()
    headers = {"Content-Type": "application/json"}
    sent = content if whole else _in_chunks(content)
    answer = api.ask("exporter", "POST", "/classify", content=sent, headers=headers)
    assert answer.status_code == 413
    assert answer.json()["error"].startswith("The request holds more than 1,000,000 bytes")


def test_a_length_that_is_no_number_does_not_open_the_gate(api: Served) -> None:
    content = json.dumps({"text": "x" * LARGEST_DOCUMENT}).encode()
    headers = {"Content-Type": "application/json", "Content-Length": "-1"}
    answer = api.ask("exporter", "POST", "/classify", content=_in_chunks(content), headers=headers)
    assert answer.status_code == 413


def test_a_login_takes_no_large_body_in_the_guise_of_an_upload(api: Served) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = api.ask(None, "POST", "/sessions", content=b"x" * (2 * MEGABYTE), headers=headers)
    assert answer.status_code == 413


# Workbooks that are bombs

CONTENT_TYPES = """<?xml version="1.0" encoding="UTF-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>
</Types>"""
RELS = """<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{target}"/>
</Relationships>"""
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
BOOK = f"""<?xml version="1.0"?><workbook xmlns="{MAIN}"
xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
<sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>"""


def _workbook(sheet: Iterator[bytes]) -> bytes:
    """A workbook whose sheet holds what is given."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("[Content_Types].xml", CONTENT_TYPES)
        archive.writestr("_rels/.rels", RELS.format(kind="officeDocument", target="xl/workbook.xml"))
        archive.writestr("xl/workbook.xml", BOOK)
        archive.writestr("xl/_rels/workbook.xml.rels", RELS.format(kind="worksheet", target="worksheets/sheet1.xml"))
        with archive.open("xl/worksheets/sheet1.xml", "w") as part:
            for piece in sheet:
                part.write(piece)
    return held.getvalue()


def _sheet(filler: int) -> Iterator[bytes]:
    """A sheet with one column and one goods line, whose text is as long as is asked."""
    yield f'<?xml version="1.0"?><worksheet xmlns="{MAIN}"><sheetData>'.encode()
    yield b'<row r="1"><c r="A1" t="inlineStr"><is><t>description</t></is></c></row>'
    yield b'<row r="2"><c r="A2" t="inlineStr"><is><t>gallium metal'
    for _ in range(filler // MEGABYTE):
        yield b"a" * MEGABYTE
    yield b"</t></is></c></row></sheetData></worksheet>"


def _lying(book: bytes) -> bytes:
    """The same archive, with every size in its directory and headers said to be small."""
    changed = bytearray(book)
    for sign, place in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        start = changed.find(sign)
        while start >= 0:
            if int.from_bytes(changed[start + place : start + place + 4], "little") > MEGABYTE:
                changed[start + place : start + place + 4] = struct.pack("<I", 1000)
            start = changed.find(sign, start + 4)
    return bytes(changed)


def test_an_honest_small_workbook_is_screened(api: Served) -> None:
    _, found = api.screened("orders.xlsx", _workbook(_sheet(0)))
    assert found["state"] == "done", found
    assert found["rows"] == 1


def test_a_workbook_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(api: Served) -> None:
    bomb = _workbook(_sheet(100 * MEGABYTE))
    assert len(bomb) < MEGABYTE
    before = time.monotonic()
    answer = api.screen("bomb.xlsx", bomb)
    assert time.monotonic() - before < 2
    assert answer.status_code == 422
    assert "unpacks to 100 MB" in answer.json()["error"]
    assert not [path for path in api.jobs_folder.rglob("table.xlsx") if path.stat().st_size == len(bomb)]


def test_a_workbook_that_lies_about_its_size_brings_down_its_own_process_alone(api: Served) -> None:
    bomb = _lying(_workbook(_sheet(300 * MEGABYTE)))
    with zipfile.ZipFile(io.BytesIO(bomb)) as archive:
        assert sum(part.file_size for part in archive.infolist()) < MEGABYTE
    _, found = api.screened("liar.xlsx", bomb)
    assert found["state"] == "failed"
    assert found["error"]
    assert str(api.folder) not in found["error"]
    assert api.ask(None, "GET", "/health").json()["ok"]
    _, next_one = api.screened("orders.csv", b"description\ngallium metal\n")
    assert next_one["state"] == "done"


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"no workbook", b"PK\x05\x06" + b"\0" * 18, zlib.compress(b"x" * 1000)]
)
def test_what_is_no_workbook_is_refused_or_fails_and_the_server_lives(content: bytes, api: Served) -> None:
    answer = api.screen("book.xlsx", content)
    if answer.status_code == 202:
        _, found = api.screened("book.xlsx", content)
        assert found["state"] == "failed"
        assert found["error"]
    else:
        assert answer.status_code == 422


# Formulas

FORMULAS = [
    "=cmd|' /C calc'!A0",
    "+1+1",
    "@SUM(A1)",
    "-2+3",
    "\t=1+1",
    "\r=1+1",
    "=1+1\n=2+2",
    '=HYPERLINK("http://example.test")',
    "＝1+1",
]
NUMBERS = ["-5", "+7", "-0.5"]


def _table_of_formulas() -> bytes:
    held = io.StringIO(newline="")
    writer = csv.writer(held)
    writer.writerow(["description", "=note", "number"])
    for cell in FORMULAS:
        writer.writerow([f"{cell} gallium metal", cell, "-5"])
    for cell in NUMBERS:
        writer.writerow(["gallium metal", "plain", cell])
    return held.getvalue().encode()


def _is_formula(cell: str) -> bool:
    if not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")):
        return False
    return re.fullmatch(r"[+-]?\d+(\.\d+)?", cell) is None


def test_no_cell_of_the_csv_answers_is_a_formula(api: Served) -> None:
    key, found = api.screened("formulas.csv", _table_of_formulas())
    assert found["state"] == "done", found
    answer = api.ask("exporter", "GET", f"/screen/{key}/answers")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert len(rows) == 1 + len(FORMULAS) + len(NUMBERS)
    assert [cell for row in rows for cell in row if _is_formula(cell)] == []
    number, note = rows[0].index("number"), rows[0].index("'=note")
    assert [row[number] for row in rows[-len(NUMBERS) :]] == NUMBERS
    assert rows[1][note] == f"'{FORMULAS[0]}"


def test_the_workbook_of_answers_holds_strings_and_no_formula(api: Served) -> None:
    key, found = api.screened("formulas.csv", _table_of_formulas(), "xlsx")
    assert found["state"] == "done", found
    answer = api.ask("exporter", "GET", f"/screen/{key}/answers")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        names = archive.namelist()
        sheets = "".join(archive.read(name).decode() for name in names if name.startswith("xl/worksheets/"))
        strings = "".join(archive.read(name).decode() for name in names if name == "xl/sharedStrings.xml")
    assert "<f>" not in sheets and "<f " not in sheets
    assert "HYPERLINK" in sheets + strings
    assert not [name for name in names if "externalLink" in name]
    assert "<hyperlink" not in sheets
    assert not [name for name in names if name.startswith("xl/worksheets/_rels/")]


def test_a_very_long_cell_is_answered_as_csv(api: Served) -> None:
    long = "gallium metal " * 20_000
    key, found = api.screened("long.csv", f"description,note\ngallium metal,{long}\n".encode())
    assert found["state"] == "done", found
    answer = api.ask("exporter", "GET", f"/screen/{key}/answers")
    assert long.strip() in answer.text


# Names and paths

NAMES = [
    "../../x.csv",
    "..\\..\\x.csv",
    "C:\\x.csv",
    "/etc/passwd.csv",
    "x\r\nSet-Cookie: a=b.csv",
    'x"; filename="y.csv',
    "x\x00.csv",
    "名单\u202e.csv",
    "." * 300 + ".csv",
    "a/" * 200 + "b.csv",
]


def _multipart(name: str, content: bytes, fields: dict[str, str]) -> tuple[bytes, dict[str, str]]:
    """A body with a file name as it stands, also one that no client would send."""
    quoted = name.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "").replace("\n", " ")
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode()
        for field, value in fields.items()
    ]
    head = f'--b\r\nContent-Disposition: form-data; name="file"; filename="{quoted}"\r\n\r\n'.encode()
    return b"".join([*parts, head, content, b"\r\n--b--\r\n"]), {"Content-Type": "multipart/form-data; boundary=b"}


def _files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("desk.")}


@pytest.mark.parametrize("name", NAMES)
def test_a_file_name_leads_nowhere(name: str, api: Served) -> None:
    outside = _files(api.folder.parent) - _files(api.jobs_folder)
    body, headers = _multipart(name, b"description\ngallium metal\n", {"answer": "csv"})
    answer = api.ask("exporter", "POST", "/screen", content=body, headers=headers)
    assert answer.status_code in {202, 422}
    assert _files(api.folder.parent) - _files(api.jobs_folder) == outside
    if answer.status_code == 202:
        told = answer.json()
        assert not re.search(r"[/\\\x00-\x1f]", told["name"])
        assert {path.name for path in (api.jobs_folder / told["id"]).iterdir()} >= {"table.csv", "wish.json"}
        assert api.ask("exporter", "DELETE", f"/screen/{told['id']}").status_code == 204
        assert not (api.jobs_folder / told["id"]).exists()


@pytest.mark.parametrize("name", [*NAMES, "证书.pdf", "x%0d%0aSet-Cookie: a=b", "a;b,c", "'"])
@pytest.mark.parametrize("as_title", [True, False])
def test_a_paper_is_given_back_under_a_harmless_name(name: str, as_title: bool, api: Served, draft: str) -> None:
    content = f"{name} {as_title}".encode()
    fields = {"kind": "other", **({"title": name} if as_title else {})}
    body, headers = _multipart("paper.txt" if as_title else name, content, fields)
    filed = api.ask("exporter", "POST", f"/cases/{draft}/papers", content=body, headers=headers)
    assert filed.status_code in {201, 422}, filed.text
    if filed.status_code == 422:
        return
    paper = filed.json()["case"]["papers"][-1]
    given = api.ask("exporter", "GET", f"/cases/{draft}/papers/{paper['sha256']}")
    assert given.content == content
    assert given.headers["content-type"] == "application/octet-stream"
    disposition = given.headers["content-disposition"]
    assert re.fullmatch(r"attachment; filename\*=UTF-8''[A-Za-z0-9%._~-]+", disposition)
    assert unquote(disposition.partition("''")[2]) == paper["title"]
    assert "set-cookie" not in given.headers
    assert given.headers["x-content-type-options"] == "nosniff"


def test_a_paper_of_a_media_type_that_runs_is_given_back_as_bytes(api: Served, draft: str) -> None:
    files = {"file": ("x.html", b"<script>alert(1)</script>", "text/html")}
    filed = api.ask("exporter", "POST", f"/cases/{draft}/papers", files=files, data={"kind": "other"})
    assert filed.status_code == 201
    given = api.ask("exporter", "GET", f"/cases/{draft}/papers/{filed.json()['case']['papers'][-1]['sha256']}")
    assert given.headers["content-type"] == "application/octet-stream"
    assert given.headers["content-disposition"].startswith("attachment")


@pytest.mark.parametrize("step", ["..%2f..%2fetc%2fpasswd", "%2e%2e", "..%5c..", "%00", "%0d%0aX-Evil:1", "%ff", "%25"])
@pytest.mark.parametrize(
    "path",
    [
        "/screen/{}",
        "/screen/{}/answers",
        "/cases/{}",
        "/cases/{}/papers/{}",
        "/licences/{}",
        "/declarations/{}",
        "/law/{}",
        "/checks/{}/again",
        "/tokens/{}",
    ],
)
def test_a_path_parameter_leads_nowhere(path: str, step: str, api: Served) -> None:
    method = {"/checks/{}/again": "POST", "/tokens/{}": "DELETE"}.get(path, "GET")
    answer = api.ask("exporter", method, path.format(step, step))
    assert answer.status_code in {404, 405, 422}, answer.text
    assert set(answer.json()) == {"error"}
    assert "x-evil" not in answer.headers


# Guessing passwords


@pytest.fixture(scope="module")
def hashed() -> str:
    return PasswordHasher().hash(PASSWORD)


@pytest.fixture
def login(tmp_path: Path, law: Law, hashed: str) -> Iterator[Served]:
    """An application with one account that has a password."""
    with served(tmp_path, law=law, login_attempts=3, login_minutes=5) as found, pytest.MonkeyPatch.context() as patch:
        patch.setattr("orepass.desk.accounts.hash_password", lambda _: hashed)
        found.world.accounts.add("known", FIRM, ["exporter"], PASSWORD)
        found.world.accounts.add("second-known", FIRM, ["exporter"], PASSWORD)
        yield found


def _log_in(api: Served, account: str, password: str = PASSWORD, client: TestClient | None = None) -> Any:
    return (client or api.client).post("/api/sessions", json={"account": account, "password": password})


def test_after_some_wrong_passwords_the_right_one_has_to_wait_too(login: Served) -> None:
    assert [_log_in(login, "known", "wrong").status_code for _ in range(3)] == [401] * 3
    for password in ("wrong", PASSWORD):
        answer = _log_in(login, "known", password)
        assert answer.status_code == 429
        assert 0 < int(answer.headers["retry-after"]) <= 5 * 60 + 1
        assert "try again in" in answer.json()["error"]
    assert _log_in(login, "second-known").status_code == 201
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=5, seconds=2), tick=True):
        assert _log_in(login, "known").status_code == 201


def test_one_address_may_not_try_many_accounts(login: Served) -> None:
    statuses = [_log_in(login, f"account-{place}", "wrong").status_code for place in range(14)]
    assert statuses == [401] * 12 + [429] * 2
    assert _log_in(login, "known").status_code == 429
    elsewhere = TestClient(login.app, raise_server_exceptions=False, client=("203.0.113.9", 50_000))
    assert _log_in(login, "known", client=elsewhere).status_code == 201


def test_an_account_is_not_tried_from_many_addresses(login: Served) -> None:
    statuses: list[int] = []
    for place in range(5):
        client = TestClient(login.app, raise_server_exceptions=False, client=(f"203.0.113.{place}", 50_000))
        statuses.append(_log_in(login, "known", "wrong", client).status_code)
    assert statuses == [401] * 3 + [429] * 2


def test_a_right_password_does_not_buy_an_address_more_wrong_ones(login: Served) -> None:
    statuses: list[int] = []
    for place in range(14):
        statuses.append(_log_in(login, f"account-{place}", "wrong").status_code)
        if place % 3 == 0 and place < 12:
            assert _log_in(login, "known").status_code == 201
    assert statuses == [401] * 12 + [429] * 2


def test_tries_at_the_same_time_are_counted_too(login: Served) -> None:
    with login.client, ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(lambda _: _log_in(login, "known", "wrong").status_code, range(16)))
    assert statuses.count(401) == 3
    assert statuses.count(429) == 13


def test_an_unknown_account_is_told_the_same_and_costs_the_same_work(
    login: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    _log_in(login, "warming-up", "wrong")
    work: list[str] = []
    verify = PasswordHasher.verify

    def counted(self: PasswordHasher, hash: str, password: str) -> bool:  # noqa: A002
        work.append(hash.rpartition("$")[0].rpartition("$")[0])
        return verify(self, hash, password)  # type: ignore[return-value]

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    login.world.accounts.close("second-known")
    told = [
        _log_in(login, account, "wrong") for account in ("known", "nobody-of-that-name", "exporter", "second-known")
    ]
    told.append(_log_in(login, "second-known"))
    assert len({(answer.status_code, answer.text) for answer in told}) == 1
    assert told[0].status_code == 401
    assert len(work) == 5
    assert len(set(work)) == 1


@pytest.mark.parametrize("name", ["a\x00b", "a\ud800b", "known\n", "../known", "k" * 101, "", "知道"])
def test_a_name_that_cannot_be_is_refused_in_one_sentence(name: str, on_each_database: Served) -> None:
    document = json.dumps({"account": name, "password": PASSWORD})
    headers = {"Content-Type": "application/json"}
    answer = on_each_database.ask(None, "POST", "/sessions", content=document, headers=headers)
    assert answer.status_code in {400, 401, 422}, answer.text
    assert set(answer.json()) == {"error"}


# Secrets


def test_neither_passwords_nor_tokens_are_logged(
    login: Served, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore"):  # the test's own client
        caplog.handler.addFilter(lambda record, name=name: not record.name.startswith(name))
    secret = "a wrong passphrase of somebody"
    with structlog.testing.capture_logs() as entries:
        opened = _log_in(login, "known").json()
        _log_in(login, "known", secret)
        _log_in(login, secret.replace(" ", "-"), PASSWORD)
        login.client.post("/api/sessions", json={"account": "known", "passwort": secret, "password": [PASSWORD]})
        login.client.post("/api/sessions", content=f'{{"password": "{PASSWORD}"')
        headers = {"Authorization": f"Bearer {opened['token']}"}
        assert login.client.get("/api/me", headers=headers).status_code == 200
        login.client.get(f"/api/me?token={opened['token']}", headers=headers)
        login.client.get("/api/me", params={"access_token": opened["token"]})
        login.client.get("/api/me", headers={"Authorization": f"Basic {opened['token']}"})
        login.client.get("/api/me", headers={"Authorization": f"Bearer {opened['token']}x"})
        made = login.client.post("/api/tokens", json={"note": "robot"}, headers=headers).json()
        login.client.get("/api/tokens", headers=headers)
        login.app.state.law = None
        assert login.client.get(f"/api/health?token={opened['token']}", headers=headers).status_code == 500
        login.client.delete("/api/sessions", headers=headers)
    assert any(entry["event"] == "request" for entry in entries)
    said = capfd.readouterr()
    told = "\n".join([*map(str, entries), caplog.text, said.out, said.err])
    secrets = [PASSWORD, secret, opened["token"].rpartition("_")[2], made["token"].rpartition("_")[2]]
    assert [part for part in secrets if part[-30:] in told] == []


def test_tokens_are_told_once_and_kept_as_hashes(login: Served) -> None:
    opened = _log_in(login, "known").json()
    secret = opened["token"].split("_", 2)[2]
    headers = {"Authorization": f"Bearer {opened['token']}"}
    listed = login.client.get("/api/tokens", headers=headers)
    assert [token["id"] for token in listed.json()] == [opened["id"]]
    assert secret not in listed.text
    for path in login.folder.glob("desk.db*"):
        assert secret.encode() not in path.read_bytes()
        assert PASSWORD.encode() not in path.read_bytes()


def _status(api: Served, token: str) -> int:
    return api.client.get("/api/me", headers={"Authorization": f"Bearer {token}"}).status_code


def test_a_token_opens_nothing_after_it_was_revoked(login: Served) -> None:
    accounts = login.world.accounts
    first, second = (accounts.token(EXPORTER, "one", 1) for _ in range(2))
    assert [_status(login, first.text), _status(login, second.text)] == [200, 200]
    headers = {"Authorization": f"Bearer {second.text}"}
    assert login.client.delete(f"/api/tokens/{first.token.id}", headers=headers).status_code == 204
    assert [_status(login, first.text), _status(login, second.text)] == [401, 200]
    assert login.client.delete("/api/sessions", headers=headers).status_code == 204
    assert _status(login, second.text) == 401


def test_a_token_opens_nothing_after_its_time(login: Served) -> None:
    token = login.world.accounts.token(EXPORTER, "one", 2).text
    assert _status(login, token) == 200
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=2, seconds=1), tick=True):
        assert _status(login, token) == 401
        assert _status(login, token) == 401


def test_a_token_of_a_closed_account_opens_nothing_within_seconds(
    login: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = login.world.accounts.token(EXPORTER, "one", 2).text
    monkeypatch.setattr("orepass.web.guarding.REMEMBERED", 0.3)
    assert _status(login, token) == 200
    login.world.accounts.close(EXPORTER.account)
    time.sleep(0.4)
    assert _status(login, token) == 401


def test_another_password_ends_every_token(login: Served) -> None:
    opened = _log_in(login, "known").json()["token"]
    login.world.accounts.set_password("known", "another long passphrase")
    login.app.state.callers.forget()
    assert _status(login, opened) == 401


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "orp__",
        "orp_T000001_",
        "orp_T000001_x",
        "orp_" + "x" * 10_000,
        "orp_T\x00_x",
        "orp_' OR 1=1--_x",
        "orp_é_x",
    ],
)
def test_what_is_no_token_is_refused(token: str, on_each_database: Served) -> None:
    headers = {b"authorization": b"Bearer " + token.encode()}
    answer = on_each_database.client.get("/api/me", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert token.strip() == "" or token not in answer.text


# What every answer bears


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/health", 200),
        ("GET", "/me", 401),
        ("GET", "/nowhere", 404),
        ("PUT", "/cases", 405),
        ("GET", "/law/diff", 422),
        ("POST", "/sessions", 422),
    ],
)
def test_every_answer_bears_the_headers_of_safety(method: str, path: str, status: int, api: Served) -> None:
    who = "exporter" if path == "/law/diff" else None
    answer = api.ask(who, method, path)
    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert "server" not in answer.headers
    if status >= 400:
        assert list(answer.json()) == ["error"]
        assert answer.json()["error"].endswith(".")


def test_refusals_of_size_and_faults_of_ours_bear_them_too(login: Served) -> None:
    too_large = login.ask(None, "POST", "/sessions", content=b"x" * (LARGEST_DOCUMENT + 1))
    login.app.state.law = None
    with structlog.testing.capture_logs() as entries:
        fault = login.ask(None, "GET", "/health")
    assert (too_large.status_code, fault.status_code) == (413, 500)
    assert fault.json() == {"error": "A fault of ours; it is in the log."}
    for answer in (too_large, fault):
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert [entry["status"] for entry in entries if entry["event"] == "request"] == [500]
    assert [entry["kind"] for entry in entries if entry["event"] == "fault"] == ["AttributeError"]


@pytest.mark.parametrize("path", ["/api/", "/api/nowhere", "/api/cases/x/y"])
def test_an_unknown_path_is_told_in_one_sentence(path: str, api: Served) -> None:
    answer = api.client.get(path)
    assert answer.status_code == 404
    assert answer.json() == {"error": "Not Found."}


@pytest.mark.parametrize(
    "path", ["/api", "/nowhere", "/api/../etc/passwd", "/docs", "/openapi.json", "/static/../app.py"]
)
def test_an_unknown_page_is_told_on_a_page(path: str, api: Served) -> None:
    answer = api.client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "There is nothing here" in answer.text


# Too often


def test_too_many_requests_of_an_account_wait(tmp_path: Path, law: Law) -> None:
    with served(tmp_path, law=law, rate_per_minute=5) as api:
        statuses = [api.ask("exporter", "GET", "/me").status_code for _ in range(7)]
        assert statuses.count(200) >= 5 and statuses[-1] in {200, 429}
        answer = [api.ask("exporter", "GET", "/me") for _ in range(10)][-1]
        assert answer.status_code == 429
        assert 0 < int(answer.headers["retry-after"]) <= 61
        assert api.ask("officer", "GET", "/me").status_code == 200


def test_too_many_requests_without_an_account_wait(tmp_path: Path, law: Law) -> None:
    with served(tmp_path, law=law, rate_per_minute=5) as api:
        statuses = [api.ask(None, "GET", "/me").status_code for _ in range(12)]
        assert statuses[0] == 401 and statuses[-1] == 429
        wrong = {"Authorization": "Bearer orp_T000001_wrong"}
        assert api.client.get("/api/me", headers=wrong).status_code == 429
        assert _log_in(api, "anybody").status_code == 429
        assert api.ask("exporter", "GET", "/me").status_code == 200


def test_an_organisation_may_not_fill_the_queue(tmp_path: Path, law: Law) -> None:
    with served(tmp_path, law=law, jobs_waiting=2) as api:
        statuses = [api.screen("x.csv", b"description\ngallium\n").status_code for _ in range(3)]
        assert statuses == [202, 202, 429]
        assert api.screen("x.csv", b"description\ngallium\n", who="other exporter").status_code == 202


# Documents that are hostile

HOSTILE = {
    "a number without end": "1e999",
    "a number beyond all": "1" + "0" * 400,
    "more digits than are read": "9" * 5000,
    "a small number": "-1e-999",
    "no number": "NaN",
    "an end of numbers": "-Infinity",
    "nothing": '"\\u0000"',
    "half a character": '"\\ud800"',
    "a list without end": "[" * 10_000 + "]" * 10_000,
    "an object without end": '{"a":' * 10_000 + "1" + "}" * 10_000,
    "a list that is deep": "[" * 300 + "]" * 300,
    "an object that is deep": '{"a":' * 150 + "1" + "}" * 150,
    "a key that is nothing": '{"\\u0000": 1}',
    "a key that is half a character": '{"\\udfff": 1}',
    "an integer beyond doubles": "9007199254740993",
}
GERMANIUM_LINE = '"description": "germanium dioxide 99.999%", "quantity": "1", "unit": "kg"'
BODIES = {
    "POST /check": '{"date": "2026-03-01", "lines": [{"description": "gallium metal", "facts": {"x": HERE}}]}',
    "POST /check of amounts": '{"date": "2026-03-01", "lines": [{"description": "gallium metal", "quantity": HERE}]}',
    "POST /check of words": '{"date": "2026-03-01", "lines": [{"description": HERE}]}',
    "POST /checks": '{"date": "2026-03-01", "lines": [{"description": "gallium metal", "facts": {"x": HERE}}]}',
    "POST /checks of facts": '{"date": "2026-03-01", "lines": [{"description": "gallium metal", "facts": HERE}]}',
    "POST /classify": '{"text": HERE}',
    "POST /parties/match": '{"name": HERE}',
    "POST /parties/match of places": '{"name": "Example", "address": HERE}',
    "POST /products": '{"name": "oxide", "facts": {"x": HERE}}',
    "POST /cases": '{"kind": "single", "goods": [{GOODS, "facts": {"x": HERE}}]}'.replace("GOODS", GERMANIUM_LINE),
    "POST /cases of owners": '{"kind": "single", "parties": [{"role": "end_user", "name": "Example", "owners": [{"share": HERE}]}]}',
    "POST /cases of words": '{"kind": "single", "why": HERE}',
    "POST /cases of nothing known": '{"kind": "single", "x": HERE}',
    "POST /clearance": '{"kind": "insert", "id": "M-ID", "declaration": {"number": "D-ID", "exporter": "FIRM-A", '
    '"declared_at": "2026-03-01T00:00:00Z", "lines": [{GOODS, "facts": {"x": HERE}}]}}'.replace(
        "GOODS", GERMANIUM_LINE
    ),
    "POST /clearance of kinds": '{"kind": HERE, "id": "M-1"}',
    "POST /tokens": '{"note": HERE}',
    "POST /tokens of hours": '{"hours": HERE}',
    "POST /sessions": '{"account": HERE, "password": "x"}',
    "POST /sessions of passwords": '{"account": "x", "password": HERE}',
    "POST /screen": "HERE",
}


@pytest.mark.parametrize("where", BODIES)
def test_a_hostile_document_is_refused_or_taken_and_never_breaks_us(where: str, on_each_database: Served) -> None:
    _try_hostile(where, on_each_database)


def _try_hostile(where: str, api: Served) -> None:
    method, path = where.split()[:2]
    broken: dict[str, str] = {}
    for name, part in HOSTILE.items():
        text = BODIES[where].replace("HERE", part).replace("-ID", f"-{name.replace(' ', '-')}")
        headers = {"Content-Type": "application/json"}
        answer = api.ask("everything", method, path, content=text, headers=headers)
        if answer.status_code >= 500 or (not answer.is_success and set(answer.json()) != {"error"}):
            broken[name] = f"{answer.status_code} {answer.text[:200]}"
    assert broken == {}
    for reading in ("/cases", "/products", "/declarations", "/tokens", "/journal?most=1000"):
        assert api.ask("everything", "GET", reading).status_code == 200, reading


@pytest.mark.parametrize(
    "query",
    [
        "/journal?subject=%00",
        "/journal?subject=%ed%a0%80",
        "/journal?after=99999999999999999999",
        "/journal?after=NaN",
        "/cases?after=%00",
        "/cases?most=1e9",
        "/law/entries?q=%00&on=2026-03-01",
        "/law/entries?on=0001-01-01&known=9999-12-31",
        "/law/entries?on=9999-12-31",
        "/law/entries?on=2026-02-30",
        "/law/diff?before=0001-01-01&after=9999-12-31",
        "/law/timeline?from=9999-12-31&to=0001-01-01",
        "/law/%00",
        "/licences/%00",
        "/licences/L1%00",
        "/declarations/%00",
        "/declarations/%ed%a0%80",
        "/cases/%00",
        "/declarations?state=%00",
        "/screen/%00",
    ],
)
def test_a_hostile_query_never_breaks_us(query: str, on_each_database: Served) -> None:
    answer = on_each_database.ask("everything", "GET", query)
    assert answer.status_code < 500, answer.text
    if not answer.is_success:
        assert set(answer.json()) == {"error"}


@pytest.mark.parametrize("number", ["%00", "T%00", "%ed%a0%80"])
def test_a_hostile_number_never_breaks_us(number: str, on_each_database: Served) -> None:
    for method, path in (("DELETE", f"/tokens/{number}"), ("POST", f"/checks/{number}/again")):
        answer = on_each_database.ask("everything", method, path)
        assert answer.status_code in {404, 422}, answer.text
        assert set(answer.json()) == {"error"}


@pytest.mark.parametrize("day", ["9999-12-31", "9999-06-01", "0001-01-01"])
def test_a_licence_at_the_edge_of_the_calendar_never_breaks_us(day: str, api: Served) -> None:
    world = api.world
    case = world.advised(world.accepted())
    answer = api.ask("officer", "POST", f"/cases/{case.id}/grant", json={"valid_from": day})
    assert answer.status_code in {200, 409, 422}, answer.text


@pytest.mark.parametrize(
    "at", ["0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-02-30T00:00:00Z"]
)
def test_a_declaration_at_the_edge_of_time_never_breaks_us(at: str, api: Served) -> None:
    lines = [{"description": "germanium dioxide 99.999%", "quantity": "1", "unit": "kg"}]
    declaration = {"number": f"D-{at[:4]}-{len(at)}", "exporter": FIRM, "declared_at": at, "lines": lines}
    message = {"kind": "insert", "id": f"M-{at[:4]}-{at[-5:-1].replace(':', '')}", "declaration": declaration}
    answer = api.ask("customs", "POST", "/clearance", json=message)
    assert answer.status_code in {200, 409, 422}, answer.text


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "multipart/form-data", "", "application/json; charset=utf-7"]
)
def test_a_body_of_another_kind_is_no_document(kind: str, api: Served) -> None:
    answer = api.ask("exporter", "POST", "/classify", content=b'{"text": 1', headers={"Content-Type": kind})
    assert answer.status_code in {400, 415, 422}
    assert set(answer.json()) == {"error"}


@pytest.mark.parametrize("content", [b"\xff\xfe", b'{"text": "\xff"}', b"\x00" * 100, b"", b"null", b"[]", b'"x"'])
def test_bytes_that_are_no_document_are_refused(content: bytes, api: Served) -> None:
    answer = api.ask("exporter", "POST", "/classify", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code in {400, 422}, answer.text
    assert set(answer.json()) == {"error"}


def test_after_all_that_the_journal_holds(on_each_database: Served) -> None:
    told = on_each_database.ask("auditor", "POST", "/journal/verify").json()
    assert told["holds"], told["faults"]


def test_a_declaration_whose_number_has_a_stroke_is_found(api: Served) -> None:
    world = api.world
    world.declare("D/2026/1")
    for number in ("D/2026/1", "D%2F2026%2F1"):
        assert api.ask("customs", "GET", f"/declarations/{number}").json()["id"] == "D/2026/1"


def test_the_desk_looks_nothing_up_in_the_network(api: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any, **__: Any) -> Any:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    told = {"name": "http://169.254.169.254/latest/meta-data", "address": "file:///etc/passwd"}
    assert api.ask("exporter", "POST", "/parties/match", json=told).status_code == 200
    assert api.ask("exporter", "POST", "/classify", json={"text": "http://example.test/gallium"}).status_code == 200


def test_accounts_of_the_tests_are_those_of_the_application(api: Served) -> None:
    assert isinstance(api.world.accounts, Accounts)
    assert api.ask("officer", "GET", "/me").json()["account"] == OFFICER.account
