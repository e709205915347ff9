"""Who owns an importer or end user: nested owners, the share of listed ones over every reading, what is left open, and tables."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from itertools import product
from typing import Any

import jsonschema
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from determination.tables_drawn import law
from orepass.determination import kernel
from orepass.determination.decisions import Decisions
from orepass.determination.determine import Determination
from orepass.determination.logic import OPEN_FACT
from orepass.determination.owned import FACT, TEST, Bounds, china_test
from orepass.determination.owned import fact as share_of
from orepass.determination.owners import MOST_LEVELS, MOST_OWNERS, ownership_of, read_owners
from orepass.determination.rows import DECIDED_COLUMNS, screen_row
from orepass.determination.schema import transaction_schema
from orepass.determination.transaction import transaction
from orepass.errors import BadInput
from orepass.goods.parameters import Interval
from orepass.law import language as lang

Answer = Callable[..., Determination]
Owners = list[dict[str, Any]]
LISTED, SECOND, PAUSED = "Lockheed Martin Corporation", "Raytheon Missiles & Defense", "High Point Aerotechnologies"
RULE = "CN-2025-61 2"
IN_FORCE = [{"instrument": "CN-2025-61", "in_force": "2025-10-09"}]


def document(owners: Any, **party: Any) -> dict[str, Any]:
    return {
        "origin": "CN",
        "from_": "JP",
        "to": "VN",
        "date": "2025-10-20",
        "end_use": {"military": False, "raises_military_strength": False},
        "parties": [
            {"role": "end_user", "name": "Subsidiary", "country": "VN", "military": False, "owners": owners, **party}
        ],
    }


@pytest.fixture
def owned(answer: Answer) -> Callable[..., Determination]:
    def ask(owners: Any, day: str = "2025-10-20", what_if: Any = None, **party: Any) -> Determination:
        stated = document(owners, **party) | {"date": day} | ({"what_if": what_if} if what_if else {})
        return answer("samarium metal", **stated)

    return ask


def fact(got: Determination) -> Any:
    return got.setting.said.get(FACT)


def doubts(got: Determination) -> str:
    return " ".join(got.to_dict()["doubts"])


def through(share: float, above: float | list[float], name: str = LISTED) -> Owners:
    return [{"name": "Holding B", "share": share, "owners": [{"name": name, "share": above}]}]


def test_the_rule_and_the_test_ask_for_the_same_share() -> None:
    asking = [rule for rule in law().facts.rules.values() if FACT in lang.facts_of(rule.when)]
    assert [rule.id.replace(" ", "-") for rule in asking] == [TEST]
    limits = [
        (part.op, part.value)
        for part in lang.parts_of(asking[0].when)
        if isinstance(part, lang.Compare) and part.fact == FACT
    ]
    assert limits == [(china_test().comparison, float(china_test().threshold * 100))]


class TestShares:
    def test_a_chain_that_reaches_half_exactly_is_refused_in_principle(self, owned: Answer) -> None:
        got = owned(through(0.5, 1))
        assert (got.outcome, fact(got)) == ("refusal_presumed", 50.0)
        assert "through Holding B" in doubts(got)

    def test_a_chain_just_under_half_is_not(self, owned: Answer) -> None:
        got = owned(through(0.4999999999, 1))
        assert (got.outcome, fact(got) < 50) == ("licence_required", True)
        assert got.could_be == []

    def test_multiplied_or_cascaded_is_an_open_reading(self, owned: Answer) -> None:
        got = owned(through(0.6, 0.6))
        assert (got.outcome, fact(got)) == ("licence_required", Interval(36.0, 60.0))
        assert [(c.rule, c.hangs_on) for c in got.could_be] == [(RULE, "facts")]
        assert f"control is no share: {LISTED} controls Holding B controls Subsidiary" in doubts(got)

    def test_below_half_at_the_last_holding_no_reading_reaches_it(self, owned: Answer) -> None:
        got = owned(through(0.4, 0.9))
        assert (got.outcome, fact(got), got.could_be) == ("licence_required", Interval(36.0, 40.0), [])

    def test_whether_listed_owners_are_added_is_an_open_reading(self, owned: Answer) -> None:
        got = owned([{"name": LISTED, "share": 0.3}, {"name": SECOND, "share": 0.3}])
        assert (got.outcome, fact(got)) == ("licence_required", Interval(30.0, 60.0))
        assert [c.rule for c in got.could_be] == [RULE]

    @pytest.mark.parametrize(
        "owner", [{"name": LISTED}, {"name": LISTED, "share": None}, {"name": LISTED, "share": [0, 1]}]
    )
    def test_an_unknown_share_could_be(self, owned: Answer, owner: dict[str, Any]) -> None:
        got = owned([owner])
        assert (got.outcome, fact(got)) == ("licence_required", Interval(0.0, 100.0))
        assert [c.rule for c in got.could_be] == [RULE]
        assert f"the share of {LISTED} in Subsidiary" in doubts(got)

    def test_an_unlisted_owner_leaves_less_for_an_unknown_share(self, owned: Answer) -> None:
        got = owned([{"name": "Plain Investor", "share": 0.51}, {"name": LISTED}])
        assert (fact(got), got.could_be) == (Interval(0.0, 49.0), [])

    def test_complete_owners_narrow_a_range(self, owned: Answer) -> None:
        owners = [{"name": LISTED, "share": [0.3, 0.6]}, {"name": "Plain Investor", "share": 0.45}]
        assert fact(owned(owners)) == Interval(30.0, 55.0)
        got = owned(owners, owners_complete=True)
        assert (got.outcome, fact(got)) == ("refusal_presumed", 55.0)

    def test_complete_owners_of_an_owner(self, owned: Answer) -> None:
        above = [{"name": LISTED}, {"name": "Plain Investor", "share": [0, 0.1]}]
        got = owned([{"name": "Holding B", "share": 0.6, "owners": above, "complete": True}])
        assert (got.outcome, fact(got)) == ("refusal_presumed", Interval(54.0, 60.0))

    def test_a_circle_by_equal_names(self, owned: Answer) -> None:
        above = [{"name": "SUBSIDIARY", "share": 0.5}, {"name": LISTED, "share": 0.5}]
        got = owned([{"name": "Holding B", "share": 1, "owners": above}])
        # x = 0.5 x + 0.5 where B passes all on: the circle belongs to the listed owner
        assert (got.outcome, fact(got)) == ("refusal_presumed", 100.0)
        alone = owned([{"name": "Holding B", "share": 1, "owners": [{"name": "Subsidiary", "share": 1}]}])
        assert (alone.outcome, fact(alone)) == ("licence_required", None)

    def test_one_owner_at_two_places_is_one_party(self, owned: Answer) -> None:
        owners = [
            {"name": "Holding B", "share": 0.4, "owners": [{"name": LISTED, "share": 1}]},
            {"name": "Holding C", "share": 0.2, "owners": [{"name": "holding  b", "share": 1}]},
        ]
        got = owned(owners)
        assert (got.outcome, fact(got)) == ("refusal_presumed", 60.0)

    def test_legal_forms_tell_companies_of_a_group_apart(self, owned: Answer) -> None:
        got = owned(
            [{"name": "Subsidiary GmbH", "share": 1, "owners": [{"name": LISTED, "share": 1}]}], name="Subsidiary Ltd"
        )
        assert got.outcome == "refusal_presumed"

    def test_the_most_held_party_decides_and_the_exporter_does_not_count(self, answer: Answer) -> None:
        stated = document([{"name": LISTED, "share": 0.1}])
        stated["parties"].append({"role": "consignee", "owners": [{"name": LISTED, "share": [0.5, 0.7]}]})
        stated["parties"].append({"role": "exporter", "name": "Seller", "owners": [{"name": SECOND, "share": 1}]})
        got = answer("samarium metal", **stated)
        assert (got.outcome, fact(got)) == ("refusal_presumed", Interval(50.0, 70.0))
        assert f"{SECOND}, an owner of Seller, stands on the control list" in doubts(got)
        assert "the consignee is held 50 % to 70 % by listed parties" in doubts(got)


class TestListings:
    def test_a_paused_listing_does_not_count_and_is_told(self, owned: Answer) -> None:
        got = owned([{"name": PAUSED, "share": 1}])
        assert (got.outcome, fact(got)) == ("licence_required", None)
        assert "suspended on this day, so its share was not counted" in doubts(got)

    def test_a_listing_of_which_no_text_says_whether_it_holds_is_open_in_law(self, owned: Answer) -> None:
        got = owned([{"name": PAUSED, "share": 0.6}], "2026-11-22", IN_FORCE)
        assert (got.outcome, fact(got)) == ("licence_required", OPEN_FACT)
        assert [(c.rule, c.hangs_on) for c in got.could_be] == [(RULE, "law")]
        assert f"if the listing of {PAUSED} still holds" in doubts(got)

    def test_it_opens_nothing_below_half_or_beside_enough(self, owned: Answer) -> None:
        low = owned([{"name": PAUSED, "share": 0.4}], "2026-11-22", IN_FORCE)
        assert (fact(low), low.could_be) == (Interval(0.0, 40.0), [])
        high = owned([{"name": PAUSED, "share": 0.4}, {"name": LISTED, "share": 0.5}], "2026-11-22", IN_FORCE)
        assert (high.outcome, fact(high)) == ("refusal_presumed", Interval(50.0, 90.0))

    def test_with_an_unknown_share_the_share_is_asked_first(self, owned: Answer) -> None:
        got = owned([{"name": PAUSED}], "2026-11-22", IN_FORCE)
        assert fact(got) == Interval(0.0, 100.0)
        assert [(c.rule, c.hangs_on) for c in got.could_be] == [(RULE, "facts")]

    def test_an_owner_of_the_unreliable_list_does_not_count(self, owned: Answer) -> None:
        got = owned([{"name": "Lockheed Martin Ventures", "share": 1, "is_not_listed_as": "CN-2025-01/22"}])
        assert fact(got) is None
        assert "stands on the unreliable list" in doubts(got)

    def test_a_likely_listed_owner_counts_in_the_greatest_share(self, owned: Answer) -> None:
        owner = {"name": "Raytheon Misile & Defence", "share": 0.6}
        got = owned([owner])
        assert (got.outcome, fact(got)) == ("licence_required", Interval(0.0, 60.0))
        assert [(c.rule, c.hangs_on) for c in got.could_be] == [(RULE, "facts")]
        assert "an owner of Subsidiary, beside Raytheon Missiles & Defense on the control list" in doubts(got)
        assert "if Raytheon Misile & Defence is the listed party" in doubts(got)
        yes = owned([owner | {"is_listed_as": "CN-2025-01/7"}])
        assert (yes.outcome, fact(yes)) == ("refusal_presumed", 60.0)
        no = owned([owner | {"is_not_listed_as": ["CN-2025-01/7"]}])
        assert (no.outcome, fact(no), no.could_be) == ("licence_required", None, [])

    def test_a_listing_that_is_none_is_named_with_the_owner(self, owned: Answer) -> None:
        with pytest.raises(BadInput, match=r"owner Holding, field is_listed_as: no listing 'CN-2025-01/999'"):
            owned([{"name": "Holding", "is_listed_as": "CN-2025-01/999"}])


class TestDoubts:
    def test_owners_who_are_not_stated_are_a_doubt_where_the_rule_could_matter(self, owned: Answer) -> None:
        got = owned([{"name": LISTED, "share": 0.3}])
        assert (got.outcome, fact(got), got.could_be) == ("licence_required", 30.0, [])
        assert (
            "70 % of Subsidiary's owners are not stated and were taken as not listed; if listed parties hold them"
            in doubts(got)
        )

    @pytest.mark.parametrize(
        ("owners", "party"),
        [
            ([{"name": LISTED, "share": 0.3}, {"name": "Plain Investor", "share": 0.7}], {}),
            ([{"name": LISTED, "share": 0.3}, {"name": "Plain Investor", "share": 0.51}], {}),
            ([{"name": LISTED, "share": 0.5}], {}),
            ([{"name": LISTED, "share": [0.4, 0.5]}], {}),
        ],
    )
    def test_and_none_where_they_cannot_turn_the_answer(
        self, owned: Answer, owners: Owners, party: dict[str, Any]
    ) -> None:
        assert "are not stated" not in doubts(owned(owners, **party))

    def test_nor_on_a_day_on_which_the_rule_does_not_operate(self, owned: Answer) -> None:
        got = owned([{"name": LISTED, "share": 0.3}], "2026-02-01")
        assert "are not stated" not in doubts(got)
        assert f"{RULE} (suspended on this day): Subsidiary is held 30 % by listed parties" in doubts(got)

    def test_owners_further_up_who_are_not_stated_are_named(self, owned: Answer) -> None:
        owners = [{"name": "Holding B", "share": 1, "owners": [{"name": LISTED, "share": 0.2}]}]
        assert "80 % of Holding B's owners are not stated" in doubts(owned(owners))

    def test_other_regimes_are_not_mentioned(self, owned: Answer) -> None:
        said = doubts(owned(through(0.6, 0.6)))
        assert not any(word in said for word in ("OFAC", "BIS", "EU ", "UK "))

    def test_without_owners_nothing_is_said_of_them(self, answer: Answer) -> None:
        got = answer("samarium metal", **document(None))
        assert (fact(got), "owner" in doubts(got)) == (None, False)


def deep(levels: int) -> Owners:
    owners: Owners = [{"name": LISTED, "share": 1}]
    for level in range(levels - 1):
        owners = [{"name": f"Company {level}", "share": 1, "owners": owners}]
    return owners


class TestReading:
    def test_owners_stand_as_deep_as_they_may(self, owned: Answer) -> None:
        assert owned(deep(MOST_LEVELS)).outcome == "refusal_presumed"

    @pytest.mark.parametrize(
        ("owners", "says"),
        [
            (deep(MOST_LEVELS + 1), "owners stand more than 20 levels deep"),
            ([{"name": f"Owner {n}"} for n in range(MOST_OWNERS + 1)], "a party has more than 1,000 owners"),
            ("Lockheed", "field owners: owners are not a list"),
            ({"name": "A"}, "field owners: owners are not a list"),
            ([{"share": 0.5}], "is no owner"),
            ([{"name": "  "}], "an owner has no name"),
            ([{"name": "A", "shares": 0.5}], "unknown field 'shares'; expected one of name, share, owners, complete"),
            (
                [{"name": "A", "owners": [{"name": "B", "share": 60}]}],
                "party 1, owner A, field owners.share: 60 is no share",
            ),
            (
                [{"name": "A", "complete": "perhaps"}],
                "party 1, owner A, field complete: 'perhaps' is neither yes nor no",
            ),
            ([{"name": "A", "share": 0.7}, {"name": "B", "share": 0.4}], "the stated shares add up to at least 110 %"),
            (
                [{"name": "A", "owners": [{"name": "B", "share": 0.7}], "complete": True}],
                "party 1, owners of A: the stated owners are said to be all of them but hold at most 70 %",
            ),
            (
                [
                    {"name": "A", "share": 0.5, "owners": [{"name": "C", "share": 0.7}]},
                    {"name": "B", "share": 0.5, "owners": [{"name": "a", "owners": [{"name": "C", "share": 0.6}]}]},
                ],
                "the owners of A are stated twice, and differently",
            ),
        ],
    )
    def test_what_cannot_be_so_is_one_sentence(self, owned: Answer, owners: Any, says: str) -> None:
        with pytest.raises(BadInput) as caught:
            owned(owners)
        assert says in str(caught.value)

    def test_complete_without_owners_is_refused(self, owned: Answer) -> None:
        with pytest.raises(BadInput, match="said to be all of them but hold at most 0 %"):
            owned([], owners_complete=True)

    def test_nested_owners_fit_the_published_schema(self) -> None:
        stated: dict[str, Any] = document(through(0.5, [0.2, 0.3]), owners_complete=False) | {
            "lines": [{"description": "samarium metal"}]
        }
        stated["from"] = stated.pop("from_")
        jsonschema.validate(stated, transaction_schema())
        assert transaction(stated).parties[0].owners[0].owners[0].high == 0.3
        nested: dict[str, Any] = stated["parties"][0]["owners"][0]["owners"][0]
        nested["shares"] = 1
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(stated, transaction_schema())


SHARES = st.integers(0, 100).map(lambda n: n / 100)


@settings(max_examples=150, deadline=None)
@given(SHARES, SHARES, SHARES)
def test_two_holdings_in_a_row_lie_between_their_product_and_the_cascade(
    first: float, second: float, third: float
) -> None:
    """Worked out by hand: listed > B > party, and what is held directly."""
    direct = min(third, round(1 - first, 2))
    owners = read_owners([*through(first, second), {"name": SECOND, "share": direct}])
    graph = ownership_of("Party", owners, False)
    from orepass.parties.ownership.verdict import decide

    one, two, three = (Fraction(str(share)) for share in (first, second, direct))
    share = decide(graph, {LISTED, SECOND}, "Party", china_test()).interval
    cascaded = one if two >= Fraction(1, 2) else 0
    values = [max(part, three) for part in (one * two, cascaded)] + [part + three for part in (one * two, cascaded)]
    assert (share.lo, share.hi) == (min(values), max(values))


@pytest.mark.parametrize(
    ("sure", "with_open", "said"),
    [
        ((0, 0), (0, 0), None),
        ((0.5, 0.5), (0.5, 0.5), 50.0),
        ((0, 0), (0.5, 0.5), OPEN_FACT),
        ((0.2, 0.6), (0.6, 0.9), OPEN_FACT),
        ((0.2, 0.6), (0.3, 0.9), Interval(20.0, 90.0)),
        ((0.6, 0.7), (0.6, 0.9), Interval(60.0, 90.0)),
    ],
)
def test_not_known_of_facts_and_not_known_in_law_do_not_mix(sure: Any, with_open: Any, said: Any) -> None:
    class Stated:
        open = frozenset({"X"})

        def bounds(self, *, with_open: bool) -> Bounds:
            return Bounds(*(Fraction(str(share)) for share in (opened if with_open else sure)))

    opened = with_open
    assert share_of([Stated()]) == said  # type: ignore[list-item]


def test_a_share_a_hair_under_half_is_not_rounded_to_half() -> None:
    class Stated:
        open: frozenset[str] = frozenset()

        def bounds(self, *, with_open: bool) -> Bounds:
            return Bounds(Fraction(1, 2) - Fraction(1, 10**30), Fraction(1, 2) - Fraction(1, 10**30))

    assert share_of([Stated()]) < 50.0  # type: ignore[list-item]


NAMES = [LISTED, "Raytheon Misile & Defence", PAUSED, "Plain Investor", None]
SAID = [
    0,
    0.3,
    0.49999,
    0.5,
    0.51,
    1,
    "35%",
    "40-60%",
    "0.5 - 0.7",
    "50-100%",
    "0-10%",
    "",
    None,
    "half",
    "60",
    "0.6-0.4",
]


@pytest.mark.parametrize("day", [date(2025, 10, 20), date(2026, 2, 1), date(2026, 11, 22)])
def test_a_table_answers_owners_as_one_determination_does(day: date) -> None:
    drawn = list(product(NAMES, SAID, ("Subsidiary", LISTED, None)))
    table = pa.table(
        {
            "date": [day] * len(drawn),
            "origin": ["CN"] * len(drawn),
            "from": ["JP"] * len(drawn),
            "to": ["VN"] * len(drawn),
            "substance": ["samarium"] * len(drawn),
            "form": ["ingot"] * len(drawn),
            "end_user": [name for *_, name in drawn],
            "end_user_owner": [name for name, *_ in drawn],
            "end_user_owner_share": [None if share is None else str(share) for _, share, _ in drawn],
        }
    )
    decisions = Decisions(law())
    numbers = kernel.Kernel(decisions).decide({n: table[n] for n in table.column_names}, table.num_rows)
    expected = [screen_row(row, law()).result for row in table.to_pylist()]
    assert [decisions.made[n].cells for n in numbers] == [tuple(row[c] for c in DECIDED_COLUMNS) for row in expected]
    if day == date(2025, 10, 20):
        assert {"refusal_presumed", "licence_required"} <= {row["outcome"] for row in expected}


def test_shares_that_no_rule_tells_apart_are_one_cell() -> None:
    reduce = Decisions(law()).cells.reduce
    assert (
        reduce("end_user_owner_share", 0.31)
        == reduce("end_user_owner_share", "12%")
        != reduce("end_user_owner_share", 0)
    )
    assert reduce("end_user_owner_share", 0.5) == reduce("end_user_owner_share", "50%") == 0.5
    assert reduce("end_user_owner_share", "40-60%") == reduce("end_user_owner_share", "0.1-0.9")
    assert reduce("end_user_owner_share", "half") == "half"
