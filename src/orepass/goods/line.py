"""What is known of one goods line: facts given and facts read from the description, with what the name of the goods carries."""

from __future__ import annotations

from typing import Any, NamedTuple

from orepass.goods.describe import PRESENT, Description, describe
from orepass.goods.kinds import Relation, kinds
from orepass.goods.parameters import Interval, Value, forms

NAMED_ELEMENTS = "elements named"
"""Key under which a line keeps the elements that its name lists; others are assumed absent."""
MAY_HOLD = "elements often unsaid"
"""Key under which a line keeps the elements that its name leaves open."""

HIDDEN = frozenset({NAMED_ELEMENTS, MAY_HOLD})


class Known(NamedTuple):
    """Everything known of a line.

    ``facts`` is what limits are tested on; ``given`` came from the sender, ``read`` from the description, the rest follows from names.
    """

    facts: dict[str, Any]
    read: dict[str, Value]
    description: Description | None
    kind: str
    kind_assumed: bool
    conflicts: tuple[str, ...]


def know(description: str, given: dict[str, Value], kind: str | None) -> Known:
    """Put together what is known of a line. What was given stands before what was read."""
    facts: dict[str, Any] = dict(given)
    read: dict[str, Value] = {}
    described: Description | None = None
    conflicts: list[str] = []
    if description:
        described = describe(description)
        read = described.facts
        for name, value in read.items():
            if name not in facts:
                facts[name] = value
            elif facts[name] != value and not _agree(facts[name], value, name):
                conflicts.append(name)
    follow(facts)
    line_kind = kind or (described.kind if described else None) or ("technology" if "technology" in facts else None)
    return Known(facts, read, described, line_kind or "goods", line_kind is None, tuple(conflicts))


def _agree(given: Any, read: Any, name: str) -> bool:
    if name in {"substance", "article", "technology"}:
        return kinds().relation(given, read) is Relation.IS
    if isinstance(read, Interval) and isinstance(given, float | int):
        return read.low <= given <= read.high
    return False


def follow(facts: dict[str, Any]) -> None:
    """Add what follows from the name of the goods."""
    net = kinds()
    holds: set[str] = set()
    may_hold: set[str] = set()
    named = False
    for key in ("article", "substance"):
        stated = facts.get(key)
        if stated is None:
            continue
        kind = net.by_id[stated]
        for fact, value in kind.gives.items():
            if fact not in facts:
                facts[fact] = value
        holds |= kind.holds
        may_hold |= kind.may_hold
        if key == "substance":
            named = kind.composition == "named"
            if kind.element:
                _element(facts, kind.element)
    form = facts.get("form")
    if form.__class__ is str:
        if form == "target" and "article" not in facts:
            facts["article"] = "sputtering-target"
        elif form in {"crystal", "single-crystal"} and "article" not in facts:
            facts["article"] = "crystal-material"
        elif form in {"powder", "micropowder", "granule"}:
            facts.setdefault("shape", "particles")
        elif "shape" not in facts and forms()[form].shape:
            facts["shape"] = forms()[form].shape
    for element in holds:
        facts.setdefault(f"content_wt_pct.{element}", PRESENT)
    if named or not may_hold.isdisjoint(holds):
        given = {name[15:] for name in facts if name.startswith("content_wt_pct.")}
        facts[NAMED_ELEMENTS] = frozenset(holds | given)
        if may_hold:
            facts[MAY_HOLD] = frozenset(may_hold - given)
    elif "substance" not in facts or net.by_id[facts["substance"]].composition == "open":
        shares = [value for name, value in facts.items() if name.startswith("content_wt_pct.")]
        total = sum(value for value in shares if value.__class__ is float)
        if total >= 90.0:
            facts[NAMED_ELEMENTS] = frozenset(name[15:] for name in facts if name.startswith("content_wt_pct."))


def _element(facts: dict[str, Any], element: str) -> None:
    """For a metal, purity and the share of its own element say the same."""
    share = f"content_wt_pct.{element}"
    if "purity_pct" in facts:
        facts.setdefault(share, facts["purity_pct"])
    elif share in facts:
        facts["purity_pct"] = facts[share]
