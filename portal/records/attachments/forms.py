"""Adding a file to a record, and withdrawing one."""

from portal.web.choices import OfferingForm, in_words
from portal.web.fields import Checkboxes, Choice, Files, Radios


class FileForm(OfferingForm):
    """Files, several at once if somebody likes."""

    file = Files("Choose files")


class DraftFileForm(FileForm):
    """A file on an information form."""

    shows_source = Checkboxes(
        "Does it show who told you?",
        hint="",
        choices=[
            Choice(
                "yes",
                "Yes, or somebody could work it out from it",
                hint="Then only you and the hub’s coordinators see it",
            )
        ],
    )


class MeetingFileForm(FileForm):
    """A file on a meeting."""

    about = Radios("Whom is it about?", required="Choose whom it is about")


#: Hide a file that should not be there.
WithdrawFileForm = in_words(
    OfferingForm,
    "reason",
    "Why do you withdraw it?",
    hint="Shown in its place to everybody who could see it. That it was there stays on record.",
    limit=500,
    required="Say why you withdraw it",
)
