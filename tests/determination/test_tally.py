"""What a table adds up to."""

from __future__ import annotations

import pytest

from determination.tables_drawn import drawn_table, law
from orepass.determination.decisions import Decisions
from orepass.determination.rows import screen_row
from orepass.determination.screen import screen
from orepass.determination.tally import tally


@pytest.mark.parametrize("seed", [2, 9, 14])
def test_counts_are_those_of_the_rows(seed: int) -> None:
    table = drawn_table(seed, rows=200)
    rows = [screen_row(row, law()) for row in table.to_pylist()]
    found = screen(table, law()).tally
    outcomes = [row.result["outcome"] for row in rows if row.result["outcome"]]
    assert found.rows == 200
    assert dict(found.outcomes) == {outcome: outcomes.count(outcome) for outcome in set(outcomes)}
    assert found.unreadable == sum(1 for row in rows if row.result["error"])
    for entry in found.entries:
        assert entry.rows == sum(1 for row in rows if entry.code in row.result["codes"].split("; "))
    for rule, count in found.rules:
        assert count == sum(1 for row in rows if rule.rule in row.result["reasons"].split("; "))


def test_a_question_that_stands_alone_counts_the_rows_that_one_answer_settles() -> None:
    decisions = Decisions(law())
    names = ("date", "to", "substance", "purity_pct", "form")
    alone = decisions.decide(names, ("2026-02-01", "DE", "antimony-oxide", None, None))
    free = decisions.decide(names, ("2026-02-01", "DE", "copper", None, None))
    found = tally([(decisions.made[alone], 7), (decisions.made[free], 3)], law())
    assert [(asked.fact, asked.rows, asked.alone) for asked in found.questions] == [("purity_pct", 7, 7)]
    assert dict(found.outcomes) == {"needs_facts": 7, "not_controlled": 3}
