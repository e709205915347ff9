"""The journal: every act in order, each row bound to the one before by its hash, the last one signed."""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple

import rfc8785

ZERO = "0" * 64
"""What the first row names as the one before it."""


class Entry(NamedTuple):
    """One act: when, by whom, what, on what; ``body`` as canonical JSON holds what was told and the digests of the records left behind."""

    seq: int
    at: str
    account: str
    organisation: str
    act: str
    subject: str
    body: str
    previous: str
    hash: str


class Head(NamedTuple):
    """The end of the journal, signed. Kept elsewhere, it shows later that nothing before it was changed or cut off."""

    seq: int
    at: str
    hash: str
    signature: str
    public_key: str


def canonical(document: Any) -> str:
    """A document as RFC 8785 writes it."""
    return rfc8785.dumps(document).decode()


def sha256(content: str | bytes) -> str:
    """SHA-256 as hexadecimal digits."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def hash_of(entry: Entry) -> str:
    """The hash that binds a row: over all of it, the hash of the one before taken in."""
    return sha256(canonical(list(entry[:-1])))


def entry_of(
    seq: int, at: str, account: str, organisation: str, act: str, subject: str, body: str, previous: str
) -> Entry:
    """A row with its hash."""
    bare = Entry(seq, at, account, organisation, act, subject, body, previous, "")
    return bare._replace(hash=hash_of(bare))


def signed_text(seq: int, at: str, hash_: str) -> bytes:
    """What a head's signature is over."""
    return rfc8785.dumps({"seq": seq, "at": at, "hash": hash_})
