"""The words of who sees a case, and why."""

from portal.labelled import Labelled


class Reach(Labelled):
    """How much of a case a person sees; the highest ground that applies gives it."""

    FULL = "full", "Everything on the case that its own rule allows"
    REQUEST = "request", "Who the child is and what was asked"
    NOTICE = "notice", "That the case exists and who leads it"
    NONE = "none", "Nothing"


class GrantKind(Labelled):
    """Why one named person has reach on a case for a time."""

    NAMED = "named", "Named person"
    BREAK_GLASS = "break_glass", "Emergency access"
    MEETING = "meeting", "Chair or note-taker of a meeting"
    SUBJECT_ACCESS = "subject_access", "Subject access review"
