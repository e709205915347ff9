"""A licence: what may leave, to whom, until when, what of it is drawn, and how it stood at any instant."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field

from orepass.licences.application import Involved, KindId
from orepass.licences.facts import china_day, kinds
from orepass.licences.types import Amount, Code, Country, Currency, Day, Instant, Name, Part, Said

LicenceState = Literal["in_force", "stopped", "revoked", "withdrawn", "surrendered", "replaced"]
Standing = Literal[
    "in_force",
    "stopped",
    "revoked",
    "withdrawn",
    "surrendered",
    "replaced",
    "issued_later",
    "not_yet_valid",
    "expired",
    "used",
]
_NOTHING = Decimal(0)


class Allowance(Part):
    """One good of a licence with what was granted, what is drawn by released goods, and what is reserved by goods that are held."""

    line: int
    description: Said = ""
    codes: tuple[Code, ...] = Field(default=(), strict=False)
    hs: str | None = None
    quantity: Amount | None = None
    unit: str | None = None
    value: Amount | None = None
    currency: Currency | None = None
    drawn: Amount = _NOTHING
    reserved: Amount = _NOTHING
    drawn_value: Amount = _NOTHING
    reserved_value: Amount = _NOTHING

    @property
    def left(self) -> Decimal | None:
        """What may still leave; ``None`` without limit."""
        return None if self.quantity is None else self.quantity - self.drawn - self.reserved

    @property
    def left_value(self) -> Decimal | None:
        """What it may still be worth; ``None`` without limit."""
        return None if self.value is None else self.value - self.drawn_value - self.reserved_value


class Turn(Part):
    """A change of state: from when, by whom, why."""

    state: LicenceState
    at: Instant
    by: Name
    reason: Said = ""


class Registered(Part):
    """An export that was registered before it is made (Decree 792, article 19)."""

    id: int
    at: Instant
    line: int = Field(ge=1)
    quantity: Amount
    end_user: Name
    to: Country
    used_by: Code | None = None


class Report(Part):
    """What the exporter reported after an export."""

    at: Instant
    by: Name
    what: Literal[
        "shipment", "arrival", "installation", "use", "change_of_end_user", "change_of_end_use", "false_certificate"
    ]
    text: Said = ""


class Licence(Part):
    """A licence, or a certificate by registration. It changes only by moves of the table; expiry follows from its days."""

    id: Code
    kind: KindId
    organisation: Code
    case: Code
    state: LicenceState
    version: int
    issued_at: Instant
    valid_from: Day
    valid_to: Day | None
    to: Country | None
    parties: tuple[Involved, ...] = Field(default=(), strict=False)
    end_use: Said = ""
    contract: Said = ""
    conditions: tuple[Said, ...] = Field(default=(), strict=False)
    special_approval: bool = False
    allowances: tuple[Allowance, ...] = Field(default=(), strict=False)
    exports: int = 0
    turns: tuple[Turn, ...] = Field(default=(), strict=False)
    registered: tuple[Registered, ...] = Field(default=(), strict=False)
    reports: tuple[Report, ...] = Field(default=(), strict=False)
    last_export: Day | None = None

    def state_at(self, at: datetime) -> LicenceState | None:
        """The state that it was in at an instant; ``None`` before it was issued."""
        state: LicenceState | None = None
        for turn in self.turns:
            if turn.at <= at:
                state = turn.state
        return state

    def standing(self, at: datetime) -> Standing:
        """How it stands at an instant, its days and its use taken in.

        ``used`` speaks of now: what was declared before is on the licence already.
        """
        state = self.state_at(at)
        if state is None:
            return "issued_later"
        if state not in {"in_force", "stopped"}:
            return state
        day = china_day(at)
        if day < self.valid_from:
            return "not_yet_valid"
        if self.valid_to is not None and day > self.valid_to:
            return "expired"
        if state == "stopped":
            return "stopped"
        if self.exhausted:
            return "used"
        return "in_force"

    @property
    def exhausted(self) -> bool:
        """Whether nothing can leave under it any more: its one export is made, or all of it is drawn."""
        if kinds()[self.kind].exports == "one" and self.exports > 0:
            return True
        return bool(self.allowances) and all(part.left is not None and part.left <= 0 for part in self.allowances)

    @property
    def reserves(self) -> bool:
        """Whether goods under it are held at the gate."""
        return any(part.reserved or part.reserved_value for part in self.allowances)

    def party(self, *roles: str) -> tuple[Involved, ...]:
        """The parties of some roles."""
        return tuple(party for party in self.parties if party.role in roles)

    def with_(self, **changes: Any) -> Licence:
        """The licence one act later."""
        return self.model_copy(update={**changes, "version": self.version + 1})

    def turned(self, state: LicenceState, at: datetime, by: str, reason: str = "") -> Licence:
        """The licence in another state from an instant on."""
        turn = Turn(state=state, at=at, by=by, reason=reason)
        return self.with_(state=state, turns=(*self.turns, turn))
