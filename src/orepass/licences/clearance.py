"""The customs gate: a declaration against the law of its day and the licences in force when it was made.

:func:`judge` gives release, hold or refuse for each line, every reason with its paragraph, the papers that are missing, and what the line
draws. It reads licences through :class:`Register` and writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from orepass.determination.determine import Determination, LineAnswer, determine
from orepass.determination.logic import YES
from orepass.determination.transaction import transaction
from orepass.law.model import State
from orepass.law.timeline import Law
from orepass.licences.amounts import converted
from orepass.licences.application import Involved, document
from orepass.licences.declaration import Because, Declared, DeclaredLine, Drawn, LineVerdict, Result, Verdict
from orepass.licences.determined import lines_found
from orepass.licences.facts import china_day, gate_reasons, kinds
from orepass.licences.licence import Allowance, Licence
from orepass.licences.types import plain
from orepass.parties.evidence import Level, weigh
from orepass.parties.names.name import read_name
from orepass.parties.register import fold_name

_RANK: dict[Result, int] = {"release": 0, "hold": 1, "refuse": 2}
_FREE = frozenset({"not_controlled", "exempt"})
_STANDS_AGAINST = {
    "issued_later": "issued_later",
    "not_yet_valid": "not_yet_valid",
    "expired": "expired",
    "used": "used",
    "stopped": "stopped",
    "revoked": "ended",
    "withdrawn": "ended",
    "surrendered": "ended",
    "replaced": "ended",
}


def _worst(results: Iterable[Result]) -> Result:
    """The most restrictive of some results; release when there is none."""
    found: Result = "release"
    for result in results:
        if _RANK[result] > _RANK[found]:
            found = result
    return found


class Register(NamedTuple):
    """Licences as the gate may look them up: one by its number, and all of an exporter."""

    by_number: Callable[[str], Licence | None]
    of_exporter: Callable[[str], Sequence[Licence]]


class _Fit(NamedTuple):
    """How a licence fits a line: what stands against it, and what it would draw."""

    licence: Licence
    reasons: tuple[Because, ...]
    drawn: Drawn | None

    @property
    def result(self) -> Result:
        return _worst(reason.result for reason in self.reasons)


def judge(declared: Declared, law: Law, licences: Register, at: datetime) -> Verdict:
    """Judge a declaration.

    Parameters
    ----------
    declared
        What is declared; its ``declared_at`` is the time at which licences count.
    law
        The law; the day is that of the declaration in China.
    licences
        Where licences are looked up.
    at
        The time of judging.

    Raises
    ------
    BadInput
        When a line cannot be read by the determination.
    """
    day = china_day(declared.declared_at)
    answer = _determination(declared, law)
    found = lines_found(answer)
    asked: dict[str, dict[int, Decimal]] = {}
    worth: dict[str, dict[int, Decimal]] = {}
    verdicts: list[LineVerdict] = []
    for place, (line, told) in enumerate(zip(declared.lines, answer.lines, strict=True)):
        reasons = [*_remarks(line, told, answer, law)]
        codes = (*found[place].codes, *found[place].candidates)
        fit: _Fit | None = None
        if told.outcome not in _FREE:
            fit = _best(declared, line, codes, licences, asked, worth, answer)
            reasons += _of_law(told, answer, fit)
        elif answer.setting.likely and told.hits:
            reasons.append(_because("likely_listed", ", ".join(like.party.name for like in answer.setting.likely)))
        else:
            reasons.append(_because("free"))
        result = _worst(reason.result for reason in reasons)
        drawn = fit.drawn if fit and fit.result != "refuse" and result != "refuse" else None
        if drawn:
            by_line = asked.setdefault(drawn.licence, {})
            by_line[drawn.allowance] = by_line.get(drawn.allowance, Decimal(0)) + drawn.quantity
            by_worth = worth.setdefault(drawn.licence, {})
            by_worth[drawn.allowance] = by_worth.get(drawn.allowance, Decimal(0)) + (drawn.value or Decimal(0))
        verdicts.append(
            LineVerdict(
                line=place + 1,
                result=result,
                outcome=told.outcome,
                codes=found[place].codes,
                reasons=tuple(reasons),
                papers=tuple(_papers(reasons)),
                drawn=drawn,
            )
        )
    whole = _worst(verdict.result for verdict in verdicts)
    if whole == "refuse":  # nothing of a refused declaration leaves, so nothing is drawn
        verdicts = [verdict.model_copy(update={"drawn": None}) for verdict in verdicts]
    return Verdict(result=whole, lines=tuple(verdicts), rulebook=law.version, judged_at=at, on=day)


def _determination(declared: Declared, law: Law) -> Determination:
    lines: list[dict[str, Any]] = []
    for line in declared.lines:
        given: dict[str, Any] = {
            name: value
            for name, value in (
                ("description", line.description),
                ("hs", line.hs),
                ("entry", line.entry),
                ("facts", line.facts),
                ("unit", line.unit),
            )
            if value
        }
        if line.quantity is not None:
            given["quantity"] = float(line.quantity)
        lines.append(given)
    day = china_day(declared.declared_at)
    return determine(transaction(document(declared, lines, day)), law)


def _because(name: str, detail: str = "") -> Because:
    reason = gate_reasons()[name]
    where = f"{reason.basis.instrument} {reason.basis.paragraph}".strip()
    result: Any = reason.result
    return Because(id=name, result=result, says=reason.says.en, zh=reason.says.zh, paragraph=where, detail=detail)


def _of_law(told: LineAnswer, answer: Determination, fit: _Fit | None) -> Iterable[Because]:
    """What the law says of a line that is not free, with the licence that fits best."""
    covered = fit is not None and fit.result == "release"
    if told.outcome == "prohibited":
        approved = (
            covered and fit is not None and fit.licence.special_approval and "special_approval" in told.conditions
        )
        if not approved:
            yield _because("prohibited", "; ".join(reason.rule for reason in answer.reasons if reason.layer == "party"))
            return
    if fit is not None and fit.reasons and not covered:
        yield from fit.reasons
        return
    if covered:
        assert fit is not None
        yield _because("covered", f"licence {fit.licence.id}")
        return
    match told.outcome:
        case "needs_facts":
            yield _because("facts_missing", "; ".join(question.text for question in answer.questions[:3]))
        case "law_unknown":
            yield _because("law_unknown")
        case _:
            yield _because("unlicensed")


def _best(
    declared: Declared,
    line: DeclaredLine,
    codes: tuple[str, ...],
    licences: Register,
    asked: dict[str, dict[int, Decimal]],
    worth: dict[str, dict[int, Decimal]],
    answer: Determination,
) -> _Fit | None:
    """The licence that is shown, or of all that the exporter held the one against which least stands."""
    if line.licence:
        licence = licences.by_number(line.licence)
        if licence is None or licence.organisation != declared.exporter:
            shown = _because("no_such_licence", line.licence)
            return _Fit(licence, (shown,), None) if licence else _Fit(_NO_LICENCE, (shown,), None)
        return _fit(declared, line, codes, licence, asked, worth)
    fits = [_fit(declared, line, codes, licence, asked, worth) for licence in licences.of_exporter(declared.exporter)]
    near = [fit for fit in fits if not any(reason.id == "item_not_covered" for reason in fit.reasons)]
    if not near:
        return None
    return min(
        near,
        key=lambda fit: (_RANK[fit.result], len(fit.reasons), fit.licence.valid_to is None, str(fit.licence.valid_to)),
    )


_NO_LICENCE: Any = None


def _fit(
    declared: Declared,
    line: DeclaredLine,
    codes: tuple[str, ...],
    licence: Licence,
    asked: dict[str, dict[int, Decimal]],
    worth: dict[str, dict[int, Decimal]],
) -> _Fit:
    against: list[Because] = []
    standing = licence.standing(declared.declared_at)
    same_lot = licence.id in asked  # another line of this declaration goes on it: one lot
    if standing in _STANDS_AGAINST and not (standing == "used" and same_lot):
        against.append(_because(_STANDS_AGAINST[standing], _when(licence, standing)))
    elif standing == "in_force" and licence.state != "in_force":  # in force at declaration, stopped before release
        against.append(_because("stopped", f"licence {licence.id}: {licence.state} since"))
    against += _parties_against(declared, licence)
    if licence.to is not None and declared.to != licence.to:
        against.append(_because("other_destination", f"{declared.to or 'not stated'}, licensed {licence.to}"))
    allowances = [part for part in licence.allowances if _covers(part, line, codes)]
    if not allowances:
        return _Fit(licence, (*against, _because("item_not_covered", f"licence {licence.id}: {_codes(licence)}")), None)
    tries = [_amounts(part, line, licence, asked, worth, declared) for part in allowances]
    reasons, drawn = min(tries, key=lambda tried: max((_RANK[reason.result] for reason in tried[0]), default=-1))
    return _Fit(licence, (*against, *reasons), drawn)


def _amounts(
    part: Allowance,
    line: DeclaredLine,
    licence: Licence,
    asked: dict[str, dict[int, Decimal]],
    worth: dict[str, dict[int, Decimal]],
    declared: Declared,
) -> tuple[list[Because], Drawn | None]:
    """What stands against the amounts of a line on one good of a licence, and what it would draw."""
    if line.quantity is None or not line.unit:
        return [_because("quantity_missing")], None
    if part.unit is None:
        quantity: Decimal | None = line.quantity
    else:
        quantity = converted(line.quantity, line.unit, part.unit)
    if quantity is None:
        return [_because("unit_differs", f"{line.unit}, licensed in {part.unit}")], None
    reasons: list[Because] = []
    left = part.left
    if left is not None and quantity > left - asked.get(licence.id, {}).get(part.line, Decimal(0)):
        reasons.append(
            _because(
                "quantity_over",
                f"{plain(quantity)} {part.unit} declared, {plain(max(left, Decimal(0)))} {part.unit} left",
            )
        )
    value = line.value
    if part.value is not None:
        if line.value is None or line.currency != part.currency:
            reasons.append(_because("value_missing", str(part.currency or "")))
            value = None
        else:
            rest = (part.left_value or Decimal(0)) - worth.get(licence.id, {}).get(part.line, Decimal(0))
            if line.value > rest:
                told = (
                    f"{plain(line.value)} {part.currency} declared, {plain(max(rest, Decimal(0)))} {part.currency} left"
                )
                reasons.append(_because("value_over", told))
    else:
        value = None
    registered: int | None = None
    if kinds()[licence.kind].registered_first:
        registered = _registered(licence, part, quantity, declared)
        if registered is None:
            reasons.append(_because("not_registered"))
    if any(reason.result == "refuse" for reason in reasons):
        return reasons, None
    return reasons, Drawn(
        licence=licence.id, allowance=part.line, quantity=quantity, value=value, registered=registered
    )


def _registered(licence: Licence, part: Allowance, quantity: Decimal, declared: Declared) -> int | None:
    for export in licence.registered:
        if (
            export.line == part.line
            and export.used_by in {None, declared.number}
            and export.at <= declared.declared_at
            and export.to == declared.to
            and quantity <= export.quantity
        ):
            return export.id
    return None


def _covers(part: Allowance, line: DeclaredLine, codes: tuple[str, ...]) -> bool:
    """Whether a good of a licence is the good declared: by an entry that holds it, or may hold it, or that is declared for it."""
    declared = {*codes, *([line.entry] if line.entry else [])}
    if line.remark and line.remark.code:
        declared.add(line.remark.code)
    if codes:
        declared &= {*codes} | {
            code for code in declared if any(_under(code, known) or _under(known, code) for known in codes)
        }
    return any(_under(code, licensed) for code in declared for licensed in part.codes)


def _under(code: str, licensed: str) -> bool:
    return code == licensed or code.startswith(licensed + ".")


def _parties_against(declared: Declared, licence: Licence) -> Iterable[Because]:
    for role, other in (("end_user", "other_end_user"), ("consignee", "other_consignee")):
        licensed = licence.party(role)
        stated = [party for party in declared.parties if party.role == role and party.name]
        if not licensed:
            continue
        if not stated:
            yield _because("party_missing", role.replace("_", " "))
        for party in stated:
            agreed = max((_same(party, known) for known in licensed), default=0)
            if agreed == 1:
                yield _because(
                    "party_spelt_otherwise", f"{party.name}, licensed {', '.join(known.name for known in licensed)}"
                )
            elif agreed == 0:
                yield _because(other, f"{party.name}, licensed {', '.join(known.name for known in licensed)}")


def _same(party: Involved, licensed: Involved) -> int:
    """2: the very name in the same country; 1: a name so close that a person has to look; 0: another party."""
    if party.country and licensed.country and party.country != licensed.country:
        return 0
    return _names_agree(party.name, licensed.name)


@lru_cache(maxsize=20_000)
def _names_agree(one: str, other: str) -> int:
    if one == other or fold_name(one) == fold_name(other):
        return 2
    return 1 if weigh(read_name(one), read_name(other)).level >= Level.LIKELY else 0


def _remarks(line: DeclaredLine, told: LineAnswer, answer: Determination, law: Law) -> Iterable[Because]:
    """The declaration duty of 2025 No.18: whether the remark stands there, and agrees."""
    if not _remark_due(told, answer, law):
        return
    if line.remark is None:
        yield _because("remark_missing")
        return
    free = told.outcome in _FREE
    if line.remark.controlled == free and told.outcome not in {"needs_facts", "law_unknown"}:
        yield _because("remark_wrong", f"declared {'controlled' if line.remark.controlled else 'not controlled'}")


def _remark_due(told: LineAnswer, answer: Determination, law: Law) -> bool:
    """Whether goods of this kind carry the remark: near or under an entry of an instrument with a declaration duty that operates."""
    if answer.setting.route.movement not in {"leaves_china", "given_in_china"}:
        return False
    near = {control.instrument for hit in told.hits for control in hit.entry.entry.control}
    near |= {
        control.instrument
        for entry, covered in told.failed
        if covered == YES and entry.speaks_of(told.facts)
        for control in entry.entry.control
    }
    day = answer.transaction.date
    for paper in answer.book.documents:
        due = paper.instruments_near & near
        if due and any(
            law.windows.of_target(key, "", None, None, day, day).state is State.IN_FORCE
            for key in paper.instruments_near
        ):
            return True
    return False


def _papers(reasons: Iterable[Because]) -> list[str]:
    papers = (gate_reasons()[reason.id].paper for reason in reasons)
    return list(dict.fromkeys(paper for paper in papers if paper))


def _codes(licence: Licence) -> str:
    return ", ".join(dict.fromkeys(code for part in licence.allowances for code in part.codes)) or "no entry"


def _when(licence: Licence, standing: str) -> str:
    match standing:
        case "issued_later":
            return f"licence {licence.id}, issued {licence.issued_at:%Y-%m-%d %H:%M}Z"
        case "expired":
            return f"licence {licence.id}, valid to {licence.valid_to}"
        case "not_yet_valid":
            return f"licence {licence.id}, valid from {licence.valid_from}"
        case _:
            return f"licence {licence.id}: {standing}"
