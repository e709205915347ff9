"""What a description says: facts with their characters and a grade of trust, and where the text speaks against itself."""

from __future__ import annotations

from typing import Literal, NamedTuple

from orepass.goods.parameters import Interval, Value, parameters

Trust = Literal["stated", "named", "computed", "inferred", "guessed"]
"""How a fact was read.

``stated``: written with its name, its sign or its unit; ``named``: the name of the goods is written; ``computed``: follows from a formula,
a tag or a CAS number; ``inferred``: from a bare number, or from what a form says of the shape; ``guessed``: from a misspelt name or from
Latin letters for a Chinese one.
"""

PRESENT = Interval(0.0, 100.0, low_open=True)
"""The share of an element of which only its presence is known."""


class Read(NamedTuple):
    """One fact read from a text, and where it stands there."""

    fact: str
    value: Value
    start: int
    end: int
    trust: Trust = "stated"

    @property
    def sure(self) -> bool:
        """Whether the text says so itself."""
        return self.trust in {"stated", "named", "computed"}


class Conflict(NamedTuple):
    """Two things in one text that cannot both be so, or one that cannot be.

    ``fact`` is what they speak of; ``says`` is a sentence; the places are the characters of the first and of the second.
    """

    fact: str
    says: str
    first: tuple[int, int]
    second: tuple[int, int]


class Description(NamedTuple):
    """What a text says: facts of the goods, statements on the transaction, the kind of line, and what was left open."""

    text: str
    reads: tuple[Read, ...]
    kind: str | None
    also_named: tuple[str, ...]
    conflicts: tuple[Conflict, ...] = ()
    hs: str = ""
    cas: str = ""

    @property
    def facts(self) -> dict[str, Value]:
        """The facts by name."""
        return {read.fact: read.value for read in self.reads}

    def of_transaction(self) -> dict[str, Value]:
        """Statements on use and purpose, which belong to the transaction."""
        table = parameters()
        return {r.fact: r.value for r in self.reads if r.fact in table and table[r.fact].of == "transaction"}

    def read_of(self, fact: str) -> Read | None:
        """Where a fact was read."""
        return next((read for read in self.reads if read.fact == fact), None)
