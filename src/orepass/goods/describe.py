"""Description -> facts: what a line on an invoice says of the goods, each fact with the characters it was read from.

A first reader: substance, article, form, shape, purity, shares by element, sizes and parameters, in English and Chinese. What it does not
understand it leaves out; the determination then asks. Statements of use that tell against the goods are taken as said.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any, NamedTuple

from orepass.goods.kinds import Kind, Relation, kinds
from orepass.goods.measures import (
    Context,
    Measure,
    find_grades,
    find_layers,
    find_measures,
    find_shares,
    find_sizes,
    find_unitless,
    share_beside,
)
from orepass.goods.parameters import Interval, Value, forms, parameters
from orepass.goods.vocabulary import Hit, even_width, find_elements, find_names, uses


class Read(NamedTuple):
    """One fact read from a text, and where it stands there."""

    fact: str
    value: Value
    start: int
    end: int
    sure: bool


class Description(NamedTuple):
    """What a text says: facts of the goods, statements on the transaction, the kind of line, and what was left open."""

    text: str
    reads: tuple[Read, ...]
    kind: str | None
    also_named: tuple[str, ...]

    @property
    def facts(self) -> dict[str, Value]:
        """The facts by name."""
        return {read.fact: read.value for read in self.reads}

    def of_transaction(self) -> dict[str, Value]:
        """Statements on use and purpose, which belong to the transaction."""
        table = parameters()
        return {r.fact: r.value for r in self.reads if r.fact in table and table[r.fact].of == "transaction"}


_SORT = re.compile(r"\s*(?:grade\b|级|[\u3400-\u9fff]{0,3}用)", re.IGNORECASE)
_PACKED_IN = re.compile(r"\bin (?:(?:a|the|sealed|small|new|double|woven) )*$", re.IGNORECASE)
_PACKED_ZH = re.compile(r"\s?(?:瓶|桶|箱|盒|袋|罐)")
SALTS = ("ate", "ite", "ide", "ine", "ene", "acid", "garnet", "complex")
"""Endings of the second word of a compound's name."""
NO_SALTS = frozenset(
    {"plate", "substrate", "particulate", "concentrate", "granulate", "composite", "crystalline", "machine", "fine"}
)
WAFERS = frozenset({"wafer", "epiwafer", "substrate"})

PRESENT = Interval(0.0, 100.0, low_open=True)
"""The share of an element of which only its presence is known."""


@lru_cache(maxsize=4096)
def describe(text: str) -> Description:
    """Read a description of goods.

    Parameters
    ----------
    text
        English or Chinese, as it stands on an invoice or in a test report.

    Examples
    --------
    >>> describe("antimony ingot 99.65%").facts["purity_pct"]
    99.65
    >>> describe("三氧化二锑 99.99%").facts["substance"]
    'antimony-trioxide'
    """
    return _Reader(even_width(text)).result()


class _Reader:
    """One text under way."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.reads: list[Read] = []
        self.hits = find_names(text)
        self.clause = self._purpose_clause()
        self.symbols = find_elements(text)
        self.also: list[str] = []
        self.shares: frozenset[str] = frozenset()
        self.kind: str | None = None

    def result(self) -> Description:
        shares = [*find_shares(self.text), *self._shares_by_name()]
        self.shares = frozenset(share.fact for share in shares)
        sizes = find_sizes(self.text)
        grades = find_grades(self.text)
        self._kinds(shares)
        self._forms()
        self._uses()
        context = self._context()
        taken = [(m.start, m.end) for m in (*shares, *sizes, *grades)]
        taken += [
            (hit.start, hit.end) for hit in self.hits if hit.what == "kind" and any(c.isdigit() for c in hit.text)
        ]
        mixed = self._mixture(taken)
        measures = find_measures(self.text, context, taken + mixed)
        for measure in (*shares, *sizes, *grades, *measures, *find_layers(self.text), *find_unitless(self.text)):
            self._add(measure.fact, measure.value, measure.start, measure.end, measure.sure)
        self._elements(shares)
        return Description(self.text, tuple(self.reads), self.kind, tuple(dict.fromkeys(self.also)))

    def _add(self, fact: str, value: Value, start: int, end: int, sure: bool = True) -> None:
        if all(read.fact != fact for read in self.reads):
            self.reads.append(Read(fact, value, start, end, sure))

    def _has(self, fact: str) -> Value | None:
        return next((read.value for read in self.reads if read.fact == fact), None)

    def _purpose_clause(self) -> int:
        """Where the text turns to what the goods are for; names after that are not the goods. Technology is *for* its goods."""
        if any(hit.what in {"technology", "software"} for hit in self.hits):
            return len(self.text)
        starts = [hit.start for hit in self.hits if hit.what == "purpose_clause"]
        return min((start for start in starts if start > 0), default=len(self.text))

    def _negated(self, hit: Hit) -> bool:
        """Whether the text denies it: ``no X``, ``X-free``, or later in a list that is denied: ``without Dy, Tb and Ho``."""
        if any(other.what == "negation" and self._leads(other, hit) for other in self.hits):
            return True
        if self.text[hit.end : hit.end + 5].casefold() in {"-free", " free"}:
            return True
        before = [
            other
            for other in (*self.hits, *self.symbols)
            if other.end <= hit.start and self._listed(other.end, hit.start)
        ]
        return any(
            self._negated(other) for other in before if other.what in {"kind", "element"} and other.start < hit.start
        )

    def _listed(self, end: int, start: int) -> bool:
        """Whether only a comma or an *and* stands between two names."""
        between = self.text[end:start].casefold().strip(" ,/、和及或")
        return between in {"", "and", "or"}

    def _leads(self, negation: Hit, hit: Hit) -> bool:
        """Whether a small word such as *not* stands right before, or before *for*: ``not for military use``."""
        between = self.text[negation.end : hit.start].replace("-", " ")
        words = [
            other for other in self.hits if other.what == "purpose_clause" and negation.end <= other.start < hit.start
        ]
        for word in words:
            between = between.replace(word.text, "")
        return negation.end <= hit.start and not between.strip()

    def _kinds(self, shares: list[Measure]) -> None:
        net = kinds()
        found = [
            (hit, net.by_id[hit.id])
            for hit in self.hits
            if hit.what == "kind"
            and not any(m.start <= hit.start and hit.end <= m.end for m in shares if m.fact[-2:].strip("."))
        ]
        goods = [(hit, kind) for hit, kind in found if hit.start < self.clause and not self._negated(hit)]
        for root, fact in (
            ("technology", "technology"),
            ("article", "article"),
            ("product", "article"),
            ("equipment", "article"),
        ):
            of_root = [(hit, kind) for hit, kind in goods if kind.root == root and self._is_head(hit, kind, goods)]
            if of_root and self._has(fact) is None:
                hit, kind = _most_telling(of_root)
                self._add(fact, kind.id, hit.start, hit.end)
        if self._has("technology"):
            self.kind = "technology"
        for what in ("technology", "software"):
            if self.kind is None and any(hit.what == what for hit in self.hits):
                self.kind = what
        self._substance([(hit, kind) for hit, kind in goods if kind.root == "substance"])
        for hit, kind in found:
            if kind.element and self._negated(hit):
                self._add(f"content_wt_pct.{kind.element}", 0.0, hit.start, hit.end)

    def _is_head(self, hit: Hit, kind: Kind, goods: list[tuple[Hit, Kind]]) -> bool:
        """Whether a finished product is what the line is about, and not what its material is for.

        English and Chinese name the thing last (*rotor magnets* are magnets, a *GaN transistor* is a transistor); *with* and *containing*
        turn that round; a product word after a comma only tells the sort (*SmCo magnet, sensor grade*).
        """
        if kind.root == "equipment":
            return True
        if _SORT.match(self.text[hit.end :]):
            return False
        if kind.root != "product":
            return True
        forms_after = [
            other for other in self.hits if other.what == "form" and other.id in WAFERS and other.start >= hit.end
        ]
        if any(len(self.text[hit.end : other.start].split()) <= 1 for other in forms_after):
            return False
        materials = [other for other, k in goods if k.root == "substance"]
        if any(other.start >= hit.end and self._close_after(hit, other) for other in materials):
            return False
        before = [other for other in materials if other.end <= hit.start]
        return not before or not set(",;，；(（") & set(self.text[before[-1].end : hit.start])

    def _close_after(self, product: Hit, material: Hit) -> bool:
        """Whether the material stands right after the product word, or after one more word that is no *with*."""
        between = self.text[product.end : material.start].replace("-", " ")
        held = any(o.what == "holding" and product.end <= o.start < material.start for o in self.hits)
        return not held and len(between.split()) <= 1 and not set(",;:()") & set(between)

    def _packaging(self, hit: Hit) -> bool:
        """Whether the name only tells what the goods are packed in: ``in plastic bottles``, ``玻璃瓶装``."""
        return bool(_PACKED_IN.search(self.text[: hit.start]) or _PACKED_ZH.match(self.text[hit.end :]))

    def _substance(self, found: list[tuple[Hit, Kind]]) -> None:
        found = [(hit, kind) for hit, kind in found if not self._packaging(hit)]
        plain = [pair for pair in found if kinds().relation(pair[1].id, "plain-material") is Relation.IS]
        minerals = [pair for pair in found if pair not in plain]
        held = self._has("article") is None and all(self._held(hit) for hit, _ in minerals)
        if minerals and held and self.text[: minerals[0][0].start].strip(" 含"):
            self._add_contents(minerals)
            minerals = []
        found = minerals or plain
        if not found:
            return
        narrowest = [
            (hit, kind)
            for hit, kind in found
            if not any(other.id != kind.id and kinds().relation(other.id, kind.id) is Relation.IS for _, other in found)
        ]
        compound = self._compound_of_elements(narrowest)
        if compound is not None:
            first, last = narrowest[0][0], narrowest[-1][0]
            self._add("substance", compound, first.start, last.end, sure=False)
            self._add_contents(narrowest)
            return
        head = _head(narrowest, self.text)
        elements = [(hit, kind) for hit, kind in narrowest if kind.element]
        if head[1].id == "alloy" and elements:
            alone = f"{elements[0][1].id}-alloy" if len(elements) == 1 else ""
            named = alone if alone in kinds().by_id else "alloy-of-named-elements"
            self._add("substance", named, head[0].start, head[0].end, sure=False)
            self._add_contents(elements)
            return
        if head[1].element and self._has("article") in _materials():
            self._add_contents(narrowest)
            return
        self._add("substance", head[1].id, head[0].start, head[0].end)
        holder = (
            head[1].composition == "open" or head[1].may_hold or self._has("article") or _is_alloy_or_magnet(head[1])
        )
        for hit, kind in narrowest:
            if kind.id == head[1].id:
                continue
            if kind.element and (holder or self._dopes(hit)):
                self._add(f"content_wt_pct.{kind.element}", PRESENT, hit.start, hit.end)
            else:
                self.also.append(kind.id)

    def _add_contents(self, found: list[tuple[Hit, Kind]]) -> None:
        """Substances that the goods hold rather than are: elements as shares, others as also named."""
        for hit, kind in found:
            if not kind.element:
                self.also.append(kind.id)
            elif f"content_wt_pct.{kind.element}" not in self.shares:
                self._add(f"content_wt_pct.{kind.element}", PRESENT, hit.start, hit.end)

    def _dopes(self, hit: Hit) -> bool:
        """Whether it is named as what the goods are doped with: ``samarium doped ceria``."""
        return self.text[hit.end :].casefold().lstrip(" -").startswith(("doped", "掺"))

    def _held(self, hit: Hit) -> bool:
        """Whether a word such as *with* or *containing* leads to it."""
        return any(o.what == "holding" and 0 <= hit.start - o.end <= 2 and o.start > 0 for o in self.hits)

    def _compound_of_elements(self, found: list[tuple[Hit, Kind]]) -> str | None:
        """What elements that stand together mean: *samarium acetate* is a compound, *tellurium copper* an alloy."""
        if not found or not all(kind.element for _, kind in found):
            return None
        last = found[-1][0]
        following = re.match(
            r"\s(?:(?:potassium|sodium|ammonium|calcium|ethylene)\s)?([a-z]{4,})", self.text[last.end :]
        )
        if following and following.group(1).endswith(SALTS) and following.group(1) not in NO_SALTS:
            return "compound"
        together = all(
            not self.text[left.end : right.start].strip(" -")
            for (left, _), (right, _) in zip(found, found[1:], strict=False)
        )
        return "alloy-of-named-elements" if len(found) > 1 and together else None

    def _shares_by_name(self) -> list[Measure]:
        """Shares of elements that stand by name: ``dysprosium 3%``, ``含镝 3%``, ``2% scandium``; not those of the goods themselves."""
        net = kinds()
        elements = [hit for hit in self.hits if hit.what == "kind" and net.by_id[hit.id].element]
        others = [hit for hit in self.hits if hit.what == "kind" and not net.by_id[hit.id].element]
        found: list[Measure] = []
        for hit in elements:
            share = share_beside(self.text, hit.start, hit.end)
            led = self._led_by_holding(hit)
            if share and (led or any(other.start < hit.start for other in others)):
                found.append(share._replace(fact=f"content_wt_pct.{net.by_id[hit.id].element}"))
        return found

    def _mixture(self, taken: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """Parts of a mixture with their shares: ``50% water, 30% BaCO3, 12% Y2O3 slurry``."""
        spans: list[tuple[int, int]] = []
        mixed: list[tuple[str, Hit, float]] = []
        net = kinds()
        for hit in self.hits:
            if hit.what != "kind" or net.by_id[hit.id].root != "substance" or net.by_id[hit.id].element:
                continue
            before = re.search(r"(\d+(?:\.\d+)?)\s*%\s*(?:of\s+)?$", self.text[: hit.start])
            if before and float(before.group(1)) < 95:
                mixed.append((hit.id, hit, float(before.group(1))))
                spans.append((before.start(), hit.end))
        stated = self._has("substance")
        if stated and kinds().relation(str(stated), "ore") is Relation.IS:
            return spans  # an assay of an ore names what could be won from it
        if mixed and (len(mixed) > 1 or self._has("article") or any(key != stated for key, _, _ in mixed)):
            self._add("contains", frozenset(key for key, _, _ in mixed), mixed[0][1].start, mixed[-1][1].end)
            self._add("form", "mixture", mixed[0][1].start, mixed[-1][1].end)
            self.also = [key for key in self.also if key not in {k for k, _, _ in mixed}]
        elif self._has("form") == "mixture" and self.also:
            self._add("contains", frozenset([*self.also, str(stated)]), 0, len(self.text))
            self.also = []
        return spans

    def _forms(self) -> None:
        article = self._has("article")
        worked = article is not None and kinds().by_id[str(article)].root in {"product", "equipment"}
        for hit in self.hits:
            if hit.what == "form" and hit.start < self.clause and not self._negated(hit) and not worked:
                self._add("form", hit.id, hit.start, hit.end)
        for hit in self.hits:
            if hit.what == "shape" and hit.start < self.clause and not self._negated(hit) and not worked:
                self._add("shape", hit.id, hit.start, hit.end)
        form = self._has("form")
        if isinstance(form, str) and forms()[form].shape and self._has("shape") is None:
            read = next(read for read in self.reads if read.fact == "form")
            self._add("shape", forms()[form].shape, read.start, read.end, sure=False)
        for value in parameters()["particle_form"].values:
            place = self.text.casefold().find(value)
            if place >= 0:
                self._add("particle_form", value, place, place + len(value))

    def _uses(self) -> None:
        for hit in self.hits:
            if hit.what == "use" and not self._negated(hit):
                record: dict[str, Any] = uses()[int(hit.id)]
                if "of_article" not in record or self._has("article") in record["of_article"]:
                    self._add(record["fact"], record["value"], hit.start, hit.end)
        folded = self.text.casefold()
        for record in uses():
            if record.get("anywhere"):
                places = [(folded.find(word), word) for word in (*record["en"], *record["zh"])]
                for place, word in sorted(places):
                    if place >= 0:
                        self._add(record["fact"], record["value"], place, place + len(word), sure=False)
        if self.clause < len(self.text) and self._has("use") is None and self._has("end_use.military") is None:
            self._add("use", "other", self.clause, len(self.text), sure=False)

    def _elements(self, shares: list[Measure]) -> None:
        """Elements named beside a magnet, an alloy or a crystal: ``with Dy``, ``含镝``."""
        substance = self._has("substance")
        kind = kinds().by_id[str(substance)] if substance else None
        if kind is None and self._has("article") is None:
            return
        covered = [(r.start, r.end) for r in self.reads if r.fact == "substance"] + [(m.start, m.end) for m in shares]
        for hit in self.symbols:
            if any(left <= hit.start < right for left, right in covered) or hit.start >= self.clause:
                continue
            if any(other.what == "kind" and other.start <= hit.start < other.end for other in self.hits):
                continue
            if hit.text in _ALSO_WORDS and not self._led_by_holding(hit):
                continue
            value: Value = 0.0 if self._negated(hit) else PRESENT
            self._add(f"content_wt_pct.{hit.id}", value, hit.start, hit.end)

    def _led_by_holding(self, hit: Hit) -> bool:
        return any(other.what == "holding" and 0 <= hit.start - other.end <= 12 for other in self.hits)

    def _context(self) -> Context:
        article, form = self._has("article"), self._has("form")
        return Context(
            str(article) if article else None,
            {"micropowder": "powder"}.get(str(form), str(form)) if form else None,
            self._has("substance") is not None,
        )


_ALSO_WORDS = frozenset(
    {"I", "In", "As", "At", "He", "No", "Be", "C", "N", "O", "F", "P", "S", "H", "B", "K", "U", "V", "Y"}
)
"""Symbols that are also words or letters of codes: counted only after *with* or *containing*."""


@cache
def _materials() -> frozenset[str]:
    """Articles that are named after what they hold: a europium phosphor is no europium."""
    named = (
        "crystal-material",
        "optical-fibre-material",
        "luminescent-material",
        "ceramic-material",
        "catalytic-material",
    )
    more = (
        "magnetic-refrigeration-material",
        "magnetostrictive-material",
        "hydrogen-storage-material",
        "thermal-barrier-coating-material",
    )
    return frozenset(kind for wider in (*named, *more) for kind in kinds().descendants(wider))


def _most_telling(found: list[tuple[Hit, Kind]]) -> tuple[Hit, Kind]:
    """The narrowest kind named; of several, the last, since English names the thing last."""
    net = kinds()
    return max(found, key=lambda pair: (len(net.ancestors(pair[1].id)), pair[0].start))


def _head(found: list[tuple[Hit, Kind]], text: str) -> tuple[Hit, Kind]:
    """The substance that the line is about: a magnet or an alloy before the elements beside it, else the first named."""
    for hit, kind in found:
        if _is_alloy_or_magnet(kind):
            return hit, kind
    compounds = [(hit, kind) for hit, kind in found if not kind.element]
    return (compounds or found)[0]


def _is_alloy_or_magnet(kind: Kind) -> bool:
    return not kinds().ancestors(kind.id).isdisjoint({"alloy", "permanent-magnet"})
