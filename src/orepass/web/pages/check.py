"""Check: one line of goods pasted in, the answer as a sentence, why, and what would change it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from orepass.determination.answer import papers_of
from orepass.determination.answering import LEFT_OPEN, Asked, asked_of
from orepass.determination.determine import Determination, determine
from orepass.determination.transaction import show_value, transaction
from orepass.errors import BadInput
from orepass.goods.description import Description
from orepass.goods.kinds import kinds
from orepass.goods.line import HIDDEN
from orepass.goods.parameters import parameter_of, parameters
from orepass.law.model import Document, Instrument, Source, Text
from orepass.law.timeline import Law
from orepass.places import every_country
from orepass.web.pages.asking import FACT, FIELDS, LISTED, document_of, field_of, fields_of
from orepass.web.pages.catalogue import to_say
from orepass.web.pages.setting import can_set
from orepass.web.pages.site import Site, link
from orepass.web.pages.spells import Spell, days_picture, since, spells
from orepass.web.pages.visiting import Reading
from orepass.web.routes_law import today

router = APIRouter(include_in_schema=False)
ACTS = parameters()["act"]
PURPOSES = parameters()["purpose"]
FACT_NAMES = [
    (name, Text(one.en, one.zh)) for name, one in parameters().items() if one.of == "line" and "." not in name
]
to_say(NOTHING_SAID := "Describe the goods, or give a customs number or a control code.")


class Mark(NamedTuple):
    """A piece of a description, with the fact that was read from it, if one was."""

    text: str
    fact: str
    label: Text | None


class Fact(NamedTuple):
    """A fact of the goods: its field, what it is called, its value as typed, and where it comes from."""

    field: str
    name: str
    label: Text
    unit: str
    value: str
    given: bool


class Choice(NamedTuple):
    """One answer to a question."""

    value: str
    label: Text


class ToAsk(NamedTuple):
    """A question as the page puts it."""

    field: str
    text: Text
    why: str
    unit: str
    choices: tuple[Choice, ...]
    evidence: Text | None


class Why(NamedTuple):
    """A rule that holds, with the paragraph and the texts behind it."""

    rule: str
    says: Text
    paragraph: str
    grade: str
    instrument: Instrument | None
    sources: tuple[Source, ...]


class OnList(NamedTuple):
    """A party that stands on a list, or may."""

    party: str
    role: str
    listing: str
    name: Text
    list: str
    state: str
    evidence: Text | None


class Answer(NamedTuple):
    """Everything that the page of an answer shows."""

    found: Determination
    document: dict[str, Any]
    marks: tuple[Mark, ...]
    facts: tuple[Fact, ...]
    asks: tuple[ToAsk, ...]
    why: tuple[Why, ...]
    parties: tuple[OnList, ...]
    papers: tuple[Document, ...]
    spells: tuple[Spell, ...]


@router.get("/check")
async def check(request: Request, visitor: Reading) -> Response:
    """The form, or the answer when goods were described."""
    site: Site = request.app.state.site
    fields = fields_of(request.query_params.multi_items())
    answer, wrong = None, ""
    if fields.keys() & {"description", "hs", "entry"} or any(name.startswith(FACT) for name in fields):
        try:
            answer = await run_in_threadpool(answered, fields, site.law)
        except BadInput as error:
            wrong = error.sentence
    elif request.query_params.get("asked"):
        wrong = NOTHING_SAID
    if answer is None:
        return site.page(request, visitor, "check.html", 422 if wrong else 200, wrong=wrong, **form_of(fields))
    return site.page(
        request, visitor, "answer.html", **form_of(fields), **answer_shown(answer, fields, visitor.language)
    )


def form_of(fields: Mapping[str, str]) -> dict[str, Any]:
    """What the fields of a question are made of."""
    return {"fields": fields, "today": today(), "countries": every_country(), "acts": ACTS, "purposes": PURPOSES}


def answer_shown(answer: Answer, fields: Mapping[str, str], language: str) -> dict[str, Any]:
    """What the page of an answer is made of."""
    day = answer.found.transaction.date.isoformat()
    facts = {fact.field for fact in answer.facts}

    def dated(spell: Spell) -> str:
        there = spell.last if spell.last and (not spell.here) else spell.first
        return link({**fields, "on": day if spell.here or there is None else there.isoformat()})

    return {
        "answer": answer,
        "names": {code: on.entry.name for code, on in answer.found.book.law.entries.items()},
        "fact_names": FACT_NAMES,
        "kept": kept_without,
        "kept_facts": kept_without(fields, *facts),
        "facts_only": {name: text for name, text in fields.items() if name.startswith((FACT, LISTED))},
        "whole": {**fields, "on": day, "known": fields.get("known") or today().isoformat()},
        "dated": dated,
        "since": since(answer.spells),
        "instruments": answer.found.law.facts.instruments,
        "in_words": in_words,
        "here": next((at for at, spell in enumerate(answer.spells) if spell.here), 0),
        "picture": days_picture(answer.spells, answer.found.transaction.date, answer.found.law.facts.read_to, language),
        "has_pdf": can_set(),
    }


def kept_without(fields: Mapping[str, str], *names: str) -> dict[str, str]:
    """The fields of a question but for some."""
    return {name: text for name, text in fields.items() if name not in names}


def answered(fields: Mapping[str, str], law: Law) -> Answer:
    """The answer to the question that fields tell.

    Raises
    ------
    BadInput
        For the first field that cannot be read.
    """
    document = document_of(fields, today().isoformat())
    found = determine(transaction(document), law)
    line = found.lines[0]
    return Answer(
        found,
        found.to_dict(),
        tuple(_marks(line.known.description)),
        tuple(_facts(fields, line.known.read)),
        tuple(_ask(asked) for asked in asked_of(found)),
        tuple(_why(found, law)),
        tuple(_parties(found)),
        tuple(papers_of(found)),
        tuple(spells(document, found.transaction.date, law)),
    )


def _marks(description: Description | None) -> list[Mark]:
    """A description cut where facts were read."""
    if description is None:
        return []
    pieces: list[Mark] = []
    at = 0
    for read in sorted(description.reads, key=lambda read: (read.start, -read.end)):
        if read.start < at or read.end <= read.start:
            continue
        if read.start > at:
            pieces.append(Mark(description.text[at : read.start], "", None))
        pieces.append(Mark(description.text[read.start : read.end], read.fact, label_of(read.fact)))
        at = read.end
    if at < len(description.text):
        pieces.append(Mark(description.text[at:], "", None))
    return pieces


def in_words(condition: str) -> Text:
    """A condition with its facts called by their names, in both languages; what has no plain name stays as it is."""

    def said(language: str) -> str:
        def name(found: re.Match[str]) -> str:
            label = label_of(found[1])
            return label.zh or label.en if language == "zh" else label.en

        text = _SO.sub(name, condition)
        return text.replace(" or ", " 或 ").replace(" and ", " 且 ") if language == "zh" else text

    return Text(said("en"), said("zh"))


_SO = re.compile(r"([a-z][a-z0-9_.]*) = true")


def label_of(fact: str) -> Text:
    """What a fact is called."""
    parameter = parameter_of(fact)
    element = fact.partition(".")[2] if fact.startswith("content_wt_pct.") else ""
    if element:
        return Text(f"share of {element} by weight", f"{element} {parameter.zh}")
    return Text(parameter.en, parameter.zh)


def typed(value: Any) -> str:
    """A value of a fact as a person would type it."""
    shown = show_value(value)
    if isinstance(shown, bool):
        return "yes" if shown else "no"
    if isinstance(shown, float):
        return f"{shown:.12g}"
    if isinstance(shown, list):
        parts: list[Any] = shown  # pyright: ignore[reportUnknownVariableType]
        if len(parts) == 2 and all(part is None or isinstance(part, float) for part in parts):
            low, high = parts
            if high is None:
                return f">={low:.12g}"
            return f"<={high:.12g}" if low is None else f"{low:.12g}-{high:.12g}"
        return "; ".join(map(str, parts))
    return str(shown)


def _facts(fields: Mapping[str, str], read: Mapping[str, Any]) -> list[Fact]:
    """Facts that were given, then those that were read and not overruled."""
    found: list[Fact] = []
    for field, text in fields.items():
        if field.startswith(FACT):
            name = field.removeprefix(FACT)
            found.append(Fact(field, name, label_of(name), parameter_of(name).unit, text, True))
    given = {fact.name for fact in found}
    for name, value in read.items():
        if name not in HIDDEN and name not in given:
            field = name if name in FIELDS else f"{FACT}{name}"
            found.append(Fact(field, name, label_of(name), parameter_of(name).unit, typed(value), False))
    return found


def _ask(asked: Asked) -> ToAsk:
    """A question with its possible answers in words."""
    question, parameter = asked.question, None
    net = kinds().by_id
    choices: list[Choice] = []
    if asked.likely is None:
        parameter = parameter_of(question.fact)
    if question.allowed and not question.allowed[0].startswith("a number"):
        for value in question.allowed:
            if value == LEFT_OPEN:
                continue
            if value in net:
                kind = net[value]
                choices.append(Choice(value, Text(kind.name, (kind.zh or kind.names)[0])))
            elif parameter is not None and value in parameter.values and parameter.zh_values:
                zh = dict(zip(parameter.values, parameter.zh_values, strict=False)).get(value, value)
                choices.append(Choice(value, Text(value.replace("_", " "), zh)))
            else:
                choices.append(
                    Choice(value, Text(value.replace("_", " "), {"yes": "是", "no": "否"}.get(value, value)))
                )
    evidence = None
    if asked.likely is not None:
        evidence = Text(asked.likely.evidence.in_words("en"), asked.likely.evidence.in_words("zh"))
    return ToAsk(
        field_of(asked), Text(question.text, question.zh), question.why, question.unit, tuple(choices), evidence
    )


def _why(found: Determination, law: Law) -> list[Why]:
    return [
        Why(
            reason.rule,
            Text(reason.says, reason.zh),
            "" if reason.paragraph in {"", "-"} else reason.paragraph,
            reason.grade,
            law.facts.instruments.get(reason.instrument),
            sources_of(reason.source.split("; "), law),
        )
        for reason in found.reasons
    ]


def _parties(found: Determination) -> list[OnList]:
    """Parties found on a list, then those of whom it has to be asked."""
    sure = [
        OnList(
            one.party.name,
            one.party.role,
            one.listing.id,
            one.listing.name,
            one.listing.list,
            one.standing.state.value,
            None,
        )
        for one in found.setting.listed
    ]
    return sure + [
        OnList(
            one.party.name,
            one.party.role,
            one.listing.id,
            one.listing.name,
            one.listing.list,
            one.standing.state.value,
            Text(one.evidence.in_words("en"), one.evidence.in_words("zh")),
        )
        for one in found.setting.likely
    ]


def sources_of(keys: Sequence[str], law: Law) -> tuple[Source, ...]:
    """The texts behind a fact."""
    return tuple(law.facts.sources[key] for key in keys if key in law.facts.sources)
