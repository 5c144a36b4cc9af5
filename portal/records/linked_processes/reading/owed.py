"""What is owed on processes of other services: by an agency, and by a person whose own duty it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, tuple_

from portal.access.principal import Principal
from portal.extensions import db
from portal.pathway.states import OPEN_CASE_STATES
from portal.queries import paging
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.linked_processes.model import LinkedProcess, LinkedStep
from portal.records.linked_processes.vocabulary import LinkedState, LinkedStepState
from portal.records.people.model.agencies import Agency, Team
from portal.records.people.model.people import User

Rows = Sequence[Any]  # rows named by their columns
PAGE = 50

_CHILD = (Child.given_name, Child.family_name, Child.reference.label("child_reference"))


@dataclass(frozen=True)
class Cursor(paging.Cursor):
    """The last step of a page: the next page has later ones."""

    due: datetime
    id: UUID


@dataclass(frozen=True)
class Page:
    """One page of what is owed, the longest overdue first."""

    rows: Rows
    next: Cursor | None


def owed_by(*, agency_id: UUID, after: Cursor | None = None, kind: str = "", limit: int = PAGE) -> Page:
    """What an agency owes on processes of open cases, the longest overdue first.

    Args:
        kind: only of this kind of process.
    """
    listed = (
        select(
            LinkedStep.id,
            LinkedStep.kind.label("step"),
            LinkedStep.due_at,
            LinkedProcess.reference,
            LinkedProcess.kind,
            LinkedProcess.personal,
            func.coalesce(User.name, Team.name, Agency.name).label("owner"),
            Case.reference.label("case_reference"),
            *_CHILD,
        )
        .join(LinkedProcess, LinkedProcess.id == LinkedStep.process_id)
        .join(Case, Case.id == LinkedStep.case_id)
        .join(Child, Child.id == LinkedProcess.child_id)
        .join(Agency, Agency.id == LinkedProcess.owner_agency_id)
        .outerjoin(User, User.id == LinkedProcess.owner_id)
        .outerjoin(Team, Team.id == LinkedProcess.owner_team_id)
        .where(*_owed_by(agency_id))
        .order_by(LinkedStep.due_at, LinkedStep.id)
        .limit(limit + 1)
    )
    if kind:
        listed = listed.where(LinkedProcess.kind == kind)
    if after is not None:
        listed = listed.where(tuple_(LinkedStep.due_at, LinkedStep.id) > tuple_(after.due, after.id))
    rows = db.session.execute(listed).all()
    if len(rows) <= limit:
        return Page(rows, None)
    last = rows[limit - 1]
    return Page(rows[:limit], Cursor(last.due_at, last.id))


def waiting_for(person: Principal) -> Select[Any]:
    """What the person’s agency owes on linked processes, to count."""
    return (
        select(LinkedStep.id)
        .join(Case, Case.id == LinkedStep.case_id)
        .where(*_owed_by(person.agency_id))
        .order_by(LinkedStep.due_at)
    )


def own_reports_waiting(person: Principal) -> Select[Any]:
    """The personal duties that the person has not done, to count."""
    return select(LinkedProcess.id).where(*_own(person), LinkedProcess.state == LinkedState.RUNNING)


def own_reports(*, person: Principal) -> Rows:
    """The personal duties of a person, those still to be done first, each with when it is due."""
    due_at = (
        select(func.min(LinkedStep.due_at))
        .where(LinkedStep.process_id == LinkedProcess.id)
        .correlate(LinkedProcess)
        .scalar_subquery()
    )
    return db.session.execute(
        select(
            LinkedProcess.reference,
            LinkedProcess.kind,
            LinkedProcess.state,
            LinkedProcess.started_at,
            LinkedProcess.ended_at,
            LinkedProcess.their_reference,
            due_at.label("due_at"),
            Case.reference.label("case_reference"),
            *_CHILD,
        )
        .join(Case, Case.id == LinkedProcess.case_id)
        .join(Child, Child.id == LinkedProcess.child_id)
        .where(*_own(person))
        .order_by(LinkedProcess.state != LinkedState.RUNNING, due_at.desc(), LinkedProcess.id)
        .limit(PAGE)
    ).all()


def _own(person: Principal) -> tuple[Any, ...]:
    return (
        LinkedProcess.personal,
        LinkedProcess.owner_agency_id == person.agency_id,
        LinkedProcess.owner_id == person.user_id,
    )


def _owed_by(agency_id: UUID) -> tuple[Any, ...]:
    return (
        LinkedStep.owner_agency_id == agency_id,
        LinkedStep.state == LinkedStepState.OPEN,
        Case.state.in_(OPEN_CASE_STATES),
    )
