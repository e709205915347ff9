"""A move on a licence: checked against the table, then made."""

from __future__ import annotations

from typing import cast

from orepass.errors import NotPossible
from orepass.licences import bodies, licence_guards, moves
from orepass.licences.licence import Licence, LicenceState, Registered, Report
from orepass.licences.licence_guards import LicenceScene


def move_licence(name: str, scene: LicenceScene) -> Licence:
    """Make a move on a licence.

    Raises
    ------
    NotAllowed, NotPossible
        As :func:`move_case`.
    """
    licence = scene.licence
    move = moves.find("licence", name)
    moves.permit(move, scene.actor, licence.organisation)
    moves.leaves(move, licence.state, f"Licence {licence.id}")
    if scene.body.version is not None and scene.body.version != licence.version:
        raise NotPossible(
            f"Licence {licence.id} has changed since you saw version {scene.body.version}; it is at {licence.version}: look again."
        )
    for need in move.needs:
        against = licence_guards.guard(need)(scene)
        if against:
            raise NotPossible(against)
    body = scene.body
    if isinstance(body, bodies.Register):
        export = Registered(
            id=len(licence.registered) + 1,
            at=scene.at,
            line=body.line,
            quantity=body.quantity,
            end_user=body.end_user,
            to=body.to,
        )
        return licence.with_(registered=(*licence.registered, export))
    if isinstance(body, bodies.Tell):
        report = Report(at=scene.at, by=scene.actor.account, what=body.what, text=body.text)
        return licence.with_(reports=(*licence.reports, report))
    state = cast("LicenceState", move.target)
    return licence.turned(state, scene.at, scene.actor.account, str(getattr(body, "reason", "")))
