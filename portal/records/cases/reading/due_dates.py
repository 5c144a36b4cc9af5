"""When the duties of a case are due, and every time that one was moved."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from portal.extensions import db
from portal.models.deadlines import Deadline, DeadlineChange
from portal.records.cases.model import Case
from portal.records.people.model import Agency, Team, User
from portal.vocabulary.deadlines import DeadlineState

Rows = Sequence[Any]  # rows named by their columns
ENDED = 20


def find_due_date(*, case_id: UUID, deadline_id: UUID) -> Deadline | None:
    """An open duty of a case itself, if one may see it."""
    return db.session.scalar(
        select(Deadline).where(
            Deadline.id == deadline_id,
            Deadline.case_id == case_id,
            Deadline.subject_kind == Case.__tablename__,
            Deadline.state == DeadlineState.OPEN,
        )
    )


def of_case(*, case_id: UUID, open_ones: bool = True) -> Rows:
    """The duties of a case itself: the open ones, earliest first, or those that ended, latest first."""
    owner = func.coalesce(User.name, Team.name, Agency.name).label("owner")
    found = (
        select(
            Deadline.id,
            Deadline.kind,
            Deadline.state,
            Deadline.due_at,
            Deadline.original_due_at,
            Deadline.started_at,
            Deadline.ended_at,
            Deadline.source,
            Deadline.confirmed,
            Deadline.policy_version,
            owner,
        )
        .outerjoin(User, User.id == Deadline.owner_id)
        .outerjoin(Team, Team.id == Deadline.owner_team_id)
        .outerjoin(Agency, Agency.id == Deadline.owner_agency_id)
        .where(Deadline.case_id == case_id, Deadline.subject_kind == Case.__tablename__)
    )
    if open_ones:
        found = found.where(Deadline.state == DeadlineState.OPEN).order_by(Deadline.due_at, Deadline.id)
    else:
        found = found.where(Deadline.state != DeadlineState.OPEN)
        found = found.order_by(Deadline.ended_at.desc(), Deadline.id).limit(ENDED)
    return db.session.execute(found).all()


def changes(*, deadline_ids: Sequence[UUID]) -> Mapping[UUID, list[Any]]:
    """Who moved some duties, when, from when to when and why, in order, by duty."""
    rows = db.session.execute(
        select(
            DeadlineChange.deadline_id,
            DeadlineChange.before,
            DeadlineChange.after,
            DeadlineChange.code,
            DeadlineChange.reason,
            DeadlineChange.changed_at,
            User.name.label("changed_by"),
            Agency.name.label("agency"),
        )
        .outerjoin(User, User.id == DeadlineChange.changed_by)
        .outerjoin(Agency, Agency.id == User.agency_id)
        .where(DeadlineChange.deadline_id.in_(deadline_ids))
        .order_by(DeadlineChange.changed_at, DeadlineChange.id)
    )
    found: dict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.deadline_id].append(row)
    return found
