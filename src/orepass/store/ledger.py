"""The ledger: the one way in which anything is written.

A *deed* is a function that reads records, decides, and puts records and journal entries into :class:`Books`. One thread writes: it takes
the lock on the journal's head, does all deeds that wait, writes everything, and commits once. So no two deeds of any process ever see the
same licence at the same time, and fifty clients cost one commit, not fifty. Whoever asked is answered after the commit.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any, TypeVar, cast

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import BaseModel
from sqlalchemy import Connection, Engine, bindparam, delete, insert, select, update

from orepass.errors import NotPossible
from orepass.licences.case import Actor, Case
from orepass.licences.types import iso
from orepass.store import tables
from orepass.store.database import FAILURES, StoreDown, down, may_pass, reading, writing
from orepass.store.journal import ZERO, Entry, Head, canonical, entry_of, sha256, signed_text
from orepass.store.keys import public_of

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)
Deed = Callable[["Books"], T]

MOST_AT_ONCE = 200
"""So many deeds go into one commit."""
KEPT = 20_000
"""So many records are kept in memory between commits."""


def document_of(record: BaseModel) -> str:
    """A record as it is stored."""
    return canonical(record.model_dump(mode="json", by_alias=True))


class _Kept:
    """Records read or written at a head of the journal; good for as long as nobody else has moved it."""

    def __init__(self) -> None:
        self.head = -1
        self.records: OrderedDict[tuple[str, str], BaseModel | None] = OrderedDict()
        self.of_organisation: dict[tuple[str, str], set[str]] = {}

    def at(self, head: int) -> None:
        if head != self.head:
            self.records.clear()
            self.of_organisation.clear()
            self.head = head
        while len(self.records) > KEPT:
            self.records.popitem(last=False)


class Books:
    """Records and the journal as one deed sees them: what is stored, with what deeds before it in the same commit have put."""

    def __init__(self, connection: Connection, kept: _Kept, at: datetime, seq: int) -> None:
        self._connection = connection
        self._kept = kept
        self._put: dict[tuple[str, str], BaseModel] = {}
        self._papers: dict[str, bytes | None] = {}
        self._new_papers: dict[str, bytes | None] = {}
        self._documents: dict[int, str] = {}
        self._entered: list[tuple[Actor, str, str, dict[str, Any], dict[tuple[str, str], BaseModel]]] = []
        self._new: dict[tuple[str, str], BaseModel] = {}
        self._entries: list[tuple[Actor, str, str, dict[str, Any], dict[tuple[str, str], BaseModel]]] = []
        self.at = at
        """The time of the deed: the clock's, and never before that of the last entry."""
        self._seq = seq

    @property
    def next_seq(self) -> int:
        """The number that the next journal entry will bear: things are numbered by the entry that made them."""
        return self._seq + len(self._entered) + len(self._entries) + 1

    def get(self, type_: type[M], key: str) -> M | None:
        """A record by its id."""
        kind = tables.KIND_OF[type_]
        where = (kind, key)
        for found in (self._new, self._put):
            if where in found:
                return cast("M", found[where])
        if where in self._kept.records:
            self._kept.records.move_to_end(where)
            return cast("M | None", self._kept.records[where])
        shelf = tables.SHELVES[kind]
        row = self._connection.execute(select(shelf.table.c.document).where(shelf.table.c.id == key)).first()
        record = type_.model_validate_json(row[0]) if row else None
        self._kept.records[where] = record
        return record

    def of_organisation(self, type_: type[M], organisation: str) -> list[M]:
        """Every record of an organisation, in the order of their ids."""
        kind = tables.KIND_OF[type_]
        ids = self._kept.of_organisation.get((kind, organisation))
        if ids is None:
            table = tables.SHELVES[kind].table
            rows = self._connection.execute(select(table.c.id).where(table.c.organisation == organisation))
            ids = self._kept.of_organisation[kind, organisation] = {row[0] for row in rows}
        fresh = {
            key
            for found in (self._put, self._new)
            for (other, key), record in found.items()
            if other == kind and _organisation(kind, record) == organisation
        }
        return [record for key in sorted(ids | fresh) if (record := self.get(type_, key)) is not None]

    def open_case_about(self, licence: str) -> str | None:
        """An accepted case that would change a licence."""
        return next((case for case, state in self._about(licence) if state == "accepted"), None)

    def _about(self, licence: str) -> Iterable[tuple[str, str]]:
        table = tables.cases
        stored = {
            row[0]: row[1]
            for row in self._connection.execute(select(table.c.id, table.c.state).where(table.c.about == licence))
        }
        for found in (self._put, self._new):
            for (kind, key), record in found.items():
                if kind == "case":
                    columns = tables.SHELVES["case"].columns(record)
                    if columns["about"] == licence:
                        stored[key] = columns["state"]
        return stored.items()

    def put(self, record: BaseModel) -> None:
        """Leave a record as it is to be from now on."""
        key: Any = getattr(record, "id")  # noqa: B009
        self._new[tables.KIND_OF[type(record)], str(key)] = record

    def paper(self, sha: str, content: bytes) -> None:
        """Keep the content of a paper."""
        self._new_papers[sha] = content

    def discard_paper(self, sha: str) -> None:
        """Destroy the content of a paper that no case holds any more."""
        if not self._is_held(sha):
            self._new_papers[sha] = None

    def _is_held(self, sha: str) -> bool:
        """Whether some case holds a paper that was not destroyed."""
        table = tables.cases
        rows = self._connection.execute(select(table.c.id).where(table.c.document.contains(sha)))
        ids = {row[0] for row in rows} | {
            key for found in (self._put, self._new) for kind, key in found if kind == "case"
        }
        held = (paper for key in ids if (case := self.get(Case, key)) for paper in case.papers)
        return any(paper.sha256 == sha and paper.discarded_at is None for paper in held)

    def enter(self, actor: Actor, act: str, subject: str, told: dict[str, Any]) -> None:
        """Enter the act in the journal, with every record that was put since the entry before."""
        done = {key for entry in self._entries for key, record in entry[4].items() if self._new.get(key) is record}
        left = {key: record for key, record in self._new.items() if key not in done}
        self._entries.append((actor, act, subject, told, left))

    # for the ledger

    def accept(self) -> None:
        """The deed is done: what it put belongs to the commit.

        Raises
        ------
        RuntimeError
            When it put something without entering it in the journal.
        """
        entered = {id(record) for entry in self._entries for record in entry[4].values()}
        if any(id(record) not in entered for record in self._new.values()):
            raise RuntimeError("a record was put without an entry in the journal")
        for record in (record for entry in self._entries for record in entry[4].values()):
            self._documents[id(record)] = document_of(record)
        self._put.update(self._new)
        self._papers.update(self._new_papers)
        self._entered += self._entries
        self._new, self._entries, self._new_papers = {}, [], {}

    def reject(self) -> None:
        """The deed came to nothing: what it put is forgotten."""
        self._new, self._entries, self._new_papers = {}, [], {}

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be written."""
        return not self._entered

    def flush(self, head: Head | None, key: Ed25519PrivateKey) -> Head:
        """Write records, papers, journal and head."""
        at = iso(self.at)
        previous, seq = (head.hash, head.seq) if head else (ZERO, 0)
        entries: list[Entry] = []
        for actor, act, subject, told, left in self._entered:
            seq += 1
            after = {f"{kind}/{name}": sha256(self._documents[id(record)]) for (kind, name), record in left.items()}
            body = canonical({"told": told, "after": after})
            entry = entry_of(seq, at, actor.account, actor.organisation, act, subject, body, previous)
            entries.append(entry)
            previous = entry.hash
        self._write_records()
        self._write_papers()
        self._connection.execute(insert(tables.journal), [entry._asdict() for entry in entries])
        signature = key.sign(signed_text(seq, at, previous)).hex()
        new = Head(seq, at, previous, signature, public_of(key))
        if head is None:
            self._connection.execute(insert(tables.head), [{"id": 1, **new._asdict()}])
        else:
            changed = self._connection.execute(update(tables.head).where(tables.head.c.id == 1), new._asdict())
            if changed.rowcount != 1:
                raise RuntimeError("the head of the journal is missing")
        return new

    def _write_records(self) -> None:
        by_kind: dict[str, list[dict[str, Any]]] = {}
        for (kind, name), record in self._put.items():
            columns = tables.SHELVES[kind].columns(record)
            by_kind.setdefault(kind, []).append({"id": name, **columns, "document": self._documents[id(record)]})
        for kind, rows in by_kind.items():
            table = tables.SHELVES[kind].table
            there = self._stored(kind, [row["id"] for row in rows])
            new = [row for row in rows if row["id"] not in there]
            old = [row for row in rows if row["id"] in there]
            if new:
                self._connection.execute(insert(table), new)
            if old:
                changed = update(table).where(table.c.id == bindparam("which"))
                self._connection.execute(changed, [{"which": row.pop("id"), **row} for row in old])

    def _stored(self, kind: str, names: list[str]) -> set[str]:
        """Which of some records are stored already."""
        table = tables.SHELVES[kind].table
        known = {name for name in names if self._kept.records.get((kind, name)) is not None}
        unknown = [name for name in names if (kind, name) not in self._kept.records]
        if unknown:
            known |= {row[0] for row in self._connection.execute(select(table.c.id).where(table.c.id.in_(unknown)))}
        return known

    def _write_papers(self) -> None:
        table = tables.papers
        for sha, content in self._papers.items():
            there = self._connection.execute(select(table.c.sha256).where(table.c.sha256 == sha)).first()
            if content is None:
                self._connection.execute(delete(table).where(table.c.sha256 == sha))
            elif not there:
                self._connection.execute(insert(table), [{"sha256": sha, "size": len(content), "content": content}])

    def remember(self, head: int) -> None:
        """After the commit: what was written is known without reading it."""
        self._kept.head = head
        for (kind, name), record in self._put.items():
            self._kept.records[kind, name] = record
            known = self._kept.of_organisation.get((kind, _organisation(kind, record)))
            if known is not None:
                known.add(name)


def _organisation(kind: str, record: BaseModel) -> str:
    return tables.SHELVES[kind].columns(record)["organisation"]


class Ledger:
    """The writer of a database.

    Parameters
    ----------
    engine
        The database, at the newest schema.
    key
        What the head is signed with.
    now
        The clock.
    patience
        For so many seconds a commit is tried again while the database does not answer.
    """

    def __init__(
        self,
        engine: Engine,
        key: Ed25519PrivateKey,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        patience: float = 10.0,
    ) -> None:
        self.engine = engine
        self.key = key
        self._public = public_of(key)
        self.now = now
        self.patience = patience
        self._queue: SimpleQueue[tuple[Deed[Any], Future[Any]] | None] = SimpleQueue()
        self._kept = _Kept()
        self._thread: Thread | None = None
        self._starting = Lock()

    def write(self, deed: Deed[T], wait: float = 60.0) -> T:
        """Do a deed, and return what it returns when it is committed.

        Raises
        ------
        OrepassError
            What the deed raised; nothing of it is written.
        StoreDown
            When the database did not answer in time; nothing is written.
        """
        future = self.submit(deed)
        try:
            return future.result(wait)
        except TimeoutError:
            if future.cancel():
                raise StoreDown("The desk is too busy to take it; nothing was done: try again.") from None
            return future.result()  # under way: its answer comes when the commit is done or given up

    def submit(self, deed: Deed[T]) -> Future[T]:
        """Hand in a deed; the future is done when it is committed."""
        future: Future[T] = Future()
        with self._starting:
            if self._thread is None:
                self._thread = Thread(target=self._work, name="orepass-ledger", daemon=True)
                self._thread.start()
        self._queue.put((deed, future))
        return future

    def close(self) -> None:
        """Finish what waits, and stop."""
        with self._starting:
            if self._thread is not None:
                self._queue.put(None)
                self._thread.join()
                self._thread = None

    def read(self, look: Deed[T]) -> T:
        """Look at records as of one moment; nothing can be put."""
        with reading(self.engine) as connection:
            return look(Books(connection, _Kept(), self.now(), 0))

    @property
    def head(self) -> Head | None:
        """The end of the journal; ``None`` while nothing is written."""
        with reading(self.engine) as connection:
            return head_of(connection)

    def _work(self) -> None:
        ends = False
        while not ends:
            waiting = [self._queue.get()]
            with suppress(Empty):
                while len(waiting) < MOST_AT_ONCE:
                    waiting.append(self._queue.get_nowait())
            ends = None in waiting
            batch = [part for part in waiting if part is not None and part[1].set_running_or_notify_cancel()]
            if batch:
                self._commit(batch)

    def _commit(self, batch: list[tuple[Deed[Any], Future[Any]]]) -> None:
        """Do a batch of deeds and commit it; when the database fails, again until patience ends. Every future gets its answer."""
        until = time.monotonic() + self.patience
        done: list[tuple[bool, Any]] = []
        reached: str | None = None
        while True:
            try:
                with writing(self.engine) as connection:
                    head = head_of(connection, lock=True)
                    if reached is not None and _is_committed(connection, reached):
                        break  # the commit came through, its answer was lost
                    if head is not None and head.public_key != self._public:
                        raise NotPossible(
                            "The journal was signed with another key, so nothing is written; put the key file of this desk in its place."
                        )
                    done, reached = [], None
                    self._kept.at(head.seq if head else 0)
                    books = Books(connection, self._kept, self._time(head), head.seq if head else 0)
                    done = [_tried(deed, books) for deed, _ in batch]
                    new = head
                    if not books.is_empty:
                        new = books.flush(head, self.key)
                        reached = new.hash
                if new is not None:
                    books.remember(new.seq)
                break
            except FAILURES as error:
                self._kept.at(-1)
                if time.monotonic() > until or not may_pass(error):
                    refusal = down(error) if reached is None else _not_known()
                    done = [(False, refusal) for _ in batch]
                    break
                time.sleep(0.1)
            except Exception as error:  # a fault of ours: told to whoever asked, the writer goes on
                self._kept.at(-1)
                done = [(False, error) for _ in batch]
                break
        for (good, result), (_, future) in zip(done, batch, strict=True):
            if good:
                future.set_result(result)
            else:
                future.set_exception(result)

    def _time(self, head: Head | None) -> datetime:
        """Now, and never before the last entry: a clock that was set back stands still until it has caught up."""
        now = self.now()
        if head is None:
            return now
        last = datetime.fromisoformat(head.at)
        return max(now, last)


def _tried(deed: Deed[Any], books: Books) -> tuple[bool, Any]:
    try:
        result = deed(books)
        books.accept()
    except FAILURES:
        raise
    except Exception as error:  # also a fault of ours in one deed: the others of the commit go on
        books.reject()
        return False, error
    return True, result


def _is_committed(connection: Connection, reached: str) -> bool:
    """Whether a commit came through: the journal tells by its hash."""
    table = tables.journal
    return connection.execute(select(table.c.seq).where(table.c.hash == reached)).first() is not None


def _not_known() -> StoreDown:
    return StoreDown(
        "The database went away while it was writing; whether it was done is not known: look, or send the same message again."
    )


def head_of(connection: Connection, *, lock: bool = False) -> Head | None:
    """The end of the journal; with ``lock`` nobody else writes until the transaction ends."""
    if lock and connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7364920116)")
    row = connection.execute(select(tables.head).where(tables.head.c.id == 1)).mappings().first()
    if row is None:
        return None
    return Head(row["seq"], row["at"], row["hash"], row["signature"], row["public_key"])
