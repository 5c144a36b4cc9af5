"""What an action is on, a case or a concern, and who may give one there."""

from uuid import UUID

from portal.access.permissions import Facts
from portal.access.principal import Principal
from portal.pathway.states import OPEN_MEETING_STATES
from portal.records.cases.grants import chairs_open_meeting
from portal.records.cases.model import Case
from portal.records.concerns.model import Concern
from portal.records.meetings.model import Meeting
from portal.records.meetings.vocabulary import MeetingState
from portal.records.people.model import Team, User
from portal.records.plans.writing import is_on, running_or_new, runs_open_meeting
from portal.services.errors import DomainError


def giving_facts(
    actor: Principal, on: Case | Concern, owner: User | Team | None = None, meeting: Meeting | None = None
) -> Facts:
    """What decides whether somebody may give an action; to their own agency anybody who reads the case or
    sees the concern may.
    """
    own_agency = owner is None or owner.agency_id == actor.agency_id
    if isinstance(on, Concern):
        return Facts(
            keeps=on.owner_agency_id == actor.agency_id,
            runs_meeting=meeting is not None and _runs_for_district(actor, meeting),
            own_agency=own_agency,
        )
    return Facts(
        lead_professional=on.lead_professional_id == actor.user_id,
        chairs_open_meeting=chairs_open_meeting(actor=actor, case_id=on.id),
        runs_meeting=meeting is not None and runs_open_meeting(actor, meeting, on.id),
        own_agency=own_agency,
    )


def one_of(case: Case | None, concern: Concern | None) -> Case | Concern:
    """The one of the two that is given."""
    if case is not None and concern is None:
        return case
    if concern is not None and case is None:
        return concern
    raise TypeError("an action is on a case or on a concern")


def gives_on(meeting: Meeting, on: Case | Concern) -> bool:
    """Whether a meeting gives actions there: on its own cases, and one of a district on any concern."""
    if meeting.state == MeetingState.CANCELLED:
        return False
    return meeting.district is not None if isinstance(on, Concern) else is_on(meeting, on.id)


def subject(actor: Principal, on: Case | Concern) -> dict[str, UUID]:
    """What an action on it is linked to: the case with its child and the plan that runs, or the concern.

    Raises:
        DomainError: the case is closed, or the concern has ended.
    """
    if isinstance(on, Concern):
        if on.ended_at is not None:
            raise DomainError("This is no longer watched. Nothing is given on it")
        return {"concern_id": on.id}
    plan = running_or_new(actor=actor, case=on)
    return {"case_id": on.id, "child_id": on.child_id, "plan_id": plan.id}


def _runs_for_district(actor: Principal, meeting: Meeting) -> bool:
    runs = actor.user_id in {meeting.chair_id, meeting.note_taker_id}
    return runs and meeting.district is not None and meeting.state in OPEN_MEETING_STATES
