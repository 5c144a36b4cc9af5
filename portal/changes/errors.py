"""What a service refuses, in words for the person who asked; a text and a time that it can do nothing
with.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from portal import clock
from portal.pathway.states import IllegalMove, S, check_transition
from portal.policy import Size, current_policy

Found = TypeVar("Found")


class DomainError(Exception):
    """A rule of the pathway stands against it. Nothing was changed.

    Args:
        message: a sentence that says what is wrong and what to do.
        field: the form's field that it concerns, where there is one.
    """

    status = 422

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


@dataclass(frozen=True)
class Versions:
    """What two people wrote in the same place.

    Attributes:
        theirs, mine: what it says now and what was typed, by the words of the form.
        number: the version that shows `theirs`; a form that is sent again with it has seen both.
    """

    theirs: dict[str, Any]
    mine: dict[str, Any]
    number: int | None = None


class Conflict(DomainError):
    """Somebody else changed the same record since it was opened: both versions are shown.

    Attributes:
        stands: what the other did is not replaced by sending the form again.
    """

    status = 409

    def __init__(self, message: str, versions: Versions, *, stands: bool = False) -> None:
        super().__init__(message)
        self.versions = versions
        self.stands = stands

    def reworded(self, words: Callable[[dict[str, Any]], dict[str, Any]]) -> "Conflict":
        """The same, each side put into words by a page that knows them."""
        both = self.versions
        reworded = Versions(words(both.theirs), words(both.mine), both.number)
        return Conflict(self.message, reworded, stands=self.stands)


class TooFast(DomainError):
    """Somebody asks for more at a time than policy allows; they can go on after a while."""

    status = 429

    def __init__(self, message: str, *, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


class NotFound(DomainError):
    """No such record, or none that this person may see: the two are never told apart."""

    status = 404


def or_not_found(record: Found | None, missing: str) -> Found:
    """A record that was looked for.

    Args:
        record: what was found.
        missing: what is said where that is nothing.

    Raises:
        NotFound: there is none, or none that this person may see.
    """
    if record is None:
        raise NotFound(missing)
    return record


def require_text(text: str, missing: str, *, field: str | None = None, size: Size | None = None) -> str:
    """A text that has to be given, without the blanks around it.

    Args:
        missing: what is asked for, said where there is nothing but blanks.
        field: the field of the form.
        size: how long it may be, where that is not the form's alone to say.

    Raises:
        DomainError: there is none, or it is too long.
    """
    text = text.strip()
    if not text:
        raise DomainError(missing, field=field)
    if size is not None:
        check_length(text, field, size)
    return text


def check_length(text: str, field: str | None, size: Size = Size.NOTE) -> None:
    """Words have room, but not without end: policy ``texts`` says how much.

    Raises:
        DomainError: they are too long.
    """
    over = len(text) - current_policy().texts.most(size)
    if over > 0:
        raise DomainError(f"Shorten this by {over:,} characters", field=field)


def check_past(said: date | datetime, why_not: str, *, field: str) -> None:
    """Go on only with a day that is past, or today; or with a time that is past.

    Raises:
        DomainError: it is to come, as `why_not` says.
    """
    if said > (clock.now() if isinstance(said, datetime) else clock.today()):
        raise DomainError(why_not, field=field)


def check_state(now: S, target: S, *, of: str = "") -> None:
    """Go on only where a record may come to another state from where it stands.

    Args:
        of: what it is called, where somebody else has taken it on meanwhile and it is to be looked at again.

    Raises:
        DomainError: it cannot go there.
    """
    try:
        check_transition(now, target)
    except IllegalMove as refused:
        again = f"This {of} is: {now.label.lower()}. Look at it again"
        raise DomainError(again if of else str(refused)) from refused


def outcome_of(act: Callable[..., Found], *given: Any) -> Found | DomainError:
    """What a service gives for one of several, or why it refuses that one: it keeps no other back."""
    try:
        return act(*given)
    except DomainError as refused:
        return refused
