"""What the API takes and gives beside the documents of the procedure themselves: strict, closed models."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal, cast

from pydantic import Field, JsonValue

from orepass.licences.application import Involved
from orepass.licences.case import Case, Determined
from orepass.licences.clock import ClockReading
from orepass.licences.licence import Licence
from orepass.licences.types import Code, Country, Currency, Day, Facts, Instant, Name, Part, Said
from orepass.store.journal import Entry
from orepass.store.records import Role, Token


class Error(Part):
    """What went wrong, in one sentence."""

    error: str


class LineAsked(Part):
    """One goods line of a transaction."""

    description: Annotated[str, Field(max_length=20_000, pattern=r"^[^\x00]*$")] = ""
    kind: Literal["goods", "software", "technology", "service"] | None = None
    entry: Code | None = None
    hs: Annotated[str, Field(pattern=r"^\d{6,10}$")] | None = None
    quantity: Annotated[float, Field(ge=0, le=1e15)] | None = None
    unit: Annotated[str, Field(min_length=1, max_length=10)] | None = None
    value: Annotated[float, Field(ge=0, le=1e15)] | None = None
    currency: Currency | None = None
    facts: Facts = Field(default_factory=dict)


class UseAsked(Part):
    """What the goods of a transaction are for."""

    text: Said = ""
    military: bool | None = None
    purpose: Code | None = None
    raises_military_strength: bool | None = None
    wmd: bool | None = None
    terrorism: bool | None = None
    security_risk_told: bool | None = None
    helps_rare_earth_activity_abroad: bool | None = None


class TransactionAsked(Part):
    """One transaction: the public document, in its strict form."""

    date: Day
    lines: Annotated[tuple[LineAsked, ...], Field(strict=False, min_length=1, max_length=200)]
    to: Country | None = None
    from_: Annotated[Country | None, Field(alias="from")] = None
    origin: Country | None = None
    via: Annotated[tuple[Country, ...], Field(strict=False, max_length=20)] = ()
    act: Code | None = None
    known: Day | None = None
    what_if: Annotated[tuple[dict[str, str], ...], Field(strict=False, max_length=20)] = ()
    parties: Annotated[tuple[Involved, ...], Field(strict=False, max_length=50)] = ()
    end_use: UseAsked | None = None

    def document(self) -> dict[str, Any]:
        """The document with what was said, and nothing else."""
        found: dict[str, Any] = _said(self.model_dump(mode="json", by_alias=True, exclude_unset=True))
        return found


def _said(value: Any) -> Any:
    """A document without nothings: an explicit null says nothing."""
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value).items()
        return {key: _said(part) for key, part in items if part is not None}
    if isinstance(value, list):
        return [_said(part) for part in cast("list[Any]", value)]
    return value


class DescriptionAsked(Part):
    """A description of goods to be read."""

    text: Annotated[str, Field(min_length=1, max_length=20_000, pattern=r"^[^\x00]*$")]
    hs: Annotated[str, Field(pattern=r"^\d{6,10}$")] | None = None
    date: Day | None = None


class PartyAsked(Part):
    """A party to be looked for among the listed ones."""

    name: Name
    country: Country | None = None
    address: Said = ""
    on: Day | None = None
    known: Day | None = None


class PartyHit(Part):
    """A listed party that may be meant, and why."""

    list: str
    id: str
    listed_name: str
    level: str
    rank: float
    evidence: str
    evidence_zh: str
    bars: str


class PartyHits(Part):
    """What was found for a party, the strongest evidence first."""

    hits: tuple[PartyHit, ...] = Field(strict=False)


class LogIn(Part):
    """Name and password of an account."""

    account: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00]*$")]
    password: Annotated[str, Field(min_length=1, max_length=256)]


class TokenAsked(Part):
    """A token for a program."""

    note: Annotated[str, Field(max_length=200)] = ""
    hours: Annotated[int, Field(ge=1, le=24 * 366)] = 24


class TokenOpened(Part):
    """A new token; its text is told once."""

    token: str
    id: str
    expires_at: Instant


class TokenShown(Part):
    """A token as it can be shown: without its secret."""

    id: str
    note: str
    made_at: Instant
    expires_at: Instant
    revoked_at: Instant | None

    @classmethod
    def of(cls, token: Token) -> TokenShown:
        """What may be shown of a token."""
        return cls(
            id=token.id,
            note=token.note,
            made_at=token.made_at,
            expires_at=token.expires_at,
            revoked_at=token.revoked_at,
        )


class Me(Part):
    """Who one is."""

    account: str
    organisation: str
    roles: tuple[Role, ...] = Field(strict=False)


class ClockShown(Part):
    """The decision clock of a case, as read now."""

    standing: str
    limit: int | None
    counted: int
    left: int | None
    due: Day | None
    forecast: bool
    due_by_decree: Day | None
    accepted: Day
    read_on: Day
    why: str

    @classmethod
    def of(cls, reading: ClockReading | None) -> ClockShown | None:
        """A reading of the clock, if there is one."""
        return None if reading is None else cls(**reading._asdict())


class CaseShown(Part):
    """A case, its clock, and the moves that the account could make from here."""

    case: Case
    clock: ClockShown | None
    moves: tuple[str, ...] = Field(strict=False)


class CasesShown(Part):
    """A page of cases; ``next`` continues it."""

    cases: tuple[CaseShown, ...] = Field(strict=False)
    next: str | None


class LicenceShown(Part):
    """A licence, how it stands now, and the moves that the account could make."""

    licence: Licence
    standing: str
    moves: tuple[str, ...] = Field(strict=False)


class LicencesShown(Part):
    """A page of licences."""

    licences: tuple[LicenceShown, ...] = Field(strict=False)
    next: str | None


class AgainShown(Part):
    """A determination made again."""

    then: Determined
    now: Determined
    same_rulebook: bool
    same_answer: bool


class EntryShown(Part):
    """One act of the journal."""

    seq: int
    at: str
    account: str
    organisation: str
    act: str
    subject: str
    told: dict[str, JsonValue]
    after: dict[str, str]
    previous: str
    hash: str

    @classmethod
    def of(cls, entry: Entry) -> EntryShown:
        """An entry with its body read."""
        body = json.loads(entry.body)
        return cls(
            seq=entry.seq,
            at=entry.at,
            account=entry.account,
            organisation=entry.organisation,
            act=entry.act,
            subject=entry.subject,
            told=body["told"],
            after=body["after"],
            previous=entry.previous,
            hash=entry.hash,
        )


class HeadShown(Part):
    """The signed end of the journal."""

    seq: int
    at: str
    hash: str
    signature: str
    public_key: str


class VerifiedShown(Part):
    """Whether the store is what the journal says."""

    holds: bool
    entries: int
    records: int
    papers: int
    faults: tuple[str, ...] = Field(strict=False)


class CopyAsked(Part):
    """A copy of an earlier case; ``replaces`` names the licence that is handed back for it."""

    replaces: Code | None = None


class ProductAsked(Part):
    """A product to keep."""

    name: Name
    description: Said = ""
    hs: Annotated[str, Field(pattern=r"^\d{6,10}$")] | None = None
    entry: Code | None = None
    facts: Facts = Field(default_factory=dict)


class JobShown(Part):
    """A table that is screened: how far it is, and what it adds up to."""

    id: str
    name: str
    state: Literal["reading", "mapped", "waiting", "running", "done", "failed"]
    rows: int
    total: int
    made_at: str
    error: str
    outcomes: dict[str, int]


class Health(Part):
    """Whether the desk answers."""

    ok: bool
    rulebook: str
    read_to: Day
