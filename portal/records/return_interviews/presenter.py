"""A return interview in words: where it stands, each return with its duty, what was said and changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal import clock
from portal.changes.errors import Versions
from portal.deadlines.rules import is_overdue
from portal.deadlines.vocabulary import DeadlineState
from portal.records.entries.rules import who_reads
from portal.records.entries.vocabulary import FamilySafe, Handling
from portal.records.return_interviews.forms import YES, said
from portal.records.return_interviews.lists import Figures
from portal.records.return_interviews.model import ReturnInterview
from portal.records.return_interviews.policy import ReturnInterviews
from portal.records.return_interviews.reading import InterviewFound
from portal.records.return_interviews.rules import TALK_FACTS, Recorded, outcome_of, state_of
from portal.records.return_interviews.vocabulary import (
    InterviewOffer,
    InterviewOutcome,
    InterviewPart,
    InterviewReceiver,
    InterviewState,
)
from portal.vocabulary import Labelled
from portal.web.conflict import Difference, where_they_met
from portal.web.due_presenter import span, time_left
from portal.web.filters import lower_first, moment

_COLOURS = {
    InterviewState.TO_OFFER: "blue",
    InterviewState.OFFERED: "light-blue",
    InterviewState.ACCEPTED: "yellow",
    InterviewState.TO_WRITE_UP: "turquoise",
    InterviewState.HELD: "green",
}
CARER_LABEL = "What parents, carers and workers say"
_HISTORY = "answers."

#: What a change is called that is no answer.
_FACTS = {
    "offered": "Offered",
    "offered_at": "When it was offered",
    "offered_by": "Who offered it",
    "offered_how": "How it was offered",
    "accepted": "What the child answered",
    "declined_reason": "Why it was not held",
    "interviewer": "Who talked to the child",
    "independent_words": "How they are independent",
    "done_at": "When it was held",
    "place": "Where it was held",
    **{fact.name: fact.changed for fact in TALK_FACTS},
    "carer_information": CARER_LABEL,
}
EVERYONE = "Everyone who hears of the child"
#: That it was asked for is an entry of its own, with readers of its own.
_ASKED_ON_CASE = "Why the risk assessment has to be looked at again is an entry on the case."
#: Those that its agency puts right with a reason, once it is completed.
_CAME_OF_IT = _FACTS.keys() - {"carer_information"}
_YES_OR_NO = {"accepted", *(fact.name for fact in TALK_FACTS)}
_TIMES = {"offered_at", "done_at"}
#: Who reads it, and what the family may know: put right at any time.
_READERS = {"handling": Handling, "family_safe": FamilySafe}
_CODES: dict[str, type[Labelled]] = {**_READERS, "offered": InterviewOffer}
_READERS_SAY = {"handling": "Who may read it", "family_safe": "Child or family"}


@dataclass(frozen=True)
class Standing:
    """Where an interview stands: words and the colour of their tag."""

    state: InterviewState
    tag: str
    colour: str


@dataclass(frozen=True)
class InterviewSection:
    """One part of the talk with what was said in it."""

    label: str
    said: Sequence[tuple[str, str]]
    empty: Sequence[str]  # what nothing stands under


@dataclass(frozen=True)
class Change:
    """Something that was changed after the interview was completed."""

    what: str
    before: str
    by: str
    at: datetime
    because: str = ""


def standing(interview: Recorded | None) -> Standing:
    """Where an interview stands. Takes a record, a row of one, or nothing where none was begun."""
    state = state_of(interview)
    return Standing(state, state.label, _COLOURS.get(state, "grey"))


def due_words(row: Any) -> str:
    """By when the interview about a return is due, or whether it was in time."""
    if row.original_due_at is None:
        return "Not owed"
    if row.state == DeadlineState.CANCELLED:
        return "No longer owed"
    if row.state == DeadlineState.DONE:
        if is_overdue(row.original_due_at, row.ended_at):
            return f"Late by {span(row.ended_at - row.original_due_at)}"
        return "In time"
    return time_left(row.due_at)


def is_late(row: Any) -> bool:
    """Whether the interview about a return is overdue, or was late."""
    if row.original_due_at is None or row.state == DeadlineState.CANCELLED:
        return False
    if row.state == DeadlineState.DONE:
        return is_overdue(row.original_due_at, row.ended_at)
    return is_overdue(row.due_at, clock.now())


def period(row: Any) -> str:
    """From when until when a child was missing."""
    return f"{moment(row.missing_since)} to {moment(row.returned_at)}"


def parts(rules: ReturnInterviews, interview: ReturnInterview) -> list[InterviewSection]:
    """What the child said, by part of the talk, and what a carer said."""
    found = []
    for part in InterviewPart:
        asked = [one for one in rules.fields if one.part is part]
        answers = interview.answers
        found.append(
            InterviewSection(
                part.label,
                [(one.label, answers[one.code]) for one in asked if answers.get(one.code)],
                [
                    lower_first(one.label.rstrip("?"))
                    for one in asked
                    if not answers.get(one.code) and not one.retired
                ],
            )
        )
    if interview.carer_information:
        found.append(InterviewSection("From others", [(CARER_LABEL, interview.carer_information)], []))
    return found


def facts(rules: ReturnInterviews, interview: ReturnInterview, *, reads_case: bool) -> list[dict[str, Any]]:
    """What was recorded of an interview beside what was said, as rows of a summary.

    Args:
        reads_case: whether the reader reads a case of the child; others do not learn here that there is one.
    """
    rows: list[dict[str, Any]] = []
    if interview.offered == InterviewOffer.YES:
        how = rules.ways.label(interview.offered_how).lower()
        offered = f"{moment(interview.offered_at)}, by {interview.offered_by}, by {how}".replace(
            "by through", "through"
        )
        rows.append({"key": "Offered", "value": offered})
        answered = {None: "Not answered yet", True: "Yes", False: f"No: {interview.declined_reason}"}
        rows.append({"key": "Does the child want to talk?", "value": answered[interview.accepted]})
    elif interview.offered:
        label = InterviewOffer(interview.offered).label
        rows.append({"key": "Offered", "value": f"{label}: {interview.declined_reason}"})
    if interview.done_at is not None:
        place = f", {interview.place}" if interview.place else ""
        rows += [
            {"key": "Held", "value": f"{moment(interview.done_at)}{place}"},
            {"key": "By", "value": interview.interviewer},
            {"key": "Independent", "value": f"Yes: {interview.independent_words}"},
            *({"key": one.shown, "value": _known(getattr(interview, one.name))} for one in TALK_FACTS),
        ]
    if interview.assessment_needed is not None:
        needed = _who_was_asked(interview, reads_case=reads_case) if interview.assessment_needed else "No"
        rows.append({"key": "Risk assessment to be looked at again", "value": needed})
    return rows


def _who_was_asked(interview: ReturnInterview, *, reads_case: bool) -> str:
    """Whoever leads an open case; the hub, where whoever completed the interview read none."""
    hub = interview.shared.get(InterviewReceiver.HUB)
    if hub and "asked" not in hub:  # written before it was kept who was asked
        return "Yes, whoever leads the case or the hub was asked"
    if hub and hub["asked"]:
        return "Yes, the hub was asked"
    return "Yes, whoever leads the case was asked" if reads_case else "Yes"


def shared(interview: ReturnInterview) -> list[str]:
    """With whom an interview was shared, when and by whom."""
    return [
        f"{receiver.label}, on {moment(datetime.fromisoformat(said['at']))}, by {said['name']}"
        for receiver in InterviewReceiver
        if (said := interview.shared.get(receiver))
    ]


def asked_on_case(reasons: Sequence[Any]) -> str:
    """Who reads why the assessment has to be looked at again.

    Args:
        reasons: the entries that say it apart; before there were such, it was said with what all read.
    """
    if reasons:
        goes = "It goes with what you say here: whoever may not read the interview does not read that either."
        return f"{_ASKED_ON_CASE} {goes}"
    return f"{_ASKED_ON_CASE} Who may read that is changed there."


def readers(interview: ReturnInterview, found: InterviewFound) -> str:
    """Who may read an interview, in words."""
    if interview.handling == Handling.NETWORK:
        return EVERYONE
    return who_reads(interview.handling, found.agency, found.listed)


def not_shared(interview: ReturnInterview) -> list[InterviewReceiver]:
    """With whom it was not shared yet."""
    return [receiver for receiver in InterviewReceiver if receiver not in interview.shared]


def corrections(rules: ReturnInterviews, interview: ReturnInterview, changes: Sequence[Any]) -> list[Change]:
    """What was changed after an interview was completed, and who may read it, the latest first.

    Args:
        changes: those of `queries.interviews.changes`, the latest first.
    """
    begun = interview.version + 1  # nothing is a correction yet
    completed = next((row.number for row in changes if row.after.get("completed_at")), 0)
    since = completed if interview.completed_at else begun
    reasons = _reasons(changes)
    return [
        Change(
            what=_what(rules, key),
            before=_before(rules, row, key),
            by=", ".join(filter(None, (row.by, row.agency))),
            at=row.changed_at,
            because=reasons[row.number] if key in _CAME_OF_IT else "",
        )
        for row in changes
        for key in sorted(row.before.keys() | row.after.keys())
        if key in _READERS or (row.number > since and (key.startswith(_HISTORY) or key in _FACTS))
    ]


def _reasons(changes: Sequence[Any]) -> dict[int, str]:
    """Why what was completed was put right, by change; one for the same reason as the last omits it."""
    found, reason = {}, ""
    for row in reversed(changes):
        reason = row.after.get("corrected_because", reason)
        found[row.number] = reason
    return found


def _before(rules: ReturnInterviews, row: Any, key: str) -> str:
    said = row.before.get(key)
    if key == "handling" and said == Handling.NETWORK:
        return EVERYONE
    if key in _YES_OR_NO:
        return _known(said)
    if said in (None, ""):
        return "Nothing"
    if key in _CODES:
        return _CODES[key](said).label
    if key in _TIMES:
        return moment(datetime.fromisoformat(said))
    return rules.ways.label(said) if key == "offered_how" else str(said)


def clashes(rules: ReturnInterviews, versions: Versions) -> list[Difference]:
    """The parts in which two people met."""
    return where_they_met(versions, lambda code: _label(rules, code))


def figures(found: Figures) -> list[dict[str, str]]:
    """How an agency does, as rows of a summary: each a number of returns."""
    said = (
        ("Returns", found.returns),
        ("An interview was offered", found.offered),
        ("The child wanted to talk", found.accepted),
        ("Held", found.held),
        ("Held in time", found.in_time),
        ("Declined", found.declined),
        ("Not offered", found.not_offered),
        ("Overdue now", found.overdue),
        ("Shared", found.shared),
    )
    return [{"key": what, "value": str(number)} for what, number in said]


def choices(rows: Iterable[Any]) -> list[tuple[str, str]]:
    """Returns to choose from: the reference, and from when until when."""
    return [(row.reference, f"{period(row)} ({row.reference}). {due_words(row)}") for row in rows]


def words_of(interview: ReturnInterview) -> Mapping[str, str]:
    """What an interview says, by code, to be filled into its form."""
    return {**interview.answers, "carer_information": interview.carer_information}


def talk_of(interview: ReturnInterview) -> dict[str, Any]:
    """What was recorded of the talk before, as a `TalkForm` begins with it."""
    held = interview.done_at is not None
    return {
        "interviewer": interview.interviewer,
        "independent": YES if interview.independent else None,
        "independent_words": interview.independent_words,
        "place": interview.place,
        **{one.name: said(getattr(interview, one.name)) if held else None for one in TALK_FACTS},
    }


def came_of(rules: ReturnInterviews, interview: ReturnInterview) -> dict[str, Any]:
    """What came of a completed interview, as a `CorrectionForm` begins with it, but for its times."""
    outcome = outcome_of(interview)
    found: dict[str, Any] = talk_of(interview) | {"outcome": outcome.value}
    found |= {"offered_by": interview.offered_by, "offered_how": interview.offered_how}
    because = interview.declined_reason
    if outcome is InterviewOutcome.DECLINED:
        code = next((one.code for one in rules.decline_reasons if because.startswith(one.label)), "")
        rest = because.removeprefix(rules.decline_reasons.label(code)).removeprefix(". ") if code else because
        found |= {"declined": code, "words": rest}
    elif outcome is InterviewOutcome.NOT_OFFERED:
        found["why_not"] = because
    elif outcome is InterviewOutcome.NOT_APPLICABLE:
        found["why_none"] = because
    return found


def _known(answer: bool | None) -> str:
    return "Not known" if answer is None else "Yes" if answer else "No"


def _what(rules: ReturnInterviews, key: str) -> str:
    return _READERS_SAY.get(key) or _FACTS.get(key) or _label(rules, key.removeprefix(_HISTORY))


def _label(rules: ReturnInterviews, code: str) -> str:
    return CARER_LABEL if code == "carer_information" else rules.fields.label(code)
