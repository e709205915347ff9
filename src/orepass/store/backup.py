"""Backup and restore: one file of any store, as of one moment, that any other empty database can take in."""

from __future__ import annotations

import base64
import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, func, insert, select

from orepass.errors import BadInput, NotPossible
from orepass.store import tables
from orepass.store.database import migrate, reading, revision_of, writing
from orepass.store.ledger import head_of
from orepass.store.verifying import Verified, verify

_FORMAT = 1
_LEFT_OUT = frozenset({"attempts", "jobs"})
"""What is of the moment alone: wrong passwords, tables being screened."""
_AT_ONCE = 500


def kept_tables() -> list[Table]:
    """The tables that a backup holds."""
    return [table for table in tables.metadata.sorted_tables if table.name not in _LEFT_OUT]


def backup(engine: Engine, target: Path) -> Verified:
    """Write a backup, all of it as of one moment; the file appears when it is whole.

    Gives what a check of the store found: a store with a fault is backed up all the same, and the fault told.

    Raises
    ------
    BadInput
        When the file is there already or cannot be written.
    """
    if target.exists():
        raise BadInput("there is such a file", where=str(target), expected="a name of its own")
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with reading(engine) as connection, zipfile.ZipFile(part, "x", zipfile.ZIP_DEFLATED) as archive:
            head = head_of(connection)
            about = {"format": _FORMAT, "revision": revision_of(engine), "head": head._asdict() if head else None}
            archive.writestr("about.json", json.dumps(about, indent=1))
            for table in kept_tables():
                with archive.open(f"{table.name}.jsonl", "w", force_zip64=True) as out:
                    for row in connection.execution_options(yield_per=_AT_ONCE).execute(select(table)).mappings():
                        out.write(json.dumps({key: _plain(value) for key, value in row.items()}).encode() + b"\n")
        with part.open("rb") as handle:
            os.fsync(handle.fileno())
        part.replace(target)
    except OSError as error:
        raise BadInput(
            f"it cannot be written ({error.strerror or error})",
            where=str(target),
            expected="a folder that you may write to",
        ) from None
    finally:
        part.unlink(missing_ok=True)
    return verify(engine)


def restore(engine: Engine, source: Path) -> Verified:
    """Take a backup into an empty database, of whichever kind, and bring it to the newest schema.

    Gives what a check of the restored store found.

    Raises
    ------
    BadInput
        When the file is no backup of ours.
    NotPossible
        When the database is not empty: nothing is ever overwritten.
    """
    try:
        archive = zipfile.ZipFile(source)
        about = json.loads(archive.read("about.json"))
        if about["format"] != _FORMAT:
            raise KeyError("format")
    except (OSError, zipfile.BadZipFile, KeyError, ValueError):
        raise BadInput(
            "it is no backup that this Orepass reads", where=str(source), expected="a file of orepass desk backup"
        ) from None
    with archive:
        if revision_of(engine) is not None and _holds(engine):
            raise NotPossible("The database is not empty; restore into a new one, named with --database.")
        migrate(engine, about["revision"])
        try:
            with writing(engine) as connection:
                for name in archive.namelist():
                    if name.endswith(".jsonl"):
                        _fill(connection, tables.metadata.tables[name.removesuffix(".jsonl")], archive, name)
        except (ValueError, KeyError, zipfile.BadZipFile) as error:
            raise BadInput(
                f"the backup is damaged ({error})", where=str(source), expected="the file as it was written"
            ) from None
    migrate(engine)
    return verify(engine)


def _fill(connection: Connection, table: Table, archive: zipfile.ZipFile, name: str) -> None:
    binary = {column.name for column in table.columns if column.type.python_type is bytes}
    for rows in _batches(archive, name):
        for row in rows:
            for column in binary:
                row[column] = base64.b64decode(row[column])
        connection.execute(insert(table), rows)


def _batches(archive: zipfile.ZipFile, name: str) -> Iterator[list[dict[str, Any]]]:
    rows: list[dict[str, Any]] = []
    with archive.open(name) as lines:
        for line in lines:
            rows.append(json.loads(line))
            if len(rows) == _AT_ONCE:
                yield rows
                rows = []
    if rows:
        yield rows


def _holds(engine: Engine) -> bool:
    with engine.connect() as connection:
        return bool(connection.execute(select(func.count()).select_from(tables.journal)).scalar())


def _plain(value: Any) -> Any:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value
