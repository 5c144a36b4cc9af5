"""Verbs on what councils know of places, and on the directory."""

from portal.access.permission import EVERYONE, Facts, Permission, for_case_people
from portal.access.principal import Principal
from portal.vocabulary import Sector


def _looks_after_places(person: Principal, facts: Facts) -> bool:
    return person.is_coordinator or facts.keeps or person.sector in {Sector.COUNCIL, Sector.POLICE}


VERBS = (
    for_case_people(
        "guardian:write",
        "Say who could watch or act in a place of concern, and what they answered",
        _looks_after_places,
        "Councils, police, coordinators and the agency that keeps a place say who could watch there. Add a"
        " note instead.",
    ),
    for_case_people(
        "place:describe",
        "Say what is known of a place’s licence, landlord or premises",
        _looks_after_places,
        "Councils, police, coordinators and the agency that keeps a place say this. Add a note instead.",
    ),
    for_case_people(
        "place:take_back",
        "Take back what your agency said of a place",
        lambda _person, facts: facts.own_agency,
        "Only the agency that said it takes it back. Say what is right beside it.",
    ),
    Permission("directory:view", "See whom to ask in a district", EVERYONE),
    Permission(
        "directory:keep",
        "Keep the contacts of your agency, and say that they are still right",
        EVERYONE,
        lambda _person, facts: facts.own_agency,
        "Each agency keeps its own contacts. Ask them to put it right.",
    ),
)
