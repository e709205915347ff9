"""Description -> facts: what a line on an invoice says of the goods, each fact with the characters it was read from.

Names are found first, then numbers, formulas and tags; then it is settled what the line is about, and each number gets its fact. What the
reader does not understand it leaves out; the determination then asks. Statements of use are kept, not believed: one that tells against
the goods is taken as said, one that speaks for them releases nothing.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from orepass.goods import substance as about
from orepass.goods.alloys import find_heavy
from orepass.goods.conflicts import find_conflicts
from orepass.goods.denial import is_denied, mark_denied
from orepass.goods.description import PRESENT, Conflict, Description, Read, Trust
from orepass.goods.formula import Formula
from orepass.goods.formula_words import ANIONS
from orepass.goods.kinds import Kind, kinds
from orepass.goods.measures import (
    Context,
    Measure,
    find_grades,
    find_layers,
    find_measures,
    find_mesh,
    find_sizes,
    find_unitless,
)
from orepass.goods.naming import DIGIT, Named, find_goods
from orepass.goods.numbers import Number, find_numbers
from orepass.goods.parameters import Value, forms
from orepass.goods.shares import element_shares, symbol_grades
from orepass.goods.spans import last_before
from orepass.goods.vocabulary import Hit, even_width, find_elements, uses

__all__ = ["PRESENT", "Conflict", "Description", "Read", "describe"]

_SORT = re.compile(r"\s*(?:grade\b|级|[㐀-鿿]{0,3}用)", re.IGNORECASE)
_SIZE_MARK = re.compile(r"\d\s?(?:mm|cm|m|毫米|厘米|米)?\s?[xX*]\s?(?:L\s?)?\d|[ΦØ⌀]")
_OF_TUNGSTEN = ("tungsten", "wolfram", "钨", "w-", "heavy alloy")

ALSO_WORDS = frozenset(
    {"I", "In", "As", "At", "He", "No", "Be", "C", "N", "O", "F", "P", "S", "H", "B", "K", "U", "V", "Y"}
)
"""Symbols that are also words or letters of codes: counted only after *with* or *containing*."""


REPEATABLE = frozenset({"purity_pct", "density_g_cm3", "gravimetric_energy_density_wh_kg"})
"""Facts that goods have only once: said twice with other figures, the text speaks against itself."""


@lru_cache(maxsize=16384)
def describe(text: str) -> Description:
    """Read a description of goods.

    Parameters
    ----------
    text
        English or Chinese, as it stands on an invoice or in a test report.

    Returns
    -------
    Description
        The facts with their places, how far each can be trusted, and where the text speaks against itself.

    Examples
    --------
    >>> describe("antimony ingot 99.65%").facts["purity_pct"]
    99.65
    >>> describe("三氧化二锑 99.99%").facts["substance"]
    'antimony-trioxide'
    """
    return read_text(text)


def read_text(text: str) -> Description:
    """Read a description anew, without looking whether it was read before."""
    return Reader(find_goods(even_width(text))).result()


class Reader:
    """One text under way."""

    def __init__(self, named: Named) -> None:
        self.named = named
        self.text = named.text
        self.low = named.low
        self.hits = named.hits
        self.tags = named.tags
        self.guessed = named.guessed
        self.reads: list[Read] = []
        self.values: dict[str, Value] = {}
        self.also: list[str] = []
        self.kind: str | None = None
        self.shared: frozenset[str] = frozenset()
        self.symbols: list[Hit] = []
        self.denied: frozenset[tuple[int, int]] = frozenset()
        self.assays: tuple[Hit, ...] = ()
        self.repeated: list[tuple[str, Read, Read]] = []
        groups: dict[str, list[Hit]] = {}
        for hit in named.hits:
            found = groups.get(hit.what)
            if found is None:
                groups[hit.what] = [hit]
            else:
                found.append(hit)
        self.groups = groups
        self.negations = groups.get("negation", _NONE)
        self.holdings = groups.get("holding", _NONE)
        self.holding_ends = [hit.end for hit in self.holdings]
        self.negation_ends = [hit.end for hit in self.negations]
        self.denies = bool(self.negations) or "denied_after" in groups or "free" in named.low
        self.clause = self._purpose_clause()

    def group(self, what: str) -> list[Hit]:
        """The hits of one sort."""
        return self.groups.get(what, _NONE)

    def result(self) -> Description:
        """Everything that the text says."""
        named = self.named
        conflicts: list[Conflict] = []
        if self.hits or named.digits or named.formulas or named.tags:
            self.symbols = find_elements(self.text)
            numbers = find_numbers(self.text) if named.digits else []
            shares: list[tuple[Measure, Number | None]] = []
            if self.symbols or not self.groups.keys().isdisjoint(_NAMING) or named.formulas or named.tags:
                mark_denied(self)
                shares = self._shares(numbers)
                about.settle(self, numbers, shares)
            self._forms()
            self._uses()
            for measure, _ in shares:
                self._add(measure)
            if numbers or named.digits:
                self._measure(numbers, shares)
            if self.symbols or named.formulas:
                self._from_formula(named.formulas)
                self._elements(shares)
            if shares or named.cas or self.repeated:
                conflicts = find_conflicts(self, [measure for measure, _ in shares])
        return Description(
            self.text,
            tuple(self.reads),
            self.kind,
            tuple(dict.fromkeys(self.also)),
            tuple(conflicts),
            named.hs,
            named.cas,
        )

    def _add(self, measure: Measure) -> None:
        self.add(measure.fact, measure.value, measure.start, measure.end, "stated" if measure.sure else "inferred")

    def add(self, fact: str, value: Value, start: int, end: int, trust: Trust = "stated") -> None:
        """Note a fact; the first reading stands, and one that says otherwise is kept as a repetition."""
        if fact not in self.values:
            self.values[fact] = value
            self.reads.append(Read(fact, value, start, end, trust))
        elif fact in REPEATABLE and value != self.values[fact] and len(self.repeated) < 64:
            first = next(read for read in self.reads if read.fact == fact)
            self.repeated.append((fact, first, Read(fact, value, start, end, trust)))

    def drop(self, fact: str) -> None:
        """Take a reading back, for a better one."""
        if self.values.pop(fact, None) is not None:
            self.reads = [read for read in self.reads if read.fact != fact]

    def has(self, fact: str) -> Any:
        """The value of a fact read so far."""
        return self.values.get(fact)

    def _purpose_clause(self) -> int:
        """Where the text turns to what the goods are for; names after that are not the goods. Technology is *for* its goods."""
        if self.group("technology") or self.group("software"):
            return len(self.text)
        return next((hit.start for hit in self.group("purpose_clause") if hit.start > 0), len(self.text))

    def _shares(self, numbers: list[Number]) -> list[tuple[Measure, Number | None]]:
        """Shares of elements: by tag, by symbol, by name."""
        shares: list[tuple[Measure, Number | None]] = []
        for tag in self.tags:
            for symbol, share in tag.shares.items():
                shares.append((Measure(f"content_wt_pct.{symbol}", share, tag.start, tag.end), None))
        held = [(tag.start, tag.end) for tag in self.tags]
        if self.named.digits:
            symbols = [s for s in self.symbols if not any(a <= s.start < b for a, b in held[:64])]
            shares += element_shares(self.text, numbers, symbols)
            shares += [(measure, None) for measure in symbol_grades(self.text)]
            if "W" in self.text and any(word in self.low for word in _OF_TUNGSTEN):
                for tag in find_heavy(self.text):
                    if not any(a <= tag.start < b for a, b in held[:64]):
                        share = tag.shares["W"]
                        shares.append((Measure("content_wt_pct.W", share, tag.start, tag.end, sure=False), None))
            shares += about.shares_by_name(self, numbers)
        self.shared = frozenset(measure.fact for measure, _ in shares)
        return shares

    def _measure(self, numbers: list[Number], shares: list[tuple[Measure, Number | None]]) -> None:
        """Every other number with its fact."""
        text = self.text
        sizes = find_sizes(text) if _SIZE_MARK.search(text) else []
        grades = find_grades(text) if "N" in text else []
        mesh = find_mesh(text) if "mesh" in self.low or "目" in text else []
        for measure in (*sizes, *grades, *mesh, *self.named.ratios):
            self._add(measure)
        taken = [(m.start, m.end) for m, _ in shares]
        taken += [(m.start, m.end) for m in (*sizes, *grades, *mesh)]
        taken += [(hit.start, hit.end) for hit in self.hits if hit.what in _CODED and DIGIT.search(hit.text)]
        taken += about.mixture(self, numbers)
        taken.sort()
        for measure in find_measures(text, numbers, self.group("measure"), self._context(), taken):
            self._add(measure)
        if "layer" in text or "层" in text:
            for measure in find_layers(text):
                self.add(measure.fact, measure.value, measure.start, measure.end)
        if "density" in self.low or "密度" in text:
            for measure in find_unitless(text):
                self.add(measure.fact, measure.value, measure.start, measure.end, "inferred")

    def _from_formula(self, formulas: list[tuple[Formula, int, int]]) -> None:
        """Elements that a formula holds and nothing else told of: for goods that are no known kind, and for dopants."""
        stated = self.has("substance")
        for formula, start, end in formulas[:8]:
            if start >= self.clause:
                continue
            if formula.shares.keys().isdisjoint(ANIONS) and self.tags:
                continue  # metals alone: the tag has been read
            for symbol in formula.dopants:
                self.add(f"content_wt_pct.{symbol}", PRESENT, start, end, "computed")
            if stated is None or stated in {"compound", "alloy-of-named-elements"}:
                for symbol, share in formula.shares.items():
                    self.add(f"content_wt_pct.{symbol}", share, start, end, "computed")
                if stated is None and self.has("article") is None and formula.shares:
                    self.add("substance", "compound", start, end, "computed")
                    stated = "compound"

    def is_head(self, hit: Hit, kind: Kind, goods: list[tuple[Hit, Kind]]) -> bool:
        """Whether a finished product is what the line is about, and not what its material is for.

        English and Chinese name the thing last (*rotor magnets* are magnets, a *GaN transistor* is a transistor); *with* and *containing*
        turn that round; a product word after a comma only tells the sort (*SmCo magnet, sensor grade*).
        """
        if kind.root == "equipment":
            return True
        if _SORT.match(self.text, hit.end):
            return False
        if kind.root != "product":
            return True
        for other in self.group("form"):
            if (
                other.id in about.WAFERS
                and other.start >= hit.end
                and len(self.text[hit.end : other.start].split()) <= 1
            ):
                return False
        materials = [other for other, k in goods if k.root == "substance"]
        if any(
            other.start >= hit.end and self._close_after(hit, other) and about.is_shaped(self, other, k)
            for other, k in goods[:64]
            if k.root == "substance"
        ):
            return False
        before = [other for other in materials if other.end <= hit.start]
        return not before or not set(",;，；(（") & set(self.text[before[-1].end : hit.start])

    def _close_after(self, product: Hit, material: Hit) -> bool:
        """Whether the material stands right after the product word, or after one more word that is no *with*."""
        if material.start - product.end > 40:
            return False
        between = self.text[product.end : material.start].replace("-", " ")
        held = any(o.what == "holding" and product.end <= o.start < material.start for o in self.holdings[:64])
        return not held and len(between.split()) <= 1 and not set(",;:()") & set(between)

    def led_by_holding(self, hit: Hit) -> bool:
        """Whether *with* or *containing* stands shortly before."""
        if not self.holdings:
            return False
        place = last_before(self.holding_ends, hit.start)
        return place >= 0 and hit.start - self.holding_ends[place] <= 12

    def _forms(self) -> None:
        article = self.has("article")
        worked = article is not None and kinds().by_id[str(article)].root in {"product", "equipment"}
        for what in ("form", "shape") if not worked else ():
            said = [hit for hit in self.group(what)[:64] if hit.start < self.clause and not is_denied(self, hit)]
            if said:
                hit = self._nearest(said)
                self.add(what, hit.id, hit.start, hit.end, "named")
        form = self.has("form")
        if isinstance(form, str) and forms()[form].shape and self.has("shape") is None:
            read = next(read for read in self.reads if read.fact == "form")
            self.add("shape", forms()[form].shape, read.start, read.end, "inferred")
        for hit in self.group("particle_form"):
            self.add("particle_form", hit.id, hit.start, hit.end, "named")

    def _nearest(self, said: list[Hit]) -> Hit:
        """The form that stands at the goods themselves, right after them before right ahead; else the first."""
        goods = next((read for read in self.reads if read.fact in {"substance", "article"}), None)
        if goods is not None and len(said) > 1:
            for hit in said:
                if 0 <= hit.start - goods.end <= 1 and not self.text[goods.end : hit.start].strip(" -"):
                    return hit
        return said[0]

    def _uses(self) -> None:
        for hit in self.group("use"):
            if not is_denied(self, hit):
                record: dict[str, Any] = uses()[int(hit.id)]
                if "of_article" not in record or self.has("article") in record["of_article"]:
                    self.add(record["fact"], record["value"], hit.start, hit.end)
        for hit in self.group("anywhere"):
            record = uses()[int(hit.id)]
            self.add(record["fact"], record["value"], hit.start, hit.end, "inferred")
        if self.clause < len(self.text) and self.has("use") is None and self.has("end_use.military") is None:
            self.add("use", "other", self.clause, len(self.text), "inferred")

    def _elements(self, shares: list[tuple[Measure, Number | None]]) -> None:
        """Elements named beside a magnet, an alloy or a crystal: ``with Dy``, ``含镝``; and those that a tag only names."""
        if self.has("substance") is None and self.has("article") is None:
            return
        covered = [(r.start, r.end) for r in self.reads if r.fact == "substance"] + [
            (m.start, m.end) for m, _ in shares
        ]
        covered += [(hit.start, hit.end) for hit in self.group("kind")]
        covered.sort()
        position = 0
        reach = 0
        for hit in self.symbols:
            while position < len(covered) and covered[position][0] <= hit.start:
                reach = max(reach, covered[position][1])
                position += 1
            if hit.start >= self.clause:
                break
            if reach > hit.start or f"content_wt_pct.{hit.id}" in self.values:
                continue
            if hit.text in ALSO_WORDS and not self.led_by_holding(hit) and not self._in_tag(hit):
                continue
            denied = (hit.start, hit.end) in self.denied
            self.add(f"content_wt_pct.{hit.id}", 0.0 if denied else PRESENT, hit.start, hit.end)

    def _in_tag(self, hit: Hit) -> bool:
        return any(tag.start <= hit.start < tag.end for tag in self.tags[:64])

    def _context(self) -> Context:
        article, form = self.has("article"), self.has("form")
        return Context(
            str(article) if article else None,
            {"micropowder": "powder"}.get(str(form), str(form)) if form else None,
            self.has("substance") is not None,
        )


_NONE: list[Hit] = []
_NAMING = frozenset({"kind", "cas", "technology", "software", "element_name", "element_group"})
_CODED = frozenset({"kind", "cas", "code"})
