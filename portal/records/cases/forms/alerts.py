"""Alerts of a case: the forms to add one and to review it."""

from typing import ClassVar

from wtforms.validators import Optional

from portal.forms.offering import OfferingForm
from portal.web.fields import Choice, DateBoxes, Hidden, LongText, Radios, Select, Text, required
from portal.web.form_layout import Reveals


class AlertForm(OfferingForm):
    """Put an alert at the head of a case."""

    reveals: ClassVar[Reveals] = {"child_told": {"no": ("told_reason",)}}

    kind = Radios("What kind of alert is it?", validators=[required("Choose the kind of alert")])
    text = LongText(
        "What must people know, and do?",
        hint="It stands at the head of every page and print of this case. Do not write an address or phone "
        "number that must not be disclosed.",
        rows=3,
        limit=500,
        validators=[required("Say what people must know")],
    )
    owner = Select(
        "Who answers for it?",
        hint="Somebody who works on this case",
        validators=[required("Choose who answers for it")],
    )
    review_on = DateBoxes(
        "Review it by",
        hint="For example, 27 3 2027",
        called="The review date",
        validators=[required("Enter the review date")],
    )
    child_told = Radios(
        "Does the child know of this alert?",
        choices=[Choice("yes", "Yes"), Choice("no", "No")],
        validators=[required("Choose whether the child knows of it")],
    )
    told_reason = Text("Why not?", validators=[Optional()])


class AlertReviewForm(OfferingForm):
    """Keep an alert until another day."""

    owner = Select("Who answers for it?", validators=[required("Choose who answers for it")])
    review_on = DateBoxes(
        "Review it again by",
        hint="For example, 27 3 2027",
        called="The review date",
        validators=[required("Enter the review date")],
    )
    version = Hidden()
