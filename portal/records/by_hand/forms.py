"""When, how and by whom somebody without an account was told; or why they need not be."""

from portal.records.by_hand.rules import Telling
from portal.records.by_hand.vocabulary import Way
from portal.web.choices import VersionedForm, in_words
from portal.web.fields import Choice, PastDay, Radios, Text


class TellingForm(VersionedForm):
    """That they were told."""

    told_on = PastDay("When were they told?", required="Enter when they were told")
    way = Radios(
        "How were they told?",
        choices=[Choice(one.value, one.label) for one in Way],
        small=True,
        required="Choose how they were told",
    )
    told_by = Text("Who told them?", hint="You, or a colleague", width=30, required="Enter who told them")

    @property
    def telling(self) -> Telling:
        """What was filled in, once it is valid."""
        assert self.told_on.data is not None  # noqa: S101  # it is required
        return Telling(told_on=self.told_on.data, way=Way(self.said("way")), told_by=self.said("told_by"))


#: Why they need not be told.
DropForm = in_words(
    VersionedForm,
    "reason",
    "Why do they not need to be told?",
    hint="For example, that they cannot be reached, and what you tried",
    rows=3,
    required="Say why they need not be told",
)
