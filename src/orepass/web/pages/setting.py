"""Papers set as PDF by typst, which comes with the extra ``pdf``; without it the pages print."""

from __future__ import annotations

import json
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from orepass.errors import NotFound

PAPERS = Path(__file__).resolve().parents[1] / "papers"
FONTS = "noto-cjk-sans-otc"
"""The distribution that carries the font with Chinese characters."""
FAMILIES = ("Noto Sans CJK SC", "Source Han Sans SC", "Noto Serif CJK SC", "Microsoft YaHei", "PingFang SC")
"""Families that hold Chinese characters, the best first."""


@cache
def can_set() -> bool:
    """Whether papers can be set: whether the extra ``pdf`` is installed."""
    return find_spec("typst") is not None


@cache
def font_folders() -> tuple[Path, ...]:
    """Folders of the fonts that came with the extra."""
    try:
        files = distribution(FONTS).files or ()
    except PackageNotFoundError:
        return ()
    return tuple({Path(str(file.locate())).parent for file in files if file.suffix in {".ttc", ".otf", ".ttf"}})


@cache
def chinese_family() -> str:
    """The family that Chinese is set in; empty where none is found on this machine."""
    import typst

    there = set(typst.Fonts(font_paths=list(font_folders())).families())
    return next((family for family in FAMILIES if family in there), "")


def set_paper(name: str, document: dict[str, Any], language: str) -> bytes:
    """A paper as PDF.

    Parameters
    ----------
    name
        A file of ``web/papers``, without its ending.
    document
        What it says. It reaches the paper as data: nothing in it is read as an instruction.
    language
        ``en`` or ``zh``.

    Raises
    ------
    NotFound
        When the extra is not installed.
    """
    if not can_set():
        raise NotFound("This server sets no PDF; whoever runs it can install orepass[pdf]. The page itself prints.")
    import typst

    told = {"language": language, "chinese_family": chinese_family(), "document": document}
    return typst.compile(
        PAPERS / f"{name}.typ",
        font_paths=list(font_folders()),
        sys_inputs={"told": json.dumps(told, default=str)},
        format="pdf",
    )
