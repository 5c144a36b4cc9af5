"""Verbs on risk assessments and on the level of a case."""

from portal.access.permission import Facts, coordinator_or_lead, for_case_people
from portal.access.principal import Principal
from portal.vocabulary import Role


def _leads(person: Principal, facts: Facts) -> bool:
    """Whether the person is the lead professional, a coordinator, or works for the agency that leads."""
    return coordinator_or_lead(person, facts) or facts.own_agency


def _may_second(person: Principal, facts: Facts) -> bool:
    """Whether the person may agree to a lower level: also the database asks for it (ctx.may_lower_level)."""
    return (person.has(Role.MANAGER) and facts.own_agency) or facts.chairs_open_meeting


VERBS = (
    for_case_people("assessment:view", "See the risk assessments of a case"),
    for_case_people(
        "assessment:start",
        "Begin a risk assessment",
        _leads,
        "The lead agency or a coordinator begins a risk assessment.",
    ),
    for_case_people(
        "assessment:abandon",
        "End a risk assessment that is not completed",
        _leads,
        "The lead agency or a coordinator ends a risk assessment that is not completed.",
    ),
    for_case_people("assessment:answer", "Write in a risk assessment"),
    for_case_people(
        "assessment:conclude",
        "Choose the level and finalise a risk assessment",
        lambda _person, facts: facts.owner or facts.lead_professional,
        "The assessor or the lead professional concludes a risk assessment.",
    ),
    for_case_people(
        "assessment:agree",
        "Agree, as the second person, to a lower level",
        _may_second,
        "A manager of the agency that leads, or the chair of an open meeting, agrees to a lower level.",
    ),
    for_case_people(
        "assessment:sign_off",
        "Sign off a finalised risk assessment",
        lambda person, facts: person.has(Role.MANAGER) and facts.own_agency,
        "A manager of the agency that leads signs off a risk assessment.",
    ),
)
