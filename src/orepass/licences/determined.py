"""What the law says of an application, kept so that it can be asked again: the words asked, the day, what was known, the rule book."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import Any, NamedTuple

import rfc8785

from orepass.determination.determine import Determination, determine
from orepass.determination.logic import ASK
from orepass.determination.transaction import transaction
from orepass.law.model import DUAL_USE
from orepass.law.timeline import Law
from orepass.licences.case import Determined, LineFound


def canonical(document: Any) -> bytes:
    """A document as RFC 8785 writes it: the same bytes anywhere."""
    return rfc8785.dumps(document)


def digest(document: Any) -> str:
    """SHA-256 of a document in its canonical form."""
    return hashlib.sha256(canonical(document)).hexdigest()


def lines_found(answer: Determination) -> tuple[LineFound, ...]:
    """The outcome and the entries of each line: those that hold it and those that may."""
    return tuple(
        LineFound(
            outcome=line.outcome,
            codes=tuple(hit.entry.code for hit in line.hits if hit.entry.entry.list == DUAL_USE and hit.value != ASK),
            candidates=tuple(
                hit.entry.code for hit in line.hits if hit.entry.entry.list == DUAL_USE and hit.value == ASK
            ),
        )
        for line in answer.lines
    )


def make(asked: dict[str, Any], law: Law, at: datetime, on: date, known: date) -> Determined:
    """Determine a transaction document as known on a day, and keep what is needed to do it again.

    Raises
    ------
    BadInput
        When the document cannot be read.
    """
    document = {**asked, "known": known.isoformat()}
    answer = determine(transaction(document), law)
    return Determined(
        at=at,
        on=on,
        known=known,
        rulebook=law.version,
        read_to=law.facts.read_to,
        outcome=answer.outcome,
        conditions=answer.conditions,
        lines=lines_found(answer),
        likely_parties=tuple(likely.party.name for likely in answer.setting.likely),
        asked=document,
        digest=_digest(answer),
    )


def _digest(answer: Determination) -> str:
    """Over outcome, entries and reasons; not over the version, which stands beside it."""
    return digest(
        {
            "outcome": answer.outcome,
            "conditions": list(answer.conditions),
            "lines": [line.model_dump(mode="json") for line in lines_found(answer)],
            "rules": sorted(reason.rule for reason in answer.reasons),
        }
    )


class Again(NamedTuple):
    """A determination made again: whether rule book and answer are those of then."""

    then: Determined
    now: Determined
    same_rulebook: bool
    same_answer: bool


def again(then: Determined, law: Law, at: datetime) -> Again:
    """Make a determination again, with the law as it was known then."""
    now = make(dict(then.asked), law, at, then.on, then.known)
    return Again(then, now, then.rulebook == now.rulebook, then.digest == now.digest)
