"""The list of meetings: one's own and those on cases that one reads, coming up and of the last weeks."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    Text,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.orm import aliased, join, outerjoin

from portal import clock
from portal.access.principal import Principal
from portal.labelled import Labelled
from portal.pathway.calendar import end_of_day
from portal.pathway.states import OPEN_MEETING_STATES
from portal.policy import current_policy
from portal.queries.listing import Asked, Column, Filter, Found, Listing, Options, Sort, find
from portal.records.meetings.model import Meeting
from portal.records.meetings.reading.records import MEETING, STAYS, invitation_to
from portal.records.meetings.vocabulary import InvitationReply
from portal.records.people.model import User

#: For so long a meeting that has begun still stands among those that are coming up.
GOES_ON = timedelta(hours=12)


class Part(Labelled):
    """What part somebody has in a meeting."""

    INVITED = "invited", "You or your team are invited"
    OTHERS = "others", "On your cases, and you are not invited"


class When(Labelled):
    """When a meeting is, as somebody looks for it."""

    TODAY = "today", "Today"
    WEEK = "week", "In the next 7 days"
    LATER = "later", "Later"


#: Of the invitation that `invitation_to` finds for whoever asks.
_REPLY = literal_column("own.reply", String)
_INVITATION = literal_column("own.invitation", String)
_CHAIR = aliased(User, name="chair_of_meeting")


def _part(codes: Sequence[str]) -> ColumnElement[bool]:
    holds = {Part.INVITED: _INVITATION.is_not(None), Part.OTHERS: _INVITATION.is_(None)}
    return or_(*(holds[Part(one)] for one in codes))


def _when(codes: Sequence[str]) -> ColumnElement[bool]:
    tonight, week = (end_of_day(clock.today() + timedelta(days)) for days in (0, 7))
    holds: dict[When, ColumnElement[bool]] = {
        When.TODAY: Meeting.starts_at <= tonight,
        When.WEEK: Meeting.starts_at <= week,
        When.LATER: Meeting.starts_at > week,
    }
    return or_(*(holds[When(one)] for one in codes))


def _kinds() -> Options:
    return [(one.code, one.label) for one in current_policy().meetings.kinds.offered]


_KIND = Filter(name="kind", label="What meeting", options=_kinds, where=Meeting.kind.in_)
_PART = Filter(
    name="part",
    label="Your part",
    options=lambda: [(one.value, one.label) for one in Part],
    where=_part,
)
_WAITS = case((_REPLY == InvitationReply.WAITING, 0), (_INVITATION.is_not(None), 1), else_=2)
#: What begins from now on, or has just begun.
COMING = Listing(
    name="meetings",
    noun=("meeting", "meetings"),
    key=Meeting.id,
    columns=(
        Column(label="Meeting"),
        Column(label="When", sort="when"),
        Column(label="Chair", sort="chair"),
        Column(label="Your answer", sort="answer"),
    ),
    sorts=(
        Sort(
            code="when",
            by=(Meeting.starts_at,),
            says="The next meeting first",
            says_backwards="The latest meeting first",
        ),
        Sort(
            code="chair",
            by=(func.lower(_CHAIR.name, type_=Text), Meeting.starts_at),
            says="By who chairs it, from A to Z",
            says_backwards="By who chairs it, from Z to A",
            personal=True,
        ),
        Sort(
            code="answer",
            by=(cast(_WAITS, Integer), Meeting.starts_at),
            says="What waits for your answer first, then what you answered",
            says_backwards="What you are not invited to first, then what you answered",
        ),
    ),
    filters=(
        _PART,
        Filter(
            name="answer",
            label="Your answer",
            options=lambda: [(one.value, one.label) for one in InvitationReply],
            where=_REPLY.in_,
        ),
        Filter(
            name="when",
            label="When",
            options=lambda: [(one.value, one.label) for one in When],
            where=_when,
        ),
        _KIND,
    ),
)

#: What was in the last weeks, until its minutes are sent.
LATELY = replace(
    COMING,
    sorts=(
        Sort(
            code="when",
            by=(Meeting.starts_at,),
            says="The last meeting first",
            says_backwards="The meeting that was longest ago first",
            downwards=True,
        ),
        *COMING.sorts[1:2],
    ),
    columns=(*COMING.columns[:3], replace(COMING.columns[3], sort="")),
    filters=(_PART, _KIND),
)


def find_meetings(asked: Asked, *, person: Principal) -> Found:
    """A page of the meetings that the person is invited to, or may see, as they were asked for."""
    return find(asked, _rows(person, lately=asked.listing is LATELY))


def _rows(person: Principal, *, lately: bool) -> Select[Any]:
    begun, own = clock.now() - GOES_ON, invitation_to(person)
    when = Meeting.starts_at < begun if lately else Meeting.starts_at >= begun
    return (
        select(*MEETING, *own.c, _CHAIR.name.label("chair"))
        .select_from(outerjoin(join(Meeting, _CHAIR, _CHAIR.id == Meeting.chair_id), own, true()))
        .where(when, Meeting.starts_at >= clock.now() - STAYS, Meeting.state.in_(sorted(OPEN_MEETING_STATES)))
    )
