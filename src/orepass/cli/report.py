"""The page of ``orepass screen``: what a screened table adds up to, for the person who has to act on it. No rule of law lives here."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from orepass.determination.results import COLOURS
from orepass.determination.words import CONDITION_WORDS, GRADE_WORDS, OUTCOME_WORDS

if TYPE_CHECKING:
    from jinja2 import Template

    from orepass.determination.rulebook import Reason
    from orepass.determination.tally import Asked, Tally

MOST = 50
"""Rows that a table of the page shows."""
LONGEST = 400
"""Characters that the page shows of a text."""
UNREADABLE = "unreadable"
_TURNS = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})

_SAID = (
    ("licence_required", "needs a licence", "need a licence"),
    ("refusal_presumed", "needs a licence that is refused in principle", "need a licence that is refused in principle"),
    ("prohibited", "is prohibited", "are prohibited"),
    ("law_unknown", "hangs on law that is not known", "hang on law that is not known"),
    ("needs_facts", "needs a fact before anyone can say", "need a fact before anyone can say"),
)
_FREE = (("exempt", "is exempt", "are exempt"), ("not_controlled", "is not controlled", "are not controlled"))


class About(NamedTuple):
    """What the page says of itself: what was screened, how its columns were read, and by which law.

    ``mapping`` has the input column, the name under which it is read or ``-``, and how that was found. ``read_to`` is the day up to which
    the law was read. ``ratio_note`` is a sentence of the caller's that stands with these, if there is one.
    """

    source: str
    mapping: tuple[tuple[str, str, str], ...]
    version: str
    read_to: date
    made_on: date
    ratio_note: str = ""


class Segment(NamedTuple):
    """A part of the stacked bar and its row in the table below; places and widths in per cent of the bar's width.

    ``named``, ``counted`` and ``shared`` say which texts find room in it, ``shared_small`` whether the share does on a phone.
    """

    outcome: str
    label: str
    rows: int
    share: str
    start: float
    width: float
    named: bool
    counted: bool
    shared: bool
    shared_small: bool


class Question(NamedTuple):
    """A question with the share of the rows in need of facts that it and those before it would settle."""

    fact: str
    text: str
    rows: int
    alone: int
    settled: str
    bar: float


class Cut(NamedTuple):
    """The rows of a table that are shown, and how many are not."""

    shown: Sequence[Any]
    more: int


def screening_page(tally: Tally, about: About) -> str:
    """The page as HTML, whole in itself: nothing is loaded from outside, and nothing runs.

    Parameters
    ----------
    tally
        What the table adds up to.
    about
        What the page says of itself.
    """
    needing = dict(tally.outcomes).get("needs_facts", 0)
    asked = questions(tally.questions, needing)
    rules = cut(_rules(tally.rules))
    return _template().render(
        about=about,
        sentence=first_sentence(tally),
        rows=tally.rows,
        colours=COLOURS,
        segments=segments(tally),
        widened=any(
            0 < 100 * rows < _THINNEST * tally.rows for rows in (*dict(tally.outcomes).values(), tally.unreadable)
        ),
        thinnest=_THINNEST,
        needing=needing,
        alone=sum(question.alone for question in asked),
        settled=share(sum(question.alone for question in asked), needing),
        questions=cut(asked),
        entries=cut([(e, *_of(e.rows, tally.rows, tally.entries[0].rows)) for e in tally.entries]),
        families=cut([(_plain(f), n, *_of(n, tally.rows, tally.families[0][1])) for f, n in tally.families]),
        rules=rules,
        grades=_grades(rules.shown),
        conditions=cut(
            [(CONDITION_WORDS.get(c, f"{_plain(c)}."), n, share(n, tally.rows)) for c, n in tally.conditions]
        ),
        errors=cut([(sentence, n, share(n, tally.rows)) for sentence, n in tally.errors]),
        mapping=cut(about.mapping),
        columns_read=sum(1 for _, name, _ in about.mapping if name != "-"),
    )


def first_sentence(tally: Tally) -> str:
    """What the table adds up to, in one sentence; exempt and free rows are named only when no row calls for more.

    Examples
    --------
    >>> from orepass.determination.tally import Tally
    >>> first_sentence(Tally(3, (("licence_required", 1),), (), (), (), (), (), (("no day", 2),)))
    'Of 3 rows, 1 needs a licence; 2 could not be read.'
    """
    if not tally.rows:
        return "The table has no rows."
    count = dict(tally.outcomes)
    parts = [_counted(count[name], one, many) for name, one, many in _SAID if name in count]
    if not parts:
        parts = [_counted(count[name], one, many) for name, one, many in _FREE if name in count]
    said = [", ".join(parts)] if parts else []
    if tally.unreadable:
        said.append(f"{tally.unreadable:,} could not be read")
    return f"Of {tally.rows:,} {'row' if tally.rows == 1 else 'rows'}, {'; '.join(said)}."


def _counted(rows: int, one: str, many: str) -> str:
    return f"{rows:,} {one if rows == 1 else many}"


def share(part: int, whole: int) -> str:
    """A share with one decimal; what is little but something is never nothing, what is nearly all never all.

    Examples
    --------
    >>> share(512, 10_000), share(1, 10_000), share(9_999, 10_000)
    ('5.1 %', '<0.1 %', '>99.9 %')
    """
    if not whole:
        return "0.0 %"
    if 0 < part * 1000 < whole:
        return "<0.1 %"
    if part < whole and part * 10_000 >= whole * 9_995:
        return ">99.9 %"
    return f"{100 * part / whole:.1f} %"


_THINNEST = 0.5
_SMALL, _WIDE = 320, 640
"""Pixels of the bar on a phone, and at the least elsewhere."""
_LETTER, _MARGIN = 7.4, 16


def segments(tally: Tally) -> list[Segment]:
    """The stacked bar: outcomes and rows that could not be read. The smallest are drawn a little wider, so that they are seen."""
    parts = list(tally.outcomes)
    if tally.unreadable:
        parts.append((UNREADABLE, tally.unreadable))
    if not tally.rows:
        return []
    wide = [max(100 * rows / tally.rows, _THINNEST) for _, rows in parts]
    found: list[Segment] = []
    start = 0.0
    for (outcome, rows), each in zip(parts, wide, strict=True):
        width = 100 * each / sum(wide)
        label = "Could not be read" if outcome == UNREADABLE else OUTCOME_WORDS[outcome]
        told = share(rows, tally.rows)

        def fits(text: str, pixels: int, width: float = width) -> bool:
            return len(text) * _LETTER + _MARGIN <= pixels * width / 100

        found.append(
            Segment(
                outcome,
                label,
                rows,
                told,
                round(start, 3),
                round(width, 3),
                fits(label, _WIDE),
                fits(f"{rows:,} · {told}", _WIDE),
                fits(told, _WIDE),
                fits(told, _SMALL),
            )
        )
        start += width
    return found


def questions(asked: Iterable[Asked], needing: int) -> list[Question]:
    """Questions, the one that settles most rows alone first, with what each and those before it settle together."""
    found: list[Question] = []
    settled = 0
    for question in sorted(asked, key=lambda question: (-question.alone, -question.rows)):
        settled += question.alone
        bar = round(100 * settled / needing, 2) if needing else 0.0
        found.append(Question(*question, share(settled, needing), bar))
    return found


def cut(rows: Sequence[Any]) -> Cut:
    """The first rows of a long table."""
    return Cut(rows[:MOST], max(0, len(rows) - MOST))


def short(text: object) -> str:
    """A text as the page shows it: not endless, and without characters that no page can hold."""
    said = "".join("\ufffd" if _is_unfit(character) else character for character in str(text))
    if len(said) <= LONGEST:
        return said
    return f"{said[:LONGEST]}… ({len(said) - LONGEST:,} more characters)"


def _is_unfit(character: str) -> bool:
    """Whether a character is a control, half of one, or turns the reading direction of what follows."""
    if character in "\t\n\r":
        return False
    return unicodedata.category(character) in {"Cc", "Cs"} or unicodedata.bidirectional(character) in _TURNS


def _of(rows: int, whole: int, largest: int) -> tuple[str, float]:
    """The share of all rows, and the length of a little bar beside the largest."""
    return share(rows, whole), round(100 * rows / largest, 2)


def _plain(name: str) -> str:
    """A name of the fact files in words."""
    words = name.replace("_", " ").replace("-", " ")
    return words[:1].upper() + words[1:]


def _rules(rules: Sequence[tuple[Reason, int]]) -> list[tuple[Reason, str, int]]:
    return [(rule, "" if rule.paragraph in {"", "-"} else rule.paragraph, rows) for rule, rows in rules]


def _grades(rules: Sequence[tuple[Reason, str, int]]) -> list[tuple[str, str]]:
    """The grades that the table of rules names, in words."""
    present = {rule.grade for rule, _, _ in rules}
    return [(grade, words) for grade, words in GRADE_WORDS.items() if grade in present]


@cache
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Callable[..., str]] = {"short": short, "count": "{:,}".format}
    environment.filters.update(filters)  # pyright: ignore[reportUnknownMemberType]
    return environment.get_template("screening.html")
