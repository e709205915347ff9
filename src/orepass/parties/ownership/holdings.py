"""Who is stated to hold what: holdings with their shares as intervals, read from tables and from FollowTheMoney entities.

A share is read exactly: ``0.1`` is one tenth whether it comes as text, decimal or float. What a source leaves open stays open:
``more than 50 %`` is an interval that does not hold its lower end, and no share at all is anything from nothing to everything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, Literal, NamedTuple, cast

from orepass.errors import BadInput

Kind = Literal["ownership", "control"]
Answer = Literal["yes", "no", "undetermined"]
ShareLike = Fraction | Decimal | int | float | str | None
Number = Fraction | float
LOW, HIGH, FULL = 0, 1, 2
"""Three questions: the least share, the greatest, the greatest when owners who are not disclosed count as listed."""
NOTHING, WHOLE = Fraction(0), Fraction(1)


class ShareRange(NamedTuple):
    """A share between two bounds; an open bound is itself not reached (``more than 50 %``)."""

    low: Fraction
    high: Fraction
    low_open: bool = False
    high_open: bool = False


UNKNOWN_SHARE = ShareRange(NOTHING, WHOLE)


class Holding(NamedTuple):
    """One party's stake in another: a share for ownership, none for control (votes, board, contract, de facto).

    Build it with :meth:`of`, which reads and checks the share.
    """

    owner: str
    owned: str
    low: Fraction = NOTHING
    high: Fraction = WHOLE
    kind: Kind = "ownership"
    source: str = ""
    low_open: bool = False
    high_open: bool = False

    @classmethod
    def of(
        cls,
        owner: str,
        owned: str,
        low: ShareLike = None,
        high: ShareLike = None,
        kind: Kind = "ownership",
        source: str = "",
    ) -> Holding:
        """A holding from shares as people write them.

        Parameters
        ----------
        owner, owned
            The names, as they stand in the graph.
        low, high
            Two bounds between 0 and 1 (or with ``%``); ``low`` alone is the whole statement (``0.35``, ``"30-40%"``, ``">50%"``, ``None``).
        kind
            ``control`` carries no share.
        source
            Where it is stated.

        Raises
        ------
        BadInput
            When a bound is no share or the bounds are out of order.
        """
        where = f"holding of {owner} in {owned}"
        stated = share_range(low, where=where)
        if high is not None:
            upper = share_range(high, where=where)
            if stated.low > upper.high:
                problem = f"the lower bound {percent(stated.low)} is above the upper bound {percent(upper.high)}"
                raise BadInput(problem, where=where, expected="low <= high")
            stated = ShareRange(
                stated.low if low is not None else NOTHING, upper.high, stated.low_open, upper.high_open
            )
        return cls(owner, owned, stated.low, stated.high, kind, source, stated.low_open, stated.high_open)


def percent(share: Fraction) -> str:
    """A share as people write it: ``52 %``, or up to four decimals, with ``about`` where they do not suffice."""
    hundredfold = share * 100
    rounded = round(hundredfold, 4)
    text = f"{float(rounded):.4f}".rstrip("0").rstrip(".")
    return f"{text} %" if rounded == hundredfold else f"about {text} %"


_UNKNOWN = frozenset(
    {"", "unknown", "?", "n/a", "na", "none", "null", "nan", "-", "未知", "不详", "未披露", "undisclosed"}
)
_NUMBER = r"(\d+(?:\.\d*)?|\.\d+|\d+/\d+)"
_RANGE = re.compile(rf"[\[(]?{_NUMBER}(%?)(?:-|–|—|~|～|至|到|to|,|-to-){_NUMBER}(%?)[\])]?")
_ONE = re.compile(rf"(>=|<=|>|<|)(?:of)?{_NUMBER}(%?)(\+|)")
_SAID = (
    ("not more than", "<="), ("no more than", "<="), ("up to", "<="), ("at most", "<="), ("不超过", "<="), ("至多", "<="),
    ("at least", ">="), ("not less than", ">="), ("no less than", ">="), ("不低于", ">="), ("不少于", ">="), ("至少", ">="),
    ("more than", ">"), ("over", ">"), ("above", ">"), ("greater than", ">"), ("超过", ">"), ("大于", ">"),
    ("less than", "<"), ("under", "<"), ("below", "<"), ("低于", "<"), ("少于", "<"), ("小于", "<"),
    ("≥", ">="), ("≤", "<="),
)  # fmt: skip
_BEHIND = (("or more", ">="), ("及以上", ">="), ("以上", ">="), ("or less", "<="), ("及以下", "<="), ("以下", "<="))
_EXPECTED = "a share such as 0.35, 35%, 30-40%, [0.3,0.4], >50% or unknown"


@lru_cache(maxsize=65536)
def _read(text: str, per_cent: bool) -> ShareRange | str:
    """A share from text, or what is wrong with it; ``per_cent``: a bare number is in per cent."""
    plain = (
        text.strip().casefold().replace("％", "%").replace("per cent", "%").replace("percent", "%").replace("-%", "%")
    )
    if plain in _UNKNOWN:
        return UNKNOWN_SHARE
    for words, sign in _BEHIND:
        if plain.endswith(words):
            plain = sign + plain.removesuffix(words)
    for words, sign in _SAID:
        if plain.startswith(words):
            plain = sign + plain.removeprefix(words)
    plain = "".join(plain.split())
    if found := _RANGE.fullmatch(plain):
        first, first_sign, second, second_sign = found.groups()
        in_per_cent = bool(first_sign or second_sign) or per_cent
        low, high = (Fraction(part) / (100 if in_per_cent else 1) for part in (first, second))
        return _bounds(low, high, text)
    found = _ONE.fullmatch(plain)
    if not found:
        return f"{text!r} is no share"
    sign, digits, per_cent_sign, plus = found.groups()
    number = Fraction(digits)
    if per_cent and not per_cent_sign and 0 < number <= 1 and not sign and not plus:
        # A register of percentages that says 0.51 may mean either: both are kept.
        return ShareRange(number / 100, number)
    value = number / (100 if per_cent_sign or per_cent else 1)
    if sign.startswith(">") or plus:
        stated = _bounds(value, WHOLE, text)
        return stated if isinstance(stated, str) else stated._replace(low_open=sign == ">")
    if sign.startswith("<"):
        stated = _bounds(NOTHING, value, text)
        return stated if isinstance(stated, str) else stated._replace(high_open=sign == "<")
    return _bounds(value, value, text)


def _bounds(low: Fraction, high: Fraction, said: object) -> ShareRange | str:
    if not (0 <= low <= 1 and 0 <= high <= 1):
        return f"the share {said} lies outside 0 to 1 (0 % to 100 %)"
    if low > high:
        return f"the share {said} has its lower bound above its upper bound"
    return ShareRange(low, high)


def share_range(stated: ShareLike, *, where: str = "", per_cent: bool = False) -> ShareRange:
    """A share as an exact interval.

    Parameters
    ----------
    stated
        Between 0 and 1, or text with ``%``, a range, ``>50%``, ``at least 25%``; empty, ``unknown`` and ``None`` are unknown.
        A float stands for its shortest decimal text, so 0.1 is one tenth.
    where
        The place that a refusal names.
    per_cent
        Whether bare numbers are per cent, as in FollowTheMoney; there 0.51 may be 0.51 % or 51 %, and both are kept.

    Raises
    ------
    BadInput
        When it is no share, or lies outside 0 to 1.
    """
    if stated is None:
        return UNKNOWN_SHARE
    if isinstance(stated, bool):
        raise BadInput(f"{stated} is no share", where=where, expected=_EXPECTED)
    if isinstance(stated, (Fraction, int)) and not per_cent:
        read = _bounds(Fraction(stated), Fraction(stated), stated)
    else:
        text = stated if isinstance(stated, str) else _plain_text(stated)
        try:
            read = _read(text, per_cent)
        except ZeroDivisionError:
            read = f"{text!r} is no share"
    if isinstance(read, str):
        raise BadInput(read, where=where, expected=_EXPECTED)
    return read


def _plain_text(number: Fraction | Decimal | float) -> str:
    if isinstance(number, Fraction):
        return str(number)
    exact = number if isinstance(number, Decimal) else Decimal(repr(number))
    return f"{exact:f}" if exact.is_finite() else ("unknown" if exact.is_nan() else str(exact))


class Stated(NamedTuple):
    """What rows say, in the order of :class:`~orepass.parties.ownership.shares.Ownership`'s parameters."""

    holdings: list[Holding]
    complete: frozenset[str]
    companies: frozenset[str]


_YES = frozenset({"yes", "true", "1", "y", "是"})
_NO = frozenset({"no", "false", "0", "n", "", "否"})
_COMPANIES = frozenset({"Company", "Organization", "LegalEntity"})


def holdings_from(rows: Iterable[Mapping[str, Any]], *, on: date | None = None) -> Stated:
    """Holdings from CSV rows, plain mappings or FollowTheMoney entities.

    Parameters
    ----------
    rows
        Rows with ``owner, owned, share`` and optionally ``kind`` (``ownership``, ``control``), ``complete`` (the owners of ``owned`` that
        are stated are all of them) and ``source``; or entities with a ``schema``. Of these ``Ownership`` is a holding (``owner``,
        ``asset``, ``percentage``; ``sharesValue`` is money and says no share), companies are remembered as such, and the rest
        (``Directorship``, ``UnknownLink``, …) is no ownership and is passed over.
    on
        Leaves out entities that ended before that day or began after it.

    Raises
    ------
    BadInput
        Naming the row (counted from 1) and the field.
    """
    holdings: list[Holding] = []
    complete: set[str] = set()
    companies: set[str] = set()
    for number, row in enumerate(rows, 1):
        place = f"row {number}"
        if "schema" in row:
            if row["schema"] in _COMPANIES:
                companies.add(str(row.get("id", "")))
            elif row["schema"] == "Ownership":
                holdings += _entity_holdings(row, place, on)
            continue
        owner, owned = (_name(row, field, place) for field in ("owner", "owned"))
        kind = str(row.get("kind") or "ownership").strip().casefold()
        if kind not in ("ownership", "control"):
            raise BadInput(f"{kind!r} is no kind of holding", where=f"{place}, kind", expected="ownership or control")
        all_stated = str(row.get("complete") or "").strip().casefold()
        if all_stated not in _YES | _NO:
            raise BadInput(f"{all_stated!r} is neither yes nor no", where=f"{place}, complete", expected="yes or no")
        if all_stated in _YES:
            complete.add(owned)
        low, high, low_open, high_open = (
            share_range(row.get("share"), where=f"{place}, share") if kind == "ownership" else UNKNOWN_SHARE
        )
        source = str(row.get("source") or place)
        holdings.append(Holding(owner, owned, low, high, kind, source, low_open, high_open))
    return Stated(holdings, frozenset(complete), frozenset(companies))


def _name(row: Mapping[str, Any], field: str, place: str) -> str:
    name = str(row.get(field) or "").strip()
    if not name:
        raise BadInput("no name is given", where=f"{place}, {field}", expected="the name of a party")
    return name


def _entity_holdings(entity: Mapping[str, Any], place: str, on: date | None) -> list[Holding]:
    """The holdings of one FollowTheMoney ``Ownership``: every owner in every asset."""
    properties = cast("Mapping[str, Any]", entity.get("properties", entity))

    def values(field: str) -> list[str]:
        found: Any = properties.get(field)
        many = cast("list[Any]", found) if isinstance(found, list) else [] if found is None else [found]
        return [str(item).strip() for item in many if str(item).strip()]

    if on is not None:
        day = on.isoformat()
        ends, starts = values("endDate"), values("startDate")
        if (ends and all(end < day[: len(end)] for end in ends)) or (
            starts and all(start > day[: len(start)] for start in starts)
        ):
            return []
    owners, assets = values("owner"), values("asset")
    for field, names in (("owner", owners), ("asset", assets)):
        if not names:
            raise BadInput("no party is named", where=f"{place}, {field}", expected="the id of an entity")
    stated = [share_range(text, where=f"{place}, percentage", per_cent=True) for text in values("percentage")]
    low = min(stated, key=lambda share: (share.low, not share.low_open), default=UNKNOWN_SHARE)
    high = max(stated, key=lambda share: (share.high, not share.high_open), default=UNKNOWN_SHARE)
    # What several owners are said to hold may be theirs together.
    alone = len(owners) == len(assets) == 1
    source = str(entity.get("id") or place)
    return [
        Holding(owner, asset, low.low if alone else NOTHING, high.high, "ownership", source,
                low.low_open and alone, high.high_open)
        for owner in owners
        for asset in assets
    ]  # fmt: skip


class Column(NamedTuple):
    """A company's stated owners with the bounds of their shares; ``rest`` is what the lower bounds leave."""

    owners: tuple[int, ...]
    lows: tuple[Number, ...]
    highs: tuple[Number, ...]
    rest: Number
    complete: bool
    settled: bool

    def in_floats(self) -> Column:
        """The same, rounded."""
        lows, highs = tuple(map(float, self.lows)), tuple(map(float, self.highs))
        return Column(self.owners, lows, highs, float(self.rest), self.complete, self.settled)

    def given(self, values: Sequence[Number], question: int) -> Sequence[Number]:
        """The share of each owner that makes the company's ``x`` least or greatest, when the owners' are ``values``."""
        if self.settled or (not self.complete and question != HIGH):
            return self.lows
        shares, rest = list(self.lows), self.rest
        for place in sorted(range(len(shares)), key=values.__getitem__, reverse=question != LOW):
            more = min(self.highs[place] - self.lows[place], rest)
            shares[place] += more
            rest -= more
        return shares

    def worth(self, shares: Sequence[Number], values: Sequence[Number], question: int) -> Number:
        """The company's ``x`` under these shares."""
        total: Number = sum(share * value for share, value in zip(shares, values, strict=True) if value)
        return total + self.rest if question == FULL and not self.complete else total


NO_OWNERS = Column((), (), (), Fraction(0), False, True)
UNDISCLOSED = Column((), (), (), Fraction(1), False, True)
