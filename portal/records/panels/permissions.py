"""Verbs on the panel of a district: what comes before it, what its members read, and what it says."""

from portal.access.permission import CASE_PEOPLE, COORDINATOR, Permission

VERBS = (
    Permission(
        "panel:view", "See the district panels that you are invited to, with their papers", CASE_PEOPLE
    ),
    Permission("panel:propose", "Propose a child or a concern for the panel of a district", CASE_PEOPLE),
    Permission(
        "panel:prepare",
        "Put an item on the agenda of a district panel, or not",
        CASE_PEOPLE,
        lambda person, facts: person.is_coordinator or facts.runs_meeting,
        "The chair, the note-taker or a coordinator prepares a district panel.",
    ),
    Permission(
        "panel:give_word",
        "Agree that something closely held comes before a district panel",
        CASE_PEOPLE,
        lambda _person, facts: facts.lead_professional or facts.own_agency,
        "The lead professional, or the agency that owns a concern, gives their word.",
    ),
    Permission(
        "panel:summarise", "Write what the members of a district panel read about an item", CASE_PEOPLE
    ),
    Permission(
        "panel:release", "Read a summary before a district panel does, and send its papers out", COORDINATOR
    ),
    Permission(
        "panel:record",
        "Write what a district panel says on an item",
        CASE_PEOPLE,
        lambda _person, facts: facts.runs_meeting,
        "The chair or the note-taker of the panel writes what it says.",
    ),
    Permission(
        "panel:decide",
        "Record what a district panel decides on an item",
        CASE_PEOPLE,
        lambda person, facts: person.is_coordinator or facts.runs_meeting,
        "The chair, the note-taker or a coordinator records what the panel decides.",
    ),
)
