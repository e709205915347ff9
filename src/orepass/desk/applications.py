"""Applications as they come in: filled from products, or from the licence that they amend; about licences of one's own alone."""

from __future__ import annotations

from orepass.errors import BadInput, NotFound
from orepass.licences.application import Application, Changes, Good
from orepass.licences.case import Actor, Case, Product
from orepass.licences.facts import kinds
from orepass.licences.licence import Licence
from orepass.store.ledger import Books


def filled(books: Books, actor: Actor, application: Application) -> Application:
    """An application with what its products, or the licence that it amends, say for it.

    Raises
    ------
    NotFound
        When a product is not the organisation's.
    """
    if kinds()[application.kind].gives == "amendment":
        return _amended(books, application)
    goods: list[Good] = []
    for place, good in enumerate(application.goods, 1):
        if good.product is None:
            goods.append(good)
            continue
        product = books.get(Product, good.product)
        if product is None or product.organisation != actor.organisation:
            raise NotFound(f"Good {place}: there is no product {good.product!r}.")
        goods.append(
            good.model_copy(
                update={
                    "description": good.description or product.description,
                    "hs": good.hs or product.hs,
                    "entry": good.entry or product.entry,
                    "facts": {**product.facts, **good.facts},
                }
            )
        )
    return application.model_copy(update={"goods": tuple(goods)})


def own_licence(books: Books, actor: Actor, application: Application) -> None:
    """See that a case is about a licence of its own organisation."""
    wants = kinds()[application.kind].gives == "amendment"
    if wants and not application.licence:
        raise BadInput("the licence to amend is not named", where="field licence", expected="its number")
    if application.licence and not wants:
        raise BadInput(
            "only an amendment names a licence",
            where="field licence",
            remedy="use replaces for one that is handed back",
        )
    for number in (application.licence, application.replaces):
        if number is not None:
            licence = books.get(Licence, number)
            if licence is None or licence.organisation != actor.organisation:
                raise NotFound(f"There is no licence {number!r}.")


def _amended(books: Books, application: Application) -> Application:
    """The application of an amendment: the licence's goods, parties and use with the changes made, so that all of it is judged again."""
    licence = books.get(Licence, application.licence or "")
    first = books.get(Case, licence.case) if licence is not None else None
    if licence is None or first is None:
        return application
    changes = application.changes or Changes()
    lines = {part.line: part for part in licence.allowances}
    goods: list[Good] = []
    for place, (line, part) in enumerate(lines.items()):
        amounts = {"quantity": part.quantity, "value": part.value}
        for name, given in (("quantity", changes.quantity), ("value", changes.value)):
            if given is not None and place < len(given):
                amounts[name] = given[place]
        goods.append(first.application.goods[line - 1].model_copy(update=amounts))
    parties = licence.parties
    if changes.consignee is not None:
        parties = (*(party for party in parties if party.role != "consignee"), changes.consignee)
    whole = {"goods": tuple(goods), "parties": parties, "to": licence.to, "end_use": first.application.end_use}
    return application.model_copy(update={**whole, "via": first.application.via, "act": first.application.act})
