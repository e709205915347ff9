"""The procedure as data: kinds, moves, papers, pauses, elements, flags, bars, reasons of the gate, duties."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from orepass.errors import FactError
from orepass.factfiles import FACTS, Record, read_records
from orepass.law.model import Text

FOLDER: Path = FACTS / "licences"


@dataclass(frozen=True, slots=True)
class Basis:
    """Where a rule of procedure stands, and how well that was read. ``practice``: no text says it."""

    instrument: str
    paragraph: str
    sources: tuple[str, ...]
    grade: str


@dataclass(frozen=True, slots=True)
class Kind:
    """What a case can ask for."""

    id: str
    name: Text
    longest: int | None
    exports: str
    end_users: str
    clock: str | None
    gives: str
    registered_first: bool
    causes: tuple[str, ...]
    says: Text
    basis: Basis


@dataclass(frozen=True, slots=True)
class Move:
    """One step from state to state: who may make it, from where, and what must be so before."""

    of: str
    name: str
    origins: frozenset[str]
    target: str | None
    by: frozenset[str]
    own: bool
    needs: tuple[str, ...]
    says: Text
    basis: Basis


@dataclass(frozen=True, slots=True)
class Machine:
    """The states and moves of a case, a licence or a declaration."""

    of: str
    states: tuple[str, ...]
    ended: frozenset[str]
    starts: str
    moves: dict[str, Move]


@dataclass(frozen=True, slots=True)
class PaperKind:
    """A paper that an application of some kinds holds."""

    id: str
    kinds: frozenset[str]
    conditions: frozenset[str]
    of_end_user: bool
    start: date | None
    text: Text
    basis: Basis


@dataclass(frozen=True, slots=True)
class PauseKind:
    """A span that the clock does not count; ``by_law`` where the decree says so."""

    id: str
    name: Text
    by_law: bool
    basis: Basis


@dataclass(frozen=True, slots=True)
class FlagKind:
    """What blocks a decision until it is cleared."""

    id: str
    says: Text
    outcomes: frozenset[str]
    conditions: frozenset[str]
    likely_parties: bool
    changed: bool
    blocks: frozenset[str]
    stops: frozenset[str]
    cleared_with: tuple[str, ...]
    basis: Basis


@dataclass(frozen=True, slots=True)
class Bar:
    """Why somebody may not hold a kind of licence."""

    id: str
    kinds: frozenset[str]
    says_yes: str | None
    conditions: frozenset[str]
    says: Text
    basis: Basis


@dataclass(frozen=True, slots=True)
class GateReason:
    """Why goods are released, held or refused, and the paper that is missing."""

    id: str
    result: str
    paper: str
    says: Text
    basis: Basis


def _text(record: Record, field: str = "says") -> Text:
    both = record.get(field) or {"en": record.get("en", ""), "zh": record.get("zh", "")}
    return Text(str(both["en"]), str(both.get("zh") or ""))


def _basis(record: Record) -> Basis:
    return Basis(
        str(record.get("instrument") or ("CN-D792" if record.get("paragraph") else "")),
        str(record.get("paragraph") or ""),
        tuple(record.get("source") or ()),
        str(record.get("grade") or "practice"),
    )


def _by_id(name: str) -> dict[str, Record]:
    found: dict[str, Record] = {}
    for record in read_records(FOLDER / name):
        if record["id"] in found:
            raise FactError(name, record["id"], "stands twice")
        found[record["id"]] = record
    return found


@cache
def kinds() -> dict[str, Kind]:
    """Every kind of case."""
    return {
        key: Kind(
            key,
            _text(record, "name"),
            record["longest"],
            record["exports"],
            record["end_users"],
            record["clock"],
            record["gives"],
            bool(record.get("registered_first")),
            tuple(record.get("causes") or ()),
            _text(record),
            _basis(record),
        )
        for key, record in _by_id("kinds.yaml").items()
    }


@cache
def machines() -> dict[str, Machine]:
    """The table of states and moves."""
    found: dict[str, Machine] = {}
    for record in read_records(FOLDER / "moves.yaml"):
        of, states = record["of"], tuple(record["states"])
        moves: dict[str, Move] = {}
        for row in record["moves"]:
            target = row["to"]
            unknown = (set(row["from"]) | ({target} - {"same", "judged"})) - set(states)
            if unknown:
                raise FactError("moves.yaml", f"{of} {row['move']}", f"no states of it: {', '.join(sorted(unknown))}")
            moves[row["move"]] = Move(
                of,
                row["move"],
                frozenset(row["from"]),
                None if target in {"same", "judged"} else target,
                frozenset(row["by"]),
                bool(row.get("own")),
                tuple(row["needs"]),
                _text(row),
                _basis(row),
            )
        found[of] = Machine(of, states, frozenset(record["ended"]), record["starts"], moves)
    return found


@cache
def paper_kinds() -> dict[str, PaperKind]:
    """Every paper that can be asked for."""
    return {
        key: PaperKind(
            key,
            frozenset(record["kinds"]),
            frozenset(record.get("conditions") or ()),
            record.get("of") == "end_user",
            record.get("from"),
            _text(record),
            _basis(record),
        )
        for key, record in _by_id("papers.yaml").items()
    }


@cache
def pause_kinds() -> dict[str, PauseKind]:
    """Every span that a clock does not count."""
    return {
        key: PauseKind(key, _text(record, "name"), record["by_law"], _basis(record))
        for key, record in _by_id("pauses.yaml").items()
    }


@cache
def elements() -> dict[str, bool]:
    """Each element of a licence, and whether it is a key one."""
    return {key: bool(record["key"]) for key, record in _by_id("elements.yaml").items()}


@cache
def flag_kinds() -> dict[str, FlagKind]:
    """Every flag."""
    return {
        key: FlagKind(
            key,
            _text(record),
            frozenset(record["raised_by"].get("outcomes") or ()),
            frozenset(record["raised_by"].get("conditions") or ()),
            bool(record["raised_by"].get("likely_parties")),
            bool(record["raised_by"].get("changed")),
            frozenset(record["blocks"]),
            frozenset(record.get("stops") or ()),
            tuple(record.get("cleared_with") or ()),
            _basis(record),
        )
        for key, record in _by_id("flags.yaml").items()
    }


@cache
def bars() -> dict[str, Bar]:
    """Who may not hold what."""
    return {
        key: Bar(
            key,
            frozenset(record["kinds"]),
            record.get("says_yes"),
            frozenset(record.get("conditions") or ()),
            _text(record),
            _basis(record),
        )
        for key, record in _by_id("bars.yaml").items()
    }


@cache
def gate_reasons() -> dict[str, GateReason]:
    """Every reason of the gate."""
    return {
        key: GateReason(key, record["result"], record.get("paper", ""), _text(record), _basis(record))
        for key, record in _by_id("clearance.yaml").items()
    }


@cache
def duty(name: str) -> Record:
    """A figure of the procedure, such as how long papers are kept."""
    return _by_id("duties.yaml")[name]


@cache
def _zone() -> ZoneInfo:
    return ZoneInfo(duty("time_zone")["name"])


def china_day(at: datetime) -> date:
    """The day of the law on which an instant falls."""
    return at.astimezone(_zone()).date()
