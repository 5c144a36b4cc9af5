"""What is typed of something of concern.

What is recorded of a place, person or thing: one form for each kind, its fields from policy. And what people
do with it: link, add, review, end, grade, release, give it away.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from portal import clock
from portal.deadlines.rules import last_day
from portal.policy import Policy
from portal.records.concerns.policy import ConcernField, Concerns
from portal.records.concerns.rules import Described, read_day
from portal.records.concerns.vocabulary import ConcernKind, FieldShape
from portal.records.entries.forms import WhoReads
from portal.records.entries.vocabulary import Handling
from portal.vocabulary import Answer
from portal.web.choices import OfferingForm, OnceForm, Pairs, VersionedForm, choices, terms
from portal.web.error_summary import Reveals
from portal.web.fields import (
    Checkboxes,
    Choice,
    DateBoxes,
    Hidden,
    LongText,
    PastDay,
    Phone,
    Radios,
    Select,
    Text,
    Tick,
)

HELD, SEEN = "held", "seen"

#: Before the code of a field of policy, so that it cannot be taken for a question of the program.
OWN = "own_"

_NAMES = {
    ConcernKind.PLACE: "What is it called?",
    ConcernKind.PERSON: "Name",
    ConcernKind.GROUP: "What do people call the group?",
}


class ConcernForm(OnceForm):
    """The questions of one kind. `made_for` gives the class."""

    kind: ConcernKind
    own: tuple[ConcernField, ...]

    def own_fields(self) -> list[Any]:
        """The fields of policy, in its order."""
        return [self[f"{OWN}{one.code}"] for one in self.own]

    def offer_words(self, policy: Policy, teams: Pairs = ()) -> None:
        """Set the lists of the policy, and the teams that may answer for it where there are several."""
        self.offer("district", terms(policy.areas.districts.offered, hints=True))
        self.offer("risk", terms(policy.of(Concerns).risks.offered, hints=True))
        for one in self.own:
            if one.shape is FieldShape.PLACE_KIND:
                self.offer(f"{OWN}{one.code}", terms(policy.referral.place_kinds.offered, hints=True))
            elif one.shape is FieldShape.PLATFORM:
                self.offer(f"{OWN}{one.code}", terms(policy.referral.platforms.offered, hints=True))
        if "team" in self:
            pairs = list(teams)
            self.offer("team", choices(pairs))
            if len(pairs) < 2:  # noqa: PLR2004 - with one team there is nothing to choose
                del self.team

    def offer_children(self, policy: Policy, children: Pairs) -> None:
        """Set the children of the record that it is made from; a single one is ticked on a new page."""
        if "children" not in self:
            return
        pairs = list(children)
        self.offer("children", choices(pairs))
        roles = policy.of(Concerns).roles_of(self.kind, to_child=True)
        self.offer("child_role", terms(roles))
        if not self.is_submitted() and len(pairs) == 1:
            self.children.data = [pairs[0][0]]

    def start(self, policy: Policy) -> None:
        """Fill in what a new page begins with."""
        self.review_on.process(None, last_day(policy.of(Concerns).review_within, clock.today()))

    def start_from(self, said: Described) -> None:
        """Show what is recorded, where nothing was sent."""
        if not self.is_submitted():
            self.fill_in(said)

    def fill_in(self, said: Described) -> None:
        """Show what is recorded, or what another record already says."""
        for name, value in (
            ("name", said.name),
            ("description", said.description),
            ("risk", said.risk),
            ("district", said.district),
            ("do_not_approach", said.do_not_approach),
        ):
            if name in self:
                self[name].data = value
        for name, day in (
            ("first_on", said.first_on),
            ("last_on", said.last_on),
            ("review_on", said.review_on),
        ):
            if name in self and day:
                self[name].process(None, day)
        if "also_child" in self and said.also_child is not None:
            self.also_child.data = (Answer.YES if said.also_child else Answer.NO).value
        self._fill_own(said.details)

    def _fill_own(self, details: Mapping[str, Any]) -> None:
        for one in self.own:
            value, field = str(details.get(one.code) or ""), self[f"{OWN}{one.code}"]
            if one.shape is FieldShape.DATE:
                field.process(None, read_day(value))
            elif value:
                field.data = value

    @property
    def described(self) -> Described:
        """What was said, for the service."""
        return Described(
            name=self.said("name") if "name" in self else "",
            description=self.said("description"),
            details={one.code: self._own_text(one) for one in self.own},
            first_on=self.first_on.data,
            last_on=self.last_on.data,
            risk=self.said("risk") or None,
            district=self.said("district") or None,
            also_child=_yes_or_no(self.said("also_child")) if "also_child" in self else None,
            do_not_approach=bool(self.do_not_approach.data) if "do_not_approach" in self else False,
            review_on=self.review_on.data if "review_on" in self else None,
        )

    def _own_text(self, one: ConcernField) -> str:
        data = self[f"{OWN}{one.code}"].data
        return data.isoformat() if isinstance(data, date) else str(data or "")


def made_for(kind: ConcernKind, policy: Policy, *, new: bool, on_children: bool = False) -> type[ConcernForm]:
    """The form of a kind, its questions in the order of the page.

    Args:
        new: to record something; otherwise to change what is recorded, with a reason.
        on_children: it is made from a record that is on children, and may belong to them.
    """
    own = policy.of(Concerns).fields_of(kind)
    fields: dict[str, Any] = {"kind": kind, "own": own}
    if kind in _NAMES:
        fields["name"] = Text(_NAMES[kind], hint="Leave it empty if you do not know")
    for one in own:
        fields[f"{OWN}{one.code}"] = _field(one)
    fields["description"] = LongText(
        "What do they look like, and what else is known?" if kind is ConcernKind.PERSON else "What is known?",
        hint="Leave out who the children are, and who told you. Children are linked, where only those read it"
        " who may",
        rows=4,
    )
    if kind is ConcernKind.PERSON:
        fields["also_child"] = Radios(
            "Could this person be a child, or exploited too?",
            choices=Answer,
            inline=True,
        )
        fields["do_not_approach"] = Tick(
            "Do not approach this person", hint="Speak to the police first. It stands at the head of the page"
        )
    fields["district"] = Select(
        "District",
        hint="The council of the district sees a place, unless it is somebody’s home"
        if kind is ConcernKind.PLACE
        else "",
        prompt="Not known",
    )
    fields["first_on"] = DateBoxes("First known, if you can say", called="The first date", latest=clock.today)
    fields["last_on"] = DateBoxes("Last known, if you can say", called="The last date", latest=clock.today)
    fields["risk"] = Radios("How dangerous is it for children?")
    if on_children:
        fields["children"] = Checkboxes(
            "Which children does it belong to?",
            hint="Only who reads a child’s record sees that they are linked",
            small=True,
        )
        fields["child_role"] = Select("How do they belong together?")
    if new:
        fields["restricted"] = Tick(
            "Hold it closely",
            hint="Only for your team, its managers and the hub, until you let others see it. Otherwise police"
            " and all of your agency see it",
        )
        fields["team"] = Select(
            "Which of your teams answers for it?", required="Choose which of your teams answers for it"
        )
        fields["review_on"] = DateBoxes("Look at it again by", hint="", called="The date")
        fields["looked"] = Hidden(default="")
    else:
        fields["reason"] = Text("Why does it change?", hint="What it says now stays in its history")
        fields["version"] = Hidden(default="0")
        fields["once"] = None  # WTForms takes a field away by None
    return type("ConcernFormOfKind", (ConcernForm,), fields)


def _field(one: ConcernField) -> Any:
    if one.shape is FieldShape.DATE:
        asked: dict[str, Any] = {"hint": one.hint} if one.hint else {}
        return DateBoxes(one.label, latest=clock.today, **asked)
    kind, options = _BOXES.get(one.shape, (Text, {}))
    return kind(one.label, hint=one.hint, **options)


#: The box of each shape; one line where none is named.
_BOXES: dict[FieldShape, tuple[Any, dict[str, Any]]] = {
    FieldShape.AGE: (Text, {"width": 3, "inputmode": "numeric"}),
    FieldShape.POSTCODE: (Text, {"width": 10}),
    FieldShape.REGISTRATION: (Text, {"width": 10}),
    FieldShape.PHONE: (Phone, {}),
    FieldShape.PLACE_KIND: (Select, {}),
    FieldShape.PLATFORM: (Select, {}),
    FieldShape.TEXT: (LongText, {"rows": 3}),
    **dict.fromkeys(
        (
            FieldShape.NAMES,
            FieldShape.PHONES,
            FieldShape.HANDLES,
            FieldShape.REGISTRATIONS,
            FieldShape.ADDRESS,
        ),
        (LongText, {"rows": 2, "spellcheck": False}),
    ),
}


def _yes_or_no(said: str) -> bool | None:
    return {Answer.YES.value: True, Answer.NO.value: False}.get(said)


class StepForm(VersionedForm):
    """A step on something as it was seen, with why."""

    words = LongText("Why?", required="Say why")


class HoldForm(StepForm):
    """Hold something closely, or as others again: the form says which, whatever was done to it meanwhile."""

    restricted = Hidden(default="")

    def mean(self, restricted: bool) -> bool:
        """What a new page means to do, or the one that was sent meant."""
        if self.said("restricted") not in {"0", "1"}:
            self.restricted.data = str(int(restricted))
        return self.said("restricted") == "1"


class HandledForm(OfferingForm):
    """Who may read something, as of an entry on a case."""

    reveals: ClassVar[Reveals] = {"handling": {Handling.AGENCIES: ("agencies",)}}

    handling = WhoReads("Everybody who sees this")
    agencies = Checkboxes("Which agencies?", small=True, find="an agency")

    def offer_readers(self, agencies: Pairs) -> None:
        """Set the agencies that it may be for."""
        self.offer("agencies", choices(agencies))
        self.prefill(handling=Handling.NETWORK.value)

    @property
    def listed(self) -> list[UUID]:
        """The agencies that may read it."""
        return [UUID(one) for one in self.agencies.data or ()]


class NoteForm(HandledForm):
    """What one's agency knows of it."""

    text = LongText(
        "What does your agency know?",
        hint="Leave out who the children are, and who told you",
        rows=4,
        required="Write what your agency knows",
    )
    happened_on = PastDay("When was it?", called="The date", hint="Leave it empty if you do not know")
    handling = WhoReads("Everybody who sees this")  # again: errors are listed in the order of the page
    agencies = Checkboxes("Which agencies?", small=True, find="an agency")


class LinkForm(HandledForm):
    """How it and a child, or it and another thing of concern, belong together."""

    reveals: ClassVar[Reveals] = {**HandledForm.reveals, "who_sees": {SEEN: ("seen_because",)}}

    other = Hidden(default="")
    role = Select("How do they belong together?", required="Choose how they belong together")
    words = LongText("What was seen or said?")
    from_on = PastDay("Since when?", called="The first day", hint="If known")
    until_on = DateBoxes("Until when?", called="The last day", hint="Leave it empty if it goes on")
    handling = WhoReads(
        "Everybody who sees both of them"
    )  # again: errors are listed in the order of the page
    agencies = Checkboxes("Which agencies?", small=True, find="an agency")
    # Asked where an alert says that where the child lives, or their phone, is not disclosed.
    who_sees = Radios(
        "May others see this link?",
        hint="An alert on this child says not to disclose where they live or how they are reached. "
        "This may tell it.",
        choices=[
            Choice(
                HELD, "No: only my agency, and those I list", "It is in no list, picture, print or message"
            ),
            Choice(SEEN, "Yes: whoever sees both ends"),
        ],
    )
    seen_because = Text("Why may they see it?", hint="It stays on record, and stands beside it.")

    def offer_roles(self, policy: Policy, kind: str, *, to_child: bool) -> None:
        """Set how something of a kind can belong to a child, or to other things."""
        self.offer("role", terms(policy.of(Concerns).roles_of(kind, to_child=to_child)))


class ReviewForm(StepForm):
    """Somebody looked, and it still holds."""

    words = LongText("What did you look at, and what did you find?", required="Say what you found")
    risk = Radios("How dangerous is it for children now?")
    review_on = DateBoxes("Look at it again by", called="The date", hint="", asked=True)

    def offer_words(self, policy: Policy) -> None:
        """Set the list of the policy."""
        self.offer("risk", terms(policy.of(Concerns).risks.offered, hints=True))


class ReopenForm(StepForm):
    """It is of concern again."""

    review_on = DateBoxes("Look at it again by", called="The date", hint="", required="Enter the date")


class PoliceStatusForm(StepForm):
    """How police know a person."""

    status = Radios("How do police know this person?", required="Choose how police know them")
    words = LongText(
        "What is this based on?",
        hint="Whoever sees this person reads it. Never write a source",
        required="Say what this is based on",
    )

    def offer_words(self, policy: Policy) -> None:
        """Set the list of the policy."""
        self.offer("status", terms(policy.of(Concerns).police_statuses.offered))


class GradeForm(StepForm):
    """How reliable what is recorded is (3x5x2)."""

    source_grade = Radios("How reliable is the source?", required="Choose how reliable it is")
    information_grade = Radios("How is it known?", required="Choose how it is known")
    handling_code = Radios("How may it be handled?", required="Choose how it may be handled")
    words = LongText("Conditions, or why the grading changes", rows=2)


class ReleaseForm(OfferingForm):
    """Another agency may see it."""

    agency = Select("Which agency?", required="Choose an agency")
    reason = LongText(
        "Why do they need to know it?",
        hint="They read it, and so does everybody who sees this",
        rows=2,
        required="Say why they need to know it",
    )


class GiveForm(StepForm):
    """Another team answers for it."""

    team = Select("Which team answers for it from now on?", required="Choose a team")
    words = LongText("Why does it go to them?", rows=2, required="Say why it goes to them")
