"""What is known of one goods line: facts given and facts read from the description, with what the name of the goods carries."""

from __future__ import annotations

from typing import Any, NamedTuple

from orepass.goods.describe import describe
from orepass.goods.description import PRESENT, Description
from orepass.goods.kinds import Kind, Relation, kinds
from orepass.goods.parameters import Interval, Value, forms, reading

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
        if any(conflict.fact == "substance" for conflict in described.conflicts) and "substance" not in given:
            facts.pop("substance", None)  # the text speaks against itself: which goods they are has to be asked
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
    by_id = kinds().by_id
    article = facts.get("article")
    if article is not None and by_id[article].gives:
        _carry(facts, by_id[article])
    substance = facts.get("substance")
    stated = by_id[substance] if substance is not None else None
    if stated is not None and stated.gives:
        _carry(facts, stated)
    if stated is not None and stated.element:
        _element(facts, stated.element)
    if facts.get("shape") == "cylinder" and "inner_diameter_mm" in facts:
        facts["shape"] = "hollow-cylinder"
    form = facts.get("form")
    if form is not None and form.__class__ is str:
        _form(facts, form)
    _composition(facts, stated, by_id[article] if article is not None else None)


def _carry(facts: dict[str, Any], kind: Kind) -> None:
    """What the name itself carries, where nothing else was said."""
    for fact, value in kind.gives.items():
        facts.setdefault(fact, value)


def _form(facts: dict[str, Any], form: str) -> None:
    """A target is an article, a powder consists of particles, a block is a block."""
    if "article" not in facts:
        if form == "target":
            facts["article"] = "sputtering-target"
        elif form in {"crystal", "single-crystal"}:
            facts["article"] = "crystal-material"
    if "shape" not in facts:
        shape = "particles" if form in {"powder", "micropowder", "granule"} else forms()[form].shape
        if shape:
            facts["shape"] = shape


def _composition(facts: dict[str, Any], substance: Kind | None, article: Kind | None) -> None:
    """Elements that the name holds are present; others are assumed absent where the name tells the composition."""
    for kind in (substance, article):
        if kind is not None:
            for element in kind.holds:
                facts.setdefault(f"content_wt_pct.{element}", PRESENT)
    if substance is not None and substance.composition == "named":
        facts[NAMED_ELEMENTS] = substance.holds
        if substance.may_hold:
            facts[MAY_HOLD] = substance.may_hold
        return
    shares = [value for name, value in facts.items() if name.startswith("content_wt_pct.")]
    if shares and sum(value for value in shares if value.__class__ is float) >= reading().nearly_all_pct:
        facts[NAMED_ELEMENTS] = frozenset[str]()


def _element(facts: dict[str, Any], element: str) -> None:
    """For a metal, purity and the share of its own element say the same."""
    share = f"content_wt_pct.{element}"
    if "purity_pct" in facts:
        facts.setdefault(share, facts["purity_pct"])
    elif share in facts:
        facts["purity_pct"] = facts[share]
