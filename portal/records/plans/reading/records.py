"""The plan of a case: what it says, and its actions, the worst first."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.orm import aliased

from portal import clock
from portal.extensions import db
from portal.pathway.references import Prefix, read_reference
from portal.pathway.states import OPEN_ACTION_STATES
from portal.queries.rows import Rows
from portal.records.meetings.model import Meeting
from portal.records.people.model import Agency, Team, User
from portal.records.plans.model import Action, Plan, PlanText
from portal.records.plans.vocabulary import ActionPriority, ActionState, PlanPart, PlanState

#: States of an action that is owed no longer although nobody did it.
DROPPED = (ActionState.NOT_NEEDED, ActionState.COVERED)
DONE = (ActionState.DONE, ActionState.CONFIRMED)


def plan_of_case(*, case_id: UUID) -> Plan | None:
    """The plan that runs on a case, else the last one."""
    return db.session.scalar(
        select(Plan)
        .where(Plan.case_id == case_id)
        .order_by((Plan.state == PlanState.RUNNING).desc(), Plan.started_at.desc())
        .limit(1)
    )


def texts_of(*, plan_id: UUID) -> Mapping[PlanPart, Rows]:
    """What a plan says, by part, the latest first: text, not_obtained, said_at, author, agency, meeting."""
    rows = db.session.execute(
        select(
            PlanText.kind,
            PlanText.text,
            PlanText.not_obtained,
            PlanText.said_at,
            User.name.label("author"),
            Agency.name.label("agency"),
            Meeting.reference.label("meeting"),
        )
        .join(User, User.id == PlanText.author_id)
        .join(Agency, Agency.id == PlanText.agency_id)
        .outerjoin(Meeting, Meeting.id == PlanText.meeting_id)
        .where(PlanText.plan_id == plan_id)
        .order_by(PlanText.said_at.desc(), PlanText.id.desc())
    ).all()
    return {part: [row for row in rows if row.kind == part] for part in PlanPart}


def actions_of_case(*, case_id: UUID, states: Sequence[ActionState] = ()) -> Rows:
    """The actions on a case in some states (all, when none are named), the worst first."""
    listed = described().where(Action.case_id == case_id)
    if states:
        listed = listed.where(Action.state.in_(states))
    return db.session.execute(listed.order_by(*worst_first())).all()


def counts_of_case(*, case_id: UUID) -> Mapping[str, int]:
    """How many actions on a case stand in each state."""
    rows = db.session.execute(
        select(Action.state, func.count()).where(Action.case_id == case_id).group_by(Action.state)
    )
    return {row[0]: row[1] for row in rows}


def described() -> Any:
    """Actions with their owner in words."""
    agency = aliased(Agency)
    columns: list[Any] = [
        Action.id,
        Action.reference,
        Action.case_id,
        Action.concern_id,
        Action.category,
        Action.means,
        Action.target,
        Action.what,
        Action.measure,
        Action.priority,
        Action.state,
        Action.due_on,
        Action.blocked_reason,
        Action.done_at,
        Action.done_words,
        Action.effect,
        Action.covered_by,
        User.name.label("owner_person"),
        Team.name.label("owner_team"),
        agency.name.label("owner_agency"),
    ]
    return (
        select(*columns)
        .join(agency, agency.id == Action.owner_agency_id)
        .outerjoin(User, User.id == Action.owner_id)
        .outerjoin(Team, Team.id == Action.owner_team_id)
    )


def worst_first() -> list[Any]:
    """Overdue, then blocked, then by how much it matters and when it is due; what is over comes last."""
    still_owed = Action.state.in_(OPEN_ACTION_STATES)
    overdue = still_owed & (Action.due_on < clock.today())
    rank = case({one.value: one.rank for one in ActionPriority}, value=Action.priority, else_=9)
    return [
        still_owed.desc(),
        overdue.desc(),
        (Action.state == ActionState.BLOCKED).desc(),
        rank,
        Action.due_on,
        Action.id,
    ]


def find_action(*, reference: str) -> Action | None:
    """An action that one may see."""
    known = read_reference(reference, Prefix.ACTION)
    return db.session.scalar(select(Action).where(Action.reference == known)) if known else None
