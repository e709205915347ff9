"""Shares held by listed parties: hand-worked graphs, what must hold of any graph, tests of regimes, reading of tables."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from orepass.errors import BadInput
from orepass.parties.ownership import OwnershipTest, decide, ownership_tests
from orepass.parties.ownership.holdings import Holding, holdings_from, share_range
from orepass.parties.ownership.lookthrough import Cascade, Solver
from orepass.parties.ownership.shares import Ownership

HALF = Fraction(1, 2)
CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "ownership_cases.yaml").read_text("utf-8"))


def read(text: str) -> Holding:
    owner, owned, share = re.fullmatch(r"(\w+) > (\w+): (.+)", text).groups()  # type: ignore[union-attr]
    return Holding.of(owner, owned, kind="control") if share == "!control" else Holding.of(owner, owned, share)


def graph_of(case: dict[str, Any], holdings: Iterable[Holding] | None = None) -> Ownership:
    stated = [read(text) for text in case["holdings"]] if holdings is None else holdings
    return Ownership(stated, case.get("complete", ()), case.get("companies", ()))


def asked(case: dict[str, Any], comparison: str) -> OwnershipTest:
    return OwnershipTest("case", HALF, comparison, case.get("method", "multiply"), not case.get("alone", False))  # type: ignore[arg-type]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_worked_by_hand(case: dict[str, Any]) -> None:
    target = case.get("target", "T")
    at_least = decide(graph_of(case), case["listed"], target, asked(case, ">="))
    more = decide(graph_of(case), case["listed"], target, asked(case, ">"))
    share = at_least.interval
    assert (share.lo, share.hi, share.hi_if_undisclosed) == tuple(Fraction(case[key]) for key in ("lo", "hi", "full"))
    assert (at_least.answer, more.answer) == (case["ge50"], case["gt50"])
    assert more.interval.lo == Fraction(case.get("gt_lo", case["lo"]))
    if "only_undisclosed" in case:
        assert at_least.only_undisclosed == case["only_undisclosed"]
    for presumed, key in ((False, "control"), (True, "presumed")):
        if key in case:
            assert [path.names[0] for path in at_least.control if path.presumed == presumed] == case[key]
    if at_least.answer == "yes" and share.lo < 1:
        chains = [path for path in at_least.path if path.names]
        total = sum(path.low for path in chains)
        assert total >= HALF or "circle" in at_least.in_words()
        assert total <= share.hi
        assert all(path.names[0] in case["listed"] and path.names[-1] == target for path in chains)
    if at_least.answer == "undetermined":
        assert at_least.because
    for verdict in (at_least, more):
        assert verdict.in_words("en").endswith(".")
        assert verdict.in_words("zh").endswith("。")


# --- what must hold of any graph

NODES = 6


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[Holding], list[str], list[dict[int, Fraction]]]:
    """Holdings as intervals around one concrete world, the complete companies, and that world."""
    holdings: list[Holding] = []
    complete: list[str] = []
    world: list[dict[int, Fraction]] = []
    for v in range(NODES):
        owners = draw(st.lists(st.integers(0, NODES + 1), max_size=3, unique=True))
        parts = [draw(st.integers(0, 10)) for _ in owners]
        left = draw(st.sampled_from([0, 0, 3, 10]))
        total = sum(parts) + left
        if not owners or not total:
            world.append({})
            continue
        shares = {u: Fraction(part, total) for u, part in zip(owners, parts, strict=True)}
        world.append(shares)
        if not left and draw(st.booleans()):
            complete.append(f"n{v}")
        for u, share in shares.items():
            width = Fraction(draw(st.sampled_from([0, 0, 1, 5, 20])), 20)
            low, high = max(Fraction(0), share - width), min(Fraction(1), share + width)
            holdings.append(Holding(f"n{u}", f"n{v}", low, high))
    return holdings, complete, world


def least_solution(world: list[dict[int, Fraction]], listed: set[int], rounds: int = 4000) -> np.ndarray:
    """An independent solve of one concrete world: from below, dense, by repeated squaring of the share matrix."""
    size = NODES + 2
    matrix = np.zeros((size + 1, size + 1))
    for v in range(size):
        if v in listed:
            matrix[v, size] = 1
        elif v < len(world):
            for u, share in world[v].items():
                matrix[v, u] += float(share)
    matrix[size, size] = 1
    for _ in range(60):
        matrix = matrix @ matrix
    return matrix[:size, size]


SETTINGS = settings(max_examples=250, deadline=None)


@SETTINGS
@given(worlds(), st.sets(st.integers(0, NODES + 1), min_size=1, max_size=2))
def test_the_interval_holds_every_world(drawn: Any, listed: set[int]) -> None:
    holdings, complete, world = drawn
    graph = Ownership(holdings, complete)
    found = least_solution(world, listed)
    for v in range(NODES):
        share = graph.share({f"n{u}" for u in listed}, f"n{v}")
        assert share.lo <= share.hi <= share.hi_if_undisclosed
        assert float(share.lo) - 1e-9 <= found[v] <= float(share.hi) + 1e-9


@SETTINGS
@given(worlds(), st.sets(st.integers(0, NODES + 1), min_size=1, max_size=2), st.randoms(use_true_random=False))
def test_bulk_and_order(drawn: Any, listed: set[int], rng: random.Random) -> None:
    holdings, complete, _ = drawn
    names = {f"n{u}" for u in listed}
    graph = Ownership(holdings, complete)
    shuffled = holdings.copy()
    rng.shuffle(shuffled)
    other = Ownership(shuffled, complete)
    shares = graph.shares_of_all(names)
    for comparison in (">=", ">"):
        answers = shares.answers(HALF, comparison)
        for place, name in enumerate(graph.names):
            share = graph.share(names, name)
            assert share == other.share(names, name)
            assert abs(float(share.lo) - shares.lo[place]) < 1e-9
            assert abs(float(share.hi) - shares.hi[place]) < 1e-9
            assert abs(float(share.hi_if_undisclosed) - shares.hi_if_undisclosed[place]) < 1e-9
            assert answers[place] == share.answer(HALF, comparison)


@SETTINGS
@given(worlds(), st.sets(st.integers(0, NODES + 1), min_size=1, max_size=2), st.sampled_from([None, ">=", ">"]))
def test_narrowing_a_share_narrows_the_result(drawn: Any, listed: set[int], comparison: str | None) -> None:
    """Knowing each stated share exactly lies inside, also by the cascade; what is complete stays complete."""
    holdings, complete, world = drawn
    known = [Holding(f"n{u}", f"n{v}", s, s) for v, owners in enumerate(world) for u, s in owners.items()]
    cascade = Cascade(HALF, comparison) if comparison else None
    names = {f"n{u}" for u in listed}
    wide, narrow = (Solver(Ownership(stated, complete), names, cascade) for stated in (holdings, known))
    for solver in (wide, narrow):
        solver.run([v for v in range(len(solver.graph.names)) if v not in solver.listed])  # type: ignore[attr-defined]
    for v, name in enumerate(wide.graph.names):  # type: ignore[attr-defined]
        w = narrow.graph.index.get(name)
        if w is None:
            continue
        assert wide.x[0][v] <= narrow.x[0][w] <= narrow.x[1][w] <= wide.x[1][v]
        assert narrow.x[2][w] <= wide.x[2][v]


@SETTINGS
@given(
    worlds(),
    st.sets(st.integers(0, NODES + 1), min_size=1, max_size=2),
    st.integers(0, NODES + 1),
    st.integers(0, NODES - 1),
)
def test_one_more_holding_of_unknown_share(drawn: Any, listed: set[int], u: int, v: int) -> None:
    """In a company that is not complete: ``lo`` stays as it is, ``hi`` never falls, and ``hi_if_undisclosed`` stays as it is.

    The unknown share may be nothing, so ``lo`` cannot rise; the others' bounds do not change, so it cannot fall. It is taken out of
    what was undisclosed, which counted as listed already. An exception: a party of whom nothing was stated was an end of the chain
    and becomes a company with undisclosed owners, so ``hi_if_undisclosed`` may rise there; such companies are left out here.
    """
    holdings, complete, _ = drawn
    held = {holding.owned for holding in holdings}
    if f"n{v}" in complete or f"n{v}" not in held:
        return
    names = {f"n{w}" for w in listed}
    before, after = Ownership(holdings, complete), Ownership([*holdings, Holding(f"n{u}", f"n{v}")], complete)
    for name in before.names:
        one, two = before.share(names, name), after.share(names, name)
        assert one.lo == two.lo
        assert one.hi <= two.hi
        assert one.hi_if_undisclosed == two.hi_if_undisclosed


@SETTINGS
@given(worlds(), st.sets(st.integers(0, NODES + 1), min_size=1, max_size=2), st.integers(0, NODES + 1))
def test_listing_one_more_never_lowers(drawn: Any, listed: set[int], more: int) -> None:
    holdings, complete, _ = drawn
    graph = Ownership(holdings, complete)
    for name in graph.names:
        few, many = (graph.share({f"n{u}" for u in some}, name) for some in (listed, listed | {more}))
        assert all(a <= b for a, b in zip(few[:3], many[:3], strict=True))


def stepped(holdings: list[Holding], complete: list[str], listed: set[str], greatest: bool) -> dict[str, float]:
    """The bounds by another road: the best choice of each company, repeated from nothing until it stands still."""
    owners: dict[str, list[Holding]] = {}
    for holding in holdings:
        owners.setdefault(holding.owned, []).append(holding)
    x = dict.fromkeys([name for h in holdings for name in (h.owner, h.owned)], 0.0) | dict.fromkeys(listed, 1.0)
    for _ in range(3000):
        new = dict(x)
        for owned, stakes in owners.items():
            if owned in listed:
                continue
            total = sum(float(h.low) * x[h.owner] for h in stakes)
            rest = 1 - float(sum(h.low for h in stakes))
            if greatest or owned in complete:
                for value, room in sorted(((x[h.owner], float(h.high - h.low)) for h in stakes), reverse=greatest):
                    total += min(rest, room) * value
                    rest -= min(rest, room)
            new[owned] = total
        moved = max(abs(new[name] - x[name]) for name in x)
        x = new
        if moved < 1e-13:
            break
    return x


@settings(max_examples=200, deadline=None)
@given(worlds(), st.sets(st.integers(0, NODES + 1), min_size=1, max_size=2))
def test_the_bounds_are_as_tight_as_they_can_be(drawn: Any, listed: set[int]) -> None:
    holdings, complete, _ = drawn
    graph, names = Ownership(holdings, complete), {f"n{u}" for u in listed}
    least, most = (stepped(holdings, complete, names, greatest) for greatest in (False, True))
    for name in graph.names:
        share = graph.share(names, name)
        assert float(share.lo) == pytest.approx(least[name], abs=1e-3)
        assert float(share.hi) == pytest.approx(most[name], abs=1e-3)


def test_a_chain_of_a_hundred_thousand() -> None:
    length = 100_000
    holdings = [Holding.of(f"c{i}", f"c{i + 1}", "100%") for i in range(length)]
    verdict = decide(Ownership(holdings), ["c0"], f"c{length}", asked({}, ">="))
    assert verdict.answer == "yes"
    assert verdict.interval.lo == 1
    assert len(verdict.path[0].names) == length + 1
    leaking = Ownership([Holding.of(f"c{i}", f"c{i + 1}", "99.999%") for i in range(length)])
    share = leaking.share(["c0"], f"c{length}")
    assert not share.exact
    with localcontext() as context:
        context.prec = 60
        power = Fraction(Decimal("0.99999") ** length)
    assert share.lo <= power + Fraction(1, 10**50)
    assert share.hi >= power - Fraction(1, 10**50)
    assert share.hi - share.lo < Fraction(1, 10**50)


def test_a_circle_of_many_is_bounded_by_what_exact_arithmetic_confirms() -> None:
    size = 400
    ring = [Holding.of(f"c{i}", f"c{(i + 1) % size}", Fraction(99, 100)) for i in range(size)]
    holdings = [*ring, Holding.of("A", "c0", Fraction(1, 100)), Holding.of("c7", "c300", "0-1%")]
    share = Ownership(holdings).share(["A"], f"c{size - 1}")
    first = Fraction(1, 100) / (1 - Fraction(99, 100) ** size)
    assert not share.exact
    assert share.lo <= first * Fraction(99, 100) ** (size - 1) <= share.hi
    assert float(share.hi - share.lo) < 0.02
    closed = Ownership([Holding.of(f"c{i}", f"c{(i + 1) % size}", 1) for i in range(size)])
    assert closed.share(["A"], "c5").hi < Fraction(1, 10**9)


# --- the tests of regimes


def test_no61_is_answered_under_both_readings() -> None:
    test = ownership_tests()["CN-2025-61-2"]
    assert (test.threshold, test.comparison, test.method, test.aggregate) == (HALF, ">=", None, None)
    layered = graph_of({"holdings": ["A > B: 60%", "P > B: 40%", "B > T: 60%", "P > T: 40%"]})
    verdict = decide(layered, ["A"], "T", test)
    assert verdict.answer == "undetermined"
    assert verdict.because[0].kind == "reading"
    assert {(r.method, r.answer) for r in verdict.readings} == {("multiply", "no"), ("cascade", "yes")}
    assert decide(graph_of({"holdings": ["A > T: 50%"]}), ["A"], "T", test).answer == "yes"
    both = graph_of({"holdings": ["A > T: 25%", "B > T: 25%", "P > T: 50%"]})
    assert decide(both, ["A", "B"], "T", test).answer == "undetermined"
    assert decide(graph_of({"holdings": ["A > T: 20%", "P > T: 80%"]}), ["A"], "T", test).answer == "no"
    controlled = graph_of({"holdings": ["A > T: 20%", "P > T: 80%", "A > T: !control"]})
    verdict = decide(controlled, ["A"], "T", test)
    assert (verdict.answer, verdict.because[0].kind) == ("undetermined", "control")
    assert (verdict.interval.lo, verdict.interval.hi) == (Fraction(1, 5), Fraction(1, 5))


def test_windows_of_the_tests() -> None:
    tests = ownership_tests()
    china = tests["CN-2025-61-2"]
    days = [date(2025, 10, 8), date(2025, 10, 9), date(2025, 11, 10), date(2026, 11, 10), date(2026, 11, 11)]
    assert [china.state(day) for day in days] == ["absent", "in_force", "suspended", "suspended", "unknown"]
    assert tests["US-BIS-AFFILIATES"].state(date(2026, 11, 9)) == "suspended"
    assert tests["UK-OWNED"].state(date(2025, 1, 1)) == "unknown"
    assert all(test.source and test.grade for test in tests.values())


def test_regimes_differ_on_the_same_graph() -> None:
    tests = ownership_tests()
    half = graph_of({"holdings": ["A > T: 25%", "B > T: 25%", "P > T: 50%"]})
    answers = {key: decide(half, ["A", "B"], "T", tests[key]).answer for key in tests}
    assert answers["US-OFAC-50"] == answers["EU-OWNED-2024"] == "yes"
    assert answers["UK-OWNED"] == answers["EU-OWNED-BEFORE-2024-07"] == "no"
    voted = graph_of({"holdings": ["A > T: !control", "P > T: 100%"]})
    answers = {key: decide(voted, ["A"], "T", tests[key]).answer for key in tests}
    assert (answers["US-OFAC-50"], answers["UK-OWNED"], answers["EU-OWNED-2024"]) == ("no", "yes", "yes")


def test_in_words() -> None:
    graph = graph_of({"holdings": ["A > B: 80%", "P > B: 20%", "B > T: 50%", "C > T: 12-20%", "Q > T: 30%"]})
    test = OwnershipTest("t", HALF, name={"en": "No.61 paragraph 2", "zh": "第61号第二条"})
    verdict = decide(graph, ["A", "C"], "T", test)
    assert verdict.in_words() == (
        "T is held 52 % to 60 % by listed parties (A 40 % through B (50 % of 80 %); C 12 % to 20 % directly): "
        "at least 50 %, so the test of No.61 paragraph 2 is met."
    )
    assert verdict.in_words("zh").startswith("名单所列各方合计持有T 52%至60%")
    graph = graph_of({"holdings": ["A > B: unknown", "B > T: 60%", "P > T: 40%"]})
    verdict = decide(graph, ["A"], "T", test)
    assert verdict.because[0][:3] == ("unknown_share", "A", "B")
    assert "it hangs on the share of A in B" in verdict.in_words()
    assert verdict.path[0].names == ("A", "B", "T")
    verdict = decide(graph_of({"holdings": ["B > T: 100%"]}), ["A"], "T", test)
    assert verdict.assumed == ("B",)
    assert "taking B for the end of the chain" in verdict.in_words()


# --- reading


@pytest.mark.parametrize(
    ("text", "low", "high", "opens"),
    [
        ("0.3", "0.3", "0.3", ""), ("30%", "0.3", "0.3", ""), ("30-40%", "0.3", "0.4", ""), ("30% - 40%", "0.3", "0.4", ""),
        ("[0.3,0.4]", "0.3", "0.4", ""), (">50%", "0.5", "1", "low"), ("> 50 %", "0.5", "1", "low"), ("≥50%", "0.5", "1", ""),
        ("unknown", "0", "1", ""), ("", "0", "1", ""), (None, "0", "1", ""), ("less than 10%", "0", "0.1", "high"),
        ("up to 10%", "0", "0.1", ""), ("50% or more", "0.5", "1", ""), ("50%以上", "0.5", "1", ""), ("超过50%", "0.5", "1", "low"),
        ("25% to 50%", "0.25", "0.5", ""), ("1/3", "1/3", "1/3", ""), (0.1, "0.1", "0.1", ""), (Decimal("0.35"), "0.35", "0.35", ""),
        (1, "1", "1", ""), (Fraction(1, 7), "1/7", "1/7", ""), ("35％", "0.35", "0.35", ""), (1e-7, "1/10000000", "1/10000000", ""),
        (float("nan"), "0", "1", ""),
    ],
)  # fmt: skip
def test_shares_as_people_write_them(text: Any, low: str, high: str, opens: str) -> None:
    share = share_range(text)
    assert (share.low, share.high) == (Fraction(low), Fraction(high))
    assert (share.low_open, share.high_open) == (opens == "low", opens == "high")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"owner": "A", "owned": "T", "share": "half"}], "row 1, share: 'half' is no share; expected"),
        ([{"owner": "A", "owned": "T", "share": "35"}], "row 1, share: the share 35 lies outside 0 to 1"),
        ([{"owner": "A", "owned": "T"}, {"owner": "", "owned": "T"}], "row 2, owner: no name is given"),
        ([{"owner": "A", "owned": "T", "share": "60-40%"}], "row 1, share: the share 60-40% has its lower bound above"),
        ([{"owner": "A", "owned": "T", "kind": "vibes"}], "row 1, kind: 'vibes' is no kind of holding"),
        ([{"owner": "A", "owned": "T", "complete": "perhaps"}], "row 1, complete: 'perhaps' is neither yes nor no"),
        ([{"owner": "A", "owned": "T", "share": "1/0"}], "row 1, share: '1/0' is no share"),
        ([{"schema": "Ownership", "properties": {"owner": ["A"]}}], "row 1, asset: no party is named"),
        (
            [{"schema": "Ownership", "properties": {"owner": ["A"], "asset": ["T"], "percentage": ["most"]}}],
            "row 1, percentage: 'most' is no share",
        ),
    ],
)
def test_refusals_name_row_and_field(rows: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(BadInput) as refused:
        holdings_from(rows)
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ({"holdings": ["A > T: 60%", "B > T: 50%"]}, "owners of T: the stated shares add up to at least 110 %"),
        (
            {"holdings": ["A > T: 60%", "B > T: >40%"]},
            "owners of T: the stated shares add up to at least more than 100 %",
        ),
        (
            {"holdings": ["A > T: 60%"], "complete": ["T"]},
            "owners of T: the stated owners are said to be all of them but",
        ),
        (
            {"holdings": ["T > D: 60%"], "complete": ["T"]},
            "owners of T: the stated owners are said to be all of them but",
        ),
    ],
)
def test_shares_that_cannot_all_be_true(case: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput) as refused:
        graph_of(case)
    assert str(refused.value).startswith(message)


def test_bounds_out_of_order() -> None:
    with pytest.raises(BadInput, match="lower bound 40 % is above the upper bound 30 %"):
        Holding.of("A", "T", "40%", "30%")
    with pytest.raises(BadInput, match="is no interval between 0 and 1"):
        Ownership([Holding("A", "T", Fraction(2), Fraction(3))])


def test_rows_of_a_table() -> None:
    rows = [
        {"owner": "A", "owned": "T", "share": "30-40%", "complete": "yes"},
        {"owner": "B", "owned": "T", "share": ""},
        {"owner": "C", "owned": "T", "kind": "control"},
    ]
    stated = holdings_from(rows)
    assert [(h.owner, h.low, h.high, h.kind, h.source) for h in stated.holdings] == [
        ("A", Fraction(3, 10), Fraction(2, 5), "ownership", "row 1"),
        ("B", Fraction(0), Fraction(1), "ownership", "row 2"),
        ("C", Fraction(0), Fraction(1), "control", "row 3"),
    ]
    share = Ownership(*stated).share({"B"}, "T")
    assert (share.lo, share.hi, share.hi_if_undisclosed) == (Fraction(3, 5), Fraction(7, 10), Fraction(7, 10))


def entity(percentage: Any, **more: Any) -> dict[str, Any]:
    return {
        "id": "e1",
        "schema": "Ownership",
        "properties": {"owner": ["A"], "asset": ["T"], "percentage": percentage} | more,
    }


@pytest.mark.parametrize(
    ("percentage", "low", "high"),
    [
        (["51"], "0.51", "0.51"), (["51.00%"], "0.51", "0.51"), (["25-50"], "0.25", "0.5"), (["more than 75"], "0.75", "1"),
        (["25-to-50-percent"], "0.25", "0.5"), ([], "0", "1"), (["100"], "1", "1"), (["0"], "0", "0"),
        (["0.51"], "0.0051", "0.51"), (["40", "60"], "0.4", "0.6"), (["75+"], "0.75", "1"),
    ],
)  # fmt: skip
def test_entities_of_follow_the_money(percentage: Any, low: str, high: str) -> None:
    (holding,) = holdings_from([entity(percentage, sharesValue=["1000000"])]).holdings
    assert (holding.owner, holding.owned, holding.source) == ("A", "T", "e1")
    assert (holding.low, holding.high) == (Fraction(low), Fraction(high))


def test_entities_that_are_no_holding() -> None:
    rows = [
        {"id": "d", "schema": "Directorship", "properties": {"director": ["A"], "organization": ["T"]}},
        {"id": "u", "schema": "UnknownLink", "properties": {"subject": ["A"], "object": ["T"]}},
        {"id": "B", "schema": "Company", "properties": {"name": ["B Ltd"]}},
        {"id": "P", "schema": "Person", "properties": {"name": ["P"]}},
    ]
    stated = holdings_from(rows)
    assert (stated.holdings, stated.companies) == ([], {"B"})
    ended = entity(["51"], endDate=["2019"])
    assert len(holdings_from([ended], on=date(2019, 6, 1)).holdings) == 1
    assert holdings_from([ended], on=date(2020, 1, 1)).holdings == []
    joint = {"schema": "Ownership", "properties": {"owner": ["A", "B"], "asset": ["T"], "percentage": ["60"]}}
    assert [(h.low, h.high) for h in holdings_from([joint]).holdings] == [(0, Fraction(3, 5))] * 2
