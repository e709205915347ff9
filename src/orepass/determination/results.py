"""Decisions as columns of a table: one short list of texts a column, and a number a row."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa  # pyright: ignore[reportMissingTypeStubs]

from orepass.determination.decisions import Decisions
from orepass.determination.rows import DECIDED_COLUMNS, JOINED, RESULT_COLUMNS
from orepass.determination.rulebook import Reason

FREE = "not_controlled"
"""The outcome of rows for which no reasons are made."""
IN_WORDS = "reasons_in_words"
"""A column that sheets of Excel have besides."""
REASON_COLUMNS = (
    "row",
    "outcome",
    "codes",
    "rule",
    "instrument",
    "paragraph",
    "says",
    "zh",
    "source",
    "grade",
    "layer",
)


COLOURS = {
    "prohibited": "#F4B6B0",
    "refusal_presumed": "#F7CDB0",
    "licence_required": "#FBE5A8",
    "law_unknown": "#DCD3EE",
    "needs_facts": "#CFE0F5",
    "exempt": "#D5EDDA",
    "not_controlled": "#E6F4E8",
}
"""The colour of each outcome, in sheets and on pages."""


class Results:
    """Columns of the answer, and the table of reasons, for numbers of decisions.

    Parameters
    ----------
    decisions
        The decision table; it may grow between chunks.
    """

    def __init__(self, decisions: Decisions) -> None:
        self._decisions = decisions
        self._texts: list[dict[str, int]] = [{} for _ in DECIDED_COLUMNS]
        self._places: list[list[int]] = [[] for _ in DECIDED_COLUMNS]
        self._law = pa.array([decisions.law.version])

    def columns(self, numbers: Any) -> dict[str, Any]:
        """The result columns of some rows, as Arrow dictionaries; an empty text is none."""
        for decision in self._decisions.made[len(self._places[0]) :]:
            for texts, places, text in zip(self._texts, self._places, decision.cells, strict=True):
                places.append(texts.setdefault(text, len(texts)) if text else -1)
        found: dict[str, Any] = {}
        for name, texts, places in zip(DECIDED_COLUMNS, self._texts, self._places, strict=True):
            index = np.array(places, dtype=np.int32)[numbers] if places else np.full(len(numbers), -1, dtype=np.int32)
            known = pa.array(list(texts), pa.string())
            found[name] = pa.DictionaryArray.from_arrays(pa.array(index, mask=index < 0), known)
        everywhere = pa.array(np.zeros(len(numbers), dtype=np.int32))
        found["law"] = pa.DictionaryArray.from_arrays(everywhere, self._law)
        return {name: found[name] for name in RESULT_COLUMNS}

    def words(self, numbers: Any) -> Any:
        """What the rules behind each answer say, for people who read a sheet."""
        texts: dict[str, int] = {}
        places = [
            texts.setdefault(JOINED.join(rule.says for rule in decision.rules), len(texts))
            for decision in self._decisions.made
        ]
        index = np.array(places, dtype=np.int32)[numbers]
        return pa.DictionaryArray.from_arrays(pa.array(index), pa.array(list(texts), pa.string()))

    def reasons(self, numbers: Any, first_row: int) -> dict[str, Any]:
        """One row for each rule that a row's answer rests on, for rows that are not free.

        Parameters
        ----------
        numbers
            Decisions of the rows.
        first_row
            Number of the first of them; rows are counted from 1.
        """
        made = self._decisions.made
        rules: dict[Reason, int] = {}
        of_decision = [
            [] if d.outcome == FREE or d.error else [rules.setdefault(rule, len(rules)) for rule in d.rules]
            for d in made
        ]
        count = np.array([len(found) for found in of_decision], dtype=np.int64)
        start = np.concatenate([[0], np.cumsum(count)])[:-1]
        flat = np.array([place for found in of_decision for place in found], dtype=np.int32)
        each = count[numbers]
        row = np.repeat(np.arange(len(numbers)), each)
        ends = np.cumsum(each)
        within = np.arange(len(row)) - np.repeat(ends - each, each)
        decided = np.asarray(numbers)[row]
        rule = flat[start[decided] + within] if len(row) else np.zeros(0, dtype=np.int32)
        answers = self.columns(decided)
        found: dict[str, Any] = {
            "row": pa.array(row + first_row),
            "outcome": answers["outcome"],
            "codes": answers["codes"],
        }
        table = list(rules) or [Reason("", "", "", "", "", "", "", "")]
        for name in REASON_COLUMNS[3:]:
            texts = pa.array([getattr(reason, name) for reason in table], pa.string())
            found[name] = pa.DictionaryArray.from_arrays(pa.array(rule), texts)
        return found
