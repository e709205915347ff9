"""What a long run keeps beside its output, so that it can go on after it was stopped: which decision each row got, and the decisions.

Each chunk of rows is one small file of numbers, put in place when it is whole; the decisions that it needs were written before it. So
whatever stops the program, what stands there is true.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np

from orepass.determination.decisions import Decisions, decision_of
from orepass.determination.kept import program
from orepass.errors import BadInput
from orepass.tables.chunks import Part
from orepass.tables.sinks import writing

Numbers = np.ndarray[Any, np.dtype[np.integer[Any]]]


class Work:
    """The folder beside an output in which a run keeps what it has done.

    Parameters
    ----------
    target
        The output.
    plan
        What must be the same for kept work to count: input, columns, law, program.
    chunk_rows
        How many rows are decided at once; a run that goes on keeps to what it began with.
    resume
        Go on with what is there; otherwise it is thrown away.

    Raises
    ------
    BadInput
        When another run writes the same output, or what is kept belongs to another input or law.
    """

    def __init__(self, target: Path, plan: dict[str, Any], chunk_rows: int, *, resume: bool) -> None:
        self.folder = target.with_name(f".{target.name}.orepass")
        self._plan = self.folder / "plan.json"
        self._decisions = self.folder / "decisions.jsonl"
        self._written = 0
        with writing(self.folder):
            self.folder.mkdir(exist_ok=True)
            lock = _locked(self.folder / "running")
        if lock is None:
            raise BadInput("another run is writing this output", where=str(target), expected="to wait until it ends")
        self._lock = lock
        plan = {**plan, "program": program()}
        try:
            before = self._before(plan) if resume else None
            self.chunk_rows: int = before["chunk"] if before else chunk_rows
            if not before:
                self._begin({**plan, "chunk": chunk_rows})
        except BaseException:
            self.stop()
            raise

    def _before(self, plan: dict[str, Any]) -> dict[str, Any] | None:
        """The plan of the stopped run, if there was one; it is to be the same but for the rows of a chunk, which go on as they were."""
        if not self._plan.exists():
            return None
        try:
            before: dict[str, Any] = dict(json.loads(self._plan.read_text(encoding="utf-8")))
        except (ValueError, TypeError):  # the machine stopped while it was written
            before = {}
        other = [name for name in plan if before.get(name) != plan[name]]
        if other:
            raise BadInput(
                f"what is kept of the stopped run differs in {', '.join(other)}",
                where=str(self.folder),
                expected="the same " + ", ".join(plan),
                remedy="run without --resume to begin anew",
            )
        return before

    def _begin(self, plan: dict[str, Any]) -> None:
        """Throw away what is kept of another run, and keep the plan of this one."""
        with writing(self.folder):
            for path in self.folder.iterdir():
                if path.is_dir():
                    shutil.rmtree(path)
                elif path.name != Path(self._lock.name).name:
                    path.unlink()
            part = self._plan.with_suffix(".part")
            part.write_text(json.dumps(plan, ensure_ascii=False, indent=1), encoding="utf-8")
            part.replace(self._plan)

    def restore(self, decisions: Decisions) -> None:
        """Give the decision table the decisions that were kept, under the numbers that they had."""
        if not self._decisions.exists():
            return
        whole = 0
        with self._decisions.open("rb+") as handle:
            for line in handle:
                if not line.endswith(b"\n"):
                    break  # the program was stopped within this line: no chunk needs it yet
                decisions.number_of(decision_of(json.loads(line)))
                whole += len(line)
            handle.truncate(whole)
        self._written = len(decisions.made)

    def output(self, which: str, ending: str, part: Part | None = None) -> Path:
        """Where an output stands when it is whole, until the run ends: that of one part of the table, or the only one."""
        return self.folder / f"{which}-{_key(part) if part else 'whole'}{ending}"

    def empty(self, which: str) -> Path:
        """A new folder."""
        folder = self.folder / which
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder

    def _chunk(self, part: Part, within: int) -> Path:
        return self.folder / f"{_key(part)}-{within:05d}.npy"

    def numbers(self, part: Part, within: int) -> Numbers | None:
        """The decisions of a chunk that was done before."""
        try:
            return np.load(self._chunk(part, within))
        except (OSError, ValueError, EOFError):  # there is none, or the machine stopped while it was written
            return None

    def numbers_of(self, part: Part) -> Iterator[Numbers]:
        """The decisions of every chunk of a part that was done before."""
        within = 0
        while (numbers := self.numbers(part, within)) is not None:
            yield numbers
            within += 1

    def keep(self, part: Part, within: int, numbers: Numbers, decisions: Decisions) -> None:
        """Keep the decisions of a chunk."""
        with writing(self.folder):
            new = decisions.made[self._written :]
            if new:
                with self._decisions.open("ab") as handle:
                    handle.write(b"".join(json.dumps(d, ensure_ascii=False).encode() + b"\n" for d in new))
                    handle.flush()
                    os.fsync(handle.fileno())
                self._written += len(new)
            half = self.folder / "chunk.half"
            with half.open("wb") as handle:
                np.save(handle, numbers.astype(np.int32))
            half.replace(self._chunk(part, within))

    def stop(self) -> None:
        """End without an output; what was done stays."""
        self._lock.close()

    def done(self) -> None:
        """The output stands: nothing needs to be kept."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self._lock.close()


def _key(part: Part) -> str:
    """A part by its content: when its file is another, what was kept of it is not found."""
    return hashlib.sha256(part.stamp.encode()).hexdigest()[:16]


def _locked(path: Path) -> IO[bytes] | None:
    """A file that this run alone holds until it ends, in whatever way; nothing when another run holds it."""
    handle = path.open("ab")
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        handle.close()
        return None
    except OSError:
        pass  # a file system without locks
    return handle
