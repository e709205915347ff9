"""What the pages call things: outcomes as sentences, states, roles. The English texts are the keys of the catalogue."""

from __future__ import annotations

from orepass.determination.words import CONDITION_WORDS, GRADE_WORDS, OUTCOME_WORDS
from orepass.web.pages.catalogue import to_say

OUTCOME_SENTENCES = {
    "prohibited": to_say("This export is prohibited."),
    "refusal_presumed": to_say("This needs a licence, and in principle none is given."),
    "licence_required": to_say("This needs an export licence."),
    "law_unknown": to_say("The law of that day is not known, so nobody can say."),
    "needs_facts": to_say("A fact is missing before anyone can say."),
    "exempt": to_say("This is exempt: no licence is needed."),
    "not_controlled": to_say("This is not controlled: no licence is needed."),
}
OUTCOMES_SHORT = {
    "prohibited": to_say("prohibited"),
    "refusal_presumed": to_say("licence, refused in principle"),
    "licence_required": to_say("licence required"),
    "law_unknown": to_say("law not known"),
    "needs_facts": to_say("fact missing"),
    "exempt": to_say("exempt"),
    "not_controlled": to_say("not controlled"),
    "unreadable": to_say("could not be read"),
}
STATES = {
    "in_force": to_say("in force"),
    "suspended": to_say("suspended"),
    "announced": to_say("announced"),
    "repealed": to_say("repealed"),
    "stopped": to_say("stopped"),
    "unknown": to_say("not known"),
    "absent": to_say("not there"),
}
LISTS = {
    "control": to_say("control list"),
    "watch": to_say("watch list"),
    "unreliable": to_say("unreliable entity list"),
    "dual_use": to_say("dual-use control list"),
}
ROLES = {
    "consignee": to_say("consignee"),
    "importer": to_say("importer"),
    "end_user": to_say("end user"),
    "exporter": to_say("exporter"),
    "intermediary": to_say("intermediary"),
    "carrier": to_say("carrier"),
    "notify": to_say("notify party"),
    "officer": to_say("officer"),
    "countersigner": to_say("countersigner"),
    "customs": to_say("customs"),
    "auditor": to_say("auditor"),
}
ANSWERS = {"yes": to_say("yes"), "no": to_say("no"), "true": to_say("yes"), "false": to_say("no")}
WORDS = {**OUTCOMES_SHORT, **STATES, **LISTS, **ROLES, **ANSWERS}
"""A word of a closed set, by the name that documents carry."""
SAID_ELSEWHERE = (*OUTCOME_WORDS.values(), *CONDITION_WORDS.values(), *GRADE_WORDS.values())
"""Texts of other rooms that the pages say too."""
