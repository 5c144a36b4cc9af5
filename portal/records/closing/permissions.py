"""Verbs on the end of a case, on reopening it and on what is handed over."""

from portal.access.permission import CASE_PEOPLE, Facts, Permission, coordinator_or_lead
from portal.access.principal import Principal
from portal.vocabulary import Role


def _leads(person: Principal, facts: Facts) -> bool:
    """Whether the person is the lead professional, a coordinator, or works for the agency that leads."""
    return coordinator_or_lead(person, facts) or facts.own_agency


def _manages_lead(person: Principal, facts: Facts) -> bool:
    """Whether the person is a manager of the agency that leads."""
    return person.has(Role.MANAGER) and facts.own_agency


VERBS = (
    Permission(
        "case:close",
        "Close or transfer a case, as a meeting decided or with a second person",
        CASE_PEOPLE,
        lambda person, facts: coordinator_or_lead(person, facts) or facts.chairs_open_meeting or facts.owner,
        "A coordinator, the lead professional, the chair of an open meeting or whoever assessed the child"
        " closes a case.",
    ),
    Permission(
        "case:agree_to_close",
        "Agree, as the second person, that a case ends without a meeting",
        CASE_PEOPLE,
        lambda person, facts: _manages_lead(person, facts) or facts.chairs_open_meeting,
        "A manager of the agency that leads, or the chair of an open meeting, agrees that a case ends.",
    ),
    Permission(
        "case:reopen",
        "Reopen a case",
        CASE_PEOPLE,
        _leads,
        "A coordinator or the agency that led the case reopens it.",
    ),
    Permission("handover:view", "See what is handed over to another service", CASE_PEOPLE),
    Permission(
        "handover:write",
        "Write a hand-over to another area, or for the time after 18",
        CASE_PEOPLE,
        _leads,
        "The lead agency or a coordinator writes a hand-over.",
    ),
    Permission(
        "handover:finalise",
        "Finalise a hand-over, which then stands",
        CASE_PEOPLE,
        lambda person, facts: coordinator_or_lead(person, facts) or _manages_lead(person, facts),
        "A coordinator, the lead professional or a manager of the lead agency finalises a hand-over.",
    ),
)
