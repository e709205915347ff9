"""The procedure as data: every record cites what the law's facts know, in both languages."""

from __future__ import annotations

from typing import Any

import pytest

from orepass.errors import FactError
from orepass.factfiles import FACTS, read_records
from orepass.law.timeline import Law
from orepass.licences import facts

FILES = sorted(path.name for path in facts.FOLDER.glob("*.yaml") if path.name not in {"moves.yaml", "demo.yaml"})
GRADES = {"primary", "translation", "secondary", "inferred", "assumed", "unverified", "practice"}


def records(name: str) -> list[dict[str, Any]]:
    return read_records(FACTS / "licences" / name)


@pytest.mark.parametrize("name", FILES)
def test_each_record_cites_known_sources_and_says_how_well_they_were_read(name: str, law: Law) -> None:
    for record in records(name):
        assert record["grade"] in GRADES, record["id"]
        assert set(record.get("source") or ()) <= law.facts.sources.keys(), record["id"]
        assert record.get("source") or record["grade"] == "practice", record["id"]
        if record.get("instrument"):
            assert record["instrument"] in law.facts.instruments, record["id"]


@pytest.mark.parametrize("name", FILES)
def test_each_record_speaks_english_and_chinese(name: str) -> None:
    for record in records(name):
        said = [record[field] for field in ("name", "says") if isinstance(record.get(field), dict)]
        said = said or [{"en": record.get("en"), "zh": record.get("zh")}]
        assert all(both["en"] and both["zh"] for both in said), record["id"]


def test_moves_cite_known_sources(law: Law) -> None:
    for machine in facts.machines().values():
        for move in machine.moves.values():
            assert set(move.basis.sources) <= law.facts.sources.keys(), move.name
            assert move.says.en and move.says.zh, move.name


def test_what_the_kinds_name_is_there() -> None:
    law = Law.load()
    clocks = {clock.id for clock in law.facts.clocks}
    for kind in facts.kinds().values():
        assert kind.clock is None or kind.clock in clocks
    for paper in facts.paper_kinds().values():
        assert paper.kinds <= facts.kinds().keys()
    for bar in facts.bars().values():
        assert bar.kinds <= facts.kinds().keys()
    for flag in facts.flag_kinds().values():
        assert set(flag.cleared_with) <= facts.paper_kinds().keys()
        assert flag.blocks <= {"grant", "refuse", "answer"}
    for reason in facts.gate_reasons().values():
        assert reason.result in {"release", "hold", "refuse"}


def test_the_papers_of_a_single_licence_are_those_that_check_tells(law: Law) -> None:
    """Two tables name the papers of article 16; they agree."""
    told = " ".join(document.text.en for document in law.facts.documents)
    for word in ("application form", "identity papers", "contract", "technical description", "end-user"):
        assert word in told
        assert any(word in paper.text.en for paper in facts.paper_kinds().values())


def test_a_move_to_a_state_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = [
        {"of": "case", "states": ["a"], "ended": [], "starts": "a", "moves": [{"move": "m", "from": ["b"], "to": "a"}]}
    ]
    monkeypatch.setattr(facts, "read_records", lambda path: broken)  # pyright: ignore[reportUnknownLambdaType]
    facts.machines.cache_clear()
    with pytest.raises(FactError, match="no states of it: b"):
        facts.machines()
    facts.machines.cache_clear()
