"""What happens to entries that people are told of."""

from portal.messages.events import Event

ADDED = Event("entry_added", "An entry was added")
MOMENT = Event("moment_marked", "An entry was added that calls for a fast response", critical=True)
CORRECTED = Event("entry_corrected", "An entry was corrected")
PUT_RIGHT = Event("entry_put_right", "Who reads an entry, its kind or its day was put right")
NARROWED = Event("entry_narrowed", "Fewer may read an entry")
WIDENED = Event("entry_widened", "More may read an entry")
REVIEWED = Event("moment_reviewed", "The risk assessment was looked at after an entry, and stands")
ON_CLOSED_CASE = Event("closed_case_news", "Something new came for a case that has ended")
CITATION_WITHDRAWN = Event("citation_withdrawn", "What cited an entry cites it no longer")

EVENTS = (
    *(ADDED, MOMENT, CORRECTED, PUT_RIGHT, NARROWED, WIDENED, REVIEWED),
    *(ON_CLOSED_CASE, CITATION_WITHDRAWN),
)
