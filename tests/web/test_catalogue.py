"""The pages in Chinese: nothing that they say is left in English, and nothing that is put into a text is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from catalogue_tool import WEB, places, said

from orepass.web.pages.catalogue import LANGUAGES, preferred, words_of

SAID = said()
TRANSLATED = [language for language in LANGUAGES if language != "en"]


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_of_the_pages_is_translated(language: str) -> None:
    words = words_of(language)
    missing = [
        text
        for text, plural in SAID.items()
        if (words.ngettext(text, plural, 2) in {text, plural} if plural else words.gettext(text) == text)
    ]
    assert missing == [], f"add them to locale/{language}.po"


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_puts_in_what_the_text_puts_in(language: str) -> None:
    words = words_of(language)
    differing = [
        text for text, plural in SAID.items() if places(text) != places(words.ngettext(text, plural or text, 2))
    ]
    assert differing == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_catalogue_holds_nothing_that_nobody_says(language: str) -> None:
    path: Path = WEB / "locale" / f"{language}.po"
    with path.open("rb") as handle:
        kept = {
            message.id if isinstance(message.id, str) else message.id[0] for message in read_po(handle) if message.id
        }
    assert kept - SAID.keys() == set()


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("de-DE,en;q=0.3,zh;q=0.2", "en"),
        ("zh;q=x", "en"),
        (",;q=,", "en"),
    ],
)
def test_a_browser_gets_the_language_that_it_likes_best(header: str, language: str) -> None:
    assert preferred(header) == language
