"""Tables that are screened: one after the other, each in a process of its own with a bound on its memory, with progress, kept for a day."""

from __future__ import annotations

import contextlib
import json
import secrets
import shutil
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any, BinaryIO, NamedTuple

from sqlalchemy import Engine, delete, insert, select, update

from orepass.desk.accounts import TooMany
from orepass.desk.settings import Settings
from orepass.errors import BadInput, NotFound, NotPossible
from orepass.licences.case import Actor
from orepass.licences.types import iso
from orepass.store import tables
from orepass.store.database import reading, written

ENDINGS = (".csv", ".xlsx", ".parquet")
ANSWERS = ("xlsx", "csv", "parquet")


class Job(NamedTuple):
    """A table that is screened."""

    id: str
    organisation: str
    account: str
    made_at: str
    name: str
    state: str
    rows: int
    total: int
    detail: dict[str, Any]


class Jobs:
    """The queue of tables of a desk.

    Parameters
    ----------
    engine
        The database, in which jobs are kept, so that they outlive a server.
    settings
        Where their files lie, how large they may be, how long they stay.
    """

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._engine = engine
        self._settings = settings
        self._wake, self._ends = Event(), Event()
        self._thread: Thread | None = None

    def start(self) -> None:
        """Begin to work; what a server that died left half done is begun anew."""
        table = tables.jobs
        with written(self._engine) as connection:
            connection.execute(update(table).where(table.c.state == "running").values(state="waiting"))
        self._thread = Thread(target=self._work, name="orepass-jobs", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop; the table that is being screened is begun anew at the next start."""
        self._ends.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout=10)

    def add(
        self, actor: Actor, filename: str, content: BinaryIO, answer: str, on: str | None, *, confirm: bool = False
    ) -> Job:
        """Take in a table. With ``confirm`` its columns are looked at first, and it waits for :meth:`confirm`.

        Raises
        ------
        BadInput
            When it is no table that we read, or would unpack to too much.
        TooMany
            When too many tables of the organisation wait.
        """
        ending = Path(filename.replace("\\", "/")).suffix.lower()
        if ending not in ENDINGS:
            raise BadInput(
                f"{ending or 'no ending'} is no kind of table that we read",
                where="field file",
                expected="a name ending in .csv, .xlsx or .parquet",
            )
        table = tables.jobs
        with reading(self._engine) as connection:
            waiting = connection.execute(
                select(table.c.id).where(
                    table.c.organisation == actor.organisation, table.c.state.in_(("reading", "waiting", "running"))
                )
            ).all()
        if len(waiting) >= self._settings.jobs_waiting:
            raise TooMany(f"{len(waiting)} tables of your organisation wait already; add more when some are done.", 30)
        key = secrets.token_hex(16)
        folder = self._folder(key)
        folder.mkdir(parents=True, mode=0o700)
        source = folder / f"table{ending}"
        try:
            with source.open("wb") as handle:
                shutil.copyfileobj(content, handle)
            check_unpacked(source, self._settings.table_megabytes)
            wish = {"source": source.name, "answer": answer, "on": on, "page": confirm}
            (folder / "wish.json").write_text(json.dumps(wish))
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        name = "".join(sign for sign in filename.replace("\\", "/").rpartition("/")[2] if sign.isprintable())[:200]
        row = {
            "id": key,
            "organisation": actor.organisation,
            "account": actor.account,
            "made_at": iso(datetime.now(UTC)),
            "name": name,
            "state": "reading" if confirm else "waiting",
            "rows": 0,
            "total": 0,
            "detail": "{}",
        }
        with written(self._engine) as connection:
            connection.execute(insert(table), [row])
        self._wake.set()
        return self.job(actor, key)

    def confirm(self, actor: Actor, key: str, columns: dict[str, str | None], answer: str, on: str | None) -> Job:
        """Let a table be screened whose columns were looked at.

        Parameters
        ----------
        columns
            Under which name each column is read, ``None`` for one that is not read; those that are not named are guessed.
        answer, on
            As for :meth:`add`.

        Raises
        ------
        NotPossible
            When the table does not wait for it.
        """
        job = self.job(actor, key)
        path = self._folder(job.id) / "wish.json"
        if job.state not in {"mapped", "done", "failed"} or not path.exists():
            raise NotPossible(f"Table {key!r} is {job.state}; its columns are not asked for now.")
        wish = json.loads(path.read_text()) | {"columns": columns, "answer": answer, "on": on}
        path.write_text(json.dumps(wish))
        table = tables.jobs
        with written(self._engine) as connection:
            connection.execute(update(table).where(table.c.id == job.id).values(state="waiting"))
        self._wake.set()
        return self.job(actor, key)

    def job(self, actor: Actor, key: str) -> Job:
        """A job of one's organisation.

        Raises
        ------
        NotFound
            When it has none of that id.
        """
        table = tables.jobs
        with reading(self._engine) as connection:
            row = connection.execute(select(table).where(table.c.id == key)).mappings().first()
        if row is None or row["organisation"] != actor.organisation:
            raise NotFound(f"There is no table {key!r}.")
        job = Job(**{**row, "detail": json.loads(row["detail"])})
        return self._with_progress(job) if job.state == "running" else job

    def jobs(self, actor: Actor) -> list[Job]:
        """The jobs of one's organisation, the newest first."""
        table = tables.jobs
        query = (
            select(table).where(table.c.organisation == actor.organisation).order_by(table.c.made_at.desc()).limit(100)
        )
        with reading(self._engine) as connection:
            return [Job(**{**row, "detail": json.loads(row["detail"])}) for row in connection.execute(query).mappings()]

    def answer(self, actor: Actor, key: str) -> Path:
        """The file with the answers.

        Raises
        ------
        NotFound
            When the job is not done, or its answer is no longer kept.
        """
        job = self.job(actor, key)
        wish = self._folder(job.id) / "wish.json"
        if job.state == "done" and wish.exists():
            found = self._folder(job.id) / f"answers.{json.loads(wish.read_text())['answer']}"
            if found.exists():
                return found
        raise NotFound(f"Table {key!r} has no answers: it is {job.state}.")

    def remove(self, actor: Actor, key: str) -> None:
        """Throw a job and its files away; one that runs is ended by the loss of its files."""
        job = self.job(actor, key)
        with written(self._engine) as connection:
            connection.execute(delete(tables.jobs).where(tables.jobs.c.id == job.id))
        shutil.rmtree(self._folder(job.id), ignore_errors=True)

    # inside

    def _folder(self, key: str) -> Path:
        return self._settings.jobs_folder / key

    def _with_progress(self, job: Job) -> Job:
        with contextlib.suppress(OSError, ValueError, KeyError):
            progress = json.loads((self._folder(job.id) / "progress.json").read_text())
            return job._replace(rows=progress["rows"], total=progress["total"])
        return job

    def _work(self) -> None:
        while not self._ends.is_set():
            self._wake.wait(timeout=30)
            self._wake.clear()
            with contextlib.suppress(Exception):  # a database that is away: again in a while
                self._sweep()
                while not self._ends.is_set() and (key := self._next()) is not None:
                    self._screen(key)

    def _next(self) -> str | None:
        table = tables.jobs
        with written(self._engine) as connection:
            query = (
                select(table.c.id).where(table.c.state.in_(("reading", "waiting"))).order_by(table.c.made_at).limit(1)
            )
            if connection.dialect.name == "postgresql":
                query = query.with_for_update(skip_locked=True)
            row = connection.execute(query).first()
            if row is None:
                return None
            connection.execute(update(table).where(table.c.id == row[0]).values(state="running"))
            return row[0]

    def _screen(self, key: str) -> None:
        """Screen a table, or only look at its columns, in a process of its own, which a hostile file may bring down alone."""
        folder = self._folder(key)
        (folder / "outcome.json").unlink(missing_ok=True)
        command = [sys.executable, "-m", "orepass.web.screening", str(folder), str(self._settings.table_megabytes)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            while process.poll() is None:
                if self._ends.is_set():
                    process.kill()
                    return
                self._ends.wait(timeout=0.05)
        detail: dict[str, Any] = {"error": "The table could not be read within the memory that a table may use."}
        with contextlib.suppress(OSError, ValueError):
            detail = json.loads((folder / "outcome.json").read_text())
        done = not detail.get("error")
        table = tables.jobs
        with written(self._engine) as connection:
            state = "failed" if not done else "mapped" if detail.get("looked") else "done"
            values = {"state": state, "detail": json.dumps(detail)}
            rows = detail.get("rows", 0)
            connection.execute(update(table).where(table.c.id == key).values(**values, rows=rows, total=rows))

    def _sweep(self) -> None:
        """Throw away what is older than a result is kept."""
        table = tables.jobs
        before = iso(datetime.now(UTC) - timedelta(hours=self._settings.job_hours))
        with written(self._engine) as connection:
            old = connection.execute(
                select(table.c.id).where(table.c.made_at < before, table.c.state.in_(("mapped", "done", "failed")))
            )
            keys = [row[0] for row in old]
            if keys:
                connection.execute(delete(table).where(table.c.id.in_(keys)))
        for key in keys:
            shutil.rmtree(self._folder(key), ignore_errors=True)


def check_unpacked(path: Path, megabytes: int) -> None:
    """See that a workbook does not unpack to more than is allowed.

    The sizes are those that the archive states; a table that lies about them meets the bound on its process's memory.

    Raises
    ------
    BadInput
        When it would, or is no workbook.
    """
    if path.suffix != ".xlsx":
        return
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
    except zipfile.BadZipFile:
        raise BadInput(
            "the file is no Excel workbook", where="field file", expected="an .xlsx file as Excel saves it"
        ) from None
    if unpacked > megabytes * 1_000_000:
        raise BadInput(
            f"the workbook unpacks to {unpacked / 1e6:,.0f} MB",
            where="field file",
            expected=f"at most {megabytes} MB",
            remedy="send a Parquet file, or parts",
        )
