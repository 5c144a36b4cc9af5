"""What happens to a place, person or thing of concern that people are told of."""

from portal.messages.events import Event

RECORDED = Event("concern_recorded", "Something of concern was recorded")
LINKED = Event("concern_linked", "A child was linked to something of concern")
UNLINKED = Event("concern_unlinked", "A child is no longer linked to something of concern")
SHOWN = Event("concern_shown", "An agency may see something of concern")
HIDDEN = Event("concern_hidden", "An agency no longer sees something of concern")
HELD = Event("concern_held", "Something of concern is held closely")
GIVEN = Event("concern_given", "Another team answers for something of concern")
ENDED = Event("concern_ended", "Something is no longer of concern")
REOPENED = Event("concern_reopened", "Something is of concern again")
WARNING = Event("concern_warning", "What is known of the danger of somebody of concern changed")

EVENTS = (RECORDED, LINKED, UNLINKED, SHOWN, HIDDEN, HELD, GIVEN, ENDED, REOPENED, WARNING)
