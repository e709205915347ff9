"""Fields of a document that nobody knows: refused by name, with what may have been meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from orepass.errors import BadInput
from orepass.goods.parameters import parameters


def refuse_unknown(given: Mapping[str, Any], known: Iterable[str], where: str) -> None:
    """Refuse the first field that has none of the known names.

    Raises
    ------
    BadInput
        Naming the field, the known ones and the nearest of them.
    """
    from difflib import get_close_matches

    names = list(known)
    for name in given:
        if name not in names:
            near = get_close_matches(str(name), names, n=1, cutoff=0.6)
            remedy = f"did you mean {near[0]}" if near else "remove it"
            if name in parameters() and parameters()[name].of == "line":
                remedy = f"put it under facts: facts: {{{name}: ...}}"
            raise BadInput(f"unknown field {name!r}", where=where, expected="one of " + ", ".join(names), remedy=remedy)
