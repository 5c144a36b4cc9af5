"""The words for what people are told, how, and what became of it."""

from portal.vocabulary.labelled import Labelled


class MessageChannel(Labelled):
    """How somebody is told. Whoever has an account also sees what they are told by e-mail in the portal."""

    MAIL = "mail", "E-mail"
    PORTAL = "portal", "In the portal only"


class MessageState(Labelled):
    """The life of a message."""

    OWED = "owed", "Owed: waiting for its time"
    QUEUED = "queued", "Being sent"
    ACCEPTED = "accepted", "Accepted by the mail server"
    REFUSED = "refused", "Refused by the mail server"
    CANCELLED = "cancelled", "Not sent, because it was no longer owed"
    DEAD = "dead", "Could not be sent"
    SHOWN = "shown", "Shown in the portal"


class MessageRecipient(Labelled):
    """Whom a rung of a ladder tells. A team is told at its duty address."""

    OWNER = "owner", "Whoever has to do it"
    OWNER_MANAGER = "owner_manager", "Their manager"
    AGENCY_LEAD = "agency_lead", "The lead of their agency"
    ASKER = "asker", "Whoever asked"
    CHAIR = "chair", "The chair of the meeting"
    INVITED = "invited", "Everyone invited who has not sent apologies"
    LEAD_PROFESSIONAL = "lead_professional", "The lead professional of the case"
    HUB = "hub", "The safeguarding hub"
