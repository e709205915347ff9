"""Descriptions in bulk: distinct texts, read by this process and by others beside it, as digests of what a determination takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from orepass.beside import Beside
from orepass.goods.bins import Bins, reading_digest
from orepass.goods.describe import read_text

ENOUGH = 3000
"""With fewer texts another process costs more than it reads."""


def readers(bins: Mapping[str, Bins], most: int | None = None) -> Beside[str, bytes]:
    """Readers of descriptions that give the digest of each.

    Parameters
    ----------
    bins
        Limits that numbers are compared with; what lies between two is one.
    most
        How many processes may read beside this one; the number of further processors unless it is given.
    """
    return Beside("orepass.goods.bulk:reader", dict(bins), most, ENOUGH)


def reader(bins: Mapping[str, Bins]) -> Callable[[Sequence[str]], list[bytes]]:
    """The worker: from the limits to the function that reads a batch."""
    return lambda texts: [reading_digest(read_text(text), bins) for text in texts]
