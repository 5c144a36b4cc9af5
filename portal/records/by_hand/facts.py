"""What other nouns ask of tellings by hand: whom somebody has still to tell, and that nobody need."""

from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.access.principal import Principal
from portal.changes.versions import count_change
from portal.deadlines.changes import cancel_deadlines
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.vocabulary import Event
from portal.records.by_hand.model import ToldByHand


def owed_of_meeting(*, meeting_id: UUID, kind: str) -> list[ToldByHand]:
    """Who has still to be told of a meeting.

    Args:
        kind: of what about it: the table of an invitation, or of the meeting itself.
    """
    owed = select(ToldByHand).filter_by(
        meeting_id=meeting_id, subject_kind=kind, told_on=None, dropped_at=None
    )
    return list(db.session.scalars(owed.order_by(ToldByHand.id)))


def owed_of_form(*, referral_id: UUID, event: Event) -> list[ToldByHand]:
    """Of what event of a form its sender, who has no account, has still to be told."""
    owed = select(ToldByHand).filter_by(
        referral_id=referral_id, event=event.code, told_on=None, dropped_at=None
    )
    return list(db.session.scalars(owed.order_by(ToldByHand.id)))


def of_action(*, action_id: UUID, name: str) -> list[ToldByHand]:
    """What somebody without an account has to be told, or was, of an action, as far as the reader sees it."""
    found = select(ToldByHand).filter_by(subject_kind="action", subject_id=action_id, name=name)
    return list(db.session.scalars(found.order_by(ToldByHand.id)))


def close_moot(*, actor: Principal, told: ToldByHand, reason: str) -> None:
    """Nobody has to be told any more, because of a step that the actor may take. It ends the duty, neither
    met nor late.

    Args:
        reason: one of `rules.MOOT`.
    """
    count_change(told, dropped_by=actor.user_id, dropped_at=clock.now(), dropped_reason=reason)
    cancel_deadlines(subject=told, kind=DeadlineKind.BY_HAND, reason=reason)
