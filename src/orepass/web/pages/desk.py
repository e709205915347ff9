"""The desk: my cases and the queue with its clock, a case and what can be done with it, licences."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, NamedTuple
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import RedirectResponse, Response

from orepass.desk.desk import Desk
from orepass.errors import BadInput, NotFound, NotPossible
from orepass.licences import moves
from orepass.licences.application import Application
from orepass.licences.bodies import Change
from orepass.licences.case import Actor, Case
from orepass.licences.clock import ClockReading
from orepass.licences.facts import kinds, machines, paper_kinds
from orepass.licences.guards import papers_asked, papers_missing
from orepass.licences.licence import Licence
from orepass.places import every_country
from orepass.web.guarding import Number
from orepass.web.pages import desk_forms
from orepass.web.pages.asking import fields_of
from orepass.web.pages.setting import can_set, set_paper
from orepass.web.pages.site import Site
from orepass.web.pages.visiting import Form, SignedIn, Visiting
from orepass.web.routes_cases import title_of
from orepass.web.routes_law import today

router = APIRouter(include_in_schema=False)
MOST = 200
"""Cases of a page of the list."""
Typed = Annotated[str, Query(max_length=64)]
Move = Annotated[str, Path(max_length=32, pattern=r"^[a-z_]+$")]


class Shown(NamedTuple):
    """A case of a list, with its clock."""

    case: Case
    clock: ClockReading | None


@router.get("/desk")
def cases(request: Request, visitor: Visiting, actor: SignedIn, state: Typed = "", after: Typed = "") -> Response:
    """One's cases; for officers the queue, what is due first on top."""
    site, desk = _site(request), _desk(request)
    listed = desk.cases(actor, state or None, after, MOST)
    shown = [Shown(case, desk.clock(case)) for case in listed.records]
    inside = visitor.has("officer", "countersigner", "auditor")
    if inside and not state:
        ended = machines()["case"].ended
        shown.sort(key=lambda each: (each.case.state in ended, _due(each), each.case.id))
    else:
        shown.sort(key=lambda each: each.case.id, reverse=True)
    return site.page(
        request,
        visitor,
        "desk.html",
        cases=shown,
        state=state,
        states=machines()["case"].states,
        next=listed.next,
        inside=inside,
        kinds=kinds(),
    )


def _due(shown: Shown) -> date:
    return shown.clock.due if shown.clock and shown.clock.due else date.max


def _site(request: Request) -> Site:
    return request.app.state.site


def _desk(request: Request) -> Desk:
    return request.app.state.desk


# applications


@router.get("/desk/apply")
def apply_page(request: Request, visitor: Visiting, actor: SignedIn) -> Response:
    """The form of an application, filled from a check where one led here."""
    fields = fields_of(request.query_params.multi_items())
    filled = {f"goods.1.{name}": fields.get(name, "") for name in ("description", "hs", "entry", "quantity", "unit")}
    filled["end_user_country"] = fields.get("end_user_country") or fields.get("to", "")
    return _form(request, visitor, {**fields, **filled}, "", None)


def _form(request: Request, visitor: Visiting, fields: dict[str, str], wrong: str, case: Case | None) -> Response:
    return _site(request).page(
        request,
        visitor,
        "apply.html",
        422 if wrong else 200,
        fields=fields,
        wrong=wrong,
        case=case,
        kinds=kinds(),
        countries=every_country(),
        goods=desk_forms.GOODS,
    )


@router.post("/desk/apply")
def open_case(request: Request, visitor: Visiting, actor: SignedIn, form: Form) -> Response:
    """Open a case in draft."""
    try:
        case = _desk(request).open_case(actor, desk_forms.application(form))
    except BadInput as error:
        return _form(request, visitor, dict(form.pairs()), error.sentence, None)
    return RedirectResponse(f"/desk/cases/{case.id}", 303)


@router.get("/desk/cases/{number}/change")
def change_page(request: Request, visitor: Visiting, actor: SignedIn, number: Number) -> Response:
    """The form of an application in draft."""
    case = _desk(request).case(actor, number)
    return _form(request, visitor, typed(case.application), "", case)


@router.post("/desk/cases/{number}/change")
def change(request: Request, visitor: Visiting, actor: SignedIn, number: Number, form: Form) -> Response:
    """Put another application in place of the one in draft."""
    case = _desk(request).case(actor, number)
    try:
        changed = Change(application=desk_forms.application(form, case.application))
        _desk(request).move_case(actor, number, "change", changed)
    except (BadInput, NotPossible) as error:
        return _form(request, visitor, dict(form.pairs()), str(error), case)
    return RedirectResponse(f"/desk/cases/{number}", 303)


def typed(application: Application) -> dict[str, str]:
    """An application as the fields of its form."""
    document = application.model_dump(mode="json", by_alias=True)
    fields = {name: str(document.get(name) or "") for name in ("kind", "to", "contract", "why", "cause", "licence")}
    for place, good in enumerate(document["goods"], 1):
        fields |= {f"goods.{place}.{name}": str(value) for name, value in good.items() if value and name != "facts"}
    for party in document["parties"]:
        if party["role"] in desk_forms.ROLES:
            fields[party["role"]] = party["name"]
            fields[f"{party['role']}_country"] = party["country"] or ""
            fields[f"{party['role']}_military"] = _yes_no(party["military"])
    fields["end_use"] = document["end_use"]["text"]
    fields["end_use.military"] = _yes_no(document["end_use"]["military"])
    return fields


def _yes_no(value: bool | None) -> str:
    return "" if value is None else "yes" if value else "no"


# a case


@router.get("/desk/cases/{number}")
def one_case(request: Request, visitor: Visiting, actor: SignedIn, number: Number) -> Response:
    """A case: goods, parties, papers, questions, advice, history, what it drew."""
    return _case_page(request, visitor, actor, number, "")


def _case_page(request: Request, visitor: Visiting, actor: Actor, number: str, wrong: str) -> Response:
    desk = _desk(request)
    case = desk.case(actor, number)
    can = moves.possible("case", case.state, actor, case.organisation)
    conditions = case.last_determined.conditions if case.last_determined else ()
    draft = case.state in {"draft", "returned", "submitted"}
    licence = None
    if case.decision is not None and case.decision.licence:
        licence = desk.licence(actor, case.decision.licence)
    return _site(request).page(
        request,
        visitor,
        "case.html",
        409 if wrong else 200,
        case=case,
        clock=desk.clock(case),
        can=can,
        wrong=wrong,
        machine=machines()["case"],
        kind=kinds()[case.application.kind],
        papers={key: paper.text for key, paper in paper_kinds().items()},
        asked=papers_asked(case.application.kind, today(), tuple(conditions)),
        missing=papers_missing(case, today(), case.last_determined) if draft else [],
        history=desk.history(actor, number),
        precedents=desk.precedents(actor, number) if visitor.has("officer", "countersigner") else [],
        licence=licence,
        inside=visitor.has("officer", "countersigner", "auditor"),
        entries=_site(request).law.facts.entries,
        subjects={subject: _subject(case, subject) for subject in case.subjects},
    )


def _subject(case: Case, subject: str) -> str:
    """What a subject of advice is called."""
    kind, _, place = subject.partition(":")
    at = int(place) - 1
    if kind == "good":
        good = case.application.goods[at]
        return good.description or good.hs or good.entry or subject
    return case.application.parties[at].name


@router.post("/desk/cases/{number}/papers")
def file_paper(request: Request, visitor: Visiting, actor: SignedIn, number: Number, form: Form) -> Response:
    """File a paper with a case."""
    upload, party = form.file("file"), form.text("party")
    try:
        if upload is None:
            raise BadInput("no paper was chosen", where="field file", expected="a file")
        title = form.text("title") or title_of(upload.filename or "") or form.text("kind")
        place = int(party) if party.isdigit() and len(party) < 3 else None
        content = upload.file.read()
        _desk(request).file_paper(
            actor, number, form.text("kind"), title[:200], _media(upload.content_type), content, place
        )
    except (BadInput, NotPossible) as error:
        return _case_page(request, visitor, actor, number, str(error))
    return RedirectResponse(f"/desk/cases/{number}#papers", 303)


def _media(given: str | None) -> str:
    media = (given or "")[:100]
    return media if media.isascii() and media.isprintable() and "/" in media else "application/octet-stream"


@router.get("/desk/cases/{number}/papers/{sha256}")
def paper(
    request: Request,
    visitor: Visiting,
    actor: SignedIn,
    number: Number,
    sha256: Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")],
) -> Response:
    """A paper, to be saved and never shown in place."""
    title, _, content = _desk(request).paper(actor, number, sha256)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(title, safe='')}"}
    return Response(content, media_type="application/octet-stream", headers=headers)


@router.post("/desk/cases/{number}/copy")
def copy_case(request: Request, visitor: Visiting, actor: SignedIn, number: Number, form: Form) -> Response:
    """Open a case like an earlier one."""
    made = _desk(request).copy_case(actor, number, form.text("replaces") or None)
    return RedirectResponse(f"/desk/cases/{made.id}", 303)


@router.post("/desk/cases/{number}/moves/{move}")
def move_case(request: Request, visitor: Visiting, actor: SignedIn, number: Number, move: Move, form: Form) -> Response:
    """Make a move of the table."""
    if move not in desk_forms.CASE_MOVES:
        raise NotFound(f"There is no move {move!r} here.")
    try:
        if move == "advise" and form.text("subject") == "all":
            _advise_all(request, actor, number, form)
        elif move == "countersign" and form.text("advice") == "all":
            _sign_all(request, actor, number, form)
        else:
            _desk(request).move_case(actor, number, move, desk_forms.case_body(move, form))
    except (BadInput, NotPossible) as error:
        return _case_page(request, visitor, actor, number, str(error))
    return RedirectResponse(f"/desk/cases/{number}", 303)


def _advise_all(request: Request, actor: Actor, number: str, form: Form) -> None:
    """The same advice on every item and party that has none yet."""
    desk = _desk(request)
    case = desk.case(actor, number)
    for subject in case.subjects:
        if case.standing_advice(subject) is None:
            body = desk_forms.valid_body(
                "advise", {"subject": subject, "recommends": form.text("recommends"), "text": form.text("text")}
            )
            desk.move_case(actor, number, "advise", body)


def _sign_all(request: Request, actor: Actor, number: str, form: Form) -> None:
    """The same word on all advice that waits for a second reader."""
    desk = _desk(request)
    for advice in desk.case(actor, number).advice:
        if advice.agreed is None:
            told = {"advice": advice.id, "agrees": form.text("agrees") == "yes", "note": form.text("note")}
            desk.move_case(actor, number, "countersign", desk_forms.valid_body("countersign", told))


# licences


@router.get("/desk/licences")
def licences(request: Request, visitor: Visiting, actor: SignedIn, after: Typed = "") -> Response:
    """Licences that one may see."""
    desk = _desk(request)
    listed = desk.licences(actor, after, MOST)
    now = desk.ledger.now()
    shown: Sequence[tuple[Licence, str]] = [(one, one.standing(now)) for one in listed.records]
    return _site(request).page(request, visitor, "licences.html", licences=shown, next=listed.next, kinds=kinds())


@router.get("/desk/licences/{number}.pdf")
def licence_pdf(request: Request, visitor: Visiting, actor: SignedIn, number: Number) -> Response:
    """A licence as a sheet to print."""
    desk = _desk(request)
    found = desk.licence(actor, number)
    set_ = set_paper("licence", licence_sheet(found, desk.ledger.now()), visitor.language)
    headers = {"Content-Disposition": f'attachment; filename="{number}.pdf"'}
    return Response(set_, media_type="application/pdf", headers=headers)


def licence_sheet(licence: Licence, now: Any) -> dict[str, Any]:
    """What a licence's sheet says."""
    kind = kinds()[licence.kind]
    return {
        **licence.model_dump(mode="json"),
        "kind_en": kind.name.en,
        "kind_zh": kind.name.zh,
        "standing": licence.standing(now),
        "printed_at": now.isoformat(timespec="minutes"),
    }


@router.get("/desk/licences/{number}")
def licence(request: Request, visitor: Visiting, actor: SignedIn, number: Number) -> Response:
    """What may leave, what is drawn, and how it stands."""
    return _licence_page(request, visitor, actor, number, "")


def _licence_page(request: Request, visitor: Visiting, actor: Actor, number: str, wrong: str) -> Response:
    desk = _desk(request)
    found = desk.licence(actor, number)
    return _site(request).page(
        request,
        visitor,
        "licence.html",
        409 if wrong else 200,
        licence=found,
        standing=found.standing(desk.ledger.now()),
        can=[
            name
            for name in moves.possible("licence", found.state, actor, found.organisation)
            if name in desk_forms.LICENCE_MOVES
        ],
        machine=machines()["licence"],
        kind=kinds()[found.kind],
        wrong=wrong,
        has_pdf=can_set(),
        countries=every_country(),
    )


@router.post("/desk/licences/{number}/moves/{move}")
def move_licence(
    request: Request, visitor: Visiting, actor: SignedIn, number: Number, move: Move, form: Form
) -> Response:
    """Make a move of the table on a licence."""
    if move not in desk_forms.LICENCE_MOVES:
        raise NotFound(f"There is no move {move!r} here.")
    try:
        _desk(request).move_licence(actor, number, move, desk_forms.licence_body(move, form))
    except (BadInput, NotPossible) as error:
        return _licence_page(request, visitor, actor, number, str(error))
    return RedirectResponse(f"/desk/licences/{number}", 303)
