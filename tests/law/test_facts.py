"""The facts hold together, and hold what the shared fact base holds."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from orepass.determination.verify import check, verify
from orepass.factfiles import read_records, read_table, read_yaml
from orepass.law.language import CanCut, Compare, parts_of
from orepass.law.load import LAW_FOLDER
from orepass.law.timeline import Law


def test_the_packaged_facts_hold_together(law: Law) -> None:
    report = verify(law)
    assert report.problems == ()
    assert report.counts["entries"] >= 260
    assert report.counts["listings"] >= 259


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return Path(shutil.copytree(LAW_FOLDER, tmp_path / "law"))


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("entries/antimony.yaml", "purity_pct >= 99.99", "purty_pct >= 99.99", "did you mean|no fact that we know"),
        ("entries/antimony.yaml", "covers: antimony-oxide", "covers: antimony-oxyde", "no kind of goods"),
        ("entries/antimony.yaml", "by: CN-2024-33", "by: CN-2024-34", "no instrument record"),
        ("entries/antimony.yaml", "grade: primary", "grade: excellent", "grade"),
        ("entries/antimony.yaml", "code: 3C003.c", "code: 3C003.b", "twice"),
        ("entries/antimony.yaml", "purity_pct >= 99.99", "purity_pct >=", "column"),
        ("entries/antimony.yaml", "from: 2024-09-15", "form: 2024-09-15", "from"),
        (
            "rules/united-states.yaml",
            "gallium, germanium, antimony, superhard",
            "galium, germanium",
            "no entry belongs",
        ),
        ("rules/united-states.yaml", "outcome: prohibited", "outcome: forbidden", "outcome"),
        ("suspensions.yaml", "from: 2025-11-09", "from: 2025-19-09", "not of its form|month"),
        ("suspensions.yaml", "by: CN-2025-72", "by: CN-2025-73", "no instrument record"),
        ("interpretations.yaml", "source: [faq4]", "source: [faq9]", "no source record"),
    ],
)
def test_a_broken_fact_is_named(copied: Path, file: str, old: str, new: str, says: str) -> None:
    path = copied / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    problems = check(copied).problems
    assert problems
    assert any(re.search(says, problem) for problem in problems), problems


def test_a_file_that_is_no_yaml_is_named_with_its_line(copied: Path) -> None:
    (copied / "clocks.yaml").write_text("- id: decision\n  paragraph: [17\n", encoding="utf-8")
    (problem,) = check(copied).problems
    assert "clocks.yaml" in problem and "line" in problem


def numbers_of(thresholds: Any) -> Counter[tuple[str, float]]:
    """Operator and number of every readable condition of the shared fact base."""
    found: Counter[tuple[str, float]] = Counter()
    if isinstance(thresholds, dict):
        for part in thresholds.get("branches", []):
            found += numbers_of(part)
        for condition in thresholds.get("conditions", []):
            value = condition["value"]
            if isinstance(value, int | float) and condition["op"] in {">", ">=", "<", "<="}:
                found[condition["op"], float(value)] += 1
    return found


IN_ANOTHER_UNIT = {"2C901.b": {(">=", 3.0): (">=", 76.2)}, "3B901.c.3.b": {(">", 60.0): (">", 60000.0)}}
"""3 inches are 76.2 mm; 60 m3 are 60 000 l."""


def test_every_threshold_has_the_operator_and_number_of_the_shared_fact_base(law: Law, shared: Path) -> None:
    wrong: list[tuple[str, object, object]] = []
    for item in read_yaml(shared / "law" / "regime.yaml")["items"]:
        entry = law.facts.entries[item["code"]]
        wanted = numbers_of(item["thresholds"])
        for theirs, ours in IN_ANOTHER_UNIT.get(item["code"], {}).items():
            wanted[ours] = wanted.pop(theirs)
        nodes = [part for limits in entry.limits[-1:] for part in parts_of(limits.node)]
        have = Counter((n.op, n.value) for n in nodes if isinstance(n, Compare) and isinstance(n.value, float))
        cuts = Counter((">=", size) for n in nodes if isinstance(n, CanCut) for size in n.sizes)
        missing = wanted - (have + cuts)
        if missing:
            wrong.append((item["code"], dict(missing), dict(have)))
    # Kiln sizes stand as text there ("phi1.8x20"), the natural abundance of isotopes as a word.
    assert wrong == []


def test_every_customs_number_is_carried_with_its_year(law: Law, shared: Path) -> None:
    for item in read_yaml(shared / "law" / "regime.yaml")["items"]:
        entry = law.facts.entries[item["code"]]
        theirs = Counter(h["code"] for h in item["hs_reference"])
        ours = Counter(c.number for c in entry.customs if c.set != "erratum")
        assert ours == theirs, item["code"]
        assert all(c.year == 2026 for c in entry.customs if c.set == "catalogue")


def test_every_entry_keeps_grade_sources_and_names(law: Law, shared: Path) -> None:
    items = read_yaml(shared / "law" / "regime.yaml")["items"]
    assert {item["code"] for item in items} <= law.facts.entries.keys()
    for item in items:
        entry = law.facts.entries[item["code"]]
        assert entry.provenance.grade == item["verified"]
        assert list(entry.provenance.sources) == item["sources"]
        assert entry.name.zh == item["name_zh"]
        assert list(entry.technology) == (item["technology_codes"] or [])
        assert {r.to for r in entry.refers} == {r["to"] for r in item.get("referrals", [])}
        assert entry.when_limit_unknown == item.get("when_limit_unknown")


def test_every_listing_is_carried(law: Law, shared: Path) -> None:
    theirs = Counter(
        (row["name_zh"], row["name_en"], row["bars"]) for row in read_table(shared / "law" / "parties.csv")
    )
    assert Counter((x.name.zh, x.name.en, x.bars) for x in law.facts.listings) == theirs


def test_instruments_interpretations_and_sources_are_carried(law: Law, shared: Path) -> None:
    regime = read_yaml(shared / "law" / "regime.yaml")
    assert {i["id"] for i in regime["instruments"]} <= law.facts.instruments.keys()
    assert {i["id"] for i in regime["official_interpretations"]} <= law.facts.interpretations.keys()
    assert regime["sources"].keys() <= law.facts.sources.keys()
    assert len(read_records(LAW_FOLDER / "open_points.yaml")) == len(regime["unresolved"])
    for theirs in regime["instruments"]:
        ours = law.facts.instruments[theirs["id"]]
        assert str(ours.published) == theirs["published"]
        assert ours.provenance.grade == theirs["verified"]
