"""The morning message of what is due and overdue, and the weekly one. None where there is nothing.

What a digest says is counted when it goes out: references, kinds and due times, and no names.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    String,
    Uuid,
    and_,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    union,
)

from portal import clock
from portal.deadlines.model import Deadline, is_owed
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.messages.model import Absence, AbsenceCover, MessagePreference, OutboxMessage, ReminderPlan
from portal.messages.vocabulary import MessageChannel
from portal.pathway.calendar import at_local, end_of_day, is_working_day
from portal.policy import current_policy
from portal.policy.telling import Reminders
from portal.records.people.model import Agency, Team, TeamMember, User
from portal.reminders import covers, mornings
from portal.reminders.deliverability import may_open, permission_of
from portal.reminders.owed import duties
from portal.reminders.receivers import Duty
from portal.reminders.writing import About, Outgoing, Receiver, key_at_first, write

MORNING, WEEKLY = mornings.KIND, mornings.WEEKLY

#: The kind of a reminder to whoever has it to do.
_DUE = "due"

#: Lines of one digest. Whoever has more finds the rest behind the link.
AT_MOST = 50


@dataclass(frozen=True)
class DigestLine:
    """One duty in a digest.

    Args:
        soon: it is not due today, and this is the reminder of it that lies before the day.
        owes: it is said to whoever has to do it; not to those who are only to know the day.
    """

    reference: str
    kind_label: str
    due_at: datetime
    overdue: bool
    soon: bool = False
    owes: bool = True

    @property
    def words(self) -> str:
        """What the e-mail says: `CRE-7K4M-2PXA: Triage, overdue since 3 December 2026`."""
        due = clock.local(self.due_at)
        day = f"{due.day} {due:%B %Y}"
        when = f"overdue since {day}" if self.overdue else "due today"
        if self.soon:
            when = f"due on {day}" if self.owes else f"on {day}"
        return ": ".join(filter(None, (self.reference, f"{self.kind_label}, {when}")))


def queue_digests(connection: Connection) -> int:
    """Write the digests that are owed by now, and before them what is told of cover; how many digests.

    One that was missed on its day is not made up for.
    """
    if _is_open(current_policy().reminders, clock.now()):
        covers.queue_covers(connection)
    return write_digests(connection)


def write_digests(connection: Connection) -> int:
    """Write the digests alone; how many. The owner of the tables may, who may not ask who reaches what."""
    now, today, reminders = clock.now(), clock.today(), current_policy().reminders
    if not _is_open(reminders, now):
        return 0
    from_when = at_local(today, reminders.digest.at)
    due, news = _with_something_due(today, from_when), mornings.with_news(today)
    due_or_news = select(union(due, news).subquery().c[0])
    morning = connection.execute(_without(MORNING, today, due_or_news)).all()
    write(connection, [_digest(MORNING, today, Receiver(row.agency_id, row.id), now) for row in morning])
    week = weekly_day(reminders, today)
    weekly = []
    if today >= week:
        begins = at_local(week, reminders.digest.at)
        told = (
            _managers_with_something_late(begins),
            mornings.with_weekly_news(begins),
            mornings.with_copies(begins),
        )
        weekly = list(connection.execute(_without(WEEKLY, week, select(union(*told).subquery().c[0]))).all())
    write(connection, [_digest(WEEKLY, week, Receiver(row.agency_id, row.id), now) for row in weekly])
    return len(morning) + len(weekly)


def lines(connection: Connection, user_id: UUID, kind: str) -> list[DigestLine]:
    """What a digest says to somebody now, the longest overdue first.

    Args:
        kind: `digest` for what is due today or overdue for a person and their teams, and the reminders that
            lie before the day; `team_digest` for what is overdue in the teams that they manage.
    """
    now = clock.now()
    until = end_of_day(clock.today()) if kind == MORNING else now
    due = and_(is_owed(), Deadline.due_at <= until)
    of_theirs = _own if kind == MORNING else _of_managed_teams
    soon = mornings.reminded(connection, user_id) if kind == MORNING else {}
    reminded = select(func.unnest(literal(list(soon), ARRAY(Uuid))))
    ids = connection.scalars(
        select(Deadline.id)
        .where(
            Deadline.id.in_(union(of_theirs(user_id, due), reminded)),
            func.ctx.reaches(
                func.ctx.readers_of(user_id), Deadline.subject_kind, Deadline.subject_id, Deadline.case_id
            ),
        )
        .order_by(Deadline.due_at)
        .limit(AT_MOST)
    ).all()
    found = connection.execute(duties(ids)).all()
    return [line_of(duty, soon.get(duty.id), until) for duty in sorted(found, key=lambda duty: duty.due_at)]


def line_of(duty: Duty, reminder: str | None, until: datetime) -> DigestLine:
    """One duty; of one that is only to come, in the words of its reminder's kind.

    Args:
        duty: a row of `portal.reminders.owed.duties`.
        reminder: the kind of the reminder that was told of it, if any.
        until: the end of the day.
    """
    soon = duty.due_at > until
    owes = not soon or reminder in {None, _DUE}
    label = _label(duty.kind) if owes else current_policy().reminders.kinds[str(reminder)].subject
    return DigestLine(
        duty.reference or "", label, duty.due_at, duty.due_at < clock.now(), soon=soon, owes=owes
    )


def day_of(key: str) -> date:
    """The day that a digest was written for."""
    return date.fromisoformat(key_at_first(key).rpartition(":")[2])


def weekly_day(reminders: Reminders, today: date) -> date:
    """The day of this week on which the weekly digest goes out: the first working day from `weekly_on` on."""
    day = today - timedelta(days=today.weekday()) + timedelta(days=reminders.digest.weekly_on.number)
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def _is_open(reminders: Reminders, now: datetime) -> bool:
    today = clock.local(now).date()
    starts, ends = at_local(today, reminders.digest.at), at_local(today, reminders.hours.closes)
    return is_working_day(today) and starts <= now < ends


def _digest(kind: str, day: date, to: Receiver, now: datetime) -> Outgoing:
    return Outgoing(
        key=f"{kind}:{to.id}:{day}",
        kind=kind,
        about=About(kind="app_user", id=to.id),
        to=to,
        channel=MessageChannel.MAIL,
        urgent=False,
        created_at=now,
        goes_out=now,
    )


def _label(kind: str) -> str:
    known = {one.value: one.label for one in DeadlineKind}
    return known.get(kind, kind.replace("_", " ").capitalize())


def _without(kind: str, day: date, who: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Those who are here, want it, may open its page, and have not had it: `id`, `agency_id`."""
    key = literal(f"{kind}:") + cast(User.id, String) + literal(f":{day}")
    wants_none = exists().where(
        MessagePreference.user_id == User.id,
        MessagePreference.kind == kind,
        MessagePreference.by_mail.is_(False),
    )
    statutory = current_policy().reminders.kinds[kind].statutory
    return (
        select(User.id, User.agency_id)
        .join(Agency, Agency.id == User.agency_id)
        .where(
            User.active,
            User.id.in_(who),
            may_open(permission_of(kind, "app_user")),
            ~exists().where(OutboxMessage.key == key),
            literal(True) if statutory else ~wants_none,
        )
    )


def _with_something_due(today: date, before: datetime) -> Any:
    """Everybody to whom something is due today or overdue that they had by the time of the digest."""
    due = (
        select(Deadline.owner_id, Deadline.owner_team_id, Deadline.owner_agency_id, Deadline.owned_for_id)
        .join(ReminderPlan, ReminderPlan.deadline_id == Deadline.id)
        .where(
            is_owed(),
            Deadline.due_at <= end_of_day(today),
            ReminderPlan.since < before,
            or_(ReminderPlan.given_at.is_(None), ReminderPlan.given_at < before),
        )
        .distinct()
        .cte("due")
    )
    return select(
        union(
            select(User.id).join(due, due.c.owner_id == User.id).where(_is_for_their_agency(due.c)),
            select(TeamMember.user_id)
            .join(due, due.c.owner_team_id == TeamMember.team_id)
            .where(due.c.owner_id.is_(None)),
            select(Agency.lead_id)
            .join(due, due.c.owner_agency_id == Agency.id)
            .where(due.c.owner_id.is_(None), due.c.owner_team_id.is_(None)),
            _covering(AbsenceCover.deputy_id).where(
                is_owed(), Deadline.due_at <= end_of_day(today), Deadline.started_at < before
            ),
        )
        .subquery()
        .c[0]
    )


def _covering(column: Any) -> Select[Any]:
    """A column beside each duty of somebody who is away today, on a case that a deputy covers."""
    today = clock.today()
    return (
        select(column)
        .select_from(AbsenceCover)
        .join(Absence, Absence.id == AbsenceCover.absence_id)
        .join(Deadline, and_(Deadline.owner_id == Absence.user_id, Deadline.case_id == AbsenceCover.case_id))
        .join(User, User.id == Absence.user_id)
        .where(
            _is_for_their_agency(Deadline),
            Absence.ended_at.is_(None),
            Absence.first_day <= today,
            Absence.last_day >= today,
        )
    )


def _is_for_their_agency(duty: Any) -> ColumnElement[bool]:
    """Whether somebody, who is joined, owns a duty for the agency where they are: for none that they left."""
    return or_(duty.owned_for_id.is_(None), duty.owned_for_id == User.agency_id)


def _managers_with_something_late(before: datetime) -> Any:
    # Whose it is first, each once: what is late can be very many, and is looked at once.
    late = (
        select(Deadline.owner_id, Deadline.owner_team_id, Deadline.owned_for_id)
        .where(Deadline.state == DeadlineState.OPEN, Deadline.due_at < before)
        .distinct()
        .cte("late")
    )
    return select(
        union(
            select(Team.manager_id).join(late, late.c.owner_team_id == Team.id).where(Team.active),
            select(Team.manager_id)
            .join(TeamMember, TeamMember.team_id == Team.id)
            .join(late, late.c.owner_id == TeamMember.user_id)
            .where(
                Team.active,
                late.c.owner_team_id.is_(None),
                func.coalesce(late.c.owned_for_id, Team.agency_id) == Team.agency_id,
            ),
            select(Team.manager_id)
            .join(late, late.c.owned_for_id == Team.agency_id)
            .join(User, User.id == late.c.owner_id)
            .where(Team.active, User.agency_id != late.c.owned_for_id),
        )
        .subquery()
        .c[0]
    )


def _own(user_id: UUID, due: ColumnElement[bool]) -> CompoundSelect[tuple[UUID]]:
    """Duties of theirs, of their teams, of the agency that they lead, and on cases that they cover."""
    of_no_person = Deadline.owner_id.is_(None)
    return union(
        select(Deadline.id)
        .join(User, User.id == Deadline.owner_id)
        .where(due, Deadline.owner_id == user_id, _is_for_their_agency(Deadline)),
        select(Deadline.id)
        .join(Team, Team.id == Deadline.owner_team_id)
        .join(TeamMember, TeamMember.team_id == Team.id)
        .where(due, of_no_person, Team.active, TeamMember.user_id == user_id),
        select(Deadline.id)
        .join(Agency, Agency.id == Deadline.owner_agency_id)
        .where(due, of_no_person, Deadline.owner_team_id.is_(None), Agency.lead_id == user_id),
        _covering(Deadline.id).where(due, AbsenceCover.deputy_id == user_id),
    )


def _of_managed_teams(user_id: UUID, due: ColumnElement[bool]) -> CompoundSelect[tuple[UUID]]:
    """Duties of the teams that they manage, and of the people of those; and what people owned for the agency
    who left it.
    """
    managed = (Team.manager_id == user_id, Team.active)
    return union(
        select(Deadline.id).join(Team, Team.id == Deadline.owner_team_id).where(due, *managed),
        select(Deadline.id)
        .join(TeamMember, TeamMember.user_id == Deadline.owner_id)
        .join(Team, Team.id == TeamMember.team_id)
        .where(
            due,
            Deadline.owner_team_id.is_(None),
            func.coalesce(Deadline.owned_for_id, Team.agency_id) == Team.agency_id,
            *managed,
        ),
        select(Deadline.id)
        .join(Team, Team.agency_id == Deadline.owned_for_id)
        .join(User, User.id == Deadline.owner_id)
        .where(due, User.agency_id != Deadline.owned_for_id, *managed),
    )
