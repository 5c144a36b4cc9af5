"""What happens to a question that people are told of, and what an answer says of where the child is."""

from portal.messages.vocabulary import Event
from portal.vocabulary import Labelled

ASKED = Event("question_asked", "A question was asked")
ANSWERED = Event("question_answered", "A question was answered")
ANSWERED_IN_MEETING = Event(
    "question_answered_in_meeting", "A question was answered while the meeting runs that it is for"
)
WITHDRAWN = Event("question_withdrawn", "A question was withdrawn")
RELEASED = Event("question_released", "What was asked to be released was released")
NOBODY_ANSWERS = Event("question_nobody_answers", "Whoever was asked a question is gone")
DATE_MOVED = Event("question_date_moved", "There is more time to answer a question")


#: How the reason begins with which a question is over that asked to release something, once it is released.
RELEASED_BY = "Released by "
#: The same of one that ended before names stood there.
RELEASED_BEFORE = "The intelligence was released"


#: Who reads an answer for all to a question that asks to release intelligence: the rows of answers ask so.
READS_INTELLIGENCE = "Everyone working on this case who reads this intelligence"


class Locates(Labelled):
    """Whether an answer says where the child lives, how they are reached or their school."""

    NO = "no", "No"
    YES = "yes", "Yes"
    HELD = "held", "Yes, and it must not be disclosed"
