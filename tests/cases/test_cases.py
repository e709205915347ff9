"""Every case of facts/law/cases comes out as written there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from orepass.determination.determine import determine
from orepass.determination.transaction import transaction
from orepass.factfiles import FACTS, read_folder, read_yaml
from orepass.law.calendar import due_day
from orepass.law.timeline import Law

CASES = [record for file, record in read_folder(FACTS / "law" / "cases") if file != "procedure.yaml"]


def as_document(case: dict[str, Any]) -> dict[str, Any]:
    given = dict(case["transaction"])
    return {"lines": [{"description": given.pop("words")}], **given}


@pytest.mark.parametrize("case", CASES, ids=[f"{case['id']} {case['says']}" for case in CASES])
def test_the_case_comes_out_as_written(case: dict[str, Any], law: Law) -> None:
    answer = determine(transaction(as_document(case)), law)
    assert answer.outcome in case.get("accept", [case["outcome"]])
    assert set(case.get("conditions", ())) <= set(answer.conditions)
    assert set(case.get("could_be", ())) <= {possible.outcome for possible in answer.could_be}


@pytest.mark.parametrize("case", [c for c in CASES if c["confidence"] != "firm"], ids=lambda case: case["id"])
def test_a_case_that_is_not_firm_shows_its_doubt(case: dict[str, Any], law: Law) -> None:
    document = determine(transaction(as_document(case)), law).to_dict()
    shown = [
        *document["doubts"],
        *(text for text in document["assumed"] if "suspension" in text),
        *(possible["if"] for possible in document["could_be"] if possible["hangs_on"] == "law"),
        *(condition for condition in document["conditions"] if condition == "hypothetical"),
    ]
    assert shown


def test_the_decision_case_of_procedure_is_the_clock_of_the_law(law: Law) -> None:
    case = next(c for f, c in read_folder(FACTS / "law" / "cases") if c["id"] == "T78")
    document = determine(
        transaction({"date": case["day"], "to": "DE", "lines": [{"description": "gallium metal"}]}), law
    ).to_dict()
    assert document["clock"]["working_days"] == 45
    assert document["clock"]["if_accepted_on_the_day"] == due_day(case["day"], 45).day.isoformat()
    assert document["clock"]["not_counted"] == [
        "expert opinion",
        "technical identification",
        "on-site checks of exporter or end user",
    ]


def test_no_shared_case_with_an_outcome_is_left_out(shared: Path) -> None:
    wanted = {c["id"]: c for c in read_yaml(shared / "law" / "cases.yaml")["cases"] if "outcome" in c}
    carried = {case["id"]: case for case in CASES}
    assert carried.keys() == wanted.keys()
    for key, case in carried.items():
        for field in ("outcome", "accept", "conditions", "could_be", "confidence"):
            assert case.get(field) == wanted[key].get(field), (key, field)
        assert case["transaction"]["words"] == wanted[key]["question"]
        if wanted[key]["date"] != "counterfactual":
            assert str(case["transaction"]["date"]) == wanted[key]["date"]
