"""The end of a case, reopening it, and what is handed over: the forms."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from portal.records.closing.policy import Closing
from portal.records.closing.vocabulary import ClosureKind, HandOverKind, LeftOver
from portal.web.choices import OfferingForm, Pairs, VersionedForm, choices, in_words, terms
from portal.web.fields import Checkboxes, DateBoxes, Hidden, LongText, Radios, Select, Text

_ACTION = "action_"


class EndForm(VersionedForm):
    """End a case: why, who follows up, what would reopen it, and what becomes of every open action."""

    reason = Radios("Why does the case end?", required="Choose why the case ends")
    words = LongText("What has changed, and how do you know?", rows=4, required="Say why the case ends")
    follow_up = Select(
        "Who leads what follows?",
        hint="A named person, whom the child and the agencies turn to from now on",
        prompt="Somebody else, named below",
    )
    follow_up_name = Text("Name, if it is somebody else")
    follow_up_agency = Text("Agency")
    follow_up_contact = Text("How to reach them")
    reopen_if = LongText(
        "What would reopen the case?",
        hint="What somebody has to see or hear to know that it is time",
        required="Say what would reopen the case",
    )
    minutes_reason = LongText("Why does the case end before the minutes are approved?", rows=2)
    undone_reason = LongText(
        "Why does the case end all the same?", hint="And who sees to it from now on", rows=2
    )
    level_reason = LongText("Why does the case close at the level that it has?", rows=2)
    actions: tuple[str, ...] = ()

    @classmethod
    def of(cls, kind: ClosureKind, closing: Closing, people: Pairs, data: Mapping[str, Any]) -> "EndForm":
        """The form with the reasons of the policy and the people of the case."""
        form = cls(data=dict(data))
        form.offer("reason", terms(closing.reasons_for(kind), hints=True))
        form.offer("follow_up", choices(people))
        return form

    def take_as_sent(self) -> None:
        """Refuse no answer of a page that was open before the case ended: that is what has to be said."""
        self.reason.validate_choice = self.follow_up.validate_choice = False

    def settled(self) -> dict[UUID, tuple[LeftOver, str]]:
        """What becomes of each action, with its words; those that nothing was said of are left out."""
        return {
            UUID(one): (LeftOver(self[_ACTION + one].data), self.said(f"{_ACTION}{one}__words"))
            for one in self.actions
            if self[_ACTION + one].data
        }


def end_form(actions: Sequence[tuple[UUID, str]]) -> type[EndForm]:
    """The form that also asks what becomes of some actions, each by its identifier and what it is."""
    fields: dict[str, Any] = {"actions": tuple(str(one) for one, _ in actions)}
    for one, what in actions:
        fields[f"{_ACTION}{one}"] = Radios(
            what,
            choices=LeftOver,
            small=True,
            required="Say what becomes of this action",
        )
        fields[f"{_ACTION}{one}__words"] = LongText("Who carries it on, or why not", rows=2)
    return type("EndForm", (EndForm,), fields)


#: The second person does not agree that a case ends, or somebody takes back what they asked.
AnswerEndForm = in_words(
    OfferingForm,
    "reason",
    "Why does the case go on?",
    hint="What has to be looked at again",
    required="Say why the case goes on",
)


class ReopenForm(VersionedForm):
    """Reopen a case, and bring back who is needed."""

    reason = LongText("What is new?", rows=4, required="Say why the case is reopened")
    teams = Checkboxes(
        "Which teams does the case need again?",
        hint="They read the case from now on, and are told. You can bring in others later",
        find="a team",
    )


class HandOverForm(VersionedForm):
    """What a hand-over says."""

    service = Text("Which authority and service takes over?")
    person = Text("Who takes over there?")
    contact = Text("How to reach them")
    meets_on = DateBoxes(
        "When do you meet about it?", hint="The day that both have agreed", called="The day of the meeting"
    )
    base = Hidden()
    sections: tuple[str, ...] = ()


def hand_over_form(closing: Closing, kind: HandOverKind) -> type[HandOverForm]:
    """The form with the sections of the policy."""
    sections = closing.sections_of(kind)
    fields: dict[str, Any] = {"sections": tuple(one.code for one in sections)}
    for one in sections:
        fields[one.code] = LongText(
            one.label if one.required else f"{one.label} (optional)", hint=one.hint, rows=5
        )
    return type("HandOverForm", (HandOverForm,), fields)
