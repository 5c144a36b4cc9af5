"""When somebody is away, and who covers a case."""

from portal.web.choices import OfferingForm
from portal.web.fields import Checkboxes, DateBoxes, Select, one_of


class AbsenceForm(OfferingForm):
    """From when until when."""

    person = Select("Who is away?", required="Choose who is away")
    first_day = DateBoxes(
        "First day away", hint="For example, 7 12 2026", called="The first day", asked=True, today=True
    )
    last_day = DateBoxes(
        "Last day away",
        hint="For example, 18 12 2026. Messages come again on the day after",
        called="The last day",
        asked=True,
    )


class CoverForm(OfferingForm):
    """A deputy for some cases, at first for all that nobody covers."""

    case = Checkboxes(
        "Which cases?",
        hint="Take the tick from those that somebody else covers",
        small=True,
        find="a case",
        validators=[one_of("Choose at least one case")],
    )
    deputy = Select(
        "Who covers them?",
        hint="Colleagues who read at least one of these cases. A case that they do not read stays uncovered:"
        " covering gives nobody access",
        required="Choose who covers them",
    )
