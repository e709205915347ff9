"""A verdict on ownership as one sentence, in English or Chinese."""

from __future__ import annotations

from fractions import Fraction
from math import prod
from typing import TYPE_CHECKING

from orepass.parties.ownership.decisive import Because, Path
from orepass.parties.ownership.holdings import percent

if TYPE_CHECKING:
    from orepass.parties.ownership.shares import Share
    from orepass.parties.ownership.verdict import Verdict

_SHOWN = 4


def sentence(verdict: Verdict, language: str = "en") -> str:
    """The verdict with its share, its chains and what is missing."""
    return _chinese(verdict) if language.startswith("zh") else _english(verdict)


def _span(low: Fraction, high: Fraction, to: str) -> str:
    return percent(low) if low == high else f"{percent(low)}{to}{percent(high)}"


def _range(share: Share, to: str, more: str) -> str:
    if share.lo == share.hi:
        return percent(share.lo)
    if share.lo_open and share.hi == 1:
        return more + percent(share.lo)
    return _span(share.lo, share.hi, to)


def _among(path: Path) -> str:
    names = path.names[1:-1]
    if len(names) > _SHOWN:
        return f"{names[0]}, …, {names[-1]}"
    return ", ".join(names)


def _english(verdict: Verdict) -> str:
    share, test = verdict.interval, verdict.test
    name = f"the test of {test.name.get('en') or test.id}"
    limit = percent(test.threshold)
    if share.listed_itself:
        return f"{verdict.target} is itself listed, so {name} is met."

    def chain(path: Path) -> str:
        who = path.names[0] or "owners not disclosed"
        held = f"{who} {_span(path.low, path.high, ' to ')}"
        if len(path.names) == 2:
            return f"{held} directly"
        if path.low == path.lows[-1] != prod(path.lows) and path.high == path.highs[-1]:
            return f"{held} through {_among(path)}, which meets the test itself"
        factors = ", ".join(_span(low, high, " to ") for low, high in zip(path.lows, path.highs, strict=True))
        if len(path.lows) > _SHOWN:
            factors = f"a chain of {len(path.lows)} holdings"
        else:
            factors = " of ".join(reversed(factors.split(", ")))
        return f"{held} through {_among(path)} ({factors})"

    chains = "; ".join(map(chain, verdict.path))
    held = f"{verdict.target} is held {_range(share, ' to ', 'more than ')} by listed parties"
    if len({reading.answer for reading in verdict.readings}) > 1:
        held += ", counted one way or another"
    if share.hi_if_undisclosed > share.hi and verdict.answer != "yes":
        held += f", up to {percent(share.hi_if_undisclosed)} if owners not disclosed are listed"
    held += f" ({chains})" if chains else ""
    reached = ("at least " if test.comparison == ">=" else "more than ") + limit
    missed = ("less than " if test.comparison == ">=" else "not more than ") + limit
    if verdict.answer == "yes":
        if any(reading.answer != "yes" for reading in verdict.readings):
            control = next(path for path in verdict.control if not path.presumed)
            return f"{held}, and is controlled by {control.names[0]}, which counts: {name} is met."
        if sum(path.low for path in verdict.path) < min(test.threshold, share.lo):
            reached += " with what goes round a circle of holdings"
        return f"{held}: {reached}, so {name} is met."
    if verdict.answer == "no":
        taken = f", taking {', '.join(verdict.assumed[:3])} for the end of the chain" if verdict.assumed else ""
        return f"{held}: {missed}, so {name} is not met{taken}."

    def why(because: Because) -> str:
        match because.kind:
            case "unknown_share":
                return f"the share of {because.owner} in {because.company}"
            case "undisclosed":
                return f"who else owns {because.company}"
            case "reading":
                return f"how shares are counted ({because.note})"
            case "control":
                return f"the control of {because.company} by {because.owner} ({because.note})"
            case _:
                return because.note

    open_points = " and ".join(why(because) for because in verdict.because[:2])
    return f"{held}: whether {name} ({reached}) is met cannot be said; it hangs on {open_points}."


def _chinese(verdict: Verdict) -> str:
    share, test = verdict.interval, verdict.test
    name = f"{test.name.get('zh') or test.id}的持股标准"
    limit = percent(test.threshold).replace(" ", "")
    if share.listed_itself:
        return f"{verdict.target}本身在名单之列，符合{name}。"

    def span(low: Fraction, high: Fraction) -> str:
        return _span(low, high, "至").replace(" ", "").replace("about", "约")

    def chain(path: Path) -> str:
        way = "直接" if len(path.names) == 2 else f"经{_among(path).replace(', ', '、')}"
        return f"{path.names[0] or '未披露的股东'}{way}持有{span(path.low, path.high)}"

    chains = "；".join(map(chain, verdict.path))
    held_range = _range(share, "至", "超过").replace(" ", "").replace("about", "约")
    held = f"名单所列各方合计持有{verdict.target} {held_range}"
    if share.hi_if_undisclosed > share.hi and verdict.answer != "yes":
        held += f"，若未披露的股东亦在名单之列则至多{span(share.hi_if_undisclosed, share.hi_if_undisclosed)}"
    held += f"（{chains}）" if chains else ""
    reached = f"达到{limit}" if test.comparison == ">=" else f"超过{limit}"
    if verdict.answer == "yes":
        if any(reading.answer != "yes" for reading in verdict.readings):
            control = next(path for path in verdict.control if not path.presumed)
            return f"{held}，且受{control.names[0]}控制，符合{name}。"
        return f"{held}，{reached}，符合{name}。"
    if verdict.answer == "no":
        taken = f"（以{'、'.join(verdict.assumed[:3])}为持股链终点）" if verdict.assumed else ""
        return f"{held}，未{reached}，不符合{name}{taken}。"

    def why(because: Because) -> str:
        match because.kind:
            case "unknown_share":
                return f"{because.owner}在{because.company}的持股比例"
            case "undisclosed":
                return f"{because.company}的其他股东"
            case "reading":
                return "间接持股及多方持股的计算方法"
            case "control":
                return f"{because.owner}对{because.company}的控制"
            case _:
                return "临界处的舍入"

    return f"{held}，是否{reached}尚不能确定，取决于{'与'.join(why(because) for because in verdict.because[:2])}。"
