"""What every step on the minutes of a meeting asks first: who runs it, where it stands, on which children."""

from collections.abc import Mapping
from uuid import UUID

from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.records.cases.model import Case
from portal.records.meetings.chairing import cases_of, require_reach_on_all, require_reading
from portal.records.meetings.model import Meeting
from portal.records.meetings.vocabulary import MeetingState
from portal.services.errors import DomainError
from portal.services.versions import lock_row


def minutes_facts(actor: Principal, meeting: Meeting) -> Facts:
    """What decides whether somebody may do something with the minutes of a meeting."""
    return Facts(
        runs_meeting=actor.user_id in {meeting.chair_id, meeting.note_taker_id},
        chairs_meeting=actor.user_id == meeting.chair_id,
    )


def require_minutes(actor: Principal, verb: str, meeting: Meeting) -> Mapping[UUID, Case]:
    """Go on only if the actor may do `verb` to the minutes, and reads every child that they are on.

    Returns:
        The cases of the meeting by id.

    Raises:
        Forbidden: they may not, or are invited and no more.
        DomainError: the meeting is also on a case that they do not reach.
    """
    require(actor, verb, minutes_facts(actor, meeting))
    require_reading(meeting)
    require_reach_on_all(meeting)
    return {case.id: case for case in cases_of(meeting)}


def lock(meeting: Meeting) -> MeetingState:
    """Take the meeting for this step, so that one sent twice takes its turn, and say where it stands."""
    lock_row(meeting)
    return MeetingState(meeting.state)


def require_state(meeting: Meeting, *states: MeetingState) -> None:
    """Go on only in one of some states, with the meeting taken for this step.

    Raises:
        DomainError: it stands elsewhere; the sentence says where.
    """
    state = lock(meeting)
    if state not in states:
        raise DomainError(_WHY_NOT.get(state, f"This meeting is: {state.label.lower()}"))


_WHY_NOT = {
    MeetingState.DUE: "This meeting is not booked yet",
    MeetingState.BOOKED: "This meeting is not recorded as held yet",
    MeetingState.HELD: "Nothing is written in the minutes yet",
    MeetingState.MINUTES_IN_DRAFT: "The minutes are not approved yet",
    MeetingState.APPROVED: "The minutes are approved already",
    MeetingState.DISTRIBUTED: "The minutes are distributed already",
    MeetingState.CANCELLED: "This meeting was cancelled",
}
