"""Under which name each column of a table is read: our own name, a known name of trade papers, its content, or a file of the user.

The known names lie in ``facts/goods/columns.yaml``. Nothing is read on a hunch: a name that may mean a column, or whose unit is not the
column's own, is shown as a suggestion and left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

from orepass.determination.column_names import fold_column, meaning_of, unit_of
from orepass.determination.rows import RESULT_COLUMNS, canonical, is_empty, is_read, known_columns
from orepass.errors import BadInput
from orepass.goods.tariff import customs_number

OWN_NAME = "own name"
KNOWN_NAME = "known name"
CONTENT = "its content"
FILE = "your file"


class Mapping(NamedTuple):
    """What is read from which column of a table.

    ``of`` gives for each column that is read the name under which it is read, and ``how`` why: ``own name``, ``known name``,
    ``its content`` or ``your file`` (also for a column that the file leaves out). ``left`` are the columns that are kept but not read,
    ``perhaps`` those of them that may mean something, with what. ``columns`` are all, in the order of the table.
    """

    of: dict[str, str]
    how: dict[str, str]
    left: tuple[str, ...]
    perhaps: dict[str, str]
    columns: tuple[str, ...]


def guess(
    columns: Sequence[str], sample: dict[str, Sequence[Any]] | None = None, files: Sequence[Sequence[str]] = ()
) -> Mapping:
    """Find out which columns are read, and under which names.

    Parameters
    ----------
    columns
        The header of the table.
    sample
        Some cells of each column. With them a column without a known name may be found to hold customs numbers.
    files
        The header of each file, where the table has several: one name is given once in each.

    Examples
    --------
    >>> guess(["HS Code", "品名", "Thickness (cm)"]).of
    {'HS Code': 'hs', '品名': 'description'}
    """
    return _settle(columns, {}, sample or {}, files)


def read_mapping(
    path: Path,
    columns: Sequence[str],
    sample: dict[str, Sequence[Any]] | None = None,
    files: Sequence[Sequence[str]] = (),
) -> Mapping:
    """Read a file that says what columns mean; those that it does not name are guessed.

    Parameters
    ----------
    path
        YAML: the name of a column, and the name under which it is read, or null for a column that is not read.
    columns
        The header of the table.
    sample, files
        As for :func:`guess`.

    Raises
    ------
    BadInput
        When the file is no such mapping, or names a column that is not there, a name that is not read, or one name twice.
    """
    given: dict[str, str | None] = {}
    for column, name, line in _entries(path):
        try:
            given[column] = _checked(column, name, columns, given, files)
        except BadInput as error:
            raise error.at(f"{path}, line {line}, field {column}") from None
    return _settle(columns, given, sample or {}, files)


def of_names(
    given: dict[str, str | None],
    columns: Sequence[str],
    sample: dict[str, Sequence[Any]] | None = None,
    files: Sequence[Sequence[str]] = (),
) -> Mapping:
    """Columns under the names that are given for them, ``None`` for one that is not read; those that are not named are guessed.

    Raises
    ------
    BadInput
        When a column is not there, a name is not read, or one name is given twice.
    """
    checked: dict[str, str | None] = {}
    for column, name in given.items():
        try:
            checked[column] = _checked(column, name, columns, checked, files)
        except BadInput as error:
            raise error.at(f"columns, {column}") from None
    return _settle(columns, checked, sample or {}, files)


def show(mapping: Mapping) -> list[tuple[str, str, str]]:
    """Rows to print, in the order of the table: the column, the name under which it is read or ``-``, and why or what it may be."""
    return [
        (column, mapping.of.get(column, "-"), mapping.how.get(column) or _suggestion(mapping, column))
        for column in mapping.columns
    ]


def _suggestion(mapping: Mapping, column: str) -> str:
    name = mapping.perhaps.get(column)
    if name is None:
        return ""
    other = next((taken for taken, target in mapping.of.items() if target == name), None)
    if other is not None:
        return f"may be {name}, which is read from {other}"
    unit = unit_of(name)
    return f"may be {name} (in {unit})" if unit else f"may be {name}"


class _Claim(NamedTuple):
    """A column that would be read under a name; the lowest claim to a name gets it."""

    rank: int
    place: int
    column: str
    name: str
    how: str


def _settle(
    columns: Sequence[str],
    given: dict[str, str | None],
    sample: dict[str, Sequence[Any]],
    files: Sequence[Sequence[str]],
) -> Mapping:
    """Give each name to the column with the best claim to it; the others are left, as suggestions."""
    claims: list[_Claim] = []
    perhaps: dict[str, str] = {}
    how: dict[str, str] = {}
    for place, column in enumerate(columns):
        if column in given:
            how[column] = FILE
            if (name := given[column]) is not None:
                claims.append(_Claim(0, place, column, name, FILE))
        elif column.strip().casefold() in RESULT_COLUMNS:
            continue
        elif is_read(column):
            name = canonical(column)
            claims.append(_Claim(1 if column == name else 2, place, column, name, OWN_NAME))
        else:
            found = meaning_of(column)
            if found:
                perhaps[column] = found.name
            cells = [cell for cell in sample.get(column, ()) if not is_empty(cell)]
            if found and found.plain and not (found.name == "hs" and _is_no_customs_column(cells)):
                claims.append(_Claim(3, place, column, found.name, KNOWN_NAME))
            elif _holds_customs_numbers(cells) and (_hints_at_customs(column) or (found and found.name == "hs")):
                claims.append(_Claim(4, place, column, "hs", CONTENT))
                perhaps[column] = "hs"
    of: dict[str, str] = {}
    taken: dict[str, list[str]] = {}
    for claim in sorted(claims):
        if any(_together(claim.column, other, files) for other in taken.get(claim.name, ())):
            perhaps[claim.column] = claim.name
        else:
            taken.setdefault(claim.name, []).append(claim.column)
            of[claim.column], how[claim.column] = claim.name, claim.how
    return Mapping(
        {column: of[column] for column in columns if column in of},
        {column: how[column] for column in columns if column in how},
        tuple(column for column in columns if column not in of),
        {column: perhaps[column] for column in columns if column in perhaps and column not in of},
        tuple(columns),
    )


def _together(one: str, other: str, files: Sequence[Sequence[str]]) -> bool:
    """Whether two columns stand in one file."""
    return not files or any(one in names and other in names for names in files)


# --- what a column holds

_ENOUGH = 5
"""Fewer cells say nothing of a column."""
_MOST = 0.9


def _is_customs_number(cell: Any) -> bool:
    text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
    try:
        customs_number(text)
    except BadInput:
        return False
    return True


def _holds_customs_numbers(cells: Sequence[Any]) -> bool:
    """Whether nearly all cells are customs numbers that exist."""
    return len(cells) >= _ENOUGH and sum(map(_is_customs_number, cells)) >= _MOST * len(cells)


def _is_no_customs_column(cells: Sequence[Any]) -> bool:
    """Whether the cells are something else, such as the article numbers of a shop, in spite of the name."""
    return len(cells) >= _ENOUGH and not any(map(_is_customs_number, cells))


_HINTS = re.compile(r"code|tariff|(?<![a-z])hs(?![a-z])|编|編")
_POSTAL = re.compile(r"post|zip|邮|郵")
"""Postal codes have six digits as well."""


def _hints_at_customs(column: str) -> bool:
    name = column.casefold()
    return bool(_HINTS.search(name)) and not _POSTAL.search(name)


# --- a file of the user


def _entries(path: Path) -> Iterator[tuple[str, str | None, int]]:
    """Each column of the file, the name that it is given, and the line; taken as written, so that ``No`` is a name and no denial."""
    import yaml

    shape = "a mapping such as {HS Code: hs, Remark: null}"
    try:
        node: Any = cast("Any", yaml).compose(path.read_text(encoding="utf-8-sig"), Loader=yaml.SafeLoader)
    except OSError as error:
        raise BadInput(f"the file cannot be read ({error.strerror})", where=str(path), expected="a YAML file") from None
    except UnicodeDecodeError:
        raise BadInput("the text is not UTF-8", where=str(path), expected="a YAML file in UTF-8") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}, line {mark.line + 1}" if mark else str(path)
        said = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise BadInput(f"the text is not YAML ({said})", where=where, expected=shape) from None
    if not isinstance(node, yaml.MappingNode):
        raise BadInput("the file says of no column what it means", where=str(path), expected=shape)
    for key, value in cast("Any", node).value:
        line = int(key.start_mark.line) + 1
        if not isinstance(key, yaml.ScalarNode) or not isinstance(value, yaml.ScalarNode):
            raise BadInput("a column is not given one name", where=f"{path}, line {line}", expected=shape)
        nothing = value.tag == "tag:yaml.org,2002:null"
        yield str(key.value).strip(), None if nothing else str(value.value).strip(), line


def _checked(
    column: str,
    name: str | None,
    columns: Sequence[str],
    given: dict[str, str | None],
    files: Sequence[Sequence[str]],
) -> str | None:
    """The name that the file gives a column, as we write it."""
    if column not in columns:
        raise BadInput(
            f"the table has no column {column!r}",
            expected="the name of a column as it stands in the header of the table",
            remedy=_did_you_mean(column, columns) or "take the line out, or correct the name",
        )
    if column in given:
        raise BadInput(f"column {column!r} is named twice", expected="each column once", remedy="take one line out")
    if name is None:
        return None
    if column.casefold() in RESULT_COLUMNS:
        remedy = "rename the column in the table"
        raise BadInput(f"column {column!r} bears a name of the answer", expected="a column of the input", remedy=remedy)
    target = canonical(name)
    if not is_read(target):
        raise BadInput(
            f"{name!r} is no name that we read",
            expected="a name from docs/transaction.md, or null for a column that is not read",
            remedy=_did_you_mean(name, known_columns()) or "see `orepass law facts` for the names of facts",
        )
    other = next((taken for taken, held in given.items() if held == target and _together(taken, column, files)), None)
    if other is not None:
        raise BadInput(
            f"{target} is given to {other!r} and to {column!r}",
            expected="each name for one column",
            remedy="write null for the column that is not to be read",
        )
    return target


def _did_you_mean(name: str, among: Sequence[str] | frozenset[str]) -> str:
    """A hint at the name that stands nearest in meaning or in spelling, or nothing."""
    from difflib import get_close_matches

    meant = meaning_of(name)
    folded = {fold_column(each): each for each in sorted(among)}
    near = [meant.name] if meant and among == known_columns() else []
    near = near or [folded[each] for each in get_close_matches(fold_column(name), folded, n=1, cutoff=0.6)]
    return f"did you mean {near[0]!r}" if near else ""
