"""Kinds of goods: a net of substances, articles, products, equipment and technology, each with its names in English and Chinese."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cache, cached_property
from typing import Any, cast

from orepass.errors import BadInput, FactError
from orepass.factfiles import FACTS, read_folder
from orepass.goods.elements import ELEMENTS


class Relation(IntEnum):
    """How a stated kind stands to a kind that the law names."""

    APART = 0
    MAY_BE = 1
    IS = 3


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of goods.

    ``holds`` are elements that such goods surely hold, ``may_hold`` elements often left unsaid. ``gives`` are facts that the name itself
    carries (a zone-refined ingot has the form *ingot*), ``made_of`` what a finished product may still raise a question of, ``about`` the
    goods that a technology speaks of. ``composition`` is ``open`` when the name leaves the other elements open. ``formula`` is the pure
    substance's, ``density`` in g/cm3, ``hs`` the usual six-digit headings of the edition of 2022, taken over from the wider kind where the
    kind itself has none.
    """

    id: str
    root: str
    names: tuple[str, ...]
    zh: tuple[str, ...]
    element: str = ""
    holds: frozenset[str] = frozenset()
    may_hold: frozenset[str] = frozenset()
    composition: str = "named"
    gives: dict[str, str | float] = field(default_factory=dict[str, "str | float"])
    made_of: frozenset[str] | None = None
    about: frozenset[str] = frozenset()
    formula: str = ""
    cas: tuple[str, ...] = ()
    density: float | None = None
    hs: tuple[str, ...] = ()
    own_hs: bool = False
    source: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name that we print."""
        return self.names[0]


class Kinds:
    """The net of kinds, with lookups by id and by any name."""

    def __init__(self, records: list[tuple[str, dict[str, Any]]]) -> None:
        raw = {record["id"]: (file, record) for file, record in records}
        self._parents: dict[str, tuple[str, ...]] = {}
        for key, (file, record) in raw.items():
            wider = record.get("is", ())
            parents = (wider,) if isinstance(wider, str) else tuple(cast("list[str]", wider))
            for parent in parents:
                if parent not in raw:
                    raise FactError(f"goods/kinds/{file}", key, f"is: {parent!r} is no kind")
            self._parents[key] = parents
        self._ancestors = {key: self._above(key) for key in raw}
        below: dict[str, set[str]] = {key: set() for key in raw}
        for key, above in self._ancestors.items():
            for ancestor in above:
                below[ancestor].add(key)
        self._descendants = {key: frozenset(kinds) for key, kinds in below.items()}
        self.by_id = {key: self._kind(key, raw) for key in raw}
        self._by_name: dict[str, str] = {}
        for kind in self.by_id.values():
            for name in (kind.id, *kind.names, *kind.zh):
                self._by_name.setdefault(fold(name), kind.id)
        self.by_element = {kind.element: kind.id for kind in reversed(self.by_id.values()) if kind.element}
        self.by_cas = {number: kind.id for kind in reversed(self.by_id.values()) for number in kind.cas}
        self._relations: dict[tuple[str, str], Relation] = {}

    def _above(self, key: str) -> frozenset[str]:
        found = {key}
        for parent in self._parents[key]:
            found |= self._above(parent)
        return frozenset(found)

    def _kind(self, key: str, raw: dict[str, tuple[str, dict[str, Any]]]) -> Kind:
        record = raw[key][1]
        line = [raw[above][1] for above in sorted(self._ancestors[key], key=lambda a: len(self._ancestors[a]))]
        roots = [above for above in self._ancestors[key] if not self._parents[above]]
        gives: dict[str, str | float] = {}
        holds: set[str] = set()
        may_hold: set[str] = set()
        composition = "named"
        hs: tuple[str, ...] = ()
        about = {kind for part in line for kind in part.get("about", ())}
        for part in line:
            gives |= part.get("gives", {})
            holds |= set(part.get("holds", ()))
            may_hold |= set(part.get("may_hold", ()))
            hs = _texts(part.get("hs")) or hs
            composition = part.get("composition", "named" if "holds" in part or "element" in part else composition)
        if "formula" in record and "holds" not in record:
            holds |= _elements_of(str(record["formula"]))
            composition = record.get("composition", "named")
        if "element" in record:
            composition = "named"
            holds.add(record["element"])
        elif record.get("holds") and "composition" not in record:
            composition = "named"
        made_of = (
            frozenset(record["made_of"])
            if "made_of" in record
            else (frozenset[str]() if roots[0] == "product" else None)
        )
        return Kind(
            id=key,
            root=roots[0],
            names=tuple(record.get("en", (key,))),
            zh=tuple(record.get("zh", ())),
            element=record.get("element", ""),
            holds=frozenset(holds),
            may_hold=frozenset(may_hold),
            composition=composition,
            gives=gives,
            made_of=made_of,
            about=frozenset(about),
            formula=str(record.get("formula", "")),
            cas=_texts(record.get("cas")),
            density=record.get("density"),
            hs=hs,
            own_hs="hs" in record,
            source=_texts(record.get("source")),
        )

    def resolve(self, text: str) -> Kind:
        """The kind that a name in either language means.

        Raises
        ------
        BadInput
            When no kind has that name.
        """
        key = self._by_name.get(fold(text))
        if key is None:
            from difflib import get_close_matches

            near = get_close_matches(fold(text), self._by_name, n=3, cutoff=0.7)
            ids = list(dict.fromkeys(self._by_name[name] for name in near))
            raise BadInput(
                f"{text!r} is no substance or article that we know",
                expected="an id such as antimony-oxide, or a name in English or Chinese",
                remedy=f"did you mean {', '.join(ids)}" if ids else "leave it out and give the description instead",
            )
        return self.by_id[key]

    def relation(self, stated: str, named: str) -> Relation:
        """How what is stated stands to what the law names: the same or narrower, perhaps, or apart."""
        key = (stated, named)
        found = self._relations.get(key)
        if found is None:
            if named in self._ancestors[stated]:
                found = Relation.IS
            elif self._descendants[stated].isdisjoint(self._descendants[named]):
                found = Relation.APART
            else:
                found = Relation.MAY_BE
            self._relations[key] = found
        return found

    def ancestors(self, key: str) -> frozenset[str]:
        """The kind and every wider one."""
        return self._ancestors[key]

    def descendants(self, key: str) -> frozenset[str]:
        """The kind and every narrower one."""
        return self._descendants[key]

    @cached_property
    def by_formula(self) -> dict[tuple[tuple[str, float], ...], str]:
        """Kinds by the key of their formula; of several with one formula the widest, none where they stand apart."""
        from orepass.goods.formula import NotAFormula, parse

        found: dict[tuple[tuple[str, float], ...], list[str]] = {}
        for kind in self.by_id.values():
            if kind.formula:
                try:
                    key = parse(kind.formula).key
                except NotAFormula:
                    continue
                if len(key) > 1:
                    found.setdefault(key, []).append(kind.id)
        return {
            key: widest
            for key, ids in found.items()
            if (widest := min(ids, key=lambda i: len(self._ancestors[i])))
            and all(widest in self._ancestors[i] for i in ids)
        }

    def names(self) -> dict[str, str]:
        """Every folded name with the id of its kind."""
        return self._by_name


_SYMBOL = re.compile(r"[A-Z][a-z]?")


def _elements_of(formula: str) -> set[str]:
    """The elements that a formula names."""
    return {symbol for symbol in _SYMBOL.findall(formula) if symbol in ELEMENTS}


def _texts(value: Any) -> tuple[str, ...]:
    """One text or several, as several."""
    return () if value is None else (value,) if isinstance(value, str) else tuple(cast("list[str]", value))


def fold(text: str) -> str:
    """A name without the differences that do not matter: case, width, hyphens beside spaces, plural of spaces."""
    import unicodedata

    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(folded.replace("-", " ").replace("–", " ").replace("_", " ").split())


@cache
def kinds() -> Kinds:
    """The packaged net of kinds."""
    return Kinds(list(read_folder(FACTS / "goods" / "kinds")))
