"""Customs numbers: which can exist."""

from __future__ import annotations

from pathlib import Path

import pytest

from orepass.errors import BadInput
from orepass.factfiles import read_yaml
from orepass.goods.tariff import customs_number
from orepass.law.timeline import Law


@pytest.mark.parametrize("text", ["8110101000", "8110.10.1000", "811010", "2504 10 10"])
def test_a_number_is_kept_without_dots_and_blanks(text: str) -> None:
    assert customs_number(text) == text.replace(".", "").replace(" ", "")


@pytest.mark.parametrize(
    ("text", "says"),
    [("9999999999", "does not exist"), ("81101", "6 to 10 digits"), ("81101O1000", "no customs number")],
)
def test_a_number_that_cannot_exist_is_refused(text: str, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        customs_number(text)


def test_every_reference_number_of_the_law_exists(law: Law) -> None:
    for entry in law.facts.entries.values():
        for customs in entry.customs:
            if customs.set == "erratum":
                with pytest.raises(BadInput, match="does not exist"):
                    customs_number(customs.number)
            else:
                assert customs_number(customs.number) == customs.number


def test_every_number_of_the_shared_fact_base_exists(shared: Path) -> None:
    for item in read_yaml(shared / "law" / "regime.yaml")["items"]:
        for reference in item["hs_reference"]:
            customs_number(reference["code"])
