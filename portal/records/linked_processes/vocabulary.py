"""The words of linked processes that code branches on."""

from portal.labelled import Labelled


class LinkedState(Labelled):
    """Whether a process of another service goes on."""

    RUNNING = "running", "Running"
    ENDED = "ended", "Ended"
    MISTAKEN = "mistaken", "Recorded by mistake"


class LinkedStepState(Labelled):
    """Where a step of such a process stands."""

    OPEN = "open", "To do"
    DONE = "done", "Done"
    NOT_NEEDED = "not_needed", "Not needed"


class LinkedNoteKind(Labelled):
    """What was said of such a process, in its history."""

    BEGUN = "begun", "Recorded"
    NOTE = "note", "Note"
    REFERENCE = "reference", "Reference"
    OWNER = "owner", "Somebody else sees to it"
    DONE = "done", "Done"
    NOT_NEEDED = "not_needed", "Not needed"
    ENDED = "ended", "Ended"
    MISTAKEN = "mistaken", "Recorded by mistake"
