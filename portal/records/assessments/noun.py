"""What assessments plug into the rest."""

from portal.access.principal import Principal
from portal.records.assessments.levels import meet_what_was_owed
from portal.records.cases.model import Case
from portal.records.meetings.model import Meeting
from portal.registry import Noun


def _meet_what_was_owed(*, actor: Principal, meeting: Meeting, case: Case) -> None:  # noqa: ARG001  # whoever held it
    if meeting.held_at is not None:
        meet_what_was_owed(case=case, kind=meeting.kind, held_at=meeting.held_at)


NOUN = Noun(meeting_held=_meet_what_was_owed)
