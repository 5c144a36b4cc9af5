"""What the next page says of a critical moment: whom it asks for what, made from the duty that was opened."""

from typing import Any

from portal import clock
from portal.access.principal import current
from portal.messages.told import when_sent
from portal.pathway.calendar import goes_out
from portal.policy import current_policy
from portal.policy.telling import RungWhen
from portal.web.filters import due

ADDED = "What you know was added to the case"


def added_words(asked: Any) -> str:
    """That an entry was added.

    Args:
        asked: whoever is to look at the risk assessment again, a row of
            `portal.records.entries.critical_moments.asked_to_review`; None where nobody is.
    """
    if asked is None:
        return ADDED
    if asked.owner_id == current().user_id:
        return f"{ADDED}. Look at the risk assessment again by {due(asked.due_at)}: you lead the case"
    return (
        f"{ADDED}. {asked.owner} is asked to look at the risk assessment again, by {due(asked.due_at)}."
        f"{_told(asked)}"
    )


def _told(asked: Any) -> str:
    """When the reminders tell them of it (policy `reminders.ladders`)."""
    reminders = current_policy().reminders
    rungs = reminders.ladder(asked.kind, asked.source, asked.subject_kind).rungs
    first = next((one for one in rungs if one.when is RungWhen.OPENED), None)
    if first is None:
        return ""
    urgent = reminders.kinds[first.kind].urgent
    return f" The portal tells them {when_sent(goes_out(reminders.hours, clock.now(), urgent=urgent))}"
