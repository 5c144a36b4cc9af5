"""Bringing a team that hears of a form onto the case that the form went to."""

from sqlalchemy import select

from portal.access.principal import Principal
from portal.extensions import db
from portal.pathway.states import OPEN_CASE_STATES
from portal.records.cases.involvements import current_involvement
from portal.records.cases.model import Case
from portal.records.cases.opening import add_involvement
from portal.records.children.model import Child
from portal.records.people.model import Team
from portal.records.referrals.model import Referral, ReferralChild
from portal.records.referrals.sending import recognised, subjects_of
from portal.records.referrals.third_party_check import refuse_naming_others
from portal.records.triage.model import TriageDecision
from portal.services.errors import DomainError


def cases_of(*, referral: Referral) -> list[tuple[Case, str]]:
    """The open cases that a form went to, and those of the children on it, each with the child's name."""
    decided = select(TriageDecision.case_id).where(
        TriageDecision.referral_id == referral.id, TriageDecision.reopened_at.is_(None)
    )
    children = select(ReferralChild.child_id).where(ReferralChild.referral_id == referral.id)
    found = db.session.execute(
        select(Case, Child.given_name, Child.family_name)
        .join(Child, Child.id == Case.child_id)
        .where(Case.state.in_(OPEN_CASE_STATES), Case.id.in_(decided) | Case.child_id.in_(children))
        .order_by(Case.reference)
    )
    return [(case, f"{given} {family}".strip()) for case, given, family in found]


def join(*, actor: Principal, referral: Referral, case: Case, team: Team, reason: str) -> None:
    """Bring a team onto a case. One that works on it already goes on as it is.

    Raises:
        NamesOthers: the reason, which the team reads, names a child of the form whose case it is not.
        DomainError: there is no reason, or the case is sealed.
    """
    if current_involvement(case, team.id) is not None:
        return
    if not reason.strip():
        raise DomainError("Say why this team is needed on the case", field="reason")
    about = [
        one
        for one in subjects_of(referral=referral)
        if (child := recognised(subject=one)) and child.id == case.child_id
    ]
    refuse_naming_others(text=reason, referral=referral, covered=about, field="reason")
    add_involvement(actor=actor, case=case, team=team, reason=reason)
