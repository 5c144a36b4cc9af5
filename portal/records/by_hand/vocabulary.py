"""The words for what people tell others themselves."""

from portal.vocabulary import Labelled


class Way(Labelled):
    """How somebody without an account was told."""

    PHONE = "phone", "By phone"
    IN_PERSON = "in_person", "In person"
    LETTER = "letter", "By letter"
    OWN_MAIL = "own_mail", "By their own e-mail"
