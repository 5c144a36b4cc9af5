"""Verbs on the plan of a case and on its actions."""

from portal.access.permission import Facts, coordinator_or_lead, for_case_people
from portal.access.principal import Principal


def _directs(person: Principal, facts: Facts) -> bool:
    """Whether the person answers for the case or the concern, or for a meeting that is open on it."""
    return (
        coordinator_or_lead(person, facts) or facts.keeps or facts.chairs_open_meeting or facts.runs_meeting
    )


VERBS = (
    for_case_people("plan:view", "See the plan of a case"),
    for_case_people(
        "plan:write",
        "Begin the plan of a case and say what it is to achieve",
        lambda person, facts: _directs(person, facts) or facts.own_agency,
        "The agency that leads, a coordinator or whoever runs an open meeting writes the plan.",
    ),
    for_case_people(
        "action:view", "See an action on a case or concern that you reach, or that is yours to do"
    ),
    for_case_people(
        "action:give",
        "Give somebody an action",
        lambda person, facts: _directs(person, facts) or facts.own_agency,
        "The lead professional, the agency that keeps a place or person of concern, a coordinator or whoever"
        " runs an open meeting gives actions; others take one on for their own agency.",
    ),
    for_case_people("action:note", "Say how an action goes"),
    for_case_people(
        "action:work",
        "Start an action, say that it is blocked, or that it is done",
        lambda _person, facts: facts.owner,
        "Only whoever owns an action says that it is started, blocked or done, or on the record of a meeting"
        " whoever keeps that.",
    ),
    for_case_people(
        "action:confirm",
        "Confirm that an action is done",
        lambda _person, facts: facts.confirms,
        "The chair of the meeting that gave an action, or of an open one on the case, confirms it; one that"
        " no meeting gave, or its chair did, the lead professional, the agency that keeps the concern or a"
        " coordinator. Never whoever did it.",
    ),
    for_case_people(
        "action:effect",
        "Say what came of an action that is done",
        lambda person, facts: _directs(person, facts) or facts.confirms or facts.owner,
        "Whoever owns or confirms an action, or answers for what it is on, says what came of it.",
    ),
    for_case_people(
        "action:change",
        "Move the date of an action, or end one that is not needed",
        lambda person, facts: _directs(person, facts) or facts.gave,
        "Whoever gave an action, the lead professional, the agency that keeps the concern, a coordinator or"
        " whoever runs an open meeting changes it.",
    ),
    for_case_people(
        "action:hand_over",
        "Give an action to another owner",
        lambda person, facts: _directs(person, facts) or facts.gave or facts.own_agency,
        "Whoever gave an action, answers for what it is on, or is of the agency that owns it gives it to"
        " another owner.",
    ),
)
