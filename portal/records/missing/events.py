"""What happens to a missing child that people are told of."""

from portal.messages.events import Event

REPORTED = Event("missing_reported", "A child was reported missing")
GRADE_RAISED = Event("missing_grade_raised", "The police grade a missing child’s risk higher")
RETURNED_HOME = Event("missing_returned", "A missing child is back")
NO_EPISODE = Event("missing_withdrawn", "A report that a child is missing was withdrawn")

EVENTS = (REPORTED, GRADE_RAISED, RETURNED_HOME, NO_EPISODE)
