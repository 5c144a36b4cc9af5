"""What happens while somebody is away that people are told of."""

from portal.messages.vocabulary import Event

ENTERED = Event("absence_entered", "Somebody else entered when a person is away")
COVERED = Event("case_covered", "Somebody covers the case of a colleague who is away")
UNCOVERED = Event("case_uncovered", "Somebody no longer covers the case of a colleague")

EVENTS = (ENTERED, COVERED, UNCOVERED)
