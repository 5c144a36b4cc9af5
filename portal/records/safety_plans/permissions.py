"""Verbs on interim safety plans."""

from portal.access.permission import Facts, coordinator_or_lead, for_case_people
from portal.access.principal import Principal


def _answers_for_it(person: Principal, facts: Facts) -> bool:
    """Whether the person leads the case, works for the agency that leads, coordinates or chairs a meeting."""
    return coordinator_or_lead(person, facts) or facts.own_agency or facts.chairs_open_meeting


VERBS = (
    for_case_people("safety_plan:view", "See the safety plans of a case"),
    for_case_people("safety_plan:write", "Begin a safety plan and write in it"),
    for_case_people(
        "safety_plan:decide",
        "Put a safety plan in force, renew it or end it",
        _answers_for_it,
        "The agency that leads, a coordinator or the chair of an open meeting puts a safety plan in force, "
        "renews it and ends it.",
    ),
)
