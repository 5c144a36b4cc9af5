"""Forms that somebody began and has not sent: nothing stays in a drawer because nobody was told."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from portal import clock
from portal.deadlines.rules import last_day
from portal.messages.vocabulary import MessageChannel
from portal.pathway.calendar import at_local, goes_out
from portal.policy import current_policy
from portal.policy.telling import Reminders
from portal.records.people.model import Team, User
from portal.records.referrals.model import ReferralNotice
from portal.reminders.writing import About, Outgoing, Receiver, write
from portal.vocabulary import ReferralState

_UNSENT = (
    select(
        ReferralNotice.referral_id,
        ReferralNotice.reference,
        ReferralNotice.saved_at,
        ReferralNotice.author_id,
        User.agency_id.label("author_agency_id"),
        User.active.label("author_is_here"),
        Team.manager_id,
        Team.agency_id,
    )
    .join(User, User.id == ReferralNotice.author_id)
    .outerjoin(Team, Team.id == ReferralNotice.author_team_id)
    .where(ReferralNotice.state == ReferralState.DRAFT)
)


def queue_drafts(connection: Connection) -> int:
    """Write what authors and managers are to be told of unsent forms; how many forms are unsent.

    The author is told on the morning after they last saved it. The manager of their team is told after policy
    `unsent_draft_manager`, that there is one and nothing of what it says; at once, where the author has left.
    """
    now, reminders = clock.now(), current_policy().reminders
    unsent = connection.execute(_UNSENT).all()
    write(connection, [message for draft in unsent for message in _owed(draft, reminders, now)])
    return len(unsent)


def _owed(draft: Row[*tuple[Any, ...]], reminders: Reminders, now: datetime) -> Iterator[Outgoing]:
    saved_on = clock.local(draft.saved_at).date()
    morning = at_local(saved_on + timedelta(days=1), reminders.hours.day_starts)
    if draft.author_is_here and now >= morning:
        author = Receiver(draft.author_agency_id, draft.author_id)
        yield _message("unsent_draft", draft, author, reminders, now)
    for_manager = at_local(last_day(reminders.unsent_draft_manager, saved_on), reminders.hours.day_starts)
    has_manager = draft.manager_id is not None and draft.manager_id != draft.author_id
    if has_manager and (now >= for_manager or not draft.author_is_here):
        manager = Receiver(draft.agency_id, draft.manager_id)
        yield _message("unsent_draft_of_team", draft, manager, reminders, now)


def _message(
    kind: str, draft: Row[*tuple[Any, ...]], to: Receiver, reminders: Reminders, now: datetime
) -> Outgoing:
    """Once for each day on which it was last saved: whoever takes it up again is reminded again."""
    saved_on = clock.local(draft.saved_at).date()
    urgent = reminders.kinds[kind].urgent
    return Outgoing(
        key=f"{kind}:referral:{draft.referral_id}:{saved_on}:{to.id}",
        kind=kind,
        about=About(kind="referral", id=draft.referral_id, reference=draft.reference),
        to=to,
        channel=MessageChannel.MAIL,
        urgent=urgent,
        created_at=now,
        goes_out=goes_out(reminders.hours, now, urgent=urgent),
    )
