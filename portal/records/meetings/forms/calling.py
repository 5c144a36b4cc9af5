"""Calling a meeting, on one page: what, when, where, who runs it, who comes, what they are to bring.

Answering.
"""

import re
from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

from wtforms import FieldList, Form, FormField
from wtforms.validators import StopValidation, ValidationError

from portal.pathway.references import Prefix, read_reference
from portal.records.meetings.vocabulary import InvitationReply
from portal.web.choices import ClockTime, OfferingForm, OnceForm, Pairs, Picker, VersionedForm, choices, offer
from portal.web.fields import (
    Checkboxes,
    Choice,
    DateBoxes,
    Hidden,
    LongText,
    Radios,
    Select,
    Size,
    Text,
    Tick,
)


class ReplyForm(VersionedForm):
    """Whether somebody comes."""

    reply = Radios("Do you come?", required="Choose whether you come", legend_size="m")
    reason = LongText(
        "Why can you not come?",
        hint="Only that you cannot, not about a child. Everybody who is invited can read it",
        rows=2,
        limit=500,
    )
    deputy = Select("Who comes instead?", hint="A colleague of your agency")

    @classmethod
    def asking(cls, colleagues: list[Choice], *, for_team: bool, deputies: bool, **data: str) -> "ReplyForm":
        """The form for a person or, `for_team`, for whoever of a team comes."""
        form = cls(data=data)
        offered = [Choice(InvitationReply.COMING, "I am coming")]
        apologies = "Nobody of the team can come" if for_team else "I cannot come"
        if deputies:
            deputy = "A colleague comes" if for_team else "A deputy comes for me"
            offered.append(Choice(InvitationReply.DEPUTY, deputy))
        offered.append(Choice(InvitationReply.APOLOGIES, apologies))
        form.offer("reply", offered)
        form.offer("deputy", colleagues)
        return form

    @property
    def answer(self) -> InvitationReply:
        """What was chosen."""
        return InvitationReply(self.said("reply"))

    @property
    def deputy_id(self) -> UUID | None:
        """Who comes instead, where somebody does."""
        chosen = self.said("deputy") if self.answer is InvitationReply.DEPUTY else ""
        return UUID(chosen) if chosen else None


#: Nobody meets before this hour; what is typed as 2:30 is meant as half past two in the afternoon.
FIRST_HOUR = 6
MOST_ROWS = 20

QUESTION = "What does your agency know about the child, and what has it done so far?"
WHY = "So that the meeting can decide how great the risk is, and plan what is to be done"


_APART = re.compile(r"[,;\s]+")


def _references(typed: str) -> str | None:
    """References of cases, where nothing else is typed: one or several."""
    parts = [one for one in _APART.split(typed) if one]
    return typed if parts and all(read_reference(one, Prefix.CASE) for one in parts) else None


class WhatForm(OfferingForm):
    """What kind of meeting, and on which cases or which district."""

    kind = Radios("What kind of meeting is it?", required="Choose what kind of meeting it is")
    district = Select("Which district?")
    beside = Checkboxes(
        "Is it about other children too?",
        hint="Perhaps brothers or sisters: children whose case you read. Each keeps minutes of their own",
        small=True,
    )
    other_cases = Picker(
        "Another child",
        of="cases",
        hint="The name or date of birth of a child whose case you read, or references with commas between",
        nobody="You see no such case. Try another spelling, or the reference, like CRE-7KQ2-9XWD",
        which="Choose the child whose case it is",
        reads=_references,
    )

    @property
    def references(self) -> list[str]:
        """The other cases that are ticked, chosen or typed, as typed."""
        typed = _APART.split(self.other_cases.chosen)
        return [*(self.beside.data or ()), *(one for one in typed if one)]


class MeetingTime(ClockTime):
    """A time of day at which people meet."""

    def pre_validate(self, form: Any) -> None:
        """What was typed is no time at night, unless it says so."""
        super().pre_validate(form)
        read, typed = self.time_of_day, self.data or ""
        if read and read.hour < FIRST_HOUR and "am" not in typed.lower():
            raise StopValidation(
                "This is at night. Enter a time like 14:30 or 2.30pm; if night is meant, say so: 5.20am"
            )


class WhenForm(OfferingForm):
    """From when until when, on one day in Europe/London."""

    day = DateBoxes("Which day?", called="The day", hint="", legend_size="m", asked=True)
    starts = MeetingTime("Starts at", required="Enter when it starts")
    ends = MeetingTime("Ends at", hint="Like 16:00", required="Enter when it ends")

    @property
    def starts_at(self) -> datetime:
        """When it starts, in UTC. For a form that was found right."""
        return self.starts.on(self.day.data)

    @property
    def ends_at(self) -> datetime:
        """When it ends, in UTC. For a form that was found right."""
        return self.ends.on(self.day.data)


class WhereForm(OfferingForm):
    """A place, a link or both."""

    place = Text("Place", hint="A room, or an address", width=30)
    link = Text(
        "Link", hint="For those who join from elsewhere. It begins with https://", kind="url", size=Size.NOTE
    )


class ColleagueRow(Form):
    """Somebody with an account, looked up by name or work address."""

    email = Picker("Name or work e-mail address")
    role = Select("Comes as")

    def validate_role(self, field: Select) -> None:
        """Whoever is named comes as something."""
        _check_role(self.whom, field)

    @property
    def whom(self) -> str:
        """Who is meant; empty for a row that was left empty."""
        return str(self.email.data or "").strip()


class OutsiderRow(Form):
    """Somebody without an account."""

    name = Text("Name", width=20)
    role = Select("Comes as")

    def validate_role(self, field: Select) -> None:
        """Whoever is named comes as something."""
        _check_role(self.whom, field)

    @property
    def whom(self) -> str:
        """Who is meant; empty for a row that was left empty."""
        return str(self.name.data or "").strip()


class LearnsForm(OfferingForm):
    """A question that is asked only where somebody would learn of a child who is closely held."""

    may_know = Tick("That is right: they may know who the child is")
    learns = Hidden(default="")  # of whom and of which child it was asked

    @property
    def answered_learns(self) -> str:
        """Of whom and of which child it was said that they may know; empty where nothing was said."""
        return self.said("learns") if self.may_know.data else ""

    def ask_learns(self, about: str) -> None:
        """Ask, or ask again of others or another child."""
        self.learns.data, self.may_know.data = about, False

    def leave_out_learns(self) -> None:
        """Let the page show the question only where it was asked."""
        if not self.learns.data:
            del self.may_know


class InviteForm(LearnsForm):
    """Whom to invite: teams, people by name, people without an account."""

    find = Text("Find a team", hint="A part of the name of a team, agency or place", width=20)
    teams = Checkboxes("Which teams?", hint="")
    people = FieldList(FormField(ColleagueRow), min_entries=1, max_entries=MOST_ROWS)
    outsiders = FieldList(FormField(OutsiderRow), min_entries=1, max_entries=MOST_ROWS)

    roles_of_teams: dict[str, str]  # as which a team comes, by its identifier, where somebody said so

    def process(self, formdata: Any = None, *args: Any, **kwargs: Any) -> None:
        """Read the fields, and beside each team as what it comes."""
        super().process(formdata, *args, **kwargs)
        typed = self.meta.wrap_formdata(self, formdata) or {}
        self.roles_of_teams = {
            name.removeprefix("as-"): str(typed.get(name)) for name in typed if name.startswith("as-")
        }

    def offer_roles(self, inside: Pairs, outside: Pairs) -> None:
        """Set in which roles people with and without an account can come."""
        for row in self.people:
            offer(row.form.role, choices(inside))
        for other in self.outsiders:
            offer(other.form.role, choices(outside))

    def add_row(self, kind: str) -> None:
        """Make room for one more of ``people`` or ``outsiders``."""
        for name, rows in (("people", self.people), ("outsiders", self.outsiders)):
            if kind == name and len(rows) < MOST_ROWS:
                rows.append_entry()

    def invites(self) -> bool:
        """Whether anybody is named on the page."""
        rows = [*self.people, *self.outsiders]
        return bool(self.teams.data) or any(row.form.whom for row in rows)


class ElsewhereForm(OfferingForm):
    """A question that is asked only where somebody is at another meeting then, or the place is taken."""

    all_the_same = Tick("That is right: keep the people, the place and the time")
    asked = Hidden(default="")  # of whom and of which time it was asked

    @property
    def answered(self) -> str:
        """Of whom and of which time it was said that it is right; empty where nothing was said."""
        return self.said("asked") if self.all_the_same.data else ""

    def ask(self, about: str) -> None:
        """Ask, or ask again of another person or time."""
        self.asked.data, self.all_the_same.data = about, False

    def leave_out_unasked(self) -> None:
        """Let the page show the question only where it was asked."""
        if not self.asked.data:
            del self.all_the_same


class ChairForm(OfferingForm):
    """Who chairs: from the list, or looked up."""

    chair = Select("Chair")
    chair_email = Picker("Or somebody else", hint="By name or work e-mail address, instead of the list")

    def validate_chair(self, field: Select) -> None:
        """Somebody chairs."""
        if not field.data and not self.said("chair_email"):
            raise ValidationError("Choose who chairs the meeting")


class NoteTakerForm(OfferingForm):
    """Who takes the notes: from the list, or looked up."""

    note_taker = Select("Note-taker", hint="Somebody other than the chair")
    note_taker_email = Picker("Or somebody else", hint="By name or work e-mail address, instead of the list")

    def validate_note_taker(self, field: Select) -> None:
        """Somebody takes the notes."""
        if not field.data and not self.said("note_taker_email"):
            raise ValidationError("Choose who takes the notes")


EACH_TEAM = (
    "Each invited team gets a question on each child, due before the meeting. Of several children, one whose "
    "case is restricted is asked about only of those who work on that case or are named on it"
)


class CallForm(WhatForm, WhenForm, WhereForm, ChairForm, NoteTakerForm, InviteForm, ElsewhereForm, OnceForm):
    """All of it."""

    papers = Checkboxes("Which papers does it need?", hint="", small=True)
    papers_reason = Text("Why are the others not needed?", hint="Only where you took a tick away")
    reports = Radios(
        "Ask each invited agency for a report?",
        choices=[
            Choice("yes", "Yes", hint=EACH_TEAM),
            Choice("no", "No, or not yet"),
        ],
    )
    question = LongText("What do you ask?")
    why = LongText("Why do you ask?", rows=2)

    def start(self, *, day: date | None, kind: str, chair: str, teams: Collection[UUID]) -> None:
        """Fill in what a new page begins with."""
        self.prefill(
            day=day,
            kind=kind,
            chair=chair,
            teams=teams,
            papers=self._offered_papers(),
            reports="yes",
            question=QUESTION,
            why=WHY,
        )

    @property
    def papers_left_out(self) -> tuple[str, ...]:
        """The papers that the meeting can do without."""
        return tuple(one for one in self._offered_papers() if one not in (self.papers.data or ()))

    def _offered_papers(self) -> list[str]:
        return [str(one[0]) for one in self.papers.iter_choices()]

    @property
    def asks_for_reports(self) -> bool:
        """Whether everybody who is invited is asked for a report."""
        return bool(self.reports.data == "yes")


def _check_role(whom: str, field: Select) -> None:
    if whom and not field.data:
        raise ValidationError(f"Choose as what {whom} comes")
