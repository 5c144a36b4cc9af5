"""Proposing something to a district’s panel, its summary, and what the panel says and decides."""

from portal.pathway.references import Prefix, read_reference
from portal.records.meetings.forms.calling import ElsewhereForm, WhenForm, WhereForm
from portal.records.panels.rules import LONGEST, LONGEST_HEADING
from portal.web.choices import OfferingForm, OnceForm, Picker, VersionedForm, in_words
from portal.web.error_summary import Row, Shown
from portal.web.fields import Choice, LongText, Radios, Select, Text

CASE, PLAN, MISSING = "case", "plan", "missing"


class ProposeForm(OnceForm):
    """Why something should come before the panel of a district."""

    about = Radios(
        "What is it about?",
        choices=[
            Choice(CASE, "The child, and how they are kept safe"),
            Choice(PLAN, "The plan, which does not work"),
            Choice(MISSING, "Going missing"),
        ],
        required="Choose what it is about",
    )
    district = Select("Which district’s panel?", prompt="Choose a district")
    why = LongText(
        "Why should it come before the panel?",
        hint="For those who prepare the panel and reach it themselves. Members read the summary, which is"
        " written afterwards",
        required="Say why it should come before the panel",
    )


def _reference(typed: str) -> str | None:
    """The reference of a case, a child or a concern, where one is typed."""
    found = (read_reference(typed, prefix) for prefix in (Prefix.CASE, Prefix.CHILD, Prefix.CONCERN))
    return next(filter(None, found), None)


class PutOnForm(OnceForm):
    """Something that the list does not propose."""

    reference = Picker(
        "Whom or what is it about?",
        of="subjects",
        hint="The name of a child, a place or a person of concern, or a reference",
        nobody="You see no such child, place or person. Try another spelling, or the reference",
        which="Choose whom or what you mean",
        reads=_reference,
        required="Say whom or what it is about",
    )
    why = LongText("Why does it come before the panel?", rows=2, required="Say why")


#: Why something does not come before the panel.
DeclineForm = in_words(
    OfferingForm,
    "reason",
    "Why does it not come before the panel?",
    hint="Whoever proposed it reads this",
    rows=2,
    required="Say why it does not come before the panel",
)


#: The word of whoever leads what is closely held.
WordForm = in_words(
    OfferingForm,
    "word",
    "What do you agree to?",
    hint="For example that the panel reads a summary without the name of the school",
    required="Say what you agree to",
)


class SummaryForm(VersionedForm):
    """What the members of the panel read; `version` is the number of the summary that was opened."""

    heading = Text(
        "How do the members know whom or what it is about?",
        hint="For example the child’s name and age, or the name of the place",
        limit=LONGEST_HEADING,
        required="Write how the panel knows whom or what it is about",
    )
    text = LongText(
        "Summary",
        hint="What every member may read, and no more than they need. Name no other child and no source",
        rows=8,
        limit=LONGEST,
        required="Write the summary",
    )
    asks = LongText(
        "What is the panel asked to do?",
        limit=LONGEST,
        required="Write what the panel is asked to do",
    )


#: What has to change in a summary.
GiveBackForm = in_words(OfferingForm, "words", "What has to change?", required="Say what has to change")


class SaidForm(VersionedForm):
    """What was said of an item."""

    words = LongText("Write what was said", rows=8)


class DecideForm(OnceForm):
    """What the panel decides on an item."""

    text = LongText("What did the panel decide?", required="Say what was decided")
    reason = LongText("Why?", rows=2, required="Say why")


#: Why a decision is taken back.
TakeBackForm = in_words(
    OfferingForm, "reason", "Why is it taken back?", rows=2, required="Say why it is taken back"
)


class NextForm(WhenForm, WhereForm, ElsewhereForm):
    """When and where the next panel is."""

    shown: Shown = ("day", Row(("starts", "ends")), "all_the_same", "place", "link")
