"""What happens to a question that people are told of."""

from portal.messages.vocabulary import Event

ASKED = Event("question_asked", "A question was asked")
ANSWERED = Event("question_answered", "A question was answered")
WITHDRAWN = Event("question_withdrawn", "A question was withdrawn")
NOBODY_ANSWERS = Event("question_nobody_answers", "Whoever was asked a question is gone")
DATE_MOVED = Event("question_date_moved", "There is more time to answer a question")

EVENTS = (ASKED, ANSWERED, WITHDRAWN, DATE_MOVED, NOBODY_ANSWERS)
