"""What the worker knows of duties: when, whose, and under which reference. No words that anybody wrote."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, Uuid, case, func, select

from portal import registry
from portal.models.deadlines import Deadline
from portal.records.cases.model import Case
from portal.records.meetings.model import Meeting, MeetingCase
from portal.records.plans.model import Action
from portal.records.requests.model import InformationRequest

#: The case of a meeting on one child; a meeting on several hangs on none of their cases alone.
_ONLY_CASE = (
    select(func.array_agg(MeetingCase.case_id, type_=ARRAY(Uuid))[1])
    .where(MeetingCase.meeting_id == Deadline.meeting_id)
    .having(func.count() == 1)
    .correlate(Deadline)
    .scalar_subquery()
)


def duties(deadline_ids: Collection[UUID]) -> Select[*tuple[Any, ...]]:
    """Duties with whoever is around them, and the reference of what they are about."""
    return (
        select(
            Deadline.id,
            Deadline.kind,
            Deadline.state,
            Deadline.source,
            Deadline.subject_kind,
            Deadline.subject_id,
            Deadline.meeting_id,
            Deadline.due_at,
            Deadline.owner_id,
            Deadline.owner_team_id,
            Deadline.owner_agency_id,
            InformationRequest.asked_by,
            Meeting.chair_id,
            Case.lead_professional_id,
            func.coalesce(Deadline.case_id, InformationRequest.case_id, _ONLY_CASE).label("case_id"),
            func.coalesce(_reference(), Case.reference).label("reference"),
        )
        .outerjoin(InformationRequest, InformationRequest.id == Deadline.request_id)
        .outerjoin(
            Action, (Deadline.subject_kind == Action.__tablename__) & (Action.id == Deadline.subject_id)
        )
        .outerjoin(Meeting, Meeting.id == func.coalesce(Deadline.meeting_id, Action.meeting_id))
        .outerjoin(Case, Case.id == func.coalesce(Deadline.case_id, InformationRequest.case_id))
        .where(Deadline.id.in_(deadline_ids))
    )


def _reference() -> ColumnElement[str | None]:
    """The reference of what a duty is about; null where its kind of record has none of its own."""
    found = []
    for record in registry.records().values():
        if (duty := record.duty) and duty.reference is not None and duty.key is not None:
            wanted = select(duty.reference).where(duty.key == getattr(Deadline, duty.by))
            found.append((Deadline.subject_kind == record.kind, wanted.correlate(Deadline).scalar_subquery()))
    return case(*found)
