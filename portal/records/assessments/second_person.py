"""Who answers for a level beside whoever concluded it: the second person, and whoever signs off."""

from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select

from portal import clock
from portal.access.principal import Principal
from portal.deadlines.changes import (
    Owner,
    finish_deadlines,
    open_deadline,
)
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.telling import NOBODY, tell, to_people
from portal.messages.vocabulary import Ground
from portal.pathway.states import OPEN_MEETING_STATES
from portal.policy import current_policy
from portal.records.assessments.lifecycle import about_assessment
from portal.records.assessments.model import RiskAssessment
from portal.records.assessments.vocabulary import (
    SECOND_ANSWERED,
    SECOND_ASKED,
    SIGN_OFF_LACKS,
    SIGN_OFF_REFUSED,
)
from portal.records.cases.model import AccessGrant, Case, Involvement
from portal.records.meetings.model import Meeting, MeetingCase
from portal.records.people.model import Team, User
from portal.reminders.receivers import holds
from portal.vocabulary import Role, Sensitivity


def ask_to_agree(*, actor: Principal, case: Case, assessment: RiskAssessment) -> None:
    """Tell everybody who may agree that a lower level waits for a second person, and start its clock."""
    wrote = {assessment.assessor_id, assessment.concluded_by}
    managers = [one for one in managers_of_lead(case) if one not in wrote]
    chairs = [one for one in _chairs(case) if one not in wrote]
    open_deadline(
        kind=DeadlineKind.LEVEL_SECOND,
        subject=assessment,
        owner=_owner(case, [*managers, *chairs]),
        started_at=assessment.concluded_at,
        policy=current_policy(case.authority),
    )
    given = {Ground.SECOND: to_people(*managers, *chairs)}
    about, once = about_assessment(assessment), str(assessment.version)
    tell(actor=actor, event=SECOND_ASKED, about=about, given=given, once=once)


def tell_of_answer(*, actor: Principal, assessment: RiskAssessment) -> None:
    """The second person answered: the duty is done, and whoever wrote or concluded it hears."""
    finish_deadlines(subject=assessment, kind=DeadlineKind.LEVEL_SECOND)
    given = {Ground.ASKER: to_people(assessment.assessor_id, assessment.concluded_by)}
    about, once = about_assessment(assessment), str(assessment.version)
    tell(actor=actor, event=SECOND_ANSWERED, about=about, given=given, once=once)


def who_signs_off(*, case: Case, assessment: RiskAssessment) -> Owner:
    """The manager of the team that leads the case, where that is not whoever wrote or concluded it."""
    wrote = {assessment.assessor_id, assessment.concluded_by}
    able = [one for one in managers_of_lead(case) if one not in wrote]
    # Whoever agreed to a lower level has read it: where there is another manager, that one does.
    return _owner(case, sorted(able, key=lambda one: one == assessment.second_id))


def tell_if_nobody_signs_off(*, actor: Principal, case: Case, assessment: RiskAssessment) -> None:
    """Nobody of the agency that leads who may sign an assessment off reads the case: the hub hears so, which
    names a manager on it, and of a closely held case whoever is named there.
    """
    if who_signs_off(case=case, assessment=assessment).user_id not in managers_of_lead(case):
        given = {Ground.HUB: NOBODY} if case.sensitivity == Sensitivity.SEALED else {}
        tell(actor=actor, event=SIGN_OFF_LACKS, about=about_assessment(assessment), given=given)


def tell_of_refusal(*, actor: Principal, assessment: RiskAssessment) -> None:
    """A manager did not sign an assessment off: whoever wrote or concluded it, and leads, looks again."""
    given = {Ground.ASKER: to_people(assessment.assessor_id, assessment.concluded_by)}
    tell(actor=actor, event=SIGN_OFF_REFUSED, about=about_assessment(assessment), given=given)


def managers_of_lead(case: Case) -> list[UUID]:
    """The managers of the agency that leads who read the case: those of its teams on the case first.

    On a case that is held closely they read it by name, or not at all.
    """
    on_it = (
        select(Team.manager_id)
        .join(Involvement, Involvement.team_id == Team.id)
        .where(
            Involvement.case_id == case.id,
            Involvement.agency_id == case.lead_agency_id,
            Involvement.ended_at.is_(None),
        )
    )
    reads: ColumnElement[bool] = User.id.in_(_named(case))
    if case.sensitivity == Sensitivity.NORMAL:
        reads = or_(reads, on_it.exists())
    of_its_teams = User.id.in_(on_it.where(Team.manager_id.is_not(None)))
    return list(
        db.session.scalars(
            select(User.id)
            .where(User.agency_id == case.lead_agency_id, User.active, holds(Role.MANAGER), reads)
            .order_by(of_its_teams.desc(), User.name)
        )
    )


def _owner(case: Case, able: list[UUID]) -> Owner:
    """The first who can; else the agency that leads, but of a sealed case only its people may know."""
    if able:
        return Owner(user_id=able[0])
    if case.sensitivity == Sensitivity.SEALED and case.lead_professional_id:
        return Owner(user_id=case.lead_professional_id)
    return Owner(agency_id=case.lead_agency_id)


def _named(case: Case) -> Select[UUID]:
    return select(AccessGrant.user_id).where(
        AccessGrant.case_id == case.id,
        or_(AccessGrant.ends_at.is_(None), AccessGrant.ends_at > clock.now()),
    )


def _chairs(case: Case) -> list[UUID]:
    """Whoever chairs a meeting on the case that is not over."""
    return list(
        db.session.scalars(
            select(Meeting.chair_id)
            .join(MeetingCase, MeetingCase.meeting_id == Meeting.id)
            .where(MeetingCase.case_id == case.id, Meeting.state.in_(OPEN_MEETING_STATES))
            .distinct()
        )
    )
