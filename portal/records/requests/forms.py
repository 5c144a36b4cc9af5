"""Asking teams, answering what one is asked, and changing a question that waits."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from portal.pathway.characters import whole_number
from portal.records.entries.vocabulary import Handling
from portal.records.requests.vocabulary import READS_INTELLIGENCE, Locates
from portal.web.choices import OfferingForm, OnceForm, Pairs, Picker, choices
from portal.web.fields import Checkboxes, Choice, DateBoxes, Hidden, LongText, Radios, Text


class AskForm(OnceForm):
    """What some teams, or on a sealed case some people, are asked."""

    about = Radios("Which child?")
    children = Checkboxes("Which children?", hint="")
    find = Text("Find a team", hint="A part of the name of a team, agency or place", width=20)
    teams = Checkboxes("Which teams?", hint="", small=True)
    people = Checkboxes("Whom do you ask?", hint="People who are named on this case")
    email = Picker(
        "Or somebody else, by name, job, team or work e-mail address",
        hint="They learn who the child is and what you ask, and nothing else of the case",
    )
    question = LongText(
        "What do you ask?",
        hint="Ask only for what you need. Whoever is asked reads these words and who the child is",
        rows=5,
        required="Write what you ask",
    )
    why = LongText(
        "Why do you ask?",
        hint="So that they can decide what they may share",
        rows=2,
        required="Say why you ask",
    )
    due_on = DateBoxes("By when?", called="The date", hint="", required="Enter by when you need an answer")
    action = Hidden()  # the name of the button that only searches

    def start(
        self, *, due_on: date, children: Iterable[str] = (), teams: Iterable[str] = (), **said: str
    ) -> None:
        """Fill in what a new page begins with: a date, of a meeting its children and the invited, words."""
        self.prefill(due_on=due_on, children=list(children), teams=list(teams), **said)


class SeenForm(OfferingForm):
    """A form that remembers how many answers stood on its page."""

    seen = Hidden(default="0")

    @property
    def seen_answers(self) -> int:
        """How many answers stood on the page; a number that makes no sense is none."""
        return whole_number(self.said("seen"))


_READERS = (
    Choice(Handling.NETWORK, Handling.NETWORK.label, hint="Whoever asked among them"),
    Choice(Handling.AGENCIES, Handling.AGENCIES.label),
    Choice(
        Handling.OWN, Handling.OWN.label, hint="Whoever asked sees only that you answered, and can ring you"
    ),
)


class AnswerForm(SeenForm):
    """What one’s agency holds."""

    text = LongText(
        "What does your agency hold?",
        hint="Keep facts and opinion apart, and say how you know",
        rows=8,
        required="Write what your agency holds",
    )
    handling = Radios(
        "Who may read it?",
        choices=_READERS,
        required="Choose who may read it",
    )
    agencies = Checkboxes("Which agencies?", small=True, find="an agency")
    locates = Radios(
        "Does it say where the child lives, a phone number of theirs or their school?",
        choices=[
            Choice(Locates.NO, Locates.NO.label),
            Choice(
                Locates.YES,
                Locates.YES.label,
                hint="While an alert says not to disclose that, the answer is on the page of this question "
                "alone. So it is if you do not choose",
            ),
            Choice(
                Locates.HELD,
                Locates.HELD.label,
                hint="The answer is on the page of this question alone: on no list, print, document or "
                "chronology. Choose above the agencies that may read it there",
            ),
        ],
    )

    @classmethod
    def of(cls, agencies: Pairs, *, releases: bool = False) -> "AnswerForm":
        """The form with the agencies that an answer may be for.

        Args:
            releases: whether it is asked to release intelligence: whoever does not read that reads no answer.
        """
        form = cls()
        if releases:
            form.offer("handling", [replace(_READERS[0], label=READS_INTELLIGENCE), *_READERS[1:]])
        form.offer("agencies", choices(agencies))
        return form


class WithdrawForm(OfferingForm):
    """Why a question is taken back."""

    reason = LongText("Why is it withdrawn?", required="Say why it is withdrawn")


class MoreTimeForm(OfferingForm):
    """A later date."""

    due_on = DateBoxes(
        "By when now?", called="The date", hint="", required="Enter by when you need an answer"
    )
    reason = LongText("Why is there more time?", required="Say why there is more time")
