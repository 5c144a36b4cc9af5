"""What happens to intelligence that people are told of."""

from portal.messages.vocabulary import Event

GRADED = Event("intelligence_graded", "Intelligence was graded again")
RELEASED = Event("intelligence_released", "Conditions on intelligence ended")
