"""Why one person sees a case."""

from portal.labelled import Labelled


class GrantKind(Labelled):
    """Why one named person has reach on a case for a time."""

    NAMED = "named", "Named person"
    BREAK_GLASS = "break_glass", "Emergency access"
    MEETING = "meeting", "Chair or note-taker of a meeting"
    SUBJECT_ACCESS = "subject_access", "Subject access review"
