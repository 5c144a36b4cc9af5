"""Verbs on processes of other services that run beside a case."""

from portal.access.permission import CASE_PEOPLE, Facts, Permission, coordinator_or_lead
from portal.access.principal import Principal


def _answers(person: Principal, facts: Facts) -> bool:
    """Whether the person answers for the case, or works for the service whose process it is."""
    return coordinator_or_lead(person, facts) or facts.chairs_open_meeting or facts.own_agency


VERBS = (
    Permission("linked:list", "See which processes of other services run beside a case", CASE_PEOPLE),
    Permission("linked:view", "See such a process, what is owed on it and what happened", CASE_PEOPLE),
    Permission(
        "linked:begin",
        "Record a process of another service, such as a Section 47 enquiry or a child protection plan",
        CASE_PEOPLE,
        _answers,
        "The service whose process it is records it, the lead professional, a coordinator or the chair of an"
        " open meeting.",
    ),
    Permission(
        "linked:step",
        "Say that a step of such a process was taken, or how it ended",
        CASE_PEOPLE,
        lambda person, facts: _answers(person, facts) or facts.owner,
        "Whoever sees to a process says how it goes, their agency, the lead professional, a coordinator or"
        " the chair of an open meeting.",
    ),
    Permission(
        "linked:personal",
        "Record a duty that is one’s own, such as a report of FGM, and that it is done",
        CASE_PEOPLE,
        lambda _person, facts: facts.owner,
        "This duty is personal: only whoever found out reports it, and nobody takes it over.",
    ),
    Permission("linked:note", "Write how such a process goes", CASE_PEOPLE),
)
