"""Whether a move can be made: by whom, from which state. The table stands in ``facts/licences/moves.yaml``; nothing else moves anything."""

from __future__ import annotations

from orepass.errors import NotAllowed, NotFound, NotPossible
from orepass.licences.case import Actor
from orepass.licences.facts import Machine, Move, machines

DESK = "desk"
"""The role of what follows by itself from another move."""


def find(of: str, name: str) -> Move:
    """A move of the table.

    Raises
    ------
    NotFound
        When there is none of that name.
    """
    machine = machines()[of]
    if name not in machine.moves:
        raise NotFound(f"A {of} has no move {name!r}; expected one of {', '.join(machine.moves)}.")
    return machine.moves[name]


def permit(move: Move, actor: Actor, organisation: str) -> None:
    """See that an account may make a move on what belongs to an organisation.

    Raises
    ------
    NotAllowed
        When none of its roles may, or the thing is not its organisation's.
    """
    roles = actor.roles & move.by
    if not roles:
        raise NotAllowed(
            f"To {move.says.en} takes the role {' or '.join(sorted(move.by))}; {actor.account} is {_listed(actor.roles)}."
        )
    if move.own and actor.organisation != organisation:
        raise NotAllowed(f"To {move.says.en} is for the organisation that it belongs to.")


def leaves(move: Move, state: str, name: str) -> None:
    """See that a move can be made from a state.

    Raises
    ------
    NotPossible
        When it cannot.
    """
    if state not in move.origins:
        raise NotPossible(
            f"{name} is {_plain(state)}; to {move.says.en} it has to be {' or '.join(map(_plain, _ordered(move)))}."
        )


def possible(of: str, state: str, actor: Actor, organisation: str) -> tuple[str, ...]:
    """The moves that an account could make now, as far as roles and states go."""
    machine = machines()[of]
    return tuple(
        move.name
        for move in machine.moves.values()
        if state in move.origins and actor.roles & move.by and (not move.own or actor.organisation == organisation)
    )


def _ordered(move: Move) -> list[str]:
    machine: Machine = machines()[move.of]
    return [state for state in machine.states if state in move.origins]


def _plain(state: str) -> str:
    return state.replace("_", " ")


def _listed(roles: frozenset[str]) -> str:
    return ", ".join(sorted(roles)) or "without a role"
