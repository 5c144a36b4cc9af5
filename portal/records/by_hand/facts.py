"""What other nouns ask of tellings by hand: whom somebody has still to tell, and that nobody need."""

from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.access.principal import Principal
from portal.changes.versions import count_change
from portal.deadlines.changes import cancel_deadlines, open_deadlines
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.telling import About, tell, to_people, to_teams
from portal.messages.vocabulary import Event, Ground
from portal.records.by_hand.model import ToldByHand
from portal.records.by_hand.vocabulary import MOOT_NOW


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
    met nor late, and whoever owed it hears.

    Args:
        reason: one of `rules.MOOT`.
    """
    count_change(told, dropped_by=actor.user_id, dropped_at=clock.now(), dropped_reason=reason)
    tell_that_it_is_moot(actor=actor, told=told)
    cancel_deadlines(subject=told, kind=DeadlineKind.BY_HAND, reason=reason)


def tell_that_it_is_moot(*, actor: Principal, told: ToldByHand) -> None:
    """Whoever still owes it to tell them hears that they need not, where somebody else made it so."""
    owed = open_deadlines(subject=told, kind=DeadlineKind.BY_HAND)
    given = {
        Ground.OWNER_BEFORE: to_people(*(one.owner_id for one in owed))
        | to_teams(*(one.owner_team_id for one in owed))
    }
    about = About(told.__tablename__, told.id, told.reference, told.case_id)
    tell(actor=actor, event=MOOT_NOW, about=about, given=given)
