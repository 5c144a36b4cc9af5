"""What happens while somebody is away that people are told of."""

from portal.messages.vocabulary import Event

ENTERED = Event("absence_entered", "Somebody else entered when a person is away")
COVERED = Event("case_covered", "Somebody covers the case of a colleague who is away")
UNCOVERED = Event("case_uncovered", "Somebody no longer covers the case of a colleague")
LEFT_UNCOVERED = Event("case_left_uncovered", "Nobody covers a case at HIGH of somebody who is away")
BEGINS = Event("cover_begins", "Somebody who is away soon has their cases covered")
OVER = Event("cover_over", "The days away of somebody whose cases were covered are over")
ENDED = Event("absence_ended", "Somebody is back early, or does not go away")
