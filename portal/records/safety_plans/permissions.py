"""Verbs on interim safety plans."""

from portal.access.permission import CASE_PEOPLE, Facts, Permission, coordinator_or_lead
from portal.access.principal import Principal


def _answers_for_it(person: Principal, facts: Facts) -> bool:
    """Whether the person leads the case, works for the agency that leads, coordinates or chairs a meeting."""
    return coordinator_or_lead(person, facts) or facts.own_agency or facts.chairs_open_meeting


VERBS = (
    Permission("safety_plan:view", "See the safety plans of a case", CASE_PEOPLE),
    Permission("safety_plan:write", "Begin a safety plan and write in it", CASE_PEOPLE),
    Permission(
        "safety_plan:decide",
        "Put a safety plan in force, renew it or end it",
        CASE_PEOPLE,
        _answers_for_it,
        "The agency that leads, a coordinator or the chair of an open meeting puts a safety plan in force, "
        "renews it and ends it.",
    ),
)
