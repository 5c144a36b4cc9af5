"""Who is told instead of somebody who cannot be, and of cover itself, where it begins and ends by its
date.

A message goes on saying for whom it was. Cover is told in the morning message, to whoever covers and was
away: nobody does anything on those days that could tell it; what somebody does tells by itself.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Select,
    String,
    Uuid,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    union,
    update,
)

from portal import clock
from portal.deadlines.model import Deadline
from portal.messages.model import Absence, AbsenceCover, OutboxMessage, OutboxSubject
from portal.messages.vocabulary import CHANNELS, Ground, HandReason, MessageChannel, MessageState, TellBy
from portal.pathway.calendar import add_working_days, at_local, subtract_working_days
from portal.policy import current_policy
from portal.policy.telling import Tell
from portal.records.cases.model import AccessGrant, Case
from portal.records.meetings.model import Invitation
from portal.records.people.model import Agency, Team, TeamMember, User
from portal.reminders.claims import HandOn, Waiting
from portal.reminders.deliverability import Fitness, fitness_of_people, fitness_of_teams, permission_of
from portal.reminders.receivers import HUB_TEAMS, holds
from portal.reminders.writing import About, Outgoing, Receiver, write
from portal.vocabulary import Role

_TOLD = [MessageState.OWED, MessageState.QUEUED, MessageState.ACCEPTED]


@dataclass(frozen=True)
class StandIns:
    """Everybody who might be told instead, nearest first, and whether each can be."""

    near: tuple[Fitness, ...]  # a deputy, then the own agency: team, manager, lead
    far: tuple[Fitness, ...]  # the hub, and the people named on the case
    told_already: frozenset[UUID]  # by another message on the same rung, or of the same event

    @property
    def nearest_knows(self) -> bool:
        """Whether the nearest who can be told is told anyway."""
        able = (one for one in (*self.near, *self.far) if one.obstacle is None)
        nearest = next(able, None)
        return nearest is not None and nearest.to.id in self.told_already

    @property
    def nobody_near(self) -> bool:
        """Whether nobody where they work can be told in their place."""
        return all(one.obstacle is not None for one in self.near)

    def first(self, among: Iterable[Fitness]) -> Fitness | None:
        """The nearest who can be told and is not told anyway."""
        return next(
            (one for one in among if one.obstacle is None and one.to.id not in self.told_already), None
        )


def stand_ins(connection: Connection, message: Waiting, reason: HandReason) -> StandIns:
    """Everybody who might be told instead of the recipient of a message."""
    teams = _teams(connection, message)
    deputies = _deputies(connection, message) if reason is HandReason.AWAY else []
    above = seniors(connection, message.agency_id, teams)
    named = _named(connection, message)
    hub = connection.scalars(HUB_TEAMS).all()
    about, opens = message.about, permission_of(message.kind, message.subject_kind)
    reach = not message.last_word
    people = fitness_of_people(connection, {*deputies, *above, *named}, about, opens=opens, needs_reach=reach)
    addresses = fitness_of_teams(connection, {*teams, *hub}, about, opens=opens, needs_reach=reach)
    own_teams = [] if reason is HandReason.TEAM_CLOSED else teams
    near = [people[one] for one in deputies]
    near += [addresses[one] for one in own_teams if one != message.recipient_team_id]
    near += [people[one] for one in above if one != message.recipient_id]
    far = [addresses[one] for one in hub if one != message.recipient_team_id]
    far += [people[one] for one in named if one != message.recipient_id]
    knowing = _knowing(connection, message, [one.to for one in (*near, *far)])
    return StandIns(
        tuple(one for one in near if one.to.id in knowing),
        tuple(one for one in far if one.to.id in knowing),
        _told_already(connection, message),
    )


#: Who is told that something ended, and no more than that.
_ENDED = frozenset({Ground.LEAVING, Ground.OWNER_BEFORE})


def _knowing(connection: Connection, message: Waiting, those: Collection[Receiver]) -> Collection[UUID]:
    """Which of some may be told in the place of a person. Whoever is told of the child of a sealed case is
    told as somebody who reads that: nobody who does not, even if they read the record for a reason of their
    own, such as a team that reported the child. Who is named on the case then hears that it reached nobody.
    Of something of concern with many children that holds for the cases on which the person is or was. So
    with what is told whoever leads a case, also where they need not see the record: only who reads that case.
    """
    behind = func.ctx.sealed_behind(
        message.subject_kind, message.subject_id, message.case_id, message.recipient_id
    )
    sealed = connection.scalar(select(behind)) if message.recipient_id else None
    if message.ground in _ENDED:
        return {one.id for one in those}
    cases = [sealed] if sealed is not None else _led(connection, message)
    if not cases:
        return {one.id for one in those}
    return {who for case in cases for who in _reading(connection, case, those)}


def _reading(connection: Connection, case_id: UUID, those: Collection[Receiver]) -> set[UUID]:
    case = About("cre_case", case_id, case_id=case_id)
    people = fitness_of_people(connection, {one.user_id for one in those if one.user_id}, case)
    teams = fitness_of_teams(connection, {one.team_id for one in those if one.team_id}, case)
    return {who for who, one in (people | teams).items() if one.obstacle is not HandReason.NO_REACH}


def _led(connection: Connection, message: Waiting) -> Sequence[UUID]:
    """The open cases behind what is told to a person as leading one, of those that they lead."""
    if not message.last_word or message.ground not in _AS_LEAD or message.recipient_id is None:
        return ()
    behind = select(func.ctx.cases_behind(message.subject_kind, message.subject_id))
    return connection.scalars(
        select(Case.id).where(Case.id.in_(behind), Case.lead_professional_id == message.recipient_id)
    ).all()


_AS_LEAD = frozenset({Ground.LEAD_PROFESSIONAL, Ground.LEAD_UNSEEN})


def _deputies(connection: Connection, message: Waiting) -> list[UUID]:
    """Whoever covers this very case while the recipient is away."""
    today, behind = clock.today(), func.ctx.cases_behind(message.subject_kind, message.subject_id)
    return list(
        connection.scalars(
            select(AbsenceCover.deputy_id)
            .join(Absence, Absence.id == AbsenceCover.absence_id)
            .where(
                Absence.user_id == message.recipient_id,
                Absence.ended_at.is_(None),
                Absence.first_day <= today,
                Absence.last_day >= today,
                or_(
                    AbsenceCover.case_id == message.case_id,
                    AbsenceCover.case_id.in_(select(behind)),
                ),
            )
            .order_by(Absence.first_day)
        )
    )


def _teams(connection: Connection, message: Waiting) -> list[UUID]:
    """Teams of the recipient's agency: the duty's own, those of the recipient, then every other."""
    of_duty = connection.scalar(select(Deadline.owner_team_id).where(Deadline.id == message.deadline_id))
    own = set(connection.scalars(select(TeamMember.team_id).filter_by(user_id=message.recipient_id)))
    found = connection.scalars(
        select(Team.id).where(Team.agency_id == message.agency_id, Team.active).order_by(Team.name, Team.id)
    )
    return sorted(found, key=lambda one: (one not in {of_duty, message.recipient_team_id}, one not in own))


def seniors(connection: Connection, agency_id: UUID, teams: list[UUID]) -> list[UUID]:
    """Managers of those teams, nearest first, then the lead of the agency, then its other managers."""
    of_teams = connection.execute(select(Team.id, Team.manager_id).where(Team.id.in_(teams))).all()
    by_team = {row.id: row.manager_id for row in of_teams}
    found = [by_team[team] for team in teams]
    found.append(connection.scalar(select(Agency.lead_id).where(Agency.id == agency_id)))
    found += connection.scalars(
        select(User.id).where(User.agency_id == agency_id, User.active, holds(Role.MANAGER))
    ).all()
    return [one for one in dict.fromkeys(found) if one is not None]


def _named(connection: Connection, message: Waiting) -> list[UUID]:
    """The people named on the case, and its lead professional: on a sealed case nobody else may know."""
    now = clock.now()
    lead = connection.scalar(select(Case.lead_professional_id).where(Case.id == message.case_id))
    granted = connection.scalars(
        select(AccessGrant.user_id)
        .where(
            AccessGrant.case_id == message.case_id,
            AccessGrant.starts_at <= now,
            AccessGrant.ends_at.is_(None) | (AccessGrant.ends_at > now),
        )
        .order_by(AccessGrant.starts_at, AccessGrant.user_id)
    )
    return [one for one in dict.fromkeys([*granted, lead]) if one is not None]


#: What one step tells of one event is written within this time.
_ONE_STEP = timedelta(seconds=5)


def _told_already(connection: Connection, message: Waiting) -> frozenset[UUID]:
    if message.deadline_id is not None:
        same = [
            OutboxSubject.deadline_id == message.deadline_id,
            OutboxSubject.due_at == message.due_at,
            OutboxSubject.rung == message.rung,
        ]
    elif message.event is not None:
        same = [
            OutboxMessage.event == message.event,
            OutboxMessage.channel == MessageChannel.MAIL,
            OutboxMessage.urgent.is_(True) if message.urgent else true(),  # one that waits is not told yet
            OutboxMessage.caused_by.is_not_distinct_from(message.caused_by),
            OutboxMessage.created_at.between(message.created_at - _ONE_STEP, message.created_at + _ONE_STEP),
            OutboxSubject.subject_kind == message.subject_kind,
            OutboxSubject.subject_id.in_(_same_record(message)),
            *_same_link(message),
        ]
    else:
        return frozenset()
    rows = connection.execute(
        select(OutboxMessage.recipient_id, OutboxMessage.recipient_team_id)
        .join(OutboxSubject, OutboxSubject.message_id == OutboxMessage.id)
        .where(*same, OutboxMessage.state.in_(_TOLD), OutboxMessage.id != message.id)
    )
    return frozenset(row.recipient_id or row.recipient_team_id for row in rows)


def _same_link(message: Waiting) -> list[ColumnElement[bool]]:
    """Of something of concern, that it is told of the same link: each is to another child. A message has
    it in its key, after its kind and what it is about, as it has the number of a change.
    """
    if message.subject_kind != "concern":
        return []
    once = func.split_part(OutboxMessage.key, ":", 4, type_=String)
    return [once == "".join(message.key.split(":")[3:4])]


def _same_record(message: Waiting) -> Select[UUID]:
    """What a message is about; of an invitation each to the same meeting."""
    if message.subject_kind != Invitation.__tablename__:
        return select(literal(message.subject_id, Uuid))
    meeting = select(Invitation.meeting_id).where(Invitation.id == message.subject_id).scalar_subquery()
    return select(Invitation.id).where(Invitation.meeting_id == meeting)


#: Whoever is away, or whose e-mail came back, still finds in the portal what they were told.
STILL_SHOWN = frozenset({HandReason.AWAY, HandReason.ADDRESS})


def redirect(connection: Connection, message: Waiting, to: HandOn) -> None:
    """Make somebody else the recipient; the message keeps whom it was meant for first, and why not them."""
    connection.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == message.id)
        .values(
            recipient_id=to.user_id,
            recipient_team_id=to.team_id,
            agency_id=to.agency_id,
            handed_from_id=func.coalesce(OutboxMessage.handed_from_id, message.recipient_id),
            handed_reason=func.coalesce(OutboxMessage.handed_reason, to.reason),
        )
    )
    if message.recipient_id is not None and to.reason in STILL_SHOWN:
        _show(connection, message, Receiver(message.agency_id, message.recipient_id))


def _show(connection: Connection, message: Waiting, receiver: Receiver) -> None:
    shown = Outgoing(
        key=f"shown:{message.key}:{receiver.id}",
        kind=message.kind,
        about=replace(message.about, sequence=None, method=None),
        to=receiver,
        channel=MessageChannel.PORTAL,
        urgent=message.urgent,
        created_at=message.created_at,
        goes_out=clock.now(),
        ground=Ground(message.ground) if message.ground in set(Ground) else None,
        last_word=message.last_word,
    )
    write(connection, [shown])


#: Events of policy `telling`: cover begins by its date, and is over.
BEGINS, OVER = "cover_begins", "cover_over"
#: The kind of message that tells somebody that they cover a case.
GIVEN = "cover_given"


def queue_covers(connection: Connection) -> int:
    """Write, for the morning messages of a working day, what cover begins before the next one is over and
    which ended since the one before; how many messages. Each is written once.
    """
    now, today = clock.now(), clock.today()
    soon = Absence.first_day.between(today + timedelta(days=1), add_working_days(today, 1))
    over = Absence.last_day.between(subtract_working_days(today, 1), today - timedelta(days=1))
    deputy, away = User.id == AbsenceCover.deputy_id, User.id == Absence.user_id
    who = {Ground.DEPUTY: deputy, Ground.PERSON: away}
    when = {BEGINS: (soon, _reads_it(), ~_told_today()), OVER: (over,)}
    owed = union(
        *(
            _news(event, tell, who[tell.to], *conditions)
            for event, conditions in when.items()
            for tell in current_policy().telling.of(event)
        )
    )
    messages = [
        Outgoing(
            key=row.key,
            kind=row.kind,
            about=About("app_user", row.away_id),
            to=Receiver(row.agency_id, row.user_id),
            channel=CHANNELS[TellBy(row.by)],
            urgent=False,
            created_at=now,
            goes_out=now,
            event=row.event,
            ground=Ground(row.ground),
        )
        for row in connection.execute(owed)
    ]
    write(connection, messages)
    return len(messages)


def _news(
    event: str, tell: Tell, to: ColumnElement[bool], *conditions: ColumnElement[bool]
) -> Select[*tuple[Any, ...]]:
    """Whoever is to be told of absences that stand, with cover on a case; each once for an absence.

    Args:
        tell: the row of policy.
        to: who of those who cover a case and are away.
    """
    kind, ids = tell.kind, (cast(one, String) for one in (Absence.user_id, Absence.id, User.id))
    key = literal(f"{kind}:app_user:") + next(ids) + ":" + next(ids) + ":" + next(ids)
    return (
        select(
            key.label("key"),
            literal(kind).label("kind"),
            literal(event).label("event"),
            literal(tell.to).label("ground"),
            literal(tell.by).label("by"),
            Absence.user_id.label("away_id"),
            User.id.label("user_id"),
            User.agency_id,
        )
        .select_from(Absence)
        .join(AbsenceCover, AbsenceCover.absence_id == Absence.id)
        .join(User, to)
        .where(
            Absence.ended_at.is_(None), User.active, *conditions, ~exists().where(OutboxMessage.key == key)
        )
    )


def _reads_it() -> ColumnElement[bool]:
    """Whether whoever covers a case reads it: covering gives nobody access."""
    case_id, readers = AbsenceCover.case_id, func.ctx.readers_of(AbsenceCover.deputy_id)
    return func.ctx.reaches(readers, "cre_case", case_id, case_id, type_=Boolean)


def _told_today() -> ColumnElement[bool]:
    """Whether they were told today, by e-mail, that they cover a case of it."""
    return exists().where(
        OutboxMessage.recipient_id == AbsenceCover.deputy_id,
        OutboxMessage.kind == GIVEN,
        OutboxMessage.created_at >= at_local(clock.today(), time()),
        OutboxMessage.key.contains(cast(Absence.id, String)),
    )
