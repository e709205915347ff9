"""Small types that the procedure's documents are made of: a day, an instant, an amount, a text."""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    PlainSerializer,
    Strict,
    StringConstraints,
    WithJsonSchema,
)

LARGEST_WHOLE = 2**53
"""Whole numbers up to here are the same in every reader of JSON."""
DEEPEST = 20
"""So deep a value of a fact may be nested."""
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


def _portable(value: Any) -> Any:
    """A value that every reader of JSON reads alike, and that can be stored anywhere."""
    _walk(value, 0)
    return value


def _walk(value: Any, depth: int) -> None:
    if depth > DEEPEST:
        raise ValueError(f"expected at most {DEEPEST} levels")
    if isinstance(value, str):
        if any(sign == "\x00" or "\ud800" <= sign <= "\udfff" for sign in value):
            raise ValueError("expected plain text")
    elif isinstance(value, bool) or value is None:
        return
    elif isinstance(value, int):
        if abs(value) > LARGEST_WHOLE:
            raise ValueError("expected a whole number that every reader of JSON reads alike")
    elif isinstance(value, float):
        if not math.isfinite(value) or (value.is_integer() and abs(value) > LARGEST_WHOLE):
            raise ValueError("expected a number that every reader of JSON reads alike")
    elif isinstance(value, dict):
        for key, part in cast("dict[Any, Any]", value).items():
            _walk(key, depth + 1)
            _walk(part, depth + 1)
    elif isinstance(value, list | tuple):
        for part in cast("list[Any]", value):
            _walk(part, depth + 1)


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


Portable = Annotated[JsonValue, AfterValidator(_portable)]
"""Any JSON that every reader reads alike."""
FactName = Annotated[str, Field(max_length=100), AfterValidator(_portable)]
Facts = dict[FactName, Portable]
"""Facts of goods by name."""


class Part(BaseModel):
    """A part of a document: frozen, strict, and closed to fields that it does not know."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")
