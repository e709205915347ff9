"""Small types that the procedure's documents are made of: a day, an instant, an amount, a text."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    Strict,
    StringConstraints,
    WithJsonSchema,
)

DAY = r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"
AMOUNT = r"^(0|[1-9]\d{0,14})(\.\d{1,6})?$"


def _day(value: Any) -> Any:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and re.fullmatch(DAY, value):
        return value
    raise ValueError("expected a day as YYYY-MM-DD")


def _instant(value: Any) -> Any:
    if isinstance(value, str):
        if not re.fullmatch(INSTANT, value):
            raise ValueError("expected a time as 2026-03-01T09:30:00+08:00")
        value = datetime.fromisoformat(value)
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ValueError("expected a time with its zone, as 2026-03-01T09:30:00+08:00")
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("expected a time of our calendar") from None


INSTANT = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})$"


def _amount(value: Any) -> Any:
    if isinstance(value, Decimal):
        text = format(value, "f")
    elif isinstance(value, str):
        text = value
    else:
        raise ValueError('expected an amount as text, such as "20.5"')
    if not re.fullmatch(AMOUNT, text):
        raise ValueError('expected an amount of 0 or more as text, at most six places after the point, such as "20.5"')
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError("expected an amount as text") from None


def plain(amount: Decimal) -> str:
    """An amount as documents carry it: no exponent, no idle zeros."""
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def iso(at: datetime) -> str:
    """An instant as documents carry it."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


Day = Annotated[
    date,
    Strict(False),
    BeforeValidator(_day),
    WithJsonSchema({"type": "string", "format": "date", "pattern": DAY}),
]
Instant = Annotated[
    datetime,
    Strict(False),
    BeforeValidator(_instant),
    PlainSerializer(iso, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": INSTANT}),
]
Amount = Annotated[
    Decimal,
    Strict(False),
    BeforeValidator(_amount),
    PlainSerializer(plain, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": AMOUNT, "examples": ["20.5"]}),
]
_PLAIN = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
Said = Annotated[str, StringConstraints(max_length=4_000, pattern=_PLAIN)]
"""A text of some lines."""
Words = Annotated[
    str,
    StringConstraints(
        min_length=1,
        max_length=4_000,
        pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$",
    ),
]
"""A text that says something."""
Name = Annotated[
    str, StringConstraints(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$")
]
Code = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*$")]
"""A number or a code: letters, digits, dots, dashes."""
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Part(BaseModel):
    """A part of a document: frozen, strict, and closed to fields that it does not know."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")
