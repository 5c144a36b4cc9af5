"""What happens to files that people are told of."""

from portal.messages.events import Event

REFUSED = Event("file_refused", "A file was refused after it had been added")

EVENTS = (REFUSED,)
