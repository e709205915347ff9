"""A table of any size into a file or a folder: decided chunk by chunk, written by a thread of its own, all or nothing."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

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
from orepass.determination.results import COLOURS, Results
from orepass.determination.tally import Tally, tally
from orepass.determination.work import Work
from orepass.law.timeline import Law
from orepass.tables.chunks import Chunk, ahead
from orepass.tables.sinks import CsvSink, ExcelSink, ParquetSink, Sink, writing


class Progress(NamedTuple):
    """How far a run is: rows done, rows in all, seconds since it began."""

    rows: int
    total: int
    seconds: float


def decided_chunks(plan: Plan, decisions: Decisions, work: Work | None) -> Iterator[tuple[int, Chunk, Any]]:
    """Every chunk of a table with the place of its part and the numbers of its rows' decisions.

    Of a part whose output a stopped run has finished, the chunks come without columns.
    """
    kernel = Kernel(decisions, plan.on)
    for place, part in enumerate(plan.source.parts):
        if work and work.part(place).exists():
            for decided in work.numbers_of(place):
                yield place, Chunk({}, len(decided)), decided
            continue
        for within, chunk in enumerate(ahead(plan.source.chunks(part, plan.chunk_rows))):
            decided = work.numbers(place, within) if work else None
            if decided is None or len(decided) != chunk.rows:
                decided = kernel.decide(plan.read(chunk), chunk.rows)
                if work:
                    work.keep(place, within, decided, decisions)
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
    work = Work(target, plan.described() | {"law": law.version}, resume=resume)
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
        for place, chunk, decided in decided_chunks(plan, decisions, work):
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
    """The columns of a chunk as they go out; columns that its part does not have are left out."""
    own = {name: chunk.columns[name] for name in plan.source.columns if name in chunk.columns}
    return {"date": [plan.on] * chunk.rows, **own} if plan.adds_day else own


class _Output:
    """Writes chunks in a thread of its own, while the next one is decided."""

    def __init__(self, plan: Plan, target: Path, work: Work, results: Results) -> None:
        self._plan, self._target, self._work, self._results = plan, target, work, results
        self._queue: Queue[tuple[int, dict[str, Any], dict[str, Any] | None] | None] = Queue(1)
        self._failed: BaseException | None = None
        self._found: Tally | None = None
        self._row = 1
        self._place = 0
        self._written: dict[Path, Path] = {}
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def add(self, place: int, chunk: Chunk, decided: Any) -> None:
        """Hand over a chunk of the part at a place; a chunk without columns was written before."""
        if self._failed:
            raise self._failed
        if place != self._place and is_folder(self._target):
            self._row = 1
        self._place = place
        first, self._row = self._row, self._row + chunk.rows
        if not chunk.columns:
            self._name(place)
            return
        reasons = self._results.reasons(decided, first) if self._plan.reasons else None
        self._queue.put((place, {**columns_out(self._plan, chunk), **self._results.columns(decided)}, reasons))

    def finish(self, found: Tally) -> None:
        """Write what is left, and give every file its name."""
        self._found = found
        self._queue.put(None)
        self._thread.join()
        if self._failed:
            raise self._failed
        with writing(self._target):
            for part, final in self._written.items():
                final.parent.mkdir(exist_ok=True)
                part.replace(final)

    def abandon(self) -> None:
        """Stop writing. Whole parts of a folder stay among the kept work; no half file does."""
        self._failed = self._failed or KeyboardInterrupt()
        while self._thread.is_alive():
            if not self._queue.full():
                self._queue.put(None)
            self._thread.join(0.05)

    def _name(self, place: int) -> dict[str, Path]:
        """Where the rows and the reasons of a part are written, noted with the names that they get in the end."""
        folder = is_folder(self._target)
        part = self._plan.source.parts[place]
        wanted = {"rows": self._target} | ({"reasons": self._plan.reasons} if self._plan.reasons else {})
        found: dict[str, Path] = {}
        for which, final in wanted.items():
            if folder:
                final = final / f"{place:05d}-{Path(part.name).stem}.parquet"
            found[which] = self._work.part(place if folder else 0, which, final.suffix.lower())
            self._written[found[which]] = final
        return found

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
                    for sink, rows in zip(sinks.values(), (columns, reasons), strict=False):
                        if rows is not None:
                            sink.write(rows)
            except BaseException as error:  # handed to the thread that decides
                self._failed = error
        try:
            with writing(self._target):
                self._close(sinks)
        except BaseException as error:  # as above
            self._failed = self._failed or error

    def _open(self, place: int) -> dict[Path, Sink]:
        types = self._plan.source.types(self._plan.source.parts[place])
        return {path: _sink_for(_half(path), types) for path in self._name(place).values()}

    def _close(self, sinks: dict[Path, Sink]) -> None:
        """Close files; only whole ones get the name under which a later run finds them."""
        for path, sink in sinks.items():
            if isinstance(sink, ExcelSink) and self._found is not None:
                sink.add_sheet("reasons in words", *_in_words(self._found))
            sink.close()
            if self._failed:
                _half(path).unlink(missing_ok=True)
            else:
                _half(path).replace(path)


def _half(path: Path) -> Path:
    return path.with_name(f"half-{path.name}")


def _sink_for(path: Path, types: Mapping[str, Any]) -> Sink:
    match path.suffix:
        case ".csv":
            return CsvSink(path)
        case ".xlsx":
            return ExcelSink(path, "outcome", COLOURS)
        case _:
            return ParquetSink(path, types)


def _in_words(found: Tally) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """The rules behind the answers, for a sheet."""
    header = ("rule", "rows", "instrument", "paragraph", "what it says", "规定", "source", "grade")
    rows = [
        (r.rule, f"{count:,}", r.instrument, r.paragraph, r.says, r.zh, r.source, r.grade) for r, count in found.rules
    ]
    return header, rows
