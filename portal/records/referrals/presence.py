"""Who has a form open now, so that two coordinators do not do the same work."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text

from portal import clock
from portal.access.principal import Principal
from portal.extensions import db

#: How long after the last sign of life somebody still counts as looking at a form.
LOOKING = timedelta(seconds=90)

_LOOK = text("""
with me as (
    insert into referral_presence (referral_id, user_id, seen_at) values (:referral_id, :me, :now)
    on conflict (referral_id, user_id) do update set seen_at = excluded.seen_at)
select u.name from referral_presence p join app_user u on u.id = p.user_id
 where p.referral_id = :referral_id and p.user_id <> :me and p.seen_at > :since
 order by u.name
""")


def look(*, actor: Principal, referral_id: UUID) -> Sequence[str]:
    """Say that the actor has a form open now, and hear the names of others who have."""
    now = clock.now()
    names = db.session.scalars(
        _LOOK, {"referral_id": referral_id, "me": actor.user_id, "now": now, "since": now - LOOKING}
    )
    return names.all()
