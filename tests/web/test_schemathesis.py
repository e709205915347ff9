"""The API against its own description: whatever is sent, the answers are those that it promises."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import SkipTest

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.python import asgi
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)
from web_world import EVERYTHING, Served, served

from desk_world import OFFICER
from orepass.desk.settings import Settings
from orepass.law.timeline import Law
from orepass.web.app import create_app

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
FEW = settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


def _description() -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        return create_app(Settings(database="sqlite://", key_file=Path(folder) / "key")).openapi()


OPERATIONS = [f"{method.upper()} {path}" for path, methods in _description()["paths"].items() for method in methods]


class Described:
    """An application, its description, and the ids of real things in it."""

    def __init__(self, api: Served) -> None:
        self.api = api
        self.schema = schemathesis.openapi.from_asgi("/api/openapi.json", api.app)
        self.schema.config.generation.with_security_parameters = False
        world = api.world
        licence = world.granted()
        case = world.accepted()
        now = world.do(OFFICER, case, "ask", text="which?")
        world.do(OFFICER, case, "advise", subject="good:1", recommends="grant", text="in order")
        world.declare("D-1")
        self.ids = {
            "cases": case.id,
            "licences": licence.id,
            "declarations": "D-1",
            "checks": world.desk.keep_check(
                EVERYTHING, {"date": "2026-03-01", "lines": [{"description": "gallium"}]}
            ).id,
            "tokens": world.accounts.token(EVERYTHING, "one", 24).token.id,
            "law": "3C002.e",
            "screen": api.finished_job(EVERYTHING),
        }
        self.sha256 = now.papers[0].sha256

    def try_out(self, operation: str, path_parameters: dict[str, Any] | None = None) -> None:
        """Send what is described and what is not, and hold the answers against the description."""
        found = self.schema.find_operation_by_label(operation)
        assert found is not None
        headers = self.api.headers("everything")
        statuses: list[int] = []
        for mode in GenerationMode:

            @FEW
            @given(case=found.as_strategy(mode, path_parameters=path_parameters))
            def sent(case: schemathesis.Case) -> None:
                statuses.append(case.call_and_validate(headers=headers, checks=CHECKS).status_code)

            with suppress(Unsatisfiable, pytest.skip.Exception, SkipTest):
                sent()
        assert statuses
        assert set(statuses) != {401} or operation == "POST /api/sessions"


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory, law: Law) -> Iterator[Described]:
    """One application for all operations; its tables wait and are not screened."""
    with served(tmp_path_factory.mktemp("schemathesis"), law=law, token_hours=1) as found:
        found.app.state.jobs.start = lambda: None
        yield Described(found)
        asgi.shutdown_lifespans()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_answers_as_described(operation: str, described: Described) -> None:
    if operation != "DELETE /api/sessions":
        described.try_out(operation)


@pytest.mark.parametrize("operation", [operation for operation in OPERATIONS if "{" in operation])
def test_an_operation_on_a_real_thing_answers_as_described(operation: str, described: Described) -> None:
    path = operation.split()[1]
    of = path.split("/")[2]
    names = {
        "number": described.ids[of],
        "name": described.ids[of],
        "key": described.ids[of],
        "sha256": described.sha256,
    }
    described.try_out(operation, {name: names[name] for name in names if f"{{{name}}}" in path})
