"""The words of entries: what each sector brings, who may read it, and how it is cited."""

from portal.messages.vocabulary import Event
from portal.vocabulary import Labelled


class CitationHolder(Labelled):
    """What sort of record cites an entry. `rows.sql` of entries has the rule of each."""

    ASSESSMENT = "assessment", "Risk assessment"
    MINUTE = "minute", "Minutes"


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


class Handling(Labelled):
    """Who may read one entry on a case, beside having full reach."""

    NETWORK = "network", "Everyone working on this case"
    AGENCIES = "agencies", "Only the agencies I name"
    OWN = "own", "Only my agency"


class FamilySafe(Labelled):
    """Whether the words may be shared with the child or family."""

    YES = "yes", "Yes, it can be shared with the family"
    NO = "no", "No, do not share it with the family"
    ASK = "ask", "Ask me first"


#: The kinds of an entry that came by an information form, and by a red one (policy `cases.entry_kinds`).
FROM_REFERRAL, FROM_RED_FORM = "information", "red_form"


def kind_of_form(*, red: bool) -> str:
    """The kind of the entry that an information form becomes."""
    return FROM_RED_FORM if red else FROM_REFERRAL


# What happens to entries that people are told of.

ADDED = Event("entry_added", "An entry was added")
MOMENT = Event("moment_marked", "An entry was added that calls for a fast response", critical=True)
MOMENT_URGENT = Event("moment_urgent", "An entry was added that cannot wait", critical=True)
CORRECTED = Event("entry_corrected", "An entry was corrected")
CORRECTED_NOW = Event(
    "entry_corrected_now", "Intelligence, or what calls for a fast response, was corrected", critical=True
)
PUT_RIGHT = Event("entry_put_right", "Who reads an entry, its kind or its day was put right")
NARROWED = Event("entry_narrowed", "Fewer may read an entry")
WIDENED = Event("entry_widened", "More may read an entry")
REVIEWED = Event("moment_reviewed", "The risk assessment was looked at after an entry, and stands")
ON_CLOSED_CASE = Event("closed_case_news", "Something new came for a case that has ended")
CITATION_WITHDRAWN = Event("citation_withdrawn", "What cited an entry cites it no longer")
