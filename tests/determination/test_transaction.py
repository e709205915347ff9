"""Reading the transaction document, and refusing what is not one in one sentence."""

from __future__ import annotations

from datetime import date
from typing import Any

import jsonschema
import pytest

from orepass.determination.owners import Owner
from orepass.determination.schema import transaction_schema
from orepass.determination.transaction import EndUse, Party, transaction
from orepass.errors import BadInput
from orepass.law.model import State

FULL: dict[str, Any] = {
    "date": "2025-01-20",
    "origin": "CN",
    "from": "China",
    "to": "美国",
    "via": ["MEX"],
    "known": "2025-01-20",
    "act": "export",
    "what_if": [{"rule": "CN-2025-61 1(1)", "in_force": "2025-12-01"}],
    "lines": [
        {
            "description": "antimony ingot 99.65%",
            "kind": "goods",
            "entry": None,
            "hs": "8110101000",
            "quantity": 20,
            "unit": "t",
            "value": 780000,
            "currency": "USD",
            "facts": {
                "substance": "antimony",
                "form": "ingot",
                "purity_pct": 99.65,
                "content_wt_pct": {"Pb": "12 ppm"},
            },
        }
    ],
    "parties": [
        {
            "role": "end_user",
            "name": "Example Metals LLC",
            "country": "US",
            "military": None,
            "owners": [{"name": "X", "share": [0.3, 0.6]}],
        }
    ],
    "end_use": {"text": "flame retardant masterbatch", "military": None, "purpose": None},
}


def test_the_whole_document_is_read() -> None:
    read = transaction(FULL)
    assert (read.date, read.known, read.from_, read.to, read.via) == (
        date(2025, 1, 20),
        date(2025, 1, 20),
        "CN",
        "US",
        ("MX",),
    )
    assert read.lines[0].facts == {
        "substance": "antimony",
        "form": "ingot",
        "purity_pct": 99.65,
        "content_wt_pct.Pb": 0.0012,
    }
    assert read.parties == (Party("end_user", "Example Metals LLC", "US", None, (Owner("X", 0.3, 0.6),)),)
    assert read.end_use == EndUse(text="flame retardant masterbatch")
    assert read.what_if[0].state is State.IN_FORCE


def test_the_document_fits_its_published_schema() -> None:
    jsonschema.validate(FULL, transaction_schema())


def test_norway_is_no_no() -> None:
    assert transaction({"date": "2025-01-20", "to": False, "lines": [{"hs": "811010"}]}).to == "NO"


def changed(**changes: Any) -> dict[str, Any]:
    return {**FULL, **changes}


def with_line(**changes: Any) -> dict[str, Any]:
    return {**FULL, "lines": [{**FULL["lines"][0], **changes}]}


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ([], "not a transaction"),
        ({}, "field date: the day is missing"),
        ({"date": "2025-01-20"}, "field lines: there are no goods lines"),
        (
            changed(date="2025-02-30"),
            "field date: '2025-02-30' is no day of the calendar; expected a day as YYYY-MM-DD",
        ),
        (changed(known="soon"), "field known: 'soon' is no day"),
        (changed(destination="US"), "unknown field 'destination'; expected one of date, origin.*; remove it"),
        (changed(purity_pct=99), "unknown field 'purity_pct'.*put it under facts"),
        (changed(to="Atlantis"), "field to: 'Atlantis' is no country that we know"),
        (changed(to="Germny"), "did you mean DE"),
        (changed(act="smuggle"), "field act: 'smuggle' is no act; expected one of export"),
        (changed(what_if=[{"rule": "US-46-P2"}]), "field what_if"),
        (with_line(hs="9999999999"), "line 1, field hs: customs number '9999999999' does not exist"),
        (with_line(hs="12"), "line 1, field hs: '12' is no customs number"),
        (with_line(unit="furlong"), "line 1, field unit: 'furlong' is no unit of quantity"),
        (with_line(quantity=-3), "line 1, field quantity: -3 is below zero"),
        (with_line(quantity="many"), "line 1, field quantity: 'many' is no number"),
        (with_line(facts={"purity_pct": -1}), "line 1, field purity_pct: -1 is out of range"),
        (with_line(facts={"purity_pct": "5 GPa"}), "line 1, field purity_pct: 'GPa' is not a unit"),
        (with_line(description="x" * 900_000), "line 1, field description: the description has 900,000 characters"),
        (with_line(description="a\x00b"), "field description: the description is not text"),
        (with_line(kind="thing"), "field kind: 'thing' is no kind of line"),
        (with_line(colour="grey"), "line 1: unknown field 'colour'"),
        (changed(lines=[{}]), "line 1: nothing is said of the goods"),
        (changed(parties=[{"role": "friend"}]), "party 1, field role: 'friend' is no role"),
        (changed(parties=[{"role": "end_user", "country": "Nowhere"}]), "party 1, field country"),
        (
            changed(parties=[{"role": "end_user", "owners": [{"name": "X", "share": 3}]}]),
            "field owners.share: 3 is no share",
        ),
        (changed(end_use={"purpose": "fun"}), "field end_use.purpose: 'fun' is no purpose"),
        (changed(end_use={"military": "perhaps"}), "neither yes nor no"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(document: Any, says: str) -> None:
    with pytest.raises(BadInput, match=says) as raised:
        transaction(document)
    assert str(raised.value).count("\n") == 0
    assert str(raised.value).endswith(".")
