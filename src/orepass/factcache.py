"""Packaged facts, parsed once: YAML takes half a second that nobody should wait for twice.

Kept in the user's cache folder under a hash of the file's content, so a changed file is parsed anew. Where nothing can be
written, the file is parsed each time. What is read back may hold plain data and days, nothing else.
"""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

FORM = f"{sys.implementation.cache_tag}-2"
"""What is kept can be read by the Python that wrote it."""


class _Plain(pickle.Unpickler):
    """Reads plain data and days; anything else in a file is refused."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("datetime", "date"):
            return date
        raise pickle.UnpicklingError(f"{module}.{name}")


def folder() -> Path:
    """Where parsed facts are kept: ``OREPASS_CACHE``, else the user's cache folder."""
    named = os.environ.get("OREPASS_CACHE")
    if named:
        return Path(named)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "orepass"


def digest(text: str) -> bytes:
    """What stands for a text, the same in every process: 16 bytes."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=DIGEST_SIZE).digest()


DIGEST_SIZE = 16


def cached(content: bytes, parse: Callable[[], Any]) -> Any:
    """What parsing gives, from the cache where it is there; ``content`` is what it depends on, or a text that names its state."""
    try:
        kept = folder() / f"{hashlib.sha256(content).hexdigest()[:24]}.{FORM}"
        return _Plain(io.BytesIO(kept.read_bytes())).load()
    except (OSError, ValueError, EOFError, TypeError, RuntimeError, IndexError, KeyError, pickle.UnpicklingError):
        data = parse()
    try:
        packed = pickle.dumps(data, protocol=5)
        _Plain(io.BytesIO(packed)).load()
        kept = folder() / f"{hashlib.sha256(content).hexdigest()[:24]}.{FORM}"
        kept.parent.mkdir(parents=True, exist_ok=True)
        partial = kept.with_suffix(f".{os.getpid()}")
        partial.write_bytes(packed)
        partial.replace(kept)
    except (OSError, ValueError, RuntimeError, TypeError, AttributeError, pickle.PicklingError, pickle.UnpicklingError):
        pass  # what is no plain data cannot be kept, and a folder may be closed: the facts are parsed each time
    return data
