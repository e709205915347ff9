"""How often Orepass errs, as facts: what the page *About* publishes."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import NamedTuple

from orepass.factfiles import FACTS, read_yaml
from orepass.law.model import Text


class ErrorRate(NamedTuple):
    """One measurement: of what, the figure, the goal, the script and the day of its run."""

    what: Text
    figure: Text
    goal: Text
    by: str
    on: date


@cache
def error_rates() -> tuple[ErrorRate, ...]:
    """Every published measurement."""
    return tuple(
        ErrorRate(Text(row["en"], row["zh"]), Text(**row["figure"]), Text(**row["goal"]), row["by"], row["day"])
        for row in read_yaml(FACTS / "measured.yaml")
    )
