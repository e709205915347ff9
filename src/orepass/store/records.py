"""Records of the desk itself: organisations, accounts, tokens, messages of customs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from orepass.licences.types import Code, Instant, Name, Part, Sha256

Role = Literal["exporter", "officer", "countersigner", "customs", "auditor"]
ROLES: tuple[Role, ...] = ("exporter", "officer", "countersigner", "customs", "auditor")


class Organisation(Part):
    """Who accounts belong to: an exporter, an authority. Its id is its code, as customs write it."""

    id: Code
    name: Name
    made_at: Instant


class Account(Part):
    """A person or a program at the desk. ``password`` is an Argon2 hash, or empty where another service says who it is."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}$")]
    organisation: Code
    roles: Annotated[tuple[Role, ...], Field(strict=False)]
    password: str = ""
    disabled: bool = False
    made_at: Instant


class Token(Part):
    """What an account shows instead of its password. Only the SHA-256 of its secret is kept."""

    id: Code
    organisation: Code
    account: str
    secret: Sha256
    note: str = ""
    made_at: Instant
    expires_at: Instant
    revoked_at: Instant | None = None


class Message(Part):
    """A message of a customs system and the reply to it: the same message gets the same reply."""

    id: str
    organisation: Code
    subject: Code
    content: Sha256
    reply: dict[str, JsonValue]
    at: Instant
