"""The words of how a case ends and what is handed over."""

from portal.messages.vocabulary import Event
from portal.vocabulary import Labelled


class ClosureKind(Labelled):
    """What becomes of a case that ends. The value is the state that the case then has."""

    CLOSED = "closed", "Close the case"
    TRANSFERRED = "transferred", "Transfer the case to another area"


class ClosureGround(Labelled):
    """On what ground a case ends. Without a meeting it takes a second person."""

    MEETING = "meeting", "A meeting decided it"
    NO_EXPLOITATION = "no_exploitation", "No exploitation was found, and there was no meeting"
    MOVED = "moved", "The child has moved, and no meeting decided it"


#: Why the work of a team, or the sight of a named person, ends with a case.
WITH_THE_CASE = {"closed": "The case was closed", "transferred": "The case was transferred to another area"}


class LeftOver(Labelled):
    """What becomes of an action that is open when a case ends."""

    OWNER = "owner", "Whoever owns it goes on with it. The portal reminds nobody of it any more"
    CARRIED = "carried", "Whoever leads what follows carries it on"
    NOT_NEEDED = "not_needed", "It is no longer needed"


class HandOverKind(Labelled):
    """What a hand-over is for."""

    TRANSFER = "transfer", "Hand-over to another area"
    TRANSITION = "transition", "Hand-over for the time after 18"


# What happens at the end of a case, and when it goes on, that people are told of.

END_ASKED = Event("case_end_asked", "Somebody asked that the case end")
END_REFUSED = Event("case_end_refused", "The case does not end")
ENDED = Event("case_ended", "The case ended")
STRATEGY_NOT_HELD = Event("strategy_not_held", "A strategy discussion was not held before the case ended")
REOPENED = Event("case_reopened", "The case was reopened")
HANDED_OVER = Event("hand_over_finalised", "A hand-over was finalised")
