"""A customs declaration as the gate sees it: what is declared, what was judged, what it drew."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from orepass.licences.application import Involved, Use
from orepass.licences.types import Amount, Code, Country, Currency, Day, Facts, Instant, Name, Part, Said, Words

Result = Literal["release", "hold", "refuse"]
DeclarationState = Literal["released", "held", "refused", "cancelled", "exported"]


class Remark(Part):
    """What the remarks field says (2025 No.18): whether the goods are controlled, and under which code."""

    controlled: bool
    code: Code | None = None


class DeclaredLine(Part):
    """One goods line. ``licence`` is the number shown for it."""

    description: Said = ""
    hs: Annotated[str, Field(pattern=r"^\d{6,10}$")] | None = None
    entry: Code | None = None
    facts: Facts = Field(default_factory=dict)
    quantity: Amount | None = None
    unit: Annotated[str, Field(min_length=1, max_length=10)] | None = None
    value: Amount | None = None
    currency: Currency | None = None
    licence: Code | None = None
    remark: Remark | None = None


class Declared(Part):
    """What a declaration says. ``exporter`` is the code of the organisation that exports; ``declared_at`` the time of declaration."""

    number: Code
    exporter: Code
    declared_at: Instant
    lines: Annotated[tuple[DeclaredLine, ...], Field(strict=False, min_length=1, max_length=50)]
    parties: Annotated[tuple[Involved, ...], Field(strict=False, max_length=50)] = ()
    to: Country | None = None
    via: Annotated[tuple[Country, ...], Field(strict=False, max_length=20)] = ()
    origin: Country | None = "CN"
    from_: Annotated[Country | None, Field(alias="from")] = "CN"
    act: Code | None = None
    end_use: Use = Use()

    model_config = Part.model_config | {"populate_by_name": True, "serialize_by_alias": True}


class Drawn(Part):
    """What a line draws from a licence, or reserves on it while it is held."""

    licence: Code
    allowance: int
    quantity: Amount
    value: Amount | None = None
    registered: int | None = None


class Because(Part):
    """One reason of the gate, with what it was judged by."""

    id: str
    result: Result
    says: str
    zh: str
    paragraph: str
    detail: str = ""


class LineVerdict(Part):
    """The gate's word on one line."""

    line: int
    result: Result
    outcome: str
    codes: tuple[str, ...] = Field(default=(), strict=False)
    reasons: tuple[Because, ...] = Field(default=(), strict=False)
    papers: tuple[str, ...] = Field(default=(), strict=False)
    drawn: Drawn | None = None


class Verdict(Part):
    """The gate's word on a declaration: that of its most restrictive line."""

    result: Result
    lines: tuple[LineVerdict, ...] = Field(strict=False)
    rulebook: str
    judged_at: Instant
    on: Day


class HeldBy(Part):
    """A hold set by a person after release."""

    at: Instant
    by: Name
    reason: Words


class Declaration(Part):
    """A declaration at the desk. ``declared_at`` never changes with an update: licences count as they stood then."""

    id: Code
    organisation: Code
    state: DeclarationState
    version: int
    declared: Declared
    received_at: Instant
    verdict: Verdict
    holds: tuple[HeldBy, ...] = Field(default=(), strict=False)
    exported: tuple[Amount, ...] = Field(default=(), strict=False)
    exported_on: Day | None = None

    def with_(self, **changes: Any) -> Declaration:
        """The declaration one act later."""
        return self.model_copy(update={**changes, "version": self.version + 1})

    @property
    def draws(self) -> tuple[Drawn, ...]:
        """What it has on licences now."""
        if self.state in {"refused", "cancelled"}:
            return ()
        return tuple(line.drawn for line in self.verdict.lines if line.drawn is not None)
