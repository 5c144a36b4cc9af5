"""Bringing teams onto the case of a child on a form."""

from collections.abc import Iterable

from sqlalchemy import select, union

from portal.access.principal import Principal
from portal.changes.errors import DomainError, require_text
from portal.extensions import db
from portal.pathway.states import OPEN_CASE_STATES
from portal.queries.rows import NAMED
from portal.records.cases.involvements import current_involvement
from portal.records.cases.model import Case
from portal.records.cases.opening import add_involvement
from portal.records.children.model import Child
from portal.records.people.model import Team
from portal.records.referrals.model import Referral, ReferralChild, ReferralSubject
from portal.records.referrals.third_party_check import check_names_no_others
from portal.records.triage.decision_effects import on_form_about
from portal.records.triage.model import TriageDecision
from portal.vocabulary import Sensitivity


def cases_of(*, referral: Referral, about: Iterable[ReferralSubject] = ()) -> list[tuple[Case, str]]:
    """The open cases that a form went to, and those of the children on it, each with the child's name.

    Args:
        about: what is spoken of: the cases of other children on the form are left out, where that is said.
    """
    decided = select(TriageDecision.case_id).filter_by(referral_id=referral.id, reopened_at=None)
    children = select(ReferralChild.child_id).where(ReferralChild.referral_id == referral.id)
    # each by its index, which an `or` has not
    either = union(decided, select(Case.id).where(Case.child_id.in_(children))).subquery()
    found = db.session.execute(
        select(Case, *NAMED)
        .join(either, either.c[0] == Case.id)
        .join(Child, Child.id == Case.child_id)
        .where(Case.state.in_(OPEN_CASE_STATES))
        .order_by(Case.reference)
    ).all()
    spoken_of = {one.id for one in about}
    others = select(ReferralChild.child_id).where(
        ReferralChild.referral_id == referral.id, ReferralChild.subject_id.not_in(spoken_of)
    )
    left_out = set(db.session.scalars(others)) if spoken_of and found else set()
    return [
        (case, f"{given} {family}".strip()) for case, given, family in found if case.child_id not in left_out
    ]


def join(*, actor: Principal, referral: Referral, case: Case, team: Team, reason: str) -> bool:
    """Bring a team onto a case. One that works on it already goes on as it is.

    Returns:
        whether it joined now.

    Raises:
        NamesOthers: the reason, which the team reads, names a child of the form whose case it is not.
        DomainError: there is no reason, or the case is sealed.
    """
    if case.sensitivity == Sensitivity.SEALED:
        raise DomainError("A sealed case has no teams. Name people on it instead", field="cases")
    if current_involvement(case, team.id) is not None:
        return False
    require_text(reason, "Say why this team is needed on the case", field="reason")
    covered = on_form_about(referral, case)
    check_names_no_others(text=reason, referral=referral, covered=covered, field="reason")
    add_involvement(actor=actor, case=case, team=team, reason=reason)
    return True
