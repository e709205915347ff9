"""Whether the store is what the journal says: no row altered, removed, added or moved, no record other than the journal left it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

import rfc8785
from sqlalchemy import Connection, Engine, func, select

from orepass.store import tables
from orepass.store.database import reading
from orepass.store.journal import ZERO, Entry, Head, hash_of, sha256, signed_text
from orepass.store.keys import is_signed
from orepass.store.ledger import head_of

MOST_TOLD = 50
"""So many faults are told one by one."""


class Verified(NamedTuple):
    """What a check of the store found: how much was read, and each fault in a sentence."""

    entries: int
    records: int
    papers: int
    head: Head | None
    faults: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether no fault was found."""
        return not self.faults


def verify(engine: Engine, kept_head: Head | None = None, public_key: str | None = None) -> Verified:
    """Check the whole store against its journal.

    Parameters
    ----------
    engine
        The database.
    kept_head
        A head that was kept elsewhere: the journal has to hold it still. Without one, a journal that was cut off and signed anew with a
        stolen key, or replaced as a whole, cannot be told from a true one.
    public_key
        The key that the head has to be signed with; else that of ``kept_head``, else the one that stands beside it.
    """
    faults: list[str] = []
    with reading(engine) as connection:
        head = head_of(connection)
        entries, after, papers_named = _chain(connection, head, kept_head, faults)
        _signature(head, kept_head, public_key, entries, faults)
        records = _records(connection, after, faults)
        papers = _papers(connection, papers_named, faults)
    told = faults[:MOST_TOLD]
    if len(faults) > MOST_TOLD:
        told.append(f"{len(faults) - MOST_TOLD} more faults.")
    return Verified(entries, records, papers, head, tuple(told))


def _chain(
    connection: Connection, head: Head | None, kept: Head | None, faults: list[str]
) -> tuple[int, dict[str, str], dict[str, bool]]:
    """Walk the journal: each row's hash, its place, and the row before. Gives the last digest of each record, and the papers named."""
    previous, expected, last_hash, last_at = ZERO, 1, ZERO, ""
    after: dict[str, str] = {}
    holders: dict[str, set[str]] = {}
    for row in connection.execute(select(tables.journal).order_by(tables.journal.c.seq)):
        entry = Entry(*row)
        if entry.seq != expected:
            faults.append(
                f"Journal: between entry {expected - 1} and entry {entry.seq} {entry.seq - expected} are missing."
            )
        elif entry.previous != previous:
            faults.append(
                f"Journal entry {entry.seq}: it does not follow on the entry before; one of them was altered or moved."
            )
        if hash_of(entry) != entry.hash:
            faults.append(
                f"Journal entry {entry.seq} ({entry.act} {entry.subject}): it was altered after it was written."
            )
        if entry.at < last_at:
            faults.append(f"Journal entry {entry.seq}: it is dated before the entry before.")
        if kept is not None and entry.seq == kept.seq and entry.hash != kept.hash:
            faults.append(
                f"Journal entry {entry.seq}: it is not the one of the head that was kept ({kept.hash[:12]}…)."
            )
        previous, expected, last_hash, last_at = entry.hash, entry.seq + 1, entry.hash, entry.at
        try:
            body: Any = json.loads(entry.body)
            after.update(body["after"])
            told = body["told"]
            if entry.act == "case.file":
                holders.setdefault(told["sha256"], set()).add(entry.subject)
            elif entry.act == "case.discard":
                holders.setdefault(told["sha256"], set()).discard(entry.subject)
        except (ValueError, KeyError, TypeError, AttributeError):
            faults.append(f"Journal entry {entry.seq}: its body cannot be read.")
    count = expected - 1
    if head is None and count:
        faults.append("The head of the journal is missing.")
    elif head is not None and (head.seq, head.hash) != (count, last_hash):
        faults.append(f"The journal ends at entry {count}; its head says {head.seq}: entries were cut off or added.")
    if kept is not None and kept.seq > count:
        faults.append(f"The head that was kept is of entry {kept.seq}; the journal ends at {count}.")
    if connection.execute(select(func.count()).select_from(tables.head)).scalar() not in {0, 1}:
        faults.append("The head of the journal stands more than once.")
    return count, after, {sha: bool(of) for sha, of in holders.items()}


def _signature(head: Head | None, kept: Head | None, public_key: str | None, entries: int, faults: list[str]) -> None:
    key = public_key or (kept.public_key if kept else None)
    if kept is not None and not is_signed(kept.public_key, kept.signature, signed_text(kept.seq, kept.at, kept.hash)):
        faults.append("The head that was kept does not bear the signature of its key.")
    if head is None:
        return
    if not is_signed(key or head.public_key, head.signature, signed_text(head.seq, head.at, head.hash)):
        faults.append("The head of the journal does not bear the signature of the desk's key.")


def _records(connection: Connection, after: dict[str, str], faults: list[str]) -> int:
    """Each record against the digest that its last act left, and its columns against its document."""
    seen: set[str] = set()
    for shelf in tables.SHELVES.values():
        for row in connection.execute(select(shelf.table)).mappings():
            name = f"{shelf.kind}/{row['id']}"
            seen.add(name)
            if name not in after:
                faults.append(f"Record {name}: no entry of the journal made it.")
                continue
            try:
                document = row["document"]
                record = shelf.type.model_validate_json(document)
                columns = {"id": getattr(record, "id"), **shelf.columns(record)}  # noqa: B009
            except (ValueError, rfc8785.CanonicalizationError):
                faults.append(f"Record {name}: it cannot be read.")
                continue
            if sha256(document) != after[name]:
                faults.append(f"Record {name}: it is not as its last act left it.")
            elif any(row[column] != value for column, value in columns.items()):
                faults.append(f"Record {name}: its columns do not agree with its document.")
    faults += [f"Record {name}: it is missing." for name in _sorted(after.keys() - seen)]
    return len(seen)


def _papers(connection: Connection, named: dict[str, bool], faults: list[str]) -> int:
    seen: set[str] = set()
    for sha, size, content in connection.execute(select(tables.papers)):
        seen.add(sha)
        if sha256(bytes(content)) != sha or size != len(content):
            faults.append(f"Paper {sha[:12]}…: its content was altered.")
        elif not named.get(sha):
            faults.append(f"Paper {sha[:12]}…: no entry of the journal filed it.")
    faults += [
        f"Paper {sha[:12]}…: it is missing."
        for sha in _sorted(sha for sha, there in named.items() if there and sha not in seen)
    ]
    return len(seen)


def _sorted(names: Iterable[str]) -> list[str]:
    return sorted(names)
