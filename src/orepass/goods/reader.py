"""One description read whole: facts, headings that may hold the goods, and whether the declared number fits what the text says."""

from __future__ import annotations

from typing import Any, NamedTuple

from orepass.errors import BadInput
from orepass.goods.describe import describe
from orepass.goods.description import Description
from orepass.goods.formula import NotAFormula, parse
from orepass.goods.headings import Candidate, Misplaced, candidates, misplaced
from orepass.goods.kinds import kinds
from orepass.goods.parameters import Interval, Value, reading
from orepass.goods.tariff import concordance, customs_number, edition_in_force, edition_years, stands_in

LONGEST = 1_000_000
"""No description is longer."""


class Reading(NamedTuple):
    """What one description says of goods.

    Attributes
    ----------
    description
        Facts with their places, grades of trust and conflicts.
    headings
        Subheadings of the tariff (edition of 2022) that may hold the goods, the likeliest first.
    number
        The declared customs number, from the sender or from the text.
    flags
        Why the declared number does not fit what the text says.
    abstains
        Why the text does not carry an answer; empty where it does.
    """

    description: Description
    headings: tuple[Candidate, ...]
    number: str
    flags: tuple[Misplaced, ...]
    abstains: str

    @property
    def facts(self) -> dict[str, Value]:
        """The facts by name."""
        return self.description.facts


def read_goods(text: str, hs: str | None = None, year: int | None = None) -> Reading:
    """Read what papers say of goods.

    Parameters
    ----------
    text
        One line of an invoice, a packing list or a test report, English or Chinese.
    hs
        The declared customs number, 6 to 10 digits; one that stands in the text is taken where none is given.
    year
        The year of the declaration, which tells the edition of the tariff; the newest unless given.

    Raises
    ------
    BadInput
        When the text is empty or too long, or the number cannot exist.

    Examples
    --------
    >>> read_goods("Sb2O3 99.8%").headings[0].hs
    '282580'
    """
    if not text.strip():
        raise BadInput("the description is empty", expected="a line that names goods")
    if len(text) > LONGEST:
        raise BadInput(f"the description has {len(text):,} characters", expected=f"at most {LONGEST:,}")
    description = describe(text) if len(text) <= 2000 else describe.__wrapped__(text)
    number = customs_number(hs) if hs else _number_in(description)
    flags = misplaced(number_of_2022(number, year), description.facts) if number else ()
    return Reading(description, candidates(description), number, flags, why_not(description))


def _number_in(description: Description) -> str:
    try:
        return customs_number(description.hs) if description.hs else ""
    except BadInput:
        return ""


def number_of_2022(number: str, year: int | None) -> str:
    """A declared number in the edition of 2022, which the headings are written in; unchanged where it was parted into several."""
    newest = edition_years()[-1]
    edition = edition_in_force(year) if year else newest
    if edition == newest or not stands_in(number, edition):
        return number
    step = concordance(number, edition, newest)
    return step.numbers[0] + (number[6:] if step.numbers[0] == number[:6] else "") if len(step.numbers) == 1 else number


def why_not(description: Description) -> str:
    """Why a text does not carry an answer on which goods it means; empty where it does."""
    if any(conflict.fact == "substance" for conflict in description.conflicts):
        return "the text speaks against itself: " + next(c.says for c in description.conflicts if c.fact == "substance")
    named = description.facts.keys() & {"substance", "article", "technology", "contains"}
    if not named:
        return "the text names no goods that we know"
    said = {str(description.facts[fact]) for fact in named & {"substance", "article", "technology"}}
    if said and said <= reading().says_little and "contains" not in named:
        return f"the text names only a class of goods: {', '.join(sorted(kinds().by_id[key].name for key in said))}"
    return ""


def composition(kind: str) -> dict[str, float | Interval]:
    """The share of each element in a pure substance, by weight, per cent; computed from its formula, empty where it has none."""
    found = kinds().by_id[kind]
    if found.element:
        return {found.element: 100.0}
    try:
        return dict(parse(found.formula).shares) if found.formula else {}
    except NotAFormula:
        return {}


def to_document(reading: Reading) -> dict[str, Any]:
    """A reading as JSON carries it."""
    description = reading.description
    text = description.text
    return {
        "text": text,
        "kind": description.kind or "goods",
        "facts": [
            {
                "fact": read.fact,
                "value": _value(read.value),
                "text": text[read.start : read.end],
                "start": read.start,
                "end": read.end,
                "trust": read.trust,
            }
            for read in description.reads
        ],
        "also_named": list(description.also_named),
        "conflicts": [
            {"fact": c.fact, "says": c.says, "places": [list(c.first), list(c.second)]} for c in description.conflicts
        ],
        "headings": [
            {"hs": c.hs, "title": c.title, "title_zh": c.title_zh, "why": c.why, "settled": c.settled}
            for c in reading.headings
        ],
        "number": reading.number or None,
        "red_flags": [flag_document(flag) for flag in reading.flags],
        "cas": description.cas or None,
        "abstains": reading.abstains or None,
    }


def flag_document(flag: Misplaced) -> dict[str, Any]:
    """A red flag on a declared number as JSON carries it."""
    return {
        "number": flag.hs,
        "note": flag.note or None,
        "says": flag.says,
        "zh": flag.zh,
        "unlawful": flag.unlawful,
        "grade": flag.grade,
    }


def _value(value: Value) -> Any:
    if isinstance(value, Interval):
        low = None if value.low == float("-inf") else value.low
        return [low, None if value.high == float("inf") else value.high]
    return sorted(value) if isinstance(value, frozenset) else value
