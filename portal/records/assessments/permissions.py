"""Verbs on risk assessments and on the level of a case."""

from portal.access.permission import CASE_PEOPLE, Facts, Permission, coordinator_or_lead
from portal.access.principal import Principal
from portal.vocabulary import Role


def _leads(person: Principal, facts: Facts) -> bool:
    """Whether the person is the lead professional, a coordinator, or works for the agency that leads."""
    return coordinator_or_lead(person, facts) or facts.own_agency


def _may_second(person: Principal, facts: Facts) -> bool:
    """Whether the person may agree to a lower level: also the database asks for it (ctx.may_lower_level)."""
    return (person.has(Role.MANAGER) and facts.own_agency) or facts.chairs_open_meeting


VERBS = (
    Permission("assessment:view", "See the risk assessments of a case", CASE_PEOPLE),
    Permission(
        "assessment:start",
        "Begin a risk assessment",
        CASE_PEOPLE,
        _leads,
        "The lead agency or a coordinator begins a risk assessment.",
    ),
    Permission(
        "assessment:abandon",
        "End a risk assessment that is not completed",
        CASE_PEOPLE,
        _leads,
        "The lead agency or a coordinator ends a risk assessment that is not completed.",
    ),
    Permission("assessment:answer", "Write in a risk assessment", CASE_PEOPLE),
    Permission(
        "assessment:conclude",
        "Choose the level and finalise a risk assessment",
        CASE_PEOPLE,
        lambda _person, facts: facts.owner or facts.lead_professional,
        "The assessor or the lead professional concludes a risk assessment.",
    ),
    Permission(
        "assessment:agree",
        "Agree, as the second person, to a lower level",
        CASE_PEOPLE,
        _may_second,
        "A manager of the agency that leads, or the chair of an open meeting, agrees to a lower level.",
    ),
    Permission(
        "assessment:sign_off",
        "Sign off a finalised risk assessment",
        CASE_PEOPLE,
        lambda person, facts: person.has(Role.MANAGER) and facts.own_agency,
        "A manager of the agency that leads signs off a risk assessment.",
    ),
)
