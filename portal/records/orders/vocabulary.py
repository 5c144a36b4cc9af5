"""The words of orders and notices on people and places of concern."""

from portal.labelled import Labelled


class OrderStepKind(Labelled):
    """What happened to an order or notice."""

    RECORDED = "recorded", "Recorded"
    SERVED = "served", "Served"
    BREACHED = "breached", "Broken"
    MOVED = "moved", "Runs until another day"
    ENDED = "ended", "Ended"
