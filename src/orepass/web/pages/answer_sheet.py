"""The answer to a check as a sheet to print: the same sentences as on the page, one list after another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from babel.dates import format_date
from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from orepass.law.model import Text
from orepass.places import codes, country
from orepass.web.pages.asking import fields_of
from orepass.web.pages.catalogue import to_say, words_of
from orepass.web.pages.check import Answer, answered
from orepass.web.pages.setting import set_paper
from orepass.web.pages.site import link
from orepass.web.pages.visiting import Reading
from orepass.web.pages.wording import OUTCOME_SENTENCES, OUTCOMES_SHORT
from orepass.web.routes_law import today

router = APIRouter(include_in_schema=False)
WHY, ENTRIES, PAPERS = to_say("Why"), to_say("The entry"), to_say("Papers and duties")
ASKS, COULD, DOUBTS = (
    to_say("What is missing"),
    to_say("What could raise the answer"),
    to_say("Taken for granted, and doubts"),
)
BY_LAW = to_say("By the law as read to %(day)s, rule book %(version)s.")
IF = to_say("%(outcome)s, if %(condition)s")


@router.get("/check.pdf")
async def answer_pdf(request: Request, visitor: Reading) -> Response:
    """The answer to a question as PDF."""
    fields = fields_of(request.query_params.multi_items())
    answer = await run_in_threadpool(answered, fields, request.app.state.law)
    address = f"{request.url.scheme}://{request.url.netloc}/check?{link({**fields, 'known': fields.get('known') or today().isoformat()})}"
    sheet = sheet_of(answer, fields, visitor.language, address)
    content = await run_in_threadpool(set_paper, "answer", sheet, visitor.language)
    return Response(
        content,
        media_type="application/pdf",
        headers={"Content-Disposition": 'attachment; filename="orepass-answer.pdf"'},
    )


def sheet_of(answer: Answer, fields: Mapping[str, str], language: str, address: str) -> dict[str, Any]:
    """What the sheet says."""
    say = words_of(language).gettext
    document, transaction = answer.document, answer.found.transaction

    def local(text: Text) -> str:
        return (text.zh or text.en) if language == "zh" else (text.en or text.zh)

    def item(text: str, note: str = "") -> dict[str, str]:
        return {"text": text, "note": note}

    instruments = answer.found.law.facts.instruments
    entries = answer.found.book.law.entries
    sections = [
        (ASKS, [item(local(ask.text)) for ask in answer.asks]),
        (
            COULD,
            [
                item(say(IF) % {"outcome": say(OUTCOMES_SHORT[c["outcome"]]), "condition": c["if"]}, c["rule"])
                for c in document["could_be"]
            ],
        ),
        (
            WHY,
            [
                item(
                    local(why.says),
                    f"{why.instrument.title if why.instrument else ''} {f'§ {why.paragraph}' if why.paragraph else ''} · "
                    + "; ".join(source.title for source in why.sources),
                )
                for why in answer.why
            ],
        ),
        (
            ENTRIES,
            [
                item(
                    f"{entry['code']}: {local(entries[entry['code']].entry.name)}",
                    instruments[entry["instrument"]].number,
                )
                for line in document["lines"]
                for entry in line["entries"]
            ],
        ),
        (PAPERS, [item(local(paper.text)) for paper in answer.papers]),
        (DOUBTS, [item(text) for text in (*document["assumed"], *document["doubts"])]),
    ]
    to = transaction.to
    where = (country(to).zh if language == "zh" else country(to).en) if to in codes() and to else ""
    day = format_date(transaction.date, "long", locale=language)
    read_to = format_date(answer.found.law.facts.read_to, "long", locale=language)
    return {
        "title": say(OUTCOME_SENTENCES[document["outcome"]]),
        "goods": fields.get("description") or fields.get("hs") or fields.get("entry") or "",
        "route": " · ".join(part for part in (where, day, fields.get("end_user", "")) if part),
        "since": "",
        "sections": [{"title": say(title), "items": items} for title, items in sections if items],
        "law": say(BY_LAW) % {"day": read_to, "version": document["law"]["rulebook"]},
        "link": address,
        "by": "Orepass",
    }
