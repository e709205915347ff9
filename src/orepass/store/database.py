"""Opening a database: SQLite by a path, PostgreSQL by URL; its schema brought up to date by migrations."""

from __future__ import annotations

import struct
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from pg8000.exceptions import Error as DriverError  # pyright: ignore[reportMissingTypeStubs]
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from orepass.errors import BadInput, OrepassError

MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 7_364_920_115
"""The advisory lock under which PostgreSQL migrates: two servers that start at once do it one after the other."""


FAILURES: tuple[type[Exception], ...] = (DBAPIError, PoolTimeout, DriverError, ConnectionError, struct.error)
"""What a database that goes away raises: SQLAlchemy wraps most of it, and not all."""


class StoreDown(OrepassError):
    """The database does not answer, or cannot write; nothing was done. It may be tried again."""


def open_database(url: str, *, pool: int = 20) -> Engine:
    """An engine for a URL; nothing is read yet.

    Parameters
    ----------
    url
        ``sqlite:///path``, ``postgresql://...``, or the path of an SQLite file.
    pool
        How many connections are kept open to PostgreSQL.

    Raises
    ------
    BadInput
        When it is no URL of a database that we know.
    """
    try:
        made = make_url(url if "://" in url else f"sqlite:///{url}")
    except ArgumentError:
        raise BadInput(
            "it is no database URL", where="database", expected="sqlite:///desk.db or postgresql://..."
        ) from None
    match made.get_backend_name():
        case "sqlite":
            return _sqlite(made)
        case "postgresql":
            return create_engine(
                made.set(drivername="postgresql+pg8000"),
                pool_pre_ping=True,
                pool_size=pool,
                max_overflow=pool,
                isolation_level="READ COMMITTED",
            )
        case other:
            raise BadInput(
                f"{other!r} is no database that the desk runs on", where="database", expected="sqlite or postgresql"
            )


def _sqlite(url: Any) -> Engine:
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": 30, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _: Any) -> None:  # pyright: ignore[reportUnusedFunction]
        connection.isolation_level = None  # we say BEGIN ourselves
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
        connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")

    return engine


@contextmanager
def writing(engine: Engine) -> Generator[Connection, None, None]:
    """A transaction that will write: on SQLite it takes the only pen at once."""
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        yield connection


@contextmanager
def written(engine: Engine) -> Generator[Connection, None, None]:
    """A transaction that writes what is no part of the journal.

    Raises
    ------
    StoreDown
        When the database does not answer.
    """
    try:
        with writing(engine) as connection:
            yield connection
    except FAILURES as error:
        raise down(error) from error


@contextmanager
def reading(engine: Engine) -> Generator[Connection, None, None]:
    """A transaction that only reads, all of it as of one moment.

    Raises
    ------
    StoreDown
        When the database does not answer.
    """
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection
    except FAILURES as error:
        raise down(error) from error


def down(error: Exception) -> StoreDown:
    """What is said of a database that fails."""
    kind = type(getattr(error, "orig", None) or error).__name__
    return StoreDown(f"The database does not answer or cannot write ({kind}); nothing was done: try again.")


_PASSING = (
    *("locked", "busy", "57p0", "connection", "network", "closed", "starting up", "shutting down"),
    *("communicat", "can't create", "refused"),
)


def may_pass(error: Exception) -> bool:
    """Whether the database may be there again in a moment: a lost connection, a restart, a lock."""
    if not isinstance(error, DBAPIError) or error.connection_invalidated:
        return True
    told = str(error.orig).lower()
    return any(sign in told for sign in _PASSING)


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def revisions() -> list[str]:
    """Every revision of the schema, the first one first."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return [script.revision for script in reversed(list(ScriptDirectory.from_config(config).walk_revisions()))]


def revision_of(engine: Engine) -> str | None:
    """The revision that the schema of a database is at."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def migrate(engine: Engine, to: str = "head") -> None:
    """Bring the schema to a revision, up or down; data goes with it.

    Raises
    ------
    BadInput
        When the database is of a later Orepass, or cannot be reached.
    """
    try:
        with writing(engine) as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            now = MigrationContext.configure(connection).get_current_revision()
            known = revisions()
            if now is not None and now not in known:
                raise BadInput(
                    f"its schema is at {now}, which this Orepass does not know",
                    where="database",
                    remedy="use the Orepass that wrote it, or a later one",
                )
            target = known[-1] if to == "head" else to
            goes_down = now is not None and (to == "base" or known.index(target) < known.index(now))
            config = _config(connection)
            (command.downgrade if goes_down else command.upgrade)(config, to)
    except DBAPIError as error:
        raise BadInput(
            f"it cannot be opened ({type(error.orig).__name__}: {_first_line(error.orig)})",
            where="database",
            expected="a database that answers",
        ) from None


def _first_line(error: object) -> str:
    return (str(error).strip().splitlines() or [""])[0][:200]
