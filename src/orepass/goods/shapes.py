"""Shapes that can be cut out of a piece by turning, milling, planing or grinding: cuts run along the axes of the piece.

An entry such as 1C117.c asks not what a piece is but what can be machined from it. A piece is a block, a solid cylinder or a tube with
its sizes in millimetres; a size that is not known makes the answer unknown unless the known ones already settle it. For the sizes that
the list names, tilted cuts gain nothing over axis-parallel ones (``docs/adr/0006-cutting-shapes.md``).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import permutations
from typing import Literal, NamedTuple

from orepass.goods.parameters import Interval, Value

Cut = Literal["cylinder", "tube", "block"]
SHAPES_AS_BLOCK = frozenset({"block", "plate", "bar"})
SHAPES_AS_TUBE = frozenset({"tube", "hollow-cylinder"})
WITHOUT_CUT = frozenset({"particles"})
FORMS_WITHOUT_CUT = frozenset({"powder", "granule", "micropowder", "solution", "gas", "wire", "foil"})


class Block(NamedTuple):
    """A rectangular body; sizes in mm, sorted upwards."""

    a: float
    b: float
    c: float


class Cylinder(NamedTuple):
    """A solid cylinder; mm."""

    diameter: float
    length: float


class Tube(NamedTuple):
    """A hollow cylinder; mm."""

    outer: float
    inner: float
    length: float


Body = Block | Cylinder | Tube


def box_fits(body: Body, x: float, y: float, z: float) -> bool:
    """Whether a rectangular body of these sizes lies inside the piece."""
    match body:
        case Block():
            return all(have >= want for have, want in zip(sorted(body), sorted((x, y, z)), strict=True))
        case Cylinder(diameter, length):
            return any(p <= length and math.hypot(q, r) <= diameter for p, q, r in permutations((x, y, z)))
        case Tube(outer, inner, length):
            return any(p <= length and _in_wall(outer, inner, q, r) for p, q, r in permutations((x, y, z)))


def _in_wall(outer: float, inner: float, chord: float, depth: float) -> bool:
    if chord >= outer:
        return False
    return math.sqrt((outer / 2) ** 2 - (chord / 2) ** 2) - inner / 2 >= depth


def cylinder_fits(body: Body, diameter: float, length: float) -> bool:
    """Whether a solid cylinder of at least these sizes lies inside the piece."""
    if isinstance(body, Cylinder) and body.diameter >= diameter and body.length >= length:
        return True
    return box_fits(body, diameter, diameter, length)


def tube_fits(body: Body, bore: float, wall: float, length: float) -> bool:
    """Whether a tube with at least this bore, wall and length can be machined: boring is cutting, so a solid body serves."""
    if isinstance(body, Tube) and body.length >= length and (body.outer - max(body.inner, bore)) / 2 >= wall:
        return True
    return cylinder_fits(body, bore + 2 * wall, length)


def fits(body: Body, cut: Cut, sizes: tuple[float, ...]) -> bool:
    """Whether the named shape can be cut out of the piece."""
    match cut:
        case "cylinder":
            return cylinder_fits(body, sizes[0], sizes[1])
        case "tube":
            return tube_fits(body, sizes[0], sizes[1], sizes[2])
        case "block":
            return box_fits(body, sizes[0], sizes[1], sizes[2])


def sizes_asked(facts: Mapping[str, Value]) -> tuple[str, ...]:
    """The sizes that would have to be known to say what can be cut, for the shape that is known."""
    shape = facts.get("shape")
    if shape in SHAPES_AS_BLOCK:
        wanted = ("length_mm", "width_mm", "thickness_mm")
    elif shape == "cylinder":
        wanted = ("diameter_mm", "length_mm")
    elif shape in SHAPES_AS_TUBE:
        wanted = ("outer_diameter_mm", "inner_diameter_mm", "length_mm")
    else:
        return ("shape",)
    return tuple(name for name in wanted if name not in facts)


def can_cut(facts: Mapping[str, Value], cut: Cut, sizes: tuple[float, ...]) -> int:
    """0 no, 1 not known, 3 yes: can the shape be cut from the piece that the facts describe."""
    shape = facts.get("shape")
    if shape in WITHOUT_CUT or facts.get("form") in FORMS_WITHOUT_CUT:
        return 0
    bodies = list(_bodies(facts, shape))
    if not bodies:
        return 1
    answers = {fits(body, cut, sizes) for body in bodies}
    if answers == {True}:
        return 3
    return 0 if answers == {False} else 1


def _range(facts: Mapping[str, Value], name: str) -> tuple[float, float]:
    value = facts.get(name)
    match value:
        case None:
            return (0.0, math.inf)
        case Interval():
            return (value.low, value.high)
        case bool() | str() | frozenset():
            return (0.0, math.inf)
        case _:
            return (value, value)


def _bodies(facts: Mapping[str, Value], shape: Value | None) -> Iterator[Body]:
    """The smallest and the largest piece that the facts allow; none when the shape itself is not known."""
    if shape in SHAPES_AS_BLOCK or (shape is None and {"length_mm", "width_mm", "thickness_mm"} <= facts.keys()):
        ranges = [_range(facts, name) for name in ("length_mm", "width_mm", "thickness_mm")]
        for end in (0, 1):
            yield Block(*sorted(pair[end] for pair in ranges))
    elif shape == "cylinder" or (shape is None and {"diameter_mm", "length_mm"} <= facts.keys()):
        diameter = _range(facts, "diameter_mm" if "diameter_mm" in facts else "outer_diameter_mm")
        length = _range(facts, "length_mm" if "length_mm" in facts else "thickness_mm")
        for end in (0, 1):
            yield Cylinder(diameter[end], length[end])
    elif shape in SHAPES_AS_TUBE:
        outer = _range(facts, "outer_diameter_mm" if "outer_diameter_mm" in facts else "diameter_mm")
        inner, length = _range(facts, "inner_diameter_mm"), _range(facts, "length_mm")
        if "inner_diameter_mm" not in facts and "wall_mm" in facts:
            wall = _range(facts, "wall_mm")
            inner = (max(0.0, outer[0] - 2 * wall[1]), max(0.0, outer[1] - 2 * wall[0]))
        elif "outer_diameter_mm" not in facts and "diameter_mm" not in facts and "wall_mm" in facts:
            wall = _range(facts, "wall_mm")
            outer = (inner[0] + 2 * wall[0], inner[1] + 2 * wall[1])
        yield Tube(outer[0], inner[1] if inner[1] != math.inf else outer[0], length[0])
        yield Tube(outer[1], inner[0], length[1])
