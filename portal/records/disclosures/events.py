"""What is told on the sharing ledger, as something that happened."""

from portal.messages.events import Event

TOLD = Event("disclosure_made", "A team was told something")
RED_TOLD = Event("red_disclosure_made", "A team was told something red")
WITHDRAWN = Event("disclosure_withdrawn", "What a team was told was withdrawn")

EVENTS = (TOLD, RED_TOLD, WITHDRAWN)
