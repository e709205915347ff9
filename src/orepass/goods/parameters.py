"""The table of facts that rules and limits may ask for: type, unit, names, and what is assumed when nobody says."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from orepass.errors import BadInput
from orepass.factfiles import FACTS, read_records, read_yaml
from orepass.goods.elements import ELEMENTS


class Interval(NamedTuple):
    """A number known only between two bounds; an open bound is not reached."""

    low: float
    high: float
    low_open: bool = False
    high_open: bool = False

    def __str__(self) -> str:
        if self.high == math.inf:
            return f"{'>' if self.low_open else '>='} {self.low:g}"
        if self.low == -math.inf:
            return f"{'<' if self.high_open else '<='} {self.high:g}"
        return f"{self.low:g} to {self.high:g}"


Value = float | str | bool | Interval | frozenset[str]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One fact: its name carries the unit."""

    name: str
    type: str
    of: str
    unit: str
    en: str
    zh: str
    values: tuple[str, ...]
    zh_values: tuple[str, ...]
    words: tuple[str, ...]
    zwords: tuple[str, ...]
    of_form: tuple[str, ...]
    of_article: tuple[str, ...]
    why: str
    if_absent: Any
    assumable: bool
    same_as_when_absent: str
    bare: bool


class Form(NamedTuple):
    """A form or a shape, with what papers call it."""

    id: str
    en: tuple[str, ...]
    zh: tuple[str, ...]
    wider: str
    shape: str


class Unit(NamedTuple):
    """A unit as papers write it, and its factor to another."""

    unit: str
    factor: float
    of: str
    write: tuple[str, ...]


class Reading(NamedTuple):
    """Conventions by which descriptions are read where papers leave things unsaid."""

    purity_from_pct: float
    foreign_share_pct: float
    densest_g_cm3: float
    nearly_all_pct: float
    sieves: dict[int, float]
    named_after_contents: tuple[str, ...]
    element_groups: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    compound_classes: tuple[dict[str, str], ...]
    vague: frozenset[str]
    packed_in: tuple[str, ...]
    says_little: frozenset[str]


@cache
def reading() -> Reading:
    """The conventions of reading."""
    data = read_yaml(FACTS / "goods" / "reading.yaml")
    return Reading(
        data["purity_from_pct"],
        data["foreign_share_pct"],
        data["densest_g_cm3"],
        data["nearly_all_pct"],
        {int(mesh): float(opening) for mesh, opening in data["sieves_um"].items()},
        tuple(data["named_after_contents"]),
        tuple(((*group["en"], *group["zh"]), tuple(group["elements"])) for group in data["element_groups"]),
        tuple(data["compound_classes"]),
        frozenset(data["vague"]),
        tuple(data["packed_in"]),
        frozenset(data["says_little"]),
    )


@cache
def forms() -> dict[str, Form]:
    """The forms of goods."""
    return _forms("forms")


@cache
def shapes() -> dict[str, Form]:
    """The shapes of pieces."""
    return _forms("shapes")


def _forms(which: str) -> dict[str, Form]:
    data = read_yaml(FACTS / "goods" / "forms.yaml")[which]
    return {
        r["id"]: Form(r["id"], tuple(r.get("en", ())), tuple(r.get("zh", ())), r.get("is", ""), r.get("shape", ""))
        for r in data
    }


@cache
def parameters() -> dict[str, Parameter]:
    """Every fact by name."""
    table: dict[str, Parameter] = {}
    for r in read_records(FACTS / "goods" / "parameters.yaml"):
        values = r.get("values", ())
        if values == "forms":
            values = tuple(forms())
        elif values == "shapes":
            values = tuple(shapes())
        table[r["name"]] = Parameter(
            name=r["name"],
            type=r["type"],
            of=r["of"],
            unit=r.get("unit", ""),
            en=r["en"],
            zh=r["zh"],
            values=tuple(values),
            zh_values=tuple(r.get("zh_values", ())),
            words=tuple(r.get("words", ())),
            zwords=tuple(r.get("zwords", ())),
            of_form=tuple(r.get("of_form", ())),
            of_article=tuple(r.get("of_article", ())),
            why=r.get("why", ""),
            if_absent=r.get("if_absent"),
            assumable="if_absent" in r,
            same_as_when_absent=r.get("same_as_when_absent", ""),
            bare=r.get("bare", False),
        )
    return table


@cache
def units() -> tuple[Unit, ...]:
    """Units as papers write them."""
    return tuple(
        Unit(r["unit"], float(r["factor"]), r["of"], tuple(r["write"]))
        for r in read_records(FACTS / "goods" / "units.yaml")
    )


@cache
def factors(target: str) -> dict[str, float]:
    """Ways to write a unit, with the factor that leads to the target unit."""
    return {written: unit.factor for unit in units() if unit.of == target for written in unit.write}


def parameter_of(name: str) -> Parameter:
    """The fact of a name; the share of any element counts as one fact.

    Raises
    ------
    BadInput
        When there is no such fact.
    """
    table = parameters()
    if name in table:
        return table[name]
    head, _, element = name.partition(".")
    if head == "content_wt_pct" and element in ELEMENTS:
        return table[head]
    from difflib import get_close_matches

    near = get_close_matches(name, table, n=2, cutoff=0.6)
    raise BadInput(
        f"{name!r} is no fact that we know",
        expected="a name from facts/goods/parameters.yaml",
        remedy=f"did you mean {' or '.join(near)}" if near else "see `orepass law facts` for the list",
    )


def to_unit(number: float, written: str, target: str) -> float:
    """A number with a unit, in the unit that the fact is kept in.

    Raises
    ------
    BadInput
        When the unit does not measure the same quantity.
    """
    written = written.strip()
    known = factors(target)
    if written in known:
        return round(number * known[written], 12)
    try:
        registry = _registry()
        return round(float(registry.Quantity(number, written).to(target.replace("delta_", "")).magnitude), 12)
    except Exception:  # pint's parser fails in many ways on text that is no unit
        raise BadInput(
            f"{written!r} is not a unit for this fact", expected=f"{target} or a unit of the same quantity"
        ) from None


@cache
def _registry() -> Any:
    import pint

    return pint.UnitRegistry()  # pyright: ignore[reportUnknownVariableType]
