"""Telling people that something happened: written in the transaction that made it happen, sent by the worker.

A message has no words of its own. It is a kind (policy ``reminders.kinds``), what it is about and whom it is
for, and it is told once: the same kind about the same thing to the same receiver has the same key.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import ARRAY, CursorResult, Text, cast, select
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.access.principal import Principal
from portal.extensions import db
from portal.models import OutboxMessage, OutboxSubject, Team, TeamMember, User
from portal.pathway.sending import goes_out
from portal.policy import current_policy
from portal.vocabulary import ROLES_THAT_SEE_CASES, MessageChannel, MessageState

_IDS = uuid5(NAMESPACE_URL, "portal:outbox-message")


@dataclass(frozen=True)
class About:
    """What a message is about.

    Args:
        kind: the name of the subject's table, such as `information_request`.
        reference: the subject's own reference, which the e-mail shows; never a name.
        case_id: the case that it hangs on, if any.
        sequence: of the calendar entry that goes with it (RFC 5546).
        method: `REQUEST` or `CANCEL`, when a calendar entry goes with it.
    """

    kind: str
    id: UUID
    reference: str | None = None
    case_id: UUID | None = None
    sequence: int | None = None
    method: str | None = None


@dataclass(frozen=True)
class _Receiver:
    agency_id: UUID
    channel: MessageChannel
    user_id: UUID | None = None
    team_id: UUID | None = None


def message_id(key: str) -> UUID:
    """The id of the message with a key: the same key can never be two messages."""
    return uuid5(_IDS, key)


def tell_people(*, actor: Principal, kind: str, about: About, people: Iterable[UUID], once: str = "") -> None:
    """Tell persons, by e-mail and in the portal. The actor is not told what they did themselves.

    Args:
        kind: a code of policy `reminders.kinds`.
        once: what makes this telling another than an earlier one of the same kind about the same subject,
            such as the number of a change.
    """
    wanted = set(people) - {actor.user_id}
    found = db.session.execute(select(User.id, User.agency_id).where(User.id.in_(wanted))).all()
    _write(actor, kind, about, once, [_Receiver(row.agency_id, MessageChannel.MAIL, row.id) for row in found])


def tell_team(*, actor: Principal, kind: str, about: About, team_id: UUID, once: str = "") -> None:
    """Tell a team: its duty address by e-mail, and in the portal each of its people who may see cases."""
    team = db.session.get_one(Team, team_id)
    members = db.session.scalars(
        select(User.id)
        .join(TeamMember, TeamMember.user_id == User.id)
        .where(
            TeamMember.team_id == team_id,
            User.agency_id == team.agency_id,
            User.active,
            User.roles.op("&&")(cast([role.value for role in ROLES_THAT_SEE_CASES], ARRAY(Text))),
            User.id != actor.user_id,
        )
    )
    receivers = [_Receiver(team.agency_id, MessageChannel.MAIL, team_id=team_id)]
    receivers += [_Receiver(team.agency_id, MessageChannel.PORTAL, user) for user in members]
    _write(actor, kind, about, once, receivers)


def _write(actor: Principal, kind: str, about: About, once: str, receivers: Iterable[_Receiver]) -> None:
    reminders = current_policy().reminders
    urgent = reminders.kinds[kind].urgent
    now = clock.now()
    at = goes_out(reminders.hours, now, urgent=urgent)
    for receiver in receivers:
        key = f"{kind}:{about.kind}:{about.id}:{once}:{receiver.user_id or receiver.team_id}"
        by_mail = receiver.channel is MessageChannel.MAIL
        _insert(
            message={
                "id": message_id(key),
                "key": key,
                "kind": kind,
                "channel": receiver.channel,
                "urgent": urgent,
                "recipient_id": receiver.user_id,
                "recipient_team_id": receiver.team_id,
                "agency_id": receiver.agency_id,
                "caused_by": actor.user_id,
                "created_at": now,
                "state": MessageState.OWED if by_mail else MessageState.SHOWN,
                "attempts": 0,
                "not_before": at,
                "next_try_at": at,
            },
            about=about,
        )


def _insert(*, message: dict[str, UUID | str | bool | int | datetime | None], about: About) -> None:
    """Both rows, or neither where the key is there already."""
    written = db.session.execute(insert(OutboxMessage).inline().values(message).on_conflict_do_nothing())
    if isinstance(written, CursorResult) and not written.rowcount:
        return
    db.session.execute(
        insert(OutboxSubject)
        .inline()
        .values(
            message_id=message["id"],
            subject_kind=about.kind,
            subject_id=about.id,
            reference=about.reference,
            case_id=about.case_id,
            sequence=about.sequence,
            method=about.method,
        )
    )
