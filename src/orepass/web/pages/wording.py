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
JOB_STATES = {
    "reading": to_say("The columns are being looked at."),
    "mapped": to_say("Its columns are to be looked over."),
    "waiting": to_say("It waits for its turn."),
    "running": to_say("It is being screened."),
    "done": to_say("Done."),
    "failed": to_say("It could not be screened."),
}
CASE_STATES = {
    "draft": to_say("draft"),
    "submitted": to_say("handed in"),
    "returned": to_say("returned to be completed"),
    "accepted": to_say("accepted, under review"),
    "granted": to_say("granted"),
    "refused": to_say("refused"),
    "answered": to_say("answered"),
    "not_needed": to_say("no licence needed"),
    "withdrawn": to_say("withdrawn"),
}
LICENCE_STATES = {
    "revoked": to_say("revoked"),
    "surrendered": to_say("handed back"),
    "replaced": to_say("replaced"),
    "issued_later": to_say("issued later"),
    "not_yet_valid": to_say("not yet valid"),
    "expired": to_say("expired"),
    "used": to_say("used up"),
}
GATE_STATES = {
    "released": to_say("released"),
    "held": to_say("held"),
    "cancelled": to_say("cancelled"),
    "exported": to_say("exported"),
    "release": to_say("release"),
    "hold": to_say("hold"),
    "refuse": to_say("refuse"),
}
CLOCK_STATES = {
    "on_time": to_say("on time"),
    "at_risk": to_say("at risk"),
    "late": to_say("late"),
    "decided": to_say("decided in time"),
    "decided_late": to_say("decided late"),
    "no_limit": to_say("no time limit"),
}
RECOMMENDED = {
    "grant": to_say("grant"),
    "controlled": to_say("controlled"),
    "expert_opinion": to_say("expert opinion"),
    "technical_identification": to_say("technical identification"),
    "site_check": to_say("on-site check"),
    "question": to_say("question to the applicant"),
    "doubt": to_say("doubt"),
    "referred": to_say("referred to another authority"),
    "shipment": to_say("shipment"),
    "arrival": to_say("arrival"),
    "installation": to_say("installation"),
    "use": to_say("use"),
    "change_of_end_user": to_say("change of end user"),
    "change_of_end_use": to_say("change of end use"),
    "false_certificate": to_say("false certificate"),
}
WORDS = {
    **OUTCOMES_SHORT,
    **STATES,
    **LISTS,
    **ROLES,
    **ANSWERS,
    **CASE_STATES,
    **LICENCE_STATES,
    **GATE_STATES,
    **CLOCK_STATES,
    **RECOMMENDED,
}
"""A word of a closed set, by the name that documents carry."""
SAID_ELSEWHERE = (*OUTCOME_WORDS.values(), *CONDITION_WORDS.values(), *GRADE_WORDS.values())
"""Texts of other rooms that the pages say too."""
