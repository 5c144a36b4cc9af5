"""What has to be opened and is not: the team of whoever was told hears of it, and then its manager.

A message counts as opened when its receiver read it in the portal; one to a team when somebody of it did.
What is passed on is about the same record, so whoever may not see that is not told of it.

Of minutes that were given to somebody and not opened, whoever chaired has it in a morning message, once,
and in the portal alone if they have switched that off.
"""

import logging
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Connection,
    Row,
    Text,
    Uuid,
    any_,
    bindparam,
    exists,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import aliased

from portal import clock
from portal.deadlines.rules import due, last_day
from portal.messages.model import MessagePreference, OutboxMessage, OutboxSubject
from portal.messages.vocabulary import Ground, HandReason, MessageChannel, MessageState, UntoldReason
from portal.pathway.calendar import at_local, goes_out
from portal.policy import current_policy
from portal.policy.validators import InWorkingDays
from portal.records.people.model import Team, TeamMember
from portal.reminders import untold
from portal.reminders.claims import Waiting, waiting
from portal.reminders.covers import seniors
from portal.reminders.deliverability import Fitness, fitness_of_people, fitness_of_teams, permission_of
from portal.reminders.receivers import members_of
from portal.reminders.writing import About, Outgoing, Receiver, write

#: Policy `reminders.kinds`: one that waits for the hours, and one that does not.
KINDS = {False: "not_opened", True: "not_opened_urgent"}

#: How many messages one look takes.
AT_ONCE = 100

_AFTER_A_FAULT = timedelta(hours=1)
_ON_THEIR_WAY = [MessageState.OWED, MessageState.QUEUED, MessageState.ACCEPTED]

log = logging.getLogger(__name__)


def counts_from(message: Waiting, moment: datetime) -> datetime | None:
    """When a message that went out at a moment counts as not opened; None where nothing follows from that.

    Policy says of which events an e-mail has to be opened, and for how long it may not be. After the manager
    there is nobody.
    """
    policy = current_policy()
    if message.event not in policy.telling.must_be_opened or _is_to_the_last(message):
        return None
    waits = policy.reminders.unopened
    return due(waits.urgent if message.urgent else waits.others, moment)


def _is_to_the_last(message: Waiting) -> bool:
    return message.passes_on_id is not None and message.recipient_id is not None


_TIME_IS_UP = (
    select(OutboxMessage.id)
    .where(OutboxMessage.unopened_at <= bindparam("now"))
    .order_by(OutboxMessage.unopened_at)
    .limit(bindparam("at_most"))
    .with_for_update(skip_locked=True)
)


def pass_on(connection: Connection, limit: int = AT_ONCE) -> int:
    """Look at the messages whose time to be opened is up, and pass on those that nobody opened; how many were
    looked at.

    Runs as portal_worker. Fewer than `limit` means that nothing is left to look at now.
    """
    now = clock.now()
    found = connection.scalars(_TIME_IS_UP, {"now": now, "at_most": limit}).all()
    if not found:
        return 0
    settled = opened(connection, found) | _over(connection, found)
    unopened = [one for one in found if one not in settled]
    messages = connection.execute(waiting().where(OutboxMessage.id.in_(unopened))).all() if unopened else []
    again = {one.id for one in map(Waiting.of, messages) if not _passed_on(connection, one, now)}
    _look_again(connection, [one for one in found if one not in again], None)
    _look_again(connection, again, now + _AFTER_A_FAULT)
    return len(found)


def _look_again(connection: Connection, messages: Collection[UUID], at: datetime | None) -> None:
    if messages:
        connection.execute(update(OutboxMessage).where(OutboxMessage.id.in_(messages)).values(unopened_at=at))


#: With it whoever else was told of the same: a team by its people, and whom a message that is passed on told.
_OPENED = text(
    """
    with recursive asked as (
        select m.id, m.id as at, m.passes_on_id from outbox_message m where m.id = any (:ids)
        union all
        select a.id, p.id, p.passes_on_id from asked a join outbox_message p on p.id = a.passes_on_id)
    select distinct a.id
      from asked a
      join outbox_message m on m.id = a.at
      join outbox_subject s on s.message_id = m.id
     where m.read_at is not null
        or exists (
           select 1 from outbox_subject o join outbox_message r on r.id = o.message_id
            where o.subject_kind = s.subject_kind and o.subject_id = s.subject_id
              and r.event = m.event and r.created_at >= m.created_at and r.read_at is not null
              and (r.recipient_id = m.recipient_id
                   or r.recipient_id in (select t.user_id from team_member t
                                          where t.team_id = m.recipient_team_id)))
    """
).bindparams(bindparam("ids", type_=ARRAY(Uuid)))


def opened(connection: Connection, messages: Iterable[UUID]) -> set[UUID]:
    """Of some messages, those that somebody opened whom they told, or whom what they pass on told."""
    return set(connection.scalars(_OPENED, {"ids": list(messages)}))


def _over(connection: Connection, messages: Collection[UUID]) -> set[UUID]:
    """Of some messages, those from which nothing follows any more: the e-mail came back, and somebody else
    has it; or it was urgent, and what is told of the same record since is not: the child is back.
    """
    this, since = aliased(OutboxMessage), aliased(OutboxMessage)
    about, about_since = aliased(OutboxSubject), aliased(OutboxSubject)
    calmer = exists().where(
        about_since.subject_kind == about.subject_kind,
        about_since.subject_id == about.subject_id,
        since.id == about_since.message_id,
        since.created_at > this.created_at,
        since.event.in_(current_policy().telling.must_be_opened),
        ~since.urgent,
    )
    return set(
        connection.scalars(
            select(this.id)
            .join(about, about.message_id == this.id)
            .where(this.id.in_(messages), (this.state != MessageState.ACCEPTED) | (this.urgent & calmer))
        )
    )


def _passed_on(connection: Connection, message: Waiting, now: datetime) -> bool:
    """Pass one on; False where that failed, which must not keep the others waiting."""
    try:
        with connection.begin_nested():
            _pass_on(connection, message, now)
    except Exception as problem:
        if isinstance(problem, DBAPIError) and problem.connection_invalidated:
            raise
        log.exception("The message %s, which nobody opened, cannot be passed on.", message.id)
        return False
    return True


def _pass_on(connection: Connection, message: Waiting, now: datetime) -> None:
    if _may_not_see_it(connection, message):
        return
    teams = _teams(connection, message)
    if message.recipient_id is not None and _told_anyway(connection, message, teams):
        return
    chosen = _next(connection, message, teams)
    if chosen is None:
        untold.note(connection, message, UntoldReason.NOT_OPENED)
        return
    write(connection, _messages(connection, message, chosen, now))


def _may_not_see_it(connection: Connection, message: Waiting) -> bool:
    """Whoever does not reach the record any more need not open it; and it is for no team by them."""
    if message.recipient_id is not None:
        found = _people(connection, message, [message.recipient_id])
    else:
        found = _addresses(connection, message, _teams(connection, message))
    return any(one.obstacle is HandReason.NO_REACH for one in found)


def _teams(connection: Connection, message: Waiting) -> list[UUID]:
    """The team that was told, or those of whoever was told, in the agency where they were told."""
    if message.recipient_team_id is not None:
        return [message.recipient_team_id]
    return list(
        connection.scalars(
            select(Team.id)
            .join(TeamMember, TeamMember.team_id == Team.id)
            .where(
                TeamMember.user_id == message.recipient_id, Team.agency_id == message.agency_id, Team.active
            )
            .order_by(Team.name, Team.id)
        )
    )


def _told_anyway(connection: Connection, message: Waiting, teams: Collection[UUID]) -> bool:
    """Whether one of their teams was told of the same at its duty address: that is passed on where nobody
    opens it, however many of the team did not open what they were told themselves.
    """
    same = exists().where(
        OutboxSubject.subject_kind == message.subject_kind,
        OutboxSubject.subject_id == message.subject_id,
        OutboxMessage.id == OutboxSubject.message_id,
        OutboxMessage.event == message.event,
        OutboxMessage.created_at >= message.created_at,
        OutboxMessage.recipient_team_id.in_(teams),
        OutboxMessage.state.in_(_ON_THEIR_WAY),
    )
    return bool(connection.scalar(select(same)))


def _next(connection: Connection, message: Waiting, teams: list[UUID]) -> Receiver | None:
    """Who is told now: the team of a person, and of a team its manager; where nobody there can be told,
    whoever is above them in the agency.
    """
    told = {message.recipient_id, message.handed_from_id}
    candidates = [] if message.recipient_id is None else _addresses(connection, message, teams)
    above = [one for one in seniors(connection, message.agency_id, teams) if one not in told]
    candidates += _people(connection, message, above)
    return next((one.to for one in candidates if one.obstacle is None), None)


def _people(connection: Connection, message: Waiting, people: list[UUID]) -> list[Fitness]:
    opens, reach = permission_of(KINDS[message.urgent], message.subject_kind), not message.last_word
    found = fitness_of_people(connection, people, message.about, opens=opens, needs_reach=reach)
    return [found[one] for one in people if one in found]


def _addresses(connection: Connection, message: Waiting, teams: list[UUID]) -> list[Fitness]:
    opens, reach = permission_of(KINDS[message.urgent], message.subject_kind), not message.last_word
    found = fitness_of_teams(connection, teams, message.about, opens=opens, needs_reach=reach)
    return [found[one] for one in teams if one in found]


def _messages(connection: Connection, message: Waiting, to: Receiver, now: datetime) -> list[Outgoing]:
    """To somebody by e-mail; the people of a team find it in the portal."""
    members = connection.execute(members_of([to.team_id])).all() if to.team_id else []
    people = [Receiver(to.agency_id, one.user_id) for one in members if one.user_id != message.recipient_id]
    kind = KINDS[message.urgent]
    return [
        Outgoing(
            key=f"{kind}:outbox_message:{message.id}:{one.id}",
            kind=kind,
            about=replace(message.about, sequence=None, method=None),
            to=one,
            channel=MessageChannel.MAIL if one == to else MessageChannel.PORTAL,
            urgent=message.urgent,
            created_at=now,
            goes_out=goes_out(current_policy().reminders.hours, now, urgent=message.urgent),
            event=message.event,
            ground=Ground(message.ground) if message.ground in set(Ground) else None,
            last_word=message.last_word,
            passes_on=message.id,
            handed_from=message.recipient_id or message.handed_from_id,
            handed_reason=HandReason.NOT_OPENED,
        )
        for one in (to, *people)
    ]


KIND = "minutes_unopened"

#: Minutes that were given longer ago are nobody's news any more.
_LONGEST = timedelta(days=35)

_UNOPENED = text(
    "select meeting_id, reference, chair_id, agency_id, copies from ctx.minutes_unopened(:since, :until)"
)


def queue_unopened(connection: Connection) -> int:
    """Write for whoever chaired that copies were not opened in time (policy `minutes_unopened`), once for a
    meeting; how many were written.
    """
    now, today, waits = clock.now(), clock.today(), current_policy().reminders.minutes_unopened
    until = at_local(_first_day_in_time(waits, today), time())
    found = connection.execute(_UNOPENED, {"since": until - _LONGEST, "until": until}).all()
    keys = {_key(row): row for row in found}
    there = connection.scalars(
        select(OutboxMessage.key).where(OutboxMessage.key == any_(literal(list(keys), ARRAY(Text))))
    ).all()
    owed = [keys[key] for key in keys.keys() - set(there)]
    unwanted = set(
        connection.scalars(
            select(MessagePreference.user_id).where(
                MessagePreference.user_id.in_([row.chair_id for row in owed]),
                MessagePreference.kind == KIND,
                MessagePreference.by_mail.is_(False),
            )
        )
    )
    messages = [
        Outgoing(
            key=_key(row),
            kind=KIND,
            about=_about(row),
            to=Receiver(row.agency_id, row.chair_id),
            channel=MessageChannel.PORTAL if row.chair_id in unwanted else MessageChannel.DIGEST,
            urgent=False,
            created_at=now,
            goes_out=now,
        )
        for row in owed
        if _may_be_told(connection, row)
    ]
    write(connection, messages)
    return len(messages)


def _first_day_in_time(waits: InWorkingDays, today: date) -> date:
    """The first day on which minutes may have been given that need not have been opened by today."""
    day = today
    while last_day(waits, day - timedelta(days=1)) >= today:
        day -= timedelta(days=1)
    return day


def _may_be_told(connection: Connection, row: Row[tuple[UUID, str, UUID, UUID, int]]) -> bool:
    """Whether whoever chaired is there still, and may see the meeting."""
    opens = permission_of(KIND, "meeting")
    (found,) = fitness_of_people(connection, [row.chair_id], _about(row), opens=opens).values()
    return found.obstacle not in {HandReason.LEFT, HandReason.NO_REACH}


def _about(row: Row[tuple[UUID, str, UUID, UUID, int]]) -> About:
    return About("meeting", row.meeting_id, row.reference)


def _key(row: Row[tuple[UUID, str, UUID, UUID, int]]) -> str:
    return f"{KIND}:meeting:{row.meeting_id}:{row.chair_id}"
