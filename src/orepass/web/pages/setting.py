"""Papers set as PDF by typst, which is an extra; without it the pages print."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path


@cache
def can_set() -> bool:
    """Whether the extra ``pdf`` is installed."""
    return find_spec("typst") is not None


@cache
def font_folders() -> tuple[Path, ...]:
    """Folders of the fonts with Chinese characters that came with the extra; none when it lacks them."""
    if find_spec("noto_cjk") is None:
        return ()
    return ()
