"""Invariants: facts only narrow, later knowledge changes no past answer, order and units do not matter, runs of days agree."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from orepass.determination.determine import Determination, determine
from orepass.determination.rows import screen_row
from orepass.determination.rulebook import RANK
from orepass.determination.transaction import transaction
from orepass.law.model import Ending, Provenance, State, Suspension
from orepass.law.timeline import Law

LAW = Law.load()
DAYS = st.dates(date(2023, 6, 1), date(2027, 6, 1))
EDGES = st.sampled_from([b + timedelta(days=step) for b in LAW.boundaries for step in (-1, 0, 1)])
NUMBERS: dict[str, list[float]] = {
    "purity_pct": [90.0, 99.9, 99.95, 99.99, 99.999],
    "density_g_cm3": [1.6, 1.72, 1.73, 1.8, 17.5, 18.0],
    "flexural_strength_mpa": [20.0, 30.0, 35.0],
    "tensile_strain_at_break_pct": [0.5, 0.7, 0.9],
    "thermal_expansion_per_degc": [2e-6, 2.75e-6, 4e-6],
    "particle_size_um": [5.0, 50.0, 60.0, 500.0],
    "average_particle_size_um": [10.0, 50.0, 400.0],
    "length_mm": [40.0, 120.0, 150.0],
    "width_mm": [50.0, 120.0],
    "thickness_mm": [49.0, 50.0, 120.0],
    "diameter_mm": [76.2, 120.0],
    "inner_diameter_mm": [65.0, 150.0],
    "microwave_power_kw": [5.0, 10.0, 12.0],
    "microwave_frequency_mhz": [915.0, 1000.0, 2450.0],
    "design_pressure_gpa": [4.0, 5.0],
    "cylinder_diameter_mm": [480.0, 500.0],
    "gravimetric_energy_density_wh_kg": [250.0, 300.0],
    "hafnium_to_zirconium_ratio": [0.001, 0.02],
    "content_wt_pct.Dy": [0.0, 2.0],
    "content_wt_pct.Tb": [0.0, 1.0],
    "content_wt_pct.Ho": [0.0, 1.0],
}
WORDS: dict[str, list[str]] = {
    "form": ["ingot", "block", "powder", "sheet", "wafer", "sintered", "scrap"],
    "shape": ["block", "cylinder", "tube", "hollow-cylinder", "plate"],
    "particle_form": ["spherical", "ground", "filamentary"],
    "use": ["missile-parts", "other"],
}
SUBSTANCES = [
    "antimony",
    "antimony-trioxide",
    "gallium",
    "graphite",
    "artificial-graphite",
    "natural-flake-graphite",
    "tungsten",
    "tungsten-alloy",
    "tungsten-carbide",
    "molybdenum",
    "bismuth",
    "ndfeb-magnet",
    "samarium-cobalt-magnet",
    "erbium",
    "dysprosium-oxide",
    "zirconium",
    "nickel",
    "synthetic-diamond",
    "indium-phosphide",
    "copper",
    "dual-use-item",
]
ARTICLES = [
    "mpcvd-equipment",
    "cubic-press",
    "lithium-ion-battery",
    "rotor-stator-assembly",
    "rare-earth-electrolytic-cell",
]


@st.composite
def goods(draw: st.DrawFn) -> dict[str, Any]:
    """Facts of a line: what it is, and some of its numbers and words."""
    facts: dict[str, Any] = {}
    if draw(st.booleans()) or draw(st.booleans()):
        facts["substance"] = draw(st.sampled_from(SUBSTANCES))
    else:
        facts["article"] = draw(st.sampled_from(ARTICLES))
    for name in draw(st.lists(st.sampled_from(sorted({**NUMBERS, **WORDS})), max_size=5, unique=True)):
        facts[name] = draw(st.sampled_from((NUMBERS | WORDS)[name]))  # type: ignore[operator]
    return facts


flags = st.sampled_from([None, True, False])


@st.composite
def documents(draw: st.DrawFn, day: st.SearchStrategy[date] = DAYS) -> dict[str, Any]:
    """Transactions of every kind of route, with parties and uses that are said or not."""
    start, origin = draw(
        st.sampled_from([("CN", None), ("CN", "CN"), ("JP", "CN"), ("MY", "CN"), ("JP", "JP"), (None, None)])
    )
    names = [
        "Plain Buyer",
        "MP Materials",
        "Huntington Ingalls Industries",
        "High Point Aerotechnologies",
        "TDK Corporation",
    ]
    user = {"role": "end_user", "name": draw(st.sampled_from(names)), "military": draw(flags)}
    return {
        "date": draw(day),
        "from": start,
        "origin": origin,
        "to": draw(st.sampled_from(["US", "JP", "DE", "VN", "HK", "TW", None])),
        "lines": [{"facts": draw(goods())}],
        "parties": [user] if draw(st.booleans()) else None,
        "end_use": {
            "military": draw(flags),
            "wmd": draw(flags),
            "purpose": draw(st.sampled_from([None, "disaster_relief", "other"])),
        },
    }


def ask(document: dict[str, Any], law: Law = LAW) -> Determination:
    return determine(transaction(document), law)


def interval(answer: Determination) -> tuple[int, int]:
    """Floor and ceiling of the only line."""
    (line,) = answer.lines
    return RANK[line.floor], RANK[line.ceiling]


SLOWLY = settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


@SLOWLY
@given(documents(), st.sampled_from(sorted({**NUMBERS, **WORDS})), st.data())
def test_a_fact_that_was_neither_assumed_nor_read_only_narrows_the_answer(
    document: dict[str, Any], name: str, data: st.DataObject
) -> None:
    (line,) = document["lines"]
    before = ask(document)
    assume(name not in line["facts"] and name not in before.lines[0].facts)
    assume(not before.lines[0].assumes(name))
    value = data.draw(st.sampled_from((NUMBERS | WORDS)[name]))  # type: ignore[operator]
    after = ask({**document, "lines": [{"facts": {**line["facts"], name: value}}]})
    (low, high), (new_low, new_high) = interval(before), interval(after)
    assert low <= new_low <= new_high <= high


@SLOWLY
@given(documents(), st.sampled_from(["end_user", "end_use"]), st.booleans())
def test_saying_whether_a_user_or_use_is_military_only_narrows(
    document: dict[str, Any], where: str, value: bool
) -> None:
    before = ask(document)
    said = json.loads(json.dumps(document, default=str))
    if where == "end_use":
        assume(document["end_use"]["military"] is None)
        said["end_use"]["military"] = value
    else:
        assume(document["parties"] and document["parties"][0]["military"] is None)
        said["parties"][0]["military"] = value
    (low, high), (new_low, new_high) = interval(before), interval(ask(said))
    assert low <= new_low <= new_high <= high


def later_law(published: date) -> Law:
    """The law with later texts: one that suspends much of what is in force, one that ends a notice, all published on one day."""
    sourced = Provenance(("no70_2025",), "primary")
    facts = LAW.facts
    act = replace(facts.instruments["CN-2025-70"], id="CN-LATER", published=published, effective=published)
    targets = ("CN-2025-18", "CN-2025-10", "CN-2024-46#1", "CN-2026-01", "CN-2026-23", "CN-2024-51", "CN-2025-57")
    suspended = Suspension("S-LATER", act.id, targets, date(2023, 1, 1), None, "assumed", None, "", "", (), "", sourced)
    ended = Ending("R-LATER", act.id, "CN-2024-33", date(2024, 9, 20), State.REPEALED, "go", sourced)
    changed = replace(
        facts,
        instruments={**facts.instruments, act.id: act},
        suspensions=(*facts.suspensions, suspended),
        endings=(*facts.endings, ended),
    )
    return Law(changed, LAW.version)


LATER = {published: later_law(published) for published in (date(2024, 10, 1), date(2025, 6, 1), date(2026, 11, 20))}


@SLOWLY
@given(documents(), st.sampled_from(sorted(LATER)), st.integers(1, 700))
def test_later_knowledge_never_changes_a_past_known_answer(
    document: dict[str, Any], published: date, days_before: int
) -> None:
    asked = {**document, "known": published - timedelta(days=days_before)}
    assert ask(asked).to_dict() == ask(asked, LATER[published]).to_dict()


def test_later_knowledge_does_change_an_answer_that_knows_it() -> None:
    document = {"date": "2026-02-01", "to": "DE", "lines": [{"description": "samarium metal"}]}
    assert ask(document).outcome == "licence_required"
    assert ask(document, LATER[date(2025, 6, 1)]).outcome == "not_controlled"


@SLOWLY
@given(documents(), st.randoms(use_true_random=False))
def test_the_order_of_facts_does_not_matter(document: dict[str, Any], draw: random.Random) -> None:
    facts = list(document["lines"][0]["facts"].items())
    draw.shuffle(facts)
    keys = list(document.items())
    draw.shuffle(keys)
    shuffled = {**dict(keys), "lines": [{"facts": dict(facts)}]}
    assert ask(document).to_dict() == ask(shuffled).to_dict()


OTHER_UNITS: dict[str, tuple[str, float]] = {
    "length_mm": ("cm", 0.1),
    "thickness_mm": ("m", 0.001),
    "diameter_mm": ("cm", 0.1),
    "particle_size_um": ("mm", 0.001),
    "flexural_strength_mpa": ("GPa", 0.001),
    "microwave_power_kw": ("W", 1000.0),
    "microwave_frequency_mhz": ("GHz", 0.001),
    "design_pressure_gpa": ("MPa", 1000.0),
    "density_g_cm3": ("kg/m3", 1000.0),
    "cylinder_diameter_mm": ("cm", 0.1),
}


@SLOWLY
@given(documents())
def test_units_do_not_matter(document: dict[str, Any]) -> None:
    facts = document["lines"][0]["facts"]
    written = {
        name: f"{round(value * OTHER_UNITS[name][1], 9)!r} {OTHER_UNITS[name][0]}" if name in OTHER_UNITS else value
        for name, value in facts.items()
    }
    assume(any(name in OTHER_UNITS for name in facts))
    assert ask(document).to_dict() == ask({**document, "lines": [{"facts": written}]}).to_dict()


@SLOWLY
@given(documents(EDGES))
def test_beside_every_edge_the_compiled_law_agrees_with_the_windows(document: dict[str, Any]) -> None:
    answer = ask(document)
    day = document["date"]
    for hit in answer.lines[0].hits:
        standing = LAW.windows.of_entry(hit.entry.entry, day, date.max)
        assert standing.state in {State.IN_FORCE, State.UNKNOWN}
        assert hit.entry.open_law == (standing.state is State.UNKNOWN)
    for rule in answer.lines[0].holding:
        assert LAW.windows.of_rule(rule.rule, day, date.max).state is State.IN_FORCE


@SLOWLY
@given(documents(), st.integers(0, 400))
def test_days_of_one_run_have_one_answer(document: dict[str, Any], step: int) -> None:
    on = LAW.as_of(document["date"])
    other = document["date"] + timedelta(days=step)
    assume(on.first <= other <= on.last)
    one, two = ask(document), ask({**document, "date": other})
    assert (one.outcome, one.conditions) == (two.outcome, two.conditions)


@SLOWLY
@given(documents())
def test_an_unknown_fact_is_never_read_as_free(document: dict[str, Any]) -> None:
    """Where something could still bind, the outcome is not a free one."""
    (line,) = ask(document).lines
    if RANK[line.ceiling] >= RANK["licence_required"]:
        assert line.outcome not in {"not_controlled", "exempt"}
    else:
        assert line.floor == line.outcome


@SLOWLY
@given(documents())
def test_a_row_of_a_table_is_answered_as_its_transaction(document: dict[str, Any]) -> None:
    party = (document["parties"] or [{}])[0]
    row = {
        **{name: document[name] for name in ("date", "from", "origin", "to")},
        **document["lines"][0]["facts"],
        "end_user": party.get("name"),
        "end_user_military": party.get("military"),
        "end_use_military": document["end_use"]["military"],
        "purpose": document["end_use"]["purpose"],
    }
    without_wmd = {**document, "end_use": {**document["end_use"], "wmd": None}}
    wanted = ask(without_wmd)
    got = screen_row(row, LAW)
    assert got.result["outcome"] == wanted.outcome
    assert got.result["conditions"] == "; ".join(wanted.conditions)
