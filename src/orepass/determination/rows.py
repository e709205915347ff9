"""One row of a table as a transaction, and its answer as the columns that screening adds.

The column names are those of the transaction's fields (``docs/transaction.md``); missing columns are unknown. What is said here of one row
holds for a table of any size: :mod:`~orepass.determination.cells` and :mod:`~orepass.determination.decisions` only make it quick.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from orepass.determination.determine import Determination, determine
from orepass.determination.logic import ASK
from orepass.determination.questions import MANY
from orepass.determination.rulebook import Hit
from orepass.determination.transaction import Transaction, transaction
from orepass.errors import BadInput
from orepass.goods.elements import ELEMENTS
from orepass.goods.parameters import parameters
from orepass.law.timeline import Law

RESULT_COLUMNS = ("outcome", "conditions", "codes", "questions", "reasons", "error", "law", "missing")
"""What screening adds to a table."""
DECIDED_COLUMNS = tuple(name for name in RESULT_COLUMNS if name != "law")
"""Those that hang on the row."""
LINE_COLUMNS = ("description", "kind", "entry", "hs", "quantity", "unit", "value", "currency")
ROUTE_COLUMNS = ("date", "known", "act", "from", "to", "origin", "via")
PARTY_COLUMNS = (
    "consignee",
    "consignee_country",
    "end_user",
    "end_user_country",
    "end_user_military",
    "end_user_owner",
    "end_user_owner_share",
)
USE_COLUMNS = ("end_use", "end_use_military", "purpose")

Row = Mapping[str, Any]


class Screened(NamedTuple):
    """One row's answer: the result columns, and the determination behind them unless the row had an error."""

    result: dict[str, str]
    determination: Determination | None


@cache
def known_columns() -> frozenset[str]:
    """Every column name that is read."""
    facts = {p.name for p in parameters().values() if p.of == "line"}
    return frozenset({*LINE_COLUMNS, *ROUTE_COLUMNS, *PARTY_COLUMNS, *USE_COLUMNS, *facts})


def canonical(column: str) -> str:
    """The name under which a column is read: case does not matter, but for the symbol of an element."""
    head, dot, element = column.strip().partition(".")
    return f"{head.lower()}{dot}{element}"


def is_read(column: str) -> bool:
    """Whether a column of that name is read."""
    name = canonical(column)
    head, _, element = name.partition(".")
    return name in known_columns() or (head == "content_wt_pct" and element in ELEMENTS)


def row_to_document(row: Row) -> dict[str, Any]:
    """One row as a transaction document; empty cells are unknown."""
    given = {canonical(name): value for name, value in row.items() if not is_empty(value)}
    line: dict[str, Any] = {name: given[name] for name in LINE_COLUMNS if name in given}
    facts = {name: value for name, value in given.items() if is_read(name) and name not in _NOT_FACTS}
    if facts:
        line["facts"] = facts
    document: dict[str, Any] = {name: given[name] for name in ROUTE_COLUMNS if name in given}
    document["lines"] = [line]
    parties = list(_parties(given))
    if parties:
        document["parties"] = parties
    use = {
        field: given[column]
        for column, field in (("end_use", "text"), ("end_use_military", "military"), ("purpose", "purpose"))
        if column in given
    }
    if use:
        document["end_use"] = use
    return document


_NOT_FACTS = frozenset({*LINE_COLUMNS, *ROUTE_COLUMNS, *PARTY_COLUMNS, *USE_COLUMNS})


def is_empty(value: Any) -> bool:
    """Whether a cell says nothing."""
    return (
        value is None
        or value == ""
        or (isinstance(value, float) and math.isnan(value))
        or (isinstance(value, str) and not value.strip())
    )


def _parties(given: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    if "consignee" in given or "consignee_country" in given:
        yield {"role": "consignee", "name": given.get("consignee", ""), "country": given.get("consignee_country")}
    if any(name in given for name in PARTY_COLUMNS if name.startswith("end_user")):
        party: dict[str, Any] = {
            "role": "end_user",
            "name": given.get("end_user", ""),
            "country": given.get("end_user_country"),
            "military": given.get("end_user_military"),
        }
        if "end_user_owner" in given:
            share = given.get("end_user_owner_share")
            party["owners"] = [
                {"name": given["end_user_owner"], **({"share": owner_share(share)} if share is not None else {})}
            ]
        yield party


def owner_share(value: Any) -> Any:
    """A share from 0 to 1, or two with a dash between them."""
    if isinstance(value, str):
        text = value.strip()
        parts = [part.strip().removesuffix("%") for part in text.replace("–", "-").split("-")]
        try:
            numbers = [float(part) / (100 if "%" in text else 1) for part in parts]
        except ValueError:
            return value
        return numbers if len(numbers) == 2 else numbers[0] if len(numbers) == 1 else value
    return value


def screen_row(row: Row, law: Law) -> Screened:
    """The answer for one row."""
    try:
        read: Transaction = transaction(row_to_document(row))
        answer = determine(read, law)
    except BadInput as error:
        return Screened(
            dict.fromkeys(RESULT_COLUMNS, "") | {"error": without_line(error.sentence), "law": law.version}, None
        )
    questions = answer.questions
    return Screened(
        {
            "outcome": answer.outcome,
            "conditions": JOINED.join(answer.conditions),
            "codes": JOINED.join(codes_shown(answer.lines[0].hits, answer.outcome)),
            "questions": JOINED.join(question.text for question in questions),
            "reasons": JOINED.join(reason.rule for reason in answer.reasons),
            "error": "",
            "law": law.version,
            "missing": JOINED.join(question.fact for question in questions),
        },
        answer,
    )


JOINED = "; "
"""What parts the items of a cell that holds several."""


def codes_shown(hits: Sequence[Hit], outcome: str) -> list[str]:
    """The entries that a row names: those that hold the goods, and while a fact is missing those that may, unless they are too many."""
    binding = [hit for hit in hits if hit.entry.binds]
    return [hit.entry.code for hit in binding if hit.value > ASK or (outcome == "needs_facts" and len(binding) <= MANY)]


def without_line(sentence: str) -> str:
    """A row has one line, so its number says nothing."""
    return sentence.removeprefix("line 1, ").removeprefix("line 1: ")
