"""Whom somebody has to tell, of what, and that they were told."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from portal.messages.vocabulary import PAST, Event, Ground
from portal.records.by_hand.vocabulary import Way

NEWER = "Something newer has to be said to them"
CAME = "They came to the meeting"
OVER = "The meeting is over"
APPROVED = "The minutes are approved"
DONE = "The action is done"
ENDED = "The action is no longer to be done"
SOMEBODY_ELSE = "Somebody else does it"
HANDED = "They were handed it, as stands on record at the meeting"
DECISION_TAKEN_BACK = "The hub took its decision back"
CASE_REOPENED = "The case was reopened"
#: Why the portal itself asks no longer that somebody is told: whether they were is not known.
MOOT = frozenset(
    {
        NEWER,
        CAME,
        OVER,
        APPROVED,
        PAST,
        DONE,
        ENDED,
        SOMEBODY_ELSE,
        HANDED,
        DECISION_TAKEN_BACK,
        CASE_REOPENED,
    }
)


@dataclass(frozen=True)
class Outsider:
    """Somebody to whom no message of the portal goes.

    Args:
        name: who it is, or which service.
        contact: how to reach them, as far as it is known.
        meeting_id, referral_id: what it hangs on where that is no case.
        on_case: it hangs on the case too, beside the meeting.
        before: when what they are told of begins: they are told before that.
        teller: whose duty it is to tell them; by default whoever makes it happen owes it.
        newest: what was to be said to them before about the same, and was not, is said with this.
        takes_in: where it is so only of some events, their codes.
    """

    name: str
    contact: str = ""
    meeting_id: UUID | None = None
    referral_id: UUID | None = None
    on_case: bool = False
    teller: UUID | None = None
    newest: bool = False
    takes_in: frozenset[str] = frozenset()
    before: datetime | None = None


def plain_name(name: str) -> str:
    """A name by which somebody is known to be the same, whoever wrote it: “Ann Example of Derby” is “Ann
    Example, of derby”.
    """
    return " ".join(re.split(r"[\s,;.]+", name.casefold())).strip()


@dataclass(frozen=True, kw_only=True)
class Matter:
    """What happened, and to which record."""

    event: Event
    ground: Ground
    kind: str
    id: UUID
    reference: str | None
    case_id: UUID | None
    once: str = ""


@dataclass(frozen=True, kw_only=True)
class Telling:
    """When, how and by whom somebody was told."""

    told_on: date
    way: Way
    told_by: str

    @property
    def by_field(self) -> Mapping[str, object]:
        """The same by the names of its columns."""
        return {"told_on": self.told_on, "way": self.way.value, "told_by": self.told_by}


def by_hand(pairs: Sequence[tuple[str, str]], listed: Callable[[Sequence[str]], str]) -> Iterator[str]:
    """Whom whoever did it has to tell themselves, a sentence for each thing that they have to be told."""
    for what in dict.fromkeys(what for _, what in pairs):
        names = [name for name, of in pairs if of == what]
        have = "have" if names[1:] else "has"
        yield (
            f"Not told yet – tell them yourself: {listed(names)}, who {have} no account. It is about: {what}."
            " It stands under what is due until you record that you did, or it is no longer needed."
        )


def by_another(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Whom somebody else has to tell: by name, with the name of who does."""
    for name, teller in pairs:
        yield (
            f"Not told yet: {name}, who has no account. {teller} has to tell them."
            " It stands under what is due to them until they record that they did."
        )
