"""What people do with messages: read them, try one again, and choose what comes by e-mail."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, update

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError
from portal.changes.versions import lock_row
from portal.extensions import db
from portal.messages.model import AddressSuspension, MessagePreference, OutboxMessage, OutboxSubject
from portal.messages.vocabulary import MessageState
from portal.policy import current_policy

#: How long something may take to be written: a page that was made meanwhile does not show it yet.
_UNDER_WAY = timedelta(seconds=5)


def shown_until(times: Iterable[datetime]) -> datetime:
    """Up to when a page shows all that there is. A button on it takes that as read: what comes while the page
    is open, and stands on no page yet, stays new.

    Args:
        times: of everything on the page.
    """
    return max((*times, clock.now() - _UNDER_WAY))


def mark_read(*, actor: Principal, message_id: UUID) -> None:
    """The actor has read a message of theirs; again, or for somebody else's, nothing happens."""
    require(actor, "message:read")
    _mark(actor, OutboxMessage.id == message_id)


def mark_read_about(*, actor: Principal, kind: str, subject_kind: str, subject_id: UUID) -> None:
    """The actor has read what their team was told: their own line of the same in the portal goes with it."""
    require(actor, "message:read")
    same = select(OutboxSubject.message_id).filter_by(subject_kind=subject_kind, subject_id=subject_id)
    _mark(actor, OutboxMessage.id.in_(same), OutboxMessage.kind == kind)


def mark_opened_by_team(*, actor: Principal, message_id: UUID) -> None:
    """The actor has opened what a team of theirs was told: it counts as opened from the first of them on."""
    require(actor, "message:read")
    db.session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.id == message_id,
            OutboxMessage.recipient_team_id.is_not(None),
            OutboxMessage.read_at.is_(None),
        )
        .values(read_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def mark_all_read(*, actor: Principal, until: datetime) -> None:
    """The actor has read all that they were told up to a time (`shown_until`)."""
    require(actor, "message:read")
    there = func.greatest(OutboxMessage.created_at, OutboxMessage.held_until)
    _mark(actor, there <= min(until, clock.now()))


def _mark(actor: Principal, *which: object) -> None:
    db.session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.recipient_id == actor.user_id, OutboxMessage.read_at.is_(None), *which)  # type: ignore[arg-type] # conditions
        .values(read_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def retry(*, actor: Principal, message: OutboxMessage) -> None:
    """Have a message that could not be sent tried again, at once.

    Raises:
        Forbidden: the actor is no coordinator.
        DomainError: it is not one that could not be sent.
    """
    require(actor, "message:retry")
    lock_row(message)
    if message.state != MessageState.DEAD:
        raise DomainError("This message is no longer one that could not be sent")
    message.state = MessageState.OWED
    message.attempts = 0
    message.next_try_at = clock.now()
    db.session.flush()
    audit.record("message:retry", message, kind=message.kind)


def lift(*, actor: Principal, suspension: AddressSuspension) -> None:
    """Use an address again that came back.

    Raises:
        Forbidden: the address is another agency's, and the actor is neither coordinator nor administrator.
        DomainError: it is in use already.
    """
    require(actor, "address:lift", Facts(own_agency=suspension.agency_id == actor.agency_id))
    lock_row(suspension)
    if suspension.lifted_at is not None:
        raise DomainError("This address is in use again already")
    suspension.lifted_at = clock.now()
    suspension.lifted_by = actor.user_id
    db.session.flush()
    audit.record("address:lift", suspension)


def choose(*, actor: Principal, by_mail: Collection[str]) -> None:
    """Send the actor e-mail of these kinds, and of no other that is theirs to choose.

    Args:
        by_mail: codes of policy `reminders.kinds`.

    Raises:
        DomainError: one of them is no kind, or always sent.
    """
    require(actor, "message:choose")
    offered = {kind.code for kind in current_policy().reminders.kinds.offered if not kind.statutory}
    if not set(by_mail) <= offered:
        raise DomainError("Choose from the list", field="kinds")
    mine = select(MessagePreference).where(MessagePreference.user_id == actor.user_id)
    known = {row.kind: row for row in db.session.scalars(mine)}
    changed = {}
    for kind in sorted(offered):
        wanted = kind in by_mail
        if kind in known and known[kind].by_mail != wanted:
            known[kind].by_mail = wanted
            changed[kind] = wanted
        elif kind not in known and not wanted:
            db.session.add(MessagePreference(user_id=actor.user_id, kind=kind, by_mail=False))
            changed[kind] = False
    db.session.flush()
    audit.record("message:choose", subject_kind="app_user", subject_id=actor.user_id, changed=changed)
