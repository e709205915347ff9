"""Orepass: China's export controls on strategic minerals as executable law.

The public API fits on this page::

    from orepass import Law, determine, transaction

    law = Law.load()
    answer = determine(transaction({"date": "2025-01-20", "to": "US", "lines": [{"description": "antimony ingot 99.65%"}]}), law)
    answer.outcome          # 'refusal_presumed'
    answer.to_dict()        # the published document

    from orepass import screen

    found = screen("orders.xlsx")   # a path, an Arrow table, a pandas or Polars frame, a DuckDB relation, an Ibis table
    found.table                     # every row with its outcome, entries, questions and reasons

Names are imported when they are first used, so that ``import orepass`` stays quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orepass.determination.classify import Classification, classify
    from orepass.determination.determine import Determination, determine
    from orepass.determination.rows import screen_row
    from orepass.determination.schema import determination_schema, transaction_schema
    from orepass.determination.screen import Screening, screen
    from orepass.determination.transaction import Transaction, transaction
    from orepass.errors import BadInput, FactError, OrepassError
    from orepass.goods.describe import Description, describe
    from orepass.law.timeline import Law, LawOn

__version__ = "0.1.0"

__all__ = [
    "BadInput",
    "Classification",
    "Description",
    "Determination",
    "FactError",
    "Law",
    "LawOn",
    "OrepassError",
    "Screening",
    "Transaction",
    "classify",
    "describe",
    "determination_schema",
    "determine",
    "screen",
    "screen_row",
    "transaction",
    "transaction_schema",
]

_HOMES = {
    "BadInput": "errors",
    "Classification": "determination.classify",
    "classify": "determination.classify",
    "Description": "goods.describe",
    "Determination": "determination.determine",
    "FactError": "errors",
    "Law": "law.timeline",
    "LawOn": "law.timeline",
    "OrepassError": "errors",
    "Transaction": "determination.transaction",
    "describe": "goods.describe",
    "determination_schema": "determination.schema",
    "determine": "determination.determine",
    "screen": "determination.screen",
    "Screening": "determination.screen",
    "screen_row": "determination.rows",
    "transaction": "determination.transaction",
    "transaction_schema": "determination.schema",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'orepass' has no attribute {name!r}")
    return getattr(import_module(f"orepass.{home}"), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
