"""What had to be told and could be told to nobody: it becomes the hub's work at once, and whoever caused it
hears so.
"""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert

from portal import clock, registry
from portal.messages.model import Untold
from portal.messages.vocabulary import Ground, HandReason, MessageChannel, UntoldReason
from portal.model import new_id
from portal.pathway.calendar import goes_out
from portal.policy import current_policy
from portal.records.people.model import Team
from portal.reminders.claims import Waiting
from portal.reminders.deliverability import fitness_of_people, permission_of
from portal.reminders.receivers import HUB_TEAMS, members_of
from portal.reminders.writing import About, Outgoing, Receiver, write

#: Policy `reminders.kinds`: one that waits for the hours, and one that does not.
KINDS = {False: "nobody_told", True: "nobody_told_urgent"}
#: Likewise: what whoever caused it is shown.
TO_CAUSER = "not_told"


def messages_to_hub(
    connection: Connection, untold_id: UUID, *, urgent: bool, caused_by: UUID | None = None
) -> list[Outgoing]:
    """The messages that tell the hub of somebody who could not be told: every team of it and its people.

    They say which team is told and lead to the list; what could not be told is not the hub's to see by them.
    """
    of_hub = connection.execute(select(Team.id, Team.agency_id).where(Team.id.in_(HUB_TEAMS))).all()
    members = connection.execute(members_of([team.id for team in of_hub])).all()
    now = clock.now()
    return [
        Outgoing(
            key=f"{KINDS[urgent]}:team:{team.id}:{untold_id}:{to.id}",
            kind=KINDS[urgent],
            about=About("team", team.id),
            to=to,
            channel=MessageChannel.MAIL if to.team_id else MessageChannel.PORTAL,
            urgent=urgent,
            created_at=now,
            goes_out=goes_out(current_policy().reminders.hours, now, urgent=urgent),
            caused_by=caused_by,
        )
        for team in of_hub
        for to in (
            Receiver(team.agency_id, team_id=team.id),
            *(Receiver(team.agency_id, one.user_id) for one in members if one.team_id == team.id),
        )
    ]


def note(connection: Connection, message: Waiting, reason: UntoldReason) -> None:
    """Put a message that reached nobody onto the hub's list, as the worker, and tell the hub and whoever
    caused it; once. Of one to the hub itself the health page says that it reached nobody.

    Whoever stands on a ground that is hidden from whoever caused it stays so: these hear nothing, and the hub
    reads who it is as far as it may know of the case that they stand on.
    """
    if message.kind in KINDS.values():
        return
    if not _is_said(message):
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
    write(connection, messages_to_hub(connection, number, urgent=message.urgent))
    write(connection, _to_causer(connection, message))


def _is_said(message: Waiting) -> bool:
    """Whether the page named its ground to whoever caused it; where no policy says otherwise, it did."""
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
