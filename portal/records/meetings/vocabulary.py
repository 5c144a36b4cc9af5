"""The words for meetings and for who comes to them."""

from portal.labelled import Labelled


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
