"""What each move is told: one small document for each, the same for the API, the command line and the journal."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from orepass.licences.application import Application, Involved, Many
from orepass.licences.case import Allowed, Recommends
from orepass.licences.types import Amount, Code, Country, Day, Facts, Name, Part, Said, Sha256, Words


class Body(Part):
    """What a move is told. ``version``: the version of the case that was seen; another one in the meantime stops the move."""

    version: Annotated[int, Field(ge=0, le=2**31)] | None = None


class Nothing(Body):
    """A move that needs no words."""


class Because(Body):
    """A move with its reason."""

    reason: Words


class Change(Body):
    """Another application in place of the one in draft."""

    application: Application


class File(Body):
    """A paper; its content is stored apart, under its SHA-256."""

    kind: Code
    title: Name
    sha256: Sha256
    size: int
    media: Name
    party: Annotated[int, Field(ge=1, le=50)] | None = None


class Ask(Body):
    """A question to the applicant."""

    text: Words


class Stated(Part):
    """Facts that a reply states of a line."""

    line: Annotated[int, Field(ge=1, le=200)]
    facts: Facts


class Reply(Body):
    """The answer to a question, with facts of goods and parties stated anew where they were asked for."""

    question: Annotated[int, Field(ge=1, le=100_000)]
    text: Words
    facts: Annotated[tuple[Stated, ...], Field(strict=False, max_length=200)] = ()
    parties: Annotated[tuple[Involved, ...], Field(strict=False, max_length=50)] | None = None


class StopClock(Body):
    """A span that the decree does not count."""

    kind: Literal["expert_opinion", "technical_identification", "site_check"]
    note: Said = ""


class RunClock(Body):
    """The end of such a span."""

    kind: Literal["expert_opinion", "technical_identification", "site_check"]


class Raise(Body):
    """A flag."""

    kind: Literal["doubt", "referred"]
    note: Words


class Clear(Body):
    """A flag that is cleared, and why."""

    kind: Code
    reason: Words


class Advise(Body):
    """Advice on one item or one party."""

    subject: Annotated[str, Field(pattern=r"^(good|party):[1-9]\d{0,2}$")]
    recommends: Recommends
    text: Words


class Countersign(Body):
    """The second reader's word on advice."""

    advice: Annotated[int, Field(ge=1, le=100_000)]
    agrees: bool
    note: Said = ""


class Grant(Body):
    """A grant. Without ``allowed`` it is for what was applied for; without days, from today for as long as the kind may hold."""

    conditions: Many = ()
    valid_from: Day | None = None
    valid_to: Day | None = None
    allowed: Annotated[tuple[Allowed, ...], Field(strict=False, max_length=200)] = ()
    reason: Said = ""


class Answer(Body):
    """The answer to a consultation."""

    controlled: bool
    codes: Annotated[tuple[Code, ...], Field(strict=False, max_length=50)] = ()
    reason: Words


class Withdraw(Body):
    """An application that is taken back."""

    reason: Said = ""


class Discard(Body):
    """A paper to be destroyed."""

    sha256: Sha256
    reason: Words


class Register(Body):
    """An export registered before it is made."""

    line: Annotated[int, Field(ge=1, le=200)]
    quantity: Amount
    end_user: Name
    to: Country


class Tell(Body):
    """What is reported after an export."""

    what: Literal[
        "shipment", "arrival", "installation", "use", "change_of_end_user", "change_of_end_use", "false_certificate"
    ]
    text: Words


CASE_BODIES: dict[str, type[Body]] = {
    "change": Change,
    "file": File,
    "submit": Nothing,
    "give_back": Because,
    "accept": Nothing,
    "ask": Ask,
    "reply": Reply,
    "pause": StopClock,
    "resume": RunClock,
    "determine": Nothing,
    "flag": Raise,
    "unflag": Clear,
    "advise": Advise,
    "countersign": Countersign,
    "grant": Grant,
    "refuse": Because,
    "answer": Answer,
    "no_licence_needed": Because,
    "withdraw": Withdraw,
    "discard": Discard,
}
LICENCE_BODIES: dict[str, type[Body]] = {
    "stop": Because,
    "resume": Because,
    "withdraw": Because,
    "revoke": Because,
    "surrender": Nothing,
    "register": Register,
    "report": Tell,
}
