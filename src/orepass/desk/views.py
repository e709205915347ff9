"""Who sees what: an organisation its own, officers what is handed in, customs licences and declarations, auditors everything."""

from __future__ import annotations

from typing import NamedTuple

from orepass.licences.case import Actor, Case
from orepass.licences.declaration import Declaration
from orepass.licences.licence import Licence


class Looking(NamedTuple):
    """What an account may see."""

    organisation: str
    cases: bool
    cases_of_others: bool
    drafts_of_others: bool
    licences_of_others: bool
    declarations_of_others: bool

    @classmethod
    def of(cls, actor: Actor) -> Looking:
        """What the roles of an account let it see."""
        inside = bool(actor.roles & {"officer", "countersigner", "auditor"})
        return cls(
            organisation=actor.organisation,
            cases=inside or "exporter" in actor.roles,
            cases_of_others=inside,
            drafts_of_others="auditor" in actor.roles,
            licences_of_others=inside or "customs" in actor.roles,
            declarations_of_others=inside or "customs" in actor.roles,
        )

    def sees_case(self, case: Case) -> bool:
        """Whether it sees a case; drafts of others are theirs alone, but for auditors."""
        if not self.cases:
            return False
        if case.organisation == self.organisation:
            return True
        return self.cases_of_others and (self.drafts_of_others or case.state != "draft")

    def sees_licence(self, licence: Licence) -> bool:
        """Whether it sees a licence."""
        return self.licences_of_others or licence.organisation == self.organisation

    def sees_declaration(self, declaration: Declaration) -> bool:
        """Whether it sees a declaration."""
        return self.declarations_of_others or declaration.organisation == self.organisation


def seen(actor: Actor, case: Case) -> Case:
    """A case as an account sees it: advice and flags are the authority's own."""
    if Looking.of(actor).cases_of_others:
        return case
    return case.model_copy(update={"advice": (), "flags": ()})
