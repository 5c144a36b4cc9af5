"""The messages of rungs that are owed: to whom each goes, and what the portal shows the people of a team."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Connection

from portal.pathway.ladders import Step
from portal.pathway.sending import goes_out
from portal.policy.telling import Reminders, Rung, RungWhen
from portal.reminders.duties import duties
from portal.reminders.reach import teams_that_reach
from portal.reminders.receivers import Directory, Duty, members_of
from portal.reminders.writing import About, Outgoing, Receiver
from portal.vocabulary.messages import MessageChannel


@dataclass(frozen=True)
class Owed:
    """The steps of one duty that are owed, and since when whoever owns it has it.

    Args:
        taken: its owner took it over from somebody: nobody need tell them how it stood then.
    """

    steps: tuple[Step, ...]
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
    return to_send + list(_shown(connection, [one for one in to_send if not one.outdated]))


def _of_duty(
    duty: Duty, owed: Owed, directory: Directory, reminders: Reminders, now: datetime
) -> Iterator[Outgoing]:
    """After downtime, or for whoever takes a duty over, several rungs are owed at once: each receiver is told
    by one, and the others say so.
    """
    by_receiver: dict[Receiver, list[Step]] = defaultdict(list)
    for step in owed.steps:
        knows = duty.owner_id if owed.taken and step.at < owed.given_at else None
        for receiver in directory.of(duty, step.rung.to):
            if receiver.id != knows:
                by_receiver[receiver].append(step)
    for receiver, steps in by_receiver.items():
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
                channel=MessageChannel.MAIL,
                urgent=urgent,
                created_at=now,
                goes_out=goes_out(reminders.hours, now, urgent=urgent),
                outdated=step is not tells,
            )


def _tells(steps: Sequence[Step], reminders: Reminders) -> Step:
    """The last of the steps; but none that waits for the hours instead of one that does not."""
    urgent = [step for step in steps if reminders.kinds[step.rung.kind].urgent]
    return (urgent or steps)[-1]


def _key(duty: Duty, rung: Rung, owed: Owed) -> str:
    """What is told once: a rung for one due time; that it was given to somebody, for one giving."""
    counted_from = owed.given_at if rung.when is RungWhen.OPENED else duty.due_at
    return f"{rung.kind}:{duty.id}:{counted_from.astimezone(UTC).isoformat()}:{rung.code}"


def _about(duty: Duty, rung: Rung) -> About:
    return About(
        kind=duty.subject_kind,
        id=duty.subject_id,
        reference=duty.reference,
        case_id=duty.case_id,
        deadline_id=duty.id,
        due_at=duty.due_at,
        rung=rung.code,
    )


def _shown(connection: Connection, sent: Sequence[Outgoing]) -> Iterator[Outgoing]:
    """The same for the people of a team, in the portal: they do not read the duty address every hour."""
    to_teams = [message for message in sent if message.to.team_id]
    reaching = teams_that_reach(connection, {(one.to.id, one.about) for one in to_teams})
    members = defaultdict(list)
    for member in connection.execute(members_of({team_id for team_id, _ in reaching})):
        members[member.team_id].append(member.user_id)
    for message in to_teams:
        if (message.to.id, message.about) in reaching:
            for user_id in members[message.to.id]:
                yield replace(
                    message,
                    key=f"{message.key.rpartition(':')[0]}:{user_id}",
                    to=Receiver(message.to.agency_id, user_id),
                    channel=MessageChannel.PORTAL,
                )
