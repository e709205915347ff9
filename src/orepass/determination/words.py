"""What outcomes, conditions and grades are called when a person reads them."""

OUTCOME_WORDS = {
    "prohibited": "Prohibited",
    "refusal_presumed": "Licence required, and in principle refused",
    "licence_required": "Licence required",
    "law_unknown": "The law of that day is not known",
    "needs_facts": "A fact is missing",
    "exempt": "Exempt",
    "not_controlled": "Not controlled",
}
CONDITION_WORDS = {
    "apply_for_each_export": "The measures on a party are paused or stopped; each export still needs an application of its own to MOFCOM.",
    "before_first_text": "The day lies before the first law that was read.",
    "beyond_horizon": "The day lies after the last text that was read; the law may have changed since.",
    "case_by_case": "MOFCOM decides case by case.",
    "catch_all": "Listed or not: a licence is needed because of a use or a risk that the exporter knows, should know or is told of.",
    "customs_supervision": "No licence, but the goods stay under customs supervision.",
    "hypothetical": "Answered under an assumed change of the law.",
    "no_decision_clock": "The 45 working days for a decision do not run.",
    "no_entry_found": "No entry of the lists was found for the goods as the row describes them.",
    "other_regime": "A regime beside dual-use control asks for papers of its own.",
    "prohibited_by_other_regime": "A regime beside dual-use control bars it.",
    "registration_possible": "A certificate by registration may do.",
    "report_within_10_working_days": "To be reported within 10 working days after the export.",
    "risk_report": "The application needs a risk-assessment report.",
    "single_licence_only": "Only a single licence can be asked for.",
    "special_approval": "Only by special approval of MOFCOM.",
    "stricter_review": "End user and end use are reviewed more strictly.",
    "third_country_liability": "Whoever passes the goods on from a third country is liable.",
    "written_promise": "The application needs a written promise.",
}
GRADE_WORDS = {
    "primary": "official Chinese text in a captured copy",
    "translation": "a translation",
    "secondary": "a secondary source",
    "inferred": "a reading of ours",
    "assumed": "assumed",
    "unverified": "not verified",
    "general_knowledge": "general knowledge",
}
