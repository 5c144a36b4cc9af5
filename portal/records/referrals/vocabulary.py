"""The words of information forms."""

from portal.labelled import Labelled


class Channel(Labelled):
    """How the information reached the hub."""

    PORTAL = "portal", "This portal"
    PHONE = "phone", "Phone"
    EMAIL = "email", "Email"
    PAPER = "paper", "Paper form"
