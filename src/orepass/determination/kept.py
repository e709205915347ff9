"""The decision table on disk: cells that were decided before need not be decided again, nor texts read again.

Kept in the user's cache folder under the version of the rule book and of the program. It holds decisions, and digests of cells and of
texts; never the texts, names and values themselves.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from orepass.factcache import DIGEST_SIZE, folder

MOST = 300_000
"""More cells or texts than that are not kept."""


class Kept(NamedTuple):
    """What earlier runs decided.

    ``decisions`` as plain lists; ``cells``: digests of cells with places in that list; ``texts``: digests of texts with digests of what
    they say.
    """

    decisions: list[list[Any]]
    cells: dict[bytes, int]
    texts: dict[bytes, bytes]


def kept_file(version: str) -> Path:
    """Where decisions of a rule book and this program are kept."""
    return folder() / f"decisions-{version}-{program()}.npz"


def load_kept(path: Path) -> Kept:
    """What is kept in a file; nothing when there is none or it cannot be read."""
    try:
        with np.load(path, allow_pickle=False) as file:
            cells, numbers, texts = file["cells"].tobytes(), file["numbers"].tolist(), file["texts"].tobytes()
            decisions = json.loads(file["decisions"].tobytes())
        if any(not 0 <= number < len(decisions) for number in set(numbers)):
            return Kept([], {}, {})
        digests = [cells[start : start + DIGEST_SIZE] for start in range(0, len(cells), DIGEST_SIZE)]
        known = dict(zip(digests, numbers, strict=True))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return Kept([], {}, {})
    wide = 2 * DIGEST_SIZE
    pairs = (texts[start : start + wide] for start in range(0, len(texts), wide))
    return Kept(decisions, known, {pair[:DIGEST_SIZE]: pair[DIGEST_SIZE:] for pair in pairs})


def save_kept(path: Path, kept: Kept) -> None:
    """Keep decisions in a file that only its owner reads. Where nothing can be written, nothing is kept."""
    some, texts = list(kept.cells.items())[-MOST:], list(kept.texts.items())[-MOST:]
    content = io.BytesIO()
    np.savez(
        content,
        cells=np.frombuffer(b"".join(digest for digest, _ in some), dtype=np.uint8),
        numbers=np.array([number for _, number in some], dtype=np.int32),
        texts=np.frombuffer(b"".join(text + says for text, says in texts), dtype=np.uint8),
        decisions=np.frombuffer(json.dumps(kept.decisions, ensure_ascii=False).encode(), dtype=np.uint8),
    )
    part = path.with_suffix(f".{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as handle:
            handle.write(content.getbuffer())
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)


@cache
def program() -> str:
    """A hash of the program: decisions of another program may differ."""
    found = hashlib.sha256()
    package = Path(__file__).parents[1]
    for path in sorted(package.rglob("*.py")):
        found.update(path.relative_to(package).as_posix().encode() + path.read_bytes())
    return found.hexdigest()[:12]
