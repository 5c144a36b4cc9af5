"""What follows when a mail server will never take mail for an address.

Nothing more is sent there until somebody lifts it, the lead of the agency is told, and the message goes to
whoever is next in line.
"""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Connection, any_, exists, literal, select
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.model import new_id
from portal.models.messages import AddressSuspension, OutboxMessage
from portal.pathway.sending import goes_out
from portal.policy import current_policy
from portal.records.people.model import Agency, Team, User
from portal.reminders.pages import may_open, permission_of
from portal.reminders.waiting import Waiting, waiting
from portal.reminders.writing import About, Outgoing, Receiver, key_of_another_try, write
from portal.vocabulary import Role, Sector
from portal.vocabulary.messages import MessageChannel

KIND = "address_failed"  # of policy reminders.kinds


def address_failed(connection: Connection, message: UUID, *, code: str) -> None:
    """Suspend the address that a message went to, tell the agency's lead, and send the message elsewhere.

    Args:
        message: one that was refused; its state is not changed here.
        code: what the mail server said.
    """
    row = connection.execute(
        waiting().add_columns(OutboxMessage.address).where(OutboxMessage.id == message)
    ).one()
    refused = Waiting.of(row)
    if suspension := _suspend(connection, refused, row.address, code):
        _tell_lead(connection, refused, suspension)
    _send_again(connection, refused)


def _suspend(connection: Connection, message: Waiting, address: str, code: str) -> UUID | None:
    """The new suspension, or None where the address is suspended already."""
    live = exists().where(
        AddressSuspension.address == address,
        AddressSuspension.lifted_at.is_(None),
        AddressSuspension.user_id == message.recipient_id
        if message.recipient_id
        else AddressSuspension.team_id == message.recipient_team_id,
    )
    if connection.scalar(select(live)):
        return None
    suspension = new_id()
    connection.execute(
        insert(AddressSuspension)
        .inline()
        .values(
            id=suspension,
            user_id=message.recipient_id,
            team_id=message.recipient_team_id,
            agency_id=message.agency_id,
            address=address,
            reason=code,
            suspended_at=clock.now(),
        )
    )
    return suspension


def _tell_lead(connection: Connection, message: Waiting, suspension: UUID) -> None:
    whose = "app_user" if message.recipient_id else "team"
    about = About(whose, message.recipient_id or message.recipient_team_id or message.id)
    _write(
        connection,
        (
            (f"{KIND}:{suspension}:{one.id}", KIND, about, one)
            for one in _who_mends_addresses(connection, message.agency_id)
        ),
    )


def _who_mends_addresses(connection: Connection, agency: UUID) -> list[Receiver]:
    """The lead of an agency, its managers where that is nobody who may, the hub where it has neither."""
    mending = (
        select(User.id)
        .join(Agency, Agency.id == User.agency_id)
        .where(User.active, may_open(permission_of(KIND, "app_user")))
    )
    lead = select(Agency.lead_id).where(Agency.id == agency).scalar_subquery()
    is_manager = literal(Role.MANAGER.value) == any_(User.roles)
    for who in (User.id == lead, (User.agency_id == agency) & is_manager):
        if people := connection.scalars(mending.where(who)).all():
            return [Receiver(agency, user_id=person) for person in people]
    hub = select(Team.agency_id, Team.id).join(Agency, Agency.id == Team.agency_id)
    teams = connection.execute(hub.where(Agency.sector == Sector.HUB, Team.active)).all()
    return [Receiver(team.agency_id, team_id=team.id) for team in teams]


def _send_again(connection: Connection, message: Waiting) -> None:
    """The same once more, as a message of its own: it goes to whoever is next now that the address is closed.

    The refused one keeps what became of it.
    """
    about = About(
        message.subject_kind,
        message.subject_id,
        reference=message.reference,
        case_id=message.case_id,
        sequence=message.sequence,
        method=message.method,
        deadline_id=message.deadline_id,
        due_at=message.due_at,
        rung=message.rung,
    )
    to = Receiver(message.agency_id, user_id=message.recipient_id, team_id=message.recipient_team_id)
    _write(connection, [(key_of_another_try(message.key), message.kind, about, to)])


def _write(connection: Connection, messages: Iterable[tuple[str, str, About, Receiver]]) -> None:
    """Messages that are owed from now on: key, kind, what about and to whom."""
    reminders, now = current_policy().reminders, clock.now()
    write(
        connection,
        [
            Outgoing(
                key=key,
                kind=kind,
                about=about,
                to=to,
                channel=MessageChannel.MAIL,
                urgent=reminders.kinds[kind].urgent,
                created_at=now,
                goes_out=goes_out(reminders.hours, now, urgent=reminders.kinds[kind].urgent),
            )
            for key, kind, about, to in messages
        ],
    )
