"""For every role and relation of `decisions.csv`, somebody who stands in it."""

from sqlalchemy.orm import Session

from portal.access.permissions import NO_FACTS, Facts
from portal.records.people.model import Agency, Team, User
from portal.vocabulary import Role, Sector
from tests.cast import Cast
from tests.factories.people import make_agency, make_team, make_user

PRACTITIONER, CHAIR, MANAGER = Role.PRACTITIONER, Role.CHAIR, Role.MANAGER

#: What a relation says about a person and the record, where roles do not settle a verb.
FACTS: dict[str, Facts] = {
    "lead professional of the case": Facts(lead_professional=True, confirms=True),
    "chairs an open meeting on the case": Facts(
        chairs_open_meeting=True, runs_meeting=True, chairs_meeting=True, confirms=True
    ),
    "is invited": Facts(receiver=True),
    "of the agency that the record is about": Facts(own_agency=True),
    "of the agency that wrote it": Facts(own_agency=True),
    "of the agency that leads the case": Facts(own_agency=True),
    "owns the alert": Facts(owner=True),
    "was told": Facts(receiver=True),
    "team is asked": Facts(receiver=True),
    "asked by name": Facts(receiver=True),
    "whose own it is": Facts(owner=True, own_agency=True),
}


def facts(relation: str) -> Facts:
    """What decides a verb for whoever stands in `relation`."""
    return FACTS.get(relation, NO_FACTS)


def marker(record: str, sensitivity: str) -> str:
    """A word that stands in one record and nowhere else, so that none of ours is taken for it."""
    return f"Quill{record}{sensitivity}".replace("-", "")


def make_people(rows: Session, cast: Cast, told: Team) -> dict[tuple[str, str], User]:
    """Write them; the relations to a case are made with the case.

    Args:
        told: the team that is told about the children.
    """

    def one(name: str, role: Role, team: Team) -> User:
        return make_user(rows, rows.get_one(Agency, team.agency_id), name, role, teams=(team,))

    told_other = make_team(rows, rows.get_one(Agency, told.agency_id), "Prevention")
    out, away = cast.other_council_team, cast.police_other_team
    manager_away = one("Moira Away", MANAGER, away)
    next_door = make_agency(rows, "Social care of another authority", Sector.SOCIAL_CARE, authority="derby")
    roleless = make_user(rows, cast.police, "Norm None", teams=(cast.police_team,))
    roleless.roles = []
    people: dict[tuple[str, str], User] = {
        ("no role", "waits for a second administrator"): roleless,
        ("practitioner", "team works on the case"): cast.colleague,
        ("chair", "team works on the case"): one("Chia Works", CHAIR, cast.police_team),
        ("manager", "team works on the case"): cast.police_manager,
        ("manager", "agency works on the case, in another team"): manager_away,
        ("practitioner", "other team of an agency that works on it"): cast.neighbour,
        ("chair", "other team of an agency that works on it"): one("Chay Away", CHAIR, away),
        ("practitioner", "other agency"): cast.stranger,
        ("chair", "other agency"): one("Chet Out", CHAIR, out),
        ("manager", "other agency"): one("Max Out", MANAGER, out),
        ("practitioner", "team used to work on the case"): cast.nurse,
        ("chair", "team used to work on the case"): one("Cheng Former", CHAIR, cast.health_team),
        ("manager", "team used to work on the case"): one("Mo Former", MANAGER, cast.health_team),
        ("practitioner", "named on the case"): one("Nomi Named", PRACTITIONER, out),
        ("manager", "named on the case"): one("Mahi Named", MANAGER, out),
        ("practitioner", "emergency access"): one("Em Glass", PRACTITIONER, out),
        ("chair", "until minutes are distributed"): one("Mei Meeting", CHAIR, out),
        ("practitioner", "reviews a subject access request"): one("Suki Subject", PRACTITIONER, out),
        ("practitioner", "grant is over"): one("Gil Gone", PRACTITIONER, out),
        ("practitioner", "team is asked"): cast.community_safety,
        ("chair", "team is asked"): one("Chip Asked", CHAIR, cast.council_team),
        ("manager", "team is asked"): one("Mel Asked", MANAGER, cast.council_team),
        ("practitioner", "asked by name"): cast.teacher,
        ("practitioner", "was asked, and the time is over"): one("Otis Over", PRACTITIONER, cast.school_team),
        ("practitioner", "was told"): one("Tola Told", PRACTITIONER, told),
        ("manager", "was told"): one("Tam Told", MANAGER, told_other),
        ("practitioner", "other team of the agency that was told"): one("Ute Told", PRACTITIONER, told_other),
        ("practitioner", "owns a duty on the case"): one("Oda Owns", PRACTITIONER, out),
        ("practitioner", "owned a duty on it for a former agency"): one("Una Moved", PRACTITIONER, out),
        ("practitioner", "lead professional of the case"): cast.social_worker,
        ("chair", "chairs an open meeting on the case"): one("Cho Works", CHAIR, cast.police_team),
        ("practitioner", "is invited"): one("Ivy Invited", PRACTITIONER, out),
        ("practitioner", "of an agency that is listed"): one("Lis Ted", PRACTITIONER, cast.social_care_team),
        ("practitioner", "of the agency that wrote it"): cast.colleague,
        ("practitioner", "of the agency that the record is about"): cast.colleague,
        ("practitioner", "another agency wrote it"): one("Ann Other", PRACTITIONER, cast.social_care_team),
        ("practitioner", "at a front door that is told in case the child is theirs"): one(
            "Dora Door", PRACTITIONER, make_team(rows, next_door, "Front door")
        ),
        ("practitioner", "owns the alert"): cast.officer,
        ("practitioner", "whose own it is"): cast.officer,
        ("manager", "of the agency that the record is about"): cast.police_manager,
        ("manager", "of the agency that leads the case"): cast.social_care_manager,
        ("manager", "another agency is meant"): cast.social_care_manager,
        ("practitioner", "wrote it"): cast.officer,
        ("practitioner", "a colleague wrote it"): cast.colleague,
        ("manager", "manages the author’s team"): cast.police_manager,
        ("manager", "manages another team"): manager_away,
        ("coordinator", "not named on the case"): one("Coral Hub", Role.COORDINATOR, cast.hub_team),
        ("coordinator", "told it"): cast.coordinator,
        ("coordinator", "named on the case"): cast.second_coordinator,
        ("coordinator", "outside the hub, team works on the case"): one(
            "Imo Postor", Role.COORDINATOR, cast.police_team
        ),
        ("governance", "-"): cast.governance,
        ("administrator", "-"): cast.administrator,
        ("administrator", "named on the case"): cast.second_administrator,
    }
    rows.commit()
    return people
