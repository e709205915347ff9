"""A desk to look at: two firms, an authority, customs, an auditor, and cases at every stage. The names are of nobody."""

from __future__ import annotations

import secrets
from typing import Any

from pydantic import TypeAdapter

from orepass.desk.accounts import Accounts
from orepass.desk.desk import Desk
from orepass.desk.gate import Gate, GateMessage
from orepass.factfiles import FACTS, read_yaml
from orepass.licences.application import Application
from orepass.licences.bodies import CASE_BODIES
from orepass.licences.case import Case
from orepass.licences.guards import papers_missing
from orepass.licences.types import iso

_ACCOUNTS = {
    "exporter": ("DEMO-EXPORTER", "Demo exporter", "exporter"),
    "other-exporter": ("DEMO-OTHER", "Demo exporter, the other one", "exporter"),
    "officer": ("DEMO-AUTHORITY", "Demo authority", "officer"),
    "countersigner": ("DEMO-AUTHORITY", "Demo authority", "countersigner"),
    "customs": ("DEMO-CUSTOMS", "Demo customs", "customs"),
    "auditor": ("DEMO-AUDIT", "Demo audit", "auditor"),
}


def fill(desk: Desk, gate: Gate, accounts: Accounts) -> dict[str, str]:
    """Fill an empty desk; gives the password of each account."""
    passwords: dict[str, str] = {}
    entered: set[str] = set()
    for name, (code, organisation, role) in _ACCOUNTS.items():
        if code not in entered:
            accounts.add_organisation(code, organisation)
            entered.add(code)
        passwords[name] = secrets.token_urlsafe(12)
        accounts.add(name, code, [role], passwords[name])
    for sketch in read_yaml(FACTS / "licences" / "demo.yaml"):
        _case(desk, gate, accounts, sketch)
    return passwords


def _case(desk: Desk, gate: Gate, accounts: Accounts, sketch: dict[str, Any]) -> None:
    """Walk a case as far as its sketch says."""
    exporter = accounts.actor(sketch.get("by", "exporter"))
    case = desk.open_case(exporter, Application.model_validate(sketch["application"]))
    for step in sketch.get("steps", ()):
        match step["do"]:
            case "papers":
                _file(desk, exporter, case)
            case "advise":
                _advise(desk, accounts, case, step["recommends"])
            case "declare":
                _declare(desk, gate, accounts, case, step)
            case move:
                actor = accounts.actor(step["as"])
                told = CASE_BODIES[move].model_validate(step.get("told", {}))
                case = desk.move_case(actor, case.id, move, told)


def _file(desk: Desk, exporter: Any, case: Case) -> None:
    """File what is missing; what a determination asks for shows when the case is handed in."""
    today = case.opened_at.date()
    for _ in range(2):
        for kind in dict.fromkeys(_kinds_missing(desk, exporter, case, today)):
            content = f"Demo paper: {kind} of {case.id}".encode()
            desk.file_paper(exporter, case.id, kind, kind.replace("_", " "), "text/plain", content)
        case = desk.case(exporter, case.id)


def _kinds_missing(desk: Desk, exporter: Any, case: Case, today: Any) -> list[str]:
    from orepass.licences.guards import papers_asked

    if not papers_missing(case, today, case.last_determined):
        return []
    conditions = case.last_determined.conditions if case.last_determined else ()
    filed = {paper.kind for paper in case.papers}
    return [paper.id for paper in papers_asked(case.application.kind, today, conditions) if paper.id not in filed]


def _advise(desk: Desk, accounts: Accounts, case: Case, recommends: str) -> None:
    officer, second = accounts.actor("officer"), accounts.actor("countersigner")
    for subject in case.subjects:
        told = {"subject": subject, "recommends": recommends, "text": "Nothing speaks against it."}
        now = desk.move_case(officer, case.id, "advise", CASE_BODIES["advise"].model_validate(told))
        signed = {"advice": now.advice[-1].id, "agrees": True}
        desk.move_case(second, case.id, "countersign", CASE_BODIES["countersign"].model_validate(signed))


def _declare(desk: Desk, gate: Gate, accounts: Accounts, case: Case, step: dict[str, Any]) -> None:
    """Declare goods of a case now."""
    application = case.application
    now = iso(desk.ledger.now())
    document = {
        "kind": "insert",
        "id": f"demo-{step['number']}",
        "declaration": {
            "number": step["number"],
            "exporter": case.organisation,
            "declared_at": now,
            "to": step.get("to", application.to),
            "parties": [party.model_dump(mode="json") for party in application.parties],
            "end_use": application.end_use.model_dump(mode="json"),
            "lines": [
                {
                    **application.goods[0].model_dump(mode="json", exclude={"product", "quantity", "value"}),
                    "quantity": step["quantity"],
                    "value": step.get("value"),
                }
            ],
        },
    }
    gate.message(accounts.actor("customs"), TypeAdapter(GateMessage).validate_python(document))
