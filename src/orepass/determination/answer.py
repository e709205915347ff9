"""The determination as the published document, with papers and clock."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from orepass.determination.explain import could_be, near_misses, why
from orepass.determination.logic import ASK, YES
from orepass.determination.questions import questions_asked
from orepass.determination.reservations import assumed, doubts
from orepass.determination.rulebook import Hit, Reason
from orepass.determination.transaction import show_value
from orepass.goods.line import HIDDEN
from orepass.goods.reader import flag_document
from orepass.law.calendar import due_day
from orepass.law.model import DUAL_USE, Document, State

if TYPE_CHECKING:
    from orepass.determination.determine import Determination, LineAnswer
    from orepass.determination.setting import Likely, Listed


def papers_of(determination: Determination) -> list[Document]:
    """Papers and duties that ride on the answer."""
    families: set[str] = set()
    near: set[str] = set()
    codes = {hit.entry.code for line in determination.lines for hit in line.hits if hit.value != ASK}
    leaves = determination.setting.route.movement in {"leaves_china", "given_in_china"}
    for line in determination.lines:
        for hit in line.hits:
            families |= set(hit.entry.entry.families)
            near |= {control.instrument for control in hit.entry.entry.control}
        for entry, covered in line.failed:
            if covered == YES and entry.speaks_of(line.facts):
                near |= {control.instrument for control in entry.entry.control}
    out: list[Document] = []
    for document in determination.book.documents:
        if document.outcomes and determination.outcome not in document.outcomes:
            continue
        if document.conditions and document.conditions.isdisjoint(determination.conditions):
            continue
        if document.families and document.families.isdisjoint(families):
            continue
        if document.instruments_near and (not leaves or document.instruments_near.isdisjoint(near)):
            continue
        if document.instruments_near and not _operates(document.instruments_near, determination):
            continue
        if document.codes and (not leaves or document.codes.isdisjoint(codes)):
            continue
        if document.operates_with and not _operates(frozenset({document.operates_with}), determination):
            continue
        out.append(document)
    return out


def _operates(instruments: frozenset[str], determination: Determination) -> bool:
    """Whether a duty of these instruments operates on the day."""
    law, day = determination.law, determination.transaction.date
    known = determination.transaction.known or date.max
    return any(law.windows.of_target(key, "", None, None, day, known).state is State.IN_FORCE for key in instruments)


def clock(determination: Determination) -> dict[str, Any] | None:
    """The time for a decision: working days, from what, and the last day if the application were accepted on the transaction's day."""
    if determination.outcome not in {"licence_required", "refusal_presumed"}:
        return None
    for rule in determination.book.law.clocks:
        if rule.id == "decision" and rule.not_for.isdisjoint(determination.conditions):
            due = due_day(determination.transaction.date, rule.working_days)
            return {
                "working_days": rule.working_days,
                "from": rule.starts,
                "if_accepted_on_the_day": due.day.isoformat(),
                "forecast": due.forecast,
                "not_counted": list(rule.not_counted),
                "source": f"{rule.instrument} {rule.paragraph}",
            }
    return None


def document(determination: Determination) -> dict[str, Any]:
    """The determination as the published JSON document."""
    transaction, law = determination.transaction, determination.law
    lines: list[dict[str, Any]] = []
    for answer in determination.lines:
        read = {name: show_value(value) for name, value in answer.known.read.items() if name not in HIDDEN}
        lines.append(
            {
                "line": answer.number,
                "outcome": answer.outcome,
                "conditions": list(answer.conditions),
                "entries": [
                    _entry(hit, answer) for hit in answer.hits if hit.entry.entry.list == DUAL_USE and hit.value != ASK
                ],
                "candidates": [
                    hit.entry.code for hit in answer.hits if hit.entry.entry.list == DUAL_USE and hit.value == ASK
                ],
                "near_misses": [near.to_dict() for near in near_misses(answer, determination)],
                "read": read,
                "red_flags": [flag_document(flag) for flag in answer.red_flags],
            }
        )
    return {
        "outcome": determination.outcome,
        "conditions": list(determination.conditions),
        "lines": lines,
        "reasons": [_reason(reason) for reason in determination.reasons],
        "could_be": [possible.to_dict() for possible in could_be(determination)],
        "assumed": assumed(determination),
        "doubts": doubts(determination),
        "questions": [question.to_dict() for question in questions_asked(determination)],
        "parties": [_party(listed) for listed in determination.setting.listed],
        "likely_parties": [_likely(likely) for likely in determination.setting.likely],
        "documents": [paper.text.en for paper in papers_of(determination)],
        "clock": clock(determination),
        "law": {
            "as_of": transaction.date.isoformat(),
            "known": transaction.known.isoformat() if transaction.known else None,
            "read_to": law.facts.read_to.isoformat(),
            "rulebook": law.version,
        },
    }


def _entry(hit: Hit, answer: LineAnswer) -> dict[str, Any]:
    entry = hit.entry.entry
    return {
        "code": entry.code,
        "instrument": entry.introduced_by,
        "state": hit.entry.standing.state.value,
        "why": why(hit, answer.facts),
        "source": "; ".join(entry.provenance.sources),
        "grade": entry.provenance.grade,
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return {
        "rule": reason.rule,
        "instrument": reason.instrument,
        "paragraph": reason.paragraph,
        "layer": reason.layer,
        "says": reason.says,
        "zh": reason.zh,
        "source": reason.source,
        "grade": reason.grade,
    }


def _likely(likely: Likely) -> dict[str, Any]:
    return {
        "name": likely.party.name,
        "role": likely.party.role,
        "may_be": likely.listing.name.en or likely.listing.name.zh,
        "listing": likely.listing.id,
        "list": likely.listing.list,
        "state": likely.standing.state.value,
        "evidence": likely.evidence.in_words(),
        "evidence_zh": likely.evidence.in_words("zh"),
    }


def _party(listed: Listed) -> dict[str, Any]:
    return {
        "name": listed.asked,
        "role": listed.party.role,
        "listed_as": listed.listing.name.en,
        "list": listed.listing.list,
        "notice": listed.listing.instrument,
        "state": listed.standing.state.value,
        "bars": listed.listing.bars,
    }
