"""Who asks for access to a case."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.access.principal import Principal
from portal.extensions import db
from portal.records.people.model import Agency, User
from portal.records.requests.model import AccessRequest

Rows = Sequence[Any]  # rows named by their columns

_ASKED = (
    select(
        AccessRequest.id,
        AccessRequest.reason,
        AccessRequest.asked_at,
        AccessRequest.answered_at,
        User.name,
        User.job_title,
        User.phone,
        Agency.name.label("agency"),
    )
    .join(User, User.id == AccessRequest.asked_by)
    .join(Agency, Agency.id == AccessRequest.asked_agency_id)
)


def waiting(*, case_id: UUID) -> Rows:
    """Those whose question on a case is not answered yet, the oldest first."""
    unanswered = AccessRequest.answered_at.is_(None)
    return db.session.execute(
        _ASKED.where(AccessRequest.case_id == case_id, unanswered).order_by(AccessRequest.asked_at)
    ).all()


def one_of(*, case_id: UUID, request_id: UUID) -> Any:
    """One question on a case, answered or not; None when the case has no such."""
    return db.session.execute(
        _ASKED.where(AccessRequest.case_id == case_id, AccessRequest.id == request_id)
    ).one_or_none()


def asked_by(*, person: Principal, case_id: UUID) -> Rows:
    """What a person asked on a case and what was answered, the newest first."""
    return db.session.execute(
        select(
            AccessRequest.asked_at,
            AccessRequest.reason,
            AccessRequest.answered_at,
            AccessRequest.granted,
            AccessRequest.answer,
        )
        .where(AccessRequest.case_id == case_id, AccessRequest.asked_by == person.user_id)
        .order_by(AccessRequest.asked_at.desc())
    ).all()
