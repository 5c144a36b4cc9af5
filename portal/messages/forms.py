"""What people want to be told by e-mail."""

from collections.abc import Iterable

from flask_wtf import FlaskForm

from portal.policy import Size
from portal.policy.telling import MessageKind
from portal.web.choices import OfferingForm, terms
from portal.web.fields import Checkboxes, Choice, LongText, Radios

#: The kind that is asked for by itself.
DIGEST = "digest"


class SeenToForm(FlaskForm):  # type: ignore[misc]  # the package carries no types
    """What was done about somebody who could not be told."""

    words = LongText(
        "How were they told?",
        hint="Whom you rang and when, or why they need not know",
        size=Size.NOTE,
        required="Say how they were told, or why they need not be",
    )


class PreferencesForm(OfferingForm):
    """What comes by e-mail, of what may be switched off."""

    digest = Radios(
        "Do you want one e-mail a day with what is due and overdue for you?",
        hint="There is none on a day on which nothing is due and nothing new waits for you."
        " Without it, a reminder before the day of something that you have to do is an e-mail of its own",
        choices=[Choice("yes", "Yes"), Choice("no", "No")],
        inline=True,
        required="Choose whether you want the daily e-mail",
    )
    kinds = Checkboxes(
        "What else do you want by e-mail?",
        hint="What you do not tick stands in the portal all the same, under Messages",
    )

    def offer_kinds(self, kinds: Iterable[MessageKind]) -> None:
        """Offer the kinds that policy lets people switch off."""
        self.offer("kinds", terms(kinds, hints=True))

    @property
    def by_mail(self) -> frozenset[str]:
        """The codes of the kinds that are wanted by e-mail."""
        digest = {DIGEST} if self.digest.data == "yes" else set()
        return frozenset({*(self.kinds.data or ()), *digest})
