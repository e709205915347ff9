"""``orepass parties match``, ``screen`` and ``score``: who may stand behind a name, on what evidence."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from orepass.errors import BadInput

if TYPE_CHECKING:
    from orepass.parties.listed import Asked, ListedParty
    from orepass.parties.matching import Hit
    from orepass.tables.chunks import Chunk, Source

LAW = "law"
"""The name under which ``--lists`` means the lists of China's notices."""


class Day(NamedTuple):
    """The day of the lists, and the day by which they were known."""

    on: date
    known: date | None


def listed_parties(lists: str, when: Day) -> tuple[ListedParty, ...]:
    """The listed parties of the lists named: ``law``, lists of the user's own, or ``all``."""
    from orepass.determination.listed_by_law import law_parties
    from orepass.law.timeline import Law
    from orepass.parties import shelf

    wanted = [name.strip() for name in lists.split(",") if name.strip()]
    own = shelf.lists()
    if not wanted:
        raise BadInput(
            "no list is named", where="--lists", expected="one or several of " + ", ".join(["all", LAW, *own])
        )
    if "all" in wanted:
        wanted = [LAW, *own]
    unknown = [name for name in wanted if name != LAW and name not in own]
    if unknown:
        raise BadInput(
            f"there is no list {unknown[0]!r}",
            where="--lists",
            expected="one or several of " + ", ".join(["all", LAW, *own]),
            remedy="import it: orepass parties import FILE --name " + unknown[0],
        )
    found: list[ListedParty] = []
    if LAW in wanted:
        found += law_parties(Law.load(), when.on, when.known)
    mine = [name for name in wanted if name != LAW]
    if mine:
        found += shelf.parties(mine, when.on, when.known or max(when.on, date.today()))
    return tuple(found)


def shown(hit: Hit, asked: Asked, language: str) -> dict[str, Any]:
    """A hit as JSON carries it."""
    from orepass.parties import cleared

    evidence = hit.evidence
    return {
        "list": hit.party.list,
        "id": hit.party.id,
        "listed_name": hit.listed_name,
        "names": list(hit.party.names),
        "level": evidence.level.name.lower(),
        "rank": round(evidence.rank, 3),
        "name": evidence.name.in_words(language),
        "identifier": evidence.identifier.says,
        "country": evidence.country.says,
        "address": evidence.address.says,
        "evidence": evidence.in_words(language),
        "notice": hit.party.notice,
        "bars": hit.party.bars,
        "note": hit.party.note,
        "from": hit.party.from_.isoformat() if hit.party.from_ else None,
        "to": hit.party.to.isoformat() if hit.party.to else None,
        "cleared": cleared.is_cleared(asked, hit.party),
    }


def run_match(asked: Asked, lists: str, when: Day, language: str, as_json: bool) -> None:
    """One party against the lists."""
    from orepass.parties.matching import PartyRegister

    hits = PartyRegister(listed_parties(lists, when)).match(asked)
    documents = [shown(hit, asked, language) for hit in hits]
    if as_json:
        print(json.dumps({"asked": asked.name, "hits": documents}, ensure_ascii=False, indent=2))
        return
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=False)
    if not documents:
        console.print(f"No listed party resembles {asked.name}.", markup=False)
    for document in documents:
        console.print(
            f"\n{document['level'].upper():9}{document['listed_name']}  [{document['list']} {document['id']}]"
            + ("  cleared" if document["cleared"] else ""),
            markup=False,
        )
        console.print(f"  {document['evidence']}", markup=False)
        for label in ("notice", "bars", "note"):
            if document[label]:
                console.print(f"  {label}: {document[label]}", markup=False, style="dim")


def asked_of(name: str, country: str | None, identifiers: Sequence[str], address: str) -> Asked:
    """A party as options name it.

    Raises
    ------
    BadInput
        When the country is not known or an identifier has no value.
    """
    from orepass.parties.listed import Asked, Identifier
    from orepass.places import country_code

    if not name.strip():
        raise BadInput("the name is empty", where="argument NAME", expected="a party's name")
    read: list[Identifier] = []
    for identifier in identifiers:
        kind, sign, value = identifier.rpartition(":")
        if not value.strip() or (sign and not kind.strip()):
            raise BadInput(
                f"{identifier!r} is no identifier", where="--identifier", expected="KIND:VALUE, such as lei:..."
            )
        read.append(Identifier(kind.strip().lower(), value.strip()))
    try:
        code = country_code(country) if country else None
    except BadInput as error:
        raise error.at("--country") from None
    return Asked(name.strip(), code, tuple(read), address.strip())


SCORE_COLUMNS = ("left", "right", "left_country", "right_country")


def run_score(pairs: Path, output: Path, language: str) -> None:
    """Each pair of names with a number to sort by and the evidence in words."""
    from orepass.parties.matching import compared
    from orepass.places import country_code
    from orepass.tables.open import open_table

    source = open_table(pairs)
    for needed in SCORE_COLUMNS[:2]:
        if needed not in source.columns:
            raise BadInput(
                f"there is no column {needed!r}",
                where=str(pairs),
                expected="columns left and right, and if you like left_country and right_country",
                remedy=f"rename a column; the table has {', '.join(source.columns)}",
            )
    _not_over(pairs, output)

    def code(cell: Any) -> tuple[str | None, str]:
        text = _text(cell)
        if not text:
            return None, ""
        try:
            return country_code(text), ""
        except BadInput as error:
            return None, error.sentence

    def judged(rows: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
        for row in rows:
            left, right = _text(row["left"]), _text(row["right"])
            (one, bad), (other, worse) = code(row.get("left_country")), code(row.get("right_country"))
            missing = "" if left and right else "a name is missing; expected left and right"
            error = "; ".join(part for part in (bad, worse, missing) if part)
            if missing:
                yield {"rank": 0.0, "evidence": "", "error": error}
                continue
            evidence = compared(left, right, one, other)
            yield {"rank": round(evidence.rank, 4), "evidence": evidence.in_words(language), "error": error}

    rows = list(_all_rows(source))
    _write_rows(rows, source.columns, output, judged(rows))
    print(f"{_count(len(rows), 'pair')}; written to {output}")


def run_screen(table: Path, output: Path, lists: str, when: Day, language: str) -> None:
    """A table of parties against the lists: each row with its best hit and what else resembles it."""
    from orepass.parties.lists.asking import party_columns
    from orepass.parties.matching import match_all
    from orepass.tables.open import open_table

    source = open_table(table)
    _not_over(table, output)
    columns = party_columns(source.columns, str(table))
    listed = listed_parties(lists, when)
    rows = list(_all_rows(source))
    asked = [columns.asked(row, number) for number, row in enumerate(rows, 1)]
    hits = match_all([party for parties, _ in asked for party in parties], listed)
    tally = dict.fromkeys(("same", "likely", "possible", "none", "cleared", ""), 0)

    def judged() -> Iterator[dict[str, Any]]:
        for parties, error in asked:
            found = _of_all_names(parties, hits, language)
            open_hits = [hit for hit in found if not hit["cleared"]]
            best = open_hits[0] if open_hits else {}
            level = best.get("level") or ("cleared" if found else "none" if parties else "")
            tally[level] += 1
            yield {
                "level": level,
                "rank": best.get("rank"),
                "list": best.get("list", ""),
                "listing": best.get("id", ""),
                "listed_name": best.get("listed_name", ""),
                "evidence": best.get("evidence", ""),
                "note": best.get("note", ""),
                "others": "; ".join(f"{hit['list']} {hit['id']}" for hit in open_hits[1:]),
                "error": error,
            }

    _write_rows(rows, source.columns, output, judged())
    for warning in columns.warnings:
        print(warning, file=sys.stderr)
    counts = ", ".join(
        f"{count:,} {level or 'without a name'}" for level, count in tally.items() if count or level == "none"
    )
    print(f"{_count(len(rows), 'row')} beside {_count(len(listed), 'listed party', 'listed parties')}: {counts}")
    print(f"Written to {output}")


def _of_all_names(parties: Sequence[Asked], hits: Mapping[Asked, list[Hit]], language: str) -> list[dict[str, Any]]:
    """The hits of all names of one party, each listing once, the best first."""
    best: dict[tuple[str, str], dict[str, Any]] = {}
    for party in parties:
        for hit in hits[party]:
            document = shown(hit, party, language)
            key = (hit.party.list, hit.party.id)
            if key not in best or best[key]["rank"] < document["rank"]:
                document["cleared"] = document["cleared"] or (key in best and best[key]["cleared"])
                best[key] = document
    return sorted(best.values(), key=lambda document: -document["rank"])


def _count(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def _all_rows(source: Source) -> Iterator[dict[str, Any]]:
    return chain.from_iterable(_rows(chunk) for part in source.parts for chunk in source.chunks(part, 1 << 16))


LEVEL_COLOURS = {"same": "#f4b6b0", "likely": "#f8d7a8", "possible": "#fdf3c1", "cleared": "#dbe9d8", "none": "#dbe9d8"}


def _text(cell: Any) -> str:
    return "" if cell is None or cell != cell else str(cell).strip()


def _not_over(table: Path, output: Path) -> None:
    if output.is_dir() or output.suffix.lower() not in {".csv", ".xlsx", ".parquet"}:
        raise BadInput(
            f"{output} is no table that we write", where="-o", expected="a name ending in .csv, .xlsx or .parquet"
        )
    if output.resolve() == table.resolve():
        raise BadInput("the output is the table itself", where="-o", expected="another file")


def _rows(chunk: Chunk) -> list[dict[str, Any]]:
    names = list(chunk.columns)
    lists: list[list[Any]] = [
        cast("list[Any]", cells) if isinstance(cells, list) else cells.to_pylist() for cells in chunk.columns.values()
    ]
    return [dict(zip(names, row, strict=True)) for row in zip(*lists, strict=True)]


def _write_rows(
    rows: Sequence[Mapping[str, Any]], columns: Sequence[str], output: Path, found: Iterator[dict[str, Any]]
) -> None:
    """All rows with what was found, in one go: a file is there whole or not at all."""
    from orepass.tables.sinks import sink_for, writing

    added = list(found)
    names = list(added[0]) if added else []
    partial = output.with_name(f"half-{output.name}")
    with writing(output):
        sink = sink_for(partial, None, "level", LEVEL_COLOURS)
        sink.write(
            {name: [row[name] for row in rows] for name in columns}
            | {(f"{name}_found" if name in columns else name): [row[name] for row in added] for name in names}
        )
        sink.close()
        partial.replace(output)
