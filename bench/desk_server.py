"""The server of ``bench/desk.py`` and ``bench/desk_faults.py``: the application as ``orepass serve`` runs it, and a bare route beside it.

``POST /bare`` is a plain FastAPI application under the same uvicorn: a small model in, a small model out, nobody asked who they are. So
both meet the same machine in the same run. Settings come by environment (``OREPASS_...``); beside them:

``DESK_BENCH_PORT``
    Where it listens on 127.0.0.1.
``DESK_BENCH_PLAIN``
    Set: asyncio and h11, even where uvloop and httptools are there.
``DESK_BENCH_CLOCK``
    A file with seconds that are added to the ledger's clock; it may change at any time.
``DESK_BENCH_FILE_BYTES``
    No file may grow larger (a small disk, where none can be mounted).
``DESK_BENCH_DIE``
    After so many commits the process kills itself: the commit is done, nobody is answered yet.
``DESK_BENCH_LOSE``
    Of so many commits one is done and its answer lost with the connection (PostgreSQL).
"""

from __future__ import annotations

import os
import resource
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import current_thread
from typing import Any, Literal

import uvicorn
from fastapi import FastAPI
from pg8000.exceptions import InterfaceError
from pydantic import BaseModel
from sqlalchemy import Engine

from orepass.cli.serve import LOOPBACK, log_to_stderr
from orepass.desk.settings import Settings
from orepass.store.ledger import Books
from orepass.web.app import create_app


class Asked(BaseModel):
    """What the bare route takes."""

    name: str
    quantity: float
    unit: str


class Told(BaseModel):
    """What the bare route gives."""

    name: str
    doubled: float
    ok: bool


def bare() -> FastAPI:
    """The least that an application on FastAPI can do."""
    app = FastAPI(openapi_url=None)

    @app.post("/bare")
    async def answer(asked: Asked) -> Told:  # pyright: ignore[reportUnusedFunction]
        return Told(name=asked.name, doubled=asked.quantity * 2, ok=True)

    return app


def moved_clock(file: Path) -> Any:
    """A clock beside the true one by the seconds that stand in a file."""

    def now() -> datetime:
        try:
            seconds = float(file.read_text())
        except (OSError, ValueError):
            seconds = 0.0
        return datetime.now(UTC) + timedelta(seconds=seconds)

    return now


def die_after(commits: int) -> None:
    """Kill this process between a commit and the answers."""
    remember, done = Books.remember, 0

    def remembering(books: Books, head: int) -> None:
        nonlocal done
        done += 1
        if done == commits:
            os.kill(os.getpid(), signal.SIGKILL)
        remember(books, head)

    Books.remember = remembering  # type: ignore[method-assign]


def lose_every(commits: int, engine: Engine) -> None:
    """Commit, and lose the database's answer with the connection."""
    commit, done = engine.dialect.do_commit, 0

    def committing(connection: Any) -> None:
        nonlocal done
        commit(connection)
        if current_thread().name == "orepass-ledger":
            done += 1
            if done % commits == 0:
                raise InterfaceError("network error")

    engine.dialect.do_commit = committing  # pyright: ignore[reportAttributeAccessIssue]


def main() -> None:
    if "DESK_BENCH_FILE_BYTES" in os.environ:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(os.environ["DESK_BENCH_FILE_BYTES"]), hard))
    log_to_stderr()
    ours, plain = create_app(Settings()), bare()
    if "DESK_BENCH_CLOCK" in os.environ:
        ours.state.desk.ledger.now = moved_clock(Path(os.environ["DESK_BENCH_CLOCK"]))

    if "DESK_BENCH_DIE" in os.environ:
        die_after(int(os.environ["DESK_BENCH_DIE"]))
    if "DESK_BENCH_LOSE" in os.environ:
        lose_every(int(os.environ["DESK_BENCH_LOSE"]), ours.state.desk.ledger.engine)

    async def both(scope: Any, receive: Any, send: Any) -> None:
        await (plain if scope.get("path") == "/bare" else ours)(scope, receive, send)

    simple = "DESK_BENCH_PLAIN" in os.environ
    loop: Literal["asyncio", "auto"] = "asyncio" if simple else "auto"
    http: Literal["h11", "auto"] = "h11" if simple else "auto"
    config = uvicorn.Config(
        both,
        host=LOOPBACK,
        port=int(os.environ["DESK_BENCH_PORT"]),
        loop=loop,
        http=http,
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_keep_alive=15,
    )
    uvicorn.Server(config).run()


if __name__ == "__main__":
    main()
