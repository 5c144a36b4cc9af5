"""What had to be told and could be told to nobody: it becomes the hub's work at once, and whoever caused it
hears so.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, func, select
from sqlalchemy.dialects.postgresql import insert

from portal import clock, registry
from portal.messages.model import OutboxMessage, Untold
from portal.messages.vocabulary import Ground, HandReason, MessageChannel, UntoldReason
from portal.model import new_id
from portal.pathway.calendar import goes_out
from portal.policy import current_policy
from portal.records.people.model import Agency, Team, User
from portal.reminders.claims import Waiting
from portal.reminders.deliverability import fitness_of_people, may_open, permission_of
from portal.reminders.receivers import HUB_TEAMS, members_of
from portal.reminders.writing import About, Outgoing, Receiver, write

#: Policy `reminders.kinds`: one that waits for the hours, and one that does not.
KINDS = {False: "nobody_told", True: "nobody_told_urgent"}
#: Likewise: what whoever caused it is shown.
TO_CAUSER = "not_told"
#: What the list says of whom nobody can be told for.
WHY = {
    HandReason.AWAY: UntoldReason.AWAY,
    HandReason.LEFT: UntoldReason.LEFT,
    HandReason.ADDRESS: UntoldReason.ADDRESS,
    HandReason.TEAM_CLOSED: UntoldReason.TEAM_CLOSED,
    HandReason.NO_REACH: UntoldReason.NO_REACH,
    HandReason.NOT_OPENED: UntoldReason.NOT_OPENED,
}


@dataclass(frozen=True)
class OnList:
    """A line of the hub’s list, for the messages that lead there; with the case that it hangs on, if any."""

    id: UUID
    urgent: bool
    case_id: UUID | None = None
    caused_by: UUID | None = None


def messages_to_hub(
    connection: Connection,
    line: OnList,
    *,
    obstacles: Callable[[About, Collection[UUID]], Mapping[UUID, HandReason]],
) -> list[Outgoing]:
    """The messages that tell the hub of somebody who could not be told: every team of it and its people. Of a
    case that not all coordinators may know of those who may, by themselves: whoever is told finds it on the
    list. Where that is nobody, or nobody who is there today, all are told: that something is wrong, and not
    what.

    They lead to the list; what could not be told is not the hub's to see by them.

    Args:
        obstacles: what stands in the way of telling some persons what something is about, where it does.
    """
    of_hub = connection.execute(select(Team.id, Team.agency_id).where(Team.id.in_(HUB_TEAMS))).all()
    by_name: list[Outgoing] = []
    if line.case_id is not None:
        case = About("cre_case", line.case_id, case_id=line.case_id)
        asked = {row.id: row.agency_id for row in connection.execute(_coordinators())}
        in_the_way = obstacles(case, asked.keys())
        see = {one for one in asked if in_the_way.get(one) is not HandReason.NO_REACH}
        if see and see != asked.keys():
            home = {team.agency_id: team.id for team in reversed(of_hub)}
            named = {who: asked[who] for who in sorted(see) if asked[who] in home}
            by_name = [
                _to_hub(line, home[agency], case, Receiver(agency, who), MessageChannel.MAIL)
                for who, agency in named.items()
            ]
            if not named.keys() <= in_the_way.keys():
                return by_name
    members = connection.execute(members_of([team.id for team in of_hub])).all()
    told = {one.to.id for one in by_name}
    return by_name + [
        _to_hub(line, team.id, About("team", team.id), to, channel)
        for team in of_hub
        for to, channel in (
            (Receiver(team.agency_id, team_id=team.id), MessageChannel.MAIL),
            *(
                (Receiver(team.agency_id, one.user_id), MessageChannel.PORTAL)
                for one in members
                if one.team_id == team.id and one.user_id not in told
            ),
        )
    ]


def _coordinators() -> Select[*tuple[Any, ...]]:
    """Who sees to the list, if they may know of what is on it."""
    of_hub = select(User.id, User.agency_id).join(Agency, Agency.id == User.agency_id)
    return of_hub.where(User.active, Agency.active, may_open("untold:see_to"))


def _to_hub(line: OnList, team: UUID, about: About, to: Receiver, channel: MessageChannel) -> Outgoing:
    """`ctx.hub_not_told` reads the key: a team of the hub, the line, who is told."""
    now, kind = clock.now(), KINDS[line.urgent]
    return Outgoing(
        key=f"{kind}:team:{team}:{line.id}:{to.id}",
        kind=kind,
        about=about,
        to=to,
        channel=channel,
        urgent=line.urgent,
        created_at=now,
        goes_out=goes_out(current_policy().reminders.hours, now, urgent=line.urgent),
        caused_by=line.caused_by,
    )


def note(connection: Connection, message: Waiting, reason: UntoldReason) -> None:
    """Put a message that reached nobody onto the hub's list, as the worker, and tell the hub and whoever
    caused it; once. Of one to the hub itself the health page says that it reached nobody.

    Whoever stands on a ground that is hidden from whoever caused it stays so: these hear nothing, and the hub
    reads who it is as far as it may know of the case that they stand on.
    """
    if message.kind in KINDS.values():
        return
    if not _is_said(connection, message):
        case_id = message.case_id or _stands_on(connection, message)
        if case_id is None and message.recipient_id is not None and _hangs_on_child(message):
            return  # they stood on a case that is closed since: there is nothing that they have to know
        message = replace(message, caused_by=None, case_id=case_id)
    number = new_id()
    values = {
        "id": number,
        "event": message.event or message.kind,
        "ground": message.ground or Ground.OWNER,
        "reason": reason,
        "recipient_id": message.recipient_id,
        "recipient_team_id": message.recipient_team_id,
        "subject_kind": message.subject_kind,
        "subject_id": message.subject_id,
        "reference": message.reference,
        "case_id": message.case_id,
        "urgent": message.urgent,
        "caused_by": message.caused_by,
        "created_at": clock.now(),
        "seen_to_words": "",
    }
    connection.execute(insert(Untold).values(values))
    line = OnList(number, message.urgent, message.case_id)
    write(connection, messages_to_hub(connection, line, obstacles=partial(_obstacles, connection)))
    write(connection, _to_causer(connection, message))


def _obstacles(connection: Connection, about: About, people: Collection[UUID]) -> dict[UUID, HandReason]:
    """What stands in the way of telling some persons something, as the worker asks."""
    found = fitness_of_people(connection, people, about)
    return {who: one.obstacle for who, one in found.items() if one.obstacle is not None}


def _is_said(connection: Connection, message: Waiting) -> bool:
    """Whether the page named its ground to whoever caused it; where no policy says otherwise, it did, unless
    the database wrote it, or what it passes on, for somebody whom they do not see (`ctx.tell_unseen_of`).
    """
    key = select(OutboxMessage.key).where(OutboxMessage.id.in_((message.id, message.passes_on_id)))
    if any(one.startswith("unseen.") for one in connection.scalars(key)):
        return False
    rows = current_policy().telling.known(message.event) if message.event else ()
    of_ground = [row for row in rows if row.to == message.ground]
    return not of_ground or all(row.shown for row in of_ground)


def _hangs_on_child(message: Waiting) -> bool:
    """Whether somebody hears of such a record because they work with a child, and may not see it."""
    record = registry.records().get(message.subject_kind)
    return record is not None and record.unseen is not None


def _stands_on(connection: Connection, message: Waiting) -> UUID | None:
    """The case on which a receiver stands or stood, or nothing: a front door may be on none."""
    of = (message.subject_kind, message.subject_id, message.recipient_id, message.recipient_team_id)
    found: UUID | None = connection.scalar(select(func.ctx.case_behind(*of)))
    return found


def _to_causer(connection: Connection, message: Waiting) -> list[Outgoing]:
    """What whoever caused a message is shown, once a day of one event and record, unless they have left: the
    record leads to who was told. Who may not see that any more hears so without it.
    """
    if message.caused_by is None:
        return []
    now = clock.now()
    about = About(message.subject_kind, message.subject_id, message.reference, message.case_id)
    opens = permission_of(TO_CAUSER, message.subject_kind)
    (found,) = fitness_of_people(connection, [message.caused_by], about, opens=opens).values()
    if found.obstacle is HandReason.LEFT:
        return []
    if found.obstacle is HandReason.NO_REACH:
        about = About("app_user", message.caused_by)
    what = f"{message.subject_kind}:{message.subject_id}:{message.event or message.kind}"
    return [
        Outgoing(
            key=f"{TO_CAUSER}:{what}:{clock.today()}:{message.caused_by}",
            kind=TO_CAUSER,
            about=about,
            to=found.to,
            channel=MessageChannel.PORTAL,
            urgent=False,
            created_at=now,
            goes_out=now,
        )
    ]
