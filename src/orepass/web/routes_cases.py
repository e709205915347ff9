"""Routes of cases, products, licences and declarations. Each move of the table is a route of its own, made from the table."""

# pyright: reportInvalidTypeForm=false, reportUnknownParameterType=false, reportUnknownArgumentType=false

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Body, File, Form, Path, Query, UploadFile
from fastapi.responses import Response

from orepass.desk.gate import GateMessage, Reply
from orepass.errors import BadInput
from orepass.licences import moves
from orepass.licences.application import Application
from orepass.licences.bodies import CASE_BODIES, LICENCE_BODIES
from orepass.licences.case import Actor, Case, Product
from orepass.licences.declaration import Declaration
from orepass.licences.facts import machines
from orepass.licences.licence import Licence
from orepass.web.answers import (
    AgainShown,
    CaseShown,
    CasesShown,
    ClockShown,
    CopyAsked,
    EntryShown,
    LicenceShown,
    LicencesShown,
    ProductAsked,
)
from orepass.web.guarding import Asking, Number, Shared

router = APIRouter()
After = Annotated[
    str, Query(max_length=64, pattern=r"^[A-Za-z0-9._/-]*$", description="The id after which the page begins.")
]
Most = Annotated[int, Query(ge=1, le=200)]


def _case(shared: Any, caller: Actor, case: Case) -> CaseShown:
    can = moves.possible("case", case.state, caller, case.organisation)
    return CaseShown(case=case, clock=ClockShown.of(shared.desk.clock(case)), moves=can)


def _licence(shared: Any, caller: Actor, licence: Licence) -> LicenceShown:
    can = moves.possible("licence", licence.state, caller, licence.organisation)
    return LicenceShown(licence=licence, standing=licence.standing(shared.desk.ledger.now()), moves=can)


@router.post("/products", status_code=201, tags=["cases"], summary="Keep a product for later applications")
def add_product(asked: ProductAsked, shared: Shared, caller: Asking) -> Product:
    """A product that is applied for again and again; goods on an application name it and may say more."""
    return shared.desk.add_product(caller, asked.model_dump(mode="json"))


@router.get("/products", tags=["cases"], summary="The products of one's organisation")
def products(shared: Shared, caller: Asking) -> list[Product]:
    """Every product."""
    return shared.desk.products(caller)


@router.post("/cases", status_code=201, tags=["cases"], summary="Open a case")
def open_case(asked: Application, shared: Shared, caller: Asking) -> CaseShown:
    """A case in draft; papers are filed with it, then it is submitted."""
    return _case(shared, caller, shared.desk.open_case(caller, asked))


@router.get("/cases", tags=["cases"], summary="Cases that one may see")
def cases(
    shared: Shared,
    caller: Asking,
    state: Annotated[str | None, Query(max_length=16)] = None,
    after: After = "",
    most: Most = 50,
) -> CasesShown:
    """One's own; for officers every case that was handed in."""
    listed = shared.desk.cases(caller, state, after, most)
    return CasesShown(cases=tuple(_case(shared, caller, case) for case in listed.records), next=listed.next)


@router.get("/cases/{number}", tags=["cases"], summary="A case")
def case(number: Number, shared: Shared, caller: Asking) -> CaseShown:
    """The case, its clock, and the moves that one could make."""
    return _case(shared, caller, shared.desk.case(caller, number))


@router.get("/cases/{number}/history", tags=["cases"], summary="What was done with a case")
def history(number: Number, shared: Shared, caller: Asking) -> list[EntryShown]:
    """Its entries of the journal; an applicant does not see advice and flags."""
    return [EntryShown.of(entry) for entry in shared.desk.history(caller, number)]


@router.get("/cases/{number}/precedents", tags=["cases"], summary="Earlier cases of the same good")
def precedents(number: Number, shared: Shared, caller: Asking) -> list[Case]:
    """Ended cases with an entry or a product in common, the newest first."""
    return shared.desk.precedents(caller, number)


@router.post("/cases/{number}/copy", status_code=201, tags=["cases"], summary="Open a case like an earlier one")
def copy_case(number: Number, asked: CopyAsked, shared: Shared, caller: Asking) -> CaseShown:
    """A draft with the same application; papers are filed anew."""
    return _case(shared, caller, shared.desk.copy_case(caller, number, asked.replaces))


@router.get("/cases/{number}/determinations", tags=["cases"], summary="The determinations of a case, made again")
def determinations(number: Number, shared: Shared, caller: Asking) -> list[AgainShown]:
    """Each as it was made, and made again now with the law as it was known then."""
    return [AgainShown(**found._asdict()) for found in shared.desk.rerun(caller, number)]


@router.post("/cases/{number}/papers", status_code=201, tags=["cases"], summary="File a paper")
def file_paper(
    number: Number,
    shared: Shared,
    caller: Asking,
    file: Annotated[UploadFile, File(description="The paper.")],
    kind: Annotated[str, Form(max_length=64, pattern=r"^[a-z_]+$", description="Such as end_user_certificate.")],
    title: Annotated[str, Form(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")] = "",
    party: Annotated[int | None, Form(ge=1, le=50, description="Whose paper it is: the place of the party.")] = None,
) -> CaseShown:
    """The paper is kept whole, under its SHA-256; its file name is only a title."""
    content = file.file.read()
    name = title.strip() or title_of(file.filename or "") or kind
    media = (file.content_type or "application/octet-stream")[:100]
    plain = media if media.isascii() and media.isprintable() and "/" in media else "application/octet-stream"
    return _case(shared, caller, shared.desk.file_paper(caller, number, kind, name, plain, content, party))


def title_of(filename: str) -> str:
    """A file's name without folders and control characters."""
    last = filename.replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in last if sign.isprintable()).strip()[:200]


@router.get(
    "/cases/{number}/papers/{sha256}",
    tags=["cases"],
    summary="The content of a paper",
    response_class=Response,
    responses={200: {"description": "The file", "content": {"application/octet-stream": {}}}},
)
def paper(
    number: Number, sha256: Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")], shared: Shared, caller: Asking
) -> Response:
    """The file, to be saved and never shown in place."""
    title, _, content = shared.desk.paper(caller, number, sha256)
    disposition = f"attachment; filename*=UTF-8''{quote(title, safe='')}"
    return Response(content, media_type="application/octet-stream", headers={"Content-Disposition": disposition})


def _case_route(name: str, body_type: Any) -> None:
    says = machines()["case"].moves[name].says.en

    def move(number: Number, shared: Shared, caller: Asking, body: Annotated[body_type, Body()]) -> CaseShown:
        return _case(shared, caller, shared.desk.move_case(caller, number, name, body))

    move.__doc__ = f"To {says}: {(body_type.__doc__ or '').splitlines()[0]}"
    router.add_api_route(
        f"/cases/{{number}}/{name}",
        move,
        methods=["POST"],
        tags=["cases"],
        summary=says[0].upper() + says[1:],
        name=f"case_{name}",
        operation_id=f"case_{name}",
    )


def _licence_route(name: str, body_type: Any) -> None:
    says = machines()["licence"].moves[name].says.en

    def move(number: Number, shared: Shared, caller: Asking, body: Annotated[body_type, Body()]) -> LicenceShown:
        return _licence(shared, caller, shared.desk.move_licence(caller, number, name, body))

    move.__doc__ = f"To {says}: {(body_type.__doc__ or '').splitlines()[0]}"
    router.add_api_route(
        f"/licences/{{number}}/{name}",
        move,
        methods=["POST"],
        tags=["licences"],
        summary=says[0].upper() + says[1:],
        name=f"licence_{name}",
        operation_id=f"licence_{name}",
    )


for _name, _body in CASE_BODIES.items():
    if _name != "file":
        _case_route(_name, _body)
for _name, _body in LICENCE_BODIES.items():
    _licence_route(_name, _body)


@router.get("/licences", tags=["licences"], summary="Licences that one may see")
def licences(shared: Shared, caller: Asking, after: After = "", most: Most = 50) -> LicencesShown:
    """One's own; for the authority and customs every licence."""
    listed = shared.desk.licences(caller, after, most)
    return LicencesShown(licences=tuple(_licence(shared, caller, one) for one in listed.records), next=listed.next)


@router.get("/licences/{number}", tags=["licences"], summary="A licence")
def licence(number: Number, shared: Shared, caller: Asking) -> LicenceShown:
    """What may leave, what is drawn, and how it stands."""
    return _licence(shared, caller, shared.desk.licence(caller, number))


@router.post("/clearance", tags=["clearance"], summary="A message of a customs system")
def clearance(message: Annotated[GateMessage, Body()], shared: Shared, caller: Asking) -> Reply:
    """Insert, update, cancel, usage, recheck or hold; the same message again gets the same reply and changes nothing."""
    return shared.gate.message(caller, message)


@router.get("/declarations", tags=["clearance"], summary="Declarations that one may see")
def declarations(
    shared: Shared,
    caller: Asking,
    state: Annotated[str | None, Query(max_length=16)] = None,
    after: After = "",
    most: Most = 50,
) -> list[Declaration]:
    """An exporter's own; for customs and the authority every declaration."""
    if state is not None and state not in machines()["declaration"].states:
        raise BadInput(
            f"{state!r} is no state of a declaration",
            where="state",
            expected=", ".join(machines()["declaration"].states),
        )
    return shared.gate.declarations(caller, state, after, most)


@router.get("/declarations/{number:path}", tags=["clearance"], summary="A declaration")
def declaration(
    number: Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*$")],
    shared: Shared,
    caller: Asking,
) -> Declaration:
    """What was declared, the verdict on each line, and what it drew."""
    return shared.gate.declaration(caller, number)
