"""The lists of questions: asked of a person and their teams, answered by them, and asked by the person."""

from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, not_, or_, select

from portal import clock
from portal.access.principal import Principal
from portal.queries.declared import BY_CHILD, AnyOf, Filter, Listing, Sort, When, by_when, heads, labels
from portal.queries.gathered import Gathered, first_of
from portal.records.requests.model import InformationRequest
from portal.records.requests.reading import listed
from portal.records.requests.vocabulary import RELEASED_BEFORE, RELEASED_BY
from portal.vocabulary import Labelled


class Source(Labelled):
    """What a question is asked for."""

    MEETING = "meeting", "A meeting"
    CASE = "case", "A case"
    FORM = "form", "A form that was sent to the hub"


class Stands(Labelled):
    """Where a question stands that somebody asked."""

    WAITING = "waiting", "Waiting for the answer"
    LATE = "late", "Late"
    ANSWERED = "answered", "Answered, or released"
    WITHDRAWN = "withdrawn", "Withdrawn"


_IS_OPEN = and_(InformationRequest.answered_at.is_(None), InformationRequest.withdrawn_at.is_(None))


_WHY_OVER = func.coalesce(InformationRequest.withdrawn_reason, "")
#: As `portal.records.requests.rules.was_released`.
_WAS_RELEASED = and_(
    InformationRequest.entry_id.is_not(None),
    or_(_WHY_OVER.startswith(RELEASED_BY, autoescape=True), _WHY_OVER == RELEASED_BEFORE),
)


def _source() -> dict[Source, ColumnElement[bool]]:
    asked = InformationRequest
    return {
        Source.MEETING: asked.meeting_id.is_not(None),
        Source.CASE: and_(asked.meeting_id.is_(None), asked.case_id.is_not(None)),
        Source.FORM: and_(asked.meeting_id.is_(None), asked.case_id.is_(None)),
    }


def _stands() -> dict[Stands, ColumnElement[bool]]:
    return {
        Stands.WAITING: _IS_OPEN,
        Stands.LATE: and_(_IS_OPEN, InformationRequest.due_at < clock.now()),
        Stands.ANSWERED: or_(InformationRequest.answered_at.is_not(None), _WAS_RELEASED),
        Stands.WITHDRAWN: and_(InformationRequest.withdrawn_at.is_not(None), not_(_WAS_RELEASED)),
    }


_DUE = Sort("due", "The longest overdue first", "What is due last first", by=(InformationRequest.due_at,))
_ANSWERED = Sort(
    "answered",
    "The last answered first. They leave this list some days after the answer",
    "The first answered first. They leave this list some days after the answer",
    by=(InformationRequest.answered_at,),
    downwards=True,
)
_ASKED = Sort(
    "asked",
    "What you asked last first",
    "What you asked first first",
    by=(InformationRequest.asked_at,),
    downwards=True,
)
_SOURCE = Filter("source", "Asked for", labels(Source), AnyOf(_source))

#: What is asked and was not answered yet.
TO_ANSWER = Listing(
    name="questions",
    noun=("question", "questions"),
    key=InformationRequest.id,
    columns=heads(("Child", "child"), "Question", "Asked by", ("Due", "due"), "Where it stands"),
    sorts=(_DUE, BY_CHILD),
    filters=(
        by_when("Due", InformationRequest.due_at, When.OVERDUE, When.WEEK, When.LATER),
        _SOURCE,
    ),
)

#: What was answered, as long as whoever was asked still sees it.
ANSWERED = replace(
    TO_ANSWER,
    columns=tuple(
        replace(one, sort="answered" if one.sort == "due" else one.sort) for one in TO_ANSWER.columns
    ),
    sorts=(_ANSWERED, BY_CHILD),
    filters=(_SOURCE,),
)

#: What somebody asked others.
ASKED = replace(
    TO_ANSWER,
    columns=tuple(
        replace(one, label="Asked of" if one.label == "Asked by" else one.label) for one in TO_ANSWER.columns
    ),
    sorts=(_ASKED, _DUE, BY_CHILD),
    filters=(Filter("stands", "Where it stands", labels(Stands), AnyOf(_stands)), _SOURCE),
)


def questions(listing: Listing, person: Principal) -> Gathered:
    """The questions of one of the lists."""
    if listing is ASKED:
        ways = [InformationRequest.asked_by == person.user_id]
    else:
        holds = InformationRequest.answered_at.is_not(None) if listing is ANSWERED else _IS_OPEN
        teams = sorted(person.team_ids & person.readers)
        ways = [
            and_(InformationRequest.asked_user_id == person.user_id, holds),
            *(and_(InformationRequest.asked_team_id == team, holds) for team in teams),
        ]
    return Gathered(first_of(listing, [select(InformationRequest.id).where(one) for one in ways]), _rows)


def _rows(first: Any) -> Select[Any]:
    return listed().join(first, first.c.id == InformationRequest.id)
