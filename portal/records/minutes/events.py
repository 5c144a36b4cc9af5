"""What happens to the minutes and decisions of a meeting that people are told of."""

from portal.messages.events import Event

DRAFT_SENT = Event("minutes_draft_sent", "A draft of minutes was sent round")
GIVEN = Event("minutes_copy_given", "Somebody was given minutes")
DISTRIBUTED = Event("minutes_distributed", "The minutes of a meeting were distributed")
CORRECTION_ASKED = Event("minutes_correction_asked", "A correction of minutes was asked for")
CORRECTION_ANSWERED = Event("minutes_correction_answered", "A correction of minutes was answered")
CORRECTION_LEFT = Event("minutes_correction_left", "A correction of minutes stays beside them as a note")
READER_NAMED = Event("minutes_reader_named", "Somebody may read a part of minutes")
READER_TAKEN_OFF = Event("minutes_reader_taken_off", "Somebody may no longer read a part of minutes")
FAMILY_VERSION = Event("minutes_family_version", "The version of minutes for child and family is ready")
DECIDED = Event("meeting_decided", "A meeting decided something")
DECISION_WITHDRAWN = Event("meeting_decision_withdrawn", "A decision of a meeting was taken back")
DISSENT = Event("meeting_dissent", "An agency does not agree with a decision of a meeting")

EVENTS = (
    *(DRAFT_SENT, GIVEN, DISTRIBUTED, CORRECTION_ASKED, CORRECTION_ANSWERED, CORRECTION_LEFT),
    *(READER_NAMED, READER_TAKEN_OFF, FAMILY_VERSION, DECIDED, DECISION_WITHDRAWN, DISSENT),
)
