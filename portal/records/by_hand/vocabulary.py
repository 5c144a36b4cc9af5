"""The words for what people tell others themselves."""

from portal.messages.vocabulary import Event
from portal.vocabulary import Labelled

MOOT_NOW = Event("by_hand_moot", "Somebody need not tell a person without an account any more")


class Way(Labelled):
    """How somebody without an account was told."""

    PHONE = "phone", "By phone"
    IN_PERSON = "in_person", "In person"
    LETTER = "letter", "By letter"
    OWN_MAIL = "own_mail", "By their own e-mail"
