"""What a long run keeps beside its output, so that it can go on after it was stopped: which decision each row got, and the decisions.

Each chunk of rows is one small file of numbers, put in place when it is whole; the decisions that it needs were written before it. So
whatever stops the program, what stands there is true.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from orepass.determination.decisions import Decisions, decision_of
from orepass.determination.kept import program
from orepass.errors import BadInput
from orepass.tables.sinks import writing

Numbers = np.ndarray[Any, np.dtype[np.integer[Any]]]


class Work:
    """The folder beside an output in which a run keeps what it has done.

    Parameters
    ----------
    target
        The output.
    plan
        What must be the same for kept work to count: input, law, columns, program.
    resume
        Go on with what is there; otherwise it is thrown away.

    Raises
    ------
    BadInput
        When another run writes the same output, or what is kept belongs to another input or law.
    """

    def __init__(self, target: Path, plan: dict[str, Any], *, resume: bool) -> None:
        self.folder = target.with_name(f".{target.name}.orepass")
        self._plan = self.folder / "plan.json"
        self._lock = self.folder / "running"
        self._decisions = self.folder / "decisions.jsonl"
        self._written = 0
        plan = {**plan, "program": program()}
        if self._running():
            raise BadInput("another run is writing this output", where=str(target), expected="to wait until it ends")
        kept = self._plan.exists()
        if kept and resume:
            before = json.loads(self._plan.read_text(encoding="utf-8"))
            other = [name for name in plan if before.get(name) != plan[name]]
            if other:
                raise BadInput(
                    f"what is kept of the stopped run differs in {', '.join(other)}",
                    where=str(self.folder),
                    expected="the same input, law, columns and program",
                    remedy="run without --resume to begin anew",
                )
        elif kept or self.folder.exists():
            shutil.rmtree(self.folder)
        self.resumed = kept and resume
        with writing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock.write_text(str(os.getpid()), encoding="utf-8")
            if not self.resumed:
                _put(self._plan, json.dumps(plan, ensure_ascii=False, indent=1).encode())

    def _running(self) -> bool:
        try:
            process = int(self._lock.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        if process == os.getpid():
            return False
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True

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

    def part(self, place: int, which: str = "rows", ending: str = ".parquet") -> Path:
        """Where the output of a part of the table stands when it is whole, until the run ends."""
        return self.folder / f"{which}-{place:05d}{ending}"

    def _chunk(self, place: int, within: int) -> Path:
        return self.folder / f"{place:05d}-{within:05d}.npy"

    def numbers(self, place: int, within: int) -> Numbers | None:
        """The decisions of a chunk that was done before."""
        kept = self._chunk(place, within)
        return np.load(kept) if kept.exists() else None

    def numbers_of(self, place: int) -> Iterator[Numbers]:
        """The decisions of every chunk of a part that was done before."""
        within = 0
        while (numbers := self.numbers(place, within)) is not None:
            yield numbers
            within += 1

    def keep(self, place: int, within: int, numbers: Numbers, decisions: Decisions) -> None:
        """Keep the decisions of a chunk."""
        with writing(self.folder):
            new = decisions.made[self._written :]
            if new:
                with self._decisions.open("ab") as handle:
                    handle.write(b"".join(json.dumps(d, ensure_ascii=False).encode() + b"\n" for d in new))
                    handle.flush()
                    os.fsync(handle.fileno())
                self._written += len(new)
            part = self.folder / "chunk.part"
            with part.open("wb") as handle:
                np.save(handle, numbers.astype(np.int32))
            part.replace(self._chunk(place, within))

    def stop(self) -> None:
        """End without an output; what was done stays."""
        self._lock.unlink(missing_ok=True)

    def done(self) -> None:
        """The output stands: nothing needs to be kept."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _put(path: Path, content: bytes) -> None:
    part = path.with_suffix(".part")
    part.write_bytes(content)
    part.replace(path)
