"""Verbs on places, people, vehicles, phones, accounts and groups of concern."""

from portal.access.permission import Facts, for_case_people
from portal.access.principal import Principal
from portal.vocabulary import Sector


def _police(person: Principal, _facts: Facts) -> bool:
    return person.sector is Sector.POLICE


def _answers_for_it(person: Principal, facts: Facts) -> bool:
    """Whether the person is of the agency that owns it, or a coordinator."""
    return person.is_coordinator or facts.owner


VERBS = (
    for_case_people("concern:view", "See a place, person or thing of concern that your agency may see"),
    for_case_people("concern:record", "Record a place, person or thing of concern"),
    for_case_people(
        "concern:change",
        "Change what is recorded of a place, person or thing of concern; what it said stays",
        lambda person, facts: _answers_for_it(person, facts) or facts.own_agency,
        "The agency that recorded it, the one that owns it or a coordinator changes what it says. Add a note"
        " instead.",
    ),
    for_case_people(
        "concern:keep",
        "Review a place, person or thing of concern, end it, hold it closely or give it to another owner",
        _answers_for_it,
        "The agency that owns it, or a coordinator, does this.",
    ),
    for_case_people(
        "concern:release",
        "Let another agency see a place, person or thing of concern, or take that back",
        lambda _person, facts: facts.owner,
        "Only the agency that owns it lets others see it. Ask them.",
    ),
    for_case_people(
        "concern:grade",
        "Grade how reliable it is",
        lambda person, facts: person.is_coordinator or _police(person, facts),
        "Only police and the hub’s coordinators grade information.",
    ),
    for_case_people(
        "concern:police_status",
        "Say how police know a person of concern",
        _police,
        "Only police say how police know a person.",
    ),
    for_case_people("concern:note", "Add to a place, person or thing of concern"),
    for_case_people("concern:link", "Link it to a child, or to another, where you see both"),
    for_case_people(
        "concern:unlink",
        "End a link",
        lambda person, facts: _answers_for_it(person, facts) or facts.own_agency,
        "The agency that made a link, the one that owns what it leads from or a coordinator ends it.",
    ),
    for_case_people("concern:compare", "Say that two that look alike are not the same"),
)
