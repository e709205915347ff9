"""Tables of parties that somebody asks about: which columns say who they are, and each row as a party."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from orepass.parties.listed import Asked
from orepass.parties.lists.reading import Place, Problems
from orepass.parties.lists.table import Column, Row, columns_of, party_of


class PartyColumns(NamedTuple):
    """The columns of a table as a list would call them, and what has to be said of the others."""

    table: str
    names: tuple[str, ...]
    columns: tuple[Column, ...]
    warnings: tuple[str, ...]

    def asked(self, row: Mapping[str, Any], number: int) -> tuple[tuple[Asked, ...], str]:
        """The party of a row, once for each of its names, and what could not be read, in a sentence; no party where there is no name."""
        problems = Problems()
        party = party_of(
            Row(Place(self.table, "row", number), [row[name] for name in self.names]),
            list(self.columns),
            "asked",
            problems,
        )
        said = "; ".join(problem.says for problem in problems.found)
        if party is None:
            return (), said
        country = party.countries[0] if len(party.countries) == 1 else None
        address = party.addresses[0] if party.addresses else ""
        return tuple(Asked(name, country, party.identifiers, address) for name in party.names), said


def party_columns(names: Sequence[str], table: str) -> PartyColumns:
    """Which columns of a table say who a party is.

    Raises
    ------
    BadInput
        When no column holds names: which columns there are, and what to call one.
    """
    columns, warnings = columns_of(list(names), Path(table))
    return PartyColumns(Path(table).name, tuple(names), tuple(columns), tuple(warnings))
