"""Whether a person, or a team, can be told something today, and at which address."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, exists, select, true
from sqlalchemy.orm import InstrumentedAttribute

from portal import clock
from portal.access.permissions import PERMISSIONS
from portal.models.messages import Absence, AddressSuspension
from portal.records.people.model import Agency, Team, TeamMember, User
from portal.reminders.pages import EVERY, may_open
from portal.reminders.reach import people_who_reach, teams_that_reach
from portal.reminders.writing import About, Receiver
from portal.vocabulary import ROLES_THAT_SEE_CASES
from portal.vocabulary.messages import HandReason


@dataclass(frozen=True)
class Fitness:
    """Somebody who might be told, and what stands in the way: nothing, where they can be."""

    to: Receiver
    address: str
    obstacle: HandReason | None


def fitness_of_people(
    connection: Connection,
    people: Collection[UUID],
    about: About,
    agency_id: UUID | None = None,
    *,
    opens: str = EVERY,
) -> dict[UUID, Fitness]:
    """Whether persons can be told about something.

    Args:
        agency_id: where they have to belong; by default wherever they do now.
        opens: the permission of the page that they are led to.
    """
    reaching = people_who_reach(connection, list(people), about)
    rows = connection.execute(
        select(
            User.id,
            User.agency_id,
            User.email,
            (User.active & Agency.active).label("active"),
            _is_suspended(AddressSuspension.user_id == User.id, User.email).label("suspended"),
            _is_away().label("away"),
            may_open(opens).label("opens"),
        )
        .join(Agency, Agency.id == User.agency_id)
        .where(User.id.in_(people))
    )
    found = {}
    for row in rows:
        obstacle = None
        if not row.active or row.agency_id != (agency_id or row.agency_id):
            obstacle = HandReason.LEFT
        elif row.id not in reaching or not row.opens:
            obstacle = HandReason.NO_REACH
        elif row.away:
            obstacle = HandReason.AWAY
        elif row.suspended or not row.email:
            obstacle = HandReason.ADDRESS
        found[row.id] = Fitness(Receiver(row.agency_id, row.id), row.email, obstacle)
    return found


def fitness_of_teams(
    connection: Connection, teams: Collection[UUID], about: About, *, opens: str = EVERY
) -> dict[UUID, Fitness]:
    """Whether teams can be told about something at their duty address.

    Args:
        opens: the permission of the page that their people are led to.
    """
    reaching = {team_id for team_id, _ in teams_that_reach(connection, {(one, about) for one in teams})}
    rows = connection.execute(
        select(
            Team.id,
            Team.agency_id,
            Team.duty_email,
            (Team.active & Agency.active).label("active"),
            _is_suspended(AddressSuspension.team_id == Team.id, Team.duty_email).label("suspended"),
            _somebody_opens(opens).label("opens"),
        )
        .join(Agency, Agency.id == Team.agency_id)
        .where(Team.id.in_(teams))
    )
    found = {}
    for row in rows:
        obstacle = None
        if not row.active:
            obstacle = HandReason.TEAM_CLOSED
        elif row.id not in reaching or not row.opens:
            obstacle = HandReason.NO_REACH
        elif row.suspended or not row.duty_email:
            obstacle = HandReason.ADDRESS
        found[row.id] = Fitness(Receiver(row.agency_id, team_id=row.id), row.duty_email, obstacle)
    return found


def _is_suspended(whose: ColumnElement[bool], address: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Whether mail to the address that they have now came back, and nobody lifted that."""
    return exists().where(whose, AddressSuspension.lifted_at.is_(None), AddressSuspension.address == address)


def _somebody_opens(permission: str) -> ColumnElement[bool]:
    """Whether one of a team may open a page. Whatever everybody on cases may, a team may too."""
    if PERMISSIONS[permission].roles >= ROLES_THAT_SEE_CASES:
        return true()
    return (
        select(TeamMember.team_id)
        .join(User, User.id == TeamMember.user_id)
        .where(
            TeamMember.team_id == Team.id, User.agency_id == Team.agency_id, User.active, may_open(permission)
        )
        .exists()
    )


def _is_away() -> ColumnElement[bool]:
    today = clock.today()
    return exists().where(
        Absence.user_id == User.id,
        Absence.ended_at.is_(None),
        Absence.first_day <= today,
        Absence.last_day >= today,
    )
