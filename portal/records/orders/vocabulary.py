"""The words of orders and notices on people and places of concern."""

from portal.messages.vocabulary import Event
from portal.vocabulary import Labelled


class OrderStepKind(Labelled):
    """What happened to an order or notice."""

    RECORDED = "recorded", "Recorded"
    SERVED = "served", "Served"
    BREACHED = "breached", "Broken"
    MOVED = "moved", "Runs until another day"
    ENDED = "ended", "Ended"


# What happens to an order or notice that people are told of.

RECORDED = Event("order_recorded", "An order or notice was recorded")
CHANGED = Event("order_changed", "An order or notice was served, moved or replaced by another")
ENDED = Event("order_ended", "An order or notice ended", critical=True)
BROKEN = Event("order_broken", "Somebody broke an order or notice")
