"""What happens to intelligence that people are told of."""

from portal.messages.vocabulary import Event

GRADED = Event("intelligence_graded", "Intelligence was graded again")
DOUBTED = Event(
    "intelligence_doubted", "Intelligence is less sure than it was, or bound again", critical=True
)
RELEASED = Event("intelligence_released", "Conditions on intelligence ended")
