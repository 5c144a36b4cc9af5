"""The cases of one child with their alerts, as far as the reader reaches them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import JSON, aggregate_order_by
from sqlalchemy.orm import aliased

from portal.extensions import db
from portal.records.cases.model import Alert, Case
from portal.records.people.model import Agency, User

Rows = Sequence[Any]  # rows named by their columns


def cases_of(*, child_id: UUID) -> Rows:
    """The child's cases with full reach and their alerts: open ones first, newest first."""
    return db.session.execute(
        select(
            Case.id,
            Case.reference,
            Case.state,
            Case.level,
            Case.level_since,
            Case.sensitivity,
            Case.authority,
            Case.types,
            Case.opened_at,
            Case.closed_at,
            Case.next_due_at,
            Case.lead_professional_id,
            Agency.name.label("lead_agency"),
            User.name.label("lead_professional"),
            _alerts().label("alerts"),
        )
        .join(Agency, Agency.id == Case.lead_agency_id)
        .outerjoin(User, User.id == Case.lead_professional_id)
        .where(Case.child_id == child_id)
        .order_by(Case.closed_at.desc().nulls_first(), Case.opened_at.desc())
    ).all()


@dataclass(frozen=True)
class AlertSeen:
    """What everyone must know before they act, from one of the child's cases."""

    kind: str
    text: str
    review_on: date
    owner: str


def alerts_in(cases: Rows) -> list[AlertSeen]:
    """The alerts on some cases of `cases_of`."""
    return [
        AlertSeen(one["kind"], one["text"], date.fromisoformat(one["review_on"]), one["owner"])
        for case in cases
        for one in case.alerts or ()
    ]


def _alerts() -> Any:
    """Those that stand on a case, the earliest first: read with the cases, in one statement."""
    owner = aliased(User)
    said = func.json_build_object(
        *("kind", Alert.kind, "text", Alert.text),
        *("review_on", Alert.review_on, "owner", owner.name),
    )
    return (
        select(func.json_agg(aggregate_order_by(said, Alert.created_at), type_=JSON))
        .select_from(Alert)
        .join(owner, owner.id == Alert.owner_id)
        .where(Alert.case_id == Case.id, Alert.ended_at.is_(None))
        .correlate(Case)
        .scalar_subquery()
    )
