"""The shared list of missing children: who is missing now, who came back, what is outstanding."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, func, select, union_all
from sqlalchemy.orm import aliased

from portal import clock
from portal.extensions import db
from portal.models.deadlines import Deadline
from portal.policy import current_policy
from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode, MissingPrompt
from portal.records.missing.policy import Missing
from portal.records.missing.reading.records import MOST, counted_statuses, who
from portal.records.missing.rules import WINDOWS, days_before
from portal.records.people.model import Agency, Team, User
from portal.vocabulary.deadlines import DeadlineState

Rows = Sequence[Any]  # rows named by their columns


def now_missing(*, limit: int = MOST) -> Rows:
    """The children who are missing now, the longest first."""
    return db.session.execute(
        _running(*_list_columns())
        .outerjoin(Child, Child.id == MissingEpisode.child_id)
        .order_by(MissingEpisode.missing_since, MissingEpisode.id)
        .limit(limit)
    ).all()


def recently_returned(*, limit: int = MOST) -> Rows:
    """The children who came back lately (policy `missing.recent`), the latest first."""
    since = clock.now() - timedelta(days=current_policy().of(Missing).recent.value)
    return db.session.execute(
        select(*_list_columns())
        .select_from(MissingEpisode)
        .outerjoin(Child, Child.id == MissingEpisode.child_id)
        .where(MissingEpisode.returned_at >= since, MissingEpisode.withdrawn_at.is_(None))
        .order_by(MissingEpisode.returned_at.desc(), MissingEpisode.id.desc())
        .limit(limit)
    ).all()


def without_prevention(*, limit: int = MOST) -> Rows:
    """Children who are back and whom the police have not talked with yet, the longest wait first."""
    return db.session.execute(
        _without_prevention(*_list_columns())
        .outerjoin(Child, Child.id == MissingEpisode.child_id)
        .order_by(MissingEpisode.returned_at, MissingEpisode.id)
        .limit(limit)
    ).all()


def waiting_for_police() -> Select[Any]:
    """What waits for the police: children who are missing now, and talks with those who are back."""
    return _both(_running(MissingEpisode.id), _without_prevention(MissingEpisode.id))


def waiting_for_social_care() -> Select[Any]:
    """What waits for social care: children who are missing now, and what repeated episodes ask."""
    asking = select(MissingPrompt.id).where(
        MissingPrompt.answered_at.is_(None), MissingPrompt.fell_away_at.is_(None)
    )
    return _both(_running(MissingEpisode.id), asking)


def undecided(*, limit: int = MOST) -> Rows:
    """Children whose repeated episodes ask for a decision, the earliest due first."""
    owner = func.coalesce(User.name, Team.name, Agency.name)
    return db.session.execute(
        select(
            MissingPrompt.reference,
            MissingPrompt.prompted_at,
            func.cardinality(MissingPrompt.episode_ids).label("episodes"),
            *who(),
            MissingEpisode.reported_name,
            Deadline.due_at,
            Deadline.original_due_at,
            owner.label("owner"),
        )
        .select_from(MissingPrompt)
        .outerjoin(Child, Child.id == MissingPrompt.child_id)
        .outerjoin(MissingEpisode, MissingEpisode.reference == MissingPrompt.reference)
        .outerjoin(
            Deadline,
            (Deadline.subject_id == MissingPrompt.id)
            & (Deadline.subject_kind == MissingPrompt.__tablename__)
            & (Deadline.state == DeadlineState.OPEN),
        )
        .outerjoin(User, User.id == Deadline.owner_id)
        .outerjoin(Team, Team.id == Deadline.owner_team_id)
        .outerjoin(Agency, Agency.id == Deadline.owner_agency_id)
        .where(MissingPrompt.answered_at.is_(None), MissingPrompt.fell_away_at.is_(None))
        .order_by(Deadline.due_at, MissingPrompt.prompted_at, MissingPrompt.id)
        .limit(limit)
    ).all()


def _list_columns() -> tuple[Any, ...]:
    same = aliased(MissingEpisode)
    in_a_month = (
        select(func.count())
        .select_from(same)
        .where(
            same.child_id == MissingEpisode.child_id,
            same.withdrawn_at.is_(None),
            same.status.in_(counted_statuses()),
            same.missing_since >= days_before(clock.now(), WINDOWS[0]),
        )
        .correlate(MissingEpisode)
        .scalar_subquery()
    )
    return (
        MissingEpisode.child_id,
        MissingEpisode.reference,
        MissingEpisode.reported_name,
        MissingEpisode.reported_dob,
        MissingEpisode.status,
        MissingEpisode.missing_since,
        MissingEpisode.returned_at,
        MissingEpisode.missing_from,
        MissingEpisode.how_found,
        MissingEpisode.grade,
        MissingEpisode.police_reference,
        MissingEpisode.responsible_authority,
        MissingEpisode.host_authority,
        MissingEpisode.prevention_at,
        *who(),
        in_a_month.label("in_a_month"),
    )


def _running(*columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(MissingEpisode)
        .where(MissingEpisode.returned_at.is_(None), MissingEpisode.withdrawn_at.is_(None))
    )


def _without_prevention(*columns: Any) -> Select[Any]:
    """Episodes whose prevention interview is outstanding. After a year none is asked for any more."""
    return (
        select(*columns)
        .select_from(MissingEpisode)
        .where(
            MissingEpisode.returned_at >= days_before(clock.now(), WINDOWS[-1]),
            MissingEpisode.prevention_at.is_(None),
            MissingEpisode.withdrawn_at.is_(None),
        )
    )


def _both(one: Select[Any], other: Select[Any]) -> Select[Any]:
    return select(union_all(one, other).subquery().c.id)
