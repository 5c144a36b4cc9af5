"""Looks in words: what was done, and what gave the right to it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from portal.access.permissions import PERMISSIONS
from portal.vocabulary import RateKind
from portal.web.filters import moment

#: What gave somebody the right, by what the trail says of it.
_GROUNDS = {
    "hub": "The hub",
    "team": "A team on the case",
    "agency": "Their agency",
    "agency manager": "Manages in an agency on the case",
    "named": "Named on the case",
    "governance": "Governance",
    "restricted": "Knew only that it exists",
    "left": "Looked after what a leaver left",
    "owner": "Owns it",
    "full": "Reads the case in full",
    "front_door": "A front door",
    "mine": "Their own list",
}
#: What is done most often, in words of its own; a permission says the rest in its sentence.
_DONE = {
    "access:refused": "Was refused a page",
    "case:view": "Opened the case",
    "case:record": "Opened or changed a record of the case",
    "case:notice": "Saw that the case exists",
    "case:list": "Listed cases",
    "case:due_dates": "Opened the due dates of the case",
    "case:held_words": "Opened where words stand that an alert holds back",
    "case:network": "Opened the network of the case",
    "meeting:paper": "Marked a paper of a meeting",
    "case:print": "Printed the case",
    "case:download": "Downloaded the case",
    "child:record": "Opened or changed a record of the child",
    "child:view": "Opened the child’s record",
    "child:search": "Searched for children",
    "entry:add": "Added an entry",
    "audit:view": "Checked who looked at the case",
    "look:person": "Checked what somebody looked at",
    "look:own": "Checked what they looked at themselves",
    "look:list": "Opened “Who looked”",
    "look:explain": "Said why they look at so much",
    "look:except": "Let somebody go on for a day",
    "session:close": "Signed out",
}
#: What is done to several nouns, where no permission says it.
_VERBS = {
    "view": "opened",
    "show": "opened",
    "open": "opened",
    "read": "read",
    "list": "listed",
    "print": "printed",
    "download": "downloaded",
    "search": "searched",
}

#: How much it is that somebody is asked about, and what they did then.
MUCH = {
    RateKind.CASE: "You have opened very many cases and children in an hour.",
    RateKind.SEARCH: "You have searched very often in an hour.",
    RateKind.FILE: "You have downloaded very many files in an hour.",
}
_DID = {
    RateKind.CASE.value: "Opened very many cases and children in an hour",
    RateKind.SEARCH.value: "Searched very often in an hour",
    RateKind.FILE.value: "Downloaded very many files in an hour",
}

HEADS_AT_CASE = ("When", "Who", "Agency", "What", "Why they may")
HEADS_OF_PERSON = ("When", "Case", "What", "Why they may")


def done(action: str) -> str:
    """What was done: ``Opened the case``, ``Call a meeting``, ``Safety plan: put in force``."""
    noun, _, verb = action.partition(":")
    if action in _DONE:
        return _DONE[action]
    if action in PERMISSIONS:
        return PERMISSIONS[action].sentence
    return f"{noun.replace('_', ' ').capitalize()}: {_VERBS.get(verb, verb.replace('_', ' '))}"


def ground(code: str | None) -> str:
    """What gave the right to it; a number is what a refusal was answered with."""
    if code is None:
        return ""
    return f"Refused ({code})" if code.isdigit() else _GROUNDS.get(code, code.replace("_", " ").capitalize())


def lines_at_case(rows: Iterable[Any]) -> list[Sequence[str]]:
    """The table of a case, in the order of its heads."""
    return [
        (moment(row.at), row.actor or "", row.agency or "", done(row.action), ground(row.ground))
        for row in rows
    ]


def lines_of_person(rows: Iterable[Any]) -> list[Sequence[str]]:
    """The table of a person, in the order of its heads."""
    return [(moment(row.at), row.reference or "", done(row.action), ground(row.ground)) for row in rows]


class Why(NamedTuple):
    """Why somebody looked at very much, and when they said so; or who let them go on for a day, and why."""

    what: str
    at: datetime
    reason: str


def reasons(rows: Sequence[Any]) -> list[Why]:
    """The reasons of one person, as `reading.why` has them."""
    return [
        Why(_DID[row.kind] if row.kind else f"{row.named_by} let them go on for a day", row.at, row.reason)
        for row in rows
    ]
