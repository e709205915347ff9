"""What must be so before a move on a licence: one small function for each name under ``needs``, as in :mod:`~orepass.licences.guards`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from orepass.licences import bodies
from orepass.licences.case import Actor
from orepass.licences.facts import kinds
from orepass.licences.guards import words
from orepass.licences.licence import Licence


class LicenceScene(NamedTuple):
    """What a move on a licence is judged by. ``changing``: an open case that changes it."""

    licence: Licence
    body: bodies.Body
    actor: Actor
    at: datetime
    changing: str | None


def no_case_changes_it(scene: LicenceScene) -> str | None:
    """No accepted application would change the licence."""
    if scene.changing:
        return (
            f"Case {scene.changing} would change licence {scene.licence.id}; it is decided first (CN-D792 article 18)."
        )
    return None


def nothing_reserved(scene: LicenceScene) -> str | None:
    """No goods under it are held at the gate."""
    if scene.licence.reserves:
        return f"Goods under licence {scene.licence.id} are held at the gate; they are released or taken back first."
    return None


def is_registration(scene: LicenceScene) -> str | None:
    """It is a certificate by registration, and what is registered fits it."""
    licence, body = scene.licence, scene.body
    assert isinstance(body, bodies.Register)
    if not kinds()[licence.kind].registered_first:
        return f"Licence {licence.id} is a {kinds()[licence.kind].name.en}; exports under it are not registered."
    if scene.licence.standing(scene.at) != "in_force":
        return f"Certificate {licence.id} is {words(licence.standing(scene.at))}."
    if body.line > len(licence.allowances):
        return f"Certificate {licence.id} has no good {body.line}."
    if body.quantity <= 0:
        return "The quantity is 0; register what will be exported."
    if body.to != licence.to or body.end_user not in {party.name for party in licence.party("end_user")}:
        return "Destination or end user differ from the certificate: a new registration or a licence is needed (CN-D792 article 19)."
    return None


def reason_given(scene: LicenceScene) -> str | None:
    """A reason is given in words."""
    return None if str(getattr(scene.body, "reason", "")).strip() else "A reason is needed; fill in reason."


def guard(name: str) -> Callable[[Any], str | None]:
    """The guard of a name in the table of moves."""
    found: Callable[[Any], str | None] = globals()[name]
    return found
