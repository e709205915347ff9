"""Reading descriptions in English and Chinese."""

from __future__ import annotations

from typing import Any

import pytest

from orepass.goods.describe import PRESENT, describe
from orepass.goods.parameters import Interval


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("99.99% gallium metal ingot", {"substance": "gallium", "form": "ingot", "purity_pct": 99.99}),
        ("三氧化二锑 99.99%", {"substance": "antimony-trioxide", "purity_pct": 99.99}),
        (
            "Sb2O3 powder, 99.8 % min",
            {"substance": "antimony-trioxide", "form": "powder", "purity_pct": Interval(99.8, 100.0)},
        ),
        ("antimony ingot ≥99.65%", {"substance": "antimony", "purity_pct": Interval(99.65, 100.0)}),
        ("gallium 4N5", {"substance": "gallium", "purity_pct": Interval(99.995, 100.0)}),
        ("镓 7N", {"substance": "gallium", "purity_pct": Interval(99.99999, 100.0)}),
        (
            "tungsten block 98% 150x150x60 mm",
            {"length_mm": 150.0, "width_mm": 150.0, "thickness_mm": 60.0, "shape": "block"},
        ),
        ("tungsten rod Φ12 cm x 50 cm", {"diameter_mm": 120.0, "length_mm": 500.0, "shape": "cylinder"}),
        ("W-Ni-Fe alloy, 93% W", {"substance": "tungsten-nickel-iron-alloy", "content_wt_pct.W": 93.0}),
        ("钕铁硼磁体 含镝 3%", {"substance": "ndfeb-magnet", "content_wt_pct.Dy": 3.0}),
        ("Nd-Fe-B magnets with Dy", {"substance": "ndfeb-magnet", "content_wt_pct.Dy": PRESENT}),
        ("NdFeB magnet, Dy-free", {"substance": "ndfeb-magnet", "content_wt_pct.Dy": 0.0}),
        ("AlSc sputtering target, 2% Sc", {"article": "sputtering-target", "content_wt_pct.Sc": 2.0}),
        ("Al98Sc2 target", {"article": "sputtering-target", "content_wt_pct.Al": 98.0, "content_wt_pct.Sc": 2.0}),
        ("Sm metal", {"substance": "samarium"}),
        (
            "人造石墨 密度 1.80 g/cm3 抗折强度 35 MPa",
            {"substance": "artificial-graphite", "density_g_cm3": 1.8, "flexural_strength_mpa": 35.0},
        ),
        (
            "MPCVD equipment, 12 kW, 915 MHz",
            {"article": "mpcvd-equipment", "microwave_power_kw": 12.0, "microwave_frequency_mhz": 915.0},
        ),
        ("MPCVD设备 2.45 GHz", {"article": "mpcvd-equipment", "microwave_frequency_mhz": 2450.0}),
        (
            "cubic press, cylinder 480 mm, design pressure 5 GPa",
            {"cylinder_diameter_mm": 480.0, "design_pressure_gpa": 5.0},
        ),
        (
            "molybdenum powder 98%, 40 um, for furnace parts",
            {"form": "powder", "particle_size_um": 40.0, "use": "other"},
        ),
        (
            "0.15% Dy2O3 desiccant",
            {"article": "desiccant", "contains": frozenset({"dysprosium-oxide"}), "form": "mixture"},
        ),
        (
            "lithium-ion battery pack 310 Wh/kg",
            {"article": "lithium-ion-battery", "gravimetric_energy_density_wh_kg": 310.0},
        ),
        ("rotor magnets, SmCo 28", {"substance": "samarium-cobalt-magnet", "article": None}),
        ("SmCo magnet, sensor grade", {"substance": "samarium-cobalt-magnet", "article": None}),
        ("扬声器用钕铁硼磁铁 含镝2%", {"substance": "ndfeb-magnet", "article": None, "content_wt_pct.Dy": 2.0}),
        ("servo motor with NdFeB magnets", {"article": "motor", "substance": "ndfeb-magnet"}),
        ("permanent magnet motor", {"article": "motor"}),
        ("GaN LED epitaxial wafer", {"substance": "gallium-nitride", "form": "epiwafer", "article": None}),
        ("stibine 1% in hydrogen, purity 99.9999%", {"substance": "antimony-hydride", "purity_pct": 99.9999}),
        ("NdFeB without Dy, Tb and Ho", {"content_wt_pct.Dy": 0.0, "content_wt_pct.Tb": 0.0, "content_wt_pct.Ho": 0.0}),
        ("钕铁硼 不含镝铽", {"content_wt_pct.Dy": 0.0, "content_wt_pct.Tb": 0.0}),
        ("samarium acetate", {"substance": "samarium-acetate"}),
        ("samarium gluconate", {"substance": "samarium-compound", "content_wt_pct.Sm": PRESENT}),
        ("tellurium copper rod 0.5% Te", {"substance": "tellurium-copper", "content_wt_pct.Te": 0.5}),
        ("stainless steel bolts with molybdenum", {"substance": "steel", "content_wt_pct.Mo": PRESENT}),
        ("tungsten ore concentrate 65% WO3", {"substance": "tungsten-ore", "contains": None}),
        ("tungsten tube OD 110 mm ID 105 mm length 300 mm", {"inner_diameter_mm": 105.0, "length_mm": 300.0}),
        ("锑锭 Sb99.65", {"substance": "antimony", "content_wt_pct.Sb": 99.65}),
        ("artificial graphite block density 1.85", {"density_g_cm3": 1.85}),
        ("brake pads containing antimony trisulfide 3%", {"substance": None, "purity_pct": None}),
        ("natural flake graphite, packing in bags", {"substance": "natural-flake-graphite", "article": None}),
        ("Gallium 7N, 25 kg in plastic bottles", {"substance": "gallium"}),
        ("铽 玻璃瓶装", {"substance": "terbium"}),
        ("Dysprosium 99.9% in steel drums", {"substance": "dysprosium"}),
        ("yttrium oxide phosphor grade", {"substance": "yttrium-oxide", "article": None}),
        ("氧化镓 荧光粉用", {"substance": "gallium-oxide", "article": None}),
        ("Sb2O3 99,99 %", {"purity_pct": 99.99}),
        ("antimony trioxide 99.8%-99.99%", {"purity_pct": Interval(99.8, 99.99)}),
        ("calcium 99.995% B<5ppm", {"purity_pct": 99.995, "content_wt_pct.B": Interval(0.0, 0.0005, high_open=True)}),
        ("10B boric acid 99%", {"substance": "boric-acid", "enriched_in_boron_10": True}),
        ("samarium doped ceria", {"substance": "samaria-doped-ceria"}),
        ("holmium doped ceria", {"substance": "cerium-oxide", "content_wt_pct.Ho": PRESENT}),
        (
            "gallium wafers to a Japanese defence maker",
            {"substance": "gallium", "form": "wafer", "end_use.military": True},
        ),
    ],
)
def test_what_a_description_says(text: str, facts: dict[str, Any]) -> None:
    read = describe(text).facts
    assert {name: read.get(name) for name in facts} == facts


def test_each_fact_stands_on_its_characters() -> None:
    text = "antimony ingot 99.65%, W 12 ppm"
    for read in describe(text).reads:
        assert 0 <= read.start < read.end <= len(text)
    purity = next(read for read in describe(text).reads if read.fact == "purity_pct")
    assert text[purity.start : purity.end] == "99.65%"


def test_technology_is_told_from_goods() -> None:
    assert describe("technology to produce indium phosphide").kind == "technology"
    assert describe("稀土永磁制造技术").facts["technology"] == "rare-earth-magnet-technology"
    assert describe("indium phosphide wafer").kind is None


def test_names_after_for_are_not_the_goods() -> None:
    assert describe("crucible for antimony smelting").facts.get("substance") is None


@pytest.mark.parametrize(
    "text", ["", "ducks, assorted", "in at no he be as", "办公用品", "a" * 5000, "%%%% 12 12 12 x x"]
)
def test_what_it_does_not_understand_it_leaves_out(text: str) -> None:
    assert "substance" not in describe(text).facts


def test_a_denied_military_use_is_no_military_use() -> None:
    assert "end_use.military" not in describe("gallium, not for military use").facts


def test_words_in_capitals_are_not_symbols_of_elements() -> None:
    assert "content_wt_pct.In" not in describe("NdFeB magnets In boxes").facts
