"""Tags of alloys and mixtures -> shares by weight."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orepass.goods.alloys import Share, Tag, by_weight, find_heavy, find_tags, from_atoms, says_atoms
from orepass.goods.elements import ELEMENTS, weights
from orepass.goods.parameters import Interval


def only(text: str) -> Tag:
    tags = find_tags(text)
    assert len(tags) == 1, tags
    return tags[0]


def bounds(share: Share) -> tuple[float, float]:
    return (share.low, share.high) if isinstance(share, Interval) else (share, share)


@pytest.mark.parametrize(
    ("text", "shares"),
    [
        ("Sn42Bi58", {"Sn": 42.0, "Bi": 58.0}),
        ("Sn63/Pb37", {"Sn": 63.0, "Pb": 37.0}),
        ("Sn96.5Ag3Cu0.5", {"Sn": 96.5, "Ag": 3.0, "Cu": 0.5}),
        ("W90Ni7Fe3", {"W": 90.0, "Ni": 7.0, "Fe": 3.0}),
        ("W-4Ni-3Fe", {"W": 93.0, "Ni": 4.0, "Fe": 3.0}),
        ("93W-4.9Ni-2.1Fe", {"W": 93.0, "Ni": 4.9, "Fe": 2.1}),
        ("Ti-6Al-4V", {"Ti": 90.0, "Al": 6.0, "V": 4.0}),
        ("Sn-3.0Ag-0.5Cu", {"Sn": 96.5, "Ag": 3.0, "Cu": 0.5}),
        ("WCu75/25", {"W": 75.0, "Cu": 25.0}),
        ("WRe95/5", {"W": 95.0, "Re": 5.0}),
        ("W/Cu 80/20", {"W": 80.0, "Cu": 20.0}),
        ("WCu80", {"W": 20.0, "Cu": 80.0}),
        ("Gd12 Mg70 Ni6 Nd4 Zn3", {"Gd": 12.0, "Mg": 70.0, "Ni": 6.0, "Nd": 4.0, "Zn": 3.0}),
        # WC is 183.84 / 195.851 = 93.867 % W and 6.133 % C.
        ("WC-10Co", {"W": 84.48, "C": 5.52, "Co": 10.0}),
        ("WC-Co 94/6", {"W": 88.24, "C": 5.76, "Co": 6.0}),
        # AlN 26.982 / 40.989 = 65.827 % Al; ScN 44.956 / 58.963 = 76.244 % Sc.
        ("AlN60/ScN40", {"Al": 39.50, "Sc": 30.50, "N": 30.01}),
        # In2O3 229.636 / 277.633 = 82.712 % In; SnO2 118.710 / 150.708 = 78.768 % Sn.
        ("In2O3/SnO2 90:10", {"In": 74.44, "Sn": 7.88, "O": 17.68}),
        ("In2O3:SnO2 = 90:10", {"In": 74.44, "Sn": 7.88, "O": 17.68}),
        ("In2O3/SnO2 (90/10)", {"In": 74.44, "Sn": 7.88, "O": 17.68}),
        ("In2O3 90/SnO2 10", {"In": 74.44, "Sn": 7.88, "O": 17.68}),
    ],
)
def test_a_tag_tells_shares_by_weight(text: str, shares: dict[str, float]) -> None:
    tag = only(f"lot 7, {text}, ingots")
    assert tag.shares == pytest.approx(shares, abs=0.01)
    assert tag.whole
    assert not tag.named
    assert text.startswith(f"lot 7, {text}, ingots"[tag.start : tag.end].rstrip(" )"))


def test_a_small_number_could_count_atoms() -> None:
    # By weight Sn 88, Sb 8, Cu 4; by atoms Sn 118.710, Sb 8 x 121.760 = 974.080, Cu 4 x 63.546 = 254.184 of 1346.974.
    tag = only("SnSb8Cu4")
    assert bounds(tag.shares["Sn"]) == pytest.approx((8.81, 88.0), abs=0.01)
    assert bounds(tag.shares["Sb"]) == pytest.approx((8.0, 72.32), abs=0.01)
    assert bounds(tag.shares["Cu"]) == pytest.approx((4.0, 18.87), abs=0.01)
    assert not tag.sure


def test_a_tag_with_boron_has_two_readings() -> None:
    # By atoms Nd 15 x 144.242 = 2163.63, Fe 77 x 55.845 = 4300.07, B 8 x 10.81 = 86.48 of 6550.18.
    tag = only("Nd15Fe77B8 magnet")
    assert bounds(tag.shares["Nd"]) == pytest.approx((15.0, 33.03), abs=0.01)
    assert bounds(tag.shares["Fe"]) == pytest.approx((65.65, 77.0), abs=0.01)
    assert bounds(tag.shares["B"]) == pytest.approx((1.32, 8.0), abs=0.01)


def test_atom_per_cent_that_are_said_are_made_shares_by_weight() -> None:
    # Sn 42 x 118.710 = 4985.82, Bi 58 x 208.980 = 12120.86
    assert only("Sn42Bi58 (at%)").shares == pytest.approx({"Sn": 29.15, "Bi": 70.85}, abs=0.01)
    # W 90 x 183.84 = 16545.6, Cu 10 x 63.546 = 635.46
    assert only("W-10Cu at.%").shares == pytest.approx({"W": 96.30, "Cu": 3.70}, abs=0.01)


@pytest.mark.parametrize("text", ["Nd15Fe77B8 at%", "Nd15Fe77B8, atomic %"])
def test_atom_per_cent_that_are_said_leave_one_reading(text: str) -> None:
    assert only(text).shares == pytest.approx({"Nd": 33.03, "Fe": 65.65, "B": 1.32}, abs=0.01)


@pytest.mark.parametrize(
    ("text", "symbol", "low", "high"),
    [
        # 60 mol AlN and 40 mol ScN: N 14.007 of 48.18; by weight 30.01.
        ("AlN60/ScN40 at%", "N", 29.07, 30.01),
        # 10 at% Co beside WC: C 45 x 12.011 of 9402.6; or 90 WC to 10 Co: C 1081 of 18216.
        ("WC-10Co, at%", "C", 5.75, 5.93),
        ("In2O3/SnO2 90:10 at%", "O", 17.52, 17.68),
    ],
)
def test_compounds_keep_their_own_proportions(text: str, symbol: str, low: float, high: float) -> None:
    lowest, highest = bounds(only(text).shares[symbol])
    assert highest >= low - 0.3
    assert lowest <= high + 0.3


def test_ranges_in_a_tag_are_intervals() -> None:
    tag = only("Al70-90 Mg1 Sc1")
    assert tag.shares == {"Al": Interval(70.0, 90.0), "Mg": 1.0, "Sc": 1.0}
    assert not tag.whole
    assert only("Al90-98 Sc2-10").whole
    assert only("Al90-98 Sc2-10").shares == {"Al": Interval(90.0, 98.0), "Sc": Interval(2.0, 10.0)}


def test_a_chain_without_numbers_only_names() -> None:
    tag = only("W-Ni-Fe alloy")
    assert tag.shares == {}
    assert tag.named == {"W", "Ni", "Fe"}
    assert not tag.whole


def test_what_a_chain_leaves_open_stays_open() -> None:
    tag = only("93W-Ni-Fe")
    assert tag.shares == {"W": 93.0}
    assert tag.named == {"Ni", "Fe"}
    assert not tag.whole


@pytest.mark.parametrize(
    "text",
    [
        "",
        "WRe5/26",
        "I-V curve",
        "PN16",
        "Sn42Bi30",
        "Sn60Bi58",
        "Sn42Sn58",
        "25 kg/drum",
        "A-10B",
        "Xx42Bi58",
        "M6-10",
        "Ga 4N",
    ],
)
def test_what_is_no_tag_is_left(text: str) -> None:
    assert find_tags(text) == []


def test_tags_stand_in_their_order_and_never_overlap() -> None:
    tags = find_tags("W-4Ni-3Fe, Sn42Bi58; AlN60/ScN40 and WCu75/25, Ti-6Al-4V")
    assert len(tags) == 5
    assert all(before.end <= after.start for before, after in zip(tags, tags[1:], strict=False))


def test_the_short_name_of_a_heavy_alloy_is_a_share_of_tungsten() -> None:
    assert [(tag.shares, tag.whole, tag.sure) for tag in find_heavy("93W alloy")] == [({"W": 93.0}, False, False)]
    assert find_heavy("lamp 40W") == []
    assert find_heavy("93W/m") == []


@pytest.mark.parametrize(
    "text", ["at%", "5 at.% Sc", "AT %", "atomic %", "atom per cent", "atomic percent", "原子百分比", "原子分数"]
)
def test_atom_per_cent_are_known(text: str) -> None:
    assert says_atoms(text)


@pytest.mark.parametrize("text", ["", "5% Sc", "at 5%", "wt%", "heat 5 %", "flat%"])
def test_other_per_cent_are_no_atoms(text: str) -> None:
    assert not says_atoms(text)


SYMBOLS = st.sampled_from(sorted(ELEMENTS))
AMOUNTS = st.floats(0.001, 100)


def weight_shares(atoms: dict[str, float]) -> dict[str, float]:
    total = sum(atoms[symbol] * weights()[symbol] for symbol in atoms)
    return {symbol: 100 * atoms[symbol] * weights()[symbol] / total for symbol in atoms}


@given(st.dictionaries(SYMBOLS, AMOUNTS, min_size=1, max_size=6))
def test_shares_of_atoms_give_exact_shares_by_weight(atoms: dict[str, float]) -> None:
    found = by_weight({**atoms})
    assert found == pytest.approx(weight_shares(atoms))
    assert sum(share for share in found.values() if isinstance(share, float)) == pytest.approx(100)


@given(st.dictionaries(SYMBOLS, st.tuples(AMOUNTS, st.floats(0, 20), st.floats(0, 20)), min_size=1, max_size=6))
def test_the_true_composition_lies_within_the_shares_by_weight(given_: dict[str, tuple[float, float, float]]) -> None:
    total = sum(amount for amount, _, _ in given_.values())
    atoms = {symbol: 100 * amount / total for symbol, (amount, _, _) in given_.items()}
    said: dict[str, Share] = {
        symbol: Interval(max(0.0, atoms[symbol] - below), min(100.0, atoms[symbol] + above))
        for symbol, (_, below, above) in given_.items()
    }
    found = by_weight(said)
    for symbol, true in weight_shares(atoms).items():
        low, high = bounds(found[symbol])
        assert 0.0 <= low <= true + 1e-6
        assert true - 1e-6 <= high <= 100.0 + 1e-9


@given(
    SYMBOLS,
    st.floats(0, 100),
    st.dictionaries(SYMBOLS, AMOUNTS, min_size=1, max_size=5),
    st.floats(0, 5),
    st.floats(0, 5),
)
def test_the_true_share_lies_within_what_one_share_of_atoms_allows(
    symbol: str, share: float, others: dict[str, float], below: float, above: float
) -> None:
    rest = {name: amount for name, amount in others.items() if name != symbol}
    if not rest:
        rest = {"O" if symbol != "O" else "W": 1.0}
    total = sum(rest.values())
    atoms = {symbol: share} | {name: (100 - share) * amount / total for name, amount in rest.items()}
    true = weight_shares(atoms)[symbol]
    point = from_atoms(symbol, share)
    wide = from_atoms(symbol, Interval(max(0.0, share - below), min(100.0, share + above)))
    assert point.low - 1e-6 <= true <= point.high + 1e-6
    assert wide.low - 1e-9 <= point.low <= point.high <= wide.high + 1e-9


@given(st.text("WCuNiFeSnBiAlScNOB0123456789-/:. %at()~–", max_size=60) | st.text(max_size=60))
def test_any_text_has_tags_or_none(text: str) -> None:
    for tag in find_tags(text):
        assert 0 <= tag.start < tag.end <= len(text)
        assert tag.shares.keys() | tag.named <= ELEMENTS
        assert not tag.shares.keys() & tag.named
        for share in tag.shares.values():
            low, high = bounds(share)
            assert 0.0 <= low <= high <= 101.0
