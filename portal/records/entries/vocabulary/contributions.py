"""The words of what each sector brings to a shared case."""

from portal.labelled import Labelled


class DetailAnswer(Labelled):
    """How a detail beside the words of an entry is answered, as a policy file writes it."""

    WORDS = "words", "In words"
    CHOICE = "choice", "One of a list"
    CHOICES = "choices", "Some of a list"
    YES_NO = "yes_no", "Yes, no or not known"
    NUMBER = "number", "A number"
    DATE = "date", "A day that is past"
    DATE_AHEAD = "date_ahead", "Any day"


class ChronologyPart(Labelled):
    """What a line of the chronology of a child comes from; people choose among these."""

    ENTRY = "entry", "What agencies know"
    MISSING = "missing", "Missing episodes and interviews"
    ASSESSMENT = "assessment", "Assessments and levels"
    MEETING = "meeting", "Meetings and what they decided"
    ACTION = "action", "Plans and actions"
    PROCESS = "process", "Other processes and statuses"
    CONCERN = "concern", "Places and people"
    TOLD = "told", "What was passed on and answered"
    CASE = "case", "Cases opened and ended"
