"""The lists of questions: asked of a person and their teams, answered by them, and asked by the person."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, func, or_, select

from portal import clock
from portal.access.principal import Principal
from portal.labelled import Labelled
from portal.queries.gathered import find_first, first_of
from portal.queries.listing import Asked, Column, Filter, Found, Listing, Sort
from portal.records.children.model import Child
from portal.records.requests.model import InformationRequest
from portal.records.requests.reading import listed


class Due(Labelled):
    """When an answer is due, as somebody looks for it."""

    OVERDUE = "overdue", "Overdue"
    WEEK = "week", "In the next 7 days"
    LATER = "later", "Later"


class Source(Labelled):
    """What a question is asked for."""

    MEETING = "meeting", "A meeting"
    CASE = "case", "A case"
    FORM = "form", "A form that was sent to the hub"


class Stands(Labelled):
    """Where a question stands that somebody asked."""

    WAITING = "waiting", "Waiting for the answer"
    LATE = "late", "Late"
    ANSWERED = "answered", "Answered"
    WITHDRAWN = "withdrawn", "Withdrawn"


_IS_OPEN = and_(InformationRequest.answered_at.is_(None), InformationRequest.withdrawn_at.is_(None))


def _due(codes: Sequence[str]) -> ColumnElement[bool]:
    now, due = clock.now(), InformationRequest.due_at
    week = now + timedelta(days=7)
    holds: dict[Due, ColumnElement[bool]] = {
        Due.OVERDUE: due < now,
        Due.WEEK: and_(due >= now, due <= week),
        Due.LATER: due > week,
    }
    return or_(*(holds[Due(one)] for one in codes))


def _source(codes: Sequence[str]) -> ColumnElement[bool]:
    asked = InformationRequest
    holds: dict[Source, ColumnElement[bool]] = {
        Source.MEETING: asked.meeting_id.is_not(None),
        Source.CASE: and_(asked.meeting_id.is_(None), asked.case_id.is_not(None)),
        Source.FORM: and_(asked.meeting_id.is_(None), asked.case_id.is_(None)),
    }
    return or_(*(holds[Source(one)] for one in codes))


def _stands(codes: Sequence[str]) -> ColumnElement[bool]:
    holds: dict[Stands, ColumnElement[bool]] = {
        Stands.WAITING: _IS_OPEN,
        Stands.LATE: and_(_IS_OPEN, InformationRequest.due_at < clock.now()),
        Stands.ANSWERED: InformationRequest.answered_at.is_not(None),
        Stands.WITHDRAWN: InformationRequest.withdrawn_at.is_not(None),
    }
    return or_(*(holds[Stands(one)] for one in codes))


_CHILD = Sort(
    code="child",
    by=(func.lower(Child.family_name, type_=Text), func.lower(Child.given_name, type_=Text)),
    says="By family name, from A to Z",
    says_backwards="By family name, from Z to A",
    personal=True,
)
_DUE = Sort(
    code="due",
    by=(InformationRequest.due_at,),
    says="The longest overdue first",
    says_backwards="What is due last first",
)
_SOURCE = Filter(
    name="source",
    label="Asked for",
    options=lambda: [(one.value, one.label) for one in Source],
    where=_source,
)

#: What is asked and was not answered yet.
TO_ANSWER = Listing(
    name="questions",
    noun=("question", "questions"),
    key=InformationRequest.id,
    columns=(
        Column(label="Child", sort="child"),
        Column(label="Question"),
        Column(label="Asked by"),
        Column(label="Due", sort="due"),
        Column(label="Where it stands"),
    ),
    sorts=(_DUE, _CHILD),
    filters=(
        Filter(
            name="when",
            label="Due",
            options=lambda: [(one.value, one.label) for one in Due],
            where=_due,
        ),
        _SOURCE,
    ),
)

#: What was answered, as long as whoever was asked still sees it.
ANSWERED = replace(
    TO_ANSWER,
    columns=tuple(
        replace(one, sort="answered" if one.sort == "due" else one.sort) for one in TO_ANSWER.columns
    ),
    sorts=(
        Sort(
            code="answered",
            by=(InformationRequest.answered_at,),
            says="The last answered first. They leave this list some days after the answer",
            says_backwards="The first answered first. They leave this list some days after the answer",
            downwards=True,
        ),
        _CHILD,
    ),
    filters=(_SOURCE,),
)

#: What somebody asked others.
ASKED = replace(
    TO_ANSWER,
    columns=tuple(
        replace(one, label="Asked of" if one.label == "Asked by" else one.label) for one in TO_ANSWER.columns
    ),
    sorts=(
        Sort(
            code="asked",
            by=(InformationRequest.asked_at,),
            says="What you asked last first",
            says_backwards="What you asked first first",
            downwards=True,
        ),
        _DUE,
        _CHILD,
    ),
    filters=(
        Filter(
            name="stands",
            label="Where it stands",
            options=lambda: [(one.value, one.label) for one in Stands],
            where=_stands,
        ),
        _SOURCE,
    ),
)


def find_questions(asked: Asked, *, person: Principal) -> Found:
    """A page of one of the lists, as it was asked for."""
    listing = asked.listing
    if listing is ASKED:
        ways = [InformationRequest.asked_by == person.user_id]
    else:
        holds = InformationRequest.answered_at.is_not(None) if listing is ANSWERED else _IS_OPEN
        teams = sorted(person.team_ids & person.readers)
        ways = [
            and_(InformationRequest.asked_user_id == person.user_id, holds),
            *(and_(InformationRequest.asked_team_id == team, holds) for team in teams),
        ]
    return find_first(
        asked, first_of(listing, [select(InformationRequest.id).where(one) for one in ways]), _rows
    )


def _rows(first: Any) -> Select[Any]:
    return listed().join(first, first.c.id == InformationRequest.id)
