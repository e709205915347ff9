"""Lists of the user's own, as CSV or XLSX: columns are known by their names in English or Chinese (``facts/parties/columns.yaml``).

A row that cannot be read does not stop the others, so rows are read one by one here, apart from ``orepass.tables``.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import codecs
import csv
import hashlib
import re
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from orepass.errors import BadInput
from orepass.parties.listed import Identifier, ListedParty
from orepass.parties.lists.csl import free_id
from orepass.parties.lists.reading import (
    Place,
    Problems,
    ReadList,
    column_fields,
    day_after,
    first_and_last,
    fold,
    identifier,
    identifier_kinds,
    kind_of_number,
    newest_day,
    read_countries,
    unique,
)

ENCODINGS = ("utf-8-sig", "gb18030")
_MANY = frozenset({"name", "name_en", "name_zh", "aliases", "address", "identifier", "note", "country"})
"""Fields that several columns may fill together."""
_NAMES = ("name", "name_en", "name_zh")
_SEVERAL = re.compile(r"[;；|\n]+")
_SEVERAL_COUNTRIES = re.compile(r"[;；|,，、/\n]+")


class Column(NamedTuple):
    """What a column is read as: a field, and for an identifier its kind."""

    place: int
    field: str
    kind: str = ""


class Row(NamedTuple):
    """A row of a table and where it stands."""

    place: Place
    cells: list[Any]


def read_table(path: Path, list_id: str) -> ReadList:
    """Read a table, one listing a row.

    A name in one cell may be followed by its aliases in a column of their own, parted by ``;`` or ``|``. The end (``to``, ``valid until``)
    is read as the last day on which the listing holds. A row without an id gets one from its name and its countries.

    Raises
    ------
    BadInput
        When the file is no table, has no column of names, or a column twice.
    """
    rows = _sheet(path) if _is_workbook(path) else _csv(path)
    head = next(rows, None)
    if head is None:
        raise BadInput("the table holds no rows", where=str(path), expected="a header and at least one row")
    columns, warnings = columns_of([str(cell).strip() if cell is not None else "" for cell in head.cells], path)
    problems = Problems()
    parties: dict[str, ListedParty] = {}
    read = 0
    for row in rows:
        read += 1
        if len(row.cells) > len(head.cells):
            remedy = "put quotes around cells that hold a comma"
            says = f"the row has {len(row.cells)} cells, the header {len(head.cells)}"
            problems.lost(row.place, says, "as many cells as the header has", remedy)
            continue
        party = party_of(row, columns, list_id, problems)
        if party is None:
            continue
        key = free_id(party.id, parties)
        if parties.get(party.id) == party:
            problems.field(row.place, "id", BadInput(f"{party.id} stands there twice with the same content; kept once"))
            continue
        if key != party.id:
            says = f"{party.id} stands there twice with other content; this one is kept as {key}"
            problems.field(row.place, "id", BadInput(says, remedy="give each row an id of its own"))
        parties[key] = party._replace(id=key)
    if not read:
        raise BadInput("the table holds no rows", where=str(path), expected="a header and at least one row")
    found = tuple(parties.values())
    newest = newest_day(day for party in found for day in (party.from_, party.known_from))
    return ReadList(found, tuple(problems.found), (), "table", path.name, read, (), tuple(warnings), newest)


def _is_workbook(path: Path) -> bool:
    with path.open("rb") as handle:
        return handle.read(2) == b"PK"


def _blank(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _sheet(path: Path) -> Iterator[Row]:
    """The filled rows of the first sheet."""
    import python_calamine

    try:
        sheet = (
            python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python(skip_empty_area=False)
        )
    except Exception as error:  # calamine raises its own kinds for every sort of broken file
        raise BadInput(
            f"the file is not an Excel workbook ({error})",
            where=str(path),
            expected="a workbook with a table on its first sheet",
        ) from None
    for number, cells in enumerate(sheet, 1):
        if not all(_blank(cell) for cell in cells):
            yield Row(Place(path.name, "row", number), list(cells))


def _csv(path: Path) -> Iterator[Row]:
    """The filled rows of a text file."""
    encoding = _encoding(path)
    with path.open(encoding=encoding, newline="") as handle:
        first = next((line for line in handle if line.strip(" \t\r\n,;")), "")
        handle.seek(0)
        lines = csv.reader(handle, delimiter=max((",", ";", "\t"), key=first.count), strict=True)
        end = 0
        try:
            for cells in lines:
                begin, end = end + 1, lines.line_num
                if not all(_blank(cell) for cell in cells):
                    yield Row(Place(path.name, "line", begin), list(cells))
        except csv.Error as error:
            raise BadInput(
                f"the text is not CSV ({error})",
                where=f"{path}, line {lines.line_num}",
                expected="cells parted by commas",
                remedy="save the table as CSV in UTF-8 again",
            ) from None


def _encoding(path: Path) -> str:
    """The encoding in which the whole file is text."""
    with path.open("rb") as handle:
        if b"\x00" in handle.read(4096):
            raise BadInput("the file is not text", where=str(path), expected="a CSV file in UTF-8 or GB 18030")
    for encoding in ENCODINGS:
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with path.open("rb") as handle:
                while block := handle.read(1 << 22):
                    decoder.decode(block)
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise BadInput("the text is in no encoding that we read", where=str(path), expected="UTF-8 or GB 18030")


def columns_of(head: list[str], path: Path) -> tuple[list[Column], list[str]]:
    """What each column is read as, and what has to be said of the others."""
    found: list[Column] = []
    unknown: list[str] = []
    warnings: list[str] = []
    for place, name in enumerate(head):
        meaning = _meaning(name)
        if meaning is None:
            unknown.append(repr(name) if name else f"column {place + 1} without a name")
            continue
        before = next((column for column in found if column.field == meaning[0]), None)
        if before and meaning[0] not in _MANY:
            warnings.append(f"{path.name}: {name!r} says the same as {head[before.place]!r} and is not read.")
            continue
        found.append(Column(place, *meaning))
    if not any(column.field in _NAMES for column in found):
        raise BadInput(
            f"no column holds names; the columns are {', '.join(repr(name) for name in head)}",
            where=str(path),
            expected="a column called name, name_en, name_zh, 名称 or the like",
            remedy="rename the column of names",
        )
    if unknown:
        one = len(unknown) == 1
        says = f"{path.name}: nothing is read from {', '.join(unknown)}: {'its name is' if one else 'their names are'} not known"
        warnings.append(f"{says}; rename {'it' if one else 'them'} if {'it is' if one else 'they are'} needed.")
    return found, warnings


def _meaning(name: str) -> tuple[str, str] | None:
    """The field of a column's name, also where it stands in two languages (``Name / 名称``)."""
    if kind := identifier_kinds().get(fold(name)):
        return "identifier", kind
    if field := column_fields().get(fold(name)):
        return field, ""
    parts = [
        part
        for part in re.split(r"[/|\n()（）]+|(?<=[㐀-鿿])\s*(?=[A-Za-z])|(?<=[A-Za-z])\s*(?=[㐀-鿿])", name)
        if part.strip()
    ]
    if len(parts) < 2:
        return None
    meanings = {_meaning(part) for part in parts}
    return meanings.pop() if len(meanings) == 1 else None


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, datetime):
        cell = cell.date()
    return "" if cell is None else str(cell).strip()


def party_of(row: Row, columns: list[Column], list_id: str, problems: Problems) -> ListedParty | None:
    """The party of a row, or nothing where it has no name; what cannot be read goes to the problems."""
    cells = {column: row.cells[column.place] for column in columns if column.place < len(row.cells)}

    def texts(field: str) -> list[str]:
        return [text for column, cell in cells.items() if column.field == field and (text := _text(cell))]

    def text(field: str) -> str:
        return "; ".join(texts(field))

    aliases = [part for value in texts("aliases") for part in _SEVERAL.split(value)]
    names = unique([*(name for field in _NAMES for name in texts(field)), *aliases])
    if not any(texts(field) for field in _NAMES):
        problems.lost(row.place, "the row has no name", "a name in one of the columns of names")
        return None
    countries = read_countries(part for value in texts("country") for part in _countries_of(value))
    for stated in countries.unknown:
        expected = "an ISO 3166 code such as DE, or a name in English or Chinese"
        problems.field(row.place, "country", BadInput(f"{stated!r} is no country that we know", expected=expected))
    from_ = _day(row, cells, "from", problems)
    to = _day(row, cells, "to", problems)
    if from_ and to and to[1] < from_[0]:
        says = f"the end {to[1]} lies before the start {from_[0]}; the listing is kept without an end"
        problems.field(row.place, "to", BadInput(says))
        to = None
    published = _day(row, cells, "published", problems)
    note = [text("note"), *(f"list: {value}" for value in texts("list"))]
    note += [f"country as stated: {value}" for value in countries.unknown]
    return ListedParty(
        list_id,
        text("id") or _own_id(names[0], countries.codes),
        names,
        countries.codes,
        _identifiers(cells),
        unique(part for value in texts("address") for part in _SEVERAL.split(value)),
        notice=text("notice"),
        bars=text("bars"),
        from_=from_[0] if from_ else None,
        to=day_after(to[1]) if to else None,
        known_from=published[0] if published else None,
        source=text("source"),
        note="; ".join(part for part in note if part),
        kind=text("kind").casefold(),
    )


def _countries_of(value: str) -> list[str]:
    """A cell is one country where it can be read so (``Korea, Republic of``), else several."""
    return [value] if not read_countries([value]).unknown else _SEVERAL_COUNTRIES.split(value)


def _own_id(name: str, countries: tuple[str, ...]) -> str:
    folded = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
    return f"h-{hashlib.sha256('|'.join([folded, *sorted(countries)]).encode('utf-8', 'replace')).hexdigest()[:12]}"


def _identifiers(cells: dict[Column, Any]) -> tuple[Identifier, ...]:
    """Numbers, each under the kind that its column or the word before it names, else by its form."""
    found: dict[Identifier, None] = {}
    for column, cell in cells.items():
        if column.field != "identifier":
            continue
        for part in _SEVERAL.split(_text(cell)):
            word, colon, number = part.replace("：", ":").partition(":")
            stated = identifier_kinds().get(fold(word)) if colon else None
            value = number.strip() if stated else part.strip()
            if value:
                found[identifier(stated or column.kind or kind_of_number(value), value)] = None
    return tuple(found)


def _day(row: Row, cells: dict[Column, Any], field: str, problems: Problems) -> tuple[date, date] | None:
    cell = next((cell for column, cell in cells.items() if column.field == field), None)
    if _blank(cell):
        return None
    try:
        return first_and_last(cell if isinstance(cell, date) else _text(cell))
    except BadInput as error:
        problems.field(row.place, field, error)
        return None
