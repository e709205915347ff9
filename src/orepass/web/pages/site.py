"""How a page is made: templates, words, the files beside them, the headers, the page of an error."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from orepass.determination.words import CONDITION_WORDS, GRADE_WORDS
from orepass.law.model import Text
from orepass.places import codes, country
from orepass.web.pages.catalogue import LANGUAGES, words_of
from orepass.web.pages.visiting import WORD, Visitor, keep_language
from orepass.web.pages.wording import JOB_STATES, OUTCOME_SENTENCES, WORDS

if TYPE_CHECKING:
    from jinja2 import Environment

    from orepass.law.timeline import Law

WEB = Path(__file__).resolve().parents[1]
MEDIA = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


class Asset(NamedTuple):
    """A file beside the pages, with the address that changes when it does."""

    content: bytes
    media: str
    address: str


@cache
def assets() -> dict[str, Asset]:
    """Every file beside the pages, by name."""
    found: dict[str, Asset] = {}
    for path in sorted((WEB / "static").iterdir()):
        content = path.read_bytes()
        mark = hashlib.sha256(content).hexdigest()[:12]
        found[path.name] = Asset(content, MEDIA[path.suffix], f"/static/{path.name}?v={mark}")
    return found


class Site:
    """The pages of one law, in each language.

    Parameters
    ----------
    law
        The law that the pages tell.
    open_check
        Whether checking and reading the law needs no account.
    """

    def __init__(self, law: Law, open_check: bool) -> None:
        self.law = law
        self.open_check = open_check

    @cached_property
    def _environments(self) -> dict[str, Environment]:
        return {language: _environment(language) for language in LANGUAGES}

    def page(self, request: Request, visitor: Visitor, template: str, status: int = 200, **shown: Any) -> HTMLResponse:
        """A page from a template and what it shows."""
        environment = self._environments[visitor.language]
        html = environment.get_template(template).render(
            **shown,
            site=self,
            visitor=visitor,
            word_field=WORD,
            path=request.url.path,
            asset={name: found.address for name, found in assets().items()},
            in_language={language: _address(request, language) for language in LANGUAGES},
            languages=LANGUAGES,
            read_to=self.law.facts.read_to,
            law_note=self.law.facts.horizon.get("read_to_note", ""),
        )
        response = HTMLResponse(html, status)
        keep_language(response, request)
        return response

    def refused(self, request: Request, visitor: Visitor, status: int, sentence: str) -> HTMLResponse:
        """The page that says why something was not done."""
        return self.page(request, visitor, "refused.html", status, sentence=sentence, code=status)


def _address(request: Request, language: str) -> str:
    """The same page in a language; what a form sent is not sent again."""
    query = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    return f"{request.url.path}?{urlencode([*query, ('lang', language)])}"


def static(name: str) -> Response | None:
    """The answer for a file beside the pages; it may be kept for good, since its address changes with it."""
    found = assets().get(name)
    if found is None:
        return None
    return Response(
        found.content, media_type=found.media, headers={"Cache-Control": "public, max-age=31536000, immutable"}
    )


def _environment(language: str) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(WEB / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        auto_reload=False,
    )
    translations = words_of(language)
    installing: Any = environment
    installing.install_gettext_translations(translations, newstyle=True)
    say = translations.gettext

    def local(text: Text | None, fallback: str = "") -> str:
        """A statement of the fact files in the language of the page, else in the other one."""
        if text is None:
            return fallback
        return (text.zh or text.en) if language == "zh" else (text.en or text.zh)

    def day(value: date | datetime | str | None, style: str = "long") -> str:
        """A day as people write it."""
        from babel.dates import format_date

        if value is None or value == "":
            return ""
        if isinstance(value, str):
            value = date.fromisoformat(value[:10])
        return format_date(value, style, locale=language)

    def place(code: str | None) -> str:
        """The name of a country."""
        if not code:
            return ""
        if code not in codes():
            return code
        found = country(code)
        return found.zh if language == "zh" and found.zh else found.en

    def number(value: Any) -> str:
        """A number as people write it."""
        from babel.numbers import format_decimal

        return format_decimal(value, locale=language)

    def said(word: str) -> str:
        """A word of a closed set, such as a state, in the language of the page."""
        return say(WORDS[word]) if word in WORDS else word.replace("_", " ")

    filters: Mapping[str, Any] = {
        "local": local,
        "day": day,
        "place": place,
        "number": number,
        "said": said,
        "tr": say,
        "link": link,
    }
    open_to_all: Any = environment
    open_to_all.filters.update(filters)
    open_to_all.globals.update(
        language=language,
        sentences=OUTCOME_SENTENCES,
        condition_words=CONDITION_WORDS,
        grade_words=GRADE_WORDS,
        job_states=JOB_STATES,
    )
    return environment


def link(query: Mapping[str, str]) -> str:
    """The query of a link, without what is empty."""
    return urlencode([(key, value) for key, value in query.items() if value])
