"""What somebody is told, and the life of every message for whoever watches over them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Row,
    Select,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    cast,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.exc import SQLAlchemyError

from portal import clock
from portal.access import principal
from portal.access.model import Heartbeat
from portal.access.principal import Principal
from portal.deadlines.model import Deadline
from portal.extensions import db
from portal.messages.model import AddressSuspension, MessagePreference, OutboxMessage, OutboxSubject
from portal.messages.vocabulary import MessageState
from portal.queries.declared import (
    AnyOf,
    Column,
    Filter,
    FromRows,
    Listing,
    Sort,
    heads,
    labels,
    offered,
    one_of,
)
from portal.queries.listing import MOST, Asked, Found, Whole, counts_of, in_usual_order, page_of
from portal.queries.paging import NEWEST as NEWEST_MOMENT
from portal.queries.paging import MomentCursor, Page
from portal.queries.rows import ASKER, NOW, Asker, Rows, name_of
from portal.records.people.model import Agency, Team, TeamMember, User
from portal.vocabulary import Labelled

PAGE = 30


def unread() -> Select[Any]:
    """The messages that whoever asks has not read."""
    return select(OutboxMessage.id).where(own(ASKER), OutboxMessage.read_at.is_(None))


def find_told(*, person: Principal, message_id: UUID) -> Row[Any] | None:
    """One message to the person or to a team of theirs; None for everybody else's."""
    # A team of the hub is its coordinators, who are readers as the hub and not by their team.
    teams = person.team_ids if person.is_coordinator else person.team_ids & person.readers
    to_team = OutboxMessage.recipient_team_id.in_(list(teams))
    mine = listed().where(OutboxMessage.id == message_id, or_(_to(person), to_team), is_out())
    return db.session.execute(mine).one_or_none()


def last_about(*, person: Principal, kind: str, reference: str) -> UUID | None:
    """The newest message to the person about a record of a reference, whether or not they see that record."""
    return db.session.scalar(
        select(OutboxMessage.id)
        .join(OutboxSubject, OutboxSubject.message_id == OutboxMessage.id)
        .where(own(person), OutboxSubject.subject_kind == kind, OutboxSubject.reference == reference)
        .order_by(OutboxMessage.created_at.desc(), OutboxMessage.id.desc())
        .limit(1)
    )


def told_last(
    *, person: Principal, kinds: Collection[str], subject_kind: str, subject_id: UUID
) -> Row[str, datetime] | None:
    """The newest message of some kinds about a record to the person or their team: which kind, and when."""
    teams = person.team_ids if person.is_coordinator else person.team_ids & person.readers
    found = (
        select(OutboxMessage.kind, OutboxMessage.created_at)
        .join(OutboxSubject, OutboxSubject.message_id == OutboxMessage.id)
        .where(
            OutboxSubject.subject_kind == subject_kind,
            OutboxSubject.subject_id == subject_id,
            OutboxMessage.kind.in_(kinds),
            or_(_to(person), OutboxMessage.recipient_team_id.in_(list(teams))),
        )
        .order_by(OutboxMessage.created_at.desc(), OutboxMessage.id.desc())
        .limit(1)
    )
    return db.session.execute(found).one_or_none()


def mail_choices(*, person: Principal) -> dict[str, bool]:
    """By kind, whether the person wants e-mail; a kind that is not in it is sent."""
    rows = db.session.execute(
        select(MessagePreference.kind, MessagePreference.by_mail).where(
            MessagePreference.user_id == person.user_id
        )
    )
    return {row.kind: row.by_mail for row in rows}


def _to(person: Principal | Asker) -> ColumnElement[bool]:
    """Theirs, as a member of the agency that they belong to now."""
    return and_(OutboxMessage.recipient_id == person.user_id, OutboxMessage.agency_id == person.agency_id)


def own(person: Principal | Asker) -> ColumnElement[bool]:
    """Whether a message is in the list of the person.

    What was cancelled was never told, and what is held is not told yet.
    """
    return and_(_to(person), OutboxMessage.state != MessageState.CANCELLED, is_out())


def is_out() -> ColumnElement[bool]:
    """Whether a message is not held."""
    return or_(OutboxMessage.held_until.is_(None), OutboxMessage.held_until <= NOW)


def listed() -> Select[Any]:
    """Messages with what they are about."""
    columns: list[Any] = [
        OutboxMessage.id,
        OutboxMessage.kind,
        OutboxMessage.event,
        OutboxMessage.recipient_id,
        OutboxMessage.created_at,
        OutboxMessage.read_at,
        OutboxMessage.urgent,
        OutboxMessage.handed_reason,
        name_of(OutboxMessage.handed_from_id, "handed_from"),
        OutboxSubject.subject_kind,
        OutboxSubject.subject_id,
        OutboxSubject.reference,
        OutboxSubject.case_id,
        OutboxSubject.due_at,
        Deadline.kind.label("duty"),
    ]
    return (
        select(*columns)
        .join(OutboxSubject, OutboxSubject.message_id == OutboxMessage.id)
        .outerjoin(Deadline, Deadline.id == OutboxSubject.deadline_id)
    )


NEWEST = (OutboxMessage.created_at.desc(), OutboxMessage.id.desc())


def find_message(*, message_id: UUID) -> OutboxMessage | None:
    """A message that the person may watch over."""
    return db.session.scalar(select(OutboxMessage).where(OutboxMessage.id == message_id))


def suspended_addresses() -> Rows:
    """The addresses to which nothing is sent at present, as far as the person looks after them."""
    return db.session.execute(
        select(
            AddressSuspension.__table__,
            func.coalesce(User.name, Team.name).label("whose"),
            name_of(AddressSuspension.agency_id, "agency"),
        )
        .outerjoin(User, User.id == AddressSuspension.user_id)
        .outerjoin(Team, Team.id == AddressSuspension.team_id)
        .where(AddressSuspension.lifted_at.is_(None))
        .order_by(AddressSuspension.suspended_at, AddressSuspension.id)
    ).all()


def find_suspension(*, suspension_id: UUID) -> AddressSuspension | None:
    """A suspended address that the person looks after."""
    return db.session.scalar(select(AddressSuspension).where(AddressSuspension.id == suspension_id))


def beats() -> Mapping[str, datetime]:
    """When each tick of the worker last ran, by its name."""
    rows = db.session.execute(select(Heartbeat.tick, Heartbeat.beat_at))
    return {row.tick: row.beat_at for row in rows}


def oldest_waiting() -> datetime | None:
    """Since when the message that has waited longest should have gone out; None when none waits."""
    return db.session.scalar(select(func.ctx.oldest_waiting_message(clock.now())))


def hub_not_told() -> bool:
    """Whether somebody could not be told of something, and nobody at the hub was told so."""
    return bool(db.session.scalar(select(func.ctx.hub_not_told())))


def seal_lag() -> timedelta:
    """For how long the row of the audit trail that has waited longest has not been sealed."""
    return db.session.scalar(select(func.ctx.seal_lag())) or timedelta()


def database_answers() -> bool:
    """Whether the database can be asked at all."""
    try:
        db.session.execute(select(1))
    except SQLAlchemyError:
        db.session.rollback()
        return False
    return True


def lives(*, person: Principal, about: str | None = None) -> Whole:
    """The messages that somebody watches over, for a manager those of their own agency.

    Args:
        about: the reference of what they are about, where the person sees that; an empty one is nobody's.
    """
    listed = _lives()
    if not person.is_coordinator:
        listed = listed.where(OutboxMessage.agency_id == person.agency_id)
    if about is not None:
        of_record = select(OutboxSubject.message_id).where(OutboxSubject.reference == about)
        listed = listed.where(OutboxMessage.id.in_(of_record))
    return Whole(listed)


def not_sent(*, person: Principal, limit: int) -> Rows:
    """Of these the newest that could not be sent."""
    dead = lives(person=person).rows.where(OutboxMessage.state == MessageState.DEAD)
    return db.session.execute(dead.order_by(*NEWEST).limit(limit)).all()


def _lives() -> Select[Any]:
    """What a page says of messages.

    What one is about is asked of those that are shown alone: whether somebody may see that is dear to find
    out, and what is joined may be asked of every message there is.
    """
    about = select(OutboxSubject.reference).where(OutboxSubject.message_id == OutboxMessage.id).limit(1)
    columns: list[Any] = [
        OutboxMessage.id,
        OutboxMessage.kind,
        OutboxMessage.channel,
        case((is_out(), OutboxMessage.state), else_=MessageState.OWED).label("state"),
        OutboxMessage.urgent,
        OutboxMessage.created_at,
        OutboxMessage.not_before,
        OutboxMessage.next_try_at,
        OutboxMessage.settled_at,
        OutboxMessage.read_at,
        OutboxMessage.attempts,
        OutboxMessage.address,
        OutboxMessage.outcome,
        OutboxMessage.handed_reason,
        name_of(OutboxMessage.handed_from_id, "handed_from"),
        func.coalesce(User.name, Team.name).label("recipient"),
        name_of(OutboxMessage.agency_id, "agency"),
        about.scalar_subquery().label("reference"),
    ]
    return (
        select(*columns)
        .select_from(OutboxMessage)
        .outerjoin(User, User.id == OutboxMessage.recipient_id)
        .outerjoin(Team, Team.id == OutboxMessage.recipient_team_id)
    )


def told_of_case(*, case_id: UUID, after: MomentCursor | None, limit: int = PAGE) -> Page[MomentCursor]:
    """Who was told of what on a case, the newest first, for whoever reads it; nothing for anybody else.

    Args:
        after: the last row of the page before.
    """
    place = after or NEWEST_MOMENT
    rows = db.session.execute(
        _TOLD_OF_CASE, {"case_id": case_id, "at": place.at, "id": place.id, "most": limit + 1}
    ).all()
    return Page.cut(rows, limit, lambda row: MomentCursor(row.created_at, row.id))


_TOLD_OF_CASE = text("select * from ctx.told_of_case(:case_id, :at, :id, :most)").bindparams(
    bindparam("case_id", type_=Uuid), bindparam("id", type_=Uuid)
)


class Show(Labelled):
    """Which of them somebody wants to see."""

    UNREAD = "unread", "Not read"
    URGENT = "urgent", "Urgent"


class Since(Labelled):
    """Since when somebody was told."""

    DAY = "day", "In the last 24 hours"
    WEEK = "week", "In the last 7 days"


MESSAGES = Listing(
    name="messages",
    noun=("message", "messages"),
    key=OutboxMessage.id,
    columns=(Column("When", sort="newest"),),
    sorts=(
        Sort(
            "newest", "The newest first", "The oldest first", by=(OutboxMessage.created_at,), downwards=True
        ),
    ),
    filters=(
        Filter(
            "show",
            "Which",
            labels(Show),
            AnyOf(
                lambda: {
                    Show.UNREAD: OutboxMessage.read_at.is_(None),
                    Show.URGENT: OutboxMessage.urgent.is_(True),
                }
            ),
        ),
        Filter(
            "since",
            "When",
            labels(Since),
            AnyOf(
                lambda: {
                    one: OutboxMessage.created_at
                    >= clock.now() - timedelta(days=1 if one is Since.DAY else 7)
                    for one in Since
                }
            ),
        ),
        Filter(
            "kind",
            "What about",
            offered(lambda policy: policy.reminders.kinds),
            one_of(OutboxMessage.kind),
            counted=False,
        ),
    ),
)


def page_of_told(asked: Asked, *, person: Principal) -> Found:
    """A page of what the person was told, as they asked for it.

    It is counted by the messages alone: what each is about is looked up for those that are shown.
    """
    counts = counts_of(asked, select(OutboxMessage.id).where(own(person)))
    if counts.all > MOST:
        asked = in_usual_order(asked)
    page = page_of(asked, listed().where(own(person)), limit=PAGE)
    return Found(asked=asked, page=page, counts=counts if counts.all <= MOST else None)


#: What can have become of a message: first what needs somebody.
_BECAME = (
    *(MessageState.DEAD, MessageState.REFUSED, MessageState.OWED, MessageState.QUEUED),
    *(MessageState.ACCEPTED, MessageState.CANCELLED, MessageState.SHOWN),
)
_EVERYWHERE = bindparam(
    "watches_everywhere", callable_=lambda: principal.current().is_coordinator, type_=Boolean
)
#: The teams whose messages whoever asks watches over, closed ones too.
_TEAMS = (
    select(
        cast(Team.id, Text).label("code"),
        case((_EVERYWHERE, Agency.name + ": " + Team.name), else_=Team.name).label("label"),
    )
    .join(Agency, Agency.id == Team.agency_id)
    .where(or_(_EVERYWHERE, Team.agency_id == ASKER.agency_id))
    .order_by(Agency.name, Team.name, Team.id)
)


def _to_teams(codes: Sequence[str]) -> ColumnElement[bool]:
    """To one of some teams itself, or to somebody in it."""
    teams = [UUID(one) for one in codes]
    members = select(TeamMember.user_id).where(TeamMember.team_id.in_(teams))
    return or_(OutboxMessage.recipient_team_id.in_(teams), OutboxMessage.recipient_id.in_(members))


#: Every message, for whoever watches over them.
LIVES = Listing(
    name="every message",
    noun=MESSAGES.noun,
    key=OutboxMessage.id,
    columns=heads("Message", "To", ("Written, and what became of it", "newest")),
    sorts=MESSAGES.sorts,
    filters=(
        Filter("state", "What became of it", labels(_BECAME), one_of(OutboxMessage.state)),
        replace(MESSAGES.filters[-1], label="What it says"),
        Filter("team", "To a team or its people", FromRows(_TEAMS), _to_teams, counted=False),
    ),
)
