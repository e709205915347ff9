"""A party whose name is probably a listed one: asked, answered by the fields ``is_listed_as`` and ``is_not_listed_as``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jsonschema
import pyarrow as pa
import pytest

from determination.tables_drawn import law
from orepass.determination import kernel
from orepass.determination.decisions import Decisions
from orepass.determination.determine import Determination
from orepass.determination.questions import questions_asked
from orepass.determination.rows import DECIDED_COLUMNS, screen_row
from orepass.determination.schema import determination_schema, transaction_schema
from orepass.errors import BadInput

Answer = Callable[..., Determination]
MISSPELT, LISTING = "Raytheon Misile & Defence", "CN-2025-01/7"


def asked(answer: Answer, **party: Any) -> Determination:
    end_user = {"role": "end_user", "name": MISSPELT, "country": "US", "military": False, **party}
    return answer("indium phosphide", to="US", end_use={"military": False}, parties=[end_user])


def test_a_likely_name_is_asked_about_and_leaves_the_answer_open(answer: Answer) -> None:
    got = asked(answer)
    assert got.outcome == "licence_required"
    assert [(c.outcome, c.hangs_on) for c in got.could_be if c.rule == "CONTROL-LIST"] == [("prohibited", "facts")]
    document = got.to_dict()
    jsonschema.validate(document, determination_schema())
    (likely,) = document["likely_parties"]
    assert (likely["listing"], likely["list"], likely["state"]) == (LISTING, "control", "in_force")
    assert likely["evidence"] and likely["evidence_zh"]
    (question,) = [q for q in questions_asked(got) if q.fact == "is_listed_as"]
    assert MISSPELT in question.text and LISTING in question.text and LISTING in question.zh
    assert question.allowed == ("yes", "no")


@pytest.mark.parametrize("said", [LISTING, [LISTING]])
def test_yes_makes_it_the_listed_party(answer: Answer, said: Any) -> None:
    got = asked(answer, is_listed_as=said)
    assert got.outcome == "prohibited"
    document = got.to_dict()
    assert (document["parties"][0]["name"], document["parties"][0]["notice"]) == (MISSPELT, "CN-2025-01")
    assert document["likely_parties"] == [] and questions_asked(got) == []


def test_no_takes_the_question_away(answer: Answer) -> None:
    got = asked(answer, is_not_listed_as=[LISTING])
    assert got.outcome == "licence_required"
    document = got.to_dict()
    assert document["likely_parties"] == document["parties"] == document["questions"] == []
    assert not any(c["rule"] == "CONTROL-LIST" for c in document["could_be"])
    assert not any(f"({LISTING})" in doubt for doubt in document["doubts"])


def test_no_also_holds_against_the_very_name(answer: Answer) -> None:
    name = "Raytheon Missiles & Defense"
    assert asked(answer, name=name).outcome == "prohibited"
    got = asked(answer, name=name, is_not_listed_as=[LISTING])
    assert (got.outcome, got.setting.listed) == ("licence_required", ())


@pytest.mark.parametrize(
    ("party", "says"),
    [
        (
            {"is_listed_as": "CN-2025-01/999"},
            f"party {MISSPELT}, field is_listed_as: no listing 'CN-2025-01/999' stands on this day",
        ),
        ({"is_listed_as": ["nonsense"]}, "party 1, field is_listed_as: 'nonsense' names no listing"),
        ({"is_not_listed_as": [7]}, "party 1, field is_not_listed_as: 7 names no listing"),
    ],
)
def test_a_listing_that_is_none_is_one_sentence(answer: Answer, party: dict[str, Any], says: str) -> None:
    with pytest.raises(BadInput) as caught:
        asked(answer, **party)
    assert says in str(caught.value)


def test_a_party_of_another_country_is_only_a_doubt(answer: Answer) -> None:
    got = asked(answer, country="BR")
    document = got.to_dict()
    assert document["likely_parties"] == [] and document["questions"] == []
    assert any("beside Raytheon Missiles & Defense" in doubt for doubt in document["doubts"])


def test_the_fields_are_in_the_schema_of_the_transaction() -> None:
    party = {"role": "end_user", "is_listed_as": LISTING, "is_not_listed_as": [LISTING]}
    jsonschema.validate({"date": "2026-02-01", "lines": [{"hs": "811010"}], "parties": [party]}, transaction_schema())


NAMES = [
    MISSPELT,
    "Raytheon Missiles & Defense",
    "Lockhed Martin Corp",
    "Plain Buyer",
    "High Point Aerotecnologies",
    None,
]
COUNTRIES = ["US", "United States", "BR", "DE", "JP", None, "Narnia"]


@pytest.mark.parametrize("role", ["end_user", "consignee"])
def test_a_table_answers_likely_names_as_one_determination_does(role: str) -> None:
    rows = [(name, country, to) for name in NAMES for country in COUNTRIES for to in ("US", "VN")]
    table = pa.table(
        {
            "date": ["2026-11-22"] * len(rows),
            "to": [to for *_, to in rows],
            "substance": ["indium-phosphide"] * len(rows),
            role: [name for name, *_ in rows],
            f"{role}_country": [country for _, country, _ in rows],
        }
    )
    decisions = Decisions(law())
    numbers = kernel.Kernel(decisions).decide({n: table[n] for n in table.column_names}, table.num_rows)
    expected = [screen_row(row, law()).result for row in table.to_pylist()]
    assert [decisions.made[n].cells for n in numbers] == [tuple(row[c] for c in DECIDED_COLUMNS) for row in expected]
