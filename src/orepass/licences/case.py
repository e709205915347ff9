"""A case: an application and everything that was done with it, each thing with its time and its author."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, JsonValue

from orepass.licences.application import Application, Many
from orepass.licences.types import Amount, Code, Day, Facts, Instant, Name, Part, Said, Sha256, Words

CaseState = Literal[
    "draft", "submitted", "returned", "accepted", "granted", "refused", "answered", "not_needed", "withdrawn"
]
Recommends = Literal["grant", "refuse", "controlled", "not_controlled"]


class Actor(Part):
    """Who acts: an account, of an organisation, in its roles."""

    account: Name
    organisation: Code
    roles: Annotated[frozenset[str], Field(strict=False)]


class Paper(Part):
    """A paper of a case. Its content lies in the store under its SHA-256; ``discarded`` when it was destroyed after its time."""

    kind: Code
    title: Name
    sha256: Sha256
    size: int
    media: Name
    party: int | None = None
    filed_at: Instant
    filed_by: Name
    discarded_at: Instant | None = None


class Question(Part):
    """A question to the applicant; open until it is answered."""

    id: int
    text: Words
    asked_at: Instant
    asked_by: Name
    answer: Said | None = None
    answered_at: Instant | None = None


class Pause(Part):
    """A span that the clock does not count."""

    kind: Code
    note: Said = ""
    since: Instant
    until: Instant | None = None


class Flag(Part):
    """What blocks a decision. ``raised_by`` is ``desk`` where the determination raised it."""

    kind: Code
    note: Said = ""
    raised_at: Instant
    raised_by: Name
    cleared_at: Instant | None = None
    cleared_by: Name | None = None
    cleared_because: Said = ""


class Advice(Part):
    """Advice on one item or one party (``good:1``, ``party:2``), signed by a second person."""

    id: int
    subject: Annotated[str, Field(pattern=r"^(good|party):[1-9]\d{0,2}$")]
    recommends: Recommends
    text: Words
    at: Instant
    by: Name
    signed_at: Instant | None = None
    signed_by: Name | None = None
    agreed: bool | None = None
    note: Said = ""


class LineFound(Part):
    """What the law said of one line."""

    outcome: str
    codes: tuple[str, ...] = Field(default=(), strict=False)
    candidates: tuple[str, ...] = Field(default=(), strict=False)


class Determined(Part):
    """A determination as it was made, with the rule book that made it: enough to make it again."""

    at: Instant
    on: Day
    known: Day
    rulebook: str
    read_to: Day
    outcome: str
    conditions: tuple[str, ...] = Field(default=(), strict=False)
    lines: tuple[LineFound, ...] = Field(default=(), strict=False)
    likely_parties: tuple[str, ...] = Field(default=(), strict=False)
    asked: dict[str, JsonValue]
    digest: Sha256


class Decision(Part):
    """How a case ended."""

    result: Literal["granted", "refused", "answered", "not_needed"]
    at: Instant
    by: Name
    reason: Said = ""
    conditions: Many = ()
    controlled: bool | None = None
    codes: tuple[Code, ...] = Field(default=(), strict=False)
    licence: Code | None = None
    rulebook: str = ""


class Case(Part):
    """One case from draft to decision.

    ``version`` counts its acts; whoever changes it may say which version was seen.
    """

    id: Code
    organisation: Code
    state: CaseState
    version: int
    application: Application
    opened_at: Instant
    opened_by: Name
    submitted_at: Instant | None = None
    accepted_at: Instant | None = None
    ended_at: Instant | None = None
    returned_because: Said = ""
    papers: tuple[Paper, ...] = Field(default=(), strict=False)
    questions: tuple[Question, ...] = Field(default=(), strict=False)
    pauses: tuple[Pause, ...] = Field(default=(), strict=False)
    flags: tuple[Flag, ...] = Field(default=(), strict=False)
    advice: tuple[Advice, ...] = Field(default=(), strict=False)
    determined: tuple[Determined, ...] = Field(default=(), strict=False)
    decision: Decision | None = None

    @property
    def open_questions(self) -> tuple[Question, ...]:
        """Questions without an answer."""
        return tuple(question for question in self.questions if question.answered_at is None)

    @property
    def open_pauses(self) -> tuple[Pause, ...]:
        """Spans that last, but for those of questions."""
        return tuple(pause for pause in self.pauses if pause.until is None and pause.kind != "question")

    @property
    def open_flags(self) -> tuple[Flag, ...]:
        """Flags that nobody cleared."""
        return tuple(flag for flag in self.flags if flag.cleared_at is None)

    @property
    def last_determined(self) -> Determined | None:
        """The newest determination."""
        return self.determined[-1] if self.determined else None

    @property
    def subjects(self) -> tuple[str, ...]:
        """What advice is given on: each item and each party."""
        goods = (f"good:{place}" for place in range(1, len(self.application.goods) + 1))
        parties = (f"party:{place}" for place in range(1, len(self.application.parties) + 1))
        return (*goods, *parties)

    def standing_advice(self, subject: str) -> Advice | None:
        """The newest advice on a subject that was not turned down by its second reader."""
        for advice in reversed(self.advice):
            if advice.subject == subject and advice.agreed is not False:
                return advice
        return None

    def with_(self, **changes: Any) -> Case:
        """The case one act later."""
        return self.model_copy(update={**changes, "version": self.version + 1})


class Allowed(Part):
    """How much of one good may be shipped: what a grant says of a line of the application."""

    line: int = Field(ge=1, le=200)
    quantity: Amount | None = None
    value: Amount | None = None


class Check(Part):
    """A determination that was kept, so that it can be made again."""

    id: Code
    organisation: Code
    determined: Determined


class Product(Part):
    """A product that an exporter applies for again and again."""

    id: Code
    organisation: Code
    name: Name
    description: Said = ""
    hs: Annotated[str, Field(pattern=r"^\d{6,10}$")] | None = None
    entry: Code | None = None
    facts: Facts = Field(default_factory=dict)
    made_at: Instant
