"""Verbs on the panel of a district: what comes before it, what its members read, and what it says."""

from portal.access.permission import COORDINATOR, Permission, for_case_people

VERBS = (
    for_case_people("panel:view", "See the district panels that you are invited to, with their papers"),
    for_case_people("panel:propose", "Propose a child or a concern for the panel of a district"),
    for_case_people(
        "panel:prepare",
        "Put an item on the agenda of a district panel, or not",
        lambda person, facts: person.is_coordinator or facts.runs_meeting,
        "The chair, the note-taker or a coordinator prepares a district panel.",
    ),
    for_case_people(
        "panel:give_word",
        "Agree that something closely held comes before a district panel",
        lambda _person, facts: facts.lead_professional or facts.own_agency,
        "The lead professional, or the agency that owns a concern, gives their word.",
    ),
    for_case_people("panel:summarise", "Write what the members of a district panel read about an item"),
    Permission(
        "panel:release", "Read a summary before a district panel does, and send its papers out", COORDINATOR
    ),
    for_case_people(
        "panel:record",
        "Write what a district panel says on an item",
        lambda _person, facts: facts.runs_meeting,
        "The chair or the note-taker of the panel writes what it says.",
    ),
    for_case_people(
        "panel:decide",
        "Record what a district panel decides on an item",
        lambda person, facts: person.is_coordinator or facts.runs_meeting,
        "The chair, the note-taker or a coordinator records what the panel decides.",
    ),
)
