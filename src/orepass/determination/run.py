"""A table of any size into a file or a folder: decided chunk by chunk, written by a thread of its own, all or nothing."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any, NamedTuple

import numpy as np

from orepass.determination.decisions import Decision, Decisions
from orepass.determination.kept import kept_file, load_kept, save_kept
from orepass.determination.kernel import Kernel
from orepass.determination.plan import Plan, check_target, is_folder
from orepass.determination.results import COLOURS, IN_WORDS, Results
from orepass.determination.tally import Tally, tally
from orepass.determination.work import Work
from orepass.errors import BadInput
from orepass.law.timeline import Law
from orepass.tables.chunks import Chunk, ahead, as_arrow
from orepass.tables.sinks import ExcelSink, Sink, sink_for, writing


class Progress(NamedTuple):
    """How far a run is: rows done, rows in all, seconds since it began."""

    rows: int
    total: int
    seconds: float


def decided_chunks(
    plan: Plan, decisions: Decisions, work: Work | None, written: Callable[[int], bool] = lambda place: False
) -> Iterator[tuple[int, Chunk, Any]]:
    """Every chunk of a table with the place of its part and the numbers of its rows' decisions.

    Of a part that a stopped run has ``written``, the chunks come without columns.
    """
    kernel, types = Kernel(decisions, plan.on), plan.source.types(plan.source.parts[0])
    for place, part in enumerate(plan.source.parts):
        if plan.source.types(part) != types:  # a kernel knows 1, 1.0 and True as one value
            kernel, types = Kernel(decisions, plan.on), plan.source.types(part)
        if work and written(place):
            for decided in work.numbers_of(part):
                yield place, Chunk({}, len(decided)), decided
            continue
        for within, chunk in enumerate(ahead(plan.source.chunks(part, work.chunk_rows if work else plan.chunk_rows))):
            decided = work.numbers(part, within) if work else None
            if decided is None or len(decided) != chunk.rows:
                decided = kernel.decide(plan.read(chunk), chunk.rows)
                if work:
                    work.keep(part, within, decided, decisions)
            yield place, chunk, decided


def screen_file(
    plan: Plan,
    target: Path,
    law: Law,
    *,
    resume: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> Tally:
    """Screen a table of any size into a file, or into a folder of Parquet files with one for each part of the input.

    All or nothing: the name asked for appears when everything is written. What was decided is kept beside it until then; ``resume`` goes on
    with it.

    Raises
    ------
    BadInput
        When the output cannot be written or the input cannot be read to its end.
    """
    check_target(plan, target)
    work = Work(target, plan.described() | {"law": law.version}, plan.chunk_rows, resume=resume)
    decisions = Decisions(law)
    work.restore(decisions)
    kept = kept_file(law.version)
    decisions.use(load_kept(kept))
    before = len(decisions.known), len(decisions.cells.texts)
    results = Results(decisions)
    counts: Counter[int] = Counter()
    begun, rows = time.monotonic(), 0
    output = _Output(plan, target, work, results)
    try:
        for place, chunk, decided in decided_chunks(plan, decisions, work, output.is_written):
            output.add(place, chunk, decided)
            places, each = np.unique(decided, return_counts=True)
            counts.update(dict(zip(places.tolist(), each.tolist(), strict=True)))
            rows += chunk.rows
            if progress:
                progress(Progress(rows, plan.source.rows, time.monotonic() - begun))
        found = tally(counted(decisions, counts), law)
        output.finish(found)
    except BaseException:
        output.abandon()
        work.stop()
        raise
    work.done()
    if (len(decisions.known), len(decisions.cells.texts)) != before:
        save_kept(kept, decisions.kept)
    return found


def counted(decisions: Decisions, counts: Mapping[int, int]) -> Iterator[tuple[Decision, int]]:
    """Decisions by number with their rows."""
    return ((decisions.made[number], count) for number, count in sorted(counts.items()))


def columns_out(plan: Plan, chunk: Chunk) -> dict[str, Any]:
    """The columns of a chunk as they go out, in Arrow; columns that its part does not have are left out."""
    types = plan.source.types(plan.source.parts[0])
    return {name: as_arrow(column, types.get(name)) for name, column in _cells_out(plan, chunk).items()}


def _cells_out(plan: Plan, chunk: Chunk) -> dict[str, Any]:
    """The same, with cells as they stand where a sheet mixes kinds of values."""
    own = {name: chunk.columns[name] for name in plan.source.columns if name in chunk.columns}
    return {"date": [plan.on] * chunk.rows, **own} if plan.adds_day else own


class _Output:
    """Writes chunks in a thread of its own, while the next one is decided."""

    def __init__(self, plan: Plan, target: Path, work: Work, results: Results) -> None:
        self._plan, self._target, self._work, self._results = plan, target, work, results
        self._wanted = {"rows": target} | ({"reasons": plan.reasons} if plan.reasons else {})
        self._queue: Queue[tuple[int, dict[str, Any], dict[str, Any] | None] | None] = Queue(1)
        self._failed: BaseException | None = None
        self._found: Tally | None = None
        self._row = 1
        self._place = 0
        self._written: dict[Path, Path] = {}
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def is_written(self, place: int) -> bool:
        """Whether a stopped run has written everything of a part; of a single file, nothing is whole before its end."""
        return is_folder(self._target) and all(path.exists() for path in self._names(place))

    def add(self, place: int, chunk: Chunk, decided: Any) -> None:
        """Hand over a chunk of the part at a place; a chunk without columns was written before."""
        if self._failed:
            raise self._failed
        if place != self._place and is_folder(self._target):
            self._row = 1
        self._place = place
        first, self._row = self._row, self._row + chunk.rows
        if not chunk.columns:
            self._written |= self._names(place)
            return
        reasons = self._results.reasons(decided, first) if self._plan.reasons else None
        columns = {**_cells_out(self._plan, chunk), **self._results.columns(decided)}
        if self._target.suffix.lower() == ".xlsx":
            columns[IN_WORDS] = self._results.words(decided)
        self._queue.put((place, columns, reasons))

    def finish(self, found: Tally) -> None:
        """Write what is left, and give every file its name."""
        self._found = found
        self._queue.put(None)
        self._thread.join()
        if self._failed:
            raise self._failed
        with writing(self._target):
            for which, wanted in self._wanted.items():
                if is_folder(wanted):
                    self._give_folder(which, wanted)
                else:
                    self._work.output(which, wanted.suffix.lower()).replace(wanted)

    def _give_folder(self, which: str, wanted: Path) -> None:
        """All parts at once, where no folder of that name waits for them."""
        ready = self._work.empty(which)
        for part, final in self._written.items():
            if final.parent == wanted:
                part.replace(ready / final.name)
        if wanted.exists():
            for part in sorted(ready.iterdir()):
                shutil.move(part, wanted / part.name)
        else:
            ready.replace(wanted)

    def abandon(self) -> None:
        """Stop writing. Whole parts of a folder stay among the kept work; no half file does."""
        self._failed = self._failed or KeyboardInterrupt()
        while self._thread.is_alive():
            if not self._queue.full():
                self._queue.put(None)
            self._thread.join(0.05)

    def _names(self, place: int) -> dict[Path, Path]:
        """Where the rows and the reasons of a part are written, with the names that they get in the end."""
        if not is_folder(self._target):
            return {self._work.output(which, final.suffix.lower()): final for which, final in self._wanted.items()}
        part = self._plan.source.parts[place]
        name = f"{place:05d}-{Path(part.name).stem}.parquet"
        return {self._work.output(which, ".parquet", part): final / name for which, final in self._wanted.items()}

    def _run(self) -> None:
        sinks: dict[Path, Sink] = {}
        open_place = -1
        while (item := self._queue.get()) is not None:
            if self._failed:
                continue
            place, columns, reasons = item
            try:
                with writing(self._target):
                    if place != open_place and (open_place < 0 or is_folder(self._target)):
                        self._close(sinks)
                        sinks = self._open(place)
                    open_place = place
                    for (path, sink), rows in zip(sinks.items(), (columns, reasons), strict=False):
                        try:
                            sink.write(rows or {})
                        except BadInput as error:
                            raise error.at(str(self._written[path])) from None
            except BaseException as error:  # handed to the thread that decides
                self._failed = error
        try:
            with writing(self._target):
                self._close(sinks)
        except BaseException as error:  # as above
            self._failed = self._failed or error

    def _open(self, place: int) -> dict[Path, Sink]:
        self._written |= self._names(place)
        types = (self._plan.source.types(self._plan.source.parts[place]), {})
        return {
            path: sink_for(_half(path), own, "outcome", COLOURS)
            for path, own in zip(self._names(place), types, strict=False)
        }

    def _close(self, sinks: dict[Path, Sink]) -> None:
        """Close files; only whole ones get the name under which a later run finds them."""
        try:
            for sink in sinks.values():
                if isinstance(sink, ExcelSink):
                    if self._failed:
                        continue  # to end a workbook takes long, and nobody will read it
                    if self._found:
                        sink.add_sheet("reasons in words", *_in_words(self._found))
                sink.close()
            if not self._failed:
                for path in sinks:
                    _half(path).replace(path)
        finally:
            for path in sinks:
                _half(path).unlink(missing_ok=True)


def _half(path: Path) -> Path:
    return path.with_name(f"half-{path.name}")


def _in_words(found: Tally) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """The rules behind the answers, for a sheet."""
    header = ("rule", "rows", "instrument", "paragraph", "what it says", "规定", "source", "grade")
    rows = [
        (r.rule, f"{count:,}", r.instrument, r.paragraph, r.says, r.zh, r.source, r.grade) for r, count in found.rules
    ]
    return header, rows
