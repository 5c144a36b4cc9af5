"""The life of a message, step by step, in words for whoever watches over messages."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.vocabulary.messages import CancelReason, DeadReason, MessageChannel, MessageState
from portal.web.message_words import handed_on

_COLOURS = {
    MessageState.OWED: "blue",
    MessageState.QUEUED: "blue",
    MessageState.ACCEPTED: "green",
    MessageState.REFUSED: "red",
    MessageState.CANCELLED: "grey",
    MessageState.DEAD: "red",
    MessageState.SHOWN: "grey",
}


@dataclass(frozen=True)
class Step:
    """One thing that happened to a message, or that is to happen."""

    what: str
    at: datetime | None = None


def steps(row: Any, now: datetime) -> list[Step]:
    """What has become of a message so far, the earliest first.

    Args:
        row: of `portal.queries.message_life.watched`.
    """
    found = [Step("Written", row.created_at)]
    if handed := handed_on(row):
        found.append(Step(handed))
    found += _STATES[MessageState(row.state)](row, now)
    if row.read_at:
        found.append(Step("Read in the portal", row.read_at))
    return found


def colour(state: str) -> str:
    """The colour of a state's label."""
    return _COLOURS.get(MessageState(state), "grey")


def reason(code: str | None) -> str:
    """Why something became of a message, in words; what a mail server said stays as it said it."""
    for reasons in (CancelReason, DeadReason):
        if code in set(reasons):
            return reasons(code).label
    return f"the mail server said {code}" if code else "no reason was noted"


def _owed(row: Any, now: datetime) -> list[Step]:
    tried = [Step(f"Tried {_times(row.attempts)}: {reason(row.outcome)}")] if row.attempts else []
    if row.next_try_at > now:
        return [*tried, Step("Next try" if tried else "To be sent", row.next_try_at)]
    return [*tried, Step("Waits to be sent since", max(row.not_before, row.next_try_at))]


def _queued(_row: Any, _now: datetime) -> list[Step]:
    return [Step("A worker is sending it now")]


def _accepted(row: Any, _now: datetime) -> list[Step]:
    again = f" at attempt {row.attempts}" if row.attempts > 1 else ""
    return [Step(f"Accepted by the mail server{again}", row.settled_at)]


def _refused(row: Any, _now: datetime) -> list[Step]:
    return [
        Step(f"Refused for good: {reason(row.outcome)}", row.settled_at),
        Step("The address is suspended, and the same goes to whoever is next"),
    ]


def _cancelled(row: Any, _now: datetime) -> list[Step]:
    return [Step(f"Cancelled: {_in_sentence(reason(row.outcome))}", row.settled_at)]


def _dead(row: Any, _now: datetime) -> list[Step]:
    tried = [Step(f"Tried {_times(row.attempts)}")] if row.attempts else []
    return [*tried, Step(f"Could not be sent: {_in_sentence(reason(row.outcome))}", row.settled_at)]


def _shown(row: Any, _now: datetime) -> list[Step]:
    by_choice = row.channel == MessageChannel.MAIL
    said = (
        "Shown in the portal; the person wants no e-mail of this kind" if by_choice else "Shown in the portal"
    )
    return [Step(said, row.settled_at or row.created_at)]


def _in_sentence(words: str) -> str:
    return words[:1].lower() + words[1:]


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


_STATES = {
    MessageState.OWED: _owed,
    MessageState.QUEUED: _queued,
    MessageState.ACCEPTED: _accepted,
    MessageState.REFUSED: _refused,
    MessageState.CANCELLED: _cancelled,
    MessageState.DEAD: _dead,
    MessageState.SHOWN: _shown,
}
