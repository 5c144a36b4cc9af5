"""After a critical moment."""

from portal.forms.offering import OfferingForm
from portal.web.fields import LongText, required


class NothingChangesForm(OfferingForm):
    """The risk assessment was looked at, and stands."""

    words = LongText(
        "Why does nothing change?",
        hint="Say what you looked at and with whom. Everybody who reads the moment reads this too",
        rows=4,
        validators=[required("Say why nothing changes")],
    )
