"""What happens to a process of another service that people are told of."""

from portal.messages.events import Event

BEGUN = Event("process_begun", "A process of another service began")
ENQUIRY = Event("enquiry_begun", "A Section 47 enquiry began")
STEP = Event("process_step", "A step of a process of another service was recorded")
ENDED = Event("process_ended", "A process of another service ended")
MISTAKEN = Event("process_mistaken", "A process of another service was recorded by mistake")
GIVEN = Event("process_given", "Somebody else sees to a process of another service")

EVENTS = (BEGUN, ENQUIRY, STEP, ENDED, MISTAKEN, GIVEN)
