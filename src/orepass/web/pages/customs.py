"""Clearance: goods declared, the gate's word on each line, and what customs does next."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import TypeAdapter

from orepass.desk.gate import Gate, GateMessage
from orepass.errors import BadInput, NotFound, NotPossible
from orepass.licences import moves
from orepass.licences.case import Actor
from orepass.licences.facts import machines
from orepass.licences.types import iso
from orepass.places import every_country
from orepass.web.pages import desk_forms
from orepass.web.pages.site import Site
from orepass.web.pages.visiting import Form, SignedIn, Visiting

router = APIRouter(include_in_schema=False)
Declared = Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*$")]
Typed = Annotated[str, Query(max_length=64)]
MoveName = Annotated[str, Path(max_length=16)]
MESSAGE: TypeAdapter[Any] = TypeAdapter(GateMessage)
MOST = 200
_MOVES = ("recheck", "hold", "cancel", "usage")


@router.get("/desk/clearance")
def declarations(
    request: Request, visitor: Visiting, actor: SignedIn, state: Typed = "", after: Typed = ""
) -> Response:
    """Declarations that one may see, and for customs the form to declare."""
    return _page(request, visitor, actor, state, after, {}, "")


def _page(
    request: Request, visitor: Visiting, actor: Actor, state: str, after: str, fields: dict[str, str], wrong: str
) -> Response:
    site: Site = request.app.state.site
    gate: Gate = request.app.state.gate
    known = state if state in machines()["declaration"].states else None
    found = gate.declarations(actor, known, after, MOST)
    return site.page(
        request,
        visitor,
        "clearance.html",
        422 if wrong else 200,
        declarations=found,
        state=state,
        states=machines()["declaration"].states,
        next=found[-1].id if len(found) == MOST else None,
        fields=fields,
        wrong=wrong,
        countries=every_country(),
    )


@router.post("/desk/clearance")
def declare(request: Request, visitor: Visiting, actor: SignedIn, form: Form) -> Response:
    """Declare goods; the gate answers at once."""
    gate: Gate = request.app.state.gate
    try:
        message = desk_forms.valid_as(MESSAGE, desk_forms.declaration(form, iso(gate.ledger.now())))
        reply = gate.message(actor, message)
    except (BadInput, NotPossible) as error:
        return _page(request, visitor, actor, "", "", dict(form.pairs()), str(error))
    return RedirectResponse(f"/desk/declarations/{reply.number}", 303)


@router.get("/desk/declarations/{number:path}")
def declaration(request: Request, visitor: Visiting, actor: SignedIn, number: Declared) -> Response:
    """What was declared and judged."""
    return _one(request, visitor, actor, number, "")


def _one(request: Request, visitor: Visiting, actor: Actor, number: str, wrong: str) -> Response:
    site: Site = request.app.state.site
    gate: Gate = request.app.state.gate
    found = gate.declaration(actor, number)
    can = [name for name in moves.possible("declaration", found.state, actor, found.organisation) if name in _MOVES]
    return site.page(
        request,
        visitor,
        "declaration.html",
        409 if wrong else 200,
        found=found,
        can=can,
        machine=machines()["declaration"],
        wrong=wrong,
    )


@router.post("/desk/declaration-moves/{move}")
def move(request: Request, visitor: Visiting, actor: SignedIn, move: MoveName, form: Form) -> Response:
    """Recheck, hold, cancel, or say what has gone."""
    gate: Gate = request.app.state.gate
    number = form.text("number")
    if move not in _MOVES:
        raise NotFound(f"There is no move {move!r} here.")
    document: dict[str, Any] = {
        "kind": move,
        "number": number,
        "id": f"page-{move}-{number}-{form.text('version')}"[:64],
    }
    if move == "hold":
        document["reason"] = form.text("reason")
    if move == "usage":
        document["exported"] = [text for text in form.texts("exported") if text]
    try:
        gate.message(actor, desk_forms.valid_as(MESSAGE, document))
    except (BadInput, NotPossible) as error:
        return _one(request, visitor, actor, number, str(error))
    return RedirectResponse(f"/desk/declarations/{number}", 303)
