"""What happens to a duty that people are told of."""

from portal.messages.events import Event

MOVED = Event("date_moved", "A date was moved")
HANDED_OVER = Event("duty_handed_over", "Somebody else has to do something")

EVENTS = (MOVED, HANDED_OVER)
