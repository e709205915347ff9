"""The words of the pages in each language: one gettext catalogue, ``locale/<language>.po``, with the English text as its key."""

from __future__ import annotations

import io
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

LANGUAGES = {"en": "English", "zh": "中文"}
"""The languages of the pages, each with its own name for itself."""
LOCALE = Path(__file__).resolve().parents[1] / "locale"


def to_say(text: str) -> str:
    """Mark a text for the catalogue; it is translated where it is shown."""
    return text


@cache
def words_of(language: str) -> NullTranslations:
    """The translations of a language; English needs none."""
    path = LOCALE / f"{language}.po"
    if not path.exists():
        return NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = io.BytesIO()
    with path.open("rb") as handle:
        write_mo(compiled, read_po(handle, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


def preferred(header: str) -> str:
    """The language that a browser would like best, of those that we have; English when it names none of them.

    Examples
    --------
    >>> preferred("fr;q=0.9, zh-CN;q=0.8, en;q=0.5"), preferred("de")
    ('zh', 'en')
    """
    best, weight = "en", 0.0
    for part in header[:200].split(","):
        tag, _, quality = part.strip().partition(";q=")
        try:
            wish = float(quality or 1)
        except ValueError:
            continue
        language = tag.partition("-")[0].lower()
        if language in LANGUAGES and wish > weight:
            best, weight = language, wish
    return best
