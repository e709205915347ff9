"""``orepass parties owners``: the share that listed parties hold of a company, and what each regime's test of ownership makes of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from orepass.errors import BadInput

if TYPE_CHECKING:
    from orepass.cli.parties import Day
    from orepass.parties.ownership import Holding, Ownership, OwnershipTest, Verdict
    from orepass.parties.ownership import Path as Chain

LINES = frozenset({".json", ".jsonl", ".ndjson", ".ijson"})
"""Endings of files that hold one entity a line."""
COLUMNS = ("owner", "owned", "share", "kind", "complete", "source")
DEFAULT_TEST = "CN-2025-61-2"
_SHOWN = 5


class Graph(NamedTuple):
    """Who holds what, as a file says."""

    ownership: Ownership
    holdings: int
    ids: Mapping[str, str]
    """Names of entities by their id, where the file holds entities."""


class Found(NamedTuple):
    """A party of the graph that a list names, and how it counts: ``yes``, ``no``, ``open`` in law or ``likely``."""

    name: str
    counts: str
    where: str
    why: str = ""


def run_owners(
    graph: Path,
    listed: Sequence[str],
    lists: str | None,
    target: str,
    tests: Sequence[str],
    when: Day,
    language: str,
    as_json: bool,
) -> None:
    """The share of a company that listed parties hold, and the verdict of each test.

    Parameters
    ----------
    graph
        CSV, XLSX or Parquet with the columns ``owner, owned, share`` and if you like ``kind, complete, source``; or FollowTheMoney
        entities as JSON lines.
    listed
        Names of listed parties, as they stand in the graph.
    lists
        Lists that are searched for the parties of the graph: ``law``, lists of the user's own, or ``all``.
    target
        The company.
    tests
        Ids of ``facts/parties/ownership_tests.yaml``; ``all``; none is the Chinese test.
    when
        The day of lists, holdings and tests.

    Raises
    ------
    BadInput
        When the file, a name or a test cannot be found or read.
    """
    if not listed and not lists:
        raise BadInput(
            "nobody is listed",
            expected="--listed NAME, or --lists law",
            remedy="name the listed parties, or their lists",
        )
    chosen = _tests(tests)
    read = read_graph(graph, when)
    company = _party(target, read, "--target")
    found = [Found(_party(name, read, "--listed"), "yes", "named as listed") for name in listed]
    if lists:
        found += _on_lists(_above(read.ownership, company), lists, when)
    document = _document(read, company, found, chosen, when, language) | {"graph": str(graph)}
    if as_json:
        print(json.dumps(document, ensure_ascii=False, indent=2))
        return
    _print(document)


def _tests(wanted: Sequence[str]) -> list[OwnershipTest]:
    from orepass.parties.ownership import ownership_tests

    known = ownership_tests()
    if "all" in wanted:
        return list(known.values())
    for name in wanted:
        if name not in known:
            raise BadInput(f"there is no test {name!r}", where="--test", expected="all, or one of " + ", ".join(known))
    return [known[name] for name in wanted or (DEFAULT_TEST,)]


def read_graph(file: Path, when: Day) -> Graph:
    """Holdings from a file.

    Raises
    ------
    BadInput
        Naming the file and the row.
    """
    from orepass.parties.ownership import Ownership, holdings_from

    rows = list(_entities(file)) if file.suffix.lower() in LINES else _table(file)
    try:
        stated = holdings_from(rows, on=when.on)
        ids = _captions(rows)
        named = _renamed(ids)
        holdings = [_called(holding, named) for holding in stated.holdings]
        ownership = Ownership(holdings, map(named, stated.complete), map(named, stated.companies))
    except BadInput as error:
        raise error.at(str(file)) from None
    if not holdings:
        raise BadInput("no holding is stated", where=str(file), expected="rows with owner, owned, share")
    return Graph(ownership, len(holdings), ids)


def _table(file: Path) -> list[dict[str, Any]]:
    from orepass.tables.open import open_table

    source = open_table(file)
    columns = {name: name.strip().casefold() for name in source.columns}
    for needed in COLUMNS[:2]:
        if needed not in columns.values():
            raise BadInput(
                f"there is no column {needed!r}",
                where=str(file),
                expected="columns owner, owned, share and if you like kind, complete, source",
                remedy=f"rename a column; the table has {', '.join(source.columns)}",
            )
    chunks = chain.from_iterable(source.chunks(part, 1 << 16) for part in source.parts)
    found: list[dict[str, Any]] = []
    for chunk in chunks:
        cells: dict[str, list[Any]] = {
            columns[name]: cast("list[Any]", values if isinstance(values, list) else values.to_pylist())
            for name, values in chunk.columns.items()
            if columns[name] in COLUMNS
        }
        rows = zip(*cells.values(), strict=True)
        found += [{name: _cell(value) for name, value in zip(cells, row, strict=True)} for row in rows]
    return found


def _cell(value: Any) -> Any:
    """A cell without the forms in which tables write nothing, yes and whole numbers."""
    if value is None or value != value:
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _entities(file: Path) -> Iterator[dict[str, Any]]:
    try:
        lines = file.read_bytes().decode("utf-8-sig").splitlines()
    except OSError as error:
        raise BadInput(
            f"the file cannot be read ({error.strerror})", where=str(file), expected="one entity a line"
        ) from None
    except UnicodeDecodeError:
        raise BadInput("the file is not text in UTF-8", where=str(file), expected="one entity a line") from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            entity = json.loads(line)
        except (json.JSONDecodeError, RecursionError):
            entity = None
        if not isinstance(entity, dict):
            raise BadInput("the line is no JSON object", where=f"{file}, line {number}", expected="one entity a line")
        yield cast("dict[str, Any]", entity)


def _captions(rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """How entities are called, by their id; two of one name are told apart by it."""
    called: dict[str, str] = {}
    for row in rows:
        properties = row.get("properties")
        if "schema" in row and isinstance(properties, dict) and row.get("id"):
            names = cast("dict[str, Any]", properties).get("name") or row.get("caption")
            name = cast("list[Any]", names)[0] if isinstance(names, list) else names
            if name:
                called[str(row["id"])] = str(name).strip()
    many: dict[str, int] = {}
    for name in called.values():
        many[name] = many.get(name, 0) + 1
    return {key: name if many[name] == 1 else f"{name} ({key})" for key, name in called.items()}


def _renamed(ids: Mapping[str, str]) -> Callable[[str], str]:
    return lambda name: ids.get(name, name)


def _called(holding: Holding, named: Callable[[str], str]) -> Holding:
    return holding._replace(owner=named(holding.owner), owned=named(holding.owned))


def _party(name: str, graph: Graph, option: str) -> str:
    """A party as the graph calls it: by its id, its name, or its name in another case."""
    from orepass.determination.owners import same_name

    index = graph.ownership.index
    called = graph.ids.get(name, name.strip())
    if called in index:
        return called
    asked = same_name(called)
    alike = [known for known in graph.ownership.names if same_name(known) == asked]
    if len(alike) == 1:
        return alike[0]
    from difflib import get_close_matches

    near = alike or get_close_matches(called, graph.ownership.names, n=3, cutoff=0.6)
    raise BadInput(
        f"the graph names {'several parties' if alike else 'no party'} {name!r}",
        where=option,
        expected="a name that stands there as owner or owned",
        remedy=f"did you mean {' or '.join(near)}" if near else "",
    )


def _above(graph: Ownership, company: str) -> list[str]:
    """A company and all who hold or control something of it, directly or through others."""
    start = graph.index[company]
    seen, waiting = {start}, [start]
    while waiting:
        place = waiting.pop()
        holders = {*graph.columns[place].owners, *(owner for owner, _ in graph.control.get(place, ()))}
        waiting += holders - seen
        seen |= holders
    return [graph.names[place] for place in sorted(seen)]


def _on_lists(names: Sequence[str], lists: str, when: Day) -> list[Found]:
    """Parties that lists name: those that are found, and those that probably are meant."""
    from orepass.cli.parties import LAW, listed_parties
    from orepass.parties import shelf
    from orepass.parties.register import Register

    wanted = [name.strip() for name in lists.split(",") if name.strip()]
    if "all" in wanted:
        wanted = [LAW, *shelf.lists()]
    entries: list[tuple[Found, tuple[str, ...]]] = _of_law(when) if LAW in wanted else []
    own = [name for name in wanted if name != LAW]
    for party in listed_parties(",".join(own), when) if own else ():
        where = f"{party.list} {party.id}"
        entries.append((Found("", "yes" if party.holds_on(when.on) else "no", where), party.names))
    register = Register(entries)
    found: dict[tuple[str, str], Found] = {}
    for name in names:
        for match in register.find(name):
            found.setdefault((name, match.party.where), match.party._replace(name=name))
        for near in register.likely(name):
            if near.party.counts in {"yes", "open"}:
                why = near.evidence.in_words()
                hit = near.party._replace(
                    name=name, counts="likely", where=f"{near.listed}, {near.party.where}", why=why
                )
                found.setdefault((name, near.party.where), hit)
    return list(found.values())


def _of_law(when: Day) -> list[tuple[Found, tuple[str, ...]]]:
    """Listings of China's notices; the lists that the Chinese test names count while they hold."""
    from orepass.determination.listed_by_law import LISTS, state_in_words
    from orepass.determination.owned import COUNTED
    from orepass.law.model import State
    from orepass.law.timeline import Law

    counts = {State.IN_FORCE: "yes", State.UNKNOWN: "open"}
    found: list[tuple[Found, tuple[str, ...]]] = []
    for on in Law.load().as_of(when.on, when.known).listings:
        listing, standing = on.listing, on.standing
        if standing.state in {State.ABSENT, State.ANNOUNCED}:
            continue
        where = f"{LISTS[listing.list]}, {listing.id}, {state_in_words(standing)}"
        counted = counts.get(standing.state, "no") if listing.list in COUNTED else "no"
        names = tuple(name for name in (listing.name.en, listing.name.zh, *listing.aliases) if name)
        found.append((Found("", counted, where), names))
    return found


def _document(
    graph: Graph, company: str, found: Sequence[Found], tests: Sequence[OwnershipTest], when: Day, language: str
) -> dict[str, Any]:
    """All that is said, as JSON carries it."""
    from orepass.parties.ownership import decide

    surely = frozenset(each.name for each in found if each.counts == "yes")
    may_be = frozenset(each.name for each in found if each.counts in {"open", "likely"}) - surely
    verdicts: list[dict[str, Any]] = []
    for test in tests:
        verdict = _verdict(decide(graph.ownership, surely, company, test), when, language)
        if may_be:
            verdict["if_open_ones_count"] = _verdict(
                decide(graph.ownership, surely | may_be, company, test), when, language
            )
        verdicts.append(verdict)
    return {
        "target": company,
        "day": when.on.isoformat(),
        "holdings": graph.holdings,
        "listed": [each._asdict() for each in found],
        "tests": verdicts,
    }


def _verdict(verdict: Verdict, when: Day, language: str) -> dict[str, Any]:
    share, test = verdict.interval, verdict.test
    return {
        "test": test.id,
        "regime": test.regime,
        "name": test.name.get(language) or test.id,
        "state": test.state(when.on),
        "asks": f"{test.comparison} {_percent(test.threshold)}",
        "answer": verdict.answer,
        "share": {
            "low": float(share.lo),
            "high": float(share.hi),
            "high_if_undisclosed_are_listed": float(share.hi_if_undisclosed),
            "low_is_reached": not share.lo_open,
            "high_is_reached": not share.hi_open,
            "in_words": _span(share.lo, share.hi),
        },
        "counted": verdict.reading,
        "readings": [
            {
                "method": reading.method,
                "added": reading.aggregate,
                "share": _span(reading.share.lo, reading.share.hi),
                "answer": reading.answer,
            }
            for reading in verdict.readings
        ],
        "path": [_chain(path) for path in verdict.path],
        "because": [why._asdict() for why in verdict.because],
        "control": [{"names": list(path.names), "presumed": path.presumed} for path in verdict.control],
        "taken_for_the_end": list(verdict.assumed),
        "says": verdict.in_words(language),
        "source": test.source,
        "grade": test.grade,
        "note": test.note,
    }


def _chain(path: Chain) -> dict[str, Any]:
    return {
        "names": [name or "owners not disclosed" for name in path.names],
        "shares": [_span(low, high) for low, high in zip(path.lows, path.highs, strict=True)],
        "adds": _span(path.low, path.high),
    }


def _percent(share: Fraction) -> str:
    from orepass.parties.ownership.holdings import percent

    return percent(share)


def _span(low: Fraction, high: Fraction) -> str:
    return _percent(low) if low == high else f"{_percent(low)} to {_percent(high)}"


_COUNTS = {
    "yes": "counts",
    "no": "does not count",
    "open": "open: no text says whether the listing still holds",
    "likely": "probably listed, to be checked",
}


def _print(document: dict[str, Any]) -> None:
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=False)

    def say(text: str, style: str = "") -> None:
        console.print(text, markup=False, style=style)

    say(f"{document['target']}: {document['holdings']:,} holdings stated, on {document['day']}")
    if not document["listed"]:
        say("Listed: nobody above it")
    for each in document["listed"]:
        say(f"Listed: {each['name']} ({each['where']}): {_COUNTS[each['counts']]}")
        if each["why"]:
            say(f"  {each['why']}", "dim")
    for verdict in document["tests"]:
        say(f"\n{verdict['name']} [{verdict['test']}], {verdict['state'].replace('_', ' ')} on this day")
        _print_verdict(verdict, say)
        if "if_open_ones_count" in verdict:
            say("  If those that are open or only probably listed count too:")
            _print_verdict(verdict["if_open_ones_count"], say)


def _print_verdict(verdict: dict[str, Any], say: Callable[..., None]) -> None:
    share = verdict["share"]
    say(f"  {verdict['answer'].upper():13} {share['in_words']} (asks {verdict['asks']})")
    say(f"  {verdict['says']}")
    for path in verdict["path"][:_SHOWN]:
        say(f"  path: {' > '.join(path['names'])}: {path['adds']}", "dim")
    if len(verdict["path"]) > _SHOWN:
        say(f"  and {len(verdict['path']) - _SHOWN} more paths (--json)", "dim")
    for path in verdict["control"][:_SHOWN]:
        how = "presumed from majority holdings" if path["presumed"] else "as stated"
        say(f"  control, which is no share: {' > '.join(path['names'])} ({how})", "dim")
