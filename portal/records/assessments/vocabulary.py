"""The words of a risk assessment that code branches on."""

from portal.labelled import Labelled


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
