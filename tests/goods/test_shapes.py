"""What can be cut out of a piece."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from orepass.goods.shapes import Block, Cylinder, Tube, can_cut, cylinder_fits, fits, tube_fits

BLOCK: dict[str, Any] = {"shape": "block", "length_mm": 150.0, "width_mm": 150.0, "thickness_mm": 60.0}


def test_a_cylinder_needs_two_sizes_of_its_diameter_and_one_of_its_length() -> None:
    assert can_cut(BLOCK, "cylinder", (120, 50)) == 3
    assert can_cut(BLOCK | {"thickness_mm": 49.0}, "cylinder", (120, 50)) == 0
    assert can_cut(BLOCK | {"thickness_mm": 50.0}, "cylinder", (120, 50)) == 3


def test_a_size_that_is_not_known_leaves_it_open_unless_another_settles_it() -> None:
    partial = {"shape": "block", "length_mm": 150.0, "width_mm": 150.0}
    assert can_cut(partial, "cylinder", (120, 50)) == 1
    assert can_cut({"shape": "block", "length_mm": 40.0, "width_mm": 40.0}, "cylinder", (120, 50)) == 0


def test_nothing_is_cut_from_powder() -> None:
    assert can_cut({"form": "powder"}, "block", (1, 1, 1)) == 0


def test_the_shape_itself_may_be_missing() -> None:
    assert can_cut({}, "cylinder", (120, 50)) == 1


def test_a_tube_can_be_bored_from_a_solid_cylinder() -> None:
    assert tube_fits(Cylinder(115, 50), 65, 25, 50)
    assert not tube_fits(Cylinder(114.9, 50), 65, 25, 50)


def test_a_tube_is_bored_wider_but_never_narrower() -> None:
    assert tube_fits(Tube(200, 60, 50), 65, 25, 50)
    assert not tube_fits(Tube(115, 70, 50), 65, 25, 50)
    assert not cylinder_fits(Tube(200, 100, 500), 120, 50)


def test_a_block_lies_across_a_cylinder() -> None:
    assert fits(Cylinder(170, 50), "block", (120, 120, 50))
    assert not fits(Cylinder(169, 50), "block", (120, 120, 50))
    assert fits(Cylinder(131, 120), "block", (120, 120, 50))


def test_a_piece_can_be_cut_from_a_thick_wall() -> None:
    assert cylinder_fits(Tube(1000, 500, 300), 120, 50)


sizes = st.floats(1, 400)


@given(sizes, sizes, sizes, sizes, sizes, sizes, st.sampled_from(["cylinder", "tube", "block"]))
def test_a_larger_piece_gives_at_least_what_a_smaller_gives(
    a: float, b: float, c: float, da: float, db: float, dc: float, cut: Any
) -> None:
    wanted = {"cylinder": (120.0, 50.0), "tube": (65.0, 25.0, 50.0), "block": (120.0, 120.0, 50.0)}[cut]
    if fits(Block(*sorted((a, b, c))), cut, wanted):
        assert fits(Block(*sorted((a + da, b + db, c + dc))), cut, wanted)
