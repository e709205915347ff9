"""The two public documents as JSON Schema, made from the same tables that read them."""

from __future__ import annotations

from typing import Any

from orepass.determination.owners import MOST_LEVELS, MOST_OWNERS
from orepass.determination.rulebook import OUTCOMES
from orepass.determination.transaction import KINDS, LONGEST_DESCRIPTION, ROLES
from orepass.goods.parameters import Parameter, parameters

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_DAY = {"type": "string", "format": "date"}
_COUNTRY = {"type": ["string", "null"], "description": "ISO 3166 code, or a country's name in English or Chinese"}
_FLAG = {"type": ["boolean", "null"], "description": "null when nobody said"}
_LISTINGS = {
    "type": ["array", "string", "null"],
    "items": {"type": "string"},
    "description": "listings by notice and number, such as CN-2025-01/1",
}
_WORDS = {"type": "array", "items": {"type": "string"}}


def _closed(properties: dict[str, Any], required: tuple[str, ...] = (), description: str = "") -> dict[str, Any]:
    shape: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    if required:
        shape["required"] = list(required)
    if description:
        shape["description"] = description
    return shape


def _fact(parameter: Parameter) -> dict[str, Any]:
    shape: dict[str, Any] = {"title": parameter.en, "description": parameter.zh}
    match parameter.type:
        case "yes_no":
            shape["type"] = ["boolean", "null"]
        case "choice":
            shape |= {"type": ["string", "array", "null"], "examples": list(parameter.values)}
        case "kind":
            shape["type"] = ["string", "null"]
        case "kinds":
            shape["type"] = ["array", "string", "null"]
        case "composition":
            shape |= {"type": "object", "additionalProperties": {"$ref": "#/$defs/measure"}}
        case _:
            shape |= {"$ref": "#/$defs/measure"}
            if parameter.unit:
                shape["title"] = f"{parameter.en}, {parameter.unit}"
    return shape


def transaction_schema() -> dict[str, Any]:
    """JSON Schema of the transaction document."""
    facts = {p.name: _fact(p) for p in parameters().values() if p.of == "line" and p.type != "derived"}
    line = _closed(
        {
            "description": {"type": ["string", "null"], "maxLength": LONGEST_DESCRIPTION},
            "kind": {"enum": [*KINDS, None]},
            "entry": {"type": ["string", "null"], "description": "a control code, where the sender knows it"},
            "hs": {"type": ["string", "integer", "null"], "description": "6 to 10 digits"},
            "quantity": {"type": ["number", "string", "null"]},
            "unit": {"type": ["string", "null"]},
            "value": {"type": ["number", "string", "null"]},
            "currency": {"type": ["string", "null"]},
            "facts": {
                "type": ["object", "null"],
                "properties": facts,
                "patternProperties": {r"^content_wt_pct\.[A-Z][a-z]?$": {"$ref": "#/$defs/measure"}},
                "additionalProperties": False,
            },
        }
    )
    owners = {"type": ["array", "null"], "maxItems": MOST_OWNERS, "items": {"$ref": "#/$defs/owner"}}
    owner = _closed(
        {
            "name": {"type": "string", "minLength": 1},
            "share": {
                "type": ["number", "array", "null"],
                "description": "from 0 to 1, or two bounds with the lower first; nothing stated is anything between",
            },
            "owners": owners | {"description": f"who owns this owner, at most {MOST_LEVELS} levels in all"},
            "complete": _FLAG | {"description": "true when the owners stated here are all of them"},
            "is_listed_as": _LISTINGS,
            "is_not_listed_as": _LISTINGS,
        },
        ("name",),
        "who holds a share; one name is one party, whatever its case",
    )
    party = _closed(
        {
            "role": {"enum": list(ROLES)},
            "name": {"type": ["string", "null"]},
            "country": _COUNTRY,
            "military": _FLAG,
            "owners": owners | {"description": f"at most {MOST_OWNERS:,}, those above them counted"},
            "owners_complete": _FLAG | {"description": "true when the owners stated are all of them"},
            "is_listed_as": _LISTINGS,
            "is_not_listed_as": _LISTINGS,
        },
        ("role",),
    )
    overlay = _closed(
        {name: {"type": "string"} for name in ("rule", "entry", "instrument")}
        | dict.fromkeys(("in_force", "suspended", "repealed"), _DAY)
    )
    purposes = parameters()["purpose"].values
    end_use = _closed(
        {"text": {"type": ["string", "null"]}, "purpose": {"enum": [*purposes, None]}}
        | dict.fromkeys(
            (
                "military",
                "raises_military_strength",
                "wmd",
                "terrorism",
                "security_risk_told",
                "helps_rare_earth_activity_abroad",
            ),
            _FLAG,
        )
    )
    schema = _closed(
        {
            "date": _DAY | {"description": "day of the customs declaration"},
            "origin": _COUNTRY,
            "from": _COUNTRY,
            "to": _COUNTRY,
            "via": {"type": ["array", "string", "null"]},
            "known": {"type": ["string", "null"], "format": "date"},
            "act": {"enum": [*parameters()["act"].values, None]},
            "what_if": {"type": ["array", "null"], "items": overlay},
            "lines": {"type": "array", "minItems": 1, "items": line},
            "parties": {"type": ["array", "null"], "items": party},
            "end_use": {"anyOf": [end_use, {"type": "string"}, {"type": "null"}]},
        },
        ("date", "lines"),
    )
    measure = {
        "description": "a number in the unit of the name, text with a unit or a sign of comparison, or two bounds",
        "anyOf": [
            {"type": "number"},
            {"type": "string"},
            {"type": "array", "minItems": 2, "maxItems": 2},
            {"type": "null"},
        ],
    }
    return {"$schema": DRAFT, "title": "Orepass transaction", **schema, "$defs": {"measure": measure, "owner": owner}}


def determination_schema() -> dict[str, Any]:
    """JSON Schema of the determination document. More fields may be added; none is taken away."""
    outcome = {"enum": list(reversed(OUTCOMES))}

    def shape(**properties: Any) -> dict[str, Any]:
        return {"type": "object", "properties": properties, "required": list(properties)}

    text, maybe = {"type": "string"}, {"type": ["string", "null"]}
    entry = shape(code=text, instrument=text, state=text, why=text, source=text, grade=text)
    near = shape(code=text, name=text, why=text, by=_WORDS)
    flag = shape(number=text, note=maybe, says=text, zh=text, unlawful={"type": "boolean"}, grade=text)
    line = shape(
        line={"type": "integer"},
        outcome=outcome,
        conditions=_WORDS,
        entries={"type": "array", "items": entry},
        candidates=_WORDS,
        near_misses={"type": "array", "items": near},
        read={"type": "object"},
        red_flags={"type": "array", "items": flag},
    )
    reason = shape(rule=text, instrument=text, paragraph=text, layer=text, says=text, zh=text, source=text, grade=text)
    could = shape(
        outcome=outcome, conditions=_WORDS, rule=text, hangs_on={"enum": ["facts", "law"]}, line={"type": "integer"}
    )
    could["properties"]["if"] = text
    question = shape(
        line={"type": "integer"}, fact=text, question=text, unit=maybe, allowed=_WORDS, why=text, entries=_WORDS
    )
    clock = shape(
        working_days={"type": "integer"},
        if_accepted_on_the_day=_DAY,
        forecast={"type": "boolean"},
        not_counted=_WORDS,
        source=text,
    )
    return {
        "$schema": DRAFT,
        "title": "Orepass determination",
        **shape(
            outcome=outcome,
            conditions=_WORDS,
            lines={"type": "array", "items": line},
            reasons={"type": "array", "items": reason},
            could_be={"type": "array", "items": could},
            assumed=_WORDS,
            doubts=_WORDS,
            questions={"type": "array", "items": question},
            parties={"type": "array"},
            likely_parties={
                "type": "array",
                "items": shape(
                    name=text,
                    role=text,
                    may_be=text,
                    listing=text,
                    list=text,
                    state=text,
                    evidence=text,
                    evidence_zh=text,
                ),
            },
            documents=_WORDS,
            clock={"anyOf": [clock, {"type": "null"}]},
            law=shape(as_of=_DAY, known=maybe, read_to=_DAY, rulebook=text),
        ),
    }
