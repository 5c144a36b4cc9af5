"""Telling people and the hub’s teams that something happened, in the transaction that made it happen."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.access.principal import Principal
from portal.extensions import db
from portal.messages.vocabulary import MessageChannel
from portal.pathway.calendar import goes_out
from portal.policy import current_policy
from portal.records.people.model import Team, User
from portal.reminders.receivers import HUB_TEAMS, members_of
from portal.reminders.writing import About, Outgoing, Receiver, write_each

__all__ = ["About", "tell_people", "tell_team"]


def tell_people(
    *,
    actor: Principal,
    kind: str,
    about: About,
    people: Iterable[UUID],
    once: str = "",
    acknowledges: bool = False,
) -> None:
    """Tell persons, by e-mail and in the portal. The actor is not told what they did themselves, unless an
    entry for their calendar goes with it, which has to be right there too.

    Args:
        kind: a code of policy `reminders.kinds`.
        acknowledges: it confirms to the actor that what they sent has arrived.
        once: what makes this telling another than an earlier one of the same kind about the same subject,
            such as the number of a change.
    """
    also_actor = acknowledges or about.method is not None
    wanted = set(people) if also_actor else set(people) - {actor.user_id}
    found = db.session.execute(select(User.id, User.agency_id).where(User.id.in_(wanted))).all()
    _write(actor, kind, about, once, {Receiver(row.agency_id, row.id): MessageChannel.MAIL for row in found})


def tell_team(*, actor: Principal, kind: str, about: About, team_id: UUID, once: str = "") -> None:
    """Tell a team: its duty address by e-mail, and in the portal each of its people who may see cases."""
    team = db.session.get_one(Team, team_id)
    receivers = {Receiver(team.agency_id, team_id=team_id): MessageChannel.MAIL}
    for member in db.session.execute(members_of([team_id])):
        if member.user_id != actor.user_id:
            receivers[Receiver(team.agency_id, member.user_id)] = MessageChannel.PORTAL
    _write(actor, kind, about, once, receivers)


def _write(
    actor: Principal, kind: str, about: About, once: str, receivers: dict[Receiver, MessageChannel]
) -> None:
    reminders = current_policy().reminders
    urgent = reminders.kinds[kind].urgent
    now = clock.now()
    at = goes_out(reminders.hours, now, urgent=urgent)
    write_each(
        db.session.connection(),
        [
            Outgoing(
                key=f"{kind}:{about.kind}:{about.id}:{once}:{receiver.id}",
                kind=kind,
                about=about,
                to=receiver,
                channel=channel,
                urgent=urgent,
                created_at=now,
                goes_out=at,
                caused_by=actor.user_id,
            )
            for receiver, channel in receivers.items()
        ],
    )


def tell_hub(*, actor: Principal, kind: str, about: About, once: str = "") -> None:
    """Tell the duty address and the people of every team of the hub."""
    for team_id in db.session.scalars(HUB_TEAMS).all():
        tell_team(actor=actor, kind=kind, about=about, team_id=team_id, once=once)
