"""Hits that a reviewer cleared: the same party against the same listing is not asked about twice, until one of them changes.

Kept as JSON lines in the data folder, only ever added to; reopening is a line of its own. Each line holds the plain values next to their
digests, so an auditor reads in it who cleared what, when and why. A clearing holds for exactly the party and exactly the listing that the
reviewer saw: whatever matters of either enters its digest.
"""

from __future__ import annotations

import hashlib
import json
import os
import unicodedata
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast

from orepass.errors import BadInput
from orepass.parties.datafolder import alone, data_folder
from orepass.parties.listed import Asked, ListedParty
from orepass.parties.records import as_record, asked_record

ASKED_FIELDS = ("name", "country", "identifiers", "address")
LISTED_FIELDS = ("names", "countries", "identifiers", "addresses", "notice", "bars", "from", "to")
"""What matters of a listing, apart from its list and its id."""


class Cleared(NamedTuple):
    """One line of the file: a hit was cleared, or reopened; the values are those that the reviewer saw."""

    deed: Literal["clear", "reopen"]
    party: dict[str, Any]
    listing: dict[str, Any]
    party_digest: str
    listing_digest: str
    why: str
    by: str
    on: date
    line: int

    @property
    def list(self) -> str:
        """The list of the listing."""
        return str(self.listing["list"])

    @property
    def entry(self) -> str:
        """The id of the listing in its list."""
        return str(self.listing["id"])


class Difference(NamedTuple):
    """A field that is no longer as it was when the hit was cleared."""

    of: Literal["party", "listing"]
    field: str
    then: str
    now: str

    def __str__(self) -> str:
        return f"{self.of} {self.field}: {self.then or 'nothing'} -> {self.now or 'nothing'}"


class Stale(NamedTuple):
    """A clearing of the same pair that no longer holds, and why."""

    cleared: Cleared
    differences: tuple[Difference, ...]


def _path() -> Path:
    return data_folder() / "parties" / "cleared.jsonl"


def fold(name: str) -> str:
    """A name without case, width and runs of blanks; nothing else, since a reviewer saw this very name."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def party_digest(asked: Asked) -> str:
    """What stands for a party in a clearing."""
    return _digest(_party_values(asked_record(asked)))


def listing_digest(listed: ListedParty) -> str:
    """What stands for a listing in a clearing."""
    return _digest(_listing_values(_listing(listed)))


def _listing(listed: ListedParty) -> dict[str, Any]:
    """What a line holds of a listing."""
    record = as_record(listed)
    return {"list": listed.list, "id": listed.id} | {key: record[key] for key in LISTED_FIELDS if key in record}


def _party_values(record: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": fold(record.get("name") or ""),
        "country": (record.get("country") or "").upper(),
        "identifiers": sorted([kind, fold(value)] for kind, value in record.get("identifiers") or ()),
        "address": fold(record.get("address") or ""),
    }


def _listing_values(record: dict[str, Any]) -> dict[str, Any]:
    many = ("names", "countries", "identifiers", "addresses")
    values: dict[str, Any] = {name: sorted(record.get(name) or ()) for name in many}
    values |= {name: record.get(name) or "" for name in ("notice", "bars", "from", "to")}
    return {"list": record["list"], "id": record["id"]} | values


def _digest(values: dict[str, Any]) -> str:
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def clear(asked: Asked, listed: ListedParty, why: str, by: str, on: date | None = None) -> Cleared:
    """Record that a party is not the listed one.

    Parameters
    ----------
    asked, listed
        The party and the listing, as the reviewer saw them.
    why
        The reason, for those who come later.
    by
        Who cleared it.
    on
        The day; today unless named.

    Raises
    ------
    BadInput
        When no reason or no reviewer is named, or the file cannot be written.
    """
    return _add("clear", asked, listed, why, by, on)


def reopen(asked: Asked, listed: ListedParty, why: str, by: str, on: date | None = None) -> Cleared:
    """Take a clearing back.

    Raises
    ------
    BadInput
        When the hit is not cleared, or as for :func:`clear`.
    """
    if not is_cleared(asked, listed):
        raise BadInput(
            f"{asked.name!r} is not cleared against {listed.list}/{listed.id}",
            where="clearing",
            expected="a party and a listing as they were cleared",
            remedy="see `orepass parties show` for what was cleared",
        )
    return _add("reopen", asked, listed, why, by, on)


def is_cleared(asked: Asked, listed: ListedParty, known: date | None = None) -> bool:
    """Whether the hit is cleared, as of the end of a day; :func:`clearing` tells by whom and why."""
    return clearing(asked, listed, known) is not None


def clearing(asked: Asked, listed: ListedParty, known: date | None = None) -> Cleared | None:
    """The clearing that holds for this party and this listing, as of the end of a day; none where it was reopened."""
    return _now(known).get((party_digest(asked), listing_digest(listed)))


def stale(asked: Asked, listed: ListedParty) -> Stale | None:
    """A clearing of the same name against the same entry that no longer matches, and what changed since.

    ``None`` when the hit is cleared, or never was. Of several clearings, the one from which least has changed.
    """
    if is_cleared(asked, listed):
        return None
    now_party, now_listing = _party_values(asked_record(asked)), _listing_values(_listing(listed))
    found: list[Stale] = []
    for cleared in _now(None).values():
        if (cleared.list, cleared.entry) != (listed.list, listed.id):
            continue
        then_party, then_listing = _party_values(cleared.party), _listing_values(cleared.listing)
        if then_party["name"] != now_party["name"]:
            continue
        differences = [
            Difference("party", name, _told(then_party[name]), _told(now_party[name]))
            for name in ASKED_FIELDS
            if then_party[name] != now_party[name]
        ]
        differences += [
            Difference("listing", name, _told(then_listing[name]), _told(now_listing[name]))
            for name in LISTED_FIELDS
            if then_listing[name] != now_listing[name]
        ]
        found.append(Stale(cleared, tuple(differences)))
    return min(found, key=lambda each: (len(each.differences), -each.cleared.line), default=None)


class _Kept:
    """The lines of the file in one state of it."""

    def __init__(self, lines: tuple[Cleared, ...]) -> None:
        self.lines = lines


def every() -> tuple[Cleared, ...]:
    """Every line, in the order in which they were written: clearings and reopenings.

    Raises
    ------
    BadInput
        When a line is damaged. A reopening might be lost, so nothing of a damaged file is trusted.
    """
    return _kept().lines


def _kept() -> _Kept:
    path = _path()
    try:
        found = path.stat()
    except FileNotFoundError:
        return _NOTHING
    except OSError as error:
        raise BadInput(f"it cannot be read ({error.strerror or error})", where=str(path)) from None
    return _read(path, found.st_size, found.st_mtime_ns)


_NOTHING = _Kept(())


def _now(known: date | None) -> dict[tuple[str, str], Cleared]:
    """The clearings that hold, by their digests: the last line on a pair decides."""
    return _holding(_kept(), known)


@lru_cache(maxsize=4)
def _holding(kept: _Kept, known: date | None) -> dict[tuple[str, str], Cleared]:
    holding: dict[tuple[str, str], Cleared] = {}
    for line in kept.lines:
        if known is not None and line.on > known:
            continue
        key = (line.party_digest, line.listing_digest)
        if line.deed == "clear":
            holding[key] = line
        else:
            holding.pop(key, None)
    return holding


def _told(value: Any) -> str:
    if not isinstance(value, list):
        return str(value)
    parts = cast("list[Any]", value)
    return "; ".join(" ".join(cast("list[str]", part)) if isinstance(part, list) else str(part) for part in parts)


def _add(
    deed: Literal["clear", "reopen"], asked: Asked, listed: ListedParty, why: str, by: str, on: date | None
) -> Cleared:
    for field, text, expected in (
        ("why", why, "the reason for which the party is not the listed one"),
        ("by", by, "the name of the reviewer"),
    ):
        if not text.strip():
            raise BadInput("nothing is said", where=f"field {field}", expected=expected)
    if not fold(asked.name):
        raise BadInput("no name is given", where="field name", expected="the name of the party")
    record: dict[str, Any] = {
        "deed": deed,
        "on": (on or date.today()).isoformat(),
        "by": by.strip(),
        "why": why.strip(),
        "party": asked_record(asked),
        "listing": _listing(listed),
        "party_digest": party_digest(asked),
        "listing_digest": listing_digest(listed),
    }
    line = json.dumps(record, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"
    path = _path()
    with alone(path.with_name(".cleared.lock"), "record a clearing"):
        every()
        try:
            with path.open("ab") as handle:
                handle.write(line)
                handle.flush()
                os.fsync(handle.fileno())
        except OSError as error:
            remedy = "name another folder in OREPASS_DATA"
            raise BadInput(
                f"it cannot be written ({error.strerror or error})", where=str(path), remedy=remedy
            ) from None
        return every()[-1]


@lru_cache(maxsize=4)
def _read(path: Path, size: int, changed: int) -> _Kept:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(f"it cannot be read ({error.strerror or error})", where=str(path)) from None
    found: list[Cleared] = []
    lines = content.split(b"\n")
    for number, line in enumerate(lines, 1):
        if not line and number == len(lines):
            break
        try:
            found.append(_line(line, number))
            if number == len(lines):
                raise ValueError("the line does not end")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadInput(
                f"the line is damaged ({error})",
                where=f"{path}, line {number}",
                expected="a clearing or a reopening as Orepass wrote it",
                remedy="take the file from a copy, or remove the line and review its hit again",
            ) from None
    return _Kept(tuple(found))


def _line(line: bytes, number: int) -> Cleared:
    record = cast("dict[str, Any]", json.loads(line.decode("utf-8", "surrogatepass")))
    if record["deed"] not in ("clear", "reopen"):
        raise ValueError(f"{record['deed']!r} is no deed")
    digests = _digest(_party_values(record["party"])), _digest(_listing_values(record["listing"]))
    if digests != (record["party_digest"], record["listing_digest"]):
        raise ValueError("its values are not those of its digests")
    return Cleared(
        record["deed"],
        record["party"],
        record["listing"],
        *digests,
        str(record["why"]),
        str(record["by"]),
        date.fromisoformat(record["on"]),
        number,
    )
