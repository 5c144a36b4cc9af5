"""Orders and notices: recorded, and what happens to them."""

from typing import ClassVar
from uuid import UUID

from portal import clock
from portal.deadlines.rules import last_day
from portal.pathway.characters import identifier
from portal.pathway.references import Prefix, read_reference
from portal.policy import Policy
from portal.records.orders.policy import Orders
from portal.records.orders.rules import OrderSaid
from portal.web.choices import ChildPicker, OfferingForm, OnceForm, Pairs, VersionedForm, choices, terms
from portal.web.error_summary import Reveals
from portal.web.fields import Checkboxes, Choice, DateBoxes, LongText, PastDay, Radios, Select, Text


class OrderForm(OnceForm):
    """Record an order or notice."""

    reveals: ClassVar[Reveals] = {"runs": {"until": ("expires_on",), "on": ("review_on",)}}

    kind = Select(
        "What sort of order or notice is it?",
        prompt="Choose",
        required="Choose what sort of order or notice it is",
    )
    made_by = Text("Who made it?", hint="The court, or who signed it")
    starts_on = DateBoxes(
        "From when does it run?",
        called="The first day",
        hint="For example, 14 11 2026",
        required="Enter from when it runs",
    )
    runs = Radios(
        "Does it run out?",
        choices=[Choice("until", "Yes, on a day"), Choice("on", "No, it has no last day")],
        default="until",
        small=True,
        required="Choose whether it runs out",
    )
    expires_on = DateBoxes("Its last day", called="The last day", hint="")
    review_on = DateBoxes("Look at it again by", called="The day", hint="")
    conditions = LongText(
        "What does it forbid or ask for?",
        hint="As it is written. Do not write where a child lives",
        rows=4,
        required="Write what it forbids or asks for",
    )
    children = Checkboxes("Which child does it protect?", hint="", small=True)
    child = ChildPicker(
        "Another child whom it protects",
        hint="Name, date of birth or reference. Only whoever reads the child’s record learns of it",
        which="Choose the child whom it protects",
    )
    served_on = PastDay("When was it served?", hint="Leave it empty if it is not served yet")
    served_words = Text("Who served it, and how?")
    team = Select("Which of your teams answers for it?", prompt="Choose a team")

    def offer_policy(self, policy: Policy, kind: str, children: Pairs, teams: Pairs) -> None:
        """Set what can be on this kind of concern, whom it may protect, and who may answer for it."""
        self.offer("kind", terms(policy.of(Orders).types_on(kind)))
        linked, own = list(children), list(teams)
        self.offer("children", choices(linked))
        if not linked:
            del self.children
        self.offer("team", choices(own))
        if len(own) < 2:  # noqa: PLR2004 - with one team there is nothing to choose
            del self.team
        self.prefill(review_on=last_day(policy.of(Orders).review_within, clock.today()))

    @property
    def order(self) -> OrderSaid:
        """What was recorded. For a form that was found right."""
        runs_out = self.runs.data == "until"
        return OrderSaid(
            kind=self.said("kind"),
            made_by=self.said("made_by"),
            starts_on=self.starts_on.data,
            expires_on=self.expires_on.data if runs_out else None,
            review_on=None if runs_out else self.review_on.data,
            conditions=self.said("conditions"),
            served_on=self.served_on.data,
            served_words=self.said("served_words"),
        )

    @property
    def protected(self) -> list[str]:
        """The references of the children whom it protects; what cannot be one stays as it was typed."""
        references = list(self.children.data or ()) if "children" in self else []
        if typed := self.child.chosen or self.said("child").strip():
            references.append(read_reference(typed, Prefix.CHILD) or typed)
        return references

    @property
    def team_id(self) -> UUID | None:
        """The team that was chosen to answer for it, where there was a choice."""
        return identifier(self.team.data) if "team" in self else None


class ServedForm(VersionedForm):
    """It was served."""

    on = PastDay("When was it served?", required="Enter when it was served")
    words = Text("Who served it, and how?", required="Say who served it, and how")


class BrokenForm(OfferingForm):
    """Somebody broke it."""

    on = PastDay("When was it broken?", required="Enter when it was broken")
    words = LongText(
        "What happened, and what was done?", rows=4, required="Say what happened, and what was done"
    )


class MovedForm(VersionedForm):
    """It runs until another day."""

    until = DateBoxes(
        "Until when does it run now?", called="The day", hint="", required="Enter until when it runs now"
    )
    words = Text("Who decided, and why?", required="Say who decided, and why")


class EndedForm(VersionedForm):
    """It has ended."""

    outcome = Radios("How did it end?", small=True, required="Choose how it ended")
    on = PastDay("When did it end?", required="Enter when it ended")
    words = Text("Anything else?")

    def offer_policy(self, policy: Policy) -> None:
        """Set the ways in which it can end."""
        self.offer("outcome", terms(policy.of(Orders).outcomes.offered))
