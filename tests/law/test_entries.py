"""Each entry is found by its own name, in Chinese and in English, and by the alloy or target that it names."""

from __future__ import annotations

import re

import pytest

from orepass.determination.determine import determine
from orepass.determination.transaction import transaction
from orepass.law.language import Compare, parts_of
from orepass.law.model import DUAL_USE, Entry
from orepass.law.timeline import Law

LAW = Law.load()
ENTRIES = [entry for entry in LAW.facts.entries.values() if entry.list == DUAL_USE and entry.code != "DECLARED"]


def found_by(entry: Entry, words: str) -> set[str]:
    document = {
        "date": "2026-02-01",
        "to": "DE",
        "what_if": [{"entry": entry.code, "in_force": "2023-01-01"}],
        "lines": [{"description": words, "kind": entry.kind}],
    }
    return {hit.entry.code for hit in determine(transaction(document), LAW).lines[0].hits}


def head(name: str) -> str:
    """The name without what stands in brackets or after a colon."""
    return re.split(r"[:;(（]| incl\.|, any form|, powder included| made for ", name)[0].strip()


NAMED_BY_ANOTHER = {"2B902.g.3"}
"""A plain motor is told by the tank that it belongs to, so its name alone does not find it."""


@pytest.mark.parametrize("entry", [e for e in ENTRIES if e.code not in NAMED_BY_ANOTHER], ids=lambda entry: entry.code)
def test_an_entry_is_found_by_its_own_names(entry: Entry) -> None:
    assert entry.code in found_by(entry, head(entry.name.zh)), entry.name.zh
    assert entry.code in found_by(entry, head(entry.name.en)), entry.name.en


@pytest.mark.parametrize(
    "entry",
    [e for e in ENTRIES if re.match(r"^[A-Z][a-z]?(-[A-Z][a-z]?)* (alloy|sputtering target|target)", e.name.en)],
    ids=lambda e: e.code,
)
def test_an_alloy_or_target_asks_for_just_the_elements_that_it_names(entry: Entry) -> None:
    named = set(entry.name.en.split()[0].split("-"))
    (limits,) = entry.limits
    asked = {part.fact[15:] for part in parts_of(limits.node) if isinstance(part, Compare)}
    assert asked == named
    assert entry.covers == (("alloy",) if " alloy" in entry.name.en else ("sputtering-target",))
