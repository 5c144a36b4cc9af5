"""Verbs on who has to be told by a person."""

from portal.access.permission import for_case_people

VERBS = (
    for_case_people("by_hand:view", "See who has no account and has to be told, on what you may see"),
    for_case_people(
        "by_hand:record",
        "Say when and how somebody without an account was told, or why they need not be",
        lambda person, facts: person.is_coordinator or facts.owner or facts.own_agency,
        "Whoever has to tell them, a colleague of theirs or a coordinator says that they were told.",
    ),
)
