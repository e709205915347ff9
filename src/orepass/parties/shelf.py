"""The user's lists of parties, kept by version in the data folder, with two clocks like the law.

``parties/<list id>/<version>.jsonl`` holds a version's parties, and after them who is stated to own whom; ``<version>.json`` beside it says
where the version came from and when it came in. A version's id is a hash of its content, so what is read back is proved to be what was
put in. An import adds; it changes nothing that was there.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from orepass.errors import BadInput
from orepass.parties.datafolder import alone, write_whole
from orepass.parties.listed import ListedParty
from orepass.parties.lists.reading import ReadList, Stake
from orepass.parties.records import field_values
from orepass.parties.versions import (
    Arrival,
    Version,
    clock,
    content_of,
    facts_of,
    mended,
    packed,
    read_versions,
    shelf_folder,
)

RESERVED = frozenset({"control", "watch", "unreliable", "law", "all"})
"""Names of the lists of the law, and of all lists together."""
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


class Changed(NamedTuple):
    """A party that two versions hold differently: the fields that differ."""

    old: ListedParty
    new: ListedParty
    fields: tuple[str, ...]


class Changes(NamedTuple):
    """What differs between two versions of a list."""

    added: tuple[ListedParty, ...]
    removed: tuple[ListedParty, ...]
    changed: tuple[Changed, ...]


class Seen(NamedTuple):
    """A party in one version: as it stands there, or ``None``; and what changed since the version before."""

    version: Version
    since: date
    party: ListedParty | None
    changed: tuple[str, ...] = ()


def check_id(list_id: str) -> str:
    """A list's id.

    Raises
    ------
    BadInput
        When it is none, or that of a list of the law.
    """
    if not _ID.fullmatch(list_id):
        raise BadInput(
            f"{list_id!r} is no id of a list",
            where="list id",
            expected="at most 64 lower-case letters, digits, - and _, beginning with a letter or a digit",
        )
    if list_id in RESERVED:
        raise BadInput(
            f"{list_id!r} is a name of the law's own lists",
            where="list id",
            expected="a name of your own, such as my-list",
        )
    return list_id


def lists() -> tuple[str, ...]:
    """The ids of the lists that are kept."""
    folder = shelf_folder()
    if not folder.is_dir():
        return ()
    found = (path for path in folder.iterdir() if path.is_dir() and _ID.fullmatch(path.name))
    return tuple(sorted(path.name for path in found if any(path.glob("*.json"))))


def versions(list_id: str) -> tuple[Version, ...]:
    """The versions of a list, in the order in which they could be known first.

    Raises
    ------
    BadInput
        When no such list is kept, or a file of it is damaged.
    """
    found = read_versions(check_id(list_id))
    if not found:
        known = lists()
        raise BadInput(
            f"no list {list_id!r} is kept",
            where="list id",
            expected=f"one of {', '.join(known)}" if known else "a list that was imported",
            remedy="see `orepass parties list`",
        )
    return found


def put(list_id: str, read: ReadList, *, published: date | None = None, on: date | None = None) -> Version:
    """Keep a list as it was read.

    The day of publication is ``published``, else the newest day in the list where that lies after all that is kept, else unknown: then the
    list is known since its import. The same content again changes nothing, unless the list had changed in between and now is as it was.

    Parameters
    ----------
    list_id
        Lower-case letters, digits, ``-`` and ``_``.
    read
        What :func:`~orepass.parties.lists.read_list` gives.
    published
        The day since which this state of the list could be known.
    on
        The day of the import; today unless named.

    Raises
    ------
    BadInput
        When the id is none, the list holds no party, the day lies after the import, or another import does not end.
    """
    check_id(list_id)
    today = on or date.today()
    if not read.parties:
        first = next((problem.says for problem in read.problems), "")
        raise BadInput(
            f"no party was read in {read.records} records{f' (first problem: {first.rstrip(chr(46))})' if first else ''}",
            where=read.file or list_id,
            expected="at least one listed party",
            remedy="nothing was imported",
        )
    if published and published > today:
        raise BadInput(f"{published} lies ahead", where="--published", expected=f"a day up to {today}")
    content = packed(read)
    version = hashlib.sha256(content).hexdigest()[:12]
    folder = shelf_folder() / list_id
    with alone(shelf_folder() / ".lock", "import a list"):
        kept = read_versions(list_id)
        order = 1 + max((arrival.order for each in kept for arrival in each.arrivals), default=0)
        arrival = Arrival(read.file, read.form, today, published or _inferred(read, kept), order)
        before = next((each for each in kept if each.id == version), None)
        if before is not None:
            whole_again = mended(folder / f"{version}.jsonl", content)
            newest = max(kept, key=lambda each: clock(each.latest))
            same_day = arrival.published_on is not None and any(
                past.known_since == arrival.known_since for past in before.arrivals
            )
            if newest.id == version or same_day:
                says = f"Version {version} of {list_id} was damaged and is whole again." if whole_again else ""
                return before._replace(is_new=whole_again, says=says or _nothing_new(before, newest, published))
            after = before._replace(arrivals=(*before.arrivals, arrival))
            says = f"{list_id} is again as version {version} had it; known since {arrival.known_since}"
        else:
            after = Version(
                list_id,
                version,
                (arrival,),
                len(read.parties),
                len(read.ownership),
                read.records,
                len(read.problems),
                read.lost,
            )
            write_whole(folder / f"{version}.jsonl", content)
            says = f"{list_id} has a new version {version}; known since {arrival.known_since}"
        write_whole(folder / f"{version}.json", facts_of(after))
    return after._replace(is_new=True, says=f"{says}.")


def _inferred(read: ReadList, kept: tuple[Version, ...]) -> date | None:
    """The newest day of a list, where it can tell this version from those that are kept.

    A list from which a party was struck bears no new day: that it was so before it was imported cannot be known.
    """
    past = max((version.latest.known_since for version in kept), default=date.min)
    return read.newest if read.newest and read.newest > past else None


def _nothing_new(before: Version, newest: Version, published: date | None) -> str:
    says = f"Nothing changes: {before.list} holds this content as version {before.id} since {before.known_since}"
    if newest.id != before.id:
        return f"{says}; the newest version is {newest.id}, known since {newest.latest.known_since}."
    if published and published not in {arrival.known_since for arrival in before.arrivals}:
        return f"{says}; the day {published} was not taken over, drop the list to import it with another day."
    return f"{says}."


def parties(
    list_ids: Iterable[str] | None = None, day: date | None = None, known: date | None = None
) -> tuple[ListedParty, ...]:
    """The parties of lists on a day, as the lists could be known by another day.

    Parameters
    ----------
    list_ids
        Which lists; all that are kept unless named.
    day
        Only listings that hold on that day; all unless named.
    known
        Of each list the newest version that could be known by then; the newest of all unless named.
    """
    found: list[ListedParty] = []
    for list_id in lists() if list_ids is None else list_ids:
        version = version_known(list_id, known)
        if version is not None:
            found += [party for party in content_of(list_id, version).parties if day is None or party.holds_on(day)]
    return tuple(found)


def of_version(list_id: str, version: str) -> tuple[ListedParty, ...]:
    """Every party of one version, whatever the day."""
    return content_of(list_id, _version(list_id, version)).parties


def stakes(list_ids: Iterable[str] | None = None, known: date | None = None) -> tuple[Stake, ...]:
    """Who is stated to own whom in the newest versions that could be known by a day."""
    found: list[Stake] = []
    for list_id in lists() if list_ids is None else list_ids:
        version = version_known(list_id, known)
        if version is not None:
            found += content_of(list_id, version).stakes
    return tuple(found)


def version_known(list_id: str, known: date | None = None) -> Version | None:
    """The newest version of a list that could be known by a day; of two known since the same day, the one imported last."""
    best: tuple[tuple[date, int], Version] | None = None
    for version in versions(list_id):
        for arrival in version.arrivals:
            if (known is None or arrival.known_since <= known) and (best is None or clock(arrival) > best[0]):
                best = (clock(arrival), version)
    return best[1] if best else None


def changes(list_id: str, old: str, new: str) -> Changes:
    """What differs between two versions, named by their ids."""
    before, after = (
        {party.id: party for party in content_of(list_id, _version(list_id, name)).parties} for name in (old, new)
    )
    return Changes(
        tuple(party for key, party in after.items() if key not in before),
        tuple(party for key, party in before.items() if key not in after),
        tuple(
            Changed(before[key], party, fields)
            for key, party in after.items()
            if key in before and (fields := changed_fields(before[key], party))
        ),
    )


def changed_fields(old: ListedParty, new: ListedParty) -> tuple[str, ...]:
    """The fields in which two states of a listing differ; the order of names, countries and numbers is no difference."""
    before, after = field_values(old), field_values(new)
    return tuple(name for name, value in before.items() if value != after[name])


def history(list_id: str, party_id: str) -> tuple[Seen, ...]:
    """A party over the versions of its list, in the order in which they could be known: each with what changed in it.

    Raises
    ------
    BadInput
        When no version holds the party.
    """
    arrivals = [(arrival, version) for version in versions(list_id) for arrival in version.arrivals]
    out: list[Seen] = []
    before: ListedParty | None = None
    for arrival, version in sorted(arrivals, key=lambda pair: clock(pair[0])):
        party = next((party for party in content_of(list_id, version).parties if party.id == party_id), None)
        fields = changed_fields(before, party) if before and party else ("removed",) if before else ()
        if party and not before:
            fields = ("added",)
        out.append(Seen(version, arrival.known_since, party, fields))
        before = party
    if not any(seen.party for seen in out):
        raise BadInput(
            f"no version of {list_id} holds {party_id!r}", where="listing", expected="the id of a listing in it"
        )
    return tuple(out)


def drop(list_id: str) -> int:
    """Remove a list with all its versions; how many there were. What was known of it can then no longer be asked."""
    check_id(list_id)
    with alone(shelf_folder() / ".lock", "import a list"):
        folder = shelf_folder() / list_id
        count = len(list(folder.glob("*.json"))) if folder.is_dir() else 0
        if not count:
            versions(list_id)
        gone = folder.with_name(f".dropped-{list_id}")
        try:
            shutil.rmtree(gone, ignore_errors=True)
            folder.rename(gone)
            shutil.rmtree(gone)
        except OSError as error:
            raise BadInput(f"it cannot be removed ({error.strerror or error})", where=str(folder)) from None
    return count


def _version(list_id: str, name: str) -> Version:
    found = next((version for version in versions(list_id) if version.id == name), None)
    if found is None:
        known = ", ".join(version.id for version in versions(list_id))
        raise BadInput(f"{name!r} is no version of {list_id}", where="version", expected=f"one of {known}")
    return found
