"""What follows on a missing episode: the return, the talk with the police, withdrawal, what is decided."""

from datetime import datetime
from typing import Any

from wtforms.validators import Optional, ValidationError

from portal import clock
from portal.forms.offering import OfferingForm, choices
from portal.policy import Policy
from portal.records.missing.forms.reporting import EpisodeForm, moment_of, time_of
from portal.records.missing.policy import Missing
from portal.records.missing.vocabulary import StrategyAnswer
from portal.web.fields import Choice, DateBoxes, LongText, Radios, Select, Text, required


class FoundForm(EpisodeForm):
    """That a child is back: when, how, where, and whether they were hurt."""

    found_on = DateBoxes(
        "On which day was the child found, or did they come back?",
        called="The date",
        hint="",
        latest=clock.today,
        validators=[required("Enter the day on which the child was found or came back")],
    )
    found_at = Text(
        "At what time?",
        hint="Like 07:15. The time for the return interview runs from then",
        width=5,
        validators=[required("Enter the time at which the child was found or came back")],
    )
    how = Select(
        "How was the child found?",
        prompt="Choose",
        validators=[required("Choose how the child was found")],
    )
    where = Text("Where?", hint="A place or an address", validators=[Optional()])
    found_with = LongText("With whom?", rows=2, validators=[Optional()])
    injuries = LongText(
        "Was the child hurt, or harmed in another way?",
        hint="What was seen and what the child said. Write “not known” if nobody could tell",
        rows=3,
        validators=[required("Write whether the child was hurt, or that it is not known")],
    )

    def offer_findings(self, policy: Policy) -> None:
        """Set the list of the policy."""
        self.offer("how", choices(policy.of(Missing).findings.choices()), prompt=True)

    def validate_found_at(self, field: Text) -> None:
        """A time of day that is past."""
        time_of(field)
        if self.found_on.data and moment_of(self.found_on.data, str(field.data)) > clock.now():
            raise ValidationError("This must be in the past")

    def facts(self) -> dict[str, Any]:
        """What was answered, by the columns of an episode. For a form that was found right."""
        return {
            "returned_at": moment_of(self.found_on.data, self.said("found_at")),
            "how_found": self.said("how"),
            "found_where": self.said("where"),
            "found_with": self.said("found_with"),
            "injuries": self.said("injuries"),
        }

    def fill(self, episode: Any) -> None:
        """Show what the episode says already, or the present moment."""
        at = clock.local(episode.returned_at or clock.now())
        self.found_on.process(None, at.date())
        self.found_at.data = f"{at:%H:%M}" if episode.returned_at else ""
        self.how.data = episode.how_found or ""
        self.where.data = episode.found_where or ""
        self.found_with.data = episode.found_with or ""
        self.injuries.data = episode.injuries or ""


class PreventionForm(EpisodeForm):
    """The talk that the police have with a child who is back."""

    held_on = DateBoxes(
        "On which day did the police talk with the child?",
        called="The date",
        hint="",
        latest=clock.today,
        validators=[required("Enter the day of the prevention interview")],
    )
    held_at = Text("At what time?", hint="Like 09:40", width=5, validators=[required("Enter the time")])
    held_by = Text("Who talked with the child?", validators=[required("Enter who talked with the child")])
    words = LongText(
        "What did the child say, and what did you see?",
        hint="Use the child’s own words where you have them",
        rows=5,
        validators=[required("Write what came of it, or that the child did not want to talk")],
    )

    def validate_held_at(self, field: Text) -> None:
        """A time of day that is past."""
        time_of(field)
        if self.held_on.data and moment_of(self.held_on.data, str(field.data)) > clock.now():
            raise ValidationError("This must be in the past")

    def fill(self, episode: Any) -> None:
        """Show what the episode says already."""
        if episode.prevention_at is None:
            return
        at = clock.local(episode.prevention_at)
        self.held_on.process(None, at.date())
        self.held_at.data = f"{at:%H:%M}"
        self.held_by.data, self.words.data = episode.prevention_by, episode.prevention_words

    @property
    def moment(self) -> datetime:
        """When it was. For a form that was found right."""
        return moment_of(self.held_on.data, self.said("held_at"))


class WithdrawForm(EpisodeForm):
    """Say that there was no such episode."""

    reason = LongText(
        "Why is it withdrawn?",
        hint="For example: the child was where they should be, or the same episode was reported twice"
        " (give the other reference)",
        rows=3,
        validators=[required("Say why it is withdrawn")],
    )


class StrategyForm(OfferingForm):
    """What is decided after a child was missing repeatedly."""

    answer = Radios(
        "What is decided?",
        choices=[Choice(one.value, one.label) for one in StrategyAnswer],
        validators=[required("Choose what is decided")],
    )
    words = LongText(
        "When and with whom, or why not?",
        rows=3,
        validators=[required("Say when and with whom, or why it is not needed")],
    )

    @property
    def chosen(self) -> StrategyAnswer:
        """What is decided. For a form that was found right."""
        return StrategyAnswer(self.said("answer"))
