"""What an applicant writes: goods, parties, route, end use. It becomes a transaction, so that the law can be asked about it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from orepass.determination.transaction import ROLES, Transaction, transaction
from orepass.licences.types import Amount, Code, Country, Currency, Facts, Name, Part, Portable, Said, Words

KindId = Literal["single", "general", "registration", "consultation", "amendment"]
Many = Annotated[tuple[Words, ...], Field(strict=False, max_length=50)]


class Good(Part):
    """Goods on an application: what they are, and how much. ``product`` names a product of the exporter that they are an instance of."""

    description: Said = ""
    product: Code | None = None
    hs: Annotated[str, Field(pattern=r"^\d{6,10}$")] | None = None
    entry: Code | None = None
    facts: Facts = Field(default_factory=dict)
    quantity: Amount | None = None
    unit: Annotated[str, Field(min_length=1, max_length=10)] | None = None
    value: Amount | None = None
    currency: Currency | None = None


Role = Literal["consignee", "importer", "end_user", "exporter", "intermediary", "carrier", "notify"]
assert set(Role.__args__) == set(ROLES)


class Involved(Part):
    """A party to the deal."""

    role: Role
    name: Name
    country: Country | None = None
    military: bool | None = None
    owners: Annotated[tuple[dict[str, Portable], ...], Field(strict=False, max_length=50)] = ()
    owners_complete: bool = False
    is_listed_as: Annotated[tuple[Code, ...], Field(strict=False, max_length=20)] = ()
    is_not_listed_as: Annotated[tuple[Code, ...], Field(strict=False, max_length=50)] = ()


class Use(Part):
    """What the goods are for."""

    text: Said = ""
    military: bool | None = None
    purpose: Code | None = None
    raises_military_strength: bool | None = None
    wmd: bool | None = None
    terrorism: bool | None = None
    security_risk_told: bool | None = None
    helps_rare_earth_activity_abroad: bool | None = None


class Declares(Part):
    """What the applicant says of itself where the law bars some (Decree 792, article 20)."""

    criminal_punishment: bool | None = None
    serious_administrative_punishment: bool | None = None
    owned_by_control_listed: bool | None = None


class Changes(Part):
    """Changes asked for in an amendment. Goods, destination, end user and end use stand here so that they are refused in words."""

    consignee: Involved | None = None
    quantity: Annotated[tuple[Amount, ...], Field(strict=False, max_length=200)] | None = None
    value: Annotated[tuple[Amount, ...], Field(strict=False, max_length=200)] | None = None
    contract: Said | None = None
    goods: Said | None = None
    destination: Country | None = None
    end_user: Name | None = None
    end_use: Said | None = None

    @property
    def named(self) -> tuple[str, ...]:
        """The elements that would change."""
        return tuple(name for name, value in self if value is not None)


class Application(Part):
    """What is applied for."""

    kind: KindId
    goods: Annotated[tuple[Good, ...], Field(strict=False, max_length=200)] = ()
    parties: Annotated[tuple[Involved, ...], Field(strict=False, max_length=50)] = ()
    to: Country | None = None
    via: Annotated[tuple[Country, ...], Field(strict=False, max_length=20)] = ()
    origin: Country | None = "CN"
    from_: Annotated[Country | None, Field(alias="from")] = "CN"
    act: Code | None = None
    end_use: Use = Use()
    contract: Said = ""
    why: Said = ""
    cause: Code | None = None
    licence: Code | None = None
    changes: Changes | None = None
    replaces: Code | None = None
    copied_from: Code | None = None
    declares: Declares = Declares()

    model_config = Part.model_config | {"populate_by_name": True, "serialize_by_alias": True}


def asked(application: Application, day: date, known: date | None = None) -> dict[str, Any]:
    """The application as the public transaction document of a day."""
    lines: list[dict[str, Any]] = []
    for good in application.goods:
        line: dict[str, Any] = {
            name: value
            for name, value in (
                ("description", good.description),
                ("hs", good.hs),
                ("entry", good.entry),
                ("facts", good.facts),
                ("unit", good.unit),
                ("currency", good.currency),
            )
            if value
        }
        for name, amount in (("quantity", good.quantity), ("value", good.value)):
            if amount is not None:
                line[name] = float(amount)
        lines.append(line)
    return document(application, lines, day, known)


def document(of: Any, lines: list[dict[str, Any]], day: date, known: date | None = None) -> dict[str, Any]:
    """A transaction document of the route, the parties and the end use of an application or a declaration."""
    parties = [
        {
            name: value
            for name, value in party.model_dump(mode="json").items()
            if value not in (None, [], False) or (name == "military" and value is not None)
        }
        for party in of.parties
    ]
    found: dict[str, Any] = {"date": day.isoformat(), "lines": lines}
    for name, value in (
        ("origin", of.origin),
        ("from", of.from_),
        ("to", of.to),
        ("via", list(of.via)),
        ("act", of.act),
        ("parties", parties),
        ("known", known.isoformat() if known else None),
    ):
        if value:
            found[name] = value  # noqa: PERF403
    use = {name: value for name, value in of.end_use.model_dump(mode="json").items() if value not in (None, "")}
    if use:
        found["end_use"] = use
    return found


def as_transaction(application: Application, day: date, known: date | None = None) -> Transaction:
    """The application as a transaction.

    Raises
    ------
    BadInput
        When the determination cannot read it.
    """
    return transaction(asked(application, day, known))
