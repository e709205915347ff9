"""The journal, for auditors: every act in order, its signed end, and whether the store agrees with it."""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from orepass.desk.desk import Desk
from orepass.store.verifying import Verified, verify
from orepass.web.guarding import takes
from orepass.web.pages.site import Site
from orepass.web.pages.visiting import Form, SignedIn, Visiting

router = APIRouter(include_in_schema=False)
MOST, LONGEST = 100, 600


@router.get("/journal")
def journal(
    request: Request,
    visitor: Visiting,
    actor: SignedIn,
    after: Annotated[int, Query(ge=0, le=2**53)] = 0,
    subject: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Entries, the oldest first, or those of one thing."""
    return _page(request, visitor, after, subject, None)


@router.post("/journal/verify")
def verified(request: Request, visitor: Visiting, actor: SignedIn, form: Form) -> Response:
    """Check the store against its journal."""
    takes(actor, "auditor")
    return _page(request, visitor, 0, "", verify(request.app.state.desk.ledger.engine))


def _page(request: Request, visitor: Visiting, after: int, subject: str, found: Verified | None) -> Response:
    site: Site = request.app.state.site
    desk: Desk = request.app.state.desk
    assert visitor.actor is not None
    entries = desk.journal(visitor.actor, after, MOST, subject or None)
    return site.page(
        request,
        visitor,
        "journal.html",
        entries=entries,
        told=[json.dumps(json.loads(entry.body), ensure_ascii=False)[:LONGEST] for entry in entries],
        subject=subject,
        next=entries[-1].seq if len(entries) == MOST else None,
        head=desk.ledger.head,
        found=found,
    )
