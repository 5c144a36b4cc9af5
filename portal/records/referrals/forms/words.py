"""What is written beside the pages of a form: to the hub, and by a manager who opens a draft."""

from portal.forms.offering import OfferingForm
from portal.web.fields import LongText


class ReplyForm(OfferingForm):
    """Write to the hub about what was sent."""

    text = LongText(
        "Write to the hub",
        hint="Answer a question, or add something you have learnt since. Do not name who told you.",
        rows=4,
    )


class OpenLeftForm(OfferingForm):
    """Say why a draft has to be read that somebody left behind."""

    reason = LongText("Why do you need to read it?", rows=3)
