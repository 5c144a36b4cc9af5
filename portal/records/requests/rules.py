"""Until when a report for a meeting is asked for, and whether what was asked for was released."""

from datetime import datetime
from typing import Any

from portal.clock import local
from portal.pathway.calendar import end_of_day, subtract_working_days
from portal.policy import Figure
from portal.records.requests.vocabulary import RELEASED_BEFORE, RELEASED_BY


def report_due(before: Figure, meeting_at: datetime, asked_at: datetime) -> datetime:
    """When a report for a meeting is due, in UTC: so many working days before it, at the end of that day.

    A meeting that is nearer than that leaves the time until it starts.

    :param before: policy ``meetings.report_before``, in working days.
    """
    due_at = end_of_day(subtract_working_days(local(meeting_at).date(), before.value))
    return due_at if due_at > asked_at else meeting_at


def was_released(request: Any) -> bool:
    """Whether a question that asked to release something is over because it was: nobody took it back.

    :param request: the question, or a row of it.
    """
    why = request.withdrawn_reason or ""
    return request.entry_id is not None and (why.startswith(RELEASED_BY) or why == RELEASED_BEFORE)
