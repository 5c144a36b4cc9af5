"""Verbs on what is shared with the hub, and what it tells."""

from portal.access.permission import CASE_PEOPLE, COORDINATOR, GOVERNANCE, Permission, for_case_people
from portal.vocabulary import Role

VERBS = (
    Permission(
        "referral:triage",
        "Triage and decide what reaches the hub",
        COORDINATOR,
        lambda person, _facts: person.is_coordinator,
        "Only the hub’s coordinators triage.",
    ),
    Permission(
        "disclosure:make",
        "Tell an agency, and record it on the sharing ledger",
        COORDINATOR,
        lambda person, _facts: person.is_coordinator,
        "Only the hub’s coordinators tell agencies.",
    ),
    Permission("disclosure:view", "See what your team was told", CASE_PEOPLE | GOVERNANCE),
    for_case_people(
        "disclosure:confirm",
        "Confirm that your team has received what it was told",
        lambda _person, facts: facts.receiver,
        "Only the team that was told can confirm receipt.",
    ),
    for_case_people("referral:write", "Share information with the hub"),
    for_case_people("referral:view", "See information you or your team sent"),
    for_case_people("referral:reply", "Answer the hub’s questions about what you sent"),
    Permission(
        "draft:open",
        "Open, once and with a reason, an unsent draft of someone who left your team",
        frozenset({Role.MANAGER}),
    ),
)
