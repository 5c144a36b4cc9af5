"""The return interviews that an agency owes, the first due first, and how the agency does with them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from portal import clock
from portal.access.principal import Principal
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.extensions import db
from portal.queries.declared import BY_CHILD, AnyOf, Column, Filter, Listing, Sort, labels, offered, one_of
from portal.queries.gathered import Gathered, first_of
from portal.queries.rows import MARKED, owner_of
from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode
from portal.records.people.model import Team, User
from portal.records.return_interviews.model import ReturnInterview, ReturnInterviewEpisode
from portal.records.return_interviews.rules import state_of
from portal.records.return_interviews.vocabulary import InterviewOffer
from portal.vocabulary import Labelled
from portal.web.filters import moment


class Shown(Labelled):
    """Which of them a list shows."""

    ALL = "all", "Everything that is not completed"
    OVERDUE = "overdue", "Overdue"
    TO_OFFER = "to_offer", "To be offered"
    OFFERED = "offered", "Offered, waiting for an answer"
    TO_HOLD = "to_hold", "To be held"
    TO_COMPLETE = "to_complete", "To be written up or completed"


#: What of them a list is filtered by.
PARTS = [one for one in Shown if one is not Shown.ALL]


class Whose(Labelled):
    """Whose duties a list shows."""

    AGENCY = "agency", "My agency’s"
    MINE = "mine", "Mine and my teams’"
    SEEN = "seen", "All that I can see"


def owed(person: Principal, whose: Whose) -> Gathered:
    """The returns whose interview is not completed: what is open and what was held have an index each."""
    mine = owners(person, whose)
    ways = [_lines(Deadline.id).where(one(), *mine) for one in _SHOWN[Shown.ALL]]
    return Gathered(first_of(INTERVIEWS, ways), _rows)


def _rows(first: Any) -> Select[Any]:
    rows = _lines(
        Deadline.id,
        Deadline.due_at,
        Deadline.original_due_at,
        Deadline.state,
        Deadline.confirmed,
        MissingEpisode.reference.label("episode"),
        MissingEpisode.returned_at,
        MissingEpisode.host_authority,
        Child.reference.label("child"),
        *MARKED,
        ReturnInterview.reference.label("interview"),
        ReturnInterview.offered,
        ReturnInterview.accepted,
        ReturnInterview.done_at,
        ReturnInterview.completed_at,
        ReturnInterview.offered_at,
        owner_of(Deadline),
    )
    return rows.join(first, first.c.id == Deadline.id)


def _stands() -> dict[Shown, ColumnElement[bool]]:
    return {one: or_(*(condition() for condition in ways)) for one, ways in _SHOWN.items()}


INTERVIEWS = Listing(
    name="return interviews",
    noun=("return interview", "return interviews"),
    key=Deadline.id,
    columns=(
        Column("Child", lambda row: f"{row.given_name} {row.family_name}", sort="child"),
        Column("Reference", lambda row: row.interview or row.episode),
        Column("Back", lambda row: moment(row.returned_at), sort="back"),
        Column(
            "Due", lambda row: moment(row.due_at) if row.state == DeadlineState.OPEN else "Held", sort="due"
        ),
        Column("Where it stands", lambda row: state_of(row if row.interview else None).label),
        Column("Who", lambda row: row.owner),
    ),
    sorts=(
        Sort("due", "The first due first", "The last due first", by=(Deadline.due_at,)),
        BY_CHILD,
        Sort(
            "back",
            "The latest return first",
            "The earliest return first",
            by=(MissingEpisode.returned_at,),
            downwards=True,
        ),
    ),
    filters=(
        Filter(
            "stands",
            "Where it stands",
            labels(PARTS),
            AnyOf(_stands),
        ),
        Filter(
            "host",
            "Where the child was",
            offered(lambda policy: policy.areas.authorities),
            one_of(MissingEpisode.host_authority),
        ),
    ),
)


def waiting_for(person: Principal) -> Select[Any]:
    """The interviews that an agency owes: for the page of the workspace."""
    return _lines(Deadline.id).where(Deadline.state == DeadlineState.OPEN, *owners(person, Whose.AGENCY))


def _lines(*columns: Any) -> Select[Any]:
    """The duty of each return whose child one sees."""
    return _duties(*columns).join(Child, Child.id == MissingEpisode.child_id)


def _duties(*columns: Any) -> Select[Any]:
    """The duty of each return, with the interview that covers it, if one was begun."""
    return (
        select(*columns)
        .select_from(Deadline)
        .join(MissingEpisode, MissingEpisode.id == Deadline.subject_id)
        .outerjoin(ReturnInterviewEpisode, ReturnInterviewEpisode.episode_id == MissingEpisode.id)
        .outerjoin(ReturnInterview, ReturnInterview.id == ReturnInterviewEpisode.interview_id)
        .outerjoin(Team, Team.id == Deadline.owner_team_id)
        .where(
            Deadline.kind == DeadlineKind.RETURN_INTERVIEW,
            Deadline.subject_kind == MissingEpisode.__tablename__,
        )
    )


def owners(person: Principal, whose: Whose) -> list[ColumnElement[bool]]:
    """Conditions on whose duty it is; a statement that uses them joins the team that owns it."""
    if whose is Whose.SEEN:
        return []
    if whose is Whose.MINE:
        return [
            or_(
                Deadline.owner_id == person.user_id,
                Deadline.owner_team_id.in_(person.team_ids),
                Deadline.owner_agency_id.in_(person.readers),
            )
        ]
    colleagues = select(User.id).where(User.agency_id == person.agency_id)
    return [
        or_(
            Deadline.owner_agency_id == person.agency_id,
            Team.agency_id == person.agency_id,
            Deadline.owner_id.in_(colleagues),
        )
    ]


def _to_write_up() -> ColumnElement[bool]:
    """Held, and not yet written up: found from the interviews that are not completed."""
    return and_(
        Deadline.state == DeadlineState.DONE,
        ReturnInterview.id.is_not(None),
        ReturnInterview.completed_at.is_(None),
    )


def _open() -> ColumnElement[bool]:
    return Deadline.state == DeadlineState.OPEN


def _overdue() -> ColumnElement[bool]:
    return and_(_open(), Deadline.due_at < clock.now())


def _to_offer() -> ColumnElement[bool]:
    return and_(
        _open(),
        or_(ReturnInterview.id.is_(None), ReturnInterview.offered.is_(None)),
    )


def _offered() -> ColumnElement[bool]:
    return and_(
        _open(),
        ReturnInterview.offered == InterviewOffer.YES,
        ReturnInterview.accepted.is_(None),
        ReturnInterview.done_at.is_(None),
    )


def _to_hold() -> ColumnElement[bool]:
    return and_(
        _open(),
        ReturnInterview.accepted.is_(True),
        ReturnInterview.done_at.is_(None),
    )


def _settled() -> ColumnElement[bool]:
    """Held, declined or not offered: what is left is to write it up or complete it."""
    return or_(
        ReturnInterview.done_at.is_not(None),
        ReturnInterview.accepted.is_(False),
        and_(ReturnInterview.offered.is_not(None), ReturnInterview.offered != InterviewOffer.YES),
    )


#: Each condition is looked for by itself, because what is open and what was held are found by other indexes.
_SHOWN = {
    Shown.ALL: (_open, _to_write_up),
    Shown.OVERDUE: (_overdue,),
    Shown.TO_OFFER: (_to_offer,),
    Shown.OFFERED: (_offered,),
    Shown.TO_HOLD: (_to_hold,),
    Shown.TO_COMPLETE: (lambda: and_(_open(), _settled()), lambda: and_(_to_write_up(), _settled())),
}


@dataclass(frozen=True)
class Figures:
    """Returns since a day whose interview the agency owes, or owed. One that does not apply is none of them.

    Attributes:
        returns: all of them.
        offered: the child was offered an interview.
        accepted: the child wanted to talk.
        held: somebody who does not care for the child talked to them.
        in_time: held not later than it was first due.
        declined: offered and declined, and completed as such.
        not_offered: completed without an offer.
        overdue: neither held nor completed, and the time is up.
        shared: shared with at least one of police, social care and hub.
    """

    returns: int
    offered: int
    accepted: int
    held: int
    in_time: int
    declined: int
    not_offered: int
    overdue: int
    shared: int


def figures(*, person: Principal, since: datetime) -> Figures:
    """The figures of the person's agency on children who came back since a moment, as far as they may see."""
    return Figures(*db.session.execute(_figures(person, since)).one())


def _figures(person: Principal, since: datetime) -> Select[*tuple[int, ...]]:
    interview, completed = ReturnInterview, ReturnInterview.completed_at.is_not(None)
    ways = (
        interview.offered == InterviewOffer.YES,
        interview.accepted.is_(True),
        interview.done_at.is_not(None),
        interview.done_at <= Deadline.original_due_at,
        interview.accepted.is_(False) & completed,
        (interview.offered == InterviewOffer.NO) & completed,
        (Deadline.state == DeadlineState.OPEN) & (Deadline.due_at < clock.now()),
        interview.shared != {},
    )
    return _duties(func.count(), *(func.count().filter(way) for way in ways)).where(
        Deadline.state.in_((DeadlineState.OPEN, DeadlineState.DONE)),
        MissingEpisode.withdrawn_at.is_(None),
        MissingEpisode.returned_at >= since,
        *owners(person, Whose.AGENCY),
    )
