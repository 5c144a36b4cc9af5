"""Whether somebody can be told something today, may know it, and may open the page that it leads to."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Uuid, bindparam, false, or_, select, text, true

from portal import clock, registry
from portal.access.permissions import PERMISSIONS
from portal.messages.model import MessagePreference
from portal.messages.vocabulary import HandReason
from portal.policy import current_policy
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
     where ctx.reaches(array[t.id] || ctx.audience_keys(a.id) || ctx.front_door_keys(array[t.id])
                       || case when a.sector = 'hub' then array[ctx.hub()] else '{}'::uuid[] end,
                       w.kind, w.subject, w.on_case)
    """
)
#: The same for one person each, of many things: what stands in the way, where something does.
_IN_THE_WAY = text(
    """
    select w.place, o.obstacle
      from unnest(cast(:people as uuid[]), cast(:subject_kinds as text[]), cast(:subjects as uuid[]),
                  cast(:cases as uuid[])) with ordinality w (person, kind, subject, on_case, place)
           cross join lateral
           ctx.obstacles(w.kind, w.subject, w.on_case, array[w.person], '{}'::uuid[], :today) o
    """
)
_OBSTACLES = text(
    "select id, obstacle, otherwise from ctx.obstacles(:kind, :subject, :on_case, :people, :teams, :today)"
).bindparams(bindparam("on_case", type_=Uuid))


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


def reads_in_the_morning(
    connection: Connection, asked: Collection[tuple[UUID | None, str, About]]
) -> set[tuple[UUID | None, str, About]]:
    """Of people, kinds of message and what each is about, those whom their morning message tells: they are
    here, may know of it and read it, and have switched off neither the kind nor the morning message.
    """
    asked_of = [one for one in asked if one[0] is not None]
    if not asked_of:
        return set()
    kinds = current_policy().reminders.kinds
    places = connection.execute(
        _IN_THE_WAY,
        {
            "people": [person for person, _, _ in asked_of],
            "subject_kinds": [about.kind for _, _, about in asked_of],
            "subjects": [about.id for _, _, about in asked_of],
            "cases": [about.case_id for _, _, about in asked_of],
            "today": clock.today(),
        },
    )
    able = [asked_of[row.place - 1] for row in places if row.obstacle is None]
    people = {person for person, _, _ in able}
    opens = permission_of("digest", "app_user")
    readers = set(
        connection.scalars(
            select(User.id)
            .join(Agency, Agency.id == User.agency_id)
            .where(User.id.in_(people), may_open(opens))
        )
    )
    unwanted = {
        (row.user_id, row.kind)
        for row in connection.execute(
            select(MessagePreference.user_id, MessagePreference.kind).where(
                MessagePreference.user_id.in_(people), MessagePreference.by_mail.is_(False)
            )
        )
    }
    return {
        one
        for one in able
        if one[0] in readers
        and (one[0], "digest") not in unwanted
        and (kinds[one[1]].statutory or (one[0], one[1]) not in unwanted)
    }


def _obstacles(
    connection: Connection,
    about: About,
    *,
    people: Collection[UUID] = (),
    teams: Collection[UUID] = (),
    needs_reach: bool,
) -> dict[UUID, HandReason]:
    """What stands in the way of telling each of them, where something does; the database has the rule.

    Args:
        needs_reach: without it, what does besides: whoever may not see the record may be away, too.
    """
    rows = connection.execute(
        _OBSTACLES,
        {
            "kind": about.kind,
            "subject": about.id,
            "on_case": about.case_id,
            "people": list(people),
            "teams": list(teams),
            "today": clock.today(),
        },
    )
    found = {row.id: row.obstacle if needs_reach else row.otherwise for row in rows}
    return {who: HandReason(one) for who, one in found.items() if one}


#: By the kind of message, where its subject does not say where to go.
OF_MESSAGE: Mapping[str, str] = {
    "digest": "work:view",
    "team_left": "work:view",
    "work_left": "work:hand_over",
    "address_failed": "address:lift",
    "role_asked": "people:manage",
    "role_not_asked": "people:manage",
    "roles_late": "people:manage",
    "nobody_told": "untold:see_to",
    "nobody_told_urgent": "untold:see_to",
    "unsent_draft": "referral:write",
    "unsent_draft_of_team": "referral:view",
    "minutes_for_you": "meeting:view",
    "panel_left_out": "panel:view",
    "looked_at_much": "look:person",
    "cover_missing": "absence:enter",
    "cover_ended": "absence:enter",
    "cover_begins": "absence:enter",
    "absence_over": "absence:enter",
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
    needs_reach: bool = True,
) -> dict[UUID, Fitness]:
    """Whether persons can be told about something.

    Args:
        agency_id: where they have to belong; by default wherever they do now.
        opens: the permission of the page that they are led to.
        needs_reach: without it they are told although they may no longer see it: that it ended.
    """
    obstacles = _obstacles(connection, about, people=people, needs_reach=needs_reach)
    rows = connection.execute(
        select(User.id, User.agency_id, User.email, may_open(opens).label("opens"))
        .join(Agency, Agency.id == User.agency_id)
        .where(User.id.in_(people))
    )
    found = {}
    for row in rows:
        obstacle = _of_page(obstacles.get(row.id), opens=row.opens, needs_reach=needs_reach)
        if row.agency_id != (agency_id or row.agency_id):
            obstacle = HandReason.LEFT
        found[row.id] = Fitness(Receiver(row.agency_id, row.id), row.email, obstacle)
    return found


def fitness_of_teams(
    connection: Connection,
    teams: Collection[UUID],
    about: About,
    *,
    opens: str = EVERY,
    needs_reach: bool = True,
) -> dict[UUID, Fitness]:
    """Whether teams can be told about something at their duty address.

    Args:
        opens: the permission of the page that their people are led to.
        needs_reach: as of `fitness_of_people`.
    """
    obstacles = _obstacles(connection, about, teams=teams, needs_reach=needs_reach)
    rows = connection.execute(
        select(Team.id, Team.agency_id, Team.duty_email, _somebody_opens(opens).label("opens"))
        .join(Agency, Agency.id == Team.agency_id)
        .where(Team.id.in_(teams))
    )
    return {
        row.id: Fitness(
            Receiver(row.agency_id, team_id=row.id),
            row.duty_email,
            _of_page(obstacles.get(row.id), opens=row.opens, needs_reach=needs_reach),
        )
        for row in rows
    }


def _of_page(obstacle: HandReason | None, *, opens: bool, needs_reach: bool) -> HandReason | None:
    """What stands in the way, if the page that they are led to is one that they may not open, too."""
    if not needs_reach or obstacle in {HandReason.LEFT, HandReason.TEAM_CLOSED}:
        return obstacle
    return obstacle if opens else HandReason.NO_REACH


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
