"""What happens to a meeting that people are told of."""

from portal.messages.events import Event

CALLED = Event("meeting_called", "A meeting was called")
INVITED = Event("meeting_invited", "Somebody was invited to a meeting")
CHANGED = Event("meeting_changed", "A meeting was moved or changed")
CANCELLED = Event("meeting_cancelled", "Somebody was told that a meeting does not take place")
CALLED_OFF = Event("meeting_called_off", "A meeting was cancelled")
UNINVITED = Event("meeting_uninvited", "Somebody is no longer invited to a meeting")
ANSWERED = Event("meeting_answered", "Somebody invited cannot come, or sends somebody else")
SECTOR_NOT_INVITED = Event("meeting_sector_not_invited", "Nobody of a sector that a meeting needs is invited")
SECTOR_LOST = Event("meeting_sector_lost", "Nobody of a sector that a meeting needs is expected any more")
NOT_HELD = Event("meeting_not_held", "A meeting could not be held")
DID_NOT_COME = Event("meeting_did_not_come", "Nobody of a team that a meeting needed came")
HELD = Event("meeting_held", "A meeting was held")

EVENTS = (
    *(CALLED, INVITED, CHANGED, CANCELLED, CALLED_OFF, UNINVITED, ANSWERED),
    *(SECTOR_NOT_INVITED, SECTOR_LOST, NOT_HELD, DID_NOT_COME, HELD),
)
