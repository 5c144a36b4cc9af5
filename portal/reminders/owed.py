"""What is owed now: the rungs of open duties whose time has come, written as messages that wait."""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Row,
    Select,
    Uuid,
    bindparam,
    case,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError

from portal import clock, registry
from portal.deadlines import rules as deadlines
from portal.deadlines.model import Deadline
from portal.deadlines.rules import DueStep
from portal.deadlines.vocabulary import DeadlineState
from portal.messages.model import ReminderPlan
from portal.messages.vocabulary import MessageChannel, TellBy
from portal.pathway.calendar import goes_out
from portal.policy import Policy, current_policy
from portal.policy.telling import Reminders, ReminderStep, RungWhen
from portal.records.cases.model import Case
from portal.records.meetings.model import Meeting, MeetingCase
from portal.records.plans.model import Action
from portal.records.requests.model import InformationRequest
from portal.reminders.deliverability import reads_in_the_morning, teams_that_reach
from portal.reminders.receivers import ANOTHER_MATTER, Directory, Duty, members_of
from portal.reminders.writing import About, Outgoing, Receiver, write

#: The case of a meeting on one child; a meeting on several hangs on none of their cases alone.
_ONLY_CASE = (
    select(func.array_agg(MeetingCase.case_id, type_=ARRAY(Uuid))[1])
    .where(MeetingCase.meeting_id == Deadline.meeting_id)
    .having(func.count() == 1)
    .correlate(Deadline)
    .scalar_subquery()
)


def duties(deadline_ids: Collection[UUID]) -> Select[*tuple[Any, ...]]:
    """Duties with whoever is around them, and the reference of what they are about."""
    return (
        select(
            Deadline.id,
            Deadline.kind,
            Deadline.state,
            Deadline.source,
            Deadline.subject_kind,
            Deadline.subject_id,
            Deadline.meeting_id,
            Deadline.due_at,
            Deadline.owner_id,
            Deadline.owner_team_id,
            Deadline.owner_agency_id,
            Deadline.owned_for_id,
            InformationRequest.asked_by,
            Meeting.chair_id,
            Case.lead_professional_id,
            func.coalesce(Deadline.case_id, InformationRequest.case_id, _ONLY_CASE).label("case_id"),
            func.coalesce(_reference(), Case.reference).label("reference"),
        )
        .outerjoin(InformationRequest, InformationRequest.id == Deadline.request_id)
        .outerjoin(
            Action, (Deadline.subject_kind == Action.__tablename__) & (Action.id == Deadline.subject_id)
        )
        .outerjoin(Meeting, Meeting.id == func.coalesce(Deadline.meeting_id, Action.meeting_id))
        .outerjoin(Case, Case.id == func.coalesce(Deadline.case_id, InformationRequest.case_id))
        .where(Deadline.id.in_(deadline_ids))
    )


def _reference() -> ColumnElement[str | None]:
    """The reference of what a duty is about; null where its kind of record has none of its own."""
    found = []
    for record in registry.records().values():
        if (duty := record.duty) and duty.reference is not None and duty.key is not None:
            wanted = select(duty.reference).where(duty.key == getattr(Deadline, duty.by))
            found.append((Deadline.subject_kind == record.kind, wanted.correlate(Deadline).scalar_subquery()))
    return case(*found)


@dataclass(frozen=True)
class Owed:
    """The steps of one duty that are owed, and since when whoever owns it has it.

    Args:
        taken: its owner took it over from somebody: nobody need tell them how it stood then.
    """

    steps: tuple[DueStep, ...]
    given_at: datetime
    taken: bool = False


def messages(
    connection: Connection, owed: Mapping[UUID, Owed], reminders: Reminders, now: datetime
) -> list[Outgoing]:
    """The messages that are owed, by the duty's id."""
    found = connection.execute(duties(owed)).all()
    directory = Directory(connection, found)
    to_send = [
        message for duty in found for message in _of_duty(duty, owed[duty.id], directory, reminders, now)
    ]
    shown = list(_shown(connection, [one for one in to_send if not one.outdated]))
    return list(_in_the_morning(connection, to_send, shown))


def _of_duty(
    duty: Duty, owed: Owed, directory: Directory, reminders: Reminders, now: datetime
) -> Iterator[Outgoing]:
    """After downtime, or for whoever takes a duty over, several rungs are owed at once: each receiver is told
    by one, and the others say so.
    """
    by_receiver: dict[tuple[Receiver, str], list[DueStep]] = defaultdict(list)
    for step in owed.steps:
        knows = duty.owner_id if owed.taken and step.at < owed.given_at else None
        lacking = step.rung.code if ANOTHER_MATTER & set(step.rung.to) else ""
        for receiver in directory.of(duty, step.rung.to):
            if receiver.id != knows:
                by_receiver[receiver, lacking].append(step)
    for (receiver, _), steps in by_receiver.items():
        tells = _tells(steps, reminders)
        for step in steps:
            if step is not tells and step.at < owed.given_at:
                continue  # it was somebody else's then
            urgent = reminders.kinds[step.rung.kind].urgent
            yield Outgoing(
                key=f"{_key(duty, step.rung, owed)}:{receiver.id}",
                kind=step.rung.kind,
                about=_about(duty, step.rung),
                to=receiver,
                channel=MessageChannel(step.rung.by),
                urgent=urgent,
                created_at=now,
                goes_out=goes_out(reminders.hours, now, urgent=urgent),
                outdated=step is not tells,
            )


def _tells(steps: Sequence[DueStep], reminders: Reminders) -> DueStep:
    """The last of the steps; but none that waits for the hours instead of one that does not, and none that is
    a line of the morning message instead of a message.
    """
    urgent = [step for step in steps if reminders.kinds[step.rung.kind].urgent]
    mailed = [step for step in steps if step.rung.by is TellBy.MAIL]
    return (urgent or mailed or steps)[-1]


def _key(duty: Duty, rung: ReminderStep, owed: Owed) -> str:
    """What is told once: a rung for one due time; that it was given to somebody, for one giving."""
    counted_from = owed.given_at if rung.when is RungWhen.OPENED else duty.due_at
    return f"{rung.kind}:{duty.id}:{counted_from.astimezone(UTC).isoformat()}:{rung.code}"


def _about(duty: Duty, rung: ReminderStep) -> About:
    return About(
        kind=duty.subject_kind,
        id=duty.subject_id,
        reference=duty.reference,
        case_id=duty.case_id,
        deadline_id=duty.id,
        due_at=duty.due_at,
        rung=rung.code,
    )


def _shown(connection: Connection, sent: Sequence[Outgoing]) -> Iterator[tuple[Outgoing, Outgoing]]:
    """What a team is told, and the same for each of its people, in the portal: they do not read the duty
    address every hour. Whoever is written to about the duty at the same time, as the team's manager may be,
    is told by that.
    """
    written_to = {(message.about.deadline_id, message.to.user_id) for message in sent}
    to_teams = [message for message in sent if message.to.team_id]
    reaching = teams_that_reach(connection, {(one.to.id, one.about) for one in to_teams})
    members = defaultdict(list)
    for member in connection.execute(members_of({team_id for team_id, _ in reaching})):
        members[member.team_id].append(member.user_id)
    for message in to_teams:
        if (message.to.id, message.about) in reaching:
            for user_id in members[message.to.id]:
                if (message.about.deadline_id, user_id) in written_to:
                    continue
                waits = message.channel is MessageChannel.DIGEST
                shown = replace(
                    message,
                    key=f"{message.key.rpartition(':')[0]}:{user_id}",
                    to=Receiver(message.to.agency_id, user_id),
                    channel=MessageChannel.DIGEST if waits else MessageChannel.PORTAL,
                )
                yield message, shown


def _in_the_morning(
    connection: Connection, to_send: Sequence[Outgoing], shown: Sequence[tuple[Outgoing, Outgoing]]
) -> Iterator[Outgoing]:
    """What waits for the morning message waits for those whom that reaches. Everybody else is written to, and
    so is whoever stands in for them; a team, where none of its people has it in the morning.
    """
    asked = {one: (one.to.user_id, one.kind, one.about) for one in to_send if _waits(one)}
    # What a team may know of its people may: of them it is asked once whether they are there.
    first: dict[UUID | None, About] = {}
    for _, copy in shown:
        if _waits(copy):
            about = first.setdefault(copy.to.user_id, copy.about)
            asked[copy] = copy.to.user_id, copy.kind, about
    read = reads_in_the_morning(connection, set(asked.values()))
    teams = {message.key for message, copy in shown if asked.get(copy) in read}

    def told(one: Outgoing, otherwise: MessageChannel) -> Outgoing:
        in_vain = one in asked and asked[one] not in read
        return replace(one, channel=otherwise) if in_vain else one

    yield from (told(one, MessageChannel.MAIL) for one in to_send if one.key not in teams)
    yield from (told(copy, MessageChannel.PORTAL) for _, copy in shown)


def _waits(one: Outgoing) -> bool:
    return one.channel is MessageChannel.DIGEST and not one.outdated


log = logging.getLogger(__name__)

#: How many duties one look takes: they stay locked until it is done, about a second when all owe something.
AT_ONCE = 1000

_NEVER = datetime(9999, 1, 1, tzinfo=UTC)
_AFTER_A_FAULT = timedelta(hours=1)

_DUE_A_LOOK = (
    select(
        ReminderPlan.deadline_id,
        ReminderPlan.since,
        ReminderPlan.given_at,
        ReminderPlan.told_until,
        ReminderPlan.policy_version,
        Deadline.kind,
        Deadline.source,
        Deadline.subject_kind,
        Deadline.started_at,
        Deadline.due_at,
        Deadline.owner_id,
        Deadline.given_by,
    )
    .join(Deadline, Deadline.id == ReminderPlan.deadline_id)
    .where(ReminderPlan.look_at <= bindparam("now"), Deadline.state == DeadlineState.OPEN)
    .order_by(ReminderPlan.look_at)
    .limit(bindparam("at_most"))
    .with_for_update(of=ReminderPlan, skip_locked=True)
)
_LOOKED = (
    update(ReminderPlan.__table__)  # type: ignore[arg-type] # a mapped table is a Table
    .where(ReminderPlan.deadline_id == bindparam("looked"))
    .values(look_at=bindparam("again"), told_until=bindparam("until"), policy_version=bindparam("edition"))
)


@dataclass(frozen=True)
class _Look:
    """What one look at a plan found."""

    plan: Row[*tuple[Any, ...]]
    owed: Owed
    again: datetime
    until: datetime | None  # rungs until then are told
    edition: str | None


def queue_owed(connection: Connection, limit: int = AT_ONCE) -> int:
    """Look at the duties whose time has come and write what is owed; how many were looked at.

    Runs as portal_worker. Fewer than `limit` means that nothing is left to look at now.
    """
    now, policy = clock.now(), current_policy()
    plans = connection.execute(_DUE_A_LOOK, {"now": now, "at_most": limit}).all()
    looks = [_look(plan, policy, now) for plan in plans]
    told = _told(connection, [one for one in looks if one.owed.steps], policy, now)
    if told and not any(one.owed.steps for one in told):
        raise RuntimeError("Nothing of what is owed can be written.")  # so that the health page says so
    looks = told + [one for one in looks if not one.owed.steps]
    if looks:
        connection.execute(
            _LOOKED,
            [
                {
                    "looked": look.plan.deadline_id,
                    "again": look.again,
                    "until": look.until,
                    "edition": look.edition,
                }
                for look in looks
            ],
        )
    return len(looks)


def look_again_for_policy(connection: Connection, limit: int = 5 * AT_ONCE) -> int:
    """Have duties looked at again that were last looked at with another edition of the policy; how many."""
    version, now = current_policy().version, clock.now()
    other = (
        select(ReminderPlan.deadline_id)
        .where(
            or_(ReminderPlan.policy_version < version, ReminderPlan.policy_version > version),
            ReminderPlan.look_at > now,
        )
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    found = connection.scalars(other).all()
    connection.execute(update(ReminderPlan).where(ReminderPlan.deadline_id.in_(found)).values(look_at=now))
    return len(found)


def _look(plan: Row[*tuple[Any, ...]], policy: Policy, now: datetime) -> _Look:
    """One duty that cannot be counted must not keep the others from being brought to mind."""
    given_at = plan.given_at or plan.started_at
    try:
        found = deadlines.steps(
            policy.reminders.ladder(plan.kind, plan.source, plan.subject_kind),
            policy.reminders.hours,
            deadlines.Duty(
                due_at=plan.due_at,
                given_at=given_at,
                since=plan.since,
                moved=plan.since != plan.started_at,
                given_by_another=plan.owner_id is not None and plan.owner_id != plan.given_by,
            ),
        )
    except (ValueError, OverflowError):
        log.exception("The steps of the duty %s cannot be counted.", plan.deadline_id)
        return _postponed(plan, now)
    # Another edition may have other steps: what was told by the last one has its keys, and is not told again.
    told = plan.told_until if plan.policy_version in {None, policy.version} else None
    owed = deadlines.owed(found, told_until=told, now=now)
    again = deadlines.next_step_at(found, now) or _NEVER
    taken = plan.given_at is not None and plan.owner_id is not None and plan.owner_id == plan.given_by
    return _Look(plan, Owed(owed, given_at, taken), again, until=now, edition=policy.version)


def _told(connection: Connection, looks: list[_Look], policy: Policy, now: datetime) -> list[_Look]:
    """Write what some duties owe. One whose receivers cannot be found must not keep the others waiting."""
    if not looks:
        return []
    owing = {look.plan.deadline_id: look.owed for look in looks}
    try:
        with connection.begin_nested():
            write(connection, messages(connection, owing, policy.reminders, now))
    except Exception as problem:
        if isinstance(problem, DBAPIError) and problem.connection_invalidated:
            raise
        if len(looks) == 1:
            log.exception("What the duty %s owes cannot be written.", looks[0].plan.deadline_id)
            return [_postponed(looks[0].plan, now)]
        half = len(looks) // 2
        return _told(connection, looks[:half], policy, now) + _told(connection, looks[half:], policy, now)
    return looks


def _postponed(plan: Row[*tuple[Any, ...]], now: datetime) -> _Look:
    """Looked at again once somebody may have mended it; nothing counts as told meanwhile."""
    return _Look(
        plan, Owed((), now), now + _AFTER_A_FAULT, until=plan.told_until, edition=plan.policy_version
    )
