"""The API for tests: an application on a database of its own, accounts of every role in two firms, and their tokens."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import update

from desk_world import (
    AUDITOR,
    CUSTOMS,
    EXPORTER,
    FIRM,
    OFFICER,
    OTHER_EXPORTER,
    OTHER_FIRM,
    SECOND,
    World,
)
from orepass.desk.settings import Settings
from orepass.law.timeline import Law
from orepass.licences.case import Actor
from orepass.store import tables
from orepass.store.database import writing
from orepass.web.app import create_app

PASSWORD = "a long enough passphrase"
EVERYTHING = Actor(
    account="everything",
    organisation=FIRM,
    roles=frozenset({"exporter", "officer", "countersigner", "customs", "auditor"}),
)
WHO: dict[str, Actor] = {
    "exporter": EXPORTER,
    "other exporter": OTHER_EXPORTER,
    "officer": OFFICER,
    "countersigner": SECOND,
    "customs": CUSTOMS,
    "auditor": AUDITOR,
    "everything": EVERYTHING,
}


class Behind(World):
    """The desk behind an application, on the clock of the day."""

    def __init__(self, app: FastAPI) -> None:
        self.law, self.desk, self.gate, self.accounts = (
            app.state.law,
            app.state.desk,
            app.state.gate,
            app.state.accounts,
        )
        self.ledger = self.desk.ledger
        self.engine = self.ledger.engine
        self.now = self.ledger.now()


class Served:
    """An application that is served to a test client, and what lies behind it."""

    def __init__(self, app: FastAPI, client: TestClient, folder: Path) -> None:
        self.app = app
        self.client = client
        self.folder = folder
        self.jobs_folder = app.state.settings.jobs_folder
        self.world = Behind(app)
        self._tokens: dict[str, str] = {}

    def enter_accounts(self, password: str | None = None) -> None:
        """Enter an account of every role; without a password they are used by tokens alone."""
        accounts = self.world.accounts
        for code in (FIRM, OTHER_FIRM, *{actor.organisation for actor in WHO.values()} - {FIRM, OTHER_FIRM}):
            accounts.add_organisation(code, f"Example {code}")
        for actor in WHO.values():
            accounts.add(actor.account, actor.organisation, sorted(actor.roles), password)

    def token(self, who: str) -> str:
        """A token of an account, made once."""
        if who not in self._tokens:
            self._tokens[who] = self.world.accounts.token(WHO[who], "test", 24).text
        return self._tokens[who]

    def headers(self, who: str | None) -> dict[str, str]:
        """What an account sends with a request; nobody sends nothing."""
        return {} if who is None else {"Authorization": f"Bearer {self.token(who)}"}

    def ask(self, who: str | None, method: str, path: str, **more: Any) -> Response:
        """Send a request as an account."""
        return self.client.request(
            method, f"/api{path}", headers={**self.headers(who), **more.pop("headers", {})}, **more
        )

    def screen(self, name: str, content: bytes, answer: str = "csv", who: str = "exporter") -> Response:
        """Hand in a table."""
        return self.ask(who, "POST", "/screen", files={"file": (name, content)}, data={"answer": answer})

    def screened(
        self, name: str, content: bytes, answer: str = "csv", patience: float = 60
    ) -> tuple[str, dict[str, Any]]:
        """Hand in a table and wait until it is done or has failed."""
        handed = self.screen(name, content, answer)
        assert handed.status_code == 202, handed.text
        key = handed.json()["id"]
        end = time.monotonic() + patience
        while time.monotonic() < end:
            found = self.ask("exporter", "GET", f"/screen/{key}").json()
            if found["state"] in {"done", "failed"}:
                return key, found
            time.sleep(0.05)
        raise AssertionError(f"the table was not screened within {patience} seconds")

    def finished_job(self, actor: Actor) -> str:
        """A table that is done, without screening it; for servers whose worker does not run."""
        job = self.app.state.jobs.add(actor, "orders.csv", io.BytesIO(b"description\ngallium\n"), "csv", None)
        (self.jobs_folder / job.id / "answers.csv").write_text("description,outcome\ngallium,licence\n")
        with writing(self.world.engine) as connection:
            connection.execute(update(tables.jobs).where(tables.jobs.c.id == job.id).values(state="done"))
        return job.id


@contextmanager
def served(
    folder: Path,
    database: str | None = None,
    *,
    works: bool = False,
    password: str | None = None,
    law: Law | None = None,
    **settings: Any,
) -> Iterator[Served]:
    """An application on a temporary database; with ``works`` its tables are screened."""
    with patch.dict("os.environ", {"OREPASS_DATA": str(folder)}):
        chosen: dict[str, Any] = {"rate_per_minute": 0, "jobs_waiting": 100_000, **settings}
        url = database or f"sqlite:///{folder / 'desk.db'}"
        app = create_app(Settings(database=url, key_file=folder / "desk.key", **chosen), law)
        client = TestClient(app, raise_server_exceptions=False)
        found = Served(app, client, folder)
        found.enter_accounts(password)
        if works:
            with client:
                yield found
        else:
            yield found
            found.world.ledger.close()
            found.world.engine.dispose()
