"""What happens at the end of a case, and when it goes on, that people are told of."""

from portal.messages.events import Event

END_ASKED = Event("case_end_asked", "Somebody asked that the case end")
END_REFUSED = Event("case_end_refused", "The case does not end")
ENDED = Event("case_ended", "The case ended")
REOPENED = Event("case_reopened", "The case was reopened")
HANDED_OVER = Event("hand_over_finalised", "A hand-over was finalised")

EVENTS = (END_ASKED, END_REFUSED, ENDED, REOPENED, HANDED_OVER)
