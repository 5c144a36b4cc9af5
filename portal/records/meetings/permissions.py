"""Verbs on questions to teams, and on meetings."""

from portal.access.permission import CASE_PEOPLE, Permission, coordinator_or_lead
from portal.vocabulary import Role

VERBS = (
    Permission("request:view", "See what your team is asked", CASE_PEOPLE),
    Permission(
        "request:ask",
        "Ask teams for what they hold about a child",
        CASE_PEOPLE,
        lambda person, facts: coordinator_or_lead(person, facts) or facts.chairs_open_meeting,
        "A coordinator, the lead professional or the chair of an open meeting asks for information.",
    ),
    Permission(
        "request:answer",
        "Answer what your team is asked",
        CASE_PEOPLE,
        lambda _person, facts: facts.receiver,
        "Only the team that is asked can answer.",
    ),
    Permission(
        "request:withdraw",
        "Withdraw a question, or give more time for it",
        CASE_PEOPLE,
        lambda person, facts: coordinator_or_lead(person, facts) or facts.owner,
        "Whoever asked, the lead professional or a coordinator withdraws a question.",
    ),
    Permission(
        "meeting:view", "See a meeting on a case that you reach, or that you are invited to", CASE_PEOPLE
    ),
    Permission(
        "meeting:call",
        "Call a meeting",
        CASE_PEOPLE,
        lambda person, facts: coordinator_or_lead(person, facts) or person.has(Role.CHAIR),
        "A coordinator, the lead professional or somebody with the chair’s role calls a meeting.",
    ),
    Permission(
        "meeting:run",
        "Invite, move, cancel and record a meeting",
        CASE_PEOPLE,
        lambda person, facts: coordinator_or_lead(person, facts) or facts.runs_meeting,
        "The chair, the note-taker, the lead professional or a coordinator runs a meeting.",
    ),
    Permission(
        "invitation:reply",
        "Answer an invitation",
        CASE_PEOPLE,
        lambda _person, facts: facts.receiver,
        "Only whoever is invited can answer.",
    ),
)
