"""The gate: messages of a customs system, each answered once and for all; what a declaration draws goes with it in one commit."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import ROUND_CEILING, Decimal
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import Field
from sqlalchemy import select

from orepass.desk.views import Looking
from orepass.errors import BadInput, NotAllowed, NotFound, NotPossible
from orepass.law.timeline import Law
from orepass.licences import moves
from orepass.licences.case import Actor
from orepass.licences.clearance import Register, judge
from orepass.licences.declaration import Declaration, DeclarationState, Declared, Drawn, HeldBy, Verdict
from orepass.licences.drawdown import Hold, draw, give_back
from orepass.licences.facts import china_day, duty
from orepass.licences.licence import Licence
from orepass.licences.types import Amount, Code, Instant, Part, Words, plain
from orepass.store import tables
from orepass.store.database import reading
from orepass.store.journal import canonical, sha256
from orepass.store.ledger import Books, Ledger
from orepass.store.records import Message

_STATES: dict[str, DeclarationState] = {"release": "released", "hold": "held", "refuse": "refused"}


class Insert(Part):
    """A new declaration."""

    kind: Literal["insert"]
    id: Code
    declaration: Declared


class Update(Part):
    """Another content for a declaration; its time of declaration stays."""

    kind: Literal["update"]
    id: Code
    declaration: Declared


class Cancel(Part):
    """A declaration that is taken back."""

    kind: Literal["cancel"]
    id: Code
    number: Code


class Usage(Part):
    """What has gone, line by line in the units declared; the rest returns to the licence."""

    kind: Literal["usage"]
    id: Code
    number: Code
    exported: Annotated[tuple[Amount, ...], Field(strict=False, min_length=1, max_length=50)]


class Recheck(Part):
    """Held goods judged again."""

    kind: Literal["recheck"]
    id: Code
    number: Code


class HoldGoods(Part):
    """Released goods that have not gone, held by a person."""

    kind: Literal["hold"]
    id: Code
    number: Code
    reason: Words


GateMessage = Annotated[Insert | Update | Cancel | Usage | Recheck | HoldGoods, Field(discriminator="kind")]


class Reply(Part):
    """The answer to a message: how the declaration stands, and the verdict with reasons and missing papers."""

    id: Code
    kind: str
    number: Code
    state: DeclarationState
    version: int
    verdict: Verdict
    at: Instant
    repeated: bool = False


class Gate:
    """The gate over a ledger."""

    def __init__(self, ledger: Ledger, law: Law) -> None:
        self.ledger = ledger
        self.law = law

    def message(self, actor: Actor, message: Insert | Update | Cancel | Usage | Recheck | HoldGoods) -> Reply:
        """Answer a message. The same message again gets the same reply and changes nothing.

        Raises
        ------
        NotAllowed
            When the account is not of customs.
        NotPossible
            When the declaration does not admit it, or the message's id was used for another content.
        NotFound
            When there is no such declaration.
        BadInput
            When the declaration cannot be read.
        """
        move = None if message.kind == "insert" else moves.find("declaration", message.kind)
        if move is None:
            if "customs" not in actor.roles:
                raise NotAllowed("Declarations are handed in by customs; this account is not of customs.")
        else:
            moves.permit(move, actor, "")
        content = sha256(canonical(message.model_dump(mode="json", by_alias=True)))

        def deed(books: Books) -> Reply:
            key = f"{actor.organisation}:{message.id}"
            earlier = books.get(Message, key)
            if earlier is not None:
                if earlier.content != content:
                    raise NotPossible(
                        f"Message {message.id!r} was sent before with another content; give each message an id of its own."
                    )
                return Reply.model_validate({**earlier.reply, "repeated": True})
            declaration = self._done(books, actor, message)
            books.put(declaration)
            reply = Reply(
                id=message.id,
                kind=message.kind,
                number=declaration.id,
                state=declaration.state,
                version=declaration.version,
                verdict=declaration.verdict,
                at=books.at,
            )
            books.put(
                Message(
                    id=key,
                    organisation=actor.organisation,
                    subject=declaration.id,
                    content=content,
                    reply=reply.model_dump(mode="json"),
                    at=books.at,
                )
            )
            told = message.model_dump(mode="json", by_alias=True, exclude_none=True)
            books.enter(actor, f"gate.{message.kind}", declaration.id, {**told, "state": declaration.state})
            return reply

        return self.ledger.write(deed)

    def declaration(self, actor: Actor, number: str) -> Declaration:
        """A declaration that the account may see.

        Raises
        ------
        NotFound
            When there is none of that number for the account.
        """
        found = self.ledger.read(lambda books: books.get(Declaration, number))
        if found is None or not Looking.of(actor).sees_declaration(found):
            raise NotFound(f"There is no declaration {number!r}.")
        return found

    def declarations(
        self, actor: Actor, state: str | None = None, after: str = "", most: int = 50
    ) -> list[Declaration]:
        """Declarations that the account may see, by number."""
        table = tables.declarations
        query = select(table.c.document).where(table.c.id > after).order_by(table.c.id).limit(most)
        if state is not None:
            query = query.where(table.c.state == state)
        if not Looking.of(actor).declarations_of_others:
            query = query.where(table.c.organisation == actor.organisation)
        with reading(self.ledger.engine) as connection:
            return [Declaration.model_validate_json(row[0]) for row in connection.execute(query)]

    # inside

    def _done(self, books: Books, actor: Actor, message: Any) -> Declaration:
        if message.kind == "insert":
            return self._inserted(books, message.declaration)
        number = message.declaration.number if message.kind == "update" else message.number
        declaration = books.get(Declaration, number)
        if declaration is None:
            raise NotFound(f"There is no declaration {number!r}.")
        moves.leaves(moves.find("declaration", message.kind), declaration.state, f"Declaration {number}")
        match message.kind:
            case "update":
                return self._updated(books, declaration, message.declaration)
            case "recheck":
                return self._updated(books, declaration, declaration.declared)
            case "cancel":
                _return(books, declaration, last=True)
                return declaration.with_(state="cancelled")
            case "hold":
                _return(books, declaration, last=True)
                held = HeldBy(at=books.at, by=actor.account, reason=message.reason)
                _take(books, declaration, declaration.draws, "reserved")
                return declaration.with_(state="held", holds=(*declaration.holds, held))
            case _:
                return self._used(books, declaration, message.exported)

    def _inserted(self, books: Books, declared: Declared) -> Declaration:
        if books.get(Declaration, declared.number) is not None:
            raise NotPossible(f"Declaration {declared.number!r} is here already; send an update.")
        slack = timedelta(seconds=duty("clock_slack")["seconds"])
        now = min(books.at, self.ledger.now())
        if declared.declared_at > now + slack:
            raise BadInput(
                f"the time of declaration {declared.declared_at:%Y-%m-%d %H:%M}Z lies in the future",
                where="field declared_at",
                expected=f"at most now, {now:%Y-%m-%d %H:%M}Z",
            )
        verdict = self._judged(books, declared)
        declaration = Declaration(
            id=declared.number,
            organisation=declared.exporter,
            state=_STATES[verdict.result],
            version=1,
            declared=declared,
            received_at=books.at,
            verdict=verdict,
        )
        _take(books, declaration, declaration.draws, _how(declaration.state))
        return declaration

    def _updated(self, books: Books, declaration: Declaration, declared: Declared) -> Declaration:
        before = declaration.declared
        if (declared.exporter, declared.declared_at) != (before.exporter, before.declared_at):
            raise BadInput(
                "an update changes neither the exporter nor the time of declaration",
                where="field declaration",
                expected=f"exporter {before.exporter} and the time of the first declaration",
                remedy="cancel it and declare anew",
            )
        _return(books, declaration, last=True)
        verdict = self._judged(books, declared)
        new = declaration.with_(declared=declared, verdict=verdict, state=_STATES[verdict.result])
        _take(books, new, new.draws, _how(new.state))
        return new

    def _used(self, books: Books, declaration: Declaration, exported: tuple[Decimal, ...]) -> Declaration:
        lines = declaration.declared.lines
        if len(exported) != len(lines):
            raise BadInput(
                f"{len(exported)} amounts are given",
                where="field exported",
                expected=f"{len(lines)}, one for each line declared",
            )
        for place, (line, amount) in enumerate(zip(lines, exported, strict=True), 1):
            if line.quantity is not None and amount > line.quantity:
                raise NotPossible(
                    f"Line {place}: {plain(amount)} {line.unit} have gone and {plain(line.quantity)} {line.unit} were "
                    "declared; what is beyond the declaration is not covered."
                )
        kept: list[Any] = []
        for verdict, line, amount in zip(declaration.verdict.lines, lines, exported, strict=True):
            kept.append(
                verdict.model_copy(update={"drawn": _part_of(verdict.drawn, line, amount)})
                if verdict.drawn
                else verdict
            )
        new = declaration.with_(
            state="exported",
            exported=exported,
            exported_on=china_day(books.at),
            verdict=declaration.verdict.model_copy(update={"lines": tuple(kept)}),
        )
        _return(books, declaration, last=True)
        if any(amount > 0 for amount in exported):
            _take(books, new, new.draws, "drawn")
        return new

    def _judged(self, books: Books, declared: Declared) -> Verdict:
        register = Register(by_number=partial(books.get, Licence), of_exporter=partial(books.of_organisation, Licence))
        return judge(declared, self.law, register, books.at)


def _how(state: str) -> Hold:
    return "reserved" if state == "held" else "drawn"


def _by_licence(draws: Iterable[Drawn]) -> dict[str, list[Drawn]]:
    found: dict[str, list[Drawn]] = {}
    for part in draws:
        found.setdefault(part.licence, []).append(part)
    return found


def _take(books: Books, declaration: Declaration, draws: Iterable[Drawn], how: Hold) -> None:
    day = china_day(declaration.declared.declared_at)
    for number, parts in _by_licence(draws).items():
        licence = books.get(Licence, number)
        assert licence is not None
        books.put(draw(licence, parts, how, declaration.id, first=True, day=day))


def _return(books: Books, declaration: Declaration, *, last: bool) -> None:
    for number, parts in _by_licence(declaration.draws).items():
        licence = books.get(Licence, number)
        assert licence is not None
        books.put(give_back(licence, parts, _how(declaration.state), declaration.id, last=last))


def _part_of(drawn: Drawn, line: Any, exported: Decimal) -> Drawn | None:
    """What of a draw has gone: the quantity in the licence's unit, the value in proportion, rounded up."""
    if exported == 0:
        return None
    if line.quantity == exported or not line.quantity:
        return drawn
    share = exported / line.quantity
    quantity = min(drawn.quantity, (drawn.quantity * share).quantize(Decimal("0.000001"), rounding=ROUND_CEILING))
    value = drawn.value
    if value is not None:
        value = min(value, (value * share).quantize(Decimal("0.01"), rounding=ROUND_CEILING))
    return drawn.model_copy(update={"quantity": quantity, "value": value})
