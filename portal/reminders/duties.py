"""What the worker knows of duties: when, whose, and under which reference. No words that anybody wrote."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Select, Uuid, func, select

from portal.models import Deadline
from portal.records.cases.model import Case
from portal.records.concerns.model import Concern
from portal.records.disclosures.model.disclosures import Disclosure
from portal.records.linked_processes.model import LinkedProcess
from portal.records.meetings.model import Meeting, MeetingCase
from portal.records.missing.model import MissingEpisode, MissingPrompt
from portal.records.orders.model import ConcernOrder
from portal.records.panels.model import PanelItem
from portal.records.plans.model import Action
from portal.records.referrals.model import ReferralNotice
from portal.records.requests.model import InformationRequest
from portal.records.return_interviews.model import ReturnInterview

#: The case of a meeting on one child; a meeting on several hangs on none of their cases alone.
_ONLY_CASE = (
    select(func.array_agg(MeetingCase.case_id, type_=ARRAY(Uuid))[1])
    .where(MeetingCase.meeting_id == Deadline.meeting_id)
    .having(func.count() == 1)
    .correlate(Deadline)
    .scalar_subquery()
)

_KNOWN = (
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
        func.coalesce(
            Action.reference,
            LinkedProcess.reference,
            PanelItem.reference,
            InformationRequest.reference,
            Meeting.reference,
            Disclosure.reference,
            ReferralNotice.reference,
            MissingEpisode.reference,
            MissingPrompt.reference,
            ReturnInterview.reference,
            ConcernOrder.reference,
            Concern.reference,
            Case.reference,
        ).label("reference"),
    )
    .outerjoin(InformationRequest, InformationRequest.id == Deadline.request_id)
    .outerjoin(Action, (Deadline.subject_kind == Action.__tablename__) & (Action.id == Deadline.subject_id))
    .outerjoin(
        LinkedProcess,
        (Deadline.subject_kind == LinkedProcess.__tablename__) & (LinkedProcess.id == Deadline.subject_id),
    )
    .outerjoin(Meeting, Meeting.id == func.coalesce(Deadline.meeting_id, Action.meeting_id))
    .outerjoin(Disclosure, Disclosure.id == Deadline.disclosure_id)
    .outerjoin(ReferralNotice, ReferralNotice.referral_id == Deadline.referral_id)
    .outerjoin(MissingEpisode, MissingEpisode.id == Deadline.subject_id)
    .outerjoin(MissingPrompt, MissingPrompt.id == Deadline.subject_id)
    .outerjoin(ReturnInterview, ReturnInterview.id == Deadline.subject_id)
    .outerjoin(ConcernOrder, ConcernOrder.id == Deadline.subject_id)
    .outerjoin(Concern, Concern.id == Deadline.concern_id)
    .outerjoin(PanelItem, PanelItem.id == Deadline.subject_id)
    .outerjoin(Case, Case.id == func.coalesce(Deadline.case_id, InformationRequest.case_id))
)


def duties(deadline_ids: Collection[UUID]) -> Select[*tuple[Any, ...]]:
    """Duties with whoever is around them, and the reference of what they are about."""
    return _KNOWN.where(Deadline.id.in_(deadline_ids))
