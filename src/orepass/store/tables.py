"""The tables. What the desk knows is kept as canonical documents; beside each stand the columns by which it is looked up.

``journal`` says how everything came about. Each of its rows names, under ``after``, the SHA-256 of every record that the act left behind,
so that an altered, added or missing record is found as surely as an altered row of the journal itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, MetaData, String, Table, Text

from orepass.licences.case import Case, Check, Product
from orepass.licences.declaration import Declaration
from orepass.licences.facts import china_day
from orepass.licences.licence import Licence
from orepass.store.records import Account, Message, Organisation, Token

metadata = MetaData()

journal = Table(
    "journal",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", String(40), nullable=False),
    Column("account", String(300), nullable=False),
    Column("organisation", String(64), nullable=False),
    Column("act", String(64), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("body", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("journal_subject", "subject", "seq"),
)

head = Table(
    "head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("at", String(40), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("signature", String(128), nullable=False),
    Column("public_key", String(64), nullable=False),
)

papers = Table(
    "papers",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("size", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("who", String(300), nullable=False),
    Column("at", String(40), nullable=False),
    Index("attempts_who", "who", "at"),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("organisation", String(64), nullable=False),
    Column("account", String(300), nullable=False),
    Column("made_at", String(40), nullable=False),
    Column("name", String(300), nullable=False),
    Column("state", String(16), nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("detail", Text, nullable=False),
    Index("jobs_organisation", "organisation", "made_at"),
)


def _record(name: str, *columns: Column[Any]) -> Table:
    return Table(
        name,
        metadata,
        Column("id", String(200), primary_key=True),
        Column("organisation", String(64), nullable=False, index=True),
        *columns,
        Column("document", Text, nullable=False),
    )


@dataclass(frozen=True, slots=True)
class Shelf:
    """How records of one kind are kept: their table, their type, and the columns made of a record."""

    kind: str
    table: Table
    type: type[BaseModel]
    columns: Callable[[Any], dict[str, Any]]


cases = _record(
    "cases",
    Column("state", String(16), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("destination", String(2), nullable=False),
    Column("opened_at", String(40), nullable=False),
    Column("accepted_at", String(40), nullable=False),
    Column("about", String(64), nullable=False, index=True),
    Column("codes", Text, nullable=False),
)
licences = _record(
    "licences",
    Column("state", String(16), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("case_id", String(64), nullable=False),
    Column("valid_to", String(10), nullable=False),
)
declarations = _record(
    "declarations",
    Column("state", String(16), nullable=False, index=True),
    Column("day", String(10), nullable=False),
)
products = _record("products", Column("name", String(300), nullable=False))
organisations = _record("organisations", Column("name", String(300), nullable=False))
accounts = _record("accounts", Column("disabled", Boolean, nullable=False))
tokens = _record(
    "tokens", Column("account", String(300), nullable=False), Column("expires_at", String(40), nullable=False)
)
checks = _record("checks", Column("at", String(40), nullable=False))
messages = _record("messages", Column("subject", String(64), nullable=False))


def codes_of(case: Case) -> str:
    """The entries of a case's goods as ``;3C003.b;3C003.c;``, so that cases of the same good are found."""
    found = case.last_determined
    codes = sorted({code for line in found.lines for code in line.codes}) if found else []
    return f";{';'.join(codes)};" if codes else ""


def _of_case(case: Case) -> dict[str, Any]:
    document = case.model_dump(mode="json", include={"opened_at", "accepted_at"})
    return {
        "organisation": case.organisation,
        "state": case.state,
        "kind": case.application.kind,
        "destination": case.application.to or "",
        "opened_at": document["opened_at"],
        "accepted_at": document["accepted_at"] or "",
        "about": case.application.licence or case.application.replaces or "",
        "codes": codes_of(case),
    }


def _of_licence(licence: Licence) -> dict[str, Any]:
    return {
        "organisation": licence.organisation,
        "state": licence.state,
        "kind": licence.kind,
        "case_id": licence.case,
        "valid_to": licence.valid_to.isoformat() if licence.valid_to else "",
    }


def _of_declaration(declaration: Declaration) -> dict[str, Any]:
    return {
        "organisation": declaration.organisation,
        "state": declaration.state,
        "day": china_day(declaration.declared.declared_at).isoformat(),
    }


def _of_check(check: Check) -> dict[str, Any]:
    return {"organisation": check.organisation, "at": check.model_dump(mode="json")["determined"]["at"]}


def _of_token(token: Token) -> dict[str, Any]:
    expires = token.model_dump(mode="json")["expires_at"]
    return {"organisation": token.organisation, "account": token.account, "expires_at": expires}


SHELVES: dict[str, Shelf] = {
    shelf.kind: shelf
    for shelf in (
        Shelf("case", cases, Case, _of_case),
        Shelf("licence", licences, Licence, _of_licence),
        Shelf("declaration", declarations, Declaration, _of_declaration),
        Shelf("check", checks, Check, _of_check),
        Shelf("product", products, Product, lambda it: {"organisation": it.organisation, "name": it.name}),
        Shelf("organisation", organisations, Organisation, lambda it: {"organisation": it.id, "name": it.name}),
        Shelf("account", accounts, Account, lambda it: {"organisation": it.organisation, "disabled": it.disabled}),
        Shelf("token", tokens, Token, _of_token),
        Shelf("message", messages, Message, lambda it: {"organisation": it.organisation, "subject": it.subject}),
    )
}
KIND_OF: dict[type[BaseModel], str] = {shelf.type: shelf.kind for shelf in SHELVES.values()}
