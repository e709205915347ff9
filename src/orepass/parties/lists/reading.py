"""What reading a list gives, and what all readers share: days, countries, identifiers, and the problems that a reader tells."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple, cast

from orepass.errors import BadInput
from orepass.factfiles import FACTS, Record, read_yaml
from orepass.parties.listed import Identifier, ListedParty
from orepass.places import codes, country_code


class Problem(NamedTuple):
    """What could not be read: the line (the record, in a JSON file that is one whole), the sentence, and whether the record was lost."""

    line: int
    says: str
    lost: bool


class Stake(NamedTuple):
    """That one party owns part of another, as a list states it, for the reader of ownership.

    The share is text; a bare number is per cent, an empty text unknown: what
    :func:`~orepass.parties.ownership.holdings.share_range` reads with ``per_cent``.
    """

    owner: str
    owned: str
    percentage: str = ""
    owner_name: str = ""
    owned_name: str = ""
    from_: date | None = None
    to: date | None = None
    source: str = ""


class ReadList(NamedTuple):
    """A list that was read.

    ``records`` counts everything that stood in the file, ``passed_over`` what is no listing by its kind; ``warnings`` speak of the whole
    file; ``newest`` is its newest day that is no end and does not lie ahead.
    """

    parties: tuple[ListedParty, ...]
    problems: tuple[Problem, ...] = ()
    ownership: tuple[Stake, ...] = ()
    form: str = ""
    file: str = ""
    records: int = 0
    passed_over: tuple[tuple[str, int], ...] = ()
    warnings: tuple[str, ...] = ()
    newest: date | None = None

    @property
    def lost(self) -> int:
        """How many records could not be read."""
        return sum(problem.lost for problem in self.problems)


class Place(NamedTuple):
    """Where in a file something stands."""

    file: str
    unit: str
    line: int

    def field(self, name: str) -> str:
        """The place of one field."""
        return f"{self}, {name}"

    def __str__(self) -> str:
        return f"{self.file}, {self.unit} {self.line}"


class Problems:
    """The problems of one file, in order."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def lost(self, place: Place, problem: str, expected: str = "", remedy: str = "") -> None:
        """A record was not read."""
        sentence = BadInput(problem, where=str(place), expected=expected, remedy=remedy).sentence
        self.found.append(Problem(place.line, sentence, lost=True))

    def field(self, place: Place, name: str, error: BadInput) -> None:
        """A field was not read; the record was, without it."""
        self.found.append(Problem(place.line, error.at(place.field(name)).sentence, lost=False))


DAY = timedelta(days=1)
_ONE = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?|月)?|年)?(?:[T ].*)?")
_EXPECTED_DAY = "a day such as 2025-04-09"


def first_and_last(stated: Any) -> tuple[date, date]:
    """The first and the last day that a date may mean: ``2025`` is a whole year, ``2025-04`` a whole month.

    Raises
    ------
    BadInput
        When it is no date, or one that may be read in two ways.
    """
    if isinstance(stated, datetime):
        stated = stated.date()
    if isinstance(stated, date):
        return stated, stated
    text = str(stated).strip()
    if len(text) == 8 and text.isdigit():
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    found = _ONE.fullmatch(unicodedata.normalize("NFKC", text))
    if not found:
        raise BadInput(f"{text!r} is no day that we can read", expected=_EXPECTED_DAY)
    year, month, day = (int(part) if part else 0 for part in found.groups())
    try:
        first = date(year, month or 1, day or 1)
        if day:
            return first, first
        after = date(year + 1, 1, 1) if not month else date(year + month // 12, month % 12 + 1, 1)
        return first, after - DAY
    except (ValueError, OverflowError):
        raise BadInput(f"{text!r} is no day of the calendar", expected=_EXPECTED_DAY) from None


def day_after(last: date) -> date | None:
    """The first day on which something no longer holds, by its last one; an end at the end of time is none."""
    return None if last.year == date.max.year else last + DAY


class Countries(NamedTuple):
    """Countries by their codes, and what was stated but is none that we know."""

    codes: tuple[str, ...]
    unknown: tuple[str, ...]


def read_countries(stated: Iterable[str]) -> Countries:
    """Countries from codes and names; of a region such as ``gb-sct`` its country."""
    known: dict[str, None] = {}
    unknown: dict[str, None] = {}
    for text in stated:
        if not text.strip():
            continue
        code = _country(text.strip())
        if code is None:
            unknown[text.strip()] = None
        else:
            known[code] = None
    return Countries(tuple(known), tuple(unknown))


@cache
def _country(text: str) -> str | None:
    upper = text.upper()
    if upper in codes():
        return upper
    if re.fullmatch(r"[A-Z]{2}-[A-Z0-9]{1,4}", upper) and upper[:2] in codes():
        return upper[:2]
    try:
        return country_code(text)
    except BadInput:
        return None


_DROPPED = re.compile(r"[\s_\-–—.:'\"’*?!()\[\]{}<>【】、·/#]+")


def fold(text: str) -> str:
    """A name of a column or of a kind without case, width, blanks and punctuation."""
    return _DROPPED.sub("", unicodedata.normalize("NFKC", text).casefold())


@cache
def _facts() -> Record:
    return cast("Record", read_yaml(FACTS / "parties" / "columns.yaml"))


@cache
def column_fields() -> dict[str, str]:
    """Fields by the folded names of columns."""
    return {fold(name): record["field"] for record in _facts()["columns"] for name in record["names"]}


@cache
def identifier_kinds() -> dict[str, str]:
    """Kinds of identifiers by the folded words in which lists name them."""
    return {fold(word): record["kind"] for record in _facts()["identifiers"] for word in record["words"]}


def identifier(kind: str, value: str) -> Identifier:
    """A number of a kind; an IMO number without the letters before it."""
    value = " ".join(value.split())
    if kind == "imo":
        value = re.sub(r"^imo\W*", "", value, flags=re.IGNORECASE)
    return Identifier(kind, value)


_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def kind_of_number(number: str) -> str:
    """Which kind of identifier a bare number is: by its form and its check digits, else ``unstated``."""
    text = re.sub(r"[\s-]", "", number).upper()
    if re.fullmatch(r"[A-Z0-9]{18}[0-9]{2}", text) and int("".join(str(int(sign, 36)) for sign in text)) % 97 == 1:
        return "lei"
    if len(text) == 18 and all(sign in _USCC for sign in text):
        total = sum(_USCC.index(sign) * pow(3, place, 31) for place, sign in enumerate(text[:17]))
        if _USCC.index(text[17]) == -total % 31:
            return "uscc"
    return "imo" if re.fullmatch(r"IMO\W?[0-9]{7}", text) else "unstated"


def unique(values: Iterable[str]) -> tuple[str, ...]:
    """Texts without blanks around them, each once, in order; none that is empty."""
    return tuple({text: None for value in values if (text := " ".join(value.split()))})


def newest_day(days: Iterable[date | None], today: date | None = None) -> date | None:
    """The newest of days that does not lie ahead."""
    limit = today or date.today()
    return max((day for day in days if day is not None and day <= limit), default=None)
