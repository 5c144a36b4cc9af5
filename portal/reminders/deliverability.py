"""Whether somebody can be told something today, may know it, and may open the page that it leads to."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, exists, false, or_, select, text, true
from sqlalchemy.orm import InstrumentedAttribute

from portal import clock, registry
from portal.access.permissions import PERMISSIONS
from portal.messages.model import Absence, AddressSuspension
from portal.messages.vocabulary import HandReason
from portal.records.people.model import Agency, Team, TeamMember, User
from portal.reminders.receivers import holds
from portal.reminders.writing import About, Receiver
from portal.vocabulary import ROLES_THAT_SEE_CASES, Role, Sector

# A team of the hub is answered by coordinators, who are the hub as a reader. Whoever is in a team practises
# in its agency.
_TEAMS = text(
    """
    select w.place
      from unnest(cast(:teams as uuid[]), cast(:kinds as text[]), cast(:subjects as uuid[]),
                  cast(:cases as uuid[])) with ordinality w (team, kind, subject, on_case, place)
      join team t on t.id = w.team
      join agency a on a.id = t.agency_id
     where ctx.reaches(array[t.id] || ctx.audience_keys(a.id)
                       || case when a.sector = 'hub' then array[ctx.hub()] else '{}'::uuid[] end,
                       w.kind, w.subject, w.on_case)
    """
)
_PEOPLE = text(
    """
    select w.person
      from unnest(cast(:people as uuid[])) w (person)
     where ctx.reaches(ctx.readers_of(w.person), :kind, :subject, :on_case)
    """
)


def teams_that_reach(
    connection: Connection, asked: Collection[tuple[UUID, About]]
) -> set[tuple[UUID, About]]:
    """Of teams and what each is to be told about, those whose people may know of it."""
    pairs = list(asked)
    if not pairs:
        return set()
    places = connection.scalars(
        _TEAMS,
        {
            "teams": [team_id for team_id, _ in pairs],
            "kinds": [about.kind for _, about in pairs],
            "subjects": [about.id for _, about in pairs],
            "cases": [about.case_id for _, about in pairs],
        },
    )
    return {pairs[place - 1] for place in places}


def people_who_reach(connection: Connection, people: Sequence[UUID], about: About) -> set[UUID]:
    """Of some persons, those who may know of something."""
    return set(
        connection.scalars(
            _PEOPLE,
            {"people": list(people), "kind": about.kind, "subject": about.id, "on_case": about.case_id},
        )
    )


#: By the kind of message, where its subject does not say where to go.
OF_MESSAGE: Mapping[str, str] = {
    "digest": "work:view",
    "team_digest": "work:view",
    "team_left": "work:view",
    "work_left": "work:hand_over",
    "address_failed": "address:lift",
    "unsent_draft": "referral:write",
    "unsent_draft_of_team": "referral:view",
}

#: What every link asks for before it leads anywhere.
EVERY = "message:read"


def permission_of(kind: str, subject_kind: str) -> str:
    """What somebody has to hold to open the page of a message."""
    record = registry.records().get(subject_kind)
    return OF_MESSAGE.get(kind) or (record.permission if record else None) or EVERY


def may_open(permission: str) -> ColumnElement[bool]:
    """Whether a person (of `app_user`, with their `agency` beside them) holds a role for a page.

    As `portal.access.permissions.near`: the role of coordinator is nothing outside the hub.
    """
    roles = PERMISSIONS[permission].roles & PERMISSIONS[EVERY].roles
    elsewhere = roles - {Role.COORDINATOR}
    in_hub = holds(Role.COORDINATOR) & (Agency.sector == Sector.HUB) if Role.COORDINATOR in roles else false()
    return or_(holds(*elsewhere) if elsewhere else false(), in_hub)


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
