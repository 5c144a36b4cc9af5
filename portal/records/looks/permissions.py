"""Verbs on the audit trail as people read it."""

from portal.access.permission import CASE_PEOPLE, EVERYONE, GOVERNANCE, Facts, Permission
from portal.access.principal import Principal
from portal.vocabulary import Role


def _answers_for_case(person: Principal, facts: Facts) -> bool:
    leads = facts.lead_professional or (person.has(Role.MANAGER) and facts.own_agency)
    return leads or person.has(Role.GOVERNANCE)


VERBS = (
    Permission("look:own", "See what you looked at, took out and changed yourself", EVERYONE),
    Permission("look:explain", "Say why you go on when you looked at very much", EVERYONE),
    Permission(
        "look:except",
        "Let somebody go on for a day who looked at very much",
        GOVERNANCE,
        lambda _person, facts: not facts.owner,
        "Governance lets somebody go on, and nobody lets themselves.",
    ),
    Permission(
        "audit:view",
        "See who looked at a case",
        CASE_PEOPLE | GOVERNANCE,
        _answers_for_case,
        "Its lead professional, managers of the agency that leads it and governance see who looked.",
    ),
    Permission(
        "look:person",
        "See what somebody looked at",
        frozenset({Role.MANAGER, Role.GOVERNANCE}),
        refusal="What somebody looked at is for themselves, the manager of their team, and governance.",
    ),
)
