"""Verbs on missing episodes. Whoever may do one to an episode is among those who see it."""

from portal.access.permission import CASE_PEOPLE, Facts, Permission, coordinator_or_lead
from portal.access.principal import Principal
from portal.vocabulary import Sector


def _police_or_hub(person: Principal) -> bool:
    return person.sector is Sector.POLICE or person.is_coordinator


def _answers_for_child(person: Principal, facts: Facts) -> bool:
    return person.sector is Sector.SOCIAL_CARE or coordinator_or_lead(person, facts)


VERBS = (
    Permission("missing:report", "Report a child who is missing", CASE_PEOPLE),
    Permission("missing:view", "See the missing episodes of children that you are to know of", CASE_PEOPLE),
    Permission(
        "missing:change", "Add to what a missing episode says, and say that the child is back", CASE_PEOPLE
    ),
    Permission(
        "missing:interview",
        "Record the prevention interview of the police",
        CASE_PEOPLE,
        lambda person, _facts: _police_or_hub(person),
        "The police, or the hub for them, record the prevention interview.",
    ),
    Permission(
        "missing:withdraw",
        "Withdraw a missing episode that was none",
        CASE_PEOPLE,
        lambda person, facts: _police_or_hub(person) or facts.own_agency,
        "The agency that recorded an episode, the police or the hub withdraws it.",
    ),
    Permission(
        "missing:answer",
        "Decide on a strategy meeting after repeated missing episodes",
        CASE_PEOPLE,
        _answers_for_child,
        "Social care, the lead professional or a coordinator decides on a strategy meeting.",
    ),
)
