"""What happens to a missing child that people are told of."""

from portal.messages.events import Event

REPORTED = Event("missing_reported", "A child was reported missing", critical=True)
GRADE_RAISED = Event("missing_grade_raised", "The police grade a missing child’s risk higher", critical=True)
RETURNED_HOME = Event("missing_returned", "A missing child is back")
NO_EPISODE = Event("missing_withdrawn", "A report that a child is missing was withdrawn")
TWICE = Event("missing_twice", "A missing child is reported twice")
MAYBE_KNOWN = Event("missing_match", "A missing child may be one who was known")
MOVED = Event("missing_moved", "A missing episode was put on the right child")
MOVED_NOW = Event("missing_moved_now", "A child who is missing now is another than was thought")
MOVED_AWAY = Event("missing_moved_away", "A missing episode was another child’s")
PREVENTION = Event("missing_prevention", "The police talked with a child who came back")
REPEATED = Event("missing_repeated", "A child was missing again and again")
DECIDED = Event("missing_decided", "It was decided what follows from repeated missing episodes")

EVENTS = (
    REPORTED,
    GRADE_RAISED,
    RETURNED_HOME,
    NO_EPISODE,
    TWICE,
    MAYBE_KNOWN,
    MOVED,
    MOVED_NOW,
    MOVED_AWAY,
    PREVENTION,
    REPEATED,
    DECIDED,
)
