"""The days of which looks are shown, and where governance begins."""

from portal.web.choices import OfferingForm
from portal.web.date_boxes import DateBoxes
from portal.web.fields import LongText, Text


class LooksFilter(OfferingForm):
    """From when until when; it only shows a page."""

    class Meta:
        csrf = False

    since = DateBoxes("From", called="The first day", hint="")
    until = DateBoxes("Until", called="The last day", hint="")


class FindForm(OfferingForm):
    """The case at which looks governance wants to read."""

    class Meta:
        csrf = False

    reference = Text("Reference of a case", hint="Like CRE-0XJC-B8P2", width=20)


class WhyForm(OfferingForm):
    """Why somebody needs to look at more than most people do."""

    reason = LongText(
        "Why do you need to?",
        hint="For example: I took over the cases of a colleague today. Write nothing about a child.",
    )
