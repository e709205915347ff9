"""Who reaches what: every route for every role, on things of one's own and of others. A route without a line here fails."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

import pytest
from fastapi.routing import APIRoute
from httpx import Response
from web_world import WHO, Served, served

from desk_world import (
    AUDITOR,
    EXPORTER,
    FIRM,
    GERMANIUM,
    OFFICER,
    OTHER_EXPORTER,
    OTHER_FIRM,
    SECOND,
    application,
    declared,
)
from orepass.law.timeline import Law
from orepass.licences.case import Actor, Case
from orepass.licences.guards import papers_asked
from orepass.licences.types import iso

ROLES = ("exporter", "other exporter", "officer", "countersigner", "customs", "auditor", None)
OF_FIRM = {"exporter"}
OF_OTHER = {"other exporter"}
AUTHORITY = {"officer", "countersigner"}
INSIDE = AUTHORITY | {"auditor"}
EXPORTERS = OF_FIRM | OF_OTHER
EVERYBODY = {who for who in ROLES if who is not None}
UNSEEN = 999_999
BECAUSE = {"reason": "for the test", "version": UNSEEN}


@dataclass(frozen=True)
class Line:
    """What a route is asked, who may do it, and the kind of thing that it is about; SEES says who is told of a thing."""

    does: set[str]
    body: Any = None
    files: Any = None
    data: Any = None
    query: str = ""
    thing: str = ""
    blind: bool = False
    """Whether the role is asked before the thing is looked for, so that 403 tells nothing of it."""


def _move(does: set[str], **told: Any) -> Line:
    return Line(does, {**told, "version": UNSEEN}, thing="case")


def _licence_move(does: set[str], **told: Any) -> Line:
    return Line(does, {**told, "version": UNSEEN}, thing="licence")


APPLICATION = application().model_dump(mode="json", by_alias=True, exclude_none=True)
TRANSACTION = {"date": "2026-03-01", "to": "DE", "lines": [{"description": "gallium metal"}]}
MATRIX: dict[str, Line] = {
    "POST /check": Line(EVERYBODY, TRANSACTION),
    "POST /checks": Line(EVERYBODY, TRANSACTION),
    "POST /checks/{number}/again": Line(EVERYBODY, thing="check"),
    "POST /classify": Line(EVERYBODY, {"text": "gallium metal"}),
    "GET /law/entries": Line(EVERYBODY),
    "GET /law/timeline": Line(EVERYBODY, query="from=2026-01-01"),
    "GET /law/diff": Line(EVERYBODY, query="before=2026-01-01&after=2026-01-02"),
    "GET /law/{name}": Line(EVERYBODY, thing="entry"),
    "POST /parties/match": Line(EVERYBODY, {"name": "Example Optik GmbH"}),
    "POST /screen": Line(EVERYBODY, files={"file": ("orders.txt", b"nothing")}),
    "GET /screen": Line(EVERYBODY),
    "GET /screen/{key}": Line(EVERYBODY, thing="job"),
    "GET /screen/{key}/answers": Line(EVERYBODY, thing="job"),
    "DELETE /screen/{key}": Line(EVERYBODY, thing="job to remove"),
    "POST /products": Line(EXPORTERS, {"name": "oxide"}),
    "GET /products": Line(EXPORTERS),
    "POST /cases": Line(EXPORTERS, APPLICATION),
    "GET /cases": Line(EVERYBODY),
    "GET /cases/{number}": Line(EVERYBODY, thing="case"),
    "GET /cases/{number}/history": Line(EVERYBODY, thing="case"),
    "GET /cases/{number}/precedents": Line(EVERYBODY, thing="case"),
    "GET /cases/{number}/determinations": Line(EVERYBODY, thing="case"),
    "POST /cases/{number}/copy": Line(EXPORTERS, {}, thing="case", blind=True),
    "POST /cases/{number}/papers": Line(
        EXPORTERS, files={"file": ("paper.txt", b"a paper")}, data={"kind": "other"}, thing="case"
    ),
    "GET /cases/{number}/papers/{sha256}": Line(EVERYBODY, thing="paper"),
    "POST /cases/{number}/change": _move(EXPORTERS, application=APPLICATION),
    "POST /cases/{number}/submit": _move(EXPORTERS),
    "POST /cases/{number}/give_back": _move({"officer"}, **BECAUSE),
    "POST /cases/{number}/accept": _move({"officer"}),
    "POST /cases/{number}/ask": _move({"officer"}, text="which?"),
    "POST /cases/{number}/reply": _move(EXPORTERS, question=1, text="that"),
    "POST /cases/{number}/pause": _move({"officer"}, kind="site_check"),
    "POST /cases/{number}/resume": _move({"officer"}, kind="site_check"),
    "POST /cases/{number}/flag": _move(AUTHORITY, kind="doubt", note="a doubt"),
    "POST /cases/{number}/unflag": _move({"countersigner"}, kind="doubt", reason="none is left"),
    "POST /cases/{number}/advise": _move({"officer"}, subject="good:1", recommends="grant", text="in order"),
    "POST /cases/{number}/countersign": _move({"countersigner"}, advice=1, agrees=True),
    "POST /cases/{number}/grant": _move({"officer"}),
    "POST /cases/{number}/refuse": _move({"officer"}, **BECAUSE),
    "POST /cases/{number}/answer": _move({"officer"}, controlled=True, reason="it is"),
    "POST /cases/{number}/no_licence_needed": _move({"officer"}, **BECAUSE),
    "POST /cases/{number}/determine": _move(AUTHORITY),
    "POST /cases/{number}/discard": _move({"officer"}, sha256="0" * 64, **BECAUSE),
    "POST /cases/{number}/withdraw": _move(EXPORTERS),
    "GET /licences": Line(EVERYBODY),
    "GET /licences/{number}": Line(EVERYBODY, thing="licence"),
    "POST /licences/{number}/stop": _licence_move({"officer"}, **BECAUSE),
    "POST /licences/{number}/resume": _licence_move({"officer"}, **BECAUSE),
    "POST /licences/{number}/withdraw": _licence_move({"officer"}, **BECAUSE),
    "POST /licences/{number}/revoke": _licence_move({"officer"}, **BECAUSE),
    "POST /licences/{number}/surrender": _licence_move(EXPORTERS),
    "POST /licences/{number}/register": _licence_move(EXPORTERS, line=1, quantity="1", end_user="Example", to="DE"),
    "POST /licences/{number}/report": _licence_move(EXPORTERS, what="arrival", text="it came"),
    "POST /clearance": Line({"customs"}, {"kind": "recheck", "id": "M-nobody", "number": "X-nobody"}, blind=True),
    "GET /declarations": Line(EVERYBODY),
    "GET /declarations/{number}": Line(EVERYBODY, thing="declaration"),
    "GET /me": Line(EVERYBODY),
    "GET /tokens": Line(EVERYBODY),
    "POST /tokens": Line(EVERYBODY, {"hours": 1}),
    "DELETE /tokens/{number}": Line(EVERYBODY, thing="token"),
    "DELETE /sessions": Line(EVERYBODY),
    "GET /journal": Line({"auditor"}),
    "GET /journal/head": Line({"auditor"}),
    "POST /journal/verify": Line({"auditor"}),
}
OPEN = {"GET /health", "POST /sessions", "GET /oidc/login", "GET /oidc/callback"}
"""Routes for nobody in particular."""
SEES: dict[str, Callable[[str, str], bool]] = {
    "case": lambda who, owner: who == owner or who in INSIDE,
    "draft": lambda who, owner: who == owner or who == "auditor",
    "paper": lambda who, owner: who == owner or who in INSIDE,
    "licence": lambda who, owner: who == owner or who in INSIDE | {"customs"},
    "declaration": lambda who, owner: who == owner or who in INSIDE | {"customs"},
    "check": lambda who, owner: who == owner or who == "auditor",
    "job": lambda who, owner: who == owner,
    "job to remove": lambda who, owner: who == owner,
    "token": lambda who, owner: who == owner,
    "entry": lambda who, owner: True,
}
MISSING = {
    "case": "C999999",
    "paper": "C999999",
    "licence": "L999999",
    "declaration": "D-999999",
    "check": "K999999",
    "job": "0" * 32,
    "job to remove": "0" * 32,
    "token": "T999999",
    "entry": "9Z999",
}


class Things:
    """Things of both firms, a case of each in every state that matters."""

    def __init__(self, api: Served) -> None:
        self.api = api
        world = api.world
        self.of: dict[str, dict[str, str]] = {}
        for who, actor in (("exporter", EXPORTER), ("other exporter", OTHER_EXPORTER)):
            draft = world.desk.open_case(actor, application())
            world.desk.file_paper(actor, draft.id, "other", "a paper", "text/plain", b"of a draft")
            case = self._handed_in(actor)
            licence = self._granted(actor)
            number = f"D-{actor.organisation}"
            document = declared(number, world.now, exporter=actor.organisation)
            world.send("insert", f"M-{actor.organisation}", declaration=document)
            check = world.desk.keep_check(actor, TRANSACTION)
            product = world.desk.add_product(actor, {"name": "oxide"})
            self.of[who] = {
                "draft": draft.id,
                "case": case,
                "paper": case,
                "sha256": world.desk.case(actor, case).papers[0].sha256,
                "licence": licence,
                "declaration": number,
                "check": check.id,
                "product": product.id,
                "job": api.finished_job(actor),
                "entry": "3C002.e",
            }

    def _handed_in(self, actor: Actor) -> str:
        world = self.api.world
        case = world.desk.open_case(actor, application())
        self._papers(actor, case)
        world.do(actor, case, "submit")
        world.do(OFFICER, case, "accept")
        world.do(OFFICER, case, "ask", text="which?")
        world.do(OFFICER, case, "flag", kind="doubt", note="a secret doubt")
        now = world.do(OFFICER, case, "advise", subject="good:1", recommends="refuse", text="a secret advice")
        world.do(SECOND, case, "countersign", advice=now.advice[-1].id, agrees=True, note="a secret signature")
        return case.id

    def _papers(self, actor: Actor, case: Case) -> None:
        world = self.api.world
        for paper in papers_asked(case.application.kind, world.today, ()):
            content = f"{paper.id} of {case.id}".encode()
            world.desk.file_paper(actor, case.id, paper.id, "a paper", "text/plain", content)

    def _granted(self, actor: Actor) -> str:
        world = self.api.world
        case = world.desk.open_case(actor, application())
        self._papers(actor, case)
        world.do(actor, case, "submit")
        granted = world.do(OFFICER, world.advised(world.do(OFFICER, case, "accept")), "grant")
        assert granted.decision is not None and granted.decision.licence is not None
        return granted.decision.licence

    def fresh(self, thing: str, owner: str) -> str:
        """A thing of an owner; one that a request destroys is made for it."""
        if thing == "token":
            return self.api.world.accounts.token(WHO[owner], "to revoke", 1).token.id
        if thing == "job to remove":
            return self.api.finished_job(WHO[owner])
        return self.of[owner][thing]


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory, law: Law) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("authorisation"), law=law) as found:
        yield found


@pytest.fixture(scope="module")
def things(api: Served) -> Things:
    return Things(api)


def _routes(api: Served) -> set[str]:
    paths = api.app.openapi()["paths"]
    return {f"{method.upper()} {path.removeprefix('/api')}" for path, methods in paths.items() for method in methods}


def _send(api: Served, things: Things, who: str | None, route: str, thing: str, sha256: str = "") -> Response:
    line, (method, path) = MATRIX[route], route.split()
    headers: dict[str, str] = {}
    if route == "DELETE /sessions" and who is not None:
        headers = {"Authorization": f"Bearer {api.world.accounts.token(WHO[who], 'to leave', 1).text}"}
    filled = path.replace("{number}", thing).replace("{key}", thing).replace("{name}", thing)
    filled = filled.replace("{sha256}", sha256 or things.of["exporter"]["sha256"])
    more: dict[str, Any] = {"json": line.body} if line.body is not None else {}
    if line.files:
        more = {"files": line.files, "data": line.data}
    return api.ask(who, method, f"{filled}?{line.query}" if line.query else filled, headers=headers, **more)


def _told(answer: Response, *names: str) -> tuple[int, str]:
    """Status and body, with the thing's own name taken out."""
    text = answer.text
    for name in names:
        text = text.replace(name, "THING")
    return answer.status_code, text


def _is_reached(answer: Response) -> bool:
    return answer.is_success or answer.status_code in {409, 422}


def test_every_route_has_a_line(api: Served) -> None:
    assert _routes(api) - OPEN == set(MATRIX)
    there = {route.path for route in api.app.routes if isinstance(route, APIRoute)}
    assert there <= {f"/api{route.split()[1]}" for route in set(MATRIX) | OPEN}


@pytest.mark.parametrize("route", sorted(MATRIX))
def test_nobody_reaches_nothing_and_learns_nothing(route: str, api: Served, things: Things) -> None:
    thing = MATRIX[route].thing
    names = ["", *([things.fresh(thing, "exporter"), MISSING[thing]] if thing else [])]
    told = {_told(_send(api, things, None, route, name), *(name for name in names if name)) for name in names[-2:]}
    assert len(told) == 1
    (status, _), *_rest = told
    assert status == 401
    answer = _send(api, things, None, route, names[-1])
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("who", sorted(EVERYBODY))
@pytest.mark.parametrize("route", sorted(route for route, line in MATRIX.items() if not line.thing))
def test_a_route_answers_those_it_is_for(route: str, who: str, api: Served, things: Things) -> None:
    answer = _send(api, things, who, route, "")
    if who in MATRIX[route].does:
        assert _is_reached(answer) or (route == "POST /clearance" and answer.status_code == 404), answer.text
    else:
        assert answer.status_code == 403, answer.text


@pytest.mark.parametrize("owner", ["exporter", "other exporter"])
@pytest.mark.parametrize("who", sorted(EVERYBODY))
@pytest.mark.parametrize("route", sorted(route for route, line in MATRIX.items() if line.thing))
def test_a_thing_is_there_for_those_who_may_see_it_alone(
    route: str, who: str, owner: str, api: Served, things: Things
) -> None:
    line = MATRIX[route]
    kinds = [line.thing, "draft"] if line.thing == "case" else [line.thing]
    for kind in kinds:
        name = things.fresh(kind, owner)
        answer = _send(api, things, who, route, name, things.of[owner]["sha256"])
        missing = _send(api, things, who, route, MISSING[line.thing], things.of[owner]["sha256"])
        owns = who == owner or who not in EXPORTERS or kind == "entry"
        if line.blind and who not in line.does:
            assert answer.status_code == 403
            assert _told(answer, name) == _told(missing, MISSING[line.thing])
        elif not SEES[kind](who, owner):
            assert answer.status_code == 404, answer.text
            assert _told(answer, name) == _told(missing, MISSING[line.thing])
        elif who in line.does and owns:
            assert _is_reached(answer), answer.text
            assert missing.status_code == 404
        else:
            assert answer.status_code == 403, answer.text
            assert missing.status_code == 404


@pytest.mark.parametrize("who", sorted(EVERYBODY))
def test_lists_hold_what_one_may_see_and_nothing_else(who: str, api: Served, things: Things) -> None:
    def ids(path: str, inside: str = "") -> set[str]:
        found = api.ask(who, "GET", path).json()
        if inside:
            found = [part[inside[:-1]] for part in found[inside]]
        return {part["id"] for part in found}

    owners = ("exporter", "other exporter")
    lists = (
        ("/cases?most=200", "cases", "case"),
        ("/cases?most=200", "cases", "draft"),
        ("/licences?most=200", "licences", "licence"),
        ("/declarations?most=200", "", "declaration"),
        ("/screen", "", "job"),
    )
    for path, inside, kind in lists:
        listed = ids(path, inside)
        for owner in owners:
            assert (things.of[owner][kind] in listed) == SEES[kind](who, owner), (who, path, kind, owner)
    if who in EXPORTERS:
        mine = ids("/products")
        assert things.of[who]["product"] in mine
        assert not mine & {things.of[owner]["product"] for owner in owners if owner != who}


def test_a_paper_is_read_through_its_own_case_alone(api: Served, things: Things) -> None:
    mine, theirs = things.of["exporter"], things.of["other exporter"]
    own = api.ask("exporter", "GET", f"/cases/{mine['case']}/papers/{mine['sha256']}")
    assert own.status_code == 200
    crossed = api.ask("exporter", "GET", f"/cases/{mine['case']}/papers/{theirs['sha256']}")
    nothing = api.ask("exporter", "GET", f"/cases/{mine['case']}/papers/{'0' * 64}")
    assert _told(crossed) == _told(nothing)
    assert crossed.status_code == 404


@pytest.mark.parametrize("number", ["theirs", "missing"])
def test_a_product_or_licence_of_others_is_as_if_it_were_not(number: str, api: Served, things: Things) -> None:
    theirs = things.of["other exporter"]
    product = theirs["product"] if number == "theirs" else "P999999"
    licence = theirs["licence"] if number == "theirs" else "L999999"
    goods = [{**GERMANIUM, "product": product}]
    answers = [
        api.ask("exporter", "POST", "/cases", json={**APPLICATION, "goods": goods}),
        api.ask("exporter", "POST", "/cases", json={**APPLICATION, "replaces": licence}),
        api.ask(
            "exporter", "POST", "/cases", json={"kind": "amendment", "licence": licence, "changes": {"contract": "x"}}
        ),
        api.ask("exporter", "POST", f"/cases/{things.of['exporter']['case']}/copy", json={"replaces": licence}),
    ]
    told = [_told(answer, product, licence) for answer in answers]
    assert told == [
        (404, json.dumps({"error": text}, separators=(",", ":")))
        for text in (
            "Good 1: there is no product 'THING'.",
            "There is no licence 'THING'.",
            "There is no licence 'THING'.",
            "There is no licence 'THING'.",
        )
    ]


def test_the_applicant_sees_neither_advice_nor_flags(api: Served, things: Things) -> None:
    number = things.of["exporter"]["case"]
    paths = [f"/cases/{number}", f"/cases/{number}/history", "/cases?most=200", f"/cases/{number}/precedents"]
    for path in paths:
        answer = api.ask("exporter", "GET", path)
        assert answer.status_code == 200
        assert "secret" not in answer.text, path
    moved = api.ask("exporter", "POST", f"/cases/{number}/reply", json={"question": 1, "text": "this one"})
    filed = api.ask("exporter", "POST", f"/cases/{number}/papers", files={"file": ("x", b"x")}, data={"kind": "other"})
    for answer in (moved, filed):
        assert answer.is_success
        assert "secret" not in answer.text
        assert answer.json()["case"]["advice"] == answer.json()["case"]["flags"] == []
    assert api.ask("exporter", "GET", "/journal", params={"subject": number}).status_code == 403
    inside = {"case.advise", "case.countersign", "case.flag", "case.unflag"}
    acts = {entry["act"] for entry in api.ask("exporter", "GET", f"/cases/{number}/history").json()}
    assert acts and not acts & inside


@pytest.mark.parametrize("who", sorted(INSIDE))
def test_the_authority_and_auditors_see_advice_and_flags(who: str, api: Served, things: Things) -> None:
    number = things.of["exporter"]["case"]
    case = api.ask(who, "GET", f"/cases/{number}").json()["case"]
    assert [advice["text"] for advice in case["advice"]] == ["a secret advice"]
    assert "a secret doubt" in [flag["note"] for flag in case["flags"]]
    assert "a secret signature" in api.ask(who, "GET", f"/cases/{number}/history").text


def test_the_journal_is_whole_for_auditors(api: Served, things: Things) -> None:
    number = things.of["exporter"]["case"]
    acts = [entry["act"] for entry in api.ask("auditor", "GET", "/journal", params={"subject": number}).json()]
    assert {"case.open", "case.flag", "case.advise", "case.countersign"} <= set(acts)


def test_drafts_of_others_are_hidden_from_officers_in_every_state_that_is_asked(api: Served, things: Things) -> None:
    for who in AUTHORITY:
        found = cast("list[Any]", api.ask(who, "GET", "/cases?state=draft&most=200").json()["cases"])
        assert found == []
    assert {AUDITOR.account} == {api.ask("auditor", "GET", "/me").json()["account"]}
    seen = api.ask("auditor", "GET", "/cases?state=draft&most=200").json()["cases"]
    assert {one["case"]["organisation"] for one in seen} == {FIRM, OTHER_FIRM}


def test_the_moves_that_are_offered_are_those_that_one_may_make(api: Served, things: Things) -> None:
    number = things.of["exporter"]["case"]
    offered = {who: set(api.ask(who, "GET", f"/cases/{number}").json()["moves"]) for who in ("exporter", *INSIDE)}
    assert offered["auditor"] == set()
    assert offered["countersigner"] == {"flag", "unflag", "countersign", "determine"}
    assert offered["exporter"] == {"file", "reply", "withdraw"}


def test_an_account_declares_only_in_the_name_of_customs(api: Served) -> None:
    number = "D-by-exporter"
    message = {"kind": "insert", "id": "M-by-exporter", "declaration": declared(number, iso(api.world.now))}
    for who in EVERYBODY - {"customs"}:
        assert api.ask(who, "POST", "/clearance", json=message).status_code == 403
    assert api.ask("customs", "GET", f"/declarations/{number}").status_code == 404
