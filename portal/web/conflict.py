"""Two people at once, on the page: what it says now beside what was typed, so that nothing typed is lost."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import g, request
from markupsafe import escape
from wtforms import Field
from wtforms.form import BaseForm

from portal.access import form_tokens
from portal.changes.errors import Conflict, Versions
from portal.web.filters import day, moment

#: The hidden field in which a form holds the version that it shows.
VERSION = "version"

_NOTHING = "Nothing"


@dataclass(frozen=True)
class Difference:
    """One question that two people answered differently, in words."""

    question: str
    theirs: str
    mine: str


def where_they_met(
    versions: Versions,
    question: Callable[[str], str],
    words: Callable[[Any], str] = lambda said: said or "Nothing",
) -> list[Difference]:
    """Every place in which two people wrote, with the question that is asked there.

    Args:
        question: what a form asks under a name.
        words: an answer as people read it.
    """
    return [
        Difference(question(name), words(theirs), words(versions.mine.get(name)))
        for name, theirs in versions.theirs.items()
    ]


@dataclass(frozen=True)
class ConflictDifference:
    """One thing that two people said differently, in words; `mine` is empty where nothing was typed."""

    name: str
    label: str
    theirs: str
    mine: str


def settle(problem: object, forms: Iterable[BaseForm]) -> list[ConflictDifference] | None:
    """Let the forms of a page go on from what the record says now, and say what that is.

    The form that was sent keeps what was typed and gets the version that is shown: sent again, it counts.

    Args:
        problem: what a service refused, if it did.
        forms: those of the page.

    Returns:
        what differs, by the labels of the forms; None where nobody was in the way.
    """
    if not isinstance(problem, Conflict):
        return None
    forms = list(forms)
    if problem.versions.number is not None:
        for form in forms:
            if VERSION in form and form[VERSION].raw_data:
                form[VERSION].data = str(problem.versions.number)
    return differences(problem, forms)


def differences(problem: Conflict, forms: Iterable[BaseForm] = ()) -> list[ConflictDifference]:
    """What two people said differently, by the labels of the forms; all of it where they said the same.

    Whoever pressed a button has typed nothing: then it is only what the record says now.
    """
    forms = list(forms)
    theirs, mine = problem.versions.theirs, problem.versions.mine
    found = [
        ConflictDifference(
            name,
            _label(name, forms),
            in_words(theirs.get(name), _field(name, forms)),
            in_words(mine.get(name), _field(name, forms)) if mine else "",
        )
        for name in dict.fromkeys([*theirs, *mine])
    ]
    return [one for one in found if one.theirs != one.mine] or found


def in_words(value: Any, field: Field | None = None) -> str:
    """A value as people read it; that of a field where one can choose by what the choice says."""
    if isinstance(value, (list, tuple, set, frozenset)):
        return ", ".join(in_words(one, field) for one in value) or _NOTHING
    labels = {str(choice.value): str(choice.label) for choice in getattr(field, "choices", None) or ()}
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if value is None or value == "":
        return _NOTHING
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return day(value)
    return labels.get(str(value), str(value))


def _field(name: str, forms: Iterable[BaseForm]) -> Field | None:
    return next((form[name] for form in forms if name in form), None)


def _label(name: str, forms: Iterable[BaseForm]) -> str:
    field = _field(name, forms)
    return str(field.label.text) if field is not None else name


def not_on(body: str) -> list[str]:
    """The words that were sent with this request and are not on the page that answers it.

    Only what a person wrote: a choice or a token is one word.
    """
    if request.method != "POST" or g.get("too_large"):  # what is too large was not read, and is not now
        return []
    sent = [
        value.strip()
        for name, value in request.form.items(multi=True)
        if name not in form_tokens.BESIDE and " " in value.strip()
    ]
    plain = body.replace("\r\n", "\n")
    return [value for value in dict.fromkeys(sent) if str(escape(value)).replace("\r\n", "\n") not in plain]
