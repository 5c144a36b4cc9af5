"""Verbs on what is said, decided and handed on at a meeting."""

from portal.access.permission import Facts, coordinator_or_lead, for_case_people
from portal.access.principal import Principal
from portal.vocabulary import Role

_RECORDS = "The chair, the note-taker, the lead professional or a coordinator records a meeting."


def _runs(person: Principal, facts: Facts) -> bool:
    """Whoever runs the meeting records it."""
    return coordinator_or_lead(person, facts) or facts.runs_meeting


def _may_settle(person: Principal, facts: Facts) -> bool:
    """Whether the person may agree to a lower level: also the database asks for it (ctx.may_lower_level)."""
    return (person.has(Role.MANAGER) and facts.own_agency) or facts.chairs_open_meeting


VERBS = (
    for_case_people("minutes:write", "Write the minutes of a meeting", _runs, _RECORDS),
    for_case_people(
        "minutes:close_part",
        "Write a closed part of the minutes, and name who reads it",
        lambda _person, facts: facts.runs_meeting,
        "The chair or the note-taker writes a closed part.",
    ),
    for_case_people("decision:record", "Record what a meeting decides", _runs, _RECORDS),
    for_case_people("level:propose", "Record the level that a meeting comes to", _runs, _RECORDS),
    for_case_people(
        "level:settle",
        "Agree, or not, to a lower level that a meeting came to",
        _may_settle,
        "A manager of the agency that leads, or the chair of an open meeting, agrees to a lower level.",
    ),
    for_case_people(
        "minutes:circulate",
        "Send a draft of the minutes round and answer corrections",
        lambda _person, facts: facts.runs_meeting,
        "The chair or the note-taker sends the draft round and answers corrections.",
    ),
    for_case_people(
        "minutes:approve",
        "Approve the minutes of a meeting",
        lambda _person, facts: facts.chairs_meeting,
        "The chair of the meeting approves its minutes.",
    ),
    for_case_people(
        "minutes:distribute",
        "Distribute the minutes of a meeting",
        lambda _person, facts: facts.chairs_meeting,
        "The chair of the meeting distributes its minutes.",
    ),
    for_case_people("minutes:correct", "Ask for a correction of minutes that you may read"),
    for_case_people("minutes:read_copy", "Read minutes that were given to you or your team"),
    for_case_people(
        "family:choose",
        "Choose which passages the child and family may have",
        lambda _person, facts: facts.runs_meeting,
        "The chair or the note-taker chooses passages for the child and family.",
    ),
    for_case_people(
        "family:confirm",
        "Confirm what the child and family may have",
        lambda _person, facts: facts.chairs_meeting,
        "The chair of the meeting confirms what the child and family may have.",
    ),
)
