"""Verbs on processes of other services that run beside a case."""

from portal.access.permission import Facts, coordinator_or_lead, for_case_people
from portal.access.principal import Principal


def _answers(person: Principal, facts: Facts) -> bool:
    """Whether the person answers for the case, or works for the service whose process it is."""
    return coordinator_or_lead(person, facts) or facts.chairs_open_meeting or facts.own_agency


VERBS = (
    for_case_people("linked:list", "See which processes of other services run beside a case"),
    for_case_people("linked:view", "See such a process, what is owed on it and what happened"),
    for_case_people(
        "linked:begin",
        "Record a process of another service, such as a Section 47 enquiry or a child protection plan",
        _answers,
        "The service whose process it is records it, the lead professional, a coordinator or the chair of an"
        " open meeting.",
    ),
    for_case_people(
        "linked:step",
        "Say that a step of such a process was taken, or how it ended",
        lambda person, facts: _answers(person, facts) or facts.owner,
        "Whoever sees to a process says how it goes, their agency, the lead professional, a coordinator or"
        " the chair of an open meeting.",
    ),
    for_case_people(
        "linked:personal",
        "Record a duty that is one’s own, such as a report of FGM, and that it is done",
        lambda _person, facts: facts.owner,
        "This duty is personal: only whoever found out reports it, and nobody takes it over.",
    ),
    for_case_people("linked:note", "Write how such a process goes"),
)
