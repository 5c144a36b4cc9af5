"""Plans and actions, written straight into the tables."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.model import new_id
from portal.pathway.calendar import end_of_day
from portal.pathway.references import Prefix, new_reference
from portal.records.cases.model import Case
from portal.records.concerns.model import Concern
from portal.records.people.model import Team, User
from portal.records.plans.model import Action, ActionNote, ActionStep, Plan, PlanText


def make_plan(rows: Session, case: Case, by: User) -> Plan:
    """The plan that runs on a case, with the child's goal."""
    running = rows.scalar(select(Plan).where(Plan.case_id == case.id))
    if running is not None:
        return running
    plan = Plan(
        id=new_id(),
        reference=new_reference(Prefix.PLAN),
        case_id=case.id,
        state="running",
        started_by=by.id,
        started_at=clock.now(),
        policy_version="test",
    )
    rows.add(plan)
    rows.flush()
    rows.add(
        PlanText(
            id=new_id(),
            plan_id=plan.id,
            case_id=case.id,
            kind="goal",
            text="To play football again",
            author_id=by.id,
            agency_id=by.agency_id,
            said_at=clock.now(),
        )
    )
    rows.commit()
    return plan


def make_action(rows: Session, on: Case | Concern, owner: User | Team, by: User, **facts: Any) -> Action:
    """An action of the case's plan, or on a concern, that its owner still has to do, with its clock."""
    if isinstance(on, Concern):
        subject: dict[str, Any] = {"concern_id": on.id}
    else:
        subject = {"case_id": on.id, "child_id": on.child_id, "plan_id": make_plan(rows, on, by).id}
    values: dict[str, Any] = {
        "category": "protect",
        "what": "Visit the place on Friday evenings",
        "measure": "Nobody is met there",
        "target": "place",
        "priority": "normal",
        "state": "not_started",
        "due_on": clock.today() + timedelta(days=14),
    } | facts
    action = Action(
        id=new_id(),
        reference=new_reference(Prefix.ACTION),
        owner_id=owner.id if isinstance(owner, User) else None,
        owner_team_id=owner.id if isinstance(owner, Team) else None,
        owner_agency_id=owner.agency_id,
        given_by=by.id,
        given_agency_id=by.agency_id,
        given_at=clock.now(),
        policy_version="test",
        **subject,
        **values,
    )
    rows.add(action)
    rows.flush()
    due_at = end_of_day(action.due_on)
    rows.add(
        Deadline(
            id=new_id(),
            kind=DeadlineKind.ACTION,
            subject_kind="action",
            subject_id=action.id,
            case_id=action.case_id,
            concern_id=action.concern_id,
            owner_id=action.owner_id,
            owner_team_id=action.owner_team_id,
            started_at=clock.now(),
            due_at=due_at,
            original_due_at=due_at,
            state=DeadlineState.OPEN,
            source="set by a person",
            confirmed=True,
            policy_version="test",
        )
    )
    rows.commit()
    return action


def make_note(
    rows: Session, action: Action, by: User, handling: str = "network", text: str = "Nobody was there"
) -> ActionNote:
    """What somebody wrote about how an action goes."""
    note = ActionNote(
        id=new_id(),
        action_id=action.id,
        case_id=action.case_id,
        author_id=by.id,
        agency_id=by.agency_id,
        text=text,
        handling=handling,
        written_at=clock.now(),
    )
    rows.add(note)
    rows.commit()
    return note


def make_step(action: Action, by: User) -> ActionStep:
    """A step in the life of an action, not yet written."""
    return ActionStep(
        id=new_id(),
        action_id=action.id,
        case_id=action.case_id,
        kind="started",
        made_by=by.id,
        made_at=clock.now(),
    )
