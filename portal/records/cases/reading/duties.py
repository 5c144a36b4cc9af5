"""What falls due on the cases that an agency leads: one line for each duty, the first due first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, false, func, select, true, tuple_

from portal.access.principal import Principal
from portal.extensions import db
from portal.labelled import Labelled
from portal.models.deadlines import Deadline
from portal.pathway.states import OPEN_ASSESSMENT_STATES
from portal.queries import paging
from portal.records.assessments.model import RiskAssessment
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.people.model import Agency, Team, User
from portal.records.safety_plans.model import SafetyPlan
from portal.records.safety_plans.vocabulary import SafetyPlanState
from portal.vocabulary.deadlines import DeadlineKind, DeadlineState

PAGE = 50
Rows = Sequence[Any]  # rows named by their columns


class Falling(Labelled):
    """What falls due."""

    FINALISE = "finalise", "Assessments to finalise"
    SIGN_OFF = "sign_off", "Assessments to sign off"
    SAFETY_PLANS = "safety_plans", "Safety plans that run out"
    TRANSITION = "transition", "Young people who turn 18"


KINDS: dict[Falling, tuple[DeadlineKind, ...]] = {
    Falling.FINALISE: (DeadlineKind.ASSESSMENT,),
    Falling.SIGN_OFF: (DeadlineKind.SIGN_OFF,),
    Falling.SAFETY_PLANS: (DeadlineKind.SAFETY_PLAN,),
    Falling.TRANSITION: (DeadlineKind.TRANSITION_PROMPT, DeadlineKind.TRANSITION_PLAN),
}


@dataclass(frozen=True)
class Cursor(paging.Cursor):
    """The line after which the next page begins."""

    due_at: datetime
    id: UUID


def falling_due(
    *, person: Principal, what: Falling, after: Cursor | None = None, limit: int = PAGE
) -> tuple[Rows, Cursor | None]:
    """What falls due on the cases that the person's agency leads and that they read, and where the next page
    begins.
    """
    found = (
        _lines(
            person,
            what,
            Deadline.id,
            Deadline.kind,
            Deadline.due_at,
            Deadline.original_due_at,
            Deadline.confirmed,
            Case.reference,
            Case.level,
            Child.given_name,
            Child.family_name,
            Child.dob,
            Child.dob_is_estimate,
            func.coalesce(User.name, Team.name, Agency.name).label("owner"),
            _assessment(what).label("assessment"),
            _safety_plan(what).label("safety_plan"),
        )
        .join(Child, Child.id == Case.child_id)
        .outerjoin(User, User.id == Deadline.owner_id)
        .outerjoin(Team, Team.id == Deadline.owner_team_id)
        .outerjoin(Agency, Agency.id == Deadline.owner_agency_id)
        .order_by(Deadline.due_at, Deadline.id)
        .limit(limit + 1)
    )
    if after is not None:
        found = found.where(tuple_(Deadline.due_at, Deadline.id) > (after.due_at, after.id))
    rows = db.session.execute(found).all()
    kept = rows[:limit]
    return kept, Cursor(kept[-1].due_at, kept[-1].id) if len(rows) > limit else None


def waiting_for(person: Principal, what: Falling) -> Select[Any]:
    """The duties of one sort: for the page of the workspace."""
    return _lines(person, what, Deadline.id)


def _lines(person: Principal, what: Falling, *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(Deadline)
        .join(Case, Case.id == Deadline.case_id)
        .where(
            Deadline.state == DeadlineState.OPEN,
            Deadline.kind.in_(KINDS[what]),
            Case.lead_agency_id == person.agency_id,
        )
    )


def _assessment(what: Falling) -> Any:
    """The assessment that is to be finalised, where somebody has begun it, or the one to be signed off."""
    found = select(RiskAssessment.reference).correlate(Deadline, Case)
    if what is Falling.SIGN_OFF:
        return found.where(RiskAssessment.id == Deadline.subject_id).scalar_subquery()
    return found.where(
        RiskAssessment.case_id == Case.id, RiskAssessment.state.in_(OPEN_ASSESSMENT_STATES)
    ).scalar_subquery()


def _safety_plan(what: Falling) -> Any:
    return (
        select(SafetyPlan.reference)
        .where(
            SafetyPlan.case_id == Case.id,
            SafetyPlan.state == SafetyPlanState.IN_FORCE,
            true() if what is Falling.SAFETY_PLANS else false(),
        )
        .correlate(Case)
        .scalar_subquery()
    )
