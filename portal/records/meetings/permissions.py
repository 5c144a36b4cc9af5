"""Verbs on questions to teams, and on meetings."""

from portal.access.permission import coordinator_or_lead, for_case_people
from portal.vocabulary import Role

VERBS = (
    for_case_people("request:view", "See what your team is asked"),
    for_case_people(
        "request:ask",
        "Ask teams for what they hold about a child",
        lambda person, facts: coordinator_or_lead(person, facts) or facts.chairs_open_meeting,
        "A coordinator, the lead professional or the chair of an open meeting asks for information.",
    ),
    for_case_people(
        "request:answer",
        "Answer what your team is asked",
        lambda _person, facts: facts.receiver,
        "Only the team that is asked can answer.",
    ),
    for_case_people(
        "request:withdraw",
        "Withdraw a question, or give more time for it",
        lambda person, facts: coordinator_or_lead(person, facts) or facts.owner,
        "Whoever asked, the lead professional or a coordinator withdraws a question.",
    ),
    for_case_people("meeting:view", "See a meeting on a case that you reach, or that you are invited to"),
    for_case_people(
        "meeting:call",
        "Call a meeting",
        lambda person, facts: coordinator_or_lead(person, facts) or person.has(Role.CHAIR),
        "A coordinator, the lead professional or somebody with the chair’s role calls a meeting.",
    ),
    for_case_people(
        "meeting:run",
        "Invite, move, cancel and record a meeting",
        lambda person, facts: coordinator_or_lead(person, facts) or facts.runs_meeting,
        "The chair, the note-taker, the lead professional or a coordinator runs a meeting.",
    ),
    for_case_people(
        "invitation:reply",
        "Answer an invitation",
        lambda _person, facts: facts.receiver,
        "Only whoever is invited can answer.",
    ),
)
