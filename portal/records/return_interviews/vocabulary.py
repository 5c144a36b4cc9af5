"""The words for interviews with children who were missing and came back."""

from portal.messages.vocabulary import Event
from portal.vocabulary import Labelled


class InterviewPart(Labelled):
    """A part of the talk."""

    AWAY = "away", "Leaving and being away"
    HAPPENED = "happened", "What happened"
    AHEAD = "ahead", "What next"


class InterviewOffer(Labelled):
    """Whether an interview was offered to the child."""

    YES = "yes", "Offered"
    NO = "no", "Not offered"
    NOT_APPLICABLE = "not_applicable", "Does not apply"


class InterviewState(Labelled):
    """Where an interview stands. It follows from what was recorded, and is kept nowhere."""

    TO_OFFER = "to_offer", "To be offered"
    OFFERED = "offered", "Offered: waits for an answer"
    ACCEPTED = "accepted", "To be held"
    TO_WRITE_UP = "to_write_up", "Held: to be written up"
    DECLINED = "declined", "Declined: to be completed"
    NOT_OFFERED = "not_offered", "Not offered: to be completed"
    HELD = "held", "Held"
    NOT_HELD = "not_held", "Not held"


class InterviewOutcome(Labelled):
    """What came of an interview that is completed."""

    HELD = "held", "It was held"
    DECLINED = "declined", "It was offered, and the child did not want to talk"
    NOT_OFFERED = "not_offered", "It was not offered"
    NOT_APPLICABLE = "not_applicable", "It does not apply"


class InterviewReceiver(Labelled):
    """With whom what was learnt is shared."""

    POLICE = "police", "The police"
    SOCIAL_CARE = "social_care", "Children’s social care"
    HUB = "hub", "The Safeguarding Co-ordination Hub"


# What happens to a return interview that people are told of.

STEP = Event("interview_step", "A return interview was begun, offered, answered or tried")
COMPLETED = Event("interview_completed", "A return interview was completed")
SHARED = Event("interview_shared", "A return interview was shared")
CORRECTED = Event("interview_corrected", "A completed return interview was corrected")

NARROWED = Event("interview_narrowed", "Fewer may read a return interview")
WIDENED = Event("interview_widened", "More may read a return interview")
