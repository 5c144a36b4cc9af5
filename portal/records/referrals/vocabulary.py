"""The words of information forms."""

from portal.messages.vocabulary import Event
from portal.vocabulary import Labelled


class Channel(Labelled):
    """How the information reached the hub."""

    PORTAL = "portal", "This portal"
    PHONE = "phone", "Phone"
    EMAIL = "email", "Email"
    PAPER = "paper", "Paper form"


# What happens to an information form that people are told of.

ARRIVED = Event("form_arrived", "A form arrived")
RED_ARRIVED = Event("red_form_arrived", "A red form arrived")
SENDER_WROTE = Event("form_sender_wrote", "The sender of a form wrote to the hub")

UNSEEN = Event("form_unseen", "Nobody at the hub may see a form")

ON_SEALED = Event("form_on_sealed_case", "A form came on the child of a sealed case")

LEFT_OPENED = Event("left_draft_opened", "A manager opened a form that somebody left unsent")
