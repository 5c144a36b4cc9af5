"""Looks in words: what was done, and what gave the right to it."""

from collections.abc import Iterable, Sequence
from typing import Any

from portal.access.permissions import PERMISSIONS
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
    "record": "opened",
}
_NOUNS = {"case:record": "A record of the case", "access": "A page"}

HEADS_AT_CASE = ("When", "Who", "Agency", "What", "Why they may")
HEADS_OF_PERSON = ("When", "Case", "What", "Why they may")


def done(action: str) -> str:
    """What was done: ``Case: opened``, ``Safety plan: put in force``, ``A page: refused``."""
    noun, _, verb = action.partition(":")
    said = _NOUNS.get(action) or _NOUNS.get(noun) or noun.replace("_", " ").capitalize()
    return f"{said}: {_VERBS.get(verb, verb.replace('_', ' '))}"


def explained(action: str) -> str:
    """The same in a sentence, where a permission has one."""
    return PERMISSIONS[action].sentence if action in PERMISSIONS else done(action)


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
