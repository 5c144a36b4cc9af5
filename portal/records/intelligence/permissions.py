"""Verbs on intelligence: grading what is on a case, and releasing it."""

from portal.access.permission import Facts, for_case_people
from portal.access.principal import Principal
from portal.vocabulary import Sector


def _police(person: Principal) -> bool:
    return person.sector is Sector.POLICE


def _grades(person: Principal, facts: Facts) -> bool:
    return person.is_coordinator or (_police(person) and facts.own_agency)


VERBS = (
    for_case_people(
        "intelligence:list",
        "See the intelligence that waits for your agency to release it",
        lambda person, _facts: _police(person),
        "Only the police release intelligence.",
    ),
    for_case_people("intelligence:view", "See how an entry is graded and what binds its use"),
    for_case_people(
        "intelligence:add",
        "Add intelligence to a case",
        lambda person, _facts: person.is_coordinator or _police(person),
        "The police and the hub’s coordinators add intelligence. Add what your agency knows instead.",
    ),
    for_case_people(
        "intelligence:grade",
        "Grade an entry as intelligence and set the conditions of its use",
        _grades,
        "A coordinator, or the police for what their own agency wrote, grades an entry.",
    ),
    for_case_people(
        "intelligence:release",
        "Release intelligence, so that its conditions end",
        lambda person, facts: _police(person) and facts.own_agency,
        "The police who graded it release it; what the hub graded, the police on the case.",
    ),
)
