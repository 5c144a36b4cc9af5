"""The words for what somebody takes out of the portal as a file."""

from portal.messages.vocabulary import Event
from portal.vocabulary import Labelled


class CopyKind(Labelled):
    """What the file is a copy of."""

    ASSESSMENT = "assessment", "Risk assessment"
    CHRONOLOGY = "chronology", "Chronology"
    CHILD_CHRONOLOGY = "child_chronology", "Chronology of a child"
    PACK = "pack", "Meeting pack"
    MINUTES = "minutes", "Minutes"
    PLAN = "plan", "Plan"
    SAFETY_PLAN = "safety_plan", "Safety plan"
    HAND_OVER = "hand_over", "Hand-over"
    RETURN_INTERVIEW = "return_interview", "Return interview"
    ATTACHMENT = "attachment", "Attached file"
    LIST = "list", "List"


class DocumentState(Labelled):
    """How far a long document is that is made beside the pages."""

    WAITING = "waiting", "Waiting to be made"
    MAKING = "making", "Being made"
    READY = "ready", "Ready"
    FAILED = "failed", "Not made"


class SharingDecision(Labelled):
    """What was decided about telling an agency."""

    SHARE = "share", "Share it, in these words"
    PART = "part", "Share it, and keep a part back"
    REFUSE = "refuse", "Do not share"


#: What was decided, as the ledger says it.
DECIDED = {
    SharingDecision.SHARE: "Shared",
    SharingDecision.PART: "Shared, and a part kept back",
    SharingDecision.REFUSE: "Not shared",
}


# What is told on the sharing ledger, as something that happened.

TOLD = Event("disclosure_made", "A team was told something")
RED_TOLD = Event("red_disclosure_made", "A team was told something red")
CONFIRMED = Event("disclosure_confirmed", "A team opened what it was told, or confirmed that it has it")
WITHDRAWN = Event("disclosure_withdrawn", "What a team was told was withdrawn")

REFUSED = Event("disclosure_refused", "It was recorded that a team is not told something")
