"""Forms of the desk as the documents of the procedure: an application, what a move is told, a declaration."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from orepass.errors import BadInput
from orepass.goods.values import yes_no
from orepass.licences.application import Application
from orepass.licences.bodies import CASE_BODIES, LICENCE_BODIES, Body
from orepass.places import codes, country_code
from orepass.web.pages.visiting import Sent

GOODS = 3
"""Lines of goods that a form has room for; the API and the command line take more."""
_GOOD = ("description", "hs", "entry", "quantity", "unit", "value", "currency")
ROLES = ("consignee", "end_user")
M = TypeVar("M", bound=BaseModel)


def valid(type_: type[M], document: dict[str, Any]) -> M:
    """A document of the procedure.

    Raises
    ------
    BadInput
        For the first field that cannot be read.
    """
    try:
        return type_.model_validate(document)
    except ValidationError as error:
        raise _refused(error) from None


def valid_as(adapter: TypeAdapter[Any], document: dict[str, Any]) -> Any:
    """A document of one of several kinds, as :func:`valid`."""
    try:
        return adapter.validate_python(document)
    except ValidationError as error:
        raise _refused(error) from None


def _refused(error: ValidationError) -> BadInput:
    first = error.errors(include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    says = str(first["msg"]).removeprefix("Value error, ")
    return BadInput(f"{says[:1].lower()}{says[1:]}", where=f"field {field}")


def country(text: str, field: str) -> str | None:
    """A country by its name or code."""
    if not text:
        return None
    try:
        return text if text in codes() else country_code(text)
    except BadInput as error:
        raise error.at(f"field {field}") from None


def said(text: str, field: str) -> bool | None:
    """Yes, no, or not said."""
    return yes_no(field, text) if text else None


def application(form: Sent, before: Application | None = None) -> Application:
    """The application that a form tells; what the form has no fields for stays as it was.

    Raises
    ------
    BadInput
        For the first field that cannot be read.
    """
    document: dict[str, Any] = before.model_dump(mode="json", by_alias=True) if before is not None else {}
    document["kind"] = form.text("kind") or "single"
    kept = document.get("goods", [])
    goods = [_good(form, place, kept) for place in range(1, GOODS + 1)]
    document["goods"] = [good for good in goods if good] + kept[GOODS:]
    others = [party for party in document.get("parties", []) if party["role"] not in ROLES]
    parties = [_party(form, role, document.get("parties", [])) for role in ROLES]
    document["parties"] = [party for party in parties if party] + others
    document["to"] = country(form.text("to"), "to")
    use: dict[str, Any] = document.get("end_use", {})
    document["end_use"] = {
        **use,
        "text": form.text("end_use"),
        "military": said(form.text("end_use.military"), "end_use.military"),
    }
    for name in ("contract", "why"):
        document[name] = form.text(name)
    for name in ("cause", "licence"):
        document[name] = form.text(name) or None
    return valid(Application, document)


def _good(form: Sent, place: int, kept: list[dict[str, Any]]) -> dict[str, Any]:
    sent = {name: form.text(f"goods.{place}.{name}") for name in _GOOD}
    good: dict[str, Any] = {name: text for name, text in sent.items() if text}
    if good and place <= len(kept):
        good["facts"] = kept[place - 1].get("facts", {})
        good["product"] = kept[place - 1].get("product")
    return good


def _party(form: Sent, role: str, kept: list[dict[str, Any]]) -> dict[str, Any]:
    name = form.text(role)
    if not name:
        return {}
    nothing: dict[str, Any] = {}
    before = next((party for party in kept if party["role"] == role and party["name"] == name), nothing)
    return {
        **before,
        "role": role,
        "name": name,
        "country": country(form.text(f"{role}_country"), f"{role}_country"),
        "military": said(form.text(f"{role}_military"), f"{role}_military"),
    }


def _reason(form: Sent) -> dict[str, Any]:
    return {"reason": form.text("reason")}


def _kind(form: Sent) -> dict[str, Any]:
    return {"kind": form.text("kind"), "note": form.text("note")}


def _lines(form: Sent, name: str) -> list[str]:
    return [line.strip() for line in form.text(name).splitlines() if line.strip()]


_CASE: dict[str, Callable[[Sent], dict[str, Any]]] = {
    "submit": lambda _: {},
    "give_back": _reason,
    "accept": lambda _: {},
    "ask": lambda form: {"text": form.text("text")},
    "reply": lambda form: {"question": _whole(form, "question"), "text": form.text("text")},
    "pause": _kind,
    "resume": lambda form: {"kind": form.text("kind")},
    "determine": lambda _: {},
    "flag": _kind,
    "unflag": lambda form: {"kind": form.text("kind"), "reason": form.text("reason")},
    "advise": lambda form: {name: form.text(name) for name in ("subject", "recommends", "text")},
    "countersign": lambda form: {
        "advice": _whole(form, "advice"),
        "agrees": form.text("agrees") == "yes",
        "note": form.text("note"),
    },
    "grant": lambda form: {
        "conditions": _lines(form, "conditions"),
        "valid_from": form.text("valid_from") or None,
        "valid_to": form.text("valid_to") or None,
        "reason": form.text("reason"),
    },
    "refuse": _reason,
    "answer": lambda form: {
        "controlled": form.text("controlled") == "yes",
        "codes": form.text("codes").replace(",", " ").split(),
        "reason": form.text("reason"),
    },
    "no_licence_needed": _reason,
    "withdraw": _reason,
    "discard": lambda form: {"sha256": form.text("sha256"), "reason": form.text("reason")},
}
_LICENCE: dict[str, Callable[[Sent], dict[str, Any]]] = {
    "stop": _reason,
    "resume": _reason,
    "withdraw": _reason,
    "revoke": _reason,
    "surrender": lambda _: {},
    "register": lambda form: {
        "line": _whole(form, "line"),
        "quantity": form.text("quantity"),
        "end_user": form.text("end_user"),
        "to": country(form.text("to"), "to"),
    },
    "report": lambda form: {"what": form.text("what"), "text": form.text("text")},
}


def _whole(form: Sent, name: str) -> int | None:
    text = form.text(name)
    return int(text) if text.isdigit() and len(text) < 10 else None


def case_body(move: str, form: Sent) -> Body:
    """What a move on a case is told."""
    return valid_body(move, {**_CASE[move](form), "version": _whole(form, "version")})


def valid_body(move: str, document: dict[str, Any]) -> Body:
    """What a move on a case is told, from its document."""
    return valid(CASE_BODIES[move], document)


def licence_body(move: str, form: Sent) -> Body:
    """What a move on a licence is told."""
    return valid(LICENCE_BODIES[move], _LICENCE[move](form))


CASE_MOVES, LICENCE_MOVES = frozenset(_CASE), frozenset(_LICENCE)
"""The moves that pages have a form for."""


def declaration(form: Sent, now: str) -> dict[str, Any]:
    """The message that declares goods, as the gate reads it."""
    line = {name: form.text(name) for name in (*_GOOD, "licence")}
    parties = [_party(form, role, []) for role in ROLES]
    number = form.text("number")
    return {
        "kind": "insert",
        "id": f"page-{number}",
        "declaration": {
            "number": number,
            "exporter": form.text("exporter"),
            "declared_at": now,
            "to": country(form.text("to"), "to"),
            "parties": [party for party in parties if party],
            "end_use": {
                "text": form.text("end_use"),
                "military": said(form.text("end_use.military"), "end_use.military"),
            },
            "lines": [{name: text for name, text in line.items() if text}],
        },
    }
