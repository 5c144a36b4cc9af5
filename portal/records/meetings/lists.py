"""The list of meetings: one's own and those on cases that one reads, coming up and of the last weeks."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Integer, String, case, cast, literal_column, select, true
from sqlalchemy.orm import aliased, join, outerjoin

from portal import clock
from portal.access.principal import Principal
from portal.pathway.states import OPEN_MEETING_STATES
from portal.queries.declared import (
    AnyOf,
    Filter,
    Listing,
    Sort,
    When,
    a_to_z,
    by_when,
    heads,
    labels,
    offered,
    one_of,
)
from portal.queries.listing import Whole
from portal.records.meetings.model import Meeting
from portal.records.meetings.reading.records import MEETING, STAYS, invitation_to
from portal.records.meetings.vocabulary import InvitationReply
from portal.records.people.model import User
from portal.vocabulary import Labelled

#: For so long a meeting that has begun still stands among those that are coming up.
GOES_ON = timedelta(hours=12)


class Part(Labelled):
    """What part somebody has in a meeting."""

    INVITED = "invited", "You or your team are invited"
    OTHERS = "others", "On your cases, and you are not invited"


#: Of the invitation that `invitation_to` finds for whoever asks.
_REPLY = literal_column("own.reply", String)
_INVITATION = literal_column("own.invitation", String)
_CHAIR = aliased(User, name="chair_of_meeting")


_KIND = Filter("kind", "What meeting", offered(lambda policy: policy.meetings.kinds), one_of(Meeting.kind))
_PART = Filter(
    "part",
    "Your part",
    labels(Part),
    AnyOf(lambda: {Part.INVITED: _INVITATION.is_not(None), Part.OTHERS: _INVITATION.is_(None)}),
)
_WAITS = case((_REPLY == InvitationReply.WAITING, 0), (_INVITATION.is_not(None), 1), else_=2)
#: What begins from now on, or has just begun.
COMING = Listing(
    name="meetings",
    noun=("meeting", "meetings"),
    key=Meeting.id,
    columns=heads("Meeting", ("When", "when"), ("Chair", "chair"), ("Your answer", "answer")),
    sorts=(
        Sort("when", "The next meeting first", "The latest meeting first", by=(Meeting.starts_at,)),
        a_to_z("chair", "By who chairs it", _CHAIR.name, then=(Meeting.starts_at,)),
        Sort(
            "answer",
            "What waits for your answer first, then what you answered",
            "What you are not invited to first, then what you answered",
            by=(cast(_WAITS, Integer), Meeting.starts_at),
        ),
    ),
    filters=(
        _PART,
        Filter("answer", "Your answer", labels(InvitationReply), one_of(_REPLY)),
        by_when("When", Meeting.starts_at, When.TODAY, When.WEEK, When.LATER),
        _KIND,
    ),
)

#: What was in the last weeks, until its minutes are sent.
LATELY = replace(
    COMING,
    sorts=(
        Sort(
            "when",
            "The last meeting first",
            "The meeting that was longest ago first",
            by=(Meeting.starts_at,),
            downwards=True,
        ),
        *COMING.sorts[1:2],
    ),
    columns=(*COMING.columns[:3], replace(COMING.columns[3], sort="")),
    filters=(_PART, _KIND),
)


def rows_of(listing: Listing, person: Principal) -> Whole:
    """The meetings that the person is invited to, or may see."""
    begun, own = clock.now() - GOES_ON, invitation_to(person)
    when = Meeting.starts_at < begun if listing is LATELY else Meeting.starts_at >= begun
    return Whole(
        select(*MEETING, *own.c, _CHAIR.name.label("chair"))
        .select_from(outerjoin(join(Meeting, _CHAIR, _CHAIR.id == Meeting.chair_id), own, true()))
        .where(when, Meeting.starts_at >= clock.now() - STAYS, Meeting.state.in_(sorted(OPEN_MEETING_STATES)))
    )
