"""The words of a risk assessment that code branches on."""

from portal.messages.vocabulary import Event
from portal.vocabulary import Labelled


class AssessmentKind(Labelled):
    """How far an assessment goes. A screening only says whether a full one is needed."""

    SCREENING = "screening", "Screening"
    FULL = "full", "Full assessment"


class AssessmentState(Labelled):
    """Where an assessment stands. Legal moves: :mod:`portal.pathway.states`."""

    DRAFT = "draft", "Being written"
    WAITING = "waiting", "Waiting for a second person"
    FINALISED = "finalised", "Finalised"
    ABANDONED = "abandoned", "Not completed"


class SignKind(Labelled):
    """What a sign tells of. The three are never added up."""

    VULNERABILITY = "vulnerability", "Circumstances that others can use"
    RISK = "risk", "Signs of risk"
    HARM = "harm", "Evidence of harm"


class SignAnswer(Labelled):
    """Whether a sign is there, and how lately."""

    CURRENT = "current", "Yes, within the last 3 months"
    RECENT = "recent", "Yes, 3 to 6 months ago"
    PAST = "past", "Yes, more than 6 months ago"
    NO = "no", "No"
    NOT_KNOWN = "not_known", "Not known"

    @property
    def is_there(self) -> bool:
        """Whether the sign was seen at any time."""
        return self in {SignAnswer.CURRENT, SignAnswer.RECENT, SignAnswer.PAST}


class Influence(Labelled):
    """How strongly a part of the child's world draws the child towards harm."""

    STRONGEST = "strongest", "The strongest influence"
    STRONG = "strong", "Strong"
    SOME = "some", "Some"
    NONE = "none", "None"
    NOT_KNOWN = "not_known", "Not known"


# What happens to assessments and to the level of a case that people are told of.

BEGUN = Event("assessment_begun", "A risk assessment was begun")
ABANDONED = Event("assessment_abandoned", "A risk assessment was not completed")
SECOND_ASKED = Event("assessment_second_asked", "A lower level waits for a second person")
SECOND_ANSWERED = Event("assessment_second_answered", "The second person answered on a lower level")
SCREENED = Event("screening_ended", "A screening ended")
SIGNED_OFF = Event("assessment_signed_off", "A risk assessment was signed off")
SIGN_OFF_LACKS = Event("sign_off_lacks", "Nobody who may sign a risk assessment off reads the case")
SIGN_OFF_REFUSED = Event("assessment_refused", "A manager did not sign a risk assessment off")
SET = Event("level_set", "The risk level was set for the first time", critical=True)
RAISED = Event("level_raised", "The risk level rose, or is high", critical=True)
DIFFERS = Event("level_differs", "The level is lower than what the answers suggest")
HIGH = Event("level_high", "The risk level is high", critical=True)
LOWERED = Event("level_lowered", "The risk level fell")
LEVEL_PROPOSED = Event("level_proposed", "A meeting came to a lower level, which waits for a second person")
LEVEL_SETTLED = Event("level_settled", "A level of a meeting was agreed to or refused")
LEVEL_OVERTAKEN = Event("level_overtaken", "A risk assessment decided a level that waited")
LEVEL_TAKEN_BACK = Event("level_taken_back", "A level of a meeting was taken back")
