"""Packaged facts, parsed once: YAML takes half a second that nobody should wait for twice.

Kept in the user's cache folder under a hash of the file's content, so a changed file is parsed anew. Where nothing can be
written, the file is parsed each time; what is kept is plain data (``marshal``), never code.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

FORM = f"{sys.implementation.cache_tag}-{marshal.version}"
"""What is kept can be read by the Python that wrote it."""


def folder() -> Path:
    """Where parsed facts are kept: ``OREPASS_CACHE``, else the user's cache folder."""
    named = os.environ.get("OREPASS_CACHE")
    if named:
        return Path(named)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "orepass"


def cached(content: bytes, parse: Callable[[], Any]) -> Any:
    """What parsing gives, from the cache where it is there; ``content`` is what it depends on, or a text that names its state."""
    try:
        kept = folder() / f"{hashlib.sha256(content).hexdigest()[:24]}.{FORM}"
        return marshal.loads(kept.read_bytes())
    except (OSError, ValueError, EOFError, TypeError, RuntimeError):
        data = parse()
    try:
        packed = marshal.dumps(data)
        kept = folder() / f"{hashlib.sha256(content).hexdigest()[:24]}.{FORM}"
        kept.parent.mkdir(parents=True, exist_ok=True)
        partial = kept.with_suffix(f".{os.getpid()}")
        partial.write_bytes(packed)
        partial.replace(kept)
    except (OSError, ValueError, RuntimeError):
        pass  # dates cannot be kept so, and a folder may be closed: the facts are parsed each time
    return data
