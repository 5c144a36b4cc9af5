"""The words of linked processes that code branches on."""

from portal.messages.vocabulary import Event
from portal.vocabulary import Labelled


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


# What happens to a process of another service that people are told of.

BEGUN = Event("process_begun", "A process of another service began")
PRESSING = Event(
    "process_pressing",
    "A process of another service began that asks for something within a day",
    critical=True,
)
ENQUIRY_BEGUN = Event("enquiry_begun", "A Section 47 enquiry began")
STEP = Event("process_step", "A step of a process of another service was recorded")
ENDED = Event("process_ended", "A process of another service ended")
MISTAKEN = Event("process_mistaken", "A process of another service was recorded by mistake")
GIVEN = Event("process_given", "Somebody else sees to a process of another service")
