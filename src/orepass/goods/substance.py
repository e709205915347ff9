"""What a line is about: the substance, the article or the technology, told from what stands beside it.

A line names several things: the goods, what they are made of, what they hold, what they are packed in, what they lack. Here it is settled
which is which, by their order and by the small words between them.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from orepass.goods.description import PRESENT, Trust
from orepass.goods.kinds import Kind, Relation, kinds
from orepass.goods.measures import Measure
from orepass.goods.numbers import Number, is_share
from orepass.goods.packing import is_packaging
from orepass.goods.parameters import Interval, reading
from orepass.goods.shares import NumbersByPlace
from orepass.goods.spans import Spans, last_before
from orepass.goods.vocabulary import Hit

if TYPE_CHECKING:
    from orepass.goods.describe import Reader

_MADE_FOR = re.compile(r"[㐀-鿿]{0,6}?用(?!途|于)")
_FOLLOWING = re.compile(
    r"(?:-\d{1,3})?(?:\s?\([IV]+\))?\s(?:(?:potassium|sodium|ammonium|calcium|ethylene)\s)?([a-z]{4,})"
)
SALTS = ("ate", "ite", "ide", "ine", "ene", "acid", "garnet", "complex")
"""Endings of the second word of a compound's name."""
NO_SALTS = frozenset(
    {"plate", "substrate", "particulate", "concentrate", "granulate", "composite", "crystalline", "machine", "fine"}
)
WAFERS = frozenset({"wafer", "epiwafer", "substrate"})
_MANY = 64
"""Of more substances each is heard once."""
_LED_ACROSS = 12
_LEADS_ON = frozenset({"", "by weight", "by mass", "有"})
"""What may stand between *containing* and what is contained."""
_ROOTS = (("technology", "technology"), ("article", "article"), ("product", "article"), ("equipment", "article"))
"""Which root of the net tells which fact, in this order."""
NEARLY_PURE = 95.0
"""A part with this share or more is the goods themselves."""


def settle(
    reader: Reader,
    numbers: list[Number],
    shares: list[tuple[Measure, Number | None]],
) -> None:
    """Settle what the goods are: technology, article, equipment or substance."""
    net = kinds()
    shared_at = Spans((m.start, m.end) for m, _ in shares)
    found = [
        (hit, net.by_id[hit.id])
        for hit in reader.group("kind")
        if not (shared_at and shared_at.holds(hit.start, hit.end))
    ]
    goods = [
        (hit, kind) for hit, kind in found if hit.start < reader.clause and (hit.start, hit.end) not in reader.denied
    ]
    roots = {kind.root for _, kind in goods}
    if roots and roots != {"substance"}:
        for root, fact in _ROOTS:
            if root not in roots or reader.has(fact) is not None:
                continue
            of_root = [(hit, kind) for hit, kind in goods if kind.root == root and reader.is_head(hit, kind, goods)]
            if of_root:
                hit, kind = _most_telling(of_root)
                reader.add(fact, kind.id, hit.start, hit.end, _trust(reader, hit))
    if reader.has("technology"):
        reader.kind = "technology"
    for what in ("technology", "software"):
        if reader.kind is None and reader.group(what):
            reader.kind = what
    _substance(reader, [(hit, kind) for hit, kind in goods if kind.root == "substance"])
    _by_cas(reader)
    _by_symbol(reader, numbers)
    _by_tag(reader)
    for hit, kind in found:
        if kind.element and (hit.start, hit.end) in reader.denied:
            reader.add(f"content_wt_pct.{kind.element}", 0.0, hit.start, hit.end)
    for hit in reader.group("element_group"):
        if (hit.start, hit.end) in reader.denied:
            for symbol in hit.id.split(","):
                reader.add(f"content_wt_pct.{symbol}", 0.0, hit.start, hit.end)
    for hit in reader.group("element_name"):
        if (hit.start, hit.end) in reader.denied:
            reader.add(f"content_wt_pct.{hit.id}", 0.0, hit.start, hit.end)


def _trust(reader: Reader, hit: Hit) -> Trust:
    return "guessed" if (hit.start, hit.end) in reader.guessed else "named"


def _by_cas(reader: Reader) -> None:
    """A CAS number names the substance where no word does, or names it more narrowly."""
    for hit in reader.group("cas"):
        stated = reader.has("substance")
        if stated is None:
            reader.add("substance", hit.id, hit.start, hit.end, "computed")
        elif stated != hit.id and kinds().relation(hit.id, str(stated)) is Relation.IS:
            reader.reads = [r if r.fact != "substance" else r._replace(value=hit.id) for r in reader.reads]
            reader.values["substance"] = hit.id


def _by_symbol(reader: Reader, numbers: list[Number]) -> None:
    """A bare symbol with a form, an article or a share right after it names the metal: ``Mo powder``, ``Mo target``, ``Sb 99.65 %``."""
    if reader.has("technology") or reader.has("substance") not in {None, *reading().vague}:
        return
    begins = {number.start for number in numbers if is_share(number)} | {hit.start for hit in reader.group("form")}
    begins |= {
        read.start for read in reader.reads if read.fact in {"article", "substance"} and read.value not in _materials()
    }
    ends = {hit.end for hit in reader.group("form")}
    for symbol in reader.symbols[:16]:
        if symbol.start >= reader.clause or (symbol.start, symbol.end) in reader.denied:
            continue
        kind = kinds().by_element.get(symbol.id)
        after = symbol.end + (reader.text[symbol.end : symbol.end + 1] in {" ", "-"})
        ahead = symbol.start - (reader.text[symbol.start - 1 : symbol.start] in {" ", "-"})
        beside = after in begins or ahead in ends or _amid_chinese(reader.text, symbol)
        if kind is not None and beside and not reader.led_by_holding(symbol):
            stated = reader.has("substance")
            kind = found if stated and (found := f"{kind}-{stated}") in kinds().by_id else kind
            reader.drop("substance")
            reader.add("substance", kind, symbol.start, symbol.end, "inferred")
            return


def _by_tag(reader: Reader) -> None:
    """A tag with its numbers names an alloy, or a carbide with its binder, where no word names the goods more narrowly."""
    if reader.has("technology") or reader.has("substance") not in {None, *reading().vague}:
        return
    for tag in reader.tags:
        if (
            tag.shares
            and tag.start < reader.clause
            and not any(h.end <= tag.start <= h.end + 2 for h in reader.holdings)
        ):
            reader.drop("substance")
            kind = "tungsten-carbide" if {"W", "C"} <= tag.shares.keys() else "alloy-of-named-elements"
            reader.add("substance", kind, tag.start, tag.end, "computed")
            return


def _amid_chinese(text: str, hit: Hit) -> bool:
    """Whether Chinese characters stand right beside a symbol: 其他Bi及Bi制品."""
    before, after = text[max(0, hit.start - 1) : hit.start], text[hit.end : hit.end + 1]
    return any("\u3400" <= c <= "\u9fff" for c in (before, after) if c)


def _substance(reader: Reader, found: list[tuple[Hit, Kind]]) -> None:
    net = kinds()
    text = reader.text
    found = [pair for pair in found if not is_packaging(text, pair[0])]
    if len(found) > 1:
        if len(found) > _MANY:
            found = list({kind.id: (hit, kind) for hit, kind in reversed(found)}.values())[::-1]
        found = _meant(reader, found)
    if not found:
        return
    plain = _plain_kinds()
    minerals = [pair for pair in found if pair[1].id not in plain]
    if minerals and reader.holdings and reader.has("article") is None:
        held = all(_held(reader, hit) for hit, _ in minerals)
        if held and text[: minerals[0][0].start].strip(" 含"):
            _add_contents(reader, minerals)
            minerals = []
    found = minerals or [pair for pair in found if pair[1].id in plain]
    if not found:
        return
    narrowest = found
    if len(found) > 1:
        ids = {kind.id for _, kind in found}
        narrowest = [
            (hit, kind)
            for hit, kind in found
            if len(ids) == 1 or not any(other != kind.id and kind.id in net.ancestors(other) for other in ids)
        ]
    compound = _compound_of_elements(text, narrowest)
    if compound is not None:
        first, last = narrowest[0][0], narrowest[-1][0]
        reader.add("substance", compound, first.start, last.end, "inferred")
        _add_contents(reader, narrowest)
        return
    hit, kind = head(narrowest)
    elements = [(other, k) for other, k in narrowest if k.element]
    if kind.id == "alloy" and elements:
        alone = f"{elements[0][1].id}-alloy" if len(elements) == 1 else ""
        named = alone if alone in net.by_id else "alloy-of-named-elements"
        reader.add("substance", named, hit.start, hit.end, "inferred")
        _add_contents(reader, elements)
        return
    if kind.element and reader.has("article") in _materials():
        _add_contents(reader, narrowest)
        return
    reader.add("substance", kind.id, hit.start, hit.end, _trust(reader, hit))
    holder = kind.composition == "open" or kind.may_hold or reader.has("article") or _is_alloy_or_magnet(kind)
    for other, k in narrowest:
        if k.id == kind.id or (k.element and k.element in kind.holds):
            continue
        if k.element and (holder or _dopes(text, other)):
            reader.add(f"content_wt_pct.{k.element}", PRESENT, other.start, other.end)
        else:
            reader.also.append(k.id)


@cache
def _plain_kinds() -> frozenset[str]:
    return kinds().descendants("plain-material")


def _meant(reader: Reader, found: list[tuple[Hit, Kind]]) -> list[tuple[Hit, Kind]]:
    """Of several substances those that the line is about: not what it is made for, not a wide word beside a narrow one, no assay."""
    if not reader.text.isascii():
        found = [pair for pair in found if not _MADE_FOR.match(reader.text, pair[0].end)] or found
    vague = reading().vague
    found = [pair for pair in found if pair[1].id not in vague] or found
    salts = [pair for pair in found if pair[1].element and _is_salt(_FOLLOWING.match(reader.text, pair[0].end))]
    if 0 < len(salts) < len(found):
        found = [pair for pair in found if pair not in salts]
    if reader.holdings:
        held = [pair for pair in found if pair[1].element and _held(reader, pair[0])]
        if 0 < len(held) < len(found):
            _add_contents(reader, held)
            found = [pair for pair in found if pair not in held]
    return _without_assays(reader, found)


def _without_assays(reader: Reader, found: list[tuple[Hit, Kind]]) -> list[tuple[Hit, Kind]]:
    """Leave out oxides by which an ore or a salt is only assayed: ``scheelite 65 % WO3``, ``AMT, WO3 91 %``; the share is noted."""
    net = kinds()
    kept: list[tuple[Hit, Kind]] = []
    for hit, kind in found:
        metals = kind.holds - {"O"}
        others = [k for h, k in found if h.start < hit.start and k.id != kind.id]
        assayed = (
            kind.formula
            and "O" in kind.holds
            and len(metals) == 1
            and any(
                metals <= (other.holds | other.may_hold) or _ore_of(other, metals)
                for other in others
                if not other.element and net.relation(other.id, kind.id) is Relation.APART
            )
        )
        if not assayed or not _beside_a_share(reader.text, hit):
            kept.append((hit, kind))
        else:
            reader.assays = (*reader.assays, hit)
    return kept


def _ore_of(kind: Kind, metals: frozenset[str]) -> bool:
    """Whether it is the ore of a metal, told by its name."""
    return "ore" in kinds().ancestors(kind.id) and any(
        kinds().by_id[key].name in kind.name for m in metals if (key := kinds().by_element.get(m))
    )


_SHARE_NEAR = re.compile(r"\s?[:=]?\s?(?:[<>≥≤]=?|min\.?|about)?\s?\d+(?:\.\d+)?\s?(?:%|pct|wt)", re.IGNORECASE)
_SHARE_AHEAD = re.compile(r"\d\s?(?:%|pct|wt\.?\s?%)\s?(?:of )?$", re.IGNORECASE)


def _beside_a_share(text: str, hit: Hit) -> bool:
    return bool(_SHARE_NEAR.match(text, hit.end) or _SHARE_AHEAD.search(text[max(0, hit.start - 12) : hit.start]))


def _add_contents(reader: Reader, found: list[tuple[Hit, Kind]]) -> None:
    """Substances that the goods hold rather than are: elements as shares, others as also named."""
    for hit, kind in found:
        if not kind.element:
            reader.also.append(kind.id)
        elif f"content_wt_pct.{kind.element}" not in reader.shared:
            reader.add(f"content_wt_pct.{kind.element}", PRESENT, hit.start, hit.end)


def _dopes(text: str, hit: Hit) -> bool:
    """Whether it is named as what the goods are doped with: ``samarium doped ceria``."""
    return text[hit.end : hit.end + 10].casefold().lstrip(" -").startswith(("doped", "掺"))


def _held(reader: Reader, hit: Hit) -> bool:
    """Whether a word such as *with* or *containing* leads to it."""
    place = last_before(reader.holding_ends, hit.start)
    if place < 0 or hit.start - reader.holding_ends[place] > _LED_ACROSS or reader.holdings[place].start == 0:
        return False
    return reader.low[reader.holding_ends[place] : hit.start].strip() in _LEADS_ON


def _is_salt(following: re.Match[str] | None) -> bool:
    """Whether the word after an element makes it a compound's: *calcium hypochlorite*."""
    if following is None:
        return False
    word = following.group(1).removesuffix("s")
    return word.endswith(SALTS) and word not in NO_SALTS


def _compound_of_elements(text: str, found: list[tuple[Hit, Kind]]) -> str | None:
    """What elements that stand together mean: *samarium acetate* is a compound, *tellurium copper* an alloy."""
    if not found or not all(kind.element for _, kind in found):
        return None
    distinct = {kind.element for _, kind in found}
    following = _FOLLOWING.match(text, found[-1][0].end)
    if _is_salt(following):
        own = f"{found[-1][1].id}-compound"
        return own if len(distinct) == 1 and own in kinds().by_id else "compound"
    if len(distinct) < 2:
        return None
    together = all(
        not text[left.end : right.start].strip(" -") for (left, _), (right, _) in zip(found, found[1:], strict=False)
    )
    return "alloy-of-named-elements" if together else None


def shares_by_name(reader: Reader, numbers: list[Number]) -> list[tuple[Measure, Number | None]]:
    """Shares of elements that stand by name: ``dysprosium 3%``, ``含镝 3%``, ``2% scandium``; not those of the goods themselves."""
    net = kinds()
    found: list[tuple[Measure, Number | None]] = []
    if not numbers:
        return found
    placed = NumbersByPlace(numbers)
    first: str | None = None
    for hit in reader.hits:
        if hit.what == "kind":
            if is_packaging(reader.text, hit):
                continue
            element = net.by_id[hit.id].element
            first = first or hit.id
            if not element:
                continue
        elif hit.what == "element_name":
            element = hit.id
        else:
            continue
        if not (reader.led_by_holding(hit) or (first is not None and first != hit.id)):
            continue
        share = placed.share_beside(reader.text, hit.start, hit.end)
        if share:
            found.append((share[0]._replace(fact=f"content_wt_pct.{element}"), share[1]))
    return found


def mixture(reader: Reader, numbers: list[Number]) -> list[tuple[int, int]]:
    """Parts of a mixture with their shares: ``50% water, 30% BaCO3, 12% Y2O3 slurry``, ``Sb2O3 40%``."""
    net = kinds()
    spans: list[tuple[int, int]] = [_assay_span(reader.text, hit) for hit in reader.assays]
    mixed: list[tuple[str, Hit, float | Interval]] = []
    by_end = {number.end: number for number in numbers}
    for hit in reader.group("kind"):
        kind = net.by_id[hit.id]
        if kind.root != "substance" or kind.element or hit in reader.assays:
            continue
        place = hit.start
        while place > 0 and reader.text[place - 1] == " " and hit.start - place < 3:
            place -= 1
        if reader.text[max(0, place - 3) : place] == " of":
            place -= 3
        number = by_end.get(place)
        if number is None or number.unit not in {"%", "wt%"} or number.upper:
            continue
        share = float(number.number.replace(",", ""))
        if share < NEARLY_PURE:
            mixed.append((hit.id, hit, share))
            spans.append((number.start, hit.end))
    stated = reader.has("substance")
    if stated and "ore" in net.ancestors(str(stated)):
        return spans  # an assay of an ore names what could be won from it
    if mixed and (len(mixed) > 1 or reader.has("article") or any(key != stated for key, _, _ in mixed)):
        held = frozenset(key for key, _, _ in mixed)
        reader.add("contains", held, mixed[0][1].start, mixed[-1][1].end)
        reader.add("form", "mixture", mixed[0][1].start, mixed[-1][1].end)
        reader.also = [key for key in reader.also if key not in held]
    elif reader.has("form") == "mixture" and reader.also:
        reader.add("contains", frozenset([*reader.also, str(stated)] if stated else reader.also), 0, len(reader.text))
        reader.also = []
    return spans


def _assay_span(text: str, hit: Hit) -> tuple[int, int]:
    """The characters of an assay: the oxide and the number beside it."""
    after = _SHARE_NEAR.match(text, hit.end)
    if after:
        return hit.start, after.end()
    return max(0, hit.start - 12), hit.end


@cache
def _materials() -> frozenset[str]:
    """Articles that are named after what they hold: a europium phosphor is no europium."""
    return frozenset(kind for wider in reading().named_after_contents for kind in kinds().descendants(wider))


def _most_telling(found: list[tuple[Hit, Kind]]) -> tuple[Hit, Kind]:
    """The narrowest kind named; of several, the last, since English names the thing last."""
    net = kinds()
    return max(found, key=lambda pair: (len(net.ancestors(pair[1].id)), pair[0].start))


def head(found: list[tuple[Hit, Kind]]) -> tuple[Hit, Kind]:
    """The substance that the line is about: a magnet or an alloy before the elements beside it, else the first named."""
    for pair in found:
        if _is_alloy_or_magnet(pair[1]):
            return pair
    return next((pair for pair in found if not pair[1].element), found[0])


def _is_alloy_or_magnet(kind: Kind) -> bool:
    return not kinds().ancestors(kind.id).isdisjoint({"alloy", "permanent-magnet"})


def is_shaped(reader: Reader, hit: Hit, kind: Kind) -> bool:
    """Whether a material after a product word is goods of its own: a magnet, an alloy, or one with its form: *sensor germanium wafers*."""
    if _is_alloy_or_magnet(kind):
        return True
    return any(0 <= form.start - hit.end <= 1 for form in reader.group("form")[:64])
