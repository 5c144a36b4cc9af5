"""Saying that a meeting is over, so that whoever it gave something to do is told."""

from portal import clock
from portal.access import audit
from portal.access.principal import Principal
from portal.changes.errors import DomainError
from portal.changes.versions import lock_row
from portal.extensions import db
from portal.records.meetings import chairing
from portal.records.meetings.model import Meeting
from portal.records.plans.actions import is_under_way, release_messages


def say_over(*, actor: Principal, meeting: Meeting) -> int:
    """Say that a meeting is over. What it gave is told now, and what it gives after that at once. Saying it
    again changes nothing.

    Returns:
        How many e-mails go out.

    Raises:
        Forbidden: the actor does not run the meeting.
        DomainError: it has not begun.
    """
    _hold(actor, meeting)
    if is_under_way(meeting):
        meeting.over_at = clock.now()
        db.session.flush()
        audit.record("meeting:over", meeting)
    return release_messages(meeting=meeting)


def send_now(*, actor: Principal, meeting: Meeting) -> int:
    """Tell whoever a meeting gave something to do until now; it goes on, and what it gives next waits again.

    Returns:
        How many e-mails go out.

    Raises:
        as `say_over`.
    """
    _hold(actor, meeting)
    sent = release_messages(meeting=meeting)
    if sent:
        audit.record("meeting:send_now", meeting, messages=sent)
    return sent


def _hold(actor: Principal, meeting: Meeting) -> None:
    chairing.require_running(actor, meeting)
    lock_row(meeting)
    if meeting.starts_at > clock.now():
        raise DomainError("This meeting has not begun yet")
