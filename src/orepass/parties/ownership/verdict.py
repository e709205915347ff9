"""Whether a company counts as its listed owners do: a regime's test, the answer, the path that decides it, and what would settle it.

Share and control are told apart: a share is counted (:mod:`orepass.parties.ownership.shares`), control is shown as chains of stated
control and of majority holdings, the latter named as the presumption that they are. Control changes an answer only where the regime's
test says that control counts. A listed party is a member of the set that the caller gives; names are compared as they stand.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from functools import cache
from itertools import product
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from orepass.errors import FactError
from orepass.factfiles import FACTS, read_records
from orepass.parties.ownership.decisive import Because, Path, deciding_paths, ends_taken, open_points
from orepass.parties.ownership.holdings import Answer, share_range
from orepass.parties.ownership.lookthrough import Cascade, Solver, reaches
from orepass.parties.ownership.shares import LISTED_ITSELF, NOTHING_STATED, Ownership, Share, share_found

Method = Literal["multiply", "cascade"]
HALF = Fraction(1, 2)


class Window(NamedTuple):
    """A time for which the state of a test is known, last day included; ``None`` is open or not read."""

    start: date | None
    end: date | None
    state: str
    by: str = ""
    note: str = ""


class OwnershipTest(NamedTuple):
    """A regime's test; ``None`` for method, adding or control means that its text does not say, and every reading is worked out."""

    id: str
    threshold: Fraction
    comparison: Literal[">=", ">"] = ">="
    method: Method | None = "multiply"
    aggregate: bool | None = True
    control_counts: bool | None = False
    regime: str = ""
    name: Mapping[str, str] = MappingProxyType({})
    windows: tuple[Window, ...] = ()
    source: str = ""
    grade: str = ""
    note: str = ""

    def state(self, day: date) -> str:
        """``in_force``, ``suspended``, ``repealed`` or ``unknown`` on a day; before the first window ``absent``."""
        for window in self.windows:
            if (window.start or date.min) <= day <= (window.end or date.max):
                return window.state
        starts = [window.start for window in self.windows]
        return "absent" if starts and all(start is not None and day < start for start in starts) else "unknown"

    def readings(self) -> list[tuple[Method, bool]]:
        """Every way to count that the text leaves open."""
        methods: tuple[Method, ...] = ("multiply", "cascade") if self.method is None else (self.method,)
        return list(product(methods, (True, False) if self.aggregate is None else (self.aggregate,)))


@cache
def ownership_tests() -> Mapping[str, OwnershipTest]:
    """The tests of ``facts/parties/ownership_tests.yaml`` by id."""
    path = FACTS / "parties" / "ownership_tests.yaml"
    return {record["id"]: _test(record, path.name) for record in read_records(path)}


def _test(record: Mapping[str, Any], file: str) -> OwnershipTest:
    def one_of(field: str, *values: object) -> Any:
        value = record.get(field)
        if not any(value is allowed or (isinstance(value, str) and value == allowed) for allowed in values):
            listed = ", ".join(str(allowed).lower() for allowed in values)
            raise FactError(file, str(record.get("id")), f"{field} is {value!r}; expected one of {listed}")
        return None if value == "unknown" else value

    return OwnershipTest(
        record["id"],
        share_range(record["threshold"], where=f"{file}, {record['id']}, threshold").low,
        one_of("comparison", ">=", ">"),
        one_of("method", "multiply", "cascade", "unknown"),
        one_of("aggregate", True, False, "unknown"),
        one_of("control_counts", True, False, "unknown"),
        record["regime"],
        record["name"],
        tuple(
            Window(window.get("from"), window.get("to"), window["state"], window.get("by", ""), window.get("note", ""))
            for window in record["windows"]
        ),
        record["source"],
        record["grade"],
        record.get("note", ""),
    )


class Reading(NamedTuple):
    """The share and the answer under one way to count; ``counted`` are the listed owners whose holdings were added."""

    method: Method
    aggregate: bool
    share: Share
    answer: Answer
    counted: frozenset[str]


class ControlPath(NamedTuple):
    """A chain from a listed party by stated control and, where ``presumed``, by majority holdings too."""

    names: tuple[str, ...]
    presumed: bool


class Verdict(NamedTuple):
    """Whether a test of ownership is met.

    ``interval`` holds the share under every reading (where they differ, from the least to the greatest). ``path`` are the chains of
    holdings that decide; where readings differ, those of a reading that says yes. ``because`` says what would settle an
    undetermined answer, most decisive first. ``reading`` names how it was counted, ``control`` the chains of control. ``assumed`` are
    parties of whom no owner is stated and that a *no* takes for ends of the chain.
    """

    test: OwnershipTest
    target: str
    answer: Answer
    interval: Share
    path: tuple[Path, ...]
    because: tuple[Because, ...]
    reading: str
    readings: tuple[Reading, ...]
    control: tuple[ControlPath, ...]
    assumed: tuple[str, ...]

    @property
    def only_undisclosed(self) -> bool:
        """Whether nothing but owners who are not disclosed keeps the answer open: no stated share could meet the test."""
        return self.answer == "undetermined" and {why.kind for why in self.because} == {"undisclosed"}

    def in_words(self, language: str = "en") -> str:
        """One sentence, ``en`` or ``zh``."""
        from orepass.parties.ownership.sentences import sentence

        return sentence(self, language)


def decide(graph: Ownership, listed: Iterable[str], target: str, test: OwnershipTest) -> Verdict:
    """Whether a company meets a regime's test through the parties that the regime lists.

    Parameters
    ----------
    graph
        Who holds what.
    listed
        The names of the listed parties.
    target
        The company asked about.
    test
        The regime's test; what its text leaves open is worked out under each reading.

    Returns
    -------
    Verdict
        ``yes`` when the least share under every reading meets the threshold, ``no`` when under none the greatest does, with owners who are
        not disclosed counted as listed; ``undetermined`` otherwise.
    """
    listed = frozenset(listed)
    if target in listed:
        own = Reading("multiply", True, LISTED_ITSELF, "yes", frozenset({target}))
        return Verdict(test, target, "yes", LISTED_ITSELF, (), (), "listed itself", (own,), (), ())
    solved = [_read(graph, listed, target, test, *reading) for reading in test.readings()]
    readings = tuple(reading for reading, _ in solved)
    answers = {reading.answer for reading in readings}
    differ = len(answers) > 1
    answer: Answer = "undetermined" if differ else readings[0].answer
    control = control_paths(graph, listed, target)
    because: list[Because] = []
    if differ:
        because.append(
            Because("reading", note=", ".join(f"{_counted(reading)}: {reading.answer}" for reading in readings))
        )
    if answer != "yes" and control and test.control_counts is not False:
        stated = any(not path.presumed for path in control)
        answer = "yes" if stated and test.control_counts else "undetermined"
        if answer == "undetermined":
            note = (
                "the text does not say whether control counts"
                if stated
                else "control is presumed from majority holdings"
            )
            because.append(Because("control", control[0].names[0], target, note=note))
    open_reading, solver = next(((r, s) for r, s in solved if r.answer == answer), solved[0])
    if answer == "undetermined":
        open_reading, solver = next(((r, s) for r, s in solved if r.answer == "undetermined"), (open_reading, solver))
        if open_reading.answer == "undetermined":
            because += open_points(graph, solver, target, open_reading.share, test.threshold, test.comparison)
    else:
        because = []
    shown, by = (
        next(((r, s) for r, s in solved if r.answer == "yes"), (open_reading, solver))
        if differ
        else (open_reading, solver)
    )
    path = deciding_paths(graph, by, target, shown.answer, shown.share, test.threshold, test.comparison)
    named = _counted(open_reading) if len(readings) == 1 else ("every reading" if not differ else "readings differ")
    assumed = ends_taken(graph, solver, target) if answer == "no" else ()
    return Verdict(test, target, answer, _hull(readings), path, tuple(because), named, readings, control, assumed)


def _counted(reading: Reading) -> str:
    added = "listed owners added" if reading.aggregate else "the greatest listed owner alone"
    return f"{reading.method}, {added}"


def _read(
    graph: Ownership, listed: frozenset[str], target: str, test: OwnershipTest, method: Method, aggregate: bool
) -> tuple[Reading, Solver]:
    """One reading; without adding, that of the listed owner who comes nearest to the test."""
    cascade = Cascade(test.threshold, test.comparison) if method == "cascade" else None
    place = graph.index.get(target)
    above = _above(graph, place) if place is not None else set[int]()
    present = sorted(name for name in listed if graph.index.get(name) in above)
    groups = [frozenset(present)] if aggregate or not present else [frozenset({name}) for name in present]
    found: list[tuple[Reading, Solver]] = []
    for group in groups:
        solver = Solver(graph, group, cascade)
        if place is None or graph.is_end(place):
            share = NOTHING_STATED
        else:
            solver.run([place])
            share = share_found(solver, place)
        found.append((Reading(method, aggregate, share, _answer(share, test), group), solver))
    if len(found) == 1:
        return found[0]
    by_answer = {"yes": 2, "undetermined": 1, "no": 0}
    best, solver = max(found, key=lambda one: (by_answer[one[0].answer], one[0].share.lo, one[0].share.hi))
    return best._replace(share=_greatest([reading for reading, _ in found])), solver


def _answer(share: Share, test: OwnershipTest) -> Answer:
    return share.answer(test.threshold, test.comparison)


def _above(graph: Ownership, place: int) -> set[int]:
    """All who hold something of a party, directly or through others."""
    seen, waiting = {place}, [place]
    while waiting:
        new = set(graph.columns[waiting.pop()].owners) - seen
        seen |= new
        waiting.extend(new)
    return seen


def _bound(readings: Iterable[Reading], value: str, is_open: str, least: bool) -> tuple[Fraction, bool]:
    bounds: list[tuple[Fraction, bool]] = [(getattr(r.share, value), getattr(r.share, is_open)) for r in readings]
    edge = min(bounds)[0] if least else max(bounds)[0]
    # A lower bound is reached where one reading reaches it; so is an upper one.
    return edge, all(opened for at, opened in bounds if at == edge)


def _joined(readings: list[Reading], lo: tuple[Fraction, bool]) -> Share:
    hi = _bound(readings, "hi", "hi_open", least=False)
    full = _bound(readings, "hi_if_undisclosed", "undisclosed_open", least=False)
    exact = all(reading.share.exact for reading in readings)
    return Share(lo[0], hi[0], full[0], lo[1], hi[1], full[1], exact)


def _greatest(readings: list[Reading]) -> Share:
    """The share of the greatest single owner, each bound for itself."""
    least = max(reading.share.lo for reading in readings)
    opened = any(reading.share.lo_open for reading in readings if reading.share.lo == least)
    return _joined(readings, (least, opened))


def _hull(readings: tuple[Reading, ...]) -> Share:
    found = list(readings)
    return _joined(found, _bound(found, "lo", "lo_open", least=True))


def control_paths(graph: Ownership, listed: frozenset[str], target: str) -> tuple[ControlPath, ...]:
    """The shortest chain of control from each listed party: stated control before what majority holdings presume."""
    start = graph.index.get(target)
    if start is None:
        return ()
    names = {graph.index[name] for name in listed if name in graph.index}
    found: dict[str, ControlPath] = {}
    for presuming in (False, True):
        below: dict[int, int | None] = {start: None}
        waiting = deque([start])
        while waiting:
            v = waiting.popleft()
            if v in names and v != start:
                chain: list[str] = []
                at: int | None = v
                while at is not None:
                    chain.append(graph.names[at])
                    at = below[at]
                found.setdefault(graph.names[v], ControlPath(tuple(chain), presuming))
                continue
            holders = [owner for owner, _ in graph.control.get(v, ())]
            if presuming:
                column = graph.columns[v]
                holders += [
                    u
                    for u, low in zip(column.owners, column.lows, strict=True)
                    if reaches(low, (u, v) in graph.open_lows, HALF, ">")
                ]
            for u in holders:
                if u not in below:
                    below[u] = v
                    waiting.append(u)
    return tuple(found.values())
