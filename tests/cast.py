"""The fixed cast of every access test.

The police officer's team works on the case; the colleague is in the same team, the neighbour in another
team of the same agency; the nurse's agency works on it too; the stranger's agency does not.
"""

from copy import copy
from dataclasses import dataclass, field, fields
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session, make_transient_to_detached

from portal.records.people.model import Agency, Team, TeamMember, User
from portal.vocabulary import Role, Sector
from tests import database
from tests.factories.people import new_agency, new_team, new_user


@dataclass(frozen=True)
class Cast:
    hub: Agency
    police: Agency
    social_care: Agency
    health: Agency
    council: Agency
    other_council: Agency
    school: Agency
    hub_team: Team
    police_team: Team
    police_other_team: Team
    social_care_team: Team
    health_team: Team
    council_team: Team
    other_council_team: Team
    school_team: Team
    coordinator: User
    second_coordinator: User
    officer: User
    colleague: User
    neighbour: User
    police_manager: User
    social_worker: User
    social_care_manager: User
    chair: User
    nurse: User
    community_safety: User
    stranger: User
    teacher: User
    governance: User
    administrator: User
    second_administrator: User


def make_cast(rows: Session) -> Cast:
    """Write the cast into an empty database."""
    hub = new_agency("Hub", Sector.HUB)
    police = new_agency("Police", Sector.POLICE)
    social_care = new_agency("County social care", Sector.SOCIAL_CARE, authority="derbyshire")
    health = new_agency("Health trust", Sector.HEALTH)
    council = new_agency("Borough council", Sector.COUNCIL, authority="derbyshire")
    other_council = new_agency("Other council", Sector.COUNCIL, authority="derby")
    school = new_agency("School", Sector.EDUCATION)
    agencies = (hub, police, social_care, health, council, other_council, school)
    teams = {one.id: new_team(one) for one in agencies}
    police_other_team = new_team(police, "Roads policing")
    people: list[User] = []
    members: list[TeamMember] = []

    def person(agency: Agency, name: str, *roles: Role, team: Team | None = None) -> User:
        found = new_user(agency, name, *roles)
        people.append(found)
        members.append(TeamMember(team_id=(team or teams[agency.id]).id, user_id=found.id))
        return found

    police_manager = person(police, "Mina Manager", Role.MANAGER)
    teams[police.id].manager_id = police_manager.id
    social_care_manager = person(social_care, "Sol Manager", Role.MANAGER)
    teams[social_care.id].manager_id = social_care_manager.id
    cast = Cast(
        hub=hub,
        police=police,
        social_care=social_care,
        health=health,
        council=council,
        other_council=other_council,
        school=school,
        hub_team=teams[hub.id],
        police_team=teams[police.id],
        police_other_team=police_other_team,
        social_care_team=teams[social_care.id],
        health_team=teams[health.id],
        council_team=teams[council.id],
        other_council_team=teams[other_council.id],
        school_team=teams[school.id],
        coordinator=person(hub, "Cora Coordinator", Role.COORDINATOR),
        second_coordinator=person(hub, "Sefu Coordinator", Role.COORDINATOR),
        officer=person(police, "Ola Officer"),
        colleague=person(police, "Col League"),
        neighbour=person(police, "Nia Neighbour", team=police_other_team),
        police_manager=police_manager,
        social_worker=person(social_care, "Wanda Worker"),
        social_care_manager=social_care_manager,
        chair=person(social_care, "Chas Chair", Role.CHAIR),
        nurse=person(health, "Nell Nurse"),
        community_safety=person(council, "Cam Safety"),
        stranger=person(other_council, "Stan Stranger"),
        teacher=person(school, "Tess Teacher"),
        governance=person(hub, "Gwen Governance", Role.GOVERNANCE),
        administrator=person(hub, "Ada Administrator", Role.ADMINISTRATOR),
        second_administrator=person(hub, "Ann Administrator", Role.ADMINISTRATOR),
    )
    for step in (agencies, people, (*teams.values(), police_other_team), members):
        rows.add_all(step)
        rows.flush()  # each step is named by the next
    rows.commit()
    return cast


@dataclass
class KeptCast:
    """The cast of one database: written by the models once, and put back from then on.

    Most tests begin with it, so what became of it is kept beside the tables, and one statement puts it back
    into an empty database: the same people, with the same identifiers, as objects of the test's session.
    """

    known: dict[str, tuple[type[Any], dict[str, Any]]] = field(default_factory=dict)

    def written(self, rows: Session) -> Cast:
        """The cast, in a database that is empty."""
        if not self.known:
            return self._keep(rows)
        database.put_back(_engine_of(rows))
        again = {name: shape(**_copied(values)) for name, (shape, values) in self.known.items()}
        for one in again.values():
            make_transient_to_detached(one)
            rows.add(one)
        return Cast(**again)

    def _keep(self, rows: Session) -> Cast:
        cast = make_cast(rows)
        rows.execute(text("select emptying.keep()"))
        rows.commit()
        for one in fields(cast):
            found = getattr(cast, one.name)
            loaded = found.__mapper__.column_attrs.keys() & found.__dict__.keys()
            self.known[one.name] = (type(found), _copied({key: found.__dict__[key] for key in loaded}))
        return cast


def _engine_of(rows: Session) -> Engine:
    found = rows.get_bind()
    return found if isinstance(found, Engine) else found.engine


def _copied(values: dict[str, Any]) -> dict[str, Any]:
    return {key: copy(value) for key, value in values.items()}
