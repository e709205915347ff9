"""``orepass serve``: the API on a database of its own, or on one that is named; with ``--demo`` on cases to look at."""

from __future__ import annotations

import logging
import sys
import tempfile
from pathlib import Path
from typing import Any

import typer

from orepass.errors import BadInput

LOOPBACK = "127.0.0.1"


def run_serve(host: str, port: int, database: str | None, demo: bool) -> None:
    """Serve until it is told to stop."""
    import uvicorn

    from orepass.desk.settings import Settings
    from orepass.web.app import create_app

    chosen: dict[str, Any] = {"database": database} if database else {}
    if demo and not database:
        folder = Path(tempfile.mkdtemp(prefix="orepass-demo-"))
        chosen = {"database": f"sqlite:///{folder / 'desk.db'}", "key_file": folder / "desk.key"}
    settings = Settings(**chosen, open_check=True) if demo else Settings(**chosen)
    log_to_stderr()
    app = create_app(settings)
    if demo:
        from orepass.desk.demo import fill

        passwords = fill(app.state.desk, app.state.gate, app.state.accounts)
        typer.echo("Demo accounts (this database only):")
        for account, password in passwords.items():
            typer.echo(f"  {account:<16} {password}")
    if host != LOOPBACK:
        typer.echo(f"Listening on {host}: put TLS before it; passwords and tokens cross the network.", err=True)
    typer.echo(f"Orepass on http://{host}:{port}/ (the API is described at http://{host}:{port}/api/openapi.json)")
    config = uvicorn.Config(
        app, host=host, port=port, access_log=False, log_config=None, server_header=False, timeout_keep_alive=15
    )
    server = uvicorn.Server(config)
    try:
        server.run()
    except SystemExit:
        raise BadInput(f"port {port} of {host} is taken", where="--port", expected="a port that is free") from None
    if not server.started:
        raise BadInput(f"port {port} of {host} is taken", where="--port", expected="a port that is free")


def log_to_stderr() -> None:
    """Logs as JSON lines on standard error."""
    import structlog

    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(message)s")
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
