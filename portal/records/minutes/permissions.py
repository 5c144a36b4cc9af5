"""Verbs on what is said, decided and handed on at a meeting."""

from portal.access.permission import CASE_PEOPLE, Facts, Permission, coordinator_or_lead
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
    Permission("minutes:write", "Write the minutes of a meeting", CASE_PEOPLE, _runs, _RECORDS),
    Permission(
        "minutes:close_part",
        "Write a closed part of the minutes, and name who reads it",
        CASE_PEOPLE,
        lambda _person, facts: facts.runs_meeting,
        "The chair or the note-taker writes a closed part.",
    ),
    Permission("decision:record", "Record what a meeting decides", CASE_PEOPLE, _runs, _RECORDS),
    Permission("level:propose", "Record the level that a meeting comes to", CASE_PEOPLE, _runs, _RECORDS),
    Permission(
        "level:settle",
        "Agree, or not, to a lower level that a meeting came to",
        CASE_PEOPLE,
        _may_settle,
        "A manager of the agency that leads, or the chair of an open meeting, agrees to a lower level.",
    ),
    Permission(
        "minutes:circulate",
        "Send a draft of the minutes round and answer corrections",
        CASE_PEOPLE,
        lambda _person, facts: facts.runs_meeting,
        "The chair or the note-taker sends the draft round and answers corrections.",
    ),
    Permission(
        "minutes:approve",
        "Approve the minutes of a meeting",
        CASE_PEOPLE,
        lambda _person, facts: facts.chairs_meeting,
        "The chair of the meeting approves its minutes.",
    ),
    Permission(
        "minutes:distribute",
        "Distribute the minutes of a meeting",
        CASE_PEOPLE,
        lambda _person, facts: facts.chairs_meeting,
        "The chair of the meeting distributes its minutes.",
    ),
    Permission("minutes:correct", "Ask for a correction of minutes that you may read", CASE_PEOPLE),
    Permission("minutes:read_copy", "Read minutes that were given to you or your team", CASE_PEOPLE),
    Permission(
        "family:choose",
        "Choose which passages the child and family may have",
        CASE_PEOPLE,
        lambda _person, facts: facts.runs_meeting,
        "The chair or the note-taker chooses passages for the child and family.",
    ),
    Permission(
        "family:confirm",
        "Confirm what the child and family may have",
        CASE_PEOPLE,
        lambda _person, facts: facts.chairs_meeting,
        "The chair of the meeting confirms what the child and family may have.",
    ),
)
