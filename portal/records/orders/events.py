"""What happens to an order or notice that people are told of."""

from portal.messages.events import Event

RECORDED = Event("order_recorded", "An order or notice was recorded")
CHANGED = Event("order_changed", "An order or notice was served, moved or ended")
BROKEN = Event("order_broken", "Somebody broke an order or notice")

EVENTS = (RECORDED, CHANGED, BROKEN)
