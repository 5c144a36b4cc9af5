"""What to show of a child’s chronology."""

from portal.records.entries.vocabulary import ChronologyPart
from portal.web.choices import OfferingForm, Pairs, choices
from portal.web.fields import Checkboxes, DateBoxes, Select, Tick


class ChronologyFilter(OfferingForm):
    """What kinds of record, whose, from when until when; it only shows a page."""

    class Meta:
        csrf = False

    what = Checkboxes(
        "What",
        hint="Leave all empty for everything",
        choices=ChronologyPart,
        small=True,
    )
    agency = Select("From which agency", prompt="All agencies")
    since = DateBoxes("From", called="The first day", hint="")
    until = DateBoxes("Until", called="The last day", hint="")
    critical = Tick("Critical moments only", small=True)

    def offer_agencies(self, agencies: Pairs) -> None:
        """Set whose records can be asked for."""
        self.offer("agency", choices(agencies))
