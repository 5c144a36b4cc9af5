"""The fixed cast of every access test.

The police officer's team works on the case; the colleague is in the same team, the neighbour in another
team of the same agency; the nurse's agency works on it too; the stranger's agency does not.
"""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.models import Agency, Team, User
from portal.vocabulary import Role, Sector
from tests.factories.people import make_agency, make_team, make_user


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
    hub = make_agency(rows, "Hub", Sector.HUB)
    police = make_agency(rows, "Police", Sector.POLICE)
    social_care = make_agency(rows, "County social care", Sector.SOCIAL_CARE, authority="derbyshire")
    health = make_agency(rows, "Health trust", Sector.HEALTH)
    council = make_agency(rows, "Borough council", Sector.COUNCIL, authority="derbyshire")
    other_council = make_agency(rows, "Other council", Sector.COUNCIL, authority="derby")
    school = make_agency(rows, "School", Sector.EDUCATION)
    teams = {
        a.id: make_team(rows, a) for a in (hub, police, social_care, health, council, other_council, school)
    }
    police_other_team = make_team(rows, police, "Roads policing")

    def person(agency: Agency, name: str, *roles: Role, team: Team | None = None) -> User:
        return make_user(rows, agency, name, *roles, teams=(team or teams[agency.id],))

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
    rows.commit()
    return cast
