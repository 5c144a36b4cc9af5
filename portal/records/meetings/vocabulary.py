"""The words for meetings and for who comes to them."""

from portal.messages.vocabulary import Event
from portal.vocabulary import Labelled


class MeetingState(Labelled):
    """Where a meeting stands. Legal moves: :mod:`portal.pathway.states`."""

    DUE = "due", "Due, not booked yet"
    BOOKED = "booked", "Booked"
    HELD = "held", "Held"
    MINUTES_IN_DRAFT = "minutes_in_draft", "Held, minutes in draft"
    APPROVED = "approved", "Held, minutes approved"
    DISTRIBUTED = "distributed", "Held, minutes distributed"
    CANCELLED = "cancelled", "Cancelled"


class MeetingChangeKind(Labelled):
    """What was changed about a meeting after it was called."""

    MOVED = "moved", "Moved"
    PLACE = "place", "Place or link changed"
    CHAIR = "chair", "Chair changed"
    NOTE_TAKER = "note_taker", "Note-taker changed"
    CANCELLED = "cancelled", "Cancelled"


class InvitationReply(Labelled):
    """What somebody who is invited answered."""

    WAITING = "waiting", "No reply yet"
    COMING = "coming", "Coming"
    DEPUTY = "deputy", "A deputy comes"
    APOLOGIES = "apologies", "Apologies"


class Attendance(Labelled):
    """Whether somebody who was invited took part. A written contribution is not an absence."""

    PRESENT = "present", "Present"
    DEPUTY = "deputy", "A deputy came"
    PART = "part", "Present for part"
    WRITTEN = "written", "Sent information in writing"
    APOLOGIES = "apologies", "Apologies"
    ABSENT = "absent", "Absent"


# What happens to a meeting that people are told of.

CALLED = Event("meeting_called", "A meeting was called")
INVITED = Event("meeting_invited", "Somebody was invited to a meeting")
FOR_CALENDAR = Event("meeting_for_calendar", "Whoever said that they come gets the entry for their calendar")
CHANGED = Event("meeting_changed", "A meeting was moved or changed")
CANCELLED = Event("meeting_cancelled", "A meeting that somebody was invited to does not take place")
CALLED_OFF = Event("meeting_called_off", "A meeting was cancelled")
UNINVITED = Event("meeting_uninvited", "Somebody is no longer invited to a meeting")
ANSWERED = Event("meeting_answered", "Somebody invited cannot come, or sends somebody else")
COMING = Event("meeting_coming", "Somebody said that they come to a meeting", one_line=True)
AGENDA_CHANGED = Event("meeting_agenda_changed", "The agenda of a meeting was changed", one_line=True)
WALKED_IN = Event("meeting_walked_in", "Somebody came to a meeting without an invitation")
PART_HANDED_OVER = Event(
    "meeting_part_handed_over", "Somebody else approves or writes the minutes of a meeting"
)
NEXT_DATE_SET = Event("meeting_next_date_set", "A meeting set the next date", one_line=True)
SECTOR_NOT_INVITED = Event("meeting_sector_not_invited", "Nobody of a sector that a meeting needs is invited")
GAP_OVER = Event("meeting_gap_over", "A meeting that lacks a sector that it needs does not take place")
SECTOR_LOST = Event("meeting_sector_lost", "Nobody of a sector that a meeting needs is expected any more")
NOT_HELD = Event("meeting_not_held", "A meeting could not be held")
DID_NOT_COME = Event("meeting_did_not_come", "Nobody of a team that a meeting needed came")
HELD = Event("meeting_held", "A meeting was held")
