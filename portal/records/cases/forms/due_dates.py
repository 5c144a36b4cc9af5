"""Another day on which something is due, and why."""

from datetime import UTC, datetime, time

from wtforms.validators import Optional, ValidationError

from portal.forms.offering import OfferingForm
from portal.forms.times import ADVICE, read_time
from portal.web.fields import DateBoxes, Hidden, LongText, Radios, Text, required


class DueDateForm(OfferingForm):
    """When a duty is due from now on."""

    on = DateBoxes(
        "When is it due?",
        called="The day",
        hint="For example, 27 3 2027",
        validators=[required("Enter the day")],
    )
    at = Text("At what time?", hint="Like 14:30", width=5, validators=[Optional()])
    code = Radios("Why does the date change?", validators=[required("Choose why the date changes")])
    reason = LongText(
        "Say more",
        hint="Everyone who works on the case, and whoever has to do it, can read this",
        rows=3,
        validators=[required("Say in a few words why the date changes")],
    )
    seen = Hidden()

    def validate_at(self, field: Text) -> None:
        """A time of day, where one is typed."""
        if field.data and read_time(str(field.data)) is None:
            raise ValidationError(ADVICE)

    @property
    def time_of_day(self) -> time | None:
        """The time that was typed, by the clock in Europe/London."""
        return read_time(self.said("at"))

    @property
    def seen_due(self) -> datetime:
        """When it was due as the page showed it; long ago for a time that makes no sense."""
        try:
            return datetime.fromisoformat(self.said("seen"))
        except ValueError:
            return datetime.min.replace(tzinfo=UTC)
