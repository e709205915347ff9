"""The files of the shelf of lists: what a version is, how it is written whole, and how it is proved when it is read back."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, cast

from orepass.errors import BadInput
from orepass.parties.datafolder import data_folder, write_whole
from orepass.parties.listed import ListedParty
from orepass.parties.lists.reading import ReadList, Stake
from orepass.parties.records import as_record, from_record

_VERSION = re.compile(r"[0-9a-f]{12}")


class Arrival(NamedTuple):
    """One import of a version: a list may go back to what it was."""

    file: str
    form: str
    imported_on: date
    published_on: date | None
    order: int

    @property
    def known_since(self) -> date:
        """The day since which the list can be known to be so."""
        return self.published_on or self.imported_on


class Version(NamedTuple):
    """One state of a list. ``is_new`` tells of an import whether it changed anything; ``says`` tells what came of it."""

    list: str
    id: str
    arrivals: tuple[Arrival, ...]
    parties: int
    stakes: int
    records: int
    problems: int
    lost: int
    is_new: bool = False
    says: str = ""

    @property
    def latest(self) -> Arrival:
        """The arrival by which the version was known last."""
        return max(self.arrivals, key=clock)

    @property
    def known_since(self) -> date:
        """The day since which the version could be known first."""
        return min(self.arrivals, key=clock).known_since


class Content(NamedTuple):
    """What a version holds."""

    parties: tuple[ListedParty, ...]
    stakes: tuple[Stake, ...]


def clock(arrival: Arrival) -> tuple[date, int]:
    """The order of arrivals: by the day since which they could be known, then by their import."""
    return arrival.known_since, arrival.order


def shelf_folder() -> Path:
    """Where lists and cleared hits are kept."""
    return data_folder() / "parties"


def read_versions(list_id: str) -> tuple[Version, ...]:
    """The versions of a list, in the order in which they could be known first; none where no such list is kept.

    Raises
    ------
    BadInput
        When a file is damaged.
    """
    folder = shelf_folder() / list_id
    paths = sorted(path for path in folder.glob("*.json") if _VERSION.fullmatch(path.stem)) if folder.is_dir() else []
    found = [version_of(path, list_id) for path in paths]
    return tuple(sorted(found, key=lambda version: min(map(clock, version.arrivals))))


def mended(path: Path, content: bytes) -> bool:
    """Write a version's file again when it is not what it should be; whether that was so."""
    try:
        if path.read_bytes() == content:
            return False
    except OSError:
        pass
    write_whole(path, content)
    return True


def packed(read: ReadList) -> bytes:
    """The content of a version: parties by their ids, then stakes, one a line; the same content gives the same bytes."""
    content = bytearray()
    for party in sorted(read.parties, key=lambda party: party.id):
        content += _line(as_record(party)).encode("utf-8", "surrogatepass") + b"\n"
    for line in sorted(_line(_stake_record(stake)) for stake in read.ownership):
        content += line.encode("utf-8", "surrogatepass") + b"\n"
    return bytes(content)


def _line(record: dict[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def _stake_record(stake: Stake) -> dict[str, Any]:
    record = {name: value for name, value in stake._asdict().items() if value not in ("", None)}
    for field, key in (("from_", "from"), ("to", "to")):
        if (day := record.pop(field, None)) is not None:
            record[key] = day.isoformat()
    return record


def _stake(record: dict[str, Any]) -> Stake:
    percentage, owner_name, owned_name, source = (
        str(record.get(name, "")) for name in ("percentage", "owner_name", "owned_name", "source")
    )
    first, last = (date.fromisoformat(record[key]) if key in record else None for key in ("from", "to"))
    return Stake(record["owner"], record["owned"], percentage, owner_name, owned_name, first, last, source)


def content_of(list_id: str, version: Version) -> Content:
    """The parties and stakes of a version, proved by their hash."""
    path = shelf_folder() / list_id / f"{version.id}.jsonl"
    try:
        found = path.stat()
        return _parsed(path, list_id, version.id, found.st_size, found.st_mtime_ns)
    except OSError as error:
        raise _damaged(path, f"it cannot be read ({error.strerror or error})") from None


@lru_cache(maxsize=16)
def _parsed(path: Path, list_id: str, version: str, size: int, changed: int) -> Content:
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest()[:12] != version:
        raise _damaged(path, "its content is not what was imported")
    listed: list[ListedParty] = []
    owned: list[Stake] = []
    for line in content.split(b"\n"):
        if line:
            record = json.loads(line.decode("utf-8", "surrogatepass"))
            if "names" in record:
                listed.append(from_record(record, list_id))
            else:
                owned.append(_stake(record))
    return Content(tuple(listed), tuple(owned))


def facts_of(version: Version) -> bytes:
    """What is kept about a version."""
    record: dict[str, Any] = {
        "list": version.list,
        "version": version.id,
        "parties": version.parties,
        "stakes": version.stakes,
        "records": version.records,
        "problems": version.problems,
        "lost": version.lost,
        "imports": [
            {
                "file": arrival.file,
                "form": arrival.form,
                "imported_on": arrival.imported_on.isoformat(),
                "published_on": arrival.published_on.isoformat() if arrival.published_on else None,
                "order": arrival.order,
            }
            for arrival in version.arrivals
        ],
    }
    return (json.dumps(record, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "surrogatepass")


def version_of(path: Path, list_id: str) -> Version:
    """The version of which a file speaks.

    Raises
    ------
    BadInput
        When it is damaged.
    """
    try:
        record = cast("dict[str, Any]", json.loads(path.read_bytes()))
        arrivals = tuple(
            Arrival(
                str(each["file"]),
                str(each["form"]),
                date.fromisoformat(each["imported_on"]),
                date.fromisoformat(each["published_on"]) if each["published_on"] else None,
                int(each["order"]),
            )
            for each in record["imports"]
        )
        if record["version"] != path.stem or record["list"] != list_id or not arrivals:
            raise ValueError("it speaks of another version")
        parties, stakes, records, problems, lost = (
            int(record[name]) for name in ("parties", "stakes", "records", "problems", "lost")
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(path, f"it does not say what a version is ({error})") from None
    return Version(list_id, path.stem, arrivals, parties, stakes, records, problems, lost)


def _damaged(path: Path, problem: str) -> BadInput:
    return BadInput(
        f"the file is damaged: {problem}",
        where=str(path),
        expected="the file as Orepass wrote it",
        remedy="take it from a copy, or drop the list and import it again",
    )
