"""What people do with messages: read them, try one again, and choose what comes by e-mail; and what became
since of what one says.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import aliased

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
from portal.queries.rows import Rows

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


def front_door_told(*, message_id: UUID) -> Rows:
    """What front doors decided on the form of a message, and on which case, the latest first: for whoever was
    told of it as leading a case of the child, and reads that case. Nothing for anybody else.
    """
    statement = text(
        "select authority, outcome, words, decided_at, case_reference from ctx.front_door_told(:message)"
    )
    return db.session.execute(statement, {"message": message_id}).all()


#: The kinds of message by which somebody outside the hub hears that a form is for them, that it is no more,
#: or only in part. None of them speaks of what was told of the form.
_FOR_THEM = ("intelligence_kept", "form_for_panel")
_NO_MORE = ("outside_taken_back", "outside_part_taken_back")
DECIDED_FOR_THEM = frozenset({*_FOR_THEM, *_NO_MORE})


def taken_back_since(*, message_id: UUID) -> Any:
    """That the hub took back what a message said of a form, as the same person or team was told since, or
    part of it: `reference`, `withdrawn_at`, `kind`. None where it stands, or was decided so again.
    """
    first, later = aliased(OutboxMessage), aliased(OutboxMessage)
    of_first, of_later = aliased(OutboxSubject), aliased(OutboxSubject)
    found = (
        select(of_first.reference, later.created_at.label("withdrawn_at"), later.kind)
        .select_from(first)
        .join(of_first, of_first.message_id == first.id)
        .join(of_later, of_later.subject_id == of_first.subject_id)
        .join(later, later.id == of_later.message_id)
        .where(
            first.id == message_id,
            first.kind.in_(_FOR_THEM),
            later.kind.in_([*_FOR_THEM, *_NO_MORE]),
            later.recipient_id.is_not_distinct_from(first.recipient_id),
            later.recipient_team_id.is_not_distinct_from(first.recipient_team_id),
        )
        .order_by(later.created_at.desc(), later.id.desc())
        .limit(1)
    )
    newest = db.session.execute(found).one_or_none()
    return newest if newest is not None and newest.kind in _NO_MORE else None
