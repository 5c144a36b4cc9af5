"""Forgets what is kept for a while only, and no longer than policy says; and ends what somebody owed to
tell and need not any more: nobody takes it off their list but the clock.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from uuid import UUID

from sqlalchemy import Connection, delete, select, text

from portal import clock
from portal.access import verification
from portal.changes.idempotency import REMEMBERED
from portal.changes.model import IdempotencyKey
from portal.documents.model import DocumentJob
from portal.messages.vocabulary import CHANNELS, PAST
from portal.pathway.calendar import add_months, at_local
from portal.policy import current_policy
from portal.records.people.model import User
from portal.reminders.owed import duties
from portal.reminders.receivers import members_of
from portal.reminders.writing import About, Outgoing, Receiver, write

#: A page that nobody typed on for so long begins again from what it shows; who is not heard of has gone.
LEFT_ALONE, GONE = timedelta(days=14), timedelta(minutes=5)

_PAGES = text(
    """
delete from minute_page p using meeting m
 where m.id = p.meeting_id
   and (p.sent_at < :left_alone or m.state in ('approved', 'distributed', 'cancelled'))
"""
)
_LINES = text(
    """
delete from meeting_draft d using meeting m
 where m.id = d.meeting_id and m.state in ('approved', 'distributed', 'cancelled')
"""
)
_PRESENCE = text("delete from meeting_presence where seen_at < :gone")


def forget_answered(connection: Connection) -> int:
    """Forget forms that were answered long enough ago: whoever sends one again now means it.

    Returns:
        how many.
    """
    old = delete(IdempotencyKey).where(IdempotencyKey.made_at < clock.now() - REMEMBERED)
    return connection.execute(old).rowcount


def delete_documents(connection: Connection) -> int:
    """Long documents whose time is over, taken or not, made or not."""
    return connection.execute(delete(DocumentJob).where(DocumentJob.expires_at <= clock.now())).rowcount


def remove_old(connection: Connection) -> int:
    """Remove what was searched for before policy `clocks.limits.searches_kept`; how much. It is not read."""
    kept = current_policy().clocks.limits.searches_kept
    first = add_months(clock.today(), -kept.value)
    return verification.remove_searches(connection, before=at_local(first, time()))


def forget_pages(connection: Connection) -> int:
    """What open pages sent last and lines that were typed, once minutes are approved; a page that is left;
    who was there.
    """
    now = clock.now()
    pages = connection.execute(_PAGES, {"left_alone": now - LEFT_ALONE}).rowcount
    pages += connection.execute(_LINES).rowcount
    return pages + connection.execute(_PRESENCE, {"gone": now - GONE}).rowcount


AT_ONCE = 500
#: The event by which whoever owed it to tell somebody by hand hears that they need not.
MOOT = "by_hand_moot"

_END = text("select ctx.end_cancelled_tellings(:before, :at, :reason, :most)")


def end_past_cancellations(connection: Connection) -> int:
    """End the duties to tell somebody without an account of a cancelled meeting whose time is past (policy
    `limits.cancelled_told`). Neither met nor late, the record says why, and whoever owed it hears.

    Returns:
        how many that were.
    """
    now, hours = clock.now(), current_policy().clocks.limits.cancelled_told.value
    said = {"before": now - timedelta(hours=hours), "at": now, "reason": PAST, "most": AT_ONCE}
    ended = connection.scalars(_END, said).all()
    if ended:
        write(connection, _to_owners(connection, ended, now))
    return len(ended)


def _to_owners(connection: Connection, ended: Sequence[UUID], now: datetime) -> Iterator[Outgoing]:
    """What each who owed it hears, by policy `telling.events`; of a team its people do."""
    owed = connection.execute(duties(ended)).all()
    members = connection.execute(members_of({one.owner_team_id for one in owed} - {None})).all()
    active = select(User.id, User.agency_id).where(User.active)
    people = {one.owner_id for one in owed} | {one.user_id for one in members}
    agencies = dict(connection.execute(active.where(User.id.in_(people - {None}))).all())
    for duty in owed:
        about = About(duty.subject_kind, duty.subject_id, duty.reference, duty.case_id)
        of_team = {one.user_id for one in members if one.team_id == duty.owner_team_id}
        for who in sorted(agencies.keys() & (of_team | {duty.owner_id})):
            for row in current_policy().telling.of(MOOT):
                yield Outgoing(
                    key=f"ended:{duty.id}:{who}",
                    kind=row.kind,
                    event=MOOT,
                    ground=row.to,
                    about=about,
                    to=Receiver(agencies[who], who),
                    channel=CHANNELS[row.by],
                    urgent=False,
                    created_at=now,
                    goes_out=now,
                    last_word=row.needs_no_sight,
                )
