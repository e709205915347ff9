"""An answer to a question, written into the transaction document where its fact belongs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from orepass.determination.questions import ABOUT_LISTING, Question, questions_asked
from orepass.goods.values import yes_no

if TYPE_CHECKING:
    from orepass.determination.determine import Determination
    from orepass.determination.setting import Likely

LEFT_OPEN = "other"
"""The answer to a question about kinds when none of them fits: the question stays open."""


class Asked(NamedTuple):
    """A question, and the listed party that it is about, if it is about one."""

    question: Question
    likely: Likely | None


def asked_of(answer: Determination) -> Iterator[Asked]:
    """The questions of a determination, each with what it is about."""
    about = iter(answer.setting.likely)
    for question in questions_asked(answer):
        yield Asked(question, next(about) if question.fact == ABOUT_LISTING else None)


def write_answer(document: dict[str, Any], asked: Asked, reply: str) -> None:
    """Write an answer down.

    Parameters
    ----------
    document
        The transaction document; it is changed.
    asked
        The question.
    reply
        What was answered, as a person types it.

    Raises
    ------
    BadInput
        When yes or no was asked for, and the reply is neither.
    """
    if asked.likely is not None:
        _write_listing(document, asked.likely, reply)
    else:
        write_fact(document, asked.question.line, asked.question.fact, reply)


def _write_listing(document: dict[str, Any], likely: Likely, reply: str) -> None:
    """Write down whether a party is the listed one."""
    field = "is_listed_as" if yes_no("the answer", reply) else "is_not_listed_as"
    for party in cast("list[dict[str, Any]]", document.get("parties") or []):
        if str(party.get("name") or "").strip() == likely.party.name and party.get("role") == likely.party.role:
            party[field] = [*party.get(field, []), likely.listing.id]


def write_fact(document: dict[str, Any], line: int, fact: str, reply: str) -> None:
    """Write a fact down where it belongs: with the end use, the end user, the route, or the goods of a line."""
    if fact.startswith("end_use."):
        use = document.get("end_use")
        document["end_use"] = {"text": use} if isinstance(use, str) else (use or {})
        document["end_use"][fact.partition(".")[2]] = reply
    elif fact == "end_user.military":
        parties = cast("list[dict[str, Any]]", document.setdefault("parties", []))
        user = next((party for party in parties if party.get("role") == "end_user"), None)
        if user is None:
            user = {"role": "end_user"}
            parties.append(user)
        user["military"] = reply
    elif fact in {"origin", "foreign_made"}:
        document["origin"] = reply
    elif fact == "destination":
        document["to"] = reply
    else:
        goods = document["lines"][line - 1]
        goods["facts"] = goods.get("facts") or {}
        goods["facts"][fact] = reply
