"""Reports that wait when their meeting moves or is cancelled: nobody is reminded of one that is not needed.

It follows from the change of the meeting, whoever makes it: the reports on those of its cases that they read.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from portal import clock
from portal.extensions import db
from portal.policy import current_policy
from portal.records.cases.model import Case
from portal.records.meetings.model import Meeting
from portal.records.requests.changes import move_date, take_back
from portal.records.requests.model import InformationRequest
from portal.records.requests.rules import report_due


def follow_move(*, meeting: Meeting, was: datetime) -> None:
    """Let reports follow a meeting that was moved. A date that somebody chose stays while it is before it.

    Args:
        was: when the meeting was to start before.
    """
    for request in _waiting(meeting):
        case = db.session.get(Case, request.case_id)
        before = current_policy(case.authority if case else None).meetings.report_before
        is_usual = request.due_at == report_due(before, was, request.asked_at)
        if is_usual or request.due_at > meeting.starts_at:
            due_at = report_due(before, meeting.starts_at, clock.now())
            move_date(request=request, due_at=due_at, reason=f"Meeting {meeting.reference} was moved")


def follow_cancelling(*, meeting: Meeting) -> None:
    """Withdraw what was asked for a meeting that is cancelled and not answered."""
    for request in _waiting(meeting):
        take_back(request=request, reason=f"Meeting {meeting.reference} was cancelled")


def _waiting(meeting: Meeting) -> Sequence[InformationRequest]:
    return db.session.scalars(
        select(InformationRequest).where(
            InformationRequest.meeting_id == meeting.id,
            InformationRequest.answered_at.is_(None),
            InformationRequest.withdrawn_at.is_(None),
        )
    ).all()
