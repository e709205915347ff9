"""Lists of parties that the user brings: FollowTheMoney entities, the Consolidated Screening List, tables of their own.

:func:`read_list` sees from the content which of them a file is.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal, cast

from orepass.errors import BadInput
from orepass.parties.lists.reading import Problem, ReadList, Stake

__all__ = ["FORMS", "Form", "Problem", "ReadList", "Stake", "form_of", "read_list"]

Form = Literal["ftm", "csl", "table"]
FORMS: dict[str, str] = {
    "ftm": "FollowTheMoney entities as JSON lines (OpenSanctions: entities.ftm.json)",
    "csl": "Consolidated Screening List of the United States as JSON (trade.gov)",
    "table": "a table of your own as CSV or XLSX",
}
_HEAD = 1 << 20


def read_list(path: str | Path, list_id: str, form: str | None = None) -> ReadList:
    """Read a list of parties.

    Parameters
    ----------
    path
        The file.
    list_id
        The id under which the parties stand.
    form
        ``ftm``, ``csl`` or ``table``; seen from the content where it is not named.

    Returns
    -------
    ReadList
        The parties, what could not be read, and who is stated to own whom.

    Raises
    ------
    BadInput
        When there is no such file, or as a whole it is not of its form.
    """
    where = Path(path)
    if not where.is_file():
        raise BadInput("there is no such file", where=str(path), expected="a list of parties: JSON, CSV or XLSX")
    if form is not None and form not in FORMS:
        raise BadInput(f"{form!r} is no form of a list", where="--form", expected=", ".join(FORMS))
    try:
        chosen = form or form_of(where)
        if chosen == "ftm":
            from orepass.parties.lists.ftm import read_ftm

            return read_ftm(where, list_id)
        if chosen == "csl":
            from orepass.parties.lists.csl import read_csl

            return read_csl(where, list_id)
        from orepass.parties.lists.table import read_table

        return read_table(where, list_id)
    except OSError as error:
        raise BadInput(
            f"it cannot be read ({error.strerror or error})", where=str(path), expected="a file that you may read"
        ) from None


def form_of(path: Path) -> Form:
    """Which form a file has, by its content.

    Raises
    ------
    BadInput
        When it is empty, or JSON of another kind.
    """
    with path.open("rb") as handle:
        head = handle.read(_HEAD).removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head:
        raise BadInput("the file is empty", where=str(path), expected="a list of parties: JSON, CSV or XLSX")
    if head[:1] not in b"{[":
        return "table"
    first = _object(head.split(b"\n", 1)[0])
    if first is not None:
        found = "ftm" if "schema" in first else "csl" if "results" in first else None
    elif head[:1] == b"[" or b'"results"' in head:
        found = "csl"
    else:
        found = "ftm" if b'"schema"' in head and b'"properties"' in head else None
    if found is None:
        raise BadInput(
            "it is JSON of a kind that we do not know",
            where=str(path),
            expected="entities with schema and properties, one a line, or the Consolidated Screening List with results",
            remedy="name the form with --form if it is one of these",
        )
    return found


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        data: Any = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, Any]", data) if isinstance(data, dict) else None
