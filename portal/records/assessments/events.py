"""What happens to assessments and to the level of a case that people are told of."""

from portal.messages.events import Event

BEGUN = Event("assessment_begun", "A risk assessment was begun")
ABANDONED = Event("assessment_abandoned", "A risk assessment was not completed")
SECOND_ASKED = Event("assessment_second_asked", "A lower level waits for a second person")
SECOND_ANSWERED = Event("assessment_second_answered", "The second person answered on a lower level")
SCREENED = Event("screening_ended", "A screening ended")
SIGNED_OFF = Event("assessment_signed_off", "A risk assessment was signed off")
RAISED = Event("level_raised", "The risk level rose", critical=True)
HIGH = Event("level_high", "The risk level is high", critical=True)
LOWERED = Event("level_lowered", "The risk level fell")
LEVEL_PROPOSED = Event("level_proposed", "A meeting came to a lower level, which waits for a second person")
LEVEL_SETTLED = Event("level_settled", "A second person answered on the level of a meeting")

EVENTS = (
    *(BEGUN, ABANDONED, SECOND_ASKED, SECOND_ANSWERED, SCREENED, SIGNED_OFF),
    *(RAISED, HIGH, LOWERED, LEVEL_PROPOSED, LEVEL_SETTLED),
)
