"""Verbs on the end of a case, on reopening it and on what is handed over."""

from portal.access.permission import Facts, coordinator_or_lead, for_case_people
from portal.access.principal import Principal
from portal.vocabulary import Role


def _leads(person: Principal, facts: Facts) -> bool:
    """Whether the person is the lead professional, a coordinator, or works for the agency that leads."""
    return coordinator_or_lead(person, facts) or facts.own_agency


def _manages_lead(person: Principal, facts: Facts) -> bool:
    """Whether the person is a manager of the agency that leads."""
    return person.has(Role.MANAGER) and facts.own_agency


VERBS = (
    for_case_people(
        "case:close",
        "Close or transfer a case, as a meeting decided or with a second person",
        lambda person, facts: coordinator_or_lead(person, facts) or facts.chairs_open_meeting or facts.owner,
        "A coordinator, the lead professional, the chair of an open meeting or whoever assessed the child"
        " closes a case.",
    ),
    for_case_people(
        "case:agree_to_close",
        "Agree, as the second person, that a case ends without a meeting",
        lambda person, facts: _manages_lead(person, facts) or facts.chairs_open_meeting,
        "A manager of the agency that leads, or the chair of an open meeting, agrees that a case ends.",
    ),
    for_case_people(
        "case:reopen", "Reopen a case", _leads, "A coordinator or the agency that led the case reopens it."
    ),
    for_case_people("handover:view", "See what is handed over to another service"),
    for_case_people(
        "handover:write",
        "Write a hand-over to another area, or for the time after 18",
        _leads,
        "The lead agency or a coordinator writes a hand-over.",
    ),
    for_case_people(
        "handover:finalise",
        "Finalise a hand-over, which then stands",
        lambda person, facts: coordinator_or_lead(person, facts) or _manages_lead(person, facts),
        "A coordinator, the lead professional or a manager of the lead agency finalises a hand-over.",
    ),
)
