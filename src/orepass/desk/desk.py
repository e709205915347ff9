"""The desk: what accounts do with cases, papers, products and licences. Every act is one deed of the ledger, with its journal entry."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel
from sqlalchemy import select

from orepass.desk.applications import filled, own_licence
from orepass.desk.views import Looking, seen
from orepass.determination.transaction import a_day
from orepass.errors import BadInput, NotAllowed, NotFound, NotPossible
from orepass.law.timeline import Law
from orepass.licences import bodies, procedure
from orepass.licences.application import Application
from orepass.licences.case import Actor, Case, Check, Product
from orepass.licences.clock import ClockReading, clock_of
from orepass.licences.determined import Again, again, make
from orepass.licences.facts import china_day, machines, paper_kinds
from orepass.licences.guards import Scene
from orepass.licences.licence import Licence
from orepass.licences.licence_guards import LicenceScene
from orepass.licences.licence_moves import move_licence
from orepass.licences.types import Part
from orepass.store import tables
from orepass.store.database import reading
from orepass.store.journal import Entry, sha256
from orepass.store.ledger import Books, Ledger

B = TypeVar("B", bound=BaseModel)
OTHER_PAPER = "other"


class Listed(NamedTuple):
    """A page of a list: records, and the id after which the next page begins, or ``None``."""

    records: list[Any]
    next: str | None


class Desk:
    """A licence desk over a ledger.

    Parameters
    ----------
    ledger
        Where everything is kept.
    law
        The law that cases are judged by.
    """

    def __init__(self, ledger: Ledger, law: Law) -> None:
        self.ledger = ledger
        self.law = law

    # products

    def add_product(self, actor: Actor, product: dict[str, Any]) -> Product:
        """Keep a product for later applications.

        Raises
        ------
        NotAllowed
            When the account is no exporter's.
        """
        _takes(actor, "exporter", "keep products")

        def deed(books: Books) -> Product:
            number = f"P{books.next_seq:06}"
            made = Product.model_validate(
                {**product, "id": number, "organisation": actor.organisation, "made_at": books.at}
            )
            books.put(made)
            books.enter(actor, "product.add", number, product)
            return made

        return self.ledger.write(deed)

    def products(self, actor: Actor) -> list[Product]:
        """The products of the account's organisation."""
        _takes(actor, "exporter", "keep products")
        return self.ledger.read(lambda books: books.of_organisation(Product, actor.organisation))

    # cases

    def open_case(self, actor: Actor, application: Application) -> Case:
        """Open a case in draft. Goods that name a product take from it what they do not say themselves.

        Raises
        ------
        NotAllowed
            When the account is no exporter's.
        NotFound
            When a product or the licence that it is about is not the organisation's.
        """
        _takes(actor, "exporter", "open a case")

        def deed(books: Books) -> Case:
            whole = filled(books, actor, application)
            own_licence(books, actor, whole)
            case = procedure.opened(whole, actor, books.at, f"C{books.next_seq:06}")
            books.put(case)
            books.enter(actor, "case.open", case.id, {"application": _plain(application)})
            return case

        return self.ledger.write(deed)

    def copy_case(self, actor: Actor, case_id: str, replaces: str | None = None) -> Case:
        """Open a case with the application of an earlier one; papers are filed anew.

        ``replaces``: the licence that is handed back for it, when a key element changes.
        """
        _takes(actor, "exporter", "open a case")
        earlier = self.case(actor, case_id)
        return self.open_case(
            actor, earlier.application.model_copy(update={"copied_from": earlier.id, "replaces": replaces})
        )

    def move_case(self, actor: Actor, case_id: str, name: str, body: bodies.Body) -> Case:
        """Make a move on a case.

        Raises
        ------
        NotFound
            When there is none of that number for the account.
        NotAllowed, NotPossible, BadInput
            When the move cannot be made; the sentence says why.
        """
        if name == "file":
            raise NotPossible("A paper is filed with its content; use file_paper.")

        def deed(books: Books) -> Case:
            case = self._case(books, actor, case_id)
            given = body
            if isinstance(given, bodies.Change):
                whole = (
                    filled(books, actor, given.application)
                    if actor.organisation == case.organisation
                    else given.application
                )
                given = given.model_copy(update={"application": whole})
            scene = Scene(case, given, actor, books.at, self.law, _licence_of(books, case, name))
            changed = procedure.move_case(name, scene, f"L{books.next_seq:06}")
            for record in (changed.case, *changed.licences):
                books.put(record)
            if isinstance(given, bodies.Discard):
                books.discard_paper(given.sha256)  # after the case was put: it holds the paper no more
            books.enter(actor, f"case.{name}", case.id, _plain(body))
            return changed.case

        return seen(actor, self.ledger.write(deed))

    def file_paper(
        self, actor: Actor, case_id: str, kind: str, title: str, media: str, content: bytes, party: int | None = None
    ) -> Case:
        """File a paper with a case.

        Raises
        ------
        BadInput
            When the kind is unknown, the paper empty, or the party not one of the case.
        """
        if kind not in paper_kinds() and kind != OTHER_PAPER:
            raise BadInput(
                f"{kind!r} is no kind of paper", where="field kind", expected=", ".join([*paper_kinds(), OTHER_PAPER])
            )
        if not content:
            raise BadInput("the paper is empty", where="field file", expected="a file with content")
        body = bodies.File(kind=kind, title=title, sha256=sha256(content), size=len(content), media=media, party=party)

        def deed(books: Books) -> Case:
            case = self._case(books, actor, case_id)
            if party is not None and party > len(case.application.parties):
                raise BadInput(
                    f"there is no party {party}", where="field party", expected=f"1 to {len(case.application.parties)}"
                )
            changed = procedure.move_case("file", Scene(case, body, actor, books.at, self.law, None))
            books.put(changed.case)
            books.paper(body.sha256, content)
            books.enter(actor, "case.file", case.id, _plain(body))
            return changed.case

        return seen(actor, self.ledger.write(deed))

    def paper(self, actor: Actor, case_id: str, sha: str) -> tuple[str, str, bytes]:
        """Title, media type and content of a paper of a case.

        Raises
        ------
        NotFound
            When the case holds no such paper, or it was destroyed.
        """
        case = self.case(actor, case_id)
        for paper in case.papers:
            if paper.sha256 == sha and paper.discarded_at is None:
                with reading(self.ledger.engine) as connection:
                    row = connection.execute(
                        select(tables.papers.c.content).where(tables.papers.c.sha256 == sha)
                    ).first()
                if row is not None:
                    return paper.title, paper.media, bytes(row[0])
        raise NotFound(f"Case {case_id} holds no such paper.")

    def case(self, actor: Actor, case_id: str) -> Case:
        """A case as the account may see it.

        Raises
        ------
        NotFound
            When there is none of that number for the account.
        """
        return seen(actor, self.ledger.read(lambda books: self._case(books, actor, case_id)))

    def cases(self, actor: Actor, state: str | None = None, after: str = "", most: int = 50) -> Listed:
        """Cases that the account may see, the oldest first."""
        looking = Looking.of(actor)
        if state is not None and state not in machines()["case"].states:
            raise BadInput(
                f"{state!r} is no state of a case", where="state", expected=", ".join(machines()["case"].states)
            )
        table = tables.cases
        query = select(table.c.document).where(table.c.id > after).order_by(table.c.id).limit(most + 1)
        if state is not None:
            query = query.where(table.c.state == state)
        if not looking.cases_of_others:
            query = query.where(table.c.organisation == actor.organisation)
        elif not looking.drafts_of_others:
            query = query.where((table.c.state != "draft") | (table.c.organisation == actor.organisation))
        if not looking.cases:
            return Listed([], None)
        return _page([seen(actor, case) for case in self._all(Case, query)], most)

    def precedents(self, actor: Actor, case_id: str, most: int = 20) -> list[Case]:
        """Ended cases of the same good that the account may see: those with an entry, or a product, in common; the newest first."""
        case = self.case(actor, case_id)
        codes = {code for line in (case.last_determined.lines if case.last_determined else ()) for code in line.codes}
        products = {good.product for good in case.application.goods if good.product}
        table = tables.cases
        same = [table.c.codes.contains(f";{code};", autoescape=True) for code in sorted(codes)]
        same += [table.c.document.contains(f'"product":"{product}"', autoescape=True) for product in sorted(products)]
        if not same:
            return []
        either = same[0]
        for other in same[1:]:
            either = either | other
        ended = sorted(machines()["case"].ended - {"withdrawn"})
        query = select(table.c.document).where(either, table.c.state.in_(ended), table.c.id != case.id)
        if not Looking.of(actor).cases_of_others:
            query = query.where(table.c.organisation == actor.organisation)
        return [seen(actor, one) for one in self._all(Case, query.order_by(table.c.id.desc()).limit(most))]

    def clock(self, case: Case) -> ClockReading | None:
        """The decision clock of a case, now."""
        return clock_of(case, self.law, self.ledger.now())

    def rerun(self, actor: Actor, case_id: str) -> list[Again]:
        """Every determination of a case made again, with the law as it was known then."""
        case = self.case(actor, case_id)
        return [again(found, self.law, self.ledger.now()) for found in case.determined]

    # checks that are kept

    def keep_check(self, actor: Actor, asked: dict[str, Any]) -> Check:
        """Determine a transaction and keep the determination.

        Raises
        ------
        BadInput
            When the transaction cannot be read.
        """

        def deed(books: Books) -> Check:
            on = a_day(asked.get("date"), "date")
            known = a_day(asked["known"], "known") if asked.get("known") else china_day(books.at)
            found = make(asked, self.law, books.at, on, known)
            check = Check(id=f"K{books.next_seq:06}", organisation=actor.organisation, determined=found)
            books.put(check)
            books.enter(actor, "check.keep", check.id, {})
            return check

        return self.ledger.write(deed)

    def check_again(self, actor: Actor, number: str) -> Again:
        """A kept determination made again, with the law as it was known then.

        Raises
        ------
        NotFound
            When the organisation kept none of that number.
        """
        check = self.ledger.read(lambda books: books.get(Check, number))
        if check is None or (check.organisation != actor.organisation and "auditor" not in actor.roles):
            raise NotFound(f"There is no check {number!r}.")
        return again(check.determined, self.law, self.ledger.now())

    # licences

    def licence(self, actor: Actor, number: str) -> Licence:
        """A licence that the account may see.

        Raises
        ------
        NotFound
            When there is none of that number for the account.
        """
        return self.ledger.read(lambda books: _licence(books, actor, number))

    def licences(self, actor: Actor, after: str = "", most: int = 50) -> Listed:
        """Licences that the account may see."""
        looking = Looking.of(actor)
        table = tables.licences
        query = select(table.c.document).where(table.c.id > after).order_by(table.c.id).limit(most + 1)
        if not looking.licences_of_others:
            query = query.where(table.c.organisation == actor.organisation)
        return _page(self._all(Licence, query), most)

    def move_licence(self, actor: Actor, number: str, name: str, body: bodies.Body) -> Licence:
        """Make a move on a licence.

        Raises
        ------
        NotFound, NotAllowed, NotPossible
            As :meth:`move_case`.
        """

        def deed(books: Books) -> Licence:
            licence = _licence(books, actor, number)
            changing = books.open_case_about(number)
            moved = move_licence(name, LicenceScene(licence, body, actor, books.at, changing))
            books.put(moved)
            books.enter(actor, f"licence.{name}", number, _plain(body))
            return moved

        return self.ledger.write(deed)

    # the journal

    def journal(self, actor: Actor, after: int = 0, most: int = 100, subject: str | None = None) -> list[Entry]:
        """Entries of the journal, for auditors; of one thing when it is named."""
        _takes(actor, "auditor", "read the journal")
        table = tables.journal
        query = select(table).where(table.c.seq > after).order_by(table.c.seq).limit(most)
        if subject is not None:
            query = query.where(table.c.subject == subject)
        with reading(self.ledger.engine) as connection:
            return [Entry(*row) for row in connection.execute(query)]

    def history(self, actor: Actor, case_id: str) -> list[Entry]:
        """What was done with a case, for whoever may see it; an applicant sees its own acts and those told to it."""
        case = self.case(actor, case_id)
        with reading(self.ledger.engine) as connection:
            table = tables.journal
            rows = connection.execute(select(table).where(table.c.subject == case.id).order_by(table.c.seq))
            entries = [Entry(*row) for row in rows]
        if Looking.of(actor).cases_of_others:
            return entries
        inside = {"case.flag", "case.unflag", "case.advise", "case.countersign"}
        return [entry for entry in entries if entry.act not in inside]

    # inside

    def _case(self, books: Books, actor: Actor, case_id: str) -> Case:
        case = books.get(Case, case_id)
        if case is None or not Looking.of(actor).sees_case(case):
            raise NotFound(f"There is no case {case_id!r}.")
        return case

    def _all(self, type_: type[B], query: Any) -> list[B]:
        with reading(self.ledger.engine) as connection:
            return [type_.model_validate_json(row[0]) for row in connection.execute(query)]


def _page(records: list[Any], most: int) -> Listed:
    more = len(records) > most
    kept = records[:most]
    return Listed(kept, kept[-1].id if more else None)


def _takes(actor: Actor, role: str, deed: str) -> None:
    if role not in actor.roles:
        raise NotAllowed(
            f"To {deed} takes the role {role}; {actor.account} is {', '.join(sorted(actor.roles)) or 'without a role'}."
        )


def _licence(books: Books, actor: Actor, number: str) -> Licence:
    licence = books.get(Licence, number)
    if licence is None or not Looking.of(actor).sees_licence(licence):
        raise NotFound(f"There is no licence {number!r}.")
    return licence


def _licence_of(books: Books, case: Case, move: str) -> Licence | None:
    number = case.application.licence or case.application.replaces
    if move == "discard" and case.decision is not None:
        number = case.decision.licence
    return books.get(Licence, number) if number else None


def _plain(body: Part) -> dict[str, Any]:
    """What was told, as the journal keeps it."""
    return body.model_dump(mode="json", by_alias=True, exclude_none=True)
