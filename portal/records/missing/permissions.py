"""Verbs on missing episodes. Whoever may do one to an episode is among those who see it."""

from portal.access.permission import Facts, coordinator_or_lead, for_case_people
from portal.access.principal import Principal
from portal.vocabulary import Sector


def _police_or_hub(person: Principal) -> bool:
    return person.sector is Sector.POLICE or person.is_coordinator


def _answers_for_child(person: Principal, facts: Facts) -> bool:
    return person.sector is Sector.SOCIAL_CARE or coordinator_or_lead(person, facts)


VERBS = (
    for_case_people("missing:report", "Report a child who is missing"),
    for_case_people("missing:view", "See the missing episodes of children that you are to know of"),
    for_case_people("missing:change", "Add to what a missing episode says, and say that the child is back"),
    for_case_people("missing:move", "Say whose a missing episode is, of two children whose records you see"),
    for_case_people(
        "missing:interview",
        "Record the prevention interview of the police",
        lambda person, _facts: _police_or_hub(person),
        "The police, or the hub for them, record the prevention interview.",
    ),
    for_case_people(
        "missing:withdraw",
        "Withdraw a missing episode that was none",
        lambda person, facts: _police_or_hub(person) or facts.own_agency,
        "The agency that recorded an episode, the police or the hub withdraws it.",
    ),
    for_case_people(
        "missing:answer",
        "Decide on a strategy meeting after repeated missing episodes",
        _answers_for_child,
        "Social care, the lead professional or a coordinator decides on a strategy meeting.",
    ),
)
