"""Who is asked to agree to a lower level, and who signs off: told at once, and owed by a date."""

from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select

from portal import clock
from portal.access.principal import Principal
from portal.extensions import db
from portal.pathway.states import OPEN_MEETING_STATES
from portal.policy import current_policy
from portal.records.assessments.model import RiskAssessment
from portal.records.cases.model import AccessGrant, Case, Involvement
from portal.records.meetings.model import Meeting, MeetingCase
from portal.records.people.model.agencies import Team
from portal.records.people.model.people import User
from portal.reminders.receivers import holds
from portal.services.deadlines import Owner, finish_deadlines, open_deadline
from portal.services.messages import About, tell_people
from portal.vocabulary import Role, Sensitivity
from portal.vocabulary.deadlines import DeadlineKind


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
    tell_people(
        actor=actor,
        kind="agreement_asked",
        about=about_assessment(assessment),
        people={*managers, *chairs},
        once=str(assessment.version),
    )


def tell_of_answer(*, actor: Principal, assessment: RiskAssessment) -> None:
    """The second person answered: the duty is done, and whoever wrote or concluded it hears."""
    finish_deadlines(subject=assessment, kind=DeadlineKind.LEVEL_SECOND)
    wrote = {assessment.assessor_id, assessment.concluded_by} - {None}
    tell_people(
        actor=actor,
        kind="agreement_answered",
        about=about_assessment(assessment),
        people=[one for one in wrote if one],
        once=str(assessment.version),
    )


def who_signs_off(*, case: Case, assessment: RiskAssessment) -> Owner:
    """The manager of the team that leads the case, where that is not whoever wrote or concluded it."""
    wrote = {assessment.assessor_id, assessment.concluded_by}
    return _owner(case, [one for one in managers_of_lead(case) if one not in wrote])


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


def about_assessment(assessment: RiskAssessment) -> About:
    """An assessment as what a message is about."""
    return About("risk_assessment", assessment.id, assessment.reference, assessment.case_id)


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
