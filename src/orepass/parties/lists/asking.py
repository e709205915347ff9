"""Tables of parties that somebody asks about: which columns say who they are, and each row as a party."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from orepass.errors import BadInput
from orepass.parties.listed import Asked, Identifier
from orepass.parties.lists.reading import column_roles, fold, identifier, identifier_kinds, kind_of_number, unique
from orepass.parties.lists.table import NAMES, SEVERAL, Column, countries_of, identifiers_of, meaning_of, parts_of, text_of
from orepass.places import country_code

_READ = frozenset({*NAMES, "aliases", "country", "address", "identifier"})


class Meaning(NamedTuple):
    """What a column says, and of whom: the role of a party in a deal, or none."""

    role: str
    field: str
    kind: str = ""


class PartyColumns(NamedTuple):
    """The columns of a table that say who a party is.

    ``roles`` holds, in the order in which they are asked, the columns of each party of a row; ``kept`` are columns that are not read.
    """

    head: tuple[str, ...]
    roles: tuple[tuple[Column, ...], ...]
    kept: tuple[str, ...]

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the user should know of the columns."""
        said: list[str] = []
        if self.kept:
            said.append(f"Columns kept but not read: {', '.join(self.kept)}.")
        if len(self.roles) > 1:
            first = [next(self.head[c.place] for c in columns if c.field in NAMES) for columns in self.roles]
            said.append(
                f"Only one party of a row is asked about: {first[0]!r}, where it is empty "
                f"{', then '.join(map(repr, first[1:]))}; screen a table of the others too."
            )
        return tuple(said)

    def asked(self, row: Mapping[str, Any]) -> tuple[tuple[Asked, ...], str]:
        """The party of a row, once for each of its names, and in a sentence what could not be read; no party where no name stands."""
        for columns in self.roles:
            cells = {column: cell for column in columns if (cell := row.get(self.head[column.place])) is not None}
            if any(text_of(cell) for column, cell in cells.items() if column.field in NAMES):
                return self._party(cells)
        names = [self.head[column.place] for columns in self.roles for column in columns if column.field in NAMES]
        return (), BadInput("the row has no name", expected=f"a name in {' or '.join(map(repr, names))}").sentence

    def _party(self, cells: Mapping[Column, Any]) -> tuple[tuple[Asked, ...], str]:
        def texts(*fields: str) -> list[str]:
            of_fields = (text_of(cell) for field in fields for column, cell in cells.items() if column.field == field)
            return [text for text in of_fields if text]

        names = unique([*texts(*NAMES), *(part for text in texts("aliases") for part in SEVERAL.split(text))])
        codes: dict[str, None] = {}
        said: list[str] = []
        for column, cell in cells.items():
            for part in countries_of(text_of(cell)) if column.field == "country" else ():
                try:
                    codes |= {code_of(part): None} if part.strip() else {}
                except BadInput as error:
                    said.append(error.at(self.head[column.place]).sentence)
        if len(codes) > 1:
            says = f"the row names several countries ({', '.join(codes)}), so none is compared"
            said.append(BadInput(says, expected="one country").sentence)
        country = next(iter(codes)) if len(codes) == 1 else None
        numbers = tuple(
            number._replace(kind="" if number.kind == "unstated" else number.kind) for number in identifiers_of(cells)
        )
        address = "; ".join(texts("address"))
        return tuple(Asked(name, country, numbers, address) for name in names), " ".join(said)


def party_columns(names: Sequence[str], table: str) -> PartyColumns:
    """Which columns of a table say who a party is.

    Raises
    ------
    BadInput
        When no column holds names: which columns there are, and what to call one.
    """
    roles: dict[str, list[Column]] = {"": []}
    kept: list[str] = []
    for place, name in enumerate(names):
        found = _meaning(name)
        if found is None or found.field not in _READ:
            kept.append(name)
        else:
            roles.setdefault(found.role, []).append(Column(place, found.field, found.kind))
    named = [role for role, columns in roles.items() if any(column.field in NAMES for column in columns)]
    if not named:
        raise BadInput(
            f"no column holds names; the columns are {', '.join(map(repr, names))}",
            where=table,
            expected="a column called name, name_en, name_zh, 名称, consignee, end_user or the like",
            remedy="rename the column of names",
        )
    if "" not in named:  # a country that is nobody's own is that of the party in its part
        roles = {
            role: [*columns, *(c for c in roles[""] if c.field not in {own.field for own in columns})]
            for role, columns in roles.items()
        }
    kept += [names[column.place] for role in roles if role and role not in named for column in roles[role]]
    return PartyColumns(tuple(names), tuple(tuple(roles[role]) for role in named), tuple(kept))


def _meaning(name: str) -> Meaning | None:
    """What a column says: ``end_user_country`` the country of the end user, ``country`` that of the party."""
    folded = fold(name)
    if role := column_roles().get(folded):
        return Meaning(role, "name")
    for word in sorted(column_roles(), key=len, reverse=True):
        if folded.startswith(word) and (of_role := meaning_of(folded.removeprefix(word))):
            return Meaning(column_roles()[word], *of_role)
    if found := meaning_of(name):
        return Meaning("", *found)
    meanings = {_meaning(part) for part in parts} if len(parts := parts_of(name)) > 1 else {None}
    return meanings.pop() if len(meanings) == 1 else None


def code_of(text: str) -> str:
    """The code of a country, also of a region of it such as ``gb-sct``.

    Raises
    ------
    BadInput
        When no country has that name.
    """
    from orepass.parties.lists.reading import read_countries

    known = read_countries([text]).codes
    return known[0] if known else country_code(text)


def stated_identifier(text: str) -> Identifier:
    """An identifier as somebody writes it by itself: ``lei:5493…``, or a bare number whose form tells its kind, else of any kind.

    Raises
    ------
    BadInput
        When a kind or a value is missing.
    """
    word, colon, number = text.replace("：", ":").partition(":")
    if not (colon and word.strip() and number.strip()) and (colon or not any(sign.isdigit() for sign in text)):
        raise BadInput(f"{text!r} is no identifier", expected="KIND:VALUE such as lei:5493...")
    if colon:
        return identifier(identifier_kinds().get(fold(word), word.strip().casefold()), number)
    kind = kind_of_number(text)
    return identifier("" if kind == "unstated" else kind, text)
