"""Who has a form open now, so that two coordinators do not do the same work."""

from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.access.principal import Principal
from portal.extensions import db
from portal.models import ReferralPresence


def look(*, actor: Principal, referral_id: UUID) -> None:
    """Say that the actor has a form open now, so that colleagues see it."""
    now = clock.now()
    db.session.execute(
        insert(ReferralPresence)
        .values(referral_id=referral_id, user_id=actor.user_id, seen_at=now)
        .on_conflict_do_update(index_elements=["referral_id", "user_id"], set_={"seen_at": now})
    )


def look_away(*, actor: Principal, referral_id: UUID) -> None:
    """The actor has left the form."""
    db.session.execute(
        delete(ReferralPresence).where(
            ReferralPresence.referral_id == referral_id, ReferralPresence.user_id == actor.user_id
        )
    )
