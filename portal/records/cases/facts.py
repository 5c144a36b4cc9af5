"""What others ask of a case: who answers for it, and what a message calls it."""

from portal.models.deadlines import Deadline
from portal.records.cases.model import Case
from portal.services.deadlines import (
    Owner,
    open_deadlines,
)
from portal.services.messages import About
from portal.vocabulary.deadlines import DeadlineKind


def owner_of(case: Case) -> Owner:
    """Whoever owed the assessment sees to what follows from it; else whoever leads the case."""
    for duty in open_deadlines(subject=case, kind=DeadlineKind.ASSESSMENT):
        return _same_owner(duty)
    if case.lead_professional_id:
        return Owner(user_id=case.lead_professional_id)
    return Owner(agency_id=case.lead_agency_id)


def _same_owner(duty: Deadline) -> Owner:
    return Owner(duty.owner_id, duty.owner_team_id, duty.owner_agency_id)


def about_case(case: Case) -> About:
    """What a message about a case is about."""
    return About("cre_case", case.id, case.reference, case.id)
